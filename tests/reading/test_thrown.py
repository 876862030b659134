"""Exceptions that loggers write beside a request: the call has failed, and the class says how."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import registry
from parsers.base import Stage
from tailer.reading.reading import LineReader
from tailer.reading.thrown import exception_of

READER = LineReader(registry.load())
REQUEST = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}
TRACEBACK = """Traceback (most recent call last):
  File "/app/llm.py", line 12, in ask
    raise self._make_status_error_from_response(err.response) from None
openai.RateLimitError: Error code: 429 - {'error': {'message': 'No quota', 'code': 'insufficient_quota'}}"""
TIMED_OUT: list[dict[str, Any]] = [
    {"exc_type": "APITimeoutError", "exc_value": "Request timed out.", "syntax_error": None, "frames": []},
    {"exc_type": "ConnectError", "exc_value": "", "syntax_error": None, "frames": []},
]
JAVA = "com.openai.errors.RateLimitException: 429: Rate limit reached\n\tat com.openai.core.http.Handler.handle(:41)"


def reading(line: dict[str, Any]) -> Any:
    return READER.describe(orjson.dumps(line)).reading


@pytest.mark.parametrize(
    ("fields", "error_type"),
    [
        ({"levelname": "ERROR", "message": "call failed", "exc_info": TRACEBACK}, "quota_exceeded"),
        ({"event": "call failed", "level": "error", "exception": TRACEBACK}, "quota_exceeded"),
        ({"event": "call failed", "level": "error", "exception": TIMED_OUT}, "timeout"),
        ({"level": "ERROR", "message": "call failed", "stack_trace": JAVA}, "rate_limit"),
        ({"level": "error", "exception": {"type": "APIConnectionError", "value": "Connection error."}}, "connection"),
        (
            {"level": "error", "exception.type": "openai.InternalServerError", "exception.message": "Error code: 500"},
            "server_error",
        ),
    ],
)
def test_a_request_with_its_exception_is_a_failed_call(fields: dict[str, Any], error_type: str) -> None:
    found = reading({**fields, "request": REQUEST})
    assert (found.outcome, found.stage) == ("call", None)
    assert (found.call.error_type, found.call.request_model) == (error_type, "gpt-4o")


def test_an_exception_under_the_id_of_a_request_ends_it() -> None:
    found = reading({"level": "error", "request_id": "r1", "message": "call failed", "exc_info": TRACEBACK})
    assert (found.stage, found.join_key, found.call.error_type) == (Stage.FAILURE, "r1", "quota_exceeded")


def test_an_exception_of_the_applications_own_ends_no_call() -> None:
    own = "Traceback (most recent call last):\nValueError: no such order"
    assert reading({"level": "error", "request_id": "r1", "exc_info": own}).outcome == "not_llm"


@pytest.mark.parametrize("nothing", [None, "", [], {}, True, "NoneType: None"])
def test_a_logger_that_writes_no_exception_leaves_the_request_open(nothing: object) -> None:
    found = reading({"level": "info", "request_id": "r1", "request": REQUEST, "exc_info": nothing})
    assert found.stage is Stage.REQUEST


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | (
    st.dictionaries(st.sampled_from(("type", "exc_type", "value", "message")), inner))))  # fmt: skip
def test_anything_may_stand_where_an_exception_is_written(value: object) -> None:
    found = exception_of({"exception": value, "exception.message": value})
    assert found is None or isinstance(found, (str, dict))


BEDROCK = {"modelId": "amazon.nova-pro-v1:0", "messages": [{"role": "user", "content": [{"text": "Hi"}]}]}


@pytest.mark.parametrize(
    ("fields", "error_type"),
    [
        ({"error": 'Read timeout on endpoint URL: "https://bedrock-runtime.us-east-1.amazonaws.com/"'}, "timeout"),
        ({"error": {"name": "TimeoutError", "message": "socket hang up", "code": "ECONNRESET"}}, "connection"),
        ({"level": "error", "exc_info": "Traceback\nbotocore.exceptions.ReadTimeoutError: Read timeout"}, "timeout"),
        ({"error": {"Error": {"Code": "ThrottlingException", "Message": "Too many requests"}}}, "rate_limit"),
        ({"err": {"name": "ThrottlingException", "$fault": "client", "message": "Too many requests"}}, "rate_limit"),
        ({"error": "boom"}, "unknown"),
    ],
)
def test_a_call_to_bedrock_that_got_no_answer_is_counted_as_any_other_is(
    fields: dict[str, Any], error_type: str
) -> None:
    found = reading({**fields, "request": BEDROCK})
    assert (found.outcome, found.call.provider, found.call.request_model, found.call.error_type) == (
        "call", "aws.bedrock", "amazon.nova-pro-v1:0", error_type,
    )  # fmt: skip


def test_an_application_s_own_model_is_not_one_of_bedrock_s() -> None:
    assert reading({"request": {"modelId": "order-7"}, "error": "boom"}).call is None
