"""Who answered: hints, URLs, bodies, headers, model names, in that order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.address import HOST_SUFFIXES, HOSTS, Place, place
from parsers.base import PROVIDERS, Record
from parsers.vendor import ALIASES, MODEL_PREFIXES, by_model, named, provider
from tests.parsers import bodies


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.openai.com/v1/chat/completions", Place("openai", "chat", None, True)),
        ("https://eu.api.openai.com:443/v1/responses?stream=true", Place("openai", "chat", None, True)),
        ("https://api.openai.com/v1/embeddings/", Place("openai", "embeddings", None, True)),
        ("https://api.groq.com/openai/v1/chat/completions", Place("groq", "chat", None, True)),
        ("https://api.deepseek.com/beta/completions", Place("deepseek", "text_completion", None, True)),
        ("https://openrouter.ai/api/v1/chat/completions", Place("openrouter", "chat", None, True)),
        (
            "https://acme.openai.azure.com/openai/deployments/gpt%2D4o%20eu/chat/completions?api-version=1",
            Place("azure.ai.openai", "chat", "gpt-4o eu", True),
        ),
        ("https://acme.cognitiveservices.azure.com/openai/v1/responses", Place("azure.ai.openai", "chat", None, True)),
        (
            "https://apim.azure-api.net/llm/openai/deployments/d1/embeddings",
            Place("azure.ai.openai", "embeddings", "d1", True),
        ),
        ("https://apim.azure-api.net/orders/7", Place()),
        ("api.x.ai/v1/chat/completions", Place("x_ai", "chat", None, True)),
        ("/v1/chat/completions", Place(None, "chat", None, True)),
        ("http://vllm:8000/v1/completions", Place(None, "text_completion", None, True)),
        ("http://gateway:4000/v1/embeddings", Place(None, "embeddings", None, True)),
        ("https://api.openai.com/v1/responses/compact", Place("openai", "chat", None, True)),
        ("https://api.openai.com/v1/videos", Place("openai", "video_generation", None, True)),
        ("https://api.cerebras.ai/v1/chat/completions", Place("cerebras", "chat", None, True)),
        ("https://api.moonshot.cn/v1/chat/completions", Place("moonshot_ai", "chat", None, True)),
        (
            "https://acme.openai.azure.us/openai/deployments/d1/chat/completions",
            Place("azure.ai.openai", "chat", "d1", True),
        ),
        (
            "https://acme.services.ai.azure.com/models/chat/completions?api-version=1",
            Place("azure.ai.inference", "chat", None, True),
        ),
        ("https://r1.eastus2.models.ai.azure.com/chat/completions", Place("azure.ai.inference", "chat", None, True)),
        (
            "https://gateway.ai.cloudflare.com/v1/acc/gw/openai/chat/completions",
            Place("openai", "chat", None, True),
        ),
        (
            "https://gateway.ai.cloudflare.com/v1/acc/gw/azure-openai/res/d1/chat/completions",
            Place("azure.ai.openai", "chat", None, True),
        ),
        ("https://gateway.ai.cloudflare.com/v1/acc/gw/compat/chat/completions", Place(None, "chat", None, True)),
        ("https://survey.example/responses", Place(None, "chat", None, False)),
        ("https://user:pw@api.openai.com/v1/models", Place("openai", None, None, True)),
        ("https://bedrock-runtime.eu-west-1.amazonaws.com/model/x%3A0/invoke", Place("aws.bedrock", None, "x:0", True)),
        ("https://bedrock-mantle.us-east-1.api.aws/v1/chat/completions", Place("aws.bedrock", "chat", None, True)),
        ("https://vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com/x", Place("aws.bedrock", None, None, True)),
        ("https://bucket.s3.amazonaws.com/bedrock-runtime", Place()),
        ("https://evil.example/?u=https://api.openai.com/v1/chat/completions", Place()),
        ("https://notapi.openai.com.example/v1", Place()),
    ],
)
def test_a_url_tells_provider_operation_and_deployment(url: str, expected: Place) -> None:
    assert place(url) == expected


@given(st.text())
def test_any_text_may_stand_where_a_url_should(text: str) -> None:
    assert isinstance(place(text), Place)
    assert named(text) is None or named(text) in PROVIDERS


def test_every_table_names_known_providers() -> None:
    found = [*ALIASES.values(), *HOSTS.values(), *(name for _, name in (*HOST_SUFFIXES, *MODEL_PREFIXES))]
    assert set(found) <= set(PROVIDERS)


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        ("OpenAI", "openai"),
        ("Azure-OpenAI", "azure.ai.openai"),
        ("together_ai", "together"),
        ("xAI", "x_ai"),
        ("stripe", None),
    ],
)
def test_a_hint_is_understood_as_people_write_it(hint: str, expected: str | None) -> None:
    assert named(hint) == expected


OPENAI_URL = "https://api.openai.com/v1/chat/completions"


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (Record(bodies.chat(), provider="azure", url=OPENAI_URL), "azure.ai.openai"),
        (Record(bodies.chat(x_groq={"id": "req_1"}), url=OPENAI_URL), "openai"),
        (Record(bodies.chat(), url=OPENAI_URL, provider="our gateway"), "openai"),
        (Record(bodies.chat(x_groq={"id": "req_1"})), "groq"),
        (Record(bodies.chat(prompt_filter_results=[])), "azure.ai.openai"),
        (Record(bodies.chat(choices=[{"content_filter_results": {}}])), "azure.ai.openai"),
        (Record(bodies.chat(), headers={"apim-request-id": "a", "x-ms-region": "Sweden Central"}), "azure.ai.openai"),
        (Record(bodies.chat(usage=bodies.chat_usage(prompt_cache_hit_tokens=1024))), "deepseek"),
        (Record(bodies.chat(usage=bodies.chat_usage(cost_in_usd_ticks=37756000))), "x_ai"),
        (Record(bodies.chat(usage=bodies.chat_usage(is_byok=False))), "openrouter"),
        (Record(bodies.chat(id="gen-17", provider="Anthropic"), provider="Anthropic"), "openrouter"),
        (Record(bodies.embeddings(id="gen-emb-17", usage={"prompt_tokens": 8, "cost": 1.6e-7})), "openrouter"),
        (Record(bodies.chat(model="llama-3", usage=bodies.chat_usage(cost=0.5))), "fallback"),
        (Record(bodies.chat(provider="Anthropic"), provider="Anthropic"), "anthropic"),
        (Record(bodies.chat(), provider="Our Gateway"), "openai"),
        (Record(bodies.chat(model="llama-3"), provider="Our Gateway"), "our_gateway"),
        (Record(bodies.chat(model="llama-3"), provider="{{ not a label }}"), "fallback"),
        (Record(bodies.chat(model="llama-3")), "fallback"),
    ],
)
def test_the_surest_evidence_decides(record: Record, expected: str) -> None:
    body = record.body or {}
    model = body["model"]
    assert isinstance(model, str)
    assert provider(record, model, "fallback") == expected


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gpt-4o-2024-08-06", "openai"),
        ("ft:gpt-4o-mini:acme::1", "openai"),
        ("o4-mini", "openai"),
        ("mistral-large-latest", "mistral_ai"),
        ("deepseek-chat", "deepseek"),
        ("deepseek-v4-flash", "deepseek"),
        ("sora-2", "openai"),
        ("gpt-oss-120b", None),
        ("deepseek-ai/DeepSeek-R1", None),
        ("llama-3.3-70b-versatile", None),
        ("", None),
    ],
)
def test_a_model_name_tells_its_vendor_only_where_no_other_uses_it(model: str, expected: str | None) -> None:
    assert by_model(model) == expected
