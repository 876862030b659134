"""Who answered: one table for each kind of evidence, asked from the surest to the weakest; reads no usage."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from parsers import vendor_body
from parsers.base import PROVIDERS, Record
from parsers.vendor_body import by_body, is_open_router_id

AZURE = vendor_body.AZURE

ALIASES = {
    "azure": AZURE,
    "azureopenai": AZURE,
    "azure_openai": AZURE,
    "az.ai.openai": AZURE,
    "open_ai": "openai",
    "claude": "anthropic",
    "gemini": "gcp.gemini",
    "google": "gcp.gemini",
    "google_ai": "gcp.gemini",
    "gcp.gen_ai": "gcp.gemini",
    "vertex": "gcp.vertex_ai",
    "vertexai": "gcp.vertex_ai",
    "vertex_ai": "gcp.vertex_ai",
    "bedrock": "aws.bedrock",
    "amazon_bedrock": "aws.bedrock",
    "aws_bedrock": "aws.bedrock",
    "mistral": "mistral_ai",
    "mistralai": "mistral_ai",
    "xai": "x_ai",
    "grok": "x_ai",
    "together_ai": "together",
    "togetherai": "together",
    "open_router": "openrouter",
    "hugging_face": "huggingface",
    "hf": "huggingface",
    "pplx": "perplexity",
}
"""What loggers and gateways call a provider, in lower case with underscores → its name here."""

HOSTS = {
    "api.openai.com": "openai",
    "api.groq.com": "groq",
    "api.deepseek.com": "deepseek",
    "api.mistral.ai": "mistral_ai",
    "codestral.mistral.ai": "mistral_ai",
    "api.x.ai": "x_ai",
    "api.together.xyz": "together",
    "api.together.ai": "together",
    "openrouter.ai": "openrouter",
    "api.perplexity.ai": "perplexity",
    "router.huggingface.co": "huggingface",
    "api-inference.huggingface.co": "huggingface",
    "api.anthropic.com": "anthropic",
    "api.cohere.com": "cohere",
    "api.cohere.ai": "cohere",
    "generativelanguage.googleapis.com": "gcp.gemini",
}
HOST_SUFFIXES = (
    (".openai.azure.com", AZURE),
    (".cognitiveservices.azure.com", AZURE),
    (".services.ai.azure.com", AZURE),
    (".azure-api.net", AZURE),
    (".api.openai.com", "openai"),
    (".api.x.ai", "x_ai"),
    (".endpoints.huggingface.cloud", "huggingface"),
    ("aiplatform.googleapis.com", "gcp.vertex_ai"),
)

OPERATIONS = (
    ("/chat/completions", "chat"),
    ("/completions", "text_completion"),
    ("/responses", "chat"),
    ("/embeddings", "embeddings"),
    ("/images/generations", "image_generation"),
    ("/images/edits", "image_generation"),
    ("/images/variations", "image_generation"),
    ("/audio/transcriptions", "transcription"),
    ("/audio/translations", "transcription"),
    ("/audio/speech", "speech"),
    ("/moderations", "moderation"),
    ("/ocr", "ocr"),
    ("/messages", "chat"),
    (":generateContent", "generate_content"),
    (":streamGenerateContent", "generate_content"),
    (":embedContent", "embeddings"),
    (":batchEmbedContents", "embeddings"),
    (":rawPredict", "chat"),
    (":streamRawPredict", "chat"),
)
"""How a path ends → the operation, the longer endings first."""

OLLAMA_PORT = ":11434"
OLLAMA_OPERATIONS = (
    ("/api/generate", "text_completion"),
    ("/api/chat", "chat"),
    ("/api/embed", "embeddings"),
)
"""Paths so plain that only Ollama's port makes them its own."""

AZURE_HEADERS = frozenset(("apim-request-id", "x-ms-region", "x-ms-deployment-name", "azureml-model-session"))

MODEL_PREFIXES = (
    (
        (
            "gpt-",
            "o1",
            "o3",
            "o4",
            "chatgpt-",
            "text-embedding-",
            "ft:gpt-",
            "davinci-",
            "babbage-",
            "codex-",
            "dall-e-",
            "whisper-1",
            "tts-1",
            "omni-moderation-",
            "text-moderation-",
            "computer-use-preview",
        ),
        "openai",
    ),
    (("claude-",), "anthropic"),
    (("gemini-",), "gcp.gemini"),
    (("deepseek-chat", "deepseek-reasoner"), "deepseek"),
    (("grok-",), "x_ai"),
    (
        (
            "mistral-",
            "codestral-",
            "magistral-",
            "ministral-",
            "pixtral-",
            "open-mistral-",
            "open-mixtral-",
            "voxtral-",
            "devstral-",
        ),
        "mistral_ai",
    ),
    (("sonar",), "perplexity"),
    (("command-", "embed-english-", "embed-multilingual-"), "cohere"),
)
"""Names that one vendor gives its own models. Names with a slash belong to whoever serves them, and tell nothing."""


MODEL_OPERATIONS = (
    ("embed", "embeddings"),
    ("gpt-image", "image_generation"),
    ("dall-e", "image_generation"),
    ("transcribe", "transcription"),
    ("whisper", "transcription"),
    ("tts", "speech"),
    ("moderation", "moderation"),
    ("-ocr", "ocr"),
)
"""Pieces of the names of models that do one thing only."""


class Place(NamedTuple):
    """What a URL tells; all None and False where it tells nothing."""

    provider: str | None = None
    operation: str | None = None
    deployment: str | None = None
    """The model or the deployment that the path names."""
    is_api: bool = False
    """Whether no other service would have this URL, so that a failure there is a failed call to a provider."""


NOWHERE = Place()


def provider(record: Record, model: str | None, default: str | None) -> str | None:
    """Who answered: by the log's own hint, else the URL, else distinctive keys and headers, else the model's name."""
    body = record.body
    known = None
    if record.provider and not _is_open_router(record):
        known = named(record.provider)
    if known is None and record.url:
        known = place(record.url).provider
    if known is None and body is not None:
        known = by_body(body)
    if known is None and record.headers and not AZURE_HEADERS.isdisjoint(record.headers):
        known = AZURE
    if known is None and model:
        known = by_model(model)
    if known is None and record.provider:
        known = _cleaned(record.provider)
    return known or default


def hinted(record: Record) -> str | None:
    """The provider as the log names it or its URL tells: what is known before any answer."""
    if record.provider:
        known = named(record.provider)
        if known is not None:
            return known
    return place(record.url).provider if record.url else None


@lru_cache(maxsize=512)
def named(hint: str) -> str | None:
    """`AzureOpenAI`, `together_ai`, `xai` → the provider's name here; None for a name nobody knows."""
    cleaned = _cleaned(hint)
    return cleaned if cleaned in PROVIDERS else ALIASES.get(cleaned or "")


@lru_cache(maxsize=2048)
def by_model(model: str) -> str | None:
    """The vendor that alone gives such names to its models, else None."""
    return next((vendor for prefixes, vendor in MODEL_PREFIXES if model.startswith(prefixes)), None)


@lru_cache(maxsize=512)
def place(url: str) -> Place:
    """What a URL tells, whole or from its path on. Never raises, whatever the text."""
    address = url.partition("://")[2] or url
    authority, _, path = address.partition("?")[0].partition("/")
    host = authority.rpartition("@")[2].partition(":")[0].lower()
    path = "/" + path.rstrip("/")
    vendor = HOSTS.get(host) or next((name for suffix, name in HOST_SUFFIXES if host.endswith(suffix)), None)
    if host.startswith("bedrock-runtime") and host.endswith(".amazonaws.com"):
        vendor = "aws.bedrock"
    elif vendor == AZURE and "/openai" not in path and host.endswith(".azure-api.net"):
        # API management stands before anything; only this path makes it the model service.
        vendor = None
    operation = next((name for ending, name in OPERATIONS if path.endswith(ending)), None)
    if vendor is None and authority.endswith(OLLAMA_PORT):
        vendor = "ollama"
        operation = operation or next((name for ending, name in OLLAMA_OPERATIONS if path.endswith(ending)), None)
    elif vendor is None and operation is not None and ":" in path:
        vendor = "gcp.vertex_ai" if "/publishers/" in path else "gcp.gemini"
    is_api = vendor is not None or path.endswith("/chat/completions")
    return Place(vendor, operation, _named_in(path), is_api)


def _named_in(path: str) -> str | None:
    """Azure's `/deployments/{name}/`, or Google's `/models/{name}:method`."""
    name = path.partition("/deployments/")[2].partition("/")[0]
    if not name and "/models/" in path:
        name = path.rpartition("/models/")[2].rpartition(":")[0]
    return unquote(name) or None


def _cleaned(hint: str) -> str | None:
    """A hint as a label value: lower case, short, without surprises; None for what cannot be one."""
    name = hint.strip().lower().replace("-", "_").replace(" ", "_")
    plain = name.replace("_", "").replace(".", "")
    return name if len(name) <= 40 and plain.isascii() and plain.isalnum() else None


def _is_open_router(record: Record) -> bool:
    """OpenRouter's own body names the vendor behind it in `provider`: that is not who was asked."""
    body = record.body
    if body is None or body.get("provider") != record.provider:
        return False
    return "object" in body and is_open_router_id(body.get("id"))
