"""What gateways log of the calls that went through them: counted once, in the units that each means."""

from __future__ import annotations

import pytest

from parsers.base import Call, Parser, Record
from parsers.gateways import Apisix, Cloudflare, Kong
from tailer.meter.prices import Prices
from tests.parsers.examples_gateways import (
    APISIX_CALL,
    CLOUDFLARE_CALL,
    KONG_CALL,
    KONG_OLD,
    apisix,
    cloudflare,
    kong,
    kong_plugin,
    pushed,
)
from tests.reading.lines import read, text

PARSERS: tuple[Parser, ...] = (Kong(), Cloudflare(), Apisix())

LINES: list[tuple[object, str, Call]] = [
    (kong(), "kong", KONG_CALL),
    (cloudflare(), "cloudflare", CLOUDFLARE_CALL),
    (apisix(), "apisix", APISIX_CALL),
]


@pytest.mark.parametrize(("line", "name", "expected"), LINES)
def test_the_line_is_read_whole_bare_and_in_a_container_log(line: object, name: str, expected: Call) -> None:
    logged = {"log": text(line) + "\n", "stream": "stdout", "time": "2026-11-20T17:00:09Z"}
    for wrapped, wrapper in ((line, name), (logged, f"docker+{name}")):
        reading = read(wrapped)
        assert (reading.outcome, reading.parser, reading.wrapper) == ("call", name, wrapper)
        assert reading.call is not None
        assert reading.call._replace(timestamp_ns=None) == expected
        assert reading.timestamp_ns is not None
        assert reading.warnings == ()


def test_a_body_that_kong_logs_beside_the_usage_is_not_read() -> None:
    logged = kong_plugin(usage={}, payload={"response": text({"usage": {"prompt_tokens": 5, "completion_tokens": 5}})})
    call = read(kong({"proxy": logged})).call
    assert call is not None
    assert (call.input_tokens, call.output_tokens) == (None, None)


def test_each_plugin_of_kong_that_asked_a_model_is_a_call() -> None:
    reading = read(kong({"ai-request-transformer": KONG_OLD, "proxy": kong_plugin()}))
    assert reading.call is not None
    assert [call.model for call in (reading.call, *reading.more)] == ["command", "gpt-4o-2024-08-06"]


def test_kongs_line_without_a_model_is_no_call() -> None:
    assert read(kong({"mcp": {"rpc": [{"method": "tools/call"}]}})).outcome == "not_llm"


def test_kongs_ledger_of_parts_is_checked() -> None:
    call = read(
        kong({"proxy": kong_plugin(usage={"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 11})})
    ).call
    assert call is not None
    assert call.faults == ("ai.proxy.usage.total_tokens: 11 is not the sum of 5 and 5",)


def test_a_cost_of_zero_is_not_reported() -> None:
    for line in (cloudflare(cost=0), kong({"proxy": kong_plugin(usage={"prompt_tokens": 5, "cost": 0})})):
        call = read(line).call
        assert call is not None
        assert call.cost_usd is None


def test_what_logpush_sends_is_a_request_with_its_usage_missing() -> None:
    reading = read(pushed())
    assert reading.call is not None
    assert (reading.outcome, reading.call.status, reading.call.input_tokens) == ("call", "success", None)


@pytest.mark.parametrize("spoilt", ["many", -1, 1.5, True])
def test_a_count_that_cannot_be_believed_is_named(spoilt: object) -> None:
    reading = read(cloudflare(tokens_in=spoilt))
    assert reading.outcome == "bad_usage"
    assert reading.call is not None
    assert reading.call.input_tokens is None
    assert reading.warnings[0].startswith("$.tokens_in: expected a count")


NO_CALLS = [
    {"tokens_in": 5, "tokens_out": 6, "msg": "bucket"},
    {"tokens_in": 5, "tokens_out": 6, "model": "gpt-4o", "provider": "openai", "duration": 1.5},
    {"llm_summary": {"title": None, "body": "x"}},
    {"ai": {"enabled": True}, "latencies": {"request": 5}, "response": {"status": 500}},
    {"Gateway": "g", "Provider": None, "Model": "m", "StatusCode": 500},
]


@pytest.mark.parametrize("line", NO_CALLS)
def test_lines_with_a_few_of_the_same_keys_are_no_calls(line: dict[str, object]) -> None:
    assert not any(parser.matches(Record(line)) for parser in PARSERS)


def test_calls_without_a_cost_are_priced_by_the_table() -> None:
    prices = Prices.load()
    for call in (KONG_CALL, CLOUDFLARE_CALL, APISIX_CALL):
        assert (prices.estimate(call) or 0) > 0
