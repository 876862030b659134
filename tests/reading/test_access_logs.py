"""Access logs of proxies and gateways: texts for numbers, dashes for nothing, flags for what never got an answer."""

from __future__ import annotations

import pytest

from tests.reading.lines import BODY, ERROR, REQUEST, TIME, TIME_NS, read, text

START_NS = TIME_NS - 1_843_000_000
START = "2026-11-20T17:00:05.280Z"
NGINX = {
    "time_iso8601": "2026-11-20T17:00:07+00:00",
    "msec": "1795194007.123",
    "remote_addr": "10.0.0.7",
    "request": "POST /v1/chat/completions HTTP/1.1",
    "http_host": "api.openai.com",
    "status": "200",
    "request_time": "1.843",
    "upstream_response_time": "0.040, 1.800",
    "upstream_status": "502, 200",
    "request_id": "r1",
}
ENVOY = {
    "start_time": START,
    "method": "POST",
    "path": "/v1/chat/completions",
    "authority": "api.openai.com",
    "response_code": 200,
    "response_flags": "-",
    "upstream_host": "10.1.1.1:443",
    "duration": 1843,
    "x-request-id": "r1",
}
HTTP = {"status": 200, "headers": {"content-type": "application/json"}, "body": text(BODY), "size": 900}
ASKED = {"method": "POST", "uri": "/v1/chat/completions", "headers": {"host": "x"}, "body": text(REQUEST)}

LOGS: dict[str, tuple[object, str, int]] = {
    "nginx": ({**NGINX, "request_body": text(REQUEST), "resp_body": text(BODY)}, "nginx+json_string", TIME_NS),
    "envoy": (
        {**ENVOY, "request_body": text(REQUEST), "response_body": text(BODY)},
        "envoy+json_string",
        START_NS,
    ),
    "envoy with texts": (
        {
            **ENVOY,
            "response_code": "200",
            "duration": "1843",
            "request_body": text(REQUEST),
            "response_body": text(BODY),
        },
        "envoy+json_string",
        START_NS,
    ),
    "kong": (
        {
            "started_at": START_NS // 10**6,
            "latencies": {"request": 1843, "kong": 3, "proxy": 1840},
            "request": {**ASKED, "id": "r1"},
            "response": {**HTTP, "headers": {"x-request-id": "r1"}},
        },
        "kong+json_string",
        START_NS,
    ),
    "apisix": (
        {
            "start_time": START_NS // 10**6,
            "latency": 1843.0,
            "upstream_latency": 1840,
            "apisix_latency": 3,
            "request": ASKED,
            "response": {**HTTP, "headers": {"x-request-id": "r1"}},
        },
        "apisix+json_string",
        START_NS,
    ),
    "aws api gateway": (
        {
            "requestId": "r1",
            "requestTimeEpoch": START_NS // 10**6,
            "status": "200",
            "responseLatency": "1843",
            "requestBody": text(REQUEST),
            "responseBody": text(BODY),
        },
        "aws_api_gateway+json_string",
        START_NS,
    ),
    "aws api gateway, its own template": (
        {
            "requestId": "r1",
            "ip": "192.0.2.1",
            "requestTime": "20/Nov/2026:17:00:07 +0000",
            "httpMethod": "POST",
            "path": "/ask",
            "status": "200",
            "responseLatency": "1843",
            "requestBody": text(REQUEST),
            "responseBody": text(BODY),
        },
        "aws_api_gateway+json_string",
        TIME_NS // 10**9 * 10**9,
    ),
    "azure api management": (
        {
            "time": TIME,
            "operationName": "Microsoft.ApiManagement/GatewayLogs",
            "durationMs": 1843,
            "correlationId": "r1",
            "properties": {
                "responseCode": 200,
                "backendRequestBody": text(REQUEST),
                "backendResponseBody": text(BODY),
            },
        },
        "azure_diagnostics+json_string",
        TIME_NS,
    ),
}


@pytest.mark.parametrize(("line", "wrapper", "time_ns"), LOGS.values(), ids=LOGS.keys())
def test_a_body_in_an_access_log_is_a_call_with_what_surrounds_it(line: object, wrapper: str, time_ns: int) -> None:
    reading = read(line)
    call = reading.call
    assert call is not None
    assert (reading.outcome, reading.wrapper, reading.warnings) == ("call", wrapper, ())
    assert (call.request_model, call.input_tokens, call.error_type) == ("gpt-4o", 1523, None)
    assert (call.duration_seconds, call.timestamp_ns, call.request_id) == (1.843, time_ns, "r1")


@pytest.mark.parametrize("missing", ["-", "", None])
def test_a_dash_is_nothing_and_no_reason_to_warn(missing: object) -> None:
    odd = {**ENVOY, "response_code": missing, "duration": missing, "x-request-id": missing, "response_body": text(BODY)}
    reading = read(odd)
    assert reading.call is not None
    assert (reading.call.duration_seconds, reading.call.request_id, reading.call.input_tokens) == (None, None, 1523)
    assert reading.warnings in ((), ("duration: expected a duration, got ''",))


FAILED: dict[str, tuple[dict[str, object], str]] = {
    "without an answer": ({**NGINX, "status": "429", "request_body": text(REQUEST), "resp_body": "-"}, "rate_limit"),
    "with its body": ({**NGINX, "status": "429", "resp_body": text(ERROR)}, "rate_limit"),
    "without any body": ({**NGINX, "status": "401"}, "authentication"),
    "no upstream": ({**ENVOY, "response_code": 503, "response_flags": "UH"}, "connection"),
    "upstream broke": ({**ENVOY, "response_code": 503, "response_flags": "UF,URX", "response_body": "-"}, "connection"),
    "with its question": ({**ENVOY, "response_flags": "UC", "request_body": text(REQUEST)}, "connection"),
    "upstream too slow": ({**ENVOY, "response_code": 504, "response_flags": "UT"}, "timeout"),
    "the caller went away": ({**ENVOY, "response_code": 0, "response_flags": "DC"}, "cancelled"),
    "limited by the proxy": ({**ENVOY, "response_code": 429, "response_flags": "RL"}, "rate_limit"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "error_type"), FAILED.values(), ids=FAILED.keys())
def test_a_failure_is_a_call_of_its_type(line: dict[str, object], error_type: str) -> None:
    reading = read(line)
    assert reading.outcome == "call"
    assert reading.call is not None
    assert (reading.call.error_type, reading.call.provider) == (error_type, "openai")


@pytest.mark.parametrize("path", ["/", "/login", "/v1/orders"])
def test_what_is_asked_of_somebody_else_is_no_call_though_it_fails(path: str) -> None:
    for line in (
        {**NGINX, "request": f"GET {path} HTTP/1.1", "http_host": "shop.example", "status": "500"},
        {**ENVOY, "path": path, "authority": "shop.example", "response_code": 503, "response_flags": "UF"},
        {**ENVOY, "path": path, "authority": "shop.example"},
    ):
        assert read(line).outcome == "not_llm"


@pytest.mark.parametrize(
    ("model", "taken", "given"),
    [
        ("genai_model_name", "genai_tokens_input", "genai_tokens_output"),
        ("llm_model", "llm_input_tokens", "llm_output_tokens"),
    ],
)
@pytest.mark.parametrize("tokens", [(1523, 212), ("1523", "212")])
def test_counts_that_a_gateway_adds_to_its_access_log_are_a_call(
    model: str, taken: str, given: str, tokens: tuple[object, object]
) -> None:
    call = read({**ENVOY, model: "gpt-4o", taken: tokens[0], given: tokens[1]}).call
    assert call is not None
    assert (call.model, call.input_tokens, call.output_tokens, call.duration_seconds) == ("gpt-4o", 1523, 212, 1.843)


def test_envoy_s_ai_gateway_logs_milliseconds_without_a_time_of_its_own() -> None:
    line = {
        "bytes_received": 159,
        "bytes_sent": 334,
        "duration": 1843,
        "genai_backend_name": "default/openai/route/aigw/rule/0/ref/0",
        "genai_model_name": "gpt-4o",
        "genai_tokens_input": 1523,
        "genai_tokens_output": 212,
        "method": "POST",
        "response_code": 200,
        "upstream_cluster": "httproute/default/aigw/rule/0",
        "upstream_host": "192.168.5.2:443",
    }
    reading = read(line)
    assert reading.call is not None
    assert (reading.wrapper, reading.warnings, reading.timestamp_ns) == ("envoy", (), None)
    assert (reading.call.input_tokens, reading.call.duration_seconds) == (1523, 1.843)


def test_what_apisix_variables_say_in_an_access_log_is_a_call() -> None:
    told = {"llm_model": "gpt-4o", "llm_prompt_tokens": "1523", "llm_completion_tokens": "212"}
    call = read({**NGINX, **told, "llm_time_to_first_token": "400"}).call
    assert call is not None
    assert (call.input_tokens, call.output_tokens, call.time_to_first_token_seconds) == (1523, 212, 0.4)


def test_counts_that_a_gateway_did_not_see_are_unknown() -> None:
    reading = read({**ENVOY, "genai_model_name": "gpt-4o", "genai_tokens_input": "-", "genai_tokens_output": "-"})
    assert reading.call is None or (reading.call.input_tokens, reading.call.output_tokens) == (None, None)
