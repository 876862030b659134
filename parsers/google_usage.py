"""Google's usage metadata and embedding statistics to counts, in camel and snake case; it recognises no service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from parsers import vendor
from parsers.base import DETAILS, INPUT_DETAILS, Record
from parsers.usage import MAX_COUNT, Counts, shown, text


class Names(NamedTuple):
    """What one spelling calls the counts; `outputs` are what the candidates are called, then what Live calls them."""

    prompt: str
    outputs: tuple[str, ...]
    thoughts: str
    tools: str
    cached: str
    total: str
    input_modalities: tuple[str, ...]
    output_modalities: tuple[str, ...]
    cached_modalities: tuple[str, ...]


CAMEL = Names(
    "promptTokenCount",
    ("candidatesTokenCount", "responseTokenCount"),
    "thoughtsTokenCount",
    "toolUsePromptTokenCount",
    "cachedContentTokenCount",
    "totalTokenCount",
    ("promptTokensDetails", "promptTokenDetails", "toolUsePromptTokensDetails"),
    ("candidatesTokensDetails", "responseTokensDetails"),
    ("cacheTokensDetails",),
)
SNAKE = Names(
    "prompt_token_count",
    ("candidates_token_count", "response_token_count"),
    "thoughts_token_count",
    "tool_use_prompt_token_count",
    "cached_content_token_count",
    "total_token_count",
    ("prompt_tokens_details", "prompt_token_details", "tool_use_prompt_tokens_details"),
    ("candidates_tokens_details", "response_tokens_details"),
    ("cache_tokens_details",),
)
TRAFFIC = ("trafficType", "traffic_type")
TIERS = ("serviceTier", "service_tier")
HEADER_TIERS = frozenset(("standard", "flex", "priority"))
COUNTS = frozenset(
    (*(name for names in (CAMEL, SNAKE) for name in (names.prompt, *names.outputs, names.thoughts)), *TRAFFIC)
)
"""Members of which the usage of an answer has one; a total alone is that of a cache or of counting."""
SNAKE_KEYS = frozenset((SNAKE.prompt, *SNAKE.outputs, SNAKE.thoughts, SNAKE.total))

MODALITIES = {name.upper(): name for name in ("text", "image", "audio", "video", "document")}
MODALITY_COUNTS = ("tokenCount", "token_count", "tokens")
NOTHING_KNOWN = (None,) * 4


def counts(usage: object) -> Counts | None:
    """The counts of a usage block; None where there is none.

    Input is the prompt and what tools put into it, output the candidates and the thoughts. A count that is left out is
    0 once any other is there, but a prompt is never empty: without its count the input is not known.
    """
    if usage is None:
        return None
    snake = isinstance(usage, dict) and not SNAKE_KEYS.isdisjoint(usage)
    names, found = (SNAKE if snake else CAMEL), Counts(usage, "usage_metadata" if snake else "usageMetadata")
    prompt, tools, thoughts = found.count(names.prompt), found.count(names.tools), found.count(names.thoughts)
    written = _written(found, names.outputs)
    if prompt is not None:
        found.input = prompt + (tools or 0)
    is_spoilt = written is None and any(found.usage.get(name) is not None for name in names.outputs)
    known = (prompt, thoughts, written, found.count(names.total))
    if not is_spoilt and known != NOTHING_KNOWN:
        found.output = (written or 0) + (thoughts or 0)
    found.part(names.cached, "cached_input", prompt)
    if tools is not None and found.input is not None:
        found.details["tool_input"] = tools
    if thoughts is not None and found.output is not None:
        found.details["reasoning"] = thoughts
    add_modalities(found, names.input_modalities, "{}_input", found.input)
    add_modalities(found, names.cached_modalities, "cached_{}_input", found.details.get("cached_input"))
    add_modalities(found, names.output_modalities, "{}_output", found.output)
    if not _leaves_thoughts_out(found, names, written):
        found.check_total(names.total)
    if found.faults:
        # The total was read twice.
        found.faults = list(dict.fromkeys(found.faults))
    return found


def _leaves_thoughts_out(found: Counts, names: Names, written: int | None) -> bool:
    """Whether this is a Live session's total, which is that of the prompt and the response alone."""
    if found.usage.get(names.outputs[1]) is None or found.input is None or written is None:
        return False
    return found.usage.get(names.total) == found.input + written


def is_embedding(record: Record, body: Mapping[str, object]) -> bool:
    """Whether a body is embeddings of the Gemini API, of its SDK, or of Vertex AI."""
    predictions = body.get("predictions")
    if isinstance(predictions, list):
        return bool(predictions) and _statistics(predictions[0]) is not None
    if "candidates" in body:
        return False
    single, several = body.get("embedding"), body.get("embeddings")
    first = several[0] if isinstance(several, list) and several else single
    if not isinstance(first, dict) or not isinstance(first.get("values"), list):
        return False
    if "usageMetadata" in body or "usage_metadata" in body or _statistics(first) is not None:
        return True
    return record.url is not None and (vendor.place(record.url).provider or "").startswith("gcp.")


def images(body: Mapping[str, object]) -> int:
    """How many images Imagen made; 0 for any other body."""
    predictions = body.get("predictions")
    if not isinstance(predictions, list):
        return 0
    made = [entry for entry in predictions if isinstance(entry, dict) and "bytesBase64Encoded" in entry]
    return len(made) if made and all(str(entry.get("mimeType")).startswith("image/") for entry in made) else 0


def embedding_counts(body: Mapping[str, object], usage: object) -> Counts | None:
    """The input of embeddings, of the usage block or else of the statistics of each; nothing is generated."""
    found = counts(usage) if usage is not None else _statistics_counts(body)
    if found is not None:
        found.output = 0
        found.details = {name: count for name, count in found.details.items() if name in INPUT_DETAILS}
    return found


def model_name(value: object) -> str | None:
    """`models/gemini-2.5-pro` and `projects/…/publishers/google/models/gemini-2.5-pro` → `gemini-2.5-pro`."""
    name = text(value)
    if name is None:
        return None
    prefix, found, rest = name.rpartition("models/")
    return rest if found and rest and (not prefix or prefix.endswith("/")) else name


def _written(found: Counts, outputs: Sequence[str]) -> int | None:
    for name in outputs:
        count = found.count(name)
        if count is not None:
            return count
    return None


def add_modalities(found: Counts, keys: Sequence[str], naming: str, whole: int | None) -> None:
    """Tokens by modality into the details, `naming` with the modality in it being what they are called there.

    All are dropped where they do not fit, for the totals are what is billed.
    """
    sums: dict[str, int] = {}
    for key in keys:
        block = found.usage.get(key)
        if isinstance(block, list):
            for entry in block:
                _add_modality(found, key, entry, sums)
        elif block is not None:
            found.faults.append(f"{found.path}.{key}: expected a list, got {shown(block)}")
    if not sums:
        return
    if whole is None or sum(sums.values()) > whole:
        known = "an unknown number of" if whole is None else whole
        side = naming.format("").strip("_").replace("_", " ").replace("  ", " ")
        found.faults.append(f"{found.path}.{keys[0]}: {sum(sums.values())} do not fit in {known} {side} tokens")
        return
    for modality, count in sums.items():
        name = naming.format(modality)
        if name in DETAILS:
            found.details[name] = count


def _add_modality(found: Counts, key: str, entry: object, sums: dict[str, int]) -> None:
    if not isinstance(entry, dict):
        found.faults.append(f"{found.path}.{key}: expected objects, got {shown(entry)}")
        return
    named = entry.get("modality")
    # `MediaModality.TEXT`, as Python writes its enumerations.
    modality = MODALITIES.get(named.rpartition(".")[2].upper()) if isinstance(named, str) else None
    if modality is None:
        return
    count = next((entry[name] for name in MODALITY_COUNTS if name in entry), None)
    if type(count) is not int or not 0 <= count <= MAX_COUNT:
        inner = Counts({"tokenCount": count}, f"{found.path}.{key}")
        count = inner.count("tokenCount")
        found.faults += inner.faults
    if count is not None:
        sums[modality] = sums.get(modality, 0) + count


def _statistics(entry: object) -> Mapping[str, object] | None:
    """What Vertex AI says of one embedding: in the prediction's `embeddings`, or in the SDK's embedding itself."""
    holder = entry.get("embeddings", entry) if isinstance(entry, dict) else None
    found = holder.get("statistics") if isinstance(holder, dict) else None
    return found if isinstance(found, dict) and ("token_count" in found or "tokenCount" in found) else None


def _statistics_counts(body: Mapping[str, object]) -> Counts | None:
    where = "predictions" if "predictions" in body else "embeddings"
    entries = body.get(where)
    if not isinstance(entries, list) or not entries or _statistics(entries[0]) is None:
        return None
    found, total = Counts(None, where), 0
    for index, entry in enumerate(entries):
        one = Counts(_statistics(entry) or {}, f"{where}[{index}].statistics")
        count = one.count("token_count" if "token_count" in one.usage else "tokenCount")
        if count is None:
            found.faults += one.faults or [f"{one.path}: expected a token count, got none"]
            return found
        total += count
    found.input = total
    return found
