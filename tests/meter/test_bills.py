"""Bills worked out by hand from published prices, each with its source: what a call cost, to the pico-dollar.

A line is: provider, model, what was used, the sum (tokens x USD for a million tokens, or things @ USD each), the
result, the page that publishes the prices. `-` is a call whose price cannot be known, and the reason.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

import pytest

from parsers.base import DETAILS, UNITS, Call
from tailer.meter.prices import Prices

SOURCES = {
    "openai": "https://developers.openai.com/api/docs/models/MODEL, the page of each model, section Pricing (2026-11)",
    "openai-2024": "https://openai.com/api/pricing of October 2024: audio 100 in, 200 out",
    "openai-batch": "https://developers.openai.com/api/docs/guides/batch: half of the standard price",
    "openai-long": "https://developers.openai.com/api/docs/models/gpt-5.4: above 272K of input 2x input, 1.5x output",
    "openai-o3": "https://developers.openai.com/api/docs/changelog, 2025-06-10: o3 cut by 80 % from 10 and 40",
    "openai-priority": "https://openai.com/api-priority-processing/, the table of prices",
    "openai-tiers": "https://developers.openai.com/api/docs/models/o3: batch 1 and 4, flex 1, cached 0.25 and 4",
    "openai-tuned": "https://platform.openai.com/docs/pricing#fine-tuning, 2025: inference of tuned models",
    "azure": "https://azure.microsoft.com/pricing/details/cognitive-services/openai-service/: global; batch half",
    "anthropic": "https://platform.claude.com/docs/en/about-claude/pricing: models, caching, batches, web search",
    "anthropic-fast": "https://platform.claude.com/docs/en/build-with-claude/fast-mode: Opus 4.6 and 4.7 6x, Opus 5 2x",
    "anthropic-geo": "https://platform.claude.com/docs/en/manage-claude/data-residency: `us` 1.1x, from Opus 4.6 on",
    "anthropic-long": "https://docs.anthropic.com/en/docs/about-claude/pricing of 2025: above 200K 6 and 22.50",
    "gemini": "https://ai.google.dev/gemini-api/docs/pricing (2026-09-20): 3.8 Flash doubles in 2027",
    "gemini-tiers": "https://ai.google.dev/gemini-api/docs/optimization: flex 50 % less",
    "vertex": "https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai: regional +10 % from 4.5 on",
    "bedrock": "https://aws.amazon.com/bedrock/pricing/: Titan Text Embeddings V2 0.00002 for a thousand",
    "bedrock-claude": "https://aws.amazon.com/bedrock/pricing/: Anthropic, regional +10 %, long context",
    "bedrock-nova": "https://aws.amazon.com/bedrock/pricing/ (2025-07-20): Nova, cache reads and batches",
    "groq": "https://groq.com/pricing: batches half of on demand",
    "groq-audio": "https://console.groq.com/docs/speech-text: by the hour, at least 10 seconds",
    "groq-flex": "https://console.groq.com/docs/flex-processing: pricing matches the on-demand tier",
    "deepseek-2025": "https://api-docs.deepseek.com/quick_start/pricing-details-usd; cheaper 16:30-00:30 UTC",
    "deepseek-v31": "https://api-docs.deepseek.com/news/news250821: from 2025-09-05 16:00 UTC, no discount at night",
    "deepseek-v32": "https://api-docs.deepseek.com/news/news250929: V3.2-Exp",
    "deepseek-peak": "https://api-docs.deepseek.com/quick_start/pricing (2026-10-27): peak hours on working days",
    "mistral": "https://mistral.ai/pricing: Mistral Large 2, OCR by the page, batches half",
    "xai": "https://docs.x.ai/developers/pricing: long context from 200k tokens on",
    "cohere": "https://cohere.com/pricing (2026-06): Command R, Embed 4 text and images, Rerank 4 Pro",
    "perplexity": "https://docs.perplexity.ai/docs/getting-started/pricing: tokens, reasoning, searches",
    "together": "https://www.together.ai/pricing: Llama 3.3 70B",
    "openrouter": "https://openrouter.ai/google/gemini-2.0-flash-001",
}
NO_PRICE = {
    "unpublished": "no price list has the model",
    "by contract": "paid by reserved capacity, at prices agreed on",
    "by what is not logged": "by size and quality of an image, region of a deployment, size of a search",
    "by nobody": "self-hosted: free only when the configuration says so",
}

BILLS = """
openai | gpt-4o-2024-08-06 | in=1523 out=212 cached_input=1024 | 499x2.5 + 1024x1.25 + 212x10 | 0.0046475 | openai
openai | gpt-4o-mini | in=12000 out=800 | 12000x0.15 + 800x0.6 | 0.00228 | openai
openai | gpt-4o-mini-2024-07-18 | in=12000 out=800 cached_input=11776 | 224x0.15 + 11776x0.075 + 800x0.6 | 0.0013968 | openai
openai | gpt-4o-2024-05-13 | in=1000 out=100 | 1000x5 + 100x15 | 0.0065 | openai
openai | gpt-4.1 | in=90000 out=1500 cached_input=80000 | 10000x2 + 80000x0.5 + 1500x8 | 0.072 | openai
openai | gpt-4.1 | in=1000 out=100 cached_input=200 tier=priority day=2025-09-01 | 800x3.5 + 200x0.875 + 100x14 | 0.004375 | openai-priority
openai | gpt-4.1-nano-2025-04-14 | in=250 out=20 | 250x0.1 + 20x0.4 | 0.000033 | openai
openai | gpt-5 | in=3000 out=5000 reasoning=4480 | 3000x1.25 + 5000x10 | 0.05375 | openai
openai | gpt-5 | in=3000 out=500 cached_input=2048 tier=priority | 952x2.5 + 2048x0.25 + 500x20 | 0.012892 | openai-priority
openai | gpt-5-mini | in=10000 out=1000 tier=priority | 10000x0.45 + 1000x3.6 | 0.0081 | openai-priority
openai | gpt-5.4 | in=272000 out=100 | 272000x2.5 + 100x15 | 0.6815 | openai-long
openai | gpt-5.4 | in=272001 out=100 | 272001x5 + 100x22.5 | 1.362255 | openai-long
openai | gpt-5.5 | in=1000 out=100 tier=priority | 1000x12.5 + 100x75 | 0.02 | openai-priority
openai | o3 | in=2000 out=4000 reasoning=3500 | 2000x2 + 4000x8 | 0.036 | openai-o3
openai | o3 | in=2000 out=4000 reasoning=3500 day=2025-06-09 | 2000x10 + 4000x40 | 0.18 | openai-o3
openai | o3 | in=2000 out=4000 cached_input=1024 tier=flex | 976x1 + 1024x0.25 + 4000x4 | 0.017232 | openai-tiers
openai | o3 | in=2000 out=4000 tier=batch | 2000x1 + 4000x4 | 0.018 | openai-tiers
openai | gpt-4o-2024-08-06 | in=1000000 out=100000 tier=batch | 1000000x1.25 + 100000x5 | 1.75 | openai-batch
openai | ft:gpt-4o-2024-08-06:acme::9xyz | in=1000 out=1000 cached_input=400 | 600x3.75 + 400x1.875 + 1000x15 | 0.018 | openai-tuned
openai | ft:gpt-4.1-mini-2025-04-14:acme:support:CvDjVD7Q | in=1000 out=1000 cached_input=400 | 600x0.8 + 400x0.2 + 1000x3.2 | 0.00376 | openai-tuned
openai | gpt-3.5-turbo-0125 | in=400 out=600 | 400x0.5 + 600x1.5 | 0.0011 | openai
openai | gpt-4-0613 | in=400 out=600 | 400x30 + 600x60 | 0.048 | openai
openai | text-embedding-3-small | in=8191 op=embeddings | 8191x0.02 | 0.00016382 | openai
openai | text-embedding-3-large | in=1000 op=embeddings tier=batch | 1000x0.065 | 0.000065 | openai-batch
openai | whisper-1 | audio_seconds=90 op=transcription | 90@0.0001 | 0.009 | openai
openai | tts-1-hd | characters=1200 op=speech | 1200@0.00003 | 0.036 | openai
openai | gpt-4o-transcribe | in=1300 out=150 audio_input=1300 | 1300x6 + 150x10 | 0.0093 | openai
openai | gpt-4o-audio-preview | in=900 out=500 audio_input=700 audio_output=400 | 200x2.5 + 700x40 + 100x10 + 400x80 | 0.0615 | openai
openai | gpt-4o-audio-preview-2024-10-01 | in=900 out=0 audio_input=700 day=2024-11-01 | 200x2.5 + 700x100 | 0.0705 | openai-2024
openai | gpt-realtime | in=900 out=500 audio_input=700 audio_output=400 | 200x4 + 700x32 + 100x16 + 400x64 | 0.0504 | openai
openai | gpt-realtime | in=900 out=0 audio_input=700 cached_input=600 cached_audio_input=500 | 100x4 + 100x0.4 + 200x32 + 500x0.4 | 0.00704 | openai
openai | gpt-image-1 | in=350 out=4160 image_input=300 op=image_generation | 50x5 + 300x10 + 4160x40 | 0.16965 | openai
openai | gpt-4o-next-secret | in=10 out=10 | - | - | unpublished
openai | gpt-4o | in=10 out=10 tier=scale | - | - | by contract
openai | dall-e-3 | images=2 op=image_generation | - | - | by what is not logged
azure.ai.openai | gpt-4.1-mini-2025-04-14 | in=5000 out=700 | 5000x0.4 + 700x1.6 | 0.00312 | azure
azure.ai.openai | gpt-4.1 | in=5000 out=700 tier=batch | 5000x1 + 700x4 | 0.0078 | azure
azure.ai.openai | gpt-4.1 | in=5000 out=700 tier=priority | - | - | by what is not logged
anthropic | claude-sonnet-4-20250514 | in=2095 out=503 | 2095x3 + 503x15 | 0.01383 | anthropic
anthropic | claude-sonnet-4-20250514 | in=20100 out=300 cached_input=20000 | 100x3 + 20000x0.3 + 300x15 | 0.0108 | anthropic
anthropic | claude-sonnet-4-20250514 | in=20100 out=300 cache_write=20000 | 100x3 + 20000x3.75 + 300x15 | 0.0798 | anthropic
anthropic | claude-opus-4-1-20250805 | in=9000 out=100 cache_write=8000 cache_write_1h=6000 | 1000x15 + 2000x18.75 + 6000x30 + 100x75 | 0.24 | anthropic
anthropic | claude-haiku-4-5-20251001 | in=9000 out=100 cache_write=8000 cache_write_1h=8000 cached_input=500 | 500x1 + 8000x2 + 500x0.1 + 100x5 | 0.01705 | anthropic
anthropic | claude-sonnet-4-5-20250929 | in=200001 out=1000 cached_input=100000 | 100001x6 + 100000x0.6 + 1000x22.5 | 0.682506 | anthropic-long
anthropic | claude-sonnet-4-5-20250929 | in=200000 out=1000 | 200000x3 + 1000x15 | 0.615 | anthropic-long
anthropic | claude-sonnet-4-20250514 | in=300000 out=1000 cache_write=100000 day=2025-09-01 | 200000x6 + 100000x7.5 + 1000x22.5 | 1.9725 | anthropic-long
anthropic | claude-3-5-haiku-20241022 | in=10000 out=2000 tier=batch | 10000x0.4 + 2000x2 | 0.008 | anthropic
anthropic | claude-3-haiku-20240307 | in=1000 out=100 tier=batch | 1000x0.125 + 100x0.625 | 0.0001875 | anthropic
anthropic | claude-sonnet-4-20250514 | in=30000 out=900 web_searches=4 | 30000x3 + 900x15 + 4@0.01 | 0.1435 | anthropic
anthropic | claude-opus-4-6 | in=1000 out=100 region=us | 1000x5.5 + 100x27.5 | 0.00825 | anthropic-geo
anthropic | claude-opus-4-6 | in=1000 out=100 cached_input=400 tier=batch region=us | 600x2.75 + 400x0.275 + 100x13.75 | 0.003135 | anthropic-geo
anthropic | claude-opus-4-7 | in=1000 out=100 cached_input=400 tier=fast day=2026-06-01 | 600x30 + 400x3 + 100x150 | 0.0342 | anthropic-fast
anthropic | claude-opus-5 | in=1000 out=100 tier=fast | 1000x10 + 100x50 | 0.015 | anthropic-fast
anthropic | claude-sonnet-4-5-20250929 | in=1000 out=100 tier=priority | - | - | by contract
gcp.gemini | gemini-2.5-pro | in=200000 out=1000 reasoning=600 | 200000x1.25 + 1000x10 | 0.26 | gemini
gcp.gemini | gemini-2.5-pro | in=200001 out=1000 | 200001x2.5 + 1000x15 | 0.5150025 | gemini
gcp.gemini | gemini-2.5-flash | in=2000 out=300 audio_input=1500 | 500x0.3 + 1500x1 + 300x2.5 | 0.0024 | gemini
gcp.gemini | models/gemini-2.5-flash | in=2000 out=300 tier=batch | 2000x0.15 + 300x1.25 | 0.000675 | gemini
gcp.gemini | gemini-2.5-flash | in=2000 out=300 tier=flex | 2000x0.15 + 300x1.25 | 0.000675 | gemini-tiers
gcp.gemini | gemini-3.8-flash | in=2000 out=300 | 2000x0.75 + 300x3.75 | 0.002625 | gemini
gcp.gemini | gemini-3.8-flash | in=2000 out=300 day=2027-01-01 | 2000x1.5 + 300x7.5 | 0.00525 | gemini
gcp.gemini | gemini-embedding-2 | in=500 op=embeddings | 500x0.2 | 0.0001 | gemini
gcp.vertex_ai | claude-sonnet-4@20250514 | in=1000 out=1000 cached_input=500 region=us-east5 | 500x3 + 500x0.3 + 1000x15 | 0.01665 | vertex
gcp.vertex_ai | claude-sonnet-4-5@20250929 | in=1000 out=1000 region=global | 1000x3 + 1000x15 | 0.018 | vertex
gcp.vertex_ai | claude-sonnet-4-5@20250929 | in=1000 out=1000 region=us-east5 | 1000x3.3 + 1000x16.5 | 0.0198 | vertex
gcp.vertex_ai | gemini-2.5-pro | in=1000 out=1000 tier=provisioned_throughput | - | - | by contract
aws.bedrock | us.anthropic.claude-haiku-4-5-20251001-v1:0 | in=1000 out=1000 | 1000x1.1 + 1000x5.5 | 0.0066 | bedrock-claude
aws.bedrock | global.anthropic.claude-haiku-4-5-20251001-v1:0 | in=1000 out=1000 | 1000x1 + 1000x5 | 0.006 | bedrock-claude
aws.bedrock | eu.anthropic.claude-sonnet-4-5-20250929-v1:0 | in=200001 out=1000 | 200001x6.6 + 1000x24.75 | 1.3447566 | bedrock-claude
aws.bedrock | eu.amazon.nova-pro-v1:0 | in=1000 out=1000 cached_input=400 | 600x0.8 + 400x0.2 + 1000x3.2 | 0.00376 | bedrock-nova
aws.bedrock | amazon.nova-micro-v1:0 | in=1000 out=1000 tier=batch | 1000x0.0175 + 1000x0.07 | 0.0000875 | bedrock-nova
aws.bedrock | amazon.titan-embed-text-v2:0 | in=4000 op=embeddings | 4000x0.02 | 0.00008 | bedrock
aws.bedrock | amazon.nova-pro-v1:0 | in=1000 out=1000 tier=reserved | - | - | by contract
groq | llama-3.3-70b-versatile | in=1000 out=1000 tier=flex | 1000x0.59 + 1000x0.79 | 0.00138 | groq-flex
groq | llama-3.3-70b-versatile | in=1000 out=1000 tier=batch | 1000x0.295 + 1000x0.395 | 0.00069 | groq
groq | whisper-large-v3 | audio_seconds=1800 op=transcription | 0.5@0.111 | 0.0555 | groq-audio
groq | whisper-large-v3-turbo | audio_seconds=3 op=transcription | 10@0.00001111111111111111 | 0.000111111111 | groq-audio
deepseek | deepseek-chat | in=1000 out=1000 cached_input=600 day=2025-07-01T12:00 | 400x0.27 + 600x0.07 + 1000x1.1 | 0.00125 | deepseek-2025
deepseek | deepseek-chat | in=1000 out=1000 day=2025-07-01T20:00 | 1000x0.135 + 1000x0.55 | 0.000685 | deepseek-2025
deepseek | deepseek-reasoner | in=1000 out=1000 reasoning=900 day=2025-07-01T12:00 | 1000x0.55 + 1000x2.19 | 0.00274 | deepseek-2025
deepseek | deepseek-chat | in=1000 out=1000 cached_input=600 day=2025-09-20T20:00 | 400x0.56 + 600x0.07 + 1000x1.68 | 0.001946 | deepseek-v31
deepseek | deepseek-chat | in=1000 out=1000 cached_input=600 day=2025-12-09 | 400x0.28 + 600x0.028 + 1000x0.42 | 0.0005488 | deepseek-v32
deepseek | deepseek-v4-pro | in=1000 out=1000 cached_input=600 day=2026-08-18T02:00 | 400x1.32 + 600x0.044 + 1000x3.96 | 0.0045144 | deepseek-peak
deepseek | deepseek-flash | in=1000 out=1000 cached_input=600 day=2026-11-20T09:00 | 400x0.3 + 600x0.006 + 1000x1.2 | 0.0013236 | deepseek-peak
deepseek | deepseek-flash | in=1000 out=1000 cached_input=600 day=2026-11-21T09:00 | 400x0.15 + 600x0.003 + 1000x0.6 | 0.0006618 | deepseek-peak
mistral_ai | mistral-large-2407 | in=1000 out=1000 | 1000x2 + 1000x6 | 0.008 | mistral
mistral_ai | mistral-ocr-2505 | pages=12 | 12@0.001 | 0.012 | mistral
mistral_ai | mistral-ocr-2505 | pages=12 tier=batch | 12@0.0005 | 0.006 | mistral
x_ai | grok-4.7 | in=1000 out=1000 cached_input=400 | 600x2 + 400x0.5 + 1000x6 | 0.0074 | xai
x_ai | grok-4.3 | in=200000 out=1000 reasoning=800 | 200000x2.5 + 1000x5 | 0.505 | xai
x_ai | grok-4.3 | in=199999 out=1000 | 199999x1.25 + 1000x2.5 | 0.25249875 | xai
cohere | command-r-08-2024 | in=1000 out=1000 | 1000x0.15 + 1000x0.6 | 0.00075 | cohere
cohere | embed-v4.0 | in=1000 image_input=900 op=embeddings | 100x0.12 + 900x0.47 | 0.000435 | cohere
cohere | rerank-v4.0-pro | searches=3 op=rerank | 3@0.0025 | 0.0075 | cohere
perplexity | sonar-deep-research | in=1000 out=3000 reasoning=2000 searches=20 | 1000x2 + 2000x3 + 1000x8 + 20@0.005 | 0.116 | perplexity
perplexity | sonar-pro | in=1000 out=1000 | - | - | by what is not logged
together | meta-llama/Llama-3.3-70B-Instruct-Turbo | in=1000 out=1000 | 1000x0.88 + 1000x0.88 | 0.00176 | together
openrouter | google/gemini-2.0-flash-001 | in=1000 out=1000 | 1000x0.1 + 1000x0.4 | 0.0005 | openrouter
litellm | openai/gpt-4o-mini | in=1000 out=1000 | 1000x0.15 + 1000x0.6 | 0.00075 | openai
vllm | meta-llama/Llama-3.3-70B-Instruct | in=1000 out=1000 | - | - | by nobody
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
            region=used.get("region"),
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
    assert bill.source in (SOURCES if bill.usd != "-" else NO_PRICE)
    found = PRICES.estimate(bill.call())
    if bill.usd == "-":
        assert found is None
        return
    assert bill.by_hand().quantize(Decimal("1e-12")) == Decimal(bill.usd)
    assert found == Decimal(bill.usd) * 10**12


def test_there_are_enough_of_them_of_every_kind() -> None:
    assert len({bill[:4] for bill in ALL}) >= 90
    assert sum(bill.usd != "-" for bill in ALL) >= 80
    assert {bill.source for bill in ALL} == SOURCES.keys() | NO_PRICE.keys()
    used = " ".join(bill.used for bill in ALL)
    parts = ("cached_input", "cached_audio_input", "cache_write=", "cache_write_1h", "reasoning", "audio_input")
    more_parts = ("audio_output", "image_input", "day=", "region=us", "op=embeddings")
    tiers = ("tier=batch", "tier=flex", "tier=priority", "tier=fast", "tier=reserved")
    units = ("audio_seconds", "characters", "images=", "pages", "searches=", "web_searches")
    for kind in (*parts, *more_parts, *tiers, *units):
        assert kind in used, kind
    assert len({bill.provider for bill in ALL}) >= 15
