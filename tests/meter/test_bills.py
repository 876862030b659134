"""Bills worked out by hand from published prices, each with its source: what a call cost, to the pico-dollar.

A line is: provider, model, what was used, the sum (tokens x USD for a million tokens, or things @ USD each), the
result, the page that publishes the prices. `-` is a call that nobody has published a price for.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

import pytest

from parsers.base import DETAILS, UNITS, Call
from tailer.meter.prices import Prices

SOURCES = {
    "openai": "https://platform.openai.com/docs/pricing",
    "openai-priority": "https://openai.com/api-priority-processing/",
    "openai-o3": "https://platform.openai.com/docs/changelog, the cut of 10 June 2025",
    "azure": "https://azure.microsoft.com/pricing/details/cognitive-services/openai-service/",
    "anthropic": "https://docs.anthropic.com/en/docs/about-claude/pricing",
    "gemini": "https://ai.google.dev/gemini-api/docs/pricing",
    "vertex": "https://cloud.google.com/vertex-ai/generative-ai/pricing",
    "bedrock": "https://aws.amazon.com/bedrock/pricing/",
    "groq": "https://groq.com/pricing",
    "groq-audio": "https://console.groq.com/docs/speech-text",
    "deepseek": "https://api-docs.deepseek.com/quick_start/pricing",
    "mistral": "https://mistral.ai/pricing",
    "xai": "https://docs.x.ai/docs/models",
    "cohere": "https://cohere.com/pricing",
    "together": "https://www.together.ai/pricing",
    "openrouter": "https://openrouter.ai/google/gemini-2.0-flash-001",
}

BILLS = """
openai | gpt-4o-2024-08-06 | in=1523 out=212 cached_input=1024 | 499x2.5 + 1024x1.25 + 212x10 | 0.0046475 | openai
openai | gpt-4o-mini | in=12000 out=800 | 12000x0.15 + 800x0.6 | 0.00228 | openai
openai | gpt-4o-mini | in=12000 out=800 cached_input=11776 | 224x0.15 + 11776x0.075 + 800x0.6 | 0.0013968 | openai
openai | gpt-4.1 | in=90000 out=1500 cached_input=80000 | 10000x2 + 80000x0.5 + 1500x8 | 0.072 | openai
openai | gpt-4.1 | in=1000 out=100 cached_input=200 tier=priority | 800x3.5 + 200x0.875 + 100x14 | 0.004375 | openai-priority
openai | gpt-4.1-nano-2025-04-14 | in=250 out=20 | 250x0.1 + 20x0.4 | 0.000033 | openai
openai | gpt-5 | in=3000 out=5000 reasoning=4480 | 3000x1.25 + 5000x10 | 0.05375 | openai
openai | gpt-5 | in=3000 out=500 cached_input=2048 tier=priority | 952x2.5 + 2048x0.25 + 500x20 | 0.012892 | openai-priority
openai | gpt-5-mini | in=10000 out=1000 tier=priority | 10000x0.45 + 1000x3.6 | 0.0081 | openai-priority
openai | o3 | in=2000 out=4000 reasoning=3500 | 2000x2 + 4000x8 | 0.036 | openai-o3
openai | o3 | in=2000 out=4000 reasoning=3500 day=2025-05-01 | 2000x10 + 4000x40 | 0.18 | openai-o3
openai | o3 | in=2000 out=4000 cached_input=1024 tier=flex | 976x1 + 1024x0.25 + 4000x4 | 0.017232 | openai
openai | o4-mini | in=50000 out=6000 tier=batch | 50000x0.55 + 6000x2.2 | 0.0407 | openai
openai | gpt-4o-2024-08-06 | in=1000000 out=100000 tier=batch | 1000000x1.25 + 100000x5 | 1.75 | openai
openai | ft:gpt-4o-2024-08-06:acme::9xyz | in=1000 out=1000 | 1000x3.75 + 1000x15 | 0.01875 | openai
openai | gpt-3.5-turbo-0125 | in=400 out=600 | 400x0.5 + 600x1.5 | 0.0011 | openai
openai | text-embedding-3-small | in=8191 op=embeddings | 8191x0.02 | 0.00016382 | openai
openai | text-embedding-3-large | in=1000 op=embeddings tier=batch | 1000x0.065 | 0.000065 | openai
openai | whisper-1 | audio_seconds=90 op=transcription | 90@0.0001 | 0.009 | openai
openai | gpt-4o-transcribe | in=1300 out=150 audio_input=1300 | 1300x6 + 150x10 | 0.0093 | openai
openai | gpt-realtime | in=900 out=500 audio_input=700 audio_output=400 | 200x4 + 700x32 + 100x16 + 400x64 | 0.0504 | openai
openai | gpt-image-1 | in=350 out=4160 image_input=300 op=image_generation | 50x5 + 300x10 + 4160x40 | 0.16965 | openai
openai | gpt-4o-next-secret | in=10 out=10 | - | - | openai
openai | dall-e-3 | images=2 op=image_generation | - | - | openai
azure.ai.openai | gpt-4.1-mini-2025-04-14 | in=5000 out=700 | 5000x0.4 + 700x1.6 | 0.00312 | azure
azure.ai.openai | gpt-4.1 | in=5000 out=700 tier=batch | 5000x1 + 700x4 | 0.0078 | azure
anthropic | claude-sonnet-4-20250514 | in=2095 out=503 | 2095x3 + 503x15 | 0.01383 | anthropic
anthropic | claude-sonnet-4-20250514 | in=20100 out=300 cached_input=20000 | 100x3 + 20000x0.3 + 300x15 | 0.0108 | anthropic
anthropic | claude-sonnet-4-20250514 | in=20100 out=300 cache_write=20000 | 100x3 + 20000x3.75 + 300x15 | 0.0798 | anthropic
anthropic | claude-opus-4-1-20250805 | in=9000 out=100 cache_write=8000 cache_write_1h=6000 | 1000x15 + 2000x18.75 + 6000x30 + 100x75 | 0.24 | anthropic
anthropic | claude-sonnet-4-5-20250929 | in=200001 out=1000 cached_input=100000 | 100001x6 + 100000x0.6 + 1000x22.5 | 0.682506 | anthropic
anthropic | claude-sonnet-4-5-20250929 | in=200000 out=1000 | 200000x3 + 1000x15 | 0.615 | anthropic
anthropic | claude-3-5-haiku-20241022 | in=10000 out=2000 tier=batch | 10000x0.4 + 2000x2 | 0.008 | anthropic
anthropic | claude-3-haiku-20240307 | in=1000 out=100 tier=batch | 1000x0.125 + 100x0.625 | 0.0001875 | anthropic
anthropic | claude-sonnet-4-20250514 | in=30000 out=900 web_searches=4 | 30000x3 + 900x15 + 4@0.01 | 0.1435 | anthropic
gcp.gemini | gemini-2.5-pro | in=200000 out=1000 reasoning=600 | 200000x1.25 + 1000x10 | 0.26 | gemini
gcp.gemini | gemini-2.5-pro | in=200001 out=1000 | 200001x2.5 + 1000x15 | 0.5150025 | gemini
gcp.gemini | gemini-2.5-flash | in=2000 out=300 audio_input=1500 | 500x0.3 + 1500x1 + 300x2.5 | 0.0024 | gemini
gcp.gemini | models/gemini-2.5-flash | in=2000 out=300 tier=batch | 2000x0.15 + 300x1.25 | 0.000675 | gemini
gcp.gemini | gemini-embedding-001 | in=500 op=embeddings | 500x0.15 | 0.000075 | gemini
gcp.vertex_ai | claude-sonnet-4@20250514 | in=1000 out=1000 cached_input=500 | 500x3 + 500x0.3 + 1000x15 | 0.01665 | vertex
aws.bedrock | us.anthropic.claude-haiku-4-5-20251001-v1:0 | in=1000 out=1000 | 1000x1.1 + 1000x5.5 | 0.0066 | bedrock
aws.bedrock | global.anthropic.claude-haiku-4-5-20251001-v1:0 | in=1000 out=1000 | 1000x1 + 1000x5 | 0.006 | bedrock
aws.bedrock | eu.amazon.nova-pro-v1:0 | in=1000 out=1000 | 1000x0.8 + 1000x3.2 | 0.004 | bedrock
aws.bedrock | amazon.titan-embed-text-v2:0 | in=4000 op=embeddings | 4000x0.02 | 0.00008 | bedrock
groq | llama-3.3-70b-versatile | in=1000 out=1000 | 1000x0.59 + 1000x0.79 | 0.00138 | groq
groq | llama-3.3-70b-versatile | in=1000 out=1000 tier=batch | 1000x0.295 + 1000x0.395 | 0.00069 | groq
groq | whisper-large-v3 | audio_seconds=1800 op=transcription | 0.5@0.111 | 0.0555 | groq-audio
groq | whisper-large-v3-turbo | audio_seconds=3 op=transcription | 10@0.00001111111111111111 | 0.000111111111 | groq-audio
deepseek | deepseek-chat | in=1000 out=1000 cached_input=600 day=2025-07-01T12:00 | 400x0.27 + 600x0.07 + 1000x1.1 | 0.00125 | deepseek
deepseek | deepseek-reasoner | in=1000 out=1000 reasoning=900 day=2025-07-01T12:00 | 1000x0.55 + 1000x2.19 | 0.00274 | deepseek
deepseek | deepseek-chat | in=1000 out=1000 day=2025-07-01T20:00 | 1000x0.135 + 1000x0.55 | 0.000685 | deepseek
mistral_ai | mistral-large-2411 | in=1000 out=1000 | 1000x2 + 1000x6 | 0.008 | mistral
mistral_ai | mistral-ocr-2505 | pages=12 | 12@0.001 | 0.012 | mistral
mistral_ai | mistral-ocr-2505 | pages=12 tier=batch | 12@0.0005 | 0.006 | mistral
x_ai | grok-3 | in=1000 out=1000 cached_input=400 | 600x3 + 400x0.75 + 1000x15 | 0.0171 | xai
x_ai | grok-3-mini | in=1000 out=1000 reasoning=800 | 1000x0.3 + 1000x0.5 | 0.0008 | xai
cohere | command-r-plus-08-2024 | in=1000 out=1000 | 1000x2.5 + 1000x10 | 0.0125 | cohere
cohere | rerank-v3.5 | searches=1 op=rerank | - | - | cohere
together | meta-llama/Llama-3.3-70B-Instruct-Turbo | in=1000 out=1000 | 1000x0.88 + 1000x0.88 | 0.00176 | together
openrouter | google/gemini-2.0-flash-001 | in=1000 out=1000 | 1000x0.1 + 1000x0.4 | 0.0005 | openrouter
vllm | meta-llama/Llama-3.3-70B-Instruct | in=1000 out=1000 | - | - | together
"""  # noqa: E501 - one call, one line
PRICES = Prices.load()


class Bill(NamedTuple):
    """One line of the table."""

    provider: str
    model: str
    used: str
    working: str
    usd: str
    source: str

    def call(self) -> Call:
        used = dict(part.split("=") for part in self.used.split())
        day = datetime.fromisoformat(used.get("day", "2026-11-01")).replace(tzinfo=UTC)
        return Call(
            provider=self.provider,
            model=self.model,
            operation=used.get("op", "chat"),
            input_tokens=int(used["in"]) if "in" in used else None,
            output_tokens=int(used["out"]) if "out" in used else None,
            details={key: int(value) for key, value in used.items() if key in DETAILS},
            units={key: float(value) for key, value in used.items() if key in UNITS},
            service_tier=used.get("tier"),
            timestamp_ns=int(day.timestamp()) * 10**9,
        )

    def by_hand(self) -> Decimal:
        """The sum that is written there."""
        total = Decimal()
        for term in self.working.split(" + "):
            count, at, price = term.partition("@") if "@" in term else term.partition("x")
            total += Decimal(count) * Decimal(price) / (1 if at == "@" else 1_000_000)
        return total


ALL = [Bill(*(part.strip() for part in line.split("|"))) for line in BILLS.strip().splitlines()]


@pytest.mark.parametrize("bill", ALL, ids=lambda bill: f"{bill.provider} {bill.model} {bill.used}")
def test_a_call_costs_what_its_published_prices_come_to(bill: Bill) -> None:
    assert bill.source in SOURCES
    found = PRICES.estimate(bill.call())
    if bill.usd == "-":
        assert found is None
        return
    assert bill.by_hand().quantize(Decimal("1e-12")) == Decimal(bill.usd)
    assert found == Decimal(bill.usd) * 10**12


def test_there_are_enough_of_them_of_every_kind() -> None:
    assert len({bill[:4] for bill in ALL}) >= 60
    used = " ".join(bill.used for bill in ALL)
    kinds = (
        "cached_input",
        "cache_write=",
        "cache_write_1h",
        "reasoning",
        "audio_input",
        "image_input",
        "audio_seconds",
    )
    for kind in (*kinds, "tier=batch", "tier=flex", "tier=priority", "embeddings", "images", "pages", "day="):
        assert kind in used, kind
    assert len({bill.provider for bill in ALL}) >= 12
