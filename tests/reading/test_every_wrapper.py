"""Every wrapper with every provider's body in it: the same call, whatever surrounds it, with what the wrapper says."""

from __future__ import annotations

import pytest

from parsers.base import Call
from tests.reading.exchanges import EXCHANGES, FAILURES, Exchange, asked
from tests.reading.lines import read
from tests.reading.wrappers import WRAPPERS, Wrapper


def told(call: Call) -> Call:
    """What the bodies say, without what their surroundings do."""
    return call._replace(timestamp_ns=None, duration_seconds=None, request_id=None, request_model=None)


@pytest.mark.parametrize("exchange", EXCHANGES.values(), ids=EXCHANGES)
@pytest.mark.parametrize("wrapper", WRAPPERS.values(), ids=WRAPPERS)
def test_the_same_call_is_read_from_every_wrapper(wrapper: Wrapper, exchange: Exchange) -> None:
    bare = read(exchange.plain)
    reading = read(wrapper.line(exchange))
    assert reading.call is not None
    assert bare.call is not None
    assert (reading.outcome, reading.parser, reading.warnings) == ("call", bare.parser, ())
    assert told(reading.call) == told(bare.call)
    assert reading.call.request_model in (bare.call.request_model, exchange.model)
    assert (reading.call.duration_seconds, reading.call.request_id) == (1.843, "r1")
    assert (reading.call.timestamp_ns, reading.timestamp_ns, reading.level) == (
        wrapper.time_ns,
        wrapper.time_ns,
        wrapper.level,
    )
    assert reading.call.input_tokens


@pytest.mark.parametrize("api", ["gemini", "bedrock converse"])
@pytest.mark.parametrize("wrapper", [it for it in WRAPPERS.values() if it.states_path])
def test_a_model_that_only_the_address_names_is_found(wrapper: Wrapper, api: str) -> None:
    exchange = EXCHANGES[api]
    question = {key: value for key, value in exchange.asked.items() if key != "modelId"}
    call = read(wrapper.line(exchange._replace(asked=question))).call
    assert call is not None
    assert (call.request_model, call.provider) == (exchange.model, read(exchange.plain).call.provider)  # type: ignore[union-attr]  # it is a call


@pytest.mark.parametrize("exchange", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("wrapper", WRAPPERS.values(), ids=WRAPPERS)
def test_the_same_failure_is_read_from_every_wrapper(wrapper: Wrapper, exchange: Exchange) -> None:
    reading = read(wrapper.line(exchange))
    assert reading.call is not None
    assert (reading.outcome, reading.call.error_type, reading.call.input_tokens) == ("call", "rate_limit", None)
    assert (reading.call.duration_seconds, reading.call.request_id) == (1.843, "r1")


@pytest.mark.parametrize("wrapper", [it for it in WRAPPERS.values() if it.states_status])
def test_a_status_alone_tells_of_a_failure(wrapper: Wrapper) -> None:
    reading = read(wrapper.line(Exchange(asked("gpt-4o"), {}, status=503)))
    assert reading.call is not None
    assert (reading.outcome, reading.call.error_type) == ("call", "overloaded")
