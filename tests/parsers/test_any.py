"""What takes the rest: errors of every provider, requests whose answer is elsewhere; and what must not be taken."""

from __future__ import annotations

import pytest

from parsers.any_error import AnyError
from parsers.any_request import AnyRequest
from parsers.base import Call, Part, Record, Stage
from tests.parsers import bodies

ERROR = AnyError()
REQUEST = AnyRequest()
AZURE_URL = "https://acme.openai.azure.com/openai/deployments/prod-4o/embeddings?api-version=2024-10-21"
AZURE_FILTERED = {
    "error": {
        "message": "The response was filtered due to the prompt triggering the content management policy.",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": bodies.AZURE_FILTERS},
    }
}


def failed(record: Record) -> Call:
    assert ERROR.matches(record)
    call = ERROR.parse(record)
    assert isinstance(call, Call)
    return call


@pytest.mark.parametrize(
    ("record", "error_type", "provider"),
    [
        (Record(bodies.error("Bad key", code="invalid_api_key"), status=401), "authentication", "openai"),
        (Record(bodies.error("Too long", code="context_length_exceeded"), status=400), "context_length", "openai"),
        (Record({"error": {"message": "No credit", "type": "insufficient_quota"}}), "quota_exceeded", "openai"),
        (Record(AZURE_FILTERED, headers={"apim-request-id": "a"}), "content_filter", "azure.ai.openai"),
        (Record({"statusCode": 401, "message": "Access denied"}, url=AZURE_URL), "authentication", "azure.ai.openai"),
        (
            Record({"error": {"code": "429", "message": "Over the call rate limit"}}, url=AZURE_URL),
            "rate_limit",
            "azure.ai.openai",
        ),
        (Record({"error": {"code": "DeploymentNotFound", "message": "No such deployment"}}), "not_found", "openai"),
        (Record({"error": "connection reset"}, bodies.chat_request(), provider="groq"), "connection", "groq"),
        (Record({"error": {"code": 402, "message": "Credits"}}, url="https://openrouter.ai/api/v1/chat/completions"),
         "quota_exceeded", "openrouter"),
        (Record({"object": "error", "message": "too long", "type": "BadRequestError", "code": 400}, provider="vllm"),
         "invalid_request", "vllm"),
        (Record(None, url="https://api.groq.com/openai/v1/chat/completions", status=498), "overloaded", "groq"),
        (Record({"detail": "Unauthorized"}, {"model": "mistral-small-latest", "messages": []}, 401),
         "authentication", "mistral_ai"),
        (Record({"model": "gpt-4o", "usage": None, "error": "Request timed out"}), "timeout", "openai"),
        (Record({"level": "error", "error": {"type": "APITimeoutError"}, "model": "gpt-4o"}, provider="openai"),
         "timeout", "openai"),
    ],
)  # fmt: skip
def test_a_failed_call_is_counted_with_its_reason(record: Record, error_type: str, provider: str) -> None:
    call = failed(record)
    assert (call.error_type, call.provider, call.input_tokens, call.model) == (error_type, provider, None, None)


def test_the_operation_comes_from_the_url_or_the_request() -> None:
    assert failed(Record(bodies.error(), url=AZURE_URL)).operation == "embeddings"
    assert failed(Record(bodies.error(), {"model": "babbage-002", "prompt": "x"})).operation == "text_completion"
    assert failed(Record(bodies.error(), {"model": "text-embedding-3-small", "input": "x"})).operation == "embeddings"
    assert failed(Record(bodies.error(), {"model": "gpt-5", "input": "x"})).operation == "chat"
    assert failed(Record(bodies.error())).operation == "chat"


def test_the_deployment_stands_for_the_model_of_a_failed_azure_call() -> None:
    assert failed(Record(None, status=500, url=AZURE_URL)).request_model == "prod-4o"


def test_the_headers_of_a_failure_are_kept() -> None:
    record = Record(bodies.error(type="requests"), status=429, headers={**bodies.OPENAI_HEADERS, "retry-after": "7"})
    assert failed(record).rate_limit == {**bodies.OPENAI_LIMITS, "retry_after_seconds": 7}


def test_an_error_event_ends_its_stream() -> None:
    record = Record(bodies.error("The server had an error", type="server_error"), event="error")
    last = ERROR.parse(record)
    assert isinstance(last, Part)
    assert (last.stage, last.call.error_type, last.call.stream) == (Stage.LAST, "server_error", True)


@pytest.mark.parametrize(
    "record",
    [
        Record({"error": None, "level": "info"}, status=200),
        Record({"error": {"message": "x is undefined", "type": "TypeError"}, "level": "error"}),
        Record({"error": {"code": "E_VALIDATION", "message": "name is missing"}}, status=422, url="/api/users"),
        Record({"error": {"code": 404, "message": "Not found", "status": "NOT_FOUND"}}, status=404),
        Record({"statusCode": 404, "message": "Cannot GET /", "error": "Not Found"}, status=404),
        Record({"statusCode": 500, "message": "Internal"}, status=500, url="https://survey.example/responses"),
        Record({"path": "/checkout"}, status=503, provider="openai"),
    ],
)
def test_an_applications_own_error_is_no_failed_call(record: Record) -> None:
    assert not ERROR.matches(record)


def asked(record: Record) -> Call | Part | None:
    assert REQUEST.matches(record)
    return REQUEST.parse(record)


def test_a_request_alone_names_only_what_it_knows() -> None:
    found = asked(Record(None, {"model": "llama-3.3-70b", "messages": [], "stream": True}))
    assert found == Part(Stage.REQUEST, Call(operation="chat", request_model="llama-3.3-70b", stream=True))


def test_a_request_to_azure_names_its_deployment() -> None:
    found = asked(Record(None, {"model": "text-embedding-3-small", "input": ["x"]}, url=AZURE_URL))
    assert isinstance(found, Part)
    assert (found.call.provider, found.call.operation) == ("azure.ai.openai", "embeddings")


@pytest.mark.parametrize("record", [
    Record(None, {"model": "gpt-4o", "messages": []}, 200),
    Record({"answer": "42"}, {"model": "gpt-4o", "messages": []}),
])  # fmt: skip
def test_an_answer_nobody_can_read_is_a_call_of_unknown_usage(record: Record) -> None:
    call = asked(record)
    assert isinstance(call, Call)
    assert (call.status, call.provider, call.input_tokens, call.output_tokens) == ("success", "openai", None, None)


@pytest.mark.parametrize(
    "body",
    [
        {"model": "t3.large", "input": 5},
        {"model": "gpt-4o", "input": "x", "response": "y"},
        {"model": "gpt-4o", "level": "info", "msg": "model selected"},
        {"messages": ["started"], "level": "info"},
        {"model": 7, "messages": []},
    ],
)
def test_a_line_that_asks_no_model_is_no_request(body: bodies.Json) -> None:
    assert not REQUEST.matches(Record(body))
