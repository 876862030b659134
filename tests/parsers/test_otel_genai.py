"""OpenTelemetry's GenAI attributes give a call once, whatever form they are logged in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.base import Call, Record
from parsers.otel_genai import OTelGenAI
from parsers.otlp import attributes
from tailer.meter.prices import Prices
from tests.parsers.examples_otel import (
    ATTRIBUTES,
    CALL,
    END_NS,
    FAILED,
    SPAN_CALL,
    any_value,
    dumped,
    listed,
    logs,
    span,
    spans,
)
from tests.reading.lines import TIME, read, text

PARSER = OTelGenAI()


def parsed(**changes: object) -> Call:
    call = PARSER.parse(Record({**ATTRIBUTES, **changes}))
    assert isinstance(call, Call)
    return call


FLAT: dict[str, object] = {
    "bare": {**ATTRIBUTES, "duration_ms": 1500},
    "pino": {"level": 30, "time": 1795194007123, "msg": "llm call", "duration_ms": 1500, **ATTRIBUTES},
    "structlog": {"event": "llm_call", "timestamp": TIME, "level": "info", "duration": 1.5, **ATTRIBUTES},
    "with a response": {"response": "Paris.", "request": {"model": "x"}, "duration_ms": 1500, **ATTRIBUTES},
    "attributes": {"timestamp": TIME, "severity": "INFO", "body": "x", "duration_ms": 1500, "attributes": ATTRIBUTES},
    "docker": {"log": text({"duration_ms": 1500, **ATTRIBUTES}) + "\n", "stream": "stdout", "time": TIME},
    "span": dumped(ATTRIBUTES),
}


@pytest.mark.parametrize("line", FLAT.values(), ids=FLAT.keys())
def test_flat_attributes_are_a_call_in_every_wrapper(line: object) -> None:
    reading = read(line)
    assert (reading.outcome, reading.parser, reading.warnings) == ("call", "otel_genai", ())
    assert reading.call is not None
    assert reading.call._replace(timestamp_ns=None, span=None) == CALL._replace(duration_seconds=1.5)


def test_a_batch_of_spans_is_as_many_calls_with_their_own_times() -> None:
    reading = read(spans(span(ATTRIBUTES), span({**ATTRIBUTES, "gen_ai.response.id": "chatcmpl-124"})))
    assert (reading.outcome, reading.call) == ("call", SPAN_CALL)
    assert [call.response_id for call in reading.more] == ["chatcmpl-124"]
    assert [(call.timestamp_ns, call.duration_seconds) for call in reading.more] == [(END_NS, 1.5)]


def test_a_batch_of_other_things_is_no_call() -> None:
    assert read(spans(span({"db.system": "postgresql"}))).outcome == "not_llm"
    assert read(logs({"body": {"stringValue": text(ATTRIBUTES)}, "attributes": []})).outcome == "not_llm"


@pytest.mark.parametrize("operation", ["invoke_agent", "create_agent", "execute_tool", "invoke_workflow"])
def test_spans_around_calls_do_not_count_their_usage_again(operation: str) -> None:
    assert read({**ATTRIBUTES, "gen_ai.operation.name": operation}).call is None


def test_an_event_of_one_message_is_no_call() -> None:
    message = {"event.name": "gen_ai.user.message", "gen_ai.system": "openai", "gen_ai.operation.name": "chat"}
    assert read({**message, "content": "Hi"}).call is None
    assert read({"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o", "msg": "asking"}).call is None


def test_a_span_without_usage_is_a_call_whose_usage_is_missing() -> None:
    bare = {"gen_ai.operation.name": "chat", "gen_ai.system": "groq", "gen_ai.request.model": "llama-3.3-70b"}
    call = read(spans(span(bare))).call
    assert call is not None
    assert (call.provider, call.input_tokens, call.status) == ("groq", None, "success")


ERRORS: list[tuple[dict[str, object], dict[str, object], str]] = [
    ({"error.type": "429"}, {}, "rate_limit"),
    ({"error.type": "openai.RateLimitError"}, {}, "rate_limit"),
    ({"error.type": "timeout"}, {}, "timeout"),
    ({"error.type": "java.net.ConnectException"}, {}, "connection"),
    ({"error.type": "com.acme.Oops"}, {}, "unknown"),
    ({"error.type": "_OTHER", "http.response.status_code": 401}, {}, "authentication"),
    ({}, {"status": {"code": 2, "message": "maximum context length is 8192 tokens"}}, "context_length"),
    ({}, {"status": {"code": "STATUS_CODE_ERROR"}}, "unknown"),
    (
        {},
        {
            "status": {"code": "2"},
            "events": [
                {"name": "exception", "attributes": listed({"exception.type": "anthropic.OverloadedError"})},
                {"name": "exception", "attributes": listed({"exception.type": "openai.APITimeoutError"})},
            ],
        },
        "overloaded",
    ),
    ({"http.response.status_code": 503}, {}, "overloaded"),
]


@pytest.mark.parametrize(("added", "changes", "expected"), ERRORS)
def test_a_failed_span_is_an_error_of_the_closed_set(
    added: dict[str, object], changes: dict[str, object], expected: str
) -> None:
    base = {key: value for key, value in FAILED.items() if key != "error.type"}
    call = read(spans(span({**base, **added}, **changes))).call
    assert call is not None
    assert call.error_type == expected


def test_a_cache_that_an_old_instrumentation_left_out_is_added() -> None:
    shown = {"gen_ai.usage.input_tokens": 10, "gen_ai.usage.cache_read_input_tokens": 3000}
    other = dict.fromkeys(("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_write.input_tokens"))
    call = parsed(
        **{"gen_ai.provider.name": "anthropic", **shown, **other, "gen_ai.response.model": "claude-haiku-4-5"}
    )
    assert (call.input_tokens, call.details["cached_input"], call.faults) == (3010, 3000, ())


def test_a_cache_that_does_not_fit_elsewhere_is_a_fault() -> None:
    call = parsed(**{"gen_ai.usage.input_tokens": 10})
    assert (call.input_tokens, "cached_input" in call.details) == (10, False)
    assert call.faults == ("gen_ai.usage.cache_read.input_tokens: 1024 does not fit in 10 input tokens",)


def test_a_total_of_its_own_is_checked() -> None:
    call = parsed(**{"gen_ai.usage.total_tokens": 1})
    assert call.faults == ("gen_ai.usage.total_tokens: 1 is not the sum of 1523 and 212",)


@pytest.mark.parametrize(
    ("named", "provider"),
    [
        ("openai.responses", "openai"),
        ("anthropic.messages", "anthropic"),
        ("google.generative-ai", "gcp.gemini"),
        ("google.vertex.chat", "gcp.vertex_ai"),
        ("amazon-bedrock", "aws.bedrock"),
        ("az.ai.inference", "azure.ai.inference"),
        ("vertex_ai", "gcp.vertex_ai"),
        ("xai", "x_ai"),
        ("AWS", "aws.bedrock"),
        ("moonshot_ai", "moonshot_ai"),
    ],
)
def test_names_of_providers_are_brought_to_one(named: str, provider: str) -> None:
    assert parsed(**{"gen_ai.provider.name": named}).provider == provider


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.booleans() | st.text(max_size=5), max_size=5))
def test_otlp_attributes_are_the_flat_ones(flat: dict[str, object]) -> None:
    encoded = [{"key": key, "value": any_value(value)} for key, value in flat.items()]
    wanted = {key: value if isinstance(value, (bool, str)) else _small(value) for key, value in flat.items()}
    assert attributes(encoded) == wanted


def _small(value: object) -> object:
    """Integers beyond 64 bits are no OTLP and stay the texts they are."""
    return value if isinstance(value, int) and 0 <= value < 10**19 else str(value)


def test_calls_are_priced_by_the_table() -> None:
    prices = Prices.load()
    assert prices.estimate(CALL) == 1523_000_000 * 5 // 2 - 1024_000_000 * 5 // 4 + 212 * 10_000_000
