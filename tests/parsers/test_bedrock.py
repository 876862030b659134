"""Bedrock: what the totals are made of, which body is whose, every failure of the documentation."""

from __future__ import annotations

import pytest

from parsers import registry
from parsers.base import Call, Part, Record
from parsers.contract import check_parser
from tests.parsers import bodies_aws as bodies
from tests.parsers.examples_aws import BY_PARSER
from tests.reading.lines import read

PARSERS = registry.load()
BY_NAME = {parser.name: parser for parser in PARSERS}


def first(record: Record) -> str | None:
    return next((parser.name for parser in PARSERS if parser.matches(record)), None)


def call(record: Record) -> Call:
    name = first(record)
    assert name is not None
    found = BY_NAME[name].parse(record)
    assert isinstance(found, (Call, Part))
    return found.call if isinstance(found, Part) else found


@pytest.mark.parametrize("name", BY_PARSER)
def test_they_keep_the_contract(name: str) -> None:
    check_parser(BY_NAME[name], BY_PARSER[name])


@pytest.mark.parametrize("name", BY_PARSER)
def test_each_body_reaches_its_own_parser(name: str) -> None:
    assert [first(record) for record, _ in BY_PARSER[name]] == [name] * len(BY_PARSER[name])


def test_a_total_that_leaves_out_the_cache_is_a_fault_and_changes_nothing() -> None:
    found = call(Record(bodies.converse(usage=bodies.usage(totalTokens=35))))
    assert found.input_tokens == 3514
    assert found.faults == ("usage.totalTokens: 35 is not the sum of 3514 and 13",)


def test_lifetimes_that_do_not_make_up_the_writes_are_a_fault() -> None:
    details = [{"ttl": "1h", "inputTokens": 9999}]
    found = call(Record(bodies.converse(usage=bodies.usage(cacheDetails=details))))
    assert "cache_write_1h" not in found.details
    assert found.faults == ("usage.cacheDetails: 0 + 9999 is not the 2492 tokens that were written",)


def test_of_an_own_profile_claude_s_body_in_the_log_tells_the_model() -> None:
    found = call(Record({**bodies.claude_log(), "modelId": bodies.PROFILE}))
    assert (found.model, found.request_model) == ("claude-sonnet-4-5-20250929", bodies.PROFILE)


def test_ordinary_lines_are_not_even_asked_about_bedrock() -> None:
    """A parser's keys decide which lines cost anything: these stand on nearly every line of a log."""
    ordinary = {"message", "Message", "status", "statusCode", "status_code", "res", "level", "msg", "time", "text"}
    for name in ("bedrock_attempt", "bedrock_converse", "bedrock_log"):
        assert ordinary.isdisjoint(BY_NAME[name].keys)  # type: ignore[attr-defined]  # ours have it
    assert (ordinary - {"text"}).isdisjoint(BY_NAME["bedrock_invoke"].keys)  # type: ignore[attr-defined]


def test_the_headers_count_where_boto3_s_body_could_not_be_logged() -> None:
    answer = {
        "ResponseMetadata": {"RequestId": "9c1f", "HTTPStatusCode": 200, "HTTPHeaders": bodies.HEADERS},
        "contentType": "application/json",
        "body": "<botocore.response.StreamingBody object at 0x7f2a>",
    }
    for line in ({"modelId": "meta.llama3", "response": answer}, {"modelId": "meta.llama3", **answer}):
        found = read(line).call
        assert found is not None
        assert (found.model, found.input_tokens, found.output_tokens) == ("meta.llama3", 112, 34)


def test_a_line_of_a_cloudwatch_subscription_is_all_its_calls() -> None:
    found = read(bodies.delivery(bodies.log(), bodies.log(requestId="b4"), "START RequestId: 1"))
    assert found.call is not None
    assert [call.request_id for call in (found.call, *found.more)] == ["b2a3-log", "b4"]
    assert read(bodies.delivery("START RequestId: 1")).outcome == "not_llm"


def test_the_log_counts_its_envelope_once_though_the_body_repeats_it() -> None:
    found = call(Record(bodies.log()))
    assert (found.input_tokens, found.output_tokens, found.faults) == (3514, 13, ())


@pytest.mark.parametrize("value", ["many", -1, 1.5, True, None])
def test_a_bad_count_in_the_log_is_not_taken_from_elsewhere(value: object) -> None:
    record = bodies.log()
    record["input"]["inputTokenCount"] = value
    assert call(Record(record)).input_tokens is None


@pytest.mark.parametrize(
    ("code", "status", "message", "expected"),
    [
        ("AccessDeniedException", 403, "No access", "permission"),
        ("ValidationException", 400, "Malformed", "invalid_request"),
        ("ValidationException", 400, "prompt is too long: 9 tokens > 8 maximum", "context_length"),
        ("ResourceNotFoundException", 404, "No model", "not_found"),
        ("ThrottlingException", 429, "Too many tokens per day", "rate_limit"),
        ("ModelNotReadyException", 429, "Not ready", "rate_limit"),
        ("ServiceQuotaExceededException", 400, "Quota", "quota_exceeded"),
        ("ModelTimeoutException", 408, "Too slow", "timeout"),
        ("ModelErrorException", 424, "Model failed", "server_error"),
        ("ModelStreamErrorException", 424, "Stream failed", "server_error"),
        ("InternalServerException", 500, "Oops", "server_error"),
        ("ServiceUnavailableException", 503, "Later", "overloaded"),
        ("UnrecognizedClientException", 403, "The security token is invalid", "authentication"),
        ("ExpiredTokenException", 403, "The security token is expired", "authentication"),
    ],
)
def test_failures_are_told_in_every_form_of_aws(code: str, status: int, message: str, expected: str) -> None:
    request = bodies.request()
    beside = {"RequestId": "r", "HTTPStatusCode": status}
    forms = [
        Record({"Error": {"Code": code, "Message": message}, "ResponseMetadata": beside}, request),
        Record({"message": message}, request, status, {"x-amzn-errortype": f"{code}:http://internal.amazon.com/"}),
        Record({"__type": code, "message": message}, request, status),
        Record(
            {"error": f"An error occurred ({code}) when calling the ConverseStream operation: {message}"}, status=status
        ),
    ]
    assert [call(form).error_type for form in forms] == [expected] * len(forms)


STRANGERS = [
    Record({"__type": "ConditionalCheckFailedException", "message": "The conditional request failed"}, status=400),
    Record({"Error": {"Code": "NoSuchKey", "Message": "x"}, "ResponseMetadata": {"HTTPStatusCode": 404}}),
    Record({"error": "An error occurred (ThrottlingException) when calling the PutItem operation: x"}),
    Record(
        {"usage": {"inputTokens": 5, "outputTokens": 3, "totalTokens": 8, "cachedInputTokens": 2}, "model": "gpt-4o"}
    ),
    Record({"metadata": {"usage": {"cpu": 1}}, "level": "info"}),
    Record({"messageStop": "bus stop", "level": "info"}),
    Record({"images": ["a.png"], "status": "ok"}),
    Record({"embedding": [0.1]}),
    Record({"text": "hi", "headers": {"a": "b"}}),
    Record({"message": "started", "status": 200}, status=200),
    Record({"schemaType": "Other", "input": {"inputTokenCount": 3}}),
]


@pytest.mark.parametrize("record", STRANGERS)
def test_other_services_and_applications_are_left_alone(record: Record) -> None:
    assert [parser for parser in PARSERS if parser.name.startswith("bedrock") and parser.matches(record)] == []


@pytest.mark.parametrize(
    ("model", "bare"),
    [
        ("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"),
        ("arn:aws:bedrock:eu-west-1:1:inference-profile/eu.amazon.nova-pro-v1:0", "eu.amazon.nova-pro-v1:0"),
        (
            "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc123",
            "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc123",
        ),
    ],
)
def test_an_arn_is_reduced_to_the_id_in_it_unless_it_is_opaque(model: str, bare: str) -> None:
    assert call(Record(bodies.converse(), bodies.request(modelId=model))).request_model == bare
