"""Calls worked out by hand and where their prices stand: data only, test_bills does the sums.

A row is: provider, model, what was used, the sum (tokens x USD for a million tokens, or things @ USD each), the result,
the source. `-` is a call whose price cannot be known, and the reason. Without `day` a call is of 2026-11-01.
"""

from __future__ import annotations

from typing import NamedTuple


class Source(NamedTuple):
    """Who states a price. `read` is `copy` for the seller's own page or announcement, else `quoted`."""

    read: str
    page: str
    says: str


SOURCES = {
    "openai": Source(
        "copy",
        "OpenAI, Pricing, https://developers.openai.com/api/docs/pricing.md, autumn 2026 (it calls priority Fast mode)",
        "tables Standard, Batch, Flex, Fast, with `<272K context length` and long-context columns; audio and images by "
        "modality; 10 for 1,000 web searches, 2.50 for 1,000 file searches; whisper 0.006 a minute; fine-tuned models",
    ),
    "openai-2025": Source(
        "quoted",
        "OpenAI, Pricing, https://platform.openai.com/docs/pricing, autumn 2025, copied table by table into a "
        "reference of prices for users of Cognee",
        "audio of gpt-4o-audio-preview 40 and 80, of gpt-4o-transcribe 6; text-embedding-3-large 0.13, batch 0.065",
    ),
    "openai-2024": Source(
        "copy",
        "OpenAI, Introducing the Realtime API, 2024-10-01",
        "audio input 100, output 200; audio in the Chat Completions API the same",
    ),
    "openai-batch-cache": Source(
        "copy",
        "OpenAI, Prompt caching, FAQ of 2024 and 2025, and the dashes of the table Batch in Pricing, autumn 2026",
        "no discount for cached input in the Batch API where the table has none",
    ),
    "openai-o3": Source(
        "copy",
        "OpenAI, API changelog, 2025-06-10",
        "o3 cut by 80 %, from 10 and 40 to 2 and 8",
    ),
    "openai-o3-cached": Source(
        "quoted",
        "OpenAI, Pricing of April and May 2025, in guides of that spring to the Codex CLI and to the models",
        "o3: input 10, cached input 2.50, output 40",
    ),
    "azure": Source(
        "quoted",
        "Microsoft, Azure Retail Prices API, Foundry Models, eastus, in a price list of 2026 that cites the query; "
        "batches in LiteLLM's model_prices_and_context_window.json",
        "gpt-4.1-mini-2025-04-14: 0.40, 1.60; gpt-4.1-mini in batches 0.20, 0.80",
    ),
    "anthropic": Source(
        "copy",
        "Anthropic, Pricing, https://platform.claude.com/docs/en/about-claude/pricing, spring 2026",
        "models with both cache writes and reads, batches, web search 10 for 1,000, `us` 1.1 from Opus 4.6 on, fast "
        "mode of Opus 4.6 30 and 150, above 200K of input 6 and 22.50 for Sonnet 4 and 4.5, caching on top of that",
    ),
    "anthropic-fast": Source(
        "copy",
        "Anthropic, Fast mode, https://platform.claude.com/docs/en/build-with-claude/fast-mode, autumn 2026",
        "Opus 4.6 and 4.7 six times, Opus 5 twice the price, caching on top",
    ),
    "gemini": Source(
        "copy",
        "Google, Gemini Developer API pricing, https://ai.google.dev/gemini-api/docs/pricing, 2026-09-20",
        "2.5 Pro 1.25 and 10, above 200k 2.50 and 15; 2.5 Flash 0.30, audio 1, 2.50, batches half; 3.8 Flash 0.75 and "
        "3.75, twice that from 2027-01-01; gemini-embedding-2 0.20",
    ),
    "gemini-tiers": Source(
        "copy",
        "Google, Gemini API optimization, https://ai.google.dev/gemini-api/docs/optimization",
        "flex costs 50 % less",
    ),
    "vertex": Source(
        "copy",
        "Anthropic, Pricing, section on third-party platforms, and Claude on Vertex AI, 2026",
        "regional endpoints 10 % more than global ones from Sonnet 4.5 and Haiku 4.5 on, earlier models as they were",
    ),
    "bedrock": Source(
        "copy",
        "AWS, Amazon Bedrock pricing, https://aws.amazon.com/bedrock/pricing/",
        "Titan Text Embeddings V2 0.00002 for 1,000 tokens",
    ),
    "bedrock-claude": Source(
        "quoted",
        "AWS, Amazon Bedrock pricing, Anthropic, in two tables of prices of December 2025 that cite the page",
        "regional: Sonnet 4.5 3.30 and 16.50, Long Context 6.60 and 24.75, Haiku 4.5 1.10 and 5.50; global: Sonnet 4.5 "
        "Long Context 6, 22.50, cache write 7.50, for an hour 12, read 0.60; Haiku 4.5 1 and 5",
    ),
    "bedrock-cohere": Source(
        "quoted",
        "AWS, Amazon Bedrock pricing, Cohere, in LiteLLM's model_prices_and_context_window.json and in notes on "
        "an example of an AWS blog",
        "Embed 3 0.0001 for 1,000 tokens; Command R+ 3 and 15",
    ),
    "bedrock-nova": Source(
        "copy",
        "AWS, Amazon Bedrock pricing, Amazon, 2025-07-20",
        "Nova Pro 0.80, cache read 0.20, 3.20; Nova Micro 0.035 and 0.14, batches half",
    ),
    "bedrock-tiers": Source(
        "quoted",
        "AWS, Amazon Bedrock pricing, footnotes of the tables except Anthropic's, quoted in three notes of 2026",
        "Flex tier pricing is at 50% discount to Standard tier pricing; Priority tier pricing is at 75% premium",
    ),
    "groq": Source(
        "copy",
        "Groq, Pricing, https://groq.com/pricing",
        "llama-3.3-70b-versatile 0.59 and 0.79; batches half of on demand",
    ),
    "groq-audio": Source(
        "copy",
        "Groq, Speech to Text, https://console.groq.com/docs/speech-to-text",
        "whisper-large-v3 0.111 an hour, turbo 0.04; minimum billed length 10 seconds",
    ),
    "groq-flex": Source(
        "copy",
        "Groq, Flex Processing, https://console.groq.com/docs/flex-processing",
        "pricing matches the on-demand tier",
    ),
    "deepseek-2025": Source(
        "copy",
        "DeepSeek, Models & Pricing, https://api-docs.deepseek.com/quick_start/pricing, August 2025",
        "both lists around 2025-09-05T16:00 UTC: until then 0.27, cached 0.07, 1.10, from 16:30 to 00:30 UTC half, "
        "deepseek-reasoner 0.55 and 2.19; then 0.56, 0.07, 1.68 and no discount at night",
    ),
    "deepseek-v32": Source(
        "copy",
        "DeepSeek, Introducing DeepSeek-V3.2-Exp, https://api-docs.deepseek.com/news/news250929",
        "cached 0.028, input 0.28, output 0.42",
    ),
    "deepseek-peak": Source(
        "copy",
        "DeepSeek, Models & Pricing, 2026-10-27",
        "off-peak and peak: cached 0.003 and 0.006, 0.022 and 0.044 (v4-pro); input 0.15 and 0.30, 0.66 and 1.32; "
        "output 0.60 and 1.20, 1.98 and 3.96; peak hours on working days",
    ),
    "mistral": Source(
        "copy",
        "Mistral, Pricing, https://mistral.ai/pricing",
        "Mistral Large 2 2 and 6",
    ),
    "mistral-ocr": Source(
        "copy",
        "Mistral, Mistral OCR, https://mistral.ai/news/mistral-ocr, 2025-03-06",
        "1,000 pages for a dollar, about double the pages in batches",
    ),
    "mistral-ocr-3": Source(
        "quoted",
        "Mistral, Mistral OCR 3 (mistral-ocr-2512), December 2025, in reports on the launch",
        "2 for 1,000 pages, half of that in batches",
    ),
    "xai": Source(
        "copy",
        "xAI, Pricing, https://docs.x.ai/developers/pricing",
        "grok-4.7 2, cached 0.50, 6; grok-4.3 1.25 and 2.50, from 200k tokens on twice that",
    ),
    "xai-2025": Source(
        "quoted",
        "xAI, Models, https://docs.x.ai/docs/models of 2025, in https://github.com/simonw/llm-prices, data/xai.json",
        "Grok 4 above 128k: 6, cached 0.75, 30; Grok 4 Fast 0.20 and 0.50, above 128k 0.40, cached 0.05, 1",
    ),
    "cohere": Source(
        "copy",
        "Cohere, Pricing, https://cohere.com/pricing, 2026-06",
        "Command R 0.15 and 0.60; Embed 4 0.12, images 0.47",
    ),
    "cohere-embed-3": Source(
        "quoted",
        "Cohere, Pricing, in a table of embedding prices of May 2026 that cites the page",
        "embed-english-v3.0 and embed-multilingual-v3.0 0.10",
    ),
    "cohere-rerank-3": Source(
        "quoted",
        "Cohere, Pricing of 2024 and 2025, in several write-ups of the time; in 2026 the page has no price for it",
        "Rerank 3 and 3.5: 2 for 1,000 searches",
    ),
    "cohere-rerank-4": Source(
        "quoted",
        "Cohere, Pricing, the data embedded in the page (its cards are drawn by a script), in a survey of autumn 2026",
        "Rerank 4 Pro 2.50, Fast 2 for 1,000 searches",
    ),
    "perplexity": Source(
        "copy",
        "Perplexity, Pricing, https://docs.perplexity.ai/docs/getting-started/pricing",
        "Sonar Deep Research 2, 8, citations 2, reasoning 3, 5 for 1,000 search queries",
    ),
    "together": Source(
        "quoted",
        "Together AI, Pricing, https://www.together.ai/pricing, in a table of 2025-10-11, a change of the models.dev "
        "list of 2026-07-02 that shows the page, and a comparison of 2026-10-04",
        "Llama 3.3 70B 0.88, since summer 2026 1.04",
    ),
    "openrouter": Source(
        "copy",
        "OpenRouter, https://openrouter.ai/google/gemini-2.0-flash-001",
        "0.10 and 0.40",
    ),
}
NO_PRICE = {
    "unpublished": "no price list has the model",
    "by contract": "paid by reserved capacity, at prices agreed on",
    "by what is not logged": "by size and quality of an image, region of a deployment, size of a search",
    "by nobody": "self-hosted: free only when the configuration says so",
    "not sold": "the price list leaves the model out of that tier",
    "accounts differ": "only others state a price, and not the same one",
}

BILLS = """
openai | gpt-4o-2024-08-06 | in=1523 out=212 cached_input=1024 | 499x2.5 + 1024x1.25 + 212x10 | 0.0046475 | openai
openai | gpt-4o-mini | in=12000 out=800 | 12000x0.15 + 800x0.6 | 0.00228 | openai
openai | gpt-4o-mini-2024-07-18 | in=12000 out=800 cached_input=11776 | 224x0.15 + 11776x0.075 + 800x0.6 | 0.0013968 | openai
openai | gpt-4o-2024-05-13 | in=1000 out=100 | 1000x5 + 100x15 | 0.0065 | openai
openai | gpt-4.1 | in=90000 out=1500 cached_input=80000 | 10000x2 + 80000x0.5 + 1500x8 | 0.072 | openai
openai | gpt-4.1 | in=1000 out=100 cached_input=200 tier=priority day=2025-09-01 | 800x3.5 + 200x0.875 + 100x14 | 0.004375 | openai
openai | gpt-4.1-nano-2025-04-14 | in=250 out=20 | 250x0.1 + 20x0.4 | 0.000033 | openai
openai | gpt-4.1-nano | in=1000 out=100 storage_searches=2 | 1000x0.1 + 100x0.4 + 2@0.0025 | 0.00514 | openai
openai | gpt-5 | in=3000 out=5000 reasoning=4480 | 3000x1.25 + 5000x10 | 0.05375 | openai
openai | gpt-5 | in=3000 out=500 cached_input=2048 tier=priority | 952x2.5 + 2048x0.25 + 500x20 | 0.012892 | openai
openai | gpt-5 | in=3000 out=500 cached_input=2048 tier=flex | 952x0.625 + 2048x0.0625 + 500x5 | 0.003223 | openai
openai | gpt-5 | in=3000 out=500 web_searches=3 storage_searches=1 | 3000x1.25 + 500x10 + 3@0.01 + 1@0.0025 | 0.04125 | openai
openai | gpt-5-mini | in=10000 out=1000 tier=priority | 10000x0.45 + 1000x3.6 | 0.0081 | openai
openai | gpt-5.4 | in=272000 out=100 | 272000x2.5 + 100x15 | 0.6815 | openai
openai | gpt-5.4 | in=272001 out=100 | 272001x5 + 100x22.5 | 1.362255 | openai
openai | gpt-5.4 | in=300000 out=100 cached_input=100000 tier=batch | 200000x2.5 + 100000x0.25 + 100x11.25 | 0.526125 | openai
openai | gpt-5.5 | in=1000 out=100 tier=priority | 1000x12.5 + 100x75 | 0.02 | openai
openai | gpt-5.5 | in=1000 out=100 tier=fast | 1000x12.5 + 100x75 | 0.02 | openai
openai | gpt-6-astra | in=5000 out=100 cached_input=1000 cache_write=2000 | 2000x10 + 1000x1 + 2000x12.5 + 100x50 | 0.051 | openai
openai | o3 | in=2000 out=4000 reasoning=3500 | 2000x2 + 4000x8 | 0.036 | openai
openai | o3 | in=2000 out=4000 reasoning=3500 day=2025-06-09 | 2000x10 + 4000x40 | 0.18 | openai-o3
openai | o3 | in=2000 out=4000 cached_input=1024 day=2025-06-09 | 976x10 + 1024x2.5 + 4000x40 | 0.17232 | openai-o3-cached
openai | o3 | in=2000 out=4000 cached_input=1024 tier=flex | 976x1 + 1024x0.25 + 4000x4 | 0.017232 | openai
openai | o3 | in=2000 out=4000 tier=batch | 2000x1 + 4000x4 | 0.018 | openai
openai | o3 | in=2000 out=4000 cached_input=1024 tier=batch | 976x1 + 1024x1 + 4000x4 | 0.018 | openai-batch-cache
openai | gpt-4o-2024-08-06 | in=1000000 out=100000 tier=batch | 1000000x1.25 + 100000x5 | 1.75 | openai
openai | gpt-4.1 | in=2000 out=100 cached_input=1024 tier=batch | 976x1 + 1024x1 + 100x4 | 0.0024 | openai-batch-cache
openai | ft:gpt-4o-2024-08-06:acme::9xyz | in=1000 out=1000 cached_input=400 | 600x3.75 + 400x1.875 + 1000x15 | 0.018 | openai
openai | ft:gpt-4o-2024-08-06:acme::9xyz | in=1000 out=1000 cached_input=400 tier=batch | 600x2.225 + 400x0.9 + 1000x12.5 | 0.014195 | openai
openai | ft:gpt-4.1-2025-04-14:acme::9xyz | in=1000 out=1000 cached_input=400 tier=batch | 600x1.5 + 400x0.5 + 1000x6 | 0.0071 | openai
openai | ft:gpt-4.1-mini-2025-04-14:acme:support:CvDjVD7Q | in=1000 out=1000 cached_input=400 | 600x0.8 + 400x0.2 + 1000x3.2 | 0.00376 | openai
openai | gpt-3.5-turbo-0125 | in=400 out=600 | 400x0.5 + 600x1.5 | 0.0011 | openai
openai | gpt-3.5-turbo-1106 | in=400 out=600 tier=batch | 400x1 + 600x2 | 0.0016 | openai
openai | gpt-4-0613 | in=400 out=600 | 400x30 + 600x60 | 0.048 | openai
openai | text-embedding-3-small | in=8191 op=embeddings | 8191x0.02 | 0.00016382 | openai
openai | text-embedding-3-large | in=1000 op=embeddings tier=batch | 1000x0.065 | 0.000065 | openai-2025
openai | whisper-1 | audio_seconds=90 op=transcription | 90@0.0001 | 0.009 | openai
openai | tts-1-hd | characters=1200 op=speech | 1200@0.00003 | 0.036 | openai
openai | gpt-4o-transcribe | in=1300 out=150 audio_input=1300 day=2025-10-01 | 1300x6 + 150x10 | 0.0093 | openai-2025
openai | gpt-4o-audio-preview | in=900 out=500 audio_input=700 audio_output=400 day=2025-10-01 | 200x2.5 + 700x40 + 100x10 + 400x80 | 0.0615 | openai-2025
openai | gpt-4o-audio-preview-2024-10-01 | in=700 out=100 audio_input=700 audio_output=100 day=2024-11-01 | 700x100 + 100x200 | 0.09 | openai-2024
openai | gpt-realtime | in=900 out=500 audio_input=700 audio_output=400 | 200x4 + 700x32 + 100x16 + 400x64 | 0.0504 | openai
openai | gpt-realtime | in=900 out=0 audio_input=700 cached_input=600 cached_audio_input=500 | 100x4 + 100x0.4 + 200x32 + 500x0.4 | 0.00704 | openai
openai | gpt-image-1 | in=350 out=4160 image_input=300 op=image_generation | 50x5 + 300x10 + 4160x40 | 0.16965 | openai
openai | gpt-image-2 | in=350 out=4160 image_input=300 tier=batch op=image_generation | 50x2.5 + 300x4 + 4160x15 | 0.063725 | openai
openai | gpt-4o-next-secret | in=10 out=10 | - | - | unpublished
openai | gpt-4o | in=10 out=10 tier=scale | - | - | by contract
openai | dall-e-3 | images=2 op=image_generation | - | - | by what is not logged
azure.ai.openai | gpt-4.1-mini-2025-04-14 | in=5000 out=700 | 5000x0.4 + 700x1.6 | 0.00312 | azure
azure.ai.openai | gpt-4.1-mini-2025-04-14 | in=5000 out=700 tier=batch | 5000x0.2 + 700x0.8 | 0.00156 | azure
azure.ai.openai | gpt-4.1 | in=5000 out=700 tier=priority | - | - | by what is not logged
anthropic | claude-sonnet-4-20250514 | in=2095 out=503 | 2095x3 + 503x15 | 0.01383 | anthropic
anthropic | claude-sonnet-4-20250514 | in=20100 out=300 cached_input=20000 | 100x3 + 20000x0.3 + 300x15 | 0.0108 | anthropic
anthropic | claude-sonnet-4-20250514 | in=20100 out=300 cache_write=20000 | 100x3 + 20000x3.75 + 300x15 | 0.0798 | anthropic
anthropic | claude-opus-4-1-20250805 | in=9000 out=100 cache_write=8000 cache_write_1h=6000 | 1000x15 + 2000x18.75 + 6000x30 + 100x75 | 0.24 | anthropic
anthropic | claude-haiku-4-5-20251001 | in=9000 out=100 cache_write=8000 cache_write_1h=8000 cached_input=500 | 500x1 + 8000x2 + 500x0.1 + 100x5 | 0.01705 | anthropic
anthropic | claude-sonnet-4-5-20250929 | in=200001 out=1000 cached_input=100000 | 100001x6 + 100000x0.6 + 1000x22.5 | 0.682506 | anthropic
anthropic | claude-sonnet-4-5-20250929 | in=200000 out=1000 | 200000x3 + 1000x15 | 0.615 | anthropic
anthropic | claude-sonnet-4-20250514 | in=300000 out=1000 cache_write=100000 day=2025-09-01 | 200000x6 + 100000x7.5 + 1000x22.5 | 1.9725 | anthropic
anthropic | claude-3-5-haiku-20241022 | in=10000 out=2000 tier=batch | 10000x0.4 + 2000x2 | 0.008 | anthropic
anthropic | claude-3-haiku-20240307 | in=1000 out=100 tier=batch | 1000x0.125 + 100x0.625 | 0.0001875 | anthropic
anthropic | claude-sonnet-4-20250514 | in=30000 out=900 web_searches=4 | 30000x3 + 900x15 + 4@0.01 | 0.1435 | anthropic
anthropic | claude-opus-4-6 | in=1000 out=100 region=us | 1000x5.5 + 100x27.5 | 0.00825 | anthropic
anthropic | claude-opus-4-6 | in=1000 out=100 cached_input=400 tier=batch region=us | 600x2.75 + 400x0.275 + 100x13.75 | 0.003135 | anthropic
anthropic | claude-opus-4-6 | in=1000 out=100 tier=fast day=2026-04-01 | 1000x30 + 100x150 | 0.045 | anthropic
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
aws.bedrock | global.anthropic.claude-sonnet-4-5-20250929-v1:0 | in=300000 out=100 cache_write=200000 cache_write_1h=100000 cached_input=50000 | 50000x6 + 100000x7.5 + 100000x12 + 50000x0.6 + 100x22.5 | 2.28225 | bedrock-claude
aws.bedrock | global.anthropic.claude-sonnet-4-5-20250929-v1:0 | in=1000 out=1000 tier=priority | - | - | not sold
aws.bedrock | eu.amazon.nova-pro-v1:0 | in=1000 out=1000 cached_input=400 | 600x0.8 + 400x0.2 + 1000x3.2 | 0.00376 | bedrock-nova
aws.bedrock | amazon.nova-micro-v1:0 | in=1000 out=1000 tier=batch | 1000x0.0175 + 1000x0.07 | 0.0000875 | bedrock-nova
aws.bedrock | amazon.nova-pro-v1:0 | in=1000 out=1000 tier=flex | 1000x0.4 + 1000x1.6 | 0.002 | bedrock-tiers
aws.bedrock | amazon.nova-pro-v1:0 | in=1000 out=1000 tier=priority | 1000x1.4 + 1000x5.6 | 0.007 | bedrock-tiers
aws.bedrock | amazon.titan-embed-text-v2:0 | in=4000 op=embeddings | 4000x0.02 | 0.00008 | bedrock
aws.bedrock | cohere.embed-english-v3 | in=5500000 op=embeddings | 5500000x0.1 | 0.55 | bedrock-cohere
aws.bedrock | cohere.command-r-plus-v1:0 | in=1000 out=1000 | 1000x3 + 1000x15 | 0.018 | bedrock-cohere
aws.bedrock | amazon.nova-pro-v1:0 | in=1000 out=1000 tier=reserved | - | - | by contract
groq | llama-3.3-70b-versatile | in=1000 out=1000 tier=flex | 1000x0.59 + 1000x0.79 | 0.00138 | groq-flex
groq | llama-3.3-70b-versatile | in=1000 out=1000 tier=batch | 1000x0.295 + 1000x0.395 | 0.00069 | groq
groq | whisper-large-v3 | audio_seconds=1800 op=transcription | 0.5@0.111 | 0.0555 | groq-audio
groq | whisper-large-v3-turbo | audio_seconds=3 op=transcription | 10@0.00001111111111111111 | 0.000111111111 | groq-audio
deepseek | deepseek-chat | in=1000 out=1000 cached_input=600 day=2025-07-01T12:00 | 400x0.27 + 600x0.07 + 1000x1.1 | 0.00125 | deepseek-2025
deepseek | deepseek-chat | in=1000 out=1000 day=2025-07-01T20:00 | 1000x0.135 + 1000x0.55 | 0.000685 | deepseek-2025
deepseek | deepseek-reasoner | in=1000 out=1000 reasoning=900 day=2025-07-01T12:00 | 1000x0.55 + 1000x2.19 | 0.00274 | deepseek-2025
deepseek | deepseek-chat | in=1000 out=1000 cached_input=600 day=2025-09-20T20:00 | 400x0.56 + 600x0.07 + 1000x1.68 | 0.001946 | deepseek-2025
deepseek | deepseek-chat | in=1000 out=1000 cached_input=600 day=2025-12-09 | 400x0.28 + 600x0.028 + 1000x0.42 | 0.0005488 | deepseek-v32
deepseek | deepseek-v4-pro | in=1000 out=1000 cached_input=600 day=2026-08-18T02:00 | 400x1.32 + 600x0.044 + 1000x3.96 | 0.0045144 | deepseek-peak
deepseek | deepseek-flash | in=1000 out=1000 cached_input=600 day=2026-11-20T09:00 | 400x0.3 + 600x0.006 + 1000x1.2 | 0.0013236 | deepseek-peak
deepseek | deepseek-flash | in=1000 out=1000 cached_input=600 day=2026-11-21T09:00 | 400x0.15 + 600x0.003 + 1000x0.6 | 0.0006618 | deepseek-peak
mistral_ai | mistral-large-2407 | in=1000 out=1000 | 1000x2 + 1000x6 | 0.008 | mistral
mistral_ai | mistral-ocr-2503 | pages=12 day=2025-04-01 | 12@0.001 | 0.012 | mistral-ocr
mistral_ai | mistral-ocr-2512 | pages=12 | 12@0.002 | 0.024 | mistral-ocr-3
mistral_ai | mistral-ocr-2512 | pages=12 tier=batch | 12@0.001 | 0.012 | mistral-ocr-3
x_ai | grok-4.7 | in=1000 out=1000 cached_input=400 | 600x2 + 400x0.5 + 1000x6 | 0.0074 | xai
x_ai | grok-4.3 | in=200000 out=1000 reasoning=800 | 200000x2.5 + 1000x5 | 0.505 | xai
x_ai | grok-4.3 | in=199999 out=1000 | 199999x1.25 + 1000x2.5 | 0.25249875 | xai
x_ai | grok-4-0709 | in=150000 out=1000 cached_input=50000 day=2025-10-01 | 100000x6 + 50000x0.75 + 1000x30 | 0.6675 | xai-2025
x_ai | grok-4-fast-reasoning | in=150000 out=1000 cached_input=50000 day=2025-11-01 | 100000x0.4 + 50000x0.05 + 1000x1 | 0.0435 | xai-2025
x_ai | grok-4-fast-reasoning | in=15000 out=1000 day=2025-11-01 | 15000x0.2 + 1000x0.5 | 0.0035 | xai-2025
cohere | command-r-08-2024 | in=1000 out=1000 | 1000x0.15 + 1000x0.6 | 0.00075 | cohere
cohere | embed-v4.0 | in=1000 image_input=900 op=embeddings | 100x0.12 + 900x0.47 | 0.000435 | cohere
cohere | embed-english-v3.0 | in=1000 op=embeddings | 1000x0.1 | 0.0001 | cohere-embed-3
cohere | embed-english-light-v3.0 | in=1000 op=embeddings | - | - | accounts differ
cohere | rerank-v3.5 | searches=3 op=rerank day=2025-06-01 | 3@0.002 | 0.006 | cohere-rerank-3
cohere | rerank-v4.0-pro | searches=3 op=rerank | 3@0.0025 | 0.0075 | cohere-rerank-4
perplexity | sonar-deep-research | in=1000 out=3000 reasoning=2000 searches=20 | 1000x2 + 2000x3 + 1000x8 + 20@0.005 | 0.116 | perplexity
perplexity | sonar-pro | in=1000 out=1000 | - | - | by what is not logged
together | meta-llama/Llama-3.3-70B-Instruct-Turbo | in=1000 out=1000 day=2025-10-11 | 1000x0.88 + 1000x0.88 | 0.00176 | together
together | meta-llama/Llama-3.3-70B-Instruct-Turbo | in=1000 out=1000 | 1000x1.04 + 1000x1.04 | 0.00208 | together
openrouter | google/gemini-2.0-flash-001 | in=1000 out=1000 | 1000x0.1 + 1000x0.4 | 0.0005 | openrouter
litellm | openai/gpt-4o-mini | in=1000 out=1000 | 1000x0.15 + 1000x0.6 | 0.00075 | openai
vllm | meta-llama/Llama-3.3-70B-Instruct | in=1000 out=1000 | - | - | by nobody
"""  # noqa: E501 - one call, one line
