"""What the OpenAI-shaped APIs share: counts, failures, chunks, common fields; it recognises no body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from parsers import errors, vendor
from parsers.base import NO_COUNTS, NO_UNITS, Call, Part, Record, Stage
from parsers.limits import rate_limit
from parsers.openai_vendors import BY_VENDOR, NOTHING_MORE, extra
from parsers.usage import MAX_COUNT, Counts, text


class Names(NamedTuple):
    """What one API calls its counts."""

    input: str
    output: str
    input_details: str
    output_details: str


CHAT = Names("prompt_tokens", "completion_tokens", "prompt_tokens_details", "completion_tokens_details")
RESPONSES = Names("input_tokens", "output_tokens", "input_tokens_details", "output_tokens_details")

EMBEDDINGS = Names("prompt_tokens", "", "prompt_tokens_details", "")
"""No name for the output: nothing is generated, so it is known to be 0."""

INPUT_PARTS = {
    "cached_tokens": "cached_input",
    "cache_write_tokens": "cache_write",
    "audio_tokens": "audio_input",
    "image_tokens": "image_input",
    "video_tokens": "video_input",
    "text_tokens": "text_input",
}
OUTPUT_PARTS = {
    "reasoning_tokens": "reasoning",
    "audio_tokens": "audio_output",
    "image_tokens": "image_output",
    "text_tokens": "text_output",
    "accepted_prediction_tokens": "accepted_prediction",
    "rejected_prediction_tokens": "rejected_prediction",
}
FLAT_CACHED = ("cached_tokens", "prompt_cache_hit_tokens", "num_cached_tokens")
"""Where OpenAI-compatible vendors put the cached input when they have no details block."""

REASONING_IS_ADDED = frozenset(("x_ai",))
"""Vendors whose Chat Completions count reasoning beside `completion_tokens`, not in it."""


THOUGHTS_ARE_UNTOLD = frozenset(("gcp.gemini", "gcp.vertex_ai"))
"""Whose models, behind the Chat Completions of Google and of gateways, count thoughts in the total alone, and bill them
as output: https://github.com/mozilla-ai/any-llm/issues/1290."""

NO_RESOURCE = "insufficient_system_resource"
"""Why DeepSeek stopped where its servers were too busy to go on."""

GROQ_NO_CAPACITY = 498
"""Groq's status for a flex tier without room; of others, Cohere's, it is a bad token."""


def mapping(value: object) -> Mapping[str, object] | None:
    """A decoded JSON object, or None."""
    return value if isinstance(value, dict) else None


def counts(usage: object, names: Names, provider: str | None) -> Counts | None:
    """The counts of a usage block; None where there is no block, which is not the same as an empty one."""
    if usage is None:
        return None
    found = Counts(usage)
    found.input = whole = found.count(names.input)
    found.parts(names.input_details, INPUT_PARTS, whole)
    if names.output:
        found.output = found.count(names.output)
        _add_reasoning(found, names, provider)
        found.parts(names.output_details, OUTPUT_PARTS, found.output)
    else:
        found.output = 0
    if "cached_input" not in found.details:
        _flat_cached(found)
    if "connector_tokens" in found.usage:
        _add_connectors(found)
    if not found.usage.get("prompt_audio_seconds"):
        # Mistral's total has the audio's tokens, which are billed by the second and in no other count.
        found.check_total("total_tokens")
    return found


def _add_connectors(found: Counts) -> None:
    """Mistral counts what its tools put into the prompt beside `prompt_tokens`, and bills it as input."""
    connected = found.count("connector_tokens")
    if connected and found.input is not None:
        found.input += connected
        found.details["tool_input"] = connected


def _add_reasoning(found: Counts, names: Names, provider: str | None) -> None:
    """Make output include reasoning where the vendor's own total, or the vendor itself, says that it does not yet."""
    output = found.output
    total = found.usage.get("total_tokens")
    if output is None:
        return
    beyond = total - found.input - output if type(total) is int and found.input is not None else None
    if beyond == 0:
        return
    block = found.usage.get(names.output_details)
    reasoning = block.get("reasoning_tokens") if isinstance(block, dict) else None
    if type(reasoning) is int and reasoning > 0:
        # The total decides, whoever sent it: a proxy may have put the sum right already.
        if beyond == reasoning or (beyond is None and names is CHAT and provider in REASONING_IS_ADDED):
            found.output = output + reasoning
    elif beyond is not None and 0 < beyond <= MAX_COUNT and not reasoning and provider in THOUGHTS_ARE_UNTOLD:
        found.output = output + beyond
        found.details["reasoning"] = beyond


def _flat_cached(found: Counts) -> None:
    for key in FLAT_CACHED:
        if key in found.usage:
            found.part(key, "cached_input", found.input)
            return


def failure(record: Record, error: object) -> str | None:
    """The error type of an answer with this `error` value, or None for a success. `error: null` is no error."""
    if record.status == GROQ_NO_CAPACITY and vendor.hinted(record) == "groq":
        return "overloaded"
    return errors.failure(record.status, error)


def finish_reason(body: Mapping[str, object]) -> str | None:
    """Why the first finished choice ended; None while none has."""
    choices = body.get("choices")
    if isinstance(choices, list):
        for choice in choices:
            if isinstance(choice, dict):
                reason = choice.get("finish_reason")
                if reason and isinstance(reason, str):
                    return reason
    return None


def ending_error(body: Mapping[str, object], finish: str | None) -> object:
    """The error of an answer whose own status is 200 but which failed; None where the reason to stop is no failure."""
    if finish == NO_RESOURCE:
        return {"type": "overloaded"}
    return _choice_error(body) if finish == "error" else None


def _choice_error(body: Mapping[str, object]) -> object:
    """OpenRouter's error of a choice, where it ended with one."""
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return (first.get("error") if isinstance(first, dict) else None) or {"message": "error"}


def request_model(record: Record) -> str | None:
    """The model that was asked for: in the request, else Azure's deployment in the URL, else in a header of either."""
    if record.request is not None:
        model = text(record.request.get("model"))
        if model is not None:
            return model
    if record.url:
        deployment = vendor.place(record.url).deployment
        if deployment is not None:
            return deployment
    if not record.headers:
        return None
    return text(record.headers.get("x-ms-deployment-name")) or text(record.headers.get("openai-model"))


def streamed(record: Record) -> bool:
    """Whether the request asked for a stream; a whole body without a request was none."""
    return record.request is not None and record.request.get("stream") is True


def call(  # noqa: PLR0913 - each argument is a field that the APIs hold in different places
    record: Record,
    body: Mapping[str, object],
    operation: str,
    names: Names,
    *,
    usage: object,
    error: object,
    finish: str | None,
    stream: bool,
    default: str | None = "openai",
) -> Call:
    """A call from what the family's APIs have in common. `body` is the object that holds id and model."""
    model = text(body.get("model"))
    asked = request_model(record)
    provider = vendor.provider(record, model or asked, default)
    found = counts(usage, names, provider)
    more = extra(found, provider) if found is not None and provider in BY_VENDOR else NOTHING_MORE
    return Call(
        provider=provider,
        operation=operation,
        model=model,
        request_model=asked,
        error_type=failure(record, error),
        input_tokens=found.input if found else None,
        output_tokens=found.output if found else None,
        details=found.details if found else NO_COUNTS,
        units=more.units,
        cost_usd=more.cost_usd,
        duration_seconds=more.duration_seconds,
        response_id=text(body.get("id")),
        stream=stream,
        service_tier=text(body.get("service_tier")),
        rate_limit=rate_limit(record.headers, record.timestamp_ns) if record.headers else NO_UNITS,
        finish_reason=finish,
        faults=tuple(found.faults) if found and found.faults else (),
    )


def chunk(record: Record, body: Mapping[str, object], operation: str) -> Part:
    """One chunk of a Chat or legacy Completions stream. Usage on it is cumulative, so an intermediate one is kept."""
    usage = body.get("usage")
    error = body.get("error")
    if "x_groq" in body:
        own = mapping(body["x_groq"]) or {}
        usage = own.get("usage") if usage is None else usage
        error = own.get("error") if error is None else error
    finish = finish_reason(body)
    if error is None:
        error = ending_error(body, finish)
    made = call(record, body, operation, CHAT, usage=usage, error=error, finish=finish, stream=True)
    if made.error_type is not None:
        return Part(Stage.LAST, made)
    if usage is None:
        return Part(Stage.FINISHED if finish else Stage.PIECE, made)
    # Without a choice only the usage chunk is left; with one, usage is final once the choice is.
    return Part(Stage.LAST if finish or not body.get("choices") else Stage.PIECE, made)


def is_embedding_usage(record: Record, usage: Mapping[str, object]) -> bool:
    """Whether a usage block without its body is an embedding's: no output, and model or URL say so."""
    if "completion_tokens" in usage or "prompt_tokens" not in usage:
        return False
    model = text(record.body.get("model")) if record.body else None
    if "embed" in (model or request_model(record) or ""):
        return True
    return record.url is not None and vendor.place(record.url).operation == "embeddings"
