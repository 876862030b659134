"""Cohere v1 and v2: chat with its stream events, embed, rerank, classify, and the errors of all.

Formats: https://docs.cohere.com/reference/chat, /embed, /rerank, /classify and https://docs.cohere.com/v1/reference.
`billed_units` are what is paid for and are taken before `tokens`, which count the prompt as the model saw it; output
includes reasoning. `cached_tokens` belongs to `tokens` and can exceed what is billed: it is cut to the billed input.
Numbers are floats. No answer names its model.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import cohere_typical, vendor
from parsers import openai_family as family
from parsers.base import NO_COUNTS, NO_UNITS, Call, Part, Record, Stage
from parsers.errors import classify, failure_by_status
from parsers.limits import rate_limit
from parsers.typical import Typical
from parsers.usage import MAX_COUNT, Counts, shown, text

Body = Mapping[str, object]

BLOCKS = ("billed_units", "tokens")
UNITS = {"search_units": "searches", "images": "images", "classifications": "classifications"}
"""What Cohere bills beside tokens → its name in `Call.units`."""

OPERATIONS = (
    ("embeddings", "embeddings"),
    ("results", "rerank"),
    ("classifications", "classification"),
    ("generations", "text_completion"),
)
"""The member that holds the answer → the operation; a chat has none of these."""

FAILURES = {
    "ERROR": "server_error",
    "ERROR_TOXIC": "content_filter",
    "ERROR_LIMIT": "context_length",
    "TIMEOUT": "timeout",
    "USER_CANCEL": "cancelled",
}
"""Finish reasons that are errors though the status is 200."""

ENDING = "message-end"
DELTAS = frozenset((
    "message-start", "content-start", "content-delta", "content-end", "tool-plan-delta", "tool-call-start",
    "tool-call-delta", "tool-call-end", "citation-start", "citation-end",
))  # fmt: skip
"""v2's events without usage."""

ENDING_V1 = "stream-end"
DELTAS_V1 = frozenset((
    "stream-start", "text-generation", "citation-generation", "search-queries-generation", "search-results",
    "tool-calls-generation", "tool-calls-chunk",
))  # fmt: skip
IDS = ("generation_id", "response_id", "id")
"""v1's first event has only the generation's id, so that it comes first."""


class Cohere:
    """Cohere by its blocks of billed units and tokens, by its stream events, by an error on a line that names it."""

    name = "cohere"
    keys = frozenset(("usage", "meta", "type", "event_type"))

    def typical(self, body: Body) -> Typical | None:
        """How to read the usual bodies with these keys."""
        return cohere_typical.form(self, body)

    def matches(self, record: Record) -> bool:
        """Whether the body is an answer, an event or a failure of Cohere."""
        body = record.body
        if body is None:
            return False
        if _block(body) is not None or _event(body) is not None:
            return True
        failed = record.status is not None and record.status >= 400
        return failed and isinstance(body.get("message"), str) and vendor.hinted(record) == "cohere"

    def parse(self, record: Record) -> Call | Part | None:
        """A body is a call, an event a part. v2's events share no id: that of the line joins them."""
        body = record.body
        if body is None:
            return None
        kind = _event(body)
        if kind is None:
            return _call(record, body, stream=family.streamed(record))
        inner = body.get("delta" if kind in DELTAS or kind == ENDING else "response")
        held = {**body, **inner} if isinstance(inner, dict) else body
        made = _call(record, held, stream=True)
        if kind in DELTAS:
            # Only the first event has the id: joined by it, the stream would be a call that never ends.
            made = made._replace(response_id=None)
        return Part(Stage.LAST if kind in (ENDING, ENDING_V1) else Stage.PIECE, made)


def _call(record: Record, body: Body, *, stream: bool) -> Call:
    where = _block(body)
    block = body[where] if where is not None else None
    operation = _operation(record, body)
    found = _counts(block, where or "usage", operation)
    finish = text(body.get("finish_reason"))
    asked = family.request_model(record)
    return Call(
        provider=vendor.provider(record, asked, "cohere"),
        operation=operation,
        request_model=asked,
        error_type=_failure(record, body, finish),
        input_tokens=found.input if found else None,
        output_tokens=found.output if found else None,
        details=found.details if found else NO_COUNTS,
        units=_units(block, where or "usage", found) if found else NO_UNITS,
        response_id=next((name for key in IDS if (name := text(body.get(key))) is not None), None),
        stream=stream,
        rate_limit=rate_limit(record.headers, record.timestamp_ns) if record.headers else NO_UNITS,
        finish_reason=finish,
        faults=tuple(found.faults) if found else (),
    )


def _block(body: Body) -> str | None:
    """Under which key the body has Cohere's usage: `usage` in v2's chat, `meta` everywhere else."""
    for key in ("usage", "meta"):
        block = body.get(key)
        if isinstance(block, dict) and any(isinstance(block.get(name), dict) for name in BLOCKS):
            return key
    return None


def _event(body: Body) -> str | None:
    """The kind of a stream event; an application may name its own events so, hence the second look."""
    kind = body.get("type")
    if isinstance(kind, str) and (kind == ENDING or kind in DELTAS):
        delta = body.get("delta")
        if isinstance(delta, dict):
            return kind if "message" in delta or "usage" in delta or "finish_reason" in delta else None
        return kind if kind == "content-end" and "index" in body else None
    kind = body.get("event_type")
    if isinstance(kind, str) and (kind == ENDING_V1 or kind in DELTAS_V1):
        return kind if isinstance(body.get("is_finished"), bool) else None
    return None


def _operation(record: Record, body: Body) -> str:
    for key, operation in OPERATIONS:
        if isinstance(body.get(key), (list, dict)):
            return operation
    return (vendor.place(record.url).operation if record.url else None) or "chat"


def _counts(block: object, where: str, operation: str) -> Counts | None:
    """The billed counts, for what is not billed in tokens those of `tokens`; None without a block."""
    if not isinstance(block, dict):
        return None
    billed = Counts(block.get("billed_units"), f"{where}.billed_units")
    seen = Counts(block.get("tokens"), f"{where}.tokens")
    found = Counts(None, where)
    found.input, found.output = billed.count("input_tokens"), billed.count("output_tokens")
    images = billed.count("image_tokens")
    if images is not None and (found.input is not None or "input_tokens" not in billed.usage):
        found.input = (found.input or 0) + images
        found.details["image_input"] = images
    seen_input, seen_output = seen.count("input_tokens"), seen.count("output_tokens")
    if found.input is None:
        found.input = seen_input
    if found.output is None:
        found.output = 0 if operation == "embeddings" and found.input is not None else seen_output
    _cached(found, block, where, seen_input)
    found.faults += [*billed.faults, *seen.faults]
    return found


def _cached(found: Counts, block: Body, where: str, seen_input: int | None) -> None:
    cached = Counts({"cached_tokens": block.get("cached_tokens")}, where)
    count = cached.count("cached_tokens")
    found.faults += cached.faults
    if count is None or found.input is None:
        return
    whole = found.input if seen_input is None else max(seen_input, found.input)
    if count > whole:
        found.faults.append(f"{where}.cached_tokens: {count} does not fit in {whole} input tokens")
    else:
        found.details["cached_input"] = min(count, found.input)


def _units(block: object, where: str, found: Counts) -> Mapping[str, float]:
    billed = block.get("billed_units") if isinstance(block, dict) else None
    units: dict[str, float] = {}
    for key, name in UNITS.items():
        value = billed.get(key) if isinstance(billed, dict) else None
        if value is None:
            continue
        if type(value) in (int, float) and 0 <= value <= MAX_COUNT:
            units[name] = value
        else:
            found.faults.append(f"{where}.billed_units.{key}: expected an amount, got {shown(value)}")
    return units or NO_UNITS


def _failure(record: Record, body: Body, finish: str | None) -> str | None:
    if record.status is not None and record.status >= 400:
        return classify(record.status, None, None, body.get("message"))
    if finish is not None and finish.upper() in FAILURES:
        return FAILURES[finish.upper()]
    return failure_by_status(record.status)
