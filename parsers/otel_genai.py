"""OpenTelemetry's GenAI attributes: flat keys of a log line, a dumped span, or OTLP/JSON batches of spans and logs.

Format: https://github.com/open-telemetry/semantic-conventions-genai, deprecated names too. `input_tokens` includes
cached and cache-write tokens and `output_tokens` includes reasoning, by the convention; where an older instrumentation
of Anthropic or Bedrock leaves the cache out, so that the parts cannot fit, they are added. Spans of agents, tools and
workflows repeat the usage of the calls inside them, so they are no calls; of calls inside calls the innermost counts.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import openinference, otlp, recorded
from parsers.base import Call, Record, Several
from parsers.errors import classify
from parsers.otel_nesting import Found, innermost, marks
from parsers.otlp import Told
from parsers.usage import Counts, text

Object = Mapping[str, object]

OPERATIONS = {
    "chat": "chat",
    "responses": "chat",
    "text_completion": "text_completion",
    "completion": "text_completion",
    "embeddings": "embeddings",
    "embedding": "embeddings",
    "generate_content": "generate_content",
    "image_generation": "image_generation",
    "transcription": "transcription",
    "speech": "speech",
    "moderation": "moderation",
    "rerank": "rerank",
}
AROUND_CALLS = frozenset(
    (
        "create_agent",
        "create_memory",
        "execute_tool",
        "invoke_agent",
        "invoke_workflow",
        "plan",
        "retrieval",
        "search_memory",
    )
)
"""Operations that are no call to a model, or that are made of calls with spans of their own."""

MODELS = ("gen_ai.request.model", "gen_ai.response.model")
OF_AGENTS = ("gen_ai.agent.name", "agent_name")
"""On a span without an operation and a model: older versions of Pydantic AI sum up an agent's calls on it."""

FLAT_KEYS = frozenset(
    (
        "gen_ai.operation.name",
        "gen_ai.request.model",
        "gen_ai.response.model",
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.prompt_tokens",
        "gen_ai.usage.completion_tokens",
    )
)
SPAN_KEYS = FLAT_KEYS | {openinference.KIND}
BATCH_KEYS = frozenset(("resourceSpans", "resourceLogs"))
USAGE = "gen_ai.usage."
DETAILS_EVENT = "gen_ai.client.inference.operation.details"
ANSWERED = ("gen_ai.response.model", "gen_ai.response.id", "gen_ai.response.finish_reasons")

INPUT = ("input_tokens", "prompt_tokens")
OUTPUT = ("output_tokens", "completion_tokens")
CACHED = ("cache_read.input_tokens", "cache_read_input_tokens", "cached_tokens")
WRITTEN = (
    "cache_write.input_tokens",
    "cache_creation.input_tokens",
    "cache_creation_input_tokens",
    "cache_write_input_tokens",
)
REASONING = ("reasoning.output_tokens", "reasoning_tokens")
"""The names that one count has had, after `gen_ai.usage.`, the present one first."""

EXPANDED = ("gen_ai", "error", "http", "openai")
"""Where the attributes are that a shipper (Logstash, Filebeat) has made objects of, at each dot."""
LEAVES_CACHE_OUT = frozenset(("anthropic", "aws.bedrock", "gcp.vertex_ai"))


class OTelGenAI:
    """Spans, events and lines by their `gen_ai.…` attributes."""

    name = "otel_genai"
    keys = FLAT_KEYS | BATCH_KEYS | {"attributes", "gen_ai"}

    def matches(self, record: Record) -> bool:
        """Whether the body has such attributes at its top, is OTLP/JSON, or a span with such attributes."""
        body = record.body
        if body is None:
            return False
        if not FLAT_KEYS.isdisjoint(body):
            return True
        if not BATCH_KEYS.isdisjoint(body):
            return any(isinstance(body.get(key), list) for key in BATCH_KEYS)
        if "gen_ai" in body:
            return not FLAT_KEYS.isdisjoint(otlp.dotted(body, EXPANDED))
        if "attributes" not in body or ("startTimeUnixNano" not in body and "context" not in body):
            return False
        return not SPAN_KEYS.isdisjoint(otlp.attributes(body["attributes"]))

    def parse(self, record: Record) -> Call | Several | None:
        """The call of a line or of its one span, the calls of a batch, or None when it tells of none."""
        body = record.body
        if body is None:
            return None
        if not FLAT_KEYS.isdisjoint(body):
            return _call(record, Told(body, event=text(body.get("event.name"))))
        if "gen_ai" in body:
            return _call(record, Told(otlp.dotted(body, EXPANDED)))
        told = list(otlp.told(body))
        found = [
            Found(one, call._replace(span=marks(one, call))) for one in told if (call := _call(record, one)) is not None
        ]
        if "attributes" in body:
            return found[0].call if found else None
        return Several(tuple(innermost(told, found))) if found else None


def _call(record: Record, told: Told) -> Call | None:
    given = openinference.in_gen_ai(told.attributes)
    usage = {key.removeprefix(USAGE): recorded.numeral(value) for key, value in given.items() if key.startswith(USAGE)}
    stated = given.get("gen_ai.operation.name") or given.get("llm.request.type")
    operation = OPERATIONS.get(stated) if isinstance(stated, str) else None
    if not _is_call(told, given, stated, operation, has_usage=any(name in usage for name in INPUT + OUTPUT)):
        return None
    asked, model = text(given.get("gen_ai.request.model")), text(given.get("gen_ai.response.model"))
    provider = recorded.provider(
        record, given.get("gen_ai.provider.name") or given.get("gen_ai.system"), model or asked
    )
    counts = _counts(usage, provider, operation)
    return Call(
        provider=provider,
        operation=operation,
        model=model,
        request_model=asked,
        error_type=_error(record, told, given),
        input_tokens=counts.input,
        output_tokens=counts.output,
        details=counts.details,
        cost_usd=recorded.cost(usage.get("cost")),
        timestamp_ns=told.timestamp_ns,
        duration_seconds=told.duration_seconds,
        time_to_first_token_seconds=_first_token(given),
        response_id=text(given.get("gen_ai.response.id")),
        stream=_stream(given),
        service_tier=text(given.get("openai.response.service_tier"))
        or text(given.get("gen_ai.openai.response.service_tier")),
        finish_reason=_finish_reason(given),
        faults=tuple(counts.faults),
    )


def _is_call(told: Told, given: Object, stated: object, operation: str | None, *, has_usage: bool) -> bool:
    """Whether it is a call to a model, and not something around one, nor the event of one message of it."""
    if isinstance(stated, str) and stated in AROUND_CALLS:
        return False
    if operation is None and any(name in given for name in OF_AGENTS) and not any(name in given for name in MODELS):
        return False
    if told.event is not None and told.event.startswith("gen_ai.") and told.event != DETAILS_EVENT:
        return False
    if has_usage:
        return True
    if operation is None:
        return False
    return told.is_span or told.event is not None or "error.type" in given or any(name in given for name in ANSWERED)


def _counts(usage: Object, provider: str | None, operation: str | None) -> Counts:
    found = Counts(usage, "gen_ai.usage")
    found.input, found.output = _first(found, INPUT), _first(found, OUTPUT)
    if operation == "embeddings" and found.output is None and found.input is not None:
        found.output = 0
    _add_cache(found, provider)
    for names, name, whole in (
        (CACHED, "cached_input", found.input),
        (WRITTEN, "cache_write", found.input),
        (REASONING, "reasoning", found.output),
    ):
        key = next((key for key in names if usage.get(key) is not None), None)
        if key is not None:
            found.part(key, name, whole)
    found.drop_overlaps(found.path, ("cached_input",), found.input or 0)
    found.check_total("total_tokens")
    return found


def _first(found: Counts, names: tuple[str, ...]) -> int | None:
    return next((found.count(name) for name in names if found.usage.get(name) is not None), None)


def _add_cache(found: Counts, provider: str | None) -> None:
    """Make the input include the cache where it cannot do so yet."""
    if found.input is None or provider not in LEAVES_CACHE_OUT:
        return
    cache = 0
    for names in (CACHED, WRITTEN):
        value = next((found.usage[key] for key in names if found.usage.get(key) is not None), 0)
        cache += value if type(value) is int and 0 < value < 10**9 else 0
    total = found.usage.get("total_tokens")
    is_beside = type(total) is int and total == found.input + cache + (found.output or 0)
    if cache > found.input or (cache and is_beside):
        found.input += cache


def _error(record: Record, told: Told, given: Object) -> str | None:
    status = record.status
    if status is None or status < 400:
        stated = recorded.numeral(given.get("http.response.status_code"))
        status = stated if type(stated) is int else status
    kind = given.get("error.type") or None
    if kind is None and not told.failed and (status is None or status < 400):
        return None
    if kind is None or kind == "_OTHER":
        kind = told.exception
    message = told.message or given.get("error.message") or given.get("exception.message")
    return classify(status, kind, kind, message)


def _first_token(given: Object) -> float | None:
    for name, per_second in (
        ("gen_ai.response.time_to_first_chunk", 1),
        ("gen_ai.latency.time_to_first_token", 1),
        ("ai.response.msToFirstChunk", 1000),
    ):
        found = recorded.seconds(given.get(name), per_second)
        if found is not None:
            return found
    return None


def _stream(given: Object) -> bool | None:
    for name in ("gen_ai.request.stream", "gen_ai.is_streaming", "llm.is_streaming"):
        if isinstance(given.get(name), bool):
            return given[name] is True
    return None


def _finish_reason(given: Object) -> str | None:
    reasons = given.get("gen_ai.response.finish_reasons")
    return text(reasons[0]) if isinstance(reasons, list) and reasons else text(reasons)
