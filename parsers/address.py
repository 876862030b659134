"""What the address of a call tells: who is there, what was asked for, of which model. Tables; reads no body."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from parsers.vendor_body import AZURE

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
