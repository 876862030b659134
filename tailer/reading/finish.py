"""What the parsers found and what surrounded it become one call: the wrapper's explicit values win."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from parsers.base import PROVIDERS as KNOWN
from parsers.base import Call, Record, Stage
from tailer.reading.answer import Object, named_beside
from tailer.reading.chunk import Reading
from tailer.reading.surroundings import Surroundings
from tailer.reading.times import timestamp_ns

MAX_NAME_CHARS = 512
"""Of a model's name; what is longer is no name, and open calls keep it."""
ID_HEADERS = ("x-request-id", "request-id", "apim-request-id", "x-amzn-requestid")
BY_PARSER = {
    "anthropic": "anthropic", "azure": "azure.ai.openai", "bedrock": "aws.bedrock", "cohere": "cohere",
    "deepseek": "deepseek", "gemini": "gcp.gemini", "groq": "groq", "mistral": "mistral_ai", "ollama": "ollama",
    "openai": "openai", "openrouter": "openrouter", "together": "together", "vertex": "gcp.vertex_ai", "vllm": "vllm",
    "xai": "x_ai",
}  # fmt: skip
"""The provider of a call whose parser failed, by the first word of the parser's name."""

MAX_COST_USD = 100_000.0
"""What one call may be said to have cost: a thousand times the dearest there is."""

FIRST, LAST = Call._fields.index("cost_usd"), Call._fields.index("request_id") + 1
SUPPLIED = ("cost_usd", "timestamp_ns", "duration_seconds", "time_to_first_token_seconds", "request_id")
if Call._fields[FIRST:LAST] != SUPPLIED:
    raise ImportError(f"parsers.base.Call: expected the fields {SUPPLIED} side by side")


def finished(call: Call, around: Surroundings, headers: Mapping[str, str], timestamp: int | None) -> Call:
    """The call with what surrounds it: its duration beats the body's own, the parser's cost and time beat the line's.

    A body rarely has a time of its own; a span's is when the call was over, the line's when the batch was written.
    """
    request_id = around.request_id
    if request_id is None and headers:
        request_id = request_id_in(headers)
    duration, first_token = around.duration_seconds, around.time_to_first_token_seconds
    return supplied(call, around.cost_usd, timestamp, duration, first_token, request_id)


def supplied(  # noqa: PLR0913, PLR0917  # once for each line, of what is at hand there
    call: Call,
    cost: float | None,
    timestamp: int | None,
    duration: float | None,
    first_token: float | None,
    request_id: str | None,
) -> Call:
    """As `finished`, from the five values of `SUPPLIED` beside the call."""
    _, own_time, own_duration, own_first, own_id = call[FIRST:LAST]
    model, asked = call.model, call.request_model
    if (model is not None and len(model) > MAX_NAME_CHARS) or (asked is not None and len(asked) > MAX_NAME_CHARS):
        call = call._replace(model=model and model[:MAX_NAME_CHARS], request_model=asked and asked[:MAX_NAME_CHARS])
    if call.cost_usd is not None:
        cost = call.cost_usd
    if cost is not None and cost > MAX_COST_USD:
        call = call._replace(faults=(*call.faults, f"cost: {cost:g} USD for one call is not believed"))
        cost = None
    values = (
        cost,
        timestamp if own_time is None else own_time,
        own_duration if duration is None else duration,
        own_first if first_token is None else first_token,
        own_id if request_id is None else request_id,
    )
    return tuple.__new__(Call, call[:FIRST] + values + call[LAST:])


def finished_all(
    calls: tuple[Call, ...], around: Surroundings, headers: Mapping[str, str], timestamp: int | None
) -> tuple[Call, ...]:
    """The calls of a line that tells of several: what it says of all of them together is counted once.

    Its cost is the first's, and the others' is in it; where one has a cost of its own, it says nothing. Its durations
    are the first's, unless that has its own.
    """
    first, *others = calls
    shared = msgspec.structs.replace(around, cost_usd=None, duration_seconds=None, time_to_first_token_seconds=None)
    if around.cost_usd is not None and all(call.cost_usd is None for call in calls):
        first = first._replace(cost_usd=around.cost_usd)
        others = [call._replace(cost_usd=0.0) for call in others]
    if first.duration_seconds is None:
        first = first._replace(duration_seconds=around.duration_seconds)
    if first.time_to_first_token_seconds is None:
        first = first._replace(time_to_first_token_seconds=around.time_to_first_token_seconds)
    return tuple([finished(call, shared, headers, timestamp) for call in (first, *others)])


def request_id_in(headers: Mapping[str, str]) -> str | None:
    """The provider's id of the request, of the headers that carry one."""
    for name in ID_HEADERS:
        value = headers.get(name)
        if value:
            return value
    return None


def created_ns(levels: Iterable[Mapping[str, object]]) -> int | None:
    """When a line or its body says that it was created: the last resort where no level has a time of its own."""
    for level in levels:
        for holder in (level, level.get("response")):
            if type(holder) is dict:
                created = holder.get("created")
                found = timestamp_ns(holder.get("created_at") if created is None else created)
                if found is not None:
                    return found
    return None


def with_model_beside(call: Call, levels: tuple[Object, ...]) -> Call:
    """A failed call with the model that the line around the error names: the error itself names none."""
    if call.model is not None or call.request_model is not None:
        return call
    return call._replace(model=next((name for level in levels if (name := named_beside(level)) is not None), None))


def broken_call(parser: str, record: Record, fault: str) -> Call:
    """The call of a body whose usage is beyond belief: counted, with nothing of its usage."""
    return Call(
        provider=record.provider if record.provider in KNOWN else BY_PARSER.get(parser.split("_", 1)[0]),
        model=_name(record.body),
        request_model=_name(record.request),
        faults=(fault,),
    )


def _name(body: Mapping[str, object] | None) -> str | None:
    model = body.get("model") if body is not None else None
    return model[:MAX_NAME_CHARS] if type(model) is str and model else None


def join_key(  # noqa: PLR0913  # as above
    call: Call, stage: Stage | None, request_id: str | None, span_id: str | None, trace_id: str | None, *, asked: bool
) -> str | None:
    """What this line shares with the other lines of its call, None when nothing is sure to.

    `asked`: the line holds its request too. Only parts and halves of a call (a request, a piece, an answer without its
    request) are joined by span or trace, which other calls may share: those are told apart by the response's id.
    """
    if request_id is not None:
        return request_id
    if stage is not None or (not asked and call.request_model is None):
        shared = trace_id if span_id is None else span_id
        if shared is not None:
            return shared
    # The first event of a stream may be the only one that has an id: alone it is joined by that.
    return call.response_id if stage not in (None, Stage.REQUEST) else None


def of_cut_json(reading: Reading) -> Reading:
    """A line whose JSON was cut: if it still tells of a call that is counted, all else of it is as good as unread."""
    if reading.call is None or reading.stage not in (None, Stage.LAST):
        return replace(reading, outcome="bad_json", call=None, stage=None, join_key=None, parser=None, more=())
    return faulty(reading, reading.warnings[:1])


def faulty(reading: Reading, faults: tuple[str, ...]) -> Reading:
    """The reading of a call of which not all can be believed."""
    assert reading.call is not None  # noqa: S101  # only asked for of a call
    return replace(reading, outcome="bad_usage", call=reading.call._replace(faults=(*reading.call.faults, *faults)))
