"""What the address of a call tells: who is there, what was asked for, of which model. Tables; reads no body."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from parsers.base import PROVIDERS
from parsers.vendor_body import AZURE

AZURE_MODELS = "azure.ai.inference"
"""Other vendors' models on Azure, which have addresses of their own or a path beside OpenAI's."""

GATEWAY = "gateway.ai.cloudflare.com"
GATEWAY_NAMES = {
    "azure-openai": AZURE,
    "aws-bedrock": "aws.bedrock",
    "google-ai-studio": "gcp.gemini",
    "google-vertex-ai": "gcp.vertex_ai",
    "grok": "x_ai",
    "mistral": "mistral_ai",
    "perplexity-ai": "perplexity",
    "workers-ai": "cloudflare",
}
"""What the path of Cloudflare's gateway, `/v1/{account}/{gateway}/{name}/…`, calls providers; the rest as here."""

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
    "api.cerebras.ai": "cerebras",
    "api.fireworks.ai": "fireworks",
    "api.moonshot.ai": "moonshot_ai",
    "api.moonshot.cn": "moonshot_ai",
}
HOST_SUFFIXES = (
    (".openai.azure.com", AZURE),
    (".cognitiveservices.azure.com", AZURE),
    (".services.ai.azure.com", AZURE),
    (".azure-api.net", AZURE),
    (".openai.azure.us", AZURE),
    (".models.ai.azure.com", AZURE_MODELS),
    (".inference.ai.azure.com", AZURE_MODELS),
    (".api.openai.com", "openai"),
    (".api.x.ai", "x_ai"),
    (".endpoints.huggingface.cloud", "huggingface"),
    ("aiplatform.googleapis.com", "gcp.vertex_ai"),
)

BEDROCK_SUFFIXES = (".amazonaws.com", ".api.aws")
"""Of `bedrock-runtime`, `bedrock-mantle` (OpenAI's and Anthropic's forms), a VPC's own endpoint before them."""

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
    ("/responses/compact", "chat"),
    ("/videos", "video_generation"),
    ("/video/generations/jobs", "video_generation"),
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

OWN_ENDINGS = (
    "/chat/completions",
    "/v1/completions",
    "/v1/embeddings",
    "/images/generations",
    "/audio/transcriptions",
    "/audio/translations",
    "/audio/speech",
)
"""Ends of paths that no service but a model's has, whatever its host."""

OLLAMA_PORT = ":11434"
OLLAMA_OPERATIONS = (
    ("/api/generate", "text_completion"),
    ("/api/chat", "chat"),
    ("/api/embed", "embeddings"),
)
"""Paths so plain that only Ollama's port makes them its own."""


class Place(NamedTuple):
    """What a URL tells; all None and False where it tells nothing."""

    provider: str | None = None
    operation: str | None = None
    deployment: str | None = None
    """The model or the deployment that the path names."""
    is_api: bool = False
    """Whether no other service would have this URL, so that a failure there is a failed call to a provider."""


@lru_cache(maxsize=512)
def place(url: str) -> Place:
    """What a URL tells, whole or from its path on. Never raises, whatever the text."""
    address = url.partition("://")[2] or url
    authority, _, path = address.partition("?")[0].partition("/")
    host = authority.rpartition("@")[2].partition(":")[0].lower()
    path = "/" + path.rstrip("/")
    vendor = _at(host, path)
    operation = next((name for ending, name in OPERATIONS if path.endswith(ending)), None)
    if vendor is None and authority.endswith(OLLAMA_PORT):
        vendor = "ollama"
        operation = operation or next((name for ending, name in OLLAMA_OPERATIONS if path.endswith(ending)), None)
    elif vendor is None and operation is not None and ":" in path:
        vendor = "gcp.vertex_ai" if "/publishers/" in path else "gcp.gemini"
    is_api = vendor is not None or path.endswith(OWN_ENDINGS)
    return Place(vendor, operation, _named_in(path, vendor), is_api)


def _at(host: str, path: str) -> str | None:
    """Who is at a host, where the path is one of a service that also other things stand behind."""
    if host == GATEWAY:
        name = path.split("/")[4] if path.count("/") >= 4 else ""
        return GATEWAY_NAMES.get(name, name if name in PROVIDERS else None)
    if host.endswith(BEDROCK_SUFFIXES) and f".{host}".find(".bedrock-") >= 0:
        return "aws.bedrock"
    vendor = HOSTS.get(host) or next((name for suffix, name in HOST_SUFFIXES if host.endswith(suffix)), None)
    if vendor == AZURE and host.endswith(".azure-api.net") and "/openai" not in path:
        # API management stands before anything; only this path makes it the model service.
        return None
    if vendor == AZURE and path.startswith("/models/"):
        return AZURE_MODELS
    return vendor


def _named_in(path: str, vendor: str | None) -> str | None:
    """Azure's `/deployments/{name}/`, Bedrock's `/model/{name}/`, or Google's `/models/{name}:method`."""
    kind = "/model/" if vendor == "aws.bedrock" else "/deployments/"
    name = path.partition(kind)[2].partition("/")[0]
    if not name and "/models/" in path:
        name = path.rpartition("/models/")[2].rpartition(":")[0]
    return unquote(name) or None
