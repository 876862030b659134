"""LangChain's results as callbacks, messages and LangSmith runs dump them; each call is counted once.

Format: https://reference.langchain.com/python/langchain_core/outputs/. A result repeats its usage up to three times, as
`usage_metadata` of the message, `token_usage` in its `response_metadata` and in `llm_output`: the first that is there
is read. `input_tokens` of `usage_metadata` includes the cache, `output_tokens` includes reasoning; the other two are
in the provider's own words. Chunks logged one by one are joined by the run's id; Google's count what each adds, so
their usage is not known.
"""

from __future__ import annotations

from parsers import langchain_usage as usage
from parsers import recorded
from parsers.base import NO_COUNTS, Call, Part, Record, Several, Stage
from parsers.errors import classify, failure_by_status
from parsers.langchain_usage import NOTHING, Object, mapping
from parsers.usage import text

MESSAGES = frozenset(("ai", "AIMessage"))
CHUNK = "AIMessageChunk"
RUNS = frozenset(("llm", "chat_model"))
GENERATION = frozenset(("message", "generation_info", "generationInfo"))
ENDS = frozenset(("on_chat_model_end", "on_llm_end"))
"""Of the events of a streamed run only these are counted: chunks before them and chains after them repeat them."""
FINISH = ("finish_reason", "stop_reason", "done_reason", "stopReason")


class LangChain:
    """`LLMResult`, `AIMessage`, the end of a streamed event, a LangSmith run of a model."""

    name = "langchain"
    keys = frozenset(("generations", "response_metadata", "lc", "run_type", "run_id"))

    def matches(self, record: Record) -> bool:
        """Whether the body is one of these; runs of chains and tools repeat the usage of the models they ran."""
        body = record.body
        if body is None:
            return False
        if "run_type" in body:
            return body["run_type"] in RUNS if isinstance(body["run_type"], str) else False
        if "run_id" in body and "data" in body:
            return body.get("event") in ENDS if isinstance(body.get("event"), str) else False
        if "generations" in body:
            return bool(_groups(body))
        message = _message(body)
        return "response_metadata" in message and message.get("type") in (*MESSAGES, CHUNK)

    def parse(self, record: Record) -> Call | Part | Several | None:
        """A call, one for each prompt of a batch that has its own usage, or a part of a stream."""
        body = record.body or NOTHING
        if "run_type" in body:
            return _run(record, body)
        if "run_id" in body and "data" in body:
            return _event(record, body)
        if "generations" in body:
            return _result(record, body)
        message = _message(body)
        if message.get("type") == CHUNK:
            return _chunk(record, message)
        return _call(record, message, NOTHING)


def _result(record: Record, body: Object) -> Call | Several:
    """One call for each prompt whose messages have usage of their own, else one for the whole result."""
    output = _output(body)
    leaders = [_leader(group) for group in _groups(body)]
    apart = [leader for leader in leaders if isinstance(leader.get("usage_metadata"), dict)]
    if len(apart) == len(leaders) > 1:
        return Several(tuple(_call(record, leader, NOTHING) for leader in leaders))
    return _call(record, next(iter(apart or leaders), NOTHING), output)


def _output(result: Object) -> Object:
    return mapping(result.get("llm_output") or result.get("llmOutput"))


def _groups(body: Object) -> list[list[object]]:
    """The generations, one list for each prompt; a single prompt's may stand without the outer list."""
    found = body.get("generations")
    if not isinstance(found, list):
        return []
    lists = [group for group in found if isinstance(group, list) and group]
    if lists:
        return lists
    # Cohere's generations are texts without either.
    is_own = any(isinstance(member, dict) and not GENERATION.isdisjoint(member) for member in found)
    return [found] if is_own else []


def _leader(group: list[object]) -> Object:
    """The message that stands for a prompt: its candidates all carry the usage of the one request."""
    first: Object | None = None
    for generation in group:
        if not isinstance(generation, dict):
            continue
        message = _message(mapping(generation.get("message")))
        if not message:
            message = {
                "response_metadata": mapping(generation.get("generation_info") or generation.get("generationInfo"))
            }
        if isinstance(message.get("usage_metadata"), dict):
            return message
        first = message if first is None else first
    return first or NOTHING


def _message(value: Object) -> Object:
    """A message as it is, or out of LangChain's serialised form."""
    if "lc" in value and isinstance(value.get("kwargs"), dict):
        name = value.get("id")
        kind = name[-1] if isinstance(name, list) and name else None
        return {"type": kind, **mapping(value["kwargs"])}
    return value


def _call(record: Record, message: Object, output: Object, asked: Object = NOTHING) -> Call:
    told = mapping(message.get("response_metadata"))
    counts = usage.counts(message, told, output)
    model = usage.model(told) or usage.model(output)
    wanted = text(asked.get("ls_model_name")) or text(mapping(record.request).get("model"))
    provider = told.get("model_provider") or asked.get("ls_provider")
    return Call(
        provider=recorded.provider(record, provider, model or wanted),
        operation="chat" if "type" in message else "text_completion",
        model=model,
        request_model=wanted,
        error_type=failure_by_status(record.status),
        input_tokens=counts.input if counts else None,
        output_tokens=counts.output if counts else None,
        details=counts.details if counts else NO_COUNTS,
        response_id=text(told.get("id")) or text(output.get("id")) or text(message.get("id")),
        service_tier=text(told.get("service_tier")),
        finish_reason=_finish(told),
        faults=tuple(counts.faults) if counts else (),
    )


def _chunk(record: Record, message: Object) -> Part:
    """A chunk on its own. Anthropic's first has the input and its last the output, each with a 0 for the other."""
    made = _call(record, message, NOTHING)._replace(stream=True, response_id=text(message.get("id")))
    told = mapping(message.get("response_metadata"))
    if usage.counts_what_it_adds(message, told):
        made = made._replace(input_tokens=None, output_tokens=None, details=NO_COUNTS)
    given, output = made.input_tokens or None, made.output_tokens or None
    known = {name: n for name, n in made.details.items() if (output if name in usage.OUTPUT_NAMES else given)}
    made = made._replace(input_tokens=given, output_tokens=output, details=known)
    if message.get("chunk_position") == "last" or (given and output) or (output and made.finish_reason):
        return Part(Stage.LAST, made)
    return Part(Stage.FINISHED if made.finish_reason else Stage.PIECE, made)


def _event(record: Record, body: Object) -> Call | None:
    """The end of a model's part of a streamed run."""
    output = mapping(mapping(body.get("data")).get("output"))
    groups = _groups(output)
    leader = _leader(groups[0]) if groups else _message(output)
    if not leader:
        return None
    return _call(record, leader, _output(output), mapping(body.get("metadata")))


def _run(record: Record, body: Object) -> Call | Several | None:
    """A LangSmith run of a model: the result of its outputs, the names in its metadata, its own times and error."""
    asked = mapping(mapping(body.get("extra")).get("metadata"))
    outputs = mapping(body.get("outputs"))
    groups = _groups(outputs)
    leader = _leader(groups[0]) if groups else _message(mapping(outputs.get("message") or outputs.get("output")))
    made = _call(record, leader, _output(outputs), asked)
    error = body.get("error")
    if error and made.error_type is None:
        made = made._replace(error_type=_failure(record, error))
    elif not outputs and made.error_type is None:
        # The run has only begun: a later line has its end.
        return None
    return made._replace(operation="chat", response_id=made.response_id or text(body.get("id")))


def _failure(record: Record, error: object) -> str:
    """`RateLimitError('Error code: 429 - …')\\n\\nTraceback …`: the class stands first."""
    name = error.partition("(")[0].strip() if isinstance(error, str) else None
    return classify(record.status, name, name, error)


def _finish(told: Object) -> str | None:
    return next((found for name in FINISH if (found := text(told.get(name))) is not None), None)
