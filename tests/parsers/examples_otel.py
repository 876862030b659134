"""Lines and batches with OpenTelemetry's GenAI attributes, made up for these tests, with what each must give."""

from __future__ import annotations

from typing import Any

from parsers.base import Call, Record, Several, Span
from parsers.contract import Example

Json = dict[str, Any]

START_NS = 1_795_194_005_123_456_789
END_NS = START_NS + 1_500_000_000

ATTRIBUTES: Json = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.request.stream": True,
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.response.id": "chatcmpl-123",
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.response.time_to_first_chunk": 0.25,
    "gen_ai.usage.input_tokens": 1523,
    "gen_ai.usage.output_tokens": 212,
    "gen_ai.usage.cache_read.input_tokens": 1024,
    "gen_ai.usage.cache_write.input_tokens": 0,
    "gen_ai.usage.reasoning.output_tokens": 128,
    "openai.response.service_tier": "default",
    "server.address": "api.openai.com",
    "gen_ai.input.messages": '[{"role": "user", "parts": [{"content": "gen_ai.usage.input_tokens: 99"}]}]',
}
DEPRECATED: Json = {
    "gen_ai.system": "az.ai.openai",
    "llm.request.type": "completion",
    "gen_ai.request.model": "gpt-35",
    "gen_ai.response.model": "gpt-3.5-turbo-instruct",
    "gen_ai.usage.prompt_tokens": 9,
    "gen_ai.usage.completion_tokens": 3,
    "llm.usage.total_tokens": 12,
}


def any_value(value: object) -> Json:
    """A value as OTLP/JSON types it: 64-bit integers are texts."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [any_value(member) for member in value]}}
    return {"stringValue": str(value)}


def listed(attributes: Json) -> list[Json]:
    """Attributes as OTLP/JSON lists them."""
    return [{"key": key, "value": any_value(value)} for key, value in attributes.items()]


def span(attributes: Json, **changes: object) -> Json:
    """A span as OTLP/JSON has it."""
    return {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "name": "chat gpt-4o",
        "kind": 3,
        "startTimeUnixNano": str(START_NS),
        "endTimeUnixNano": str(END_NS),
        "attributes": listed(attributes),
        "status": {},
        **changes,
    }


def spans(*members: Json) -> Json:
    """A line of the collector's file exporter."""
    service = {"attributes": listed({"service.name": "shop"})}
    return {"resourceSpans": [{"resource": service, "scopeSpans": [{"scope": {"name": "x"}, "spans": list(members)}]}]}


def logs(*members: Json) -> Json:
    """The same of log records."""
    return {"resourceLogs": [{"resource": {}, "scopeLogs": [{"scope": {}, "logRecords": list(members)}]}]}


def dumped(attributes: Json, **changes: object) -> Json:
    """A span as the Python SDK's `to_json()` has it."""
    return {
        "name": "chat gpt-4o",
        "context": {"trace_id": "0xd0d0", "span_id": "0xeee1", "trace_state": "[]"},
        "kind": "SpanKind.CLIENT",
        "parent_id": None,
        "start_time": "2026-11-20T17:00:05.000000Z",
        "end_time": "2026-11-20T17:00:06.500000Z",
        "status": {"status_code": "UNSET"},
        "attributes": attributes,
        "events": [],
        "links": [],
        "resource": {"attributes": {"service.name": "shop"}, "schema_url": ""},
        **changes,
    }


CALL = Call(
    provider="openai",
    operation="chat",
    model="gpt-4o-2024-08-06",
    request_model="gpt-4o",
    input_tokens=1523,
    output_tokens=212,
    details={"cached_input": 1024, "cache_write": 0, "reasoning": 128},
    time_to_first_token_seconds=0.25,
    response_id="chatcmpl-123",
    stream=True,
    service_tier="default",
    finish_reason="stop",
)
TRACE = "5b8efff798038103d269b633813fc60c"
SPAN = Span((f"{TRACE}/eee19b7ec3c1b174", f"{TRACE}#chatcmpl-123"))
SPAN_CALL = CALL._replace(timestamp_ns=END_NS, duration_seconds=1.5, span=SPAN)
OLD_CALL = Call(
    provider="azure.ai.openai",
    operation="text_completion",
    model="gpt-3.5-turbo-instruct",
    request_model="gpt-35",
    input_tokens=9,
    output_tokens=3,
)
FAILED: Json = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.request.model": "claude-sonnet-4-5",
    "error.type": "529",
}
FAILED_CALL = Call(provider="anthropic", operation="chat", request_model="claude-sonnet-4-5", error_type="overloaded")

OTEL: list[Example] = [
    (Record(ATTRIBUTES), CALL),
    (Record(DEPRECATED), OLD_CALL),
    (Record(FAILED), FAILED_CALL),
    (Record(span(ATTRIBUTES)), SPAN_CALL),
    (Record(dumped(ATTRIBUTES)), CALL._replace(span=Span(("d0d0/eee1", "d0d0#chatcmpl-123")))),
    (
        Record(
            spans(
                span(ATTRIBUTES, traceId="bbbb", spanId="1"),
                span({"gen_ai.operation.name": "execute_tool"}, traceId="bbbb", spanId="2"),
                span(FAILED, traceId="bbbb", spanId="3"),
            )
        ),
        Several(
            (
                SPAN_CALL._replace(span=Span(("bbbb/1", "bbbb#chatcmpl-123"))),
                FAILED_CALL._replace(timestamp_ns=END_NS, duration_seconds=1.5, span=Span(("bbbb/3",))),
            )
        ),
    ),
    (
        Record(
            logs(
                {"timeUnixNano": str(END_NS), "eventName": "gen_ai.choice", "attributes": listed(ATTRIBUTES)},
                {
                    "timeUnixNano": "0",
                    "observedTimeUnixNano": str(END_NS),
                    "eventName": "gen_ai.client.inference.operation.details",
                    "attributes": listed(ATTRIBUTES),
                },
            )
        ),
        Several((CALL._replace(timestamp_ns=END_NS),)),
    ),
    (
        Record(
            {
                "msg": "done",
                "gen_ai": {
                    "system": "cohere",
                    "operation": {"name": "embeddings"},
                    "request": {"model": "embed-v4"},
                    "usage": {"input_tokens": "31"},
                },
            }
        ),
        Call(provider="cohere", operation="embeddings", request_model="embed-v4", input_tokens=31, output_tokens=0),
    ),
    (Record({**ATTRIBUTES, "gen_ai.operation.name": "invoke_agent"}), None),
    (Record(spans(span({"http.request.method": "GET"}))), None),
]
