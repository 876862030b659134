"""LangChain repeats a usage up to three times; whatever it dumps, a call is counted once."""

from __future__ import annotations

import pytest

from parsers.base import Call, Part, Record, Several
from parsers.langchain import LangChain
from tailer.meter.prices import Prices
from tailer.reading.overlay import overlay
from tests.parsers.examples_langchain import (
    ANTHROPIC,
    ANTHROPIC_CALL,
    CALL,
    TOKEN_USAGE,
    USAGE,
    chunk,
    event,
    generation,
    message,
    result,
    run,
    serialised,
    tokens,
)
from tests.reading.lines import TIME, read, text

PARSER = LangChain()


def parsed(body: dict[str, object]) -> Call:
    call = PARSER.parse(Record(body))
    assert isinstance(call, Call)
    return call


LINES: dict[str, object] = {
    "result": result(),
    "message": message(),
    "callback": {"event": "on_llm_end", "timestamp": TIME, "run_id": "2f1c", "response": result(), "duration": 1.5},
    "structlog": {"event": "llm_end", "timestamp": TIME, "level": "info", "response": message()},
    "pino": {"level": 30, "time": 1795194007123, "msg": "done", "response": serialised(message())},
    "text": {"level": "info", "message": text(result()), "timestamp": TIME},
    "response as text": {"ts": TIME, "response": text(result())},
    "docker": {"log": text({"ts": TIME, "response": result()}) + "\n", "stream": "stdout", "time": TIME},
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_a_dump_is_one_call_in_every_wrapper(line: object) -> None:
    reading = read(line)
    assert (reading.outcome, reading.parser, reading.warnings, reading.more) == ("call", "langchain", (), ())
    assert reading.call is not None
    assert reading.call._replace(timestamp_ns=None, duration_seconds=None) == CALL


def test_each_prompt_of_a_batch_is_a_call() -> None:
    found = PARSER.parse(Record(result([generation()], [generation(ANTHROPIC)])))
    assert found == Several((CALL, ANTHROPIC_CALL))


def test_candidates_of_one_prompt_share_one_usage() -> None:
    assert parsed(result([generation(), generation(), generation()])) == CALL


@pytest.mark.parametrize(
    "body",
    [
        result([generation(message(usage_metadata=None))]),
        result([generation(message(usage_metadata=None, response_metadata={"model_name": "gpt-4o-2024-08-06"}))]),
        message(usage_metadata=None),
    ],
)
def test_the_usage_is_found_in_whichever_place_has_it(body: dict[str, object]) -> None:
    call = parsed(body)
    assert (call.input_tokens, call.output_tokens, call.details["cached_input"]) == (1523, 212, 1024)


def test_anthropics_own_words_leave_the_cache_out() -> None:
    told = {"model": "claude-haiku-4-5", "usage": {"input_tokens": 30, "cache_read_input_tokens": 3000}}
    call = parsed(message(usage_metadata=None, response_metadata=told))
    assert (call.input_tokens, call.details) == (3030, {"cached_input": 3000})


def test_the_words_of_langchain_for_javascript_are_known() -> None:
    output = {"tokenUsage": {"promptTokens": 10, "completionTokens": 4, "totalTokens": 14}}
    line = {"generations": [[{"text": "Paris.", "generationInfo": {"finish_reason": "stop"}}]], "llmOutput": output}
    call = read({"level": "info", "msg": "done", "response": line}).call
    assert call is not None
    assert (call.input_tokens, call.output_tokens, call.finish_reason) == (10, 4, "stop")


def test_coheres_generations_are_not_langchains() -> None:
    cohere = {"id": "g1", "generations": [{"id": "g2", "text": "a", "finish_reason": "COMPLETE"}], "prompt": "Hi"}
    assert not PARSER.matches(Record(cohere))


def test_a_message_without_usage_is_a_call_with_its_usage_missing() -> None:
    call = parsed(message(usage_metadata=None, response_metadata={"model_name": "gpt-4o"}))
    assert (call.input_tokens, call.status) == (None, "success")


@pytest.mark.parametrize(
    ("usage", "fault"),
    [
        ({**USAGE, "total_tokens": 1}, "usage_metadata.total_tokens: 1 is not the sum of 1523 and 212"),
        (
            {**USAGE, "input_token_details": {"cache_read": 1500, "cache_creation": 100}},
            "usage_metadata.input_token_details: 100 written tokens do not fit in 1523 input tokens",
        ),
        ({**USAGE, "output_tokens": "many"}, "usage_metadata.output_tokens: expected a count, got 'many'"),
    ],
)
def test_a_breach_is_named(usage: dict[str, object], fault: str) -> None:
    assert fault in parsed(message(usage_metadata=usage)).faults


def test_a_run_has_its_own_times_and_names() -> None:
    reading = read(run())
    assert reading.call is not None
    assert (reading.wrapper, reading.call.duration_seconds, reading.call.request_model) == ("langsmith", 1.5, "gpt-4o")


@pytest.mark.parametrize("kind", ["chain", "tool", "retriever", "prompt", None, 5])
def test_runs_around_a_model_do_not_count_its_usage_again(kind: object) -> None:
    assert read(run(run_type=kind)).call is None


def streamed(*chunks: dict[str, object]) -> Call:
    """The call of chunks that were logged one by one."""
    whole = Call()
    for one in chunks:
        part = PARSER.parse(Record(one))
        assert isinstance(part, Part)
        whole = overlay(whole, part.call)
    return whole


def test_chunks_of_anthropic_make_one_usage() -> None:
    first = chunk(usage_metadata=tokens(30, 0, cache_read=20), response_metadata={"model_name": "claude-haiku-4-5"})
    last = chunk(usage_metadata=tokens(0, 15, cache_read=0), response_metadata={"stop_reason": "end_turn"})
    call = streamed(first, chunk(), last)
    assert (call.input_tokens, call.output_tokens, call.details) == (30, 15, {"cached_input": 20})


def test_chunks_of_google_that_each_add_to_the_count_are_not_taken_for_it() -> None:
    told = {"model_provider": "google_genai", "model_name": "gemini-2.5-flash"}
    call = streamed(*(chunk(usage_metadata=tokens(30, 5), response_metadata=told) for _ in range(3)))
    assert (call.provider, call.input_tokens, call.output_tokens) == ("gcp.gemini", None, None)


def test_chunks_of_google_are_known_though_only_the_last_says_whose_they_are() -> None:
    """Before 2026 the others had nothing beside what they added, and the first alone would have been the bill."""
    told = {"finish_reason": "STOP", "model_name": "gemini-2.5-flash", "safety_ratings": []}
    adding = [chunk(usage_metadata=tokens(30, 5)), chunk(usage_metadata=tokens(0, 9))]
    call = streamed(*adding, chunk(usage_metadata=tokens(0, 4), response_metadata=told))
    assert (call.model, call.input_tokens, call.output_tokens) == ("gemini-2.5-flash", None, None)


def test_the_chunk_of_openai_that_only_counts_is_counted() -> None:
    last = chunk(content="", response_metadata={"finish_reason": "stop", "model_name": "gpt-4o-2024-08-06"})
    call = streamed(chunk(), last, chunk(content="", usage_metadata=tokens(30, 18)))
    assert (call.model, call.input_tokens, call.output_tokens) == ("gpt-4o-2024-08-06", 30, 18)


@pytest.mark.parametrize("kind", ["AIMessage", "AIMessageChunk"])
def test_of_a_streamed_run_only_the_end_of_the_model_is_counted(kind: str) -> None:
    whole = message(type=kind)
    lines = [
        event("on_chat_model_start", input={"messages": [[whole]]}),
        event("on_chat_model_stream", chunk=chunk()),
        event("on_chat_model_stream", chunk=chunk(usage_metadata=USAGE)),
        event("on_chat_model_end", output=whole, input={"messages": [[whole]]}),
        event("on_parser_end", output="Paris."),
        event("on_chain_end", output=whole),
    ]
    assert [read(line).outcome for line in lines] == ["not_llm"] * 3 + ["call"] + ["not_llm"] * 2
    assert read(lines[3]).call == CALL._replace(request_model="gpt-4o")


HIDDEN: list[object] = [
    {"ts": TIME, "messages": [message()], "conversation": result()},
    {"ts": TIME, "prompt": text(result())},
    {"ts": TIME, "tool_call": {"arguments": message()}},
    {"event": "on_chain_end", "inputs": {"history": [message()]}, "run_id": "1"},
    {"event": "on_chat_model_start", "data": {"input": {"messages": [message()]}}},
    {"type": "human", "content": text(message()), "response_metadata": {}},
]


@pytest.mark.parametrize("line", HIDDEN)
def test_earlier_messages_in_a_prompt_are_no_calls(line: object) -> None:
    assert read(line).call is None


def test_calls_are_priced_by_the_table() -> None:
    prices = Prices.load()
    assert prices.estimate(CALL) == prices.estimate(CALL._replace(response_id=None)) != 0
    assert (prices.estimate(ANTHROPIC_CALL) or 0) > 0
    assert TOKEN_USAGE["total_tokens"] == USAGE["total_tokens"]
