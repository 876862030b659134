"""The usage that LangChain hangs on a message or a result, in its own words or in the provider's; makes no call.

Format: `langchain_core.messages.ai.UsageMetadata`, https://reference.langchain.com/python/langchain_core/messages/.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import openai_family as family
from parsers.base import OUTPUT_DETAILS
from parsers.uncached import add_cache
from parsers.usage import Counts, text

Object = Mapping[str, object]
NOTHING: Object = {}
OUTPUT_NAMES = frozenset(OUTPUT_DETAILS)

INPUT_PARTS = {
    "cache_read": "cached_input",
    "priority_cache_read": "cached_input",
    "flex_cache_read": "cached_input",
    "audio": "audio_input",
    "image": "image_input",
    "video": "video_input",
    "text": "text_input",
}
OUTPUT_PARTS = {
    "reasoning": "reasoning",
    "priority_reasoning": "reasoning",
    "flex_reasoning": "reasoning",
    "audio": "audio_output",
    "image": "image_output",
    "text": "text_output",
}
MODELS = ("model_name", "model", "model_id")


def mapping(value: object) -> Object:
    """A decoded JSON object, or an empty one."""
    return value if isinstance(value, dict) else NOTHING


def model(block: Object) -> str | None:
    """The model that answered, under any of the names that the integrations give it."""
    return next((found for name in MODELS if (found := text(block.get(name))) is not None), None)


def counts_what_it_adds(chunk: Object, told: Object) -> bool:
    """Whether the chunks of a stream each carry only what they add to the counts, as Google's do.

    Most of Google's do not say whose they are. Others count on a chunk of its own, on which nothing is said, or on the
    last one, which says why it is.
    """
    provider = told.get("model_provider")
    if "safety_ratings" in told or (isinstance(provider, str) and provider.startswith("google")):
        return True
    return not told and bool(chunk.get("content"))


def counts(message: Object, told: Object, output: Object) -> Counts | None:
    """The counts of a message, of its `response_metadata`, or of the result's `llm_output`; None without any."""
    normalised = message.get("usage_metadata")
    if isinstance(normalised, dict) and "input_tokens" in normalised:
        return _normalised(normalised)
    for path, block in (("response_metadata", told), ("llm_output", output)):
        for name in ("token_usage", "usage", "tokenUsage"):
            usage = block.get(name)
            if isinstance(usage, dict) and "promptTokens" in usage:
                return _javascript(usage, f"{path}.{name}")
            if isinstance(usage, dict) and "prompt_tokens" in usage:
                return family.counts(usage, family.CHAT, None)
            if isinstance(usage, dict) and "input_tokens" in usage:
                return _anthropic(usage, f"{path}.{name}")
    return None


def _normalised(usage: Object) -> Counts:
    found = Counts(usage, "usage_metadata")
    found.input, found.output = found.count("input_tokens"), found.count("output_tokens")
    found.parts("input_token_details", INPUT_PARTS, found.input)
    found.parts("output_token_details", OUTPUT_PARTS, found.output)
    _add_writes(found, mapping(usage.get("input_token_details")))
    found.check_total("total_tokens")
    return found


def _add_writes(found: Counts, details: Object) -> None:
    """The cache writes: in all, or apart by how long they are kept, and then 0 in all."""
    block = Counts(details, f"{found.path}.input_token_details")
    whole = block.count("cache_creation")
    minutes, hour = block.count("ephemeral_5m_input_tokens"), block.count("ephemeral_1h_input_tokens")
    found.faults += block.faults
    if whole is None and minutes is None and hour is None:
        return
    written = max(whole or 0, (minutes or 0) + (hour or 0))
    if written + found.details.get("cached_input", 0) > (found.input or 0):
        if written:
            found.faults.append(f"{block.path}: {written} written tokens do not fit in {found.input} input tokens")
        return
    found.details["cache_write"] = written
    if hour:
        found.details["cache_write_1h"] = hour


def _javascript(usage: Object, path: str) -> Counts:
    found = Counts(usage, path)
    found.input, found.output = found.count("promptTokens"), found.count("completionTokens")
    found.check_total("totalTokens")
    return found


def _anthropic(usage: Object, path: str) -> Counts:
    """Anthropic's own words, in which the input leaves the cache out."""
    found = Counts(usage, path)
    read, written = found.count("cache_read_input_tokens"), found.count("cache_creation_input_tokens")
    add_cache(found, found.count("input_tokens"), read, written)
    found.output = found.count("output_tokens")
    return found
