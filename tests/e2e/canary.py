"""Marked prompts: a token that nothing else contains, put wherever a body holds what was said, in every wrapper."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

from tests.parsers.examples import BY_PARSER
from tests.reading.lines import TIME, sse, text

TOKEN = "qXzJvKwYqZxJkVwQ"
SAID = f"my secret is {TOKEN} and more"
WINDOW = 6
"""So many characters of the token in a row are a leak: it may have been cut."""

STRUCTURE = frozenset({
    "$fault", "@type", "Code", "Endpoint", "Gateway", "Model", "Provider", "RequestId", "__type", "accountId", "agent",
    "anthropic_version", "api_base", "arn", "background", "blockReason", "cache_hit", "cache_status", "call_type",
    "client_ip", "code", "completionReason", "completionStartTime", "completion_tokens", "content-type", "contentType",
    "conversation_id", "created", "created_at", "custom_id", "custom_llm_provider", "done_reason", "effort", "endTime",
    "endTimeUnixNano", "end_time", "end_user", "error.type", "errorCode", "error_class", "error_code", "event",
    "eventName", "event_id", "event_type", "finishReason", "finish_reason", "format", "gen_ai.operation.name",
    "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.finish_reasons", "gen_ai.response.id",
    "gen_ai.response.model", "gen_ai.system", "generation_id", "guardrail_status", "hate", "host", "id",
    "inferenceRegion", "inference_geo", "inputBodyS3Path", "inputContentType", "input_tokens", "interaction_id",
    "invokedModelId", "item_id", "iv", "key", "kind", "language", "latency", "level", "litellm_call_id",
    "llm.request.type", "llm_api_status", "llm_provider", "logGroup", "logStream", "ls_model_name", "ls_model_type",
    "ls_provider", "messageType", "method", "mime_type", "modality", "model", "modelId", "modelVersion", "model_group",
    "model_id", "model_map_key", "model_name", "model_provider", "model_type", "model_version", "msg", "name", "object",
    "observedTimeUnixNano", "openai.response.service_tier", "operation", "outputBodyS3Path", "outputContentType",
    "output_format", "output_modalities", "owner", "parent_ids", "path", "plugin_id", "processed_time",
    "prompt_tokens", "provider", "provider_name", "quality", "region", "requestId", "request_content_type",
    "request_id", "request_mode", "request_model", "request_type", "requester_ip_address", "responseId",
    "response_content_type", "response_cost", "response_id", "response_model", "retryDelay", "role", "route_id",
    "run_id", "run_type", "schemaType", "schemaVersion", "schema_url", "seconds", "server.address", "service.name",
    "serviceTier", "service_tier", "severity", "size", "spanId", "span_id", "startTime", "startTimeUnixNano",
    "start_time", "status", "status_code", "stopReason", "stop_reason", "stream", "subscriptionFilters",
    "system_fingerprint", "tags", "task", "timeUnixNano", "timestamp", "toolUseId", "total_tokens", "traceId",
    "trace_id", "trace_state", "traffic_type", "ttl", "type", "updated", "upstream_status", "uri",
    "user_api_key_alias", "version", "violence", "voice", "stringValue", "intValue", "response_format", "obfuscation",
})  # fmt: skip
"""Keys whose text is a word of a format or an id. Whatever stands at any other key is taken to be somebody's words."""

TOOL = {"type": "function", "function": {"name": TOKEN, "description": SAID, "parameters": {TOKEN: {"enum": [SAID]}}}}
PARTS = [
    {"type": "text", "text": SAID},
    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(SAID.encode()).decode()}"}},
    {"type": "input_audio", "input_audio": {"data": base64.b64encode(SAID.encode() * 40).decode(), "format": "wav"}},
    {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {TOKEN: [{"usage": {"x": SAID}}], "type": SAID}},
    {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": SAID}]},
    {"type": "thinking", "thinking": SAID, "signature": TOKEN},
    {"inlineData": {"mimeType": "image/png", "data": TOKEN}},
    {"functionCall": {"name": "f", "args": {"role": SAID, "deep": {"id": TOKEN}}}},
]
REQUESTS: list[dict[str, object]] = [
    {
        "model": "gpt-4o",
        "messages": [
            {"role": "system", "content": SAID},
            {"role": "user", "content": PARTS, "name": TOKEN},
            {
                "role": "assistant",
                "tool_calls": [{"id": "c1", "function": {"name": "f", "arguments": text({"a": SAID})}}],
            },
            {"role": "tool", "tool_call_id": "c1", "content": text({"usage": {"prompt_tokens": 1}, "x": SAID})},
        ],
        "tools": [TOOL],
        "stop": [SAID],
        "prediction": {"type": "content", "content": SAID},
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"description": SAID}}},
    },
    {"model": "claude-sonnet-4-5", "system": [{"type": "text", "text": SAID}], "messages": PARTS, "tools": [TOOL]},
    {"model": "gpt-5", "instructions": SAID, "input": [{"role": "user", "content": PARTS}], "tools": [TOOL]},
    {
        "model": "gemini",
        "contents": [{"role": "user", "parts": PARTS}],
        "systemInstruction": {"parts": [{"text": SAID}]},
    },
    {"model": "text-embedding-3-small", "input": [SAID, SAID]},
    {"model": "command-r", "message": {"content": SAID}, "chat_history": PARTS, "documents": [{"title": SAID}]},
    {"model": "llama3", "prompt": SAID, "suffix": SAID, "images": [TOKEN], "context": [1, 2, 3], "system": SAID},
    {"modelId": "x", "inputText": SAID, "textGenerationConfig": {"stopSequences": [SAID]}},
]


def marked(value: object, key: str = "") -> object:
    """The body with every text in it that may be somebody's words replaced by marked ones."""
    if isinstance(value, dict):
        # OpenTelemetry's provider has the name of a prompt.
        return {
            name: item if key == "gen_ai" and name == "system" else marked(item, name) for name, item in value.items()
        }
    if isinstance(value, list):
        return [marked(item, key) for item in value]
    if (
        not isinstance(value, str)
        or not value
        or key in STRUCTURE
        or key.startswith(("x-", "x_", "anthropic-rate"))
        or key.endswith(("Id", "_id"))
    ):
        return value
    if value[:1] in ("{", "["):
        try:
            return text(marked(json.loads(value), key))
        except ValueError:
            return value[:1] + SAID
    return SAID if value.startswith("<") or not key.endswith(("-id", "-ms", "-after")) else value


def bodies() -> Iterator[tuple[object, object]]:
    """Every parser's examples, marked, and requests with every place for content that the formats have."""
    for examples in BY_PARSER.values():
        for record, _ in examples:
            yield (
                marked(dict(record.request) if record.request else None),
                marked(dict(record.body) if record.body else None),
            )
    for request in REQUESTS:
        yield (
            request,
            {"choices": [{"message": {"role": "assistant", "content": SAID}, "logprobs": [TOKEN]}], "usage": {}},
        )


def lines_of(request: object, body: object) -> Iterator[bytes]:
    """One exchange in every wrapper."""
    pair = {"ts": TIME, "level": "info", "request": request, "response": body, "team": "shop"}
    whole = text(pair)
    yield from (text(value).encode() for value in (body, request) if value is not None)
    yield whole.encode()
    yield whole.encode().replace(TOKEN.encode(), "".join(f"\\u{ord(letter):04x}" for letter in TOKEN).encode())
    for value in (text(body), text(text(body)), text(text(text(body))), sse([body] if isinstance(body, dict) else [])):
        yield text({"ts": TIME, "response_body": value, "request_body": text(request)}).encode()
        yield text({"level": 30, "time": 1_795_194_007_123, "pid": 7, "msg": value}).encode()
    yield text({"time": 1_795_194_009.5, "event": pair}).encode()
    yield text({"ts": TIME, "response": {"status": 200, "headers": {"authorization": TOKEN}, "body": body}}).encode()
    yield text({"@timestamp": TIME, "message": whole, "log.level": "info"}).encode()
    yield text({"ts": TIME, "attributes": {"response": body, "gen_ai.input.messages": text(request)}}).encode()
    attributes = [{"key": "gen_ai.prompt.0.content", "value": {"stringValue": SAID}}]
    yield text({"resourceSpans": [{"scopeSpans": [{"spans": [{"attributes": attributes}]}]}]}).encode()
    yield text({"log": whole + "\n", "stream": "stdout", "time": TIME}).encode()
    yield text({"date": 1.5, "log_processed": pair, "kubernetes": {"pod_name": "web-1"}}).encode()
    yield text({"log": whole[: len(whole) // 2], "stream": "stdout", "time": TIME}).encode()
    yield f"{TIME} stdout F {whole}".encode()
    yield whole[: len(whole) // 2].encode()
    yield f"data: {whole}".encode()
    yield f"INFO answer: {whole}".encode()


def cut_lines(whole: str) -> Iterator[bytes]:
    """A line as a container runtime writes one that is too long for it, cut in the middle of the token too."""
    at = whole.index(TOKEN) + len(TOKEN) // 2
    pieces = [whole[:at], whole[at : at + 40], whole[at + 40 :]]
    for index, piece in enumerate(pieces):
        yield f"{TIME} stdout {'F' if index == 2 else 'P'} {piece}".encode()


def all_lines() -> list[bytes]:
    found = [line for request, body in bodies() for line in lines_of(request, body)]
    found += cut_lines(text({"ts": TIME, "request": REQUESTS[0], "response": {"content": SAID}}))
    found += [SAID.encode(), f'"{SAID}"'.encode(), text([SAID]).encode(), f"{TIME} stderr F {SAID}".encode()]
    return found


def leaks(data: str) -> list[str]:
    """Where a part of the token is, as it is or in base64."""
    shapes = [TOKEN[at : at + WINDOW] for at in range(len(TOKEN) - WINDOW + 1)]
    for pad in range(3):
        encoded = base64.b64encode(b"x" * pad + TOKEN.encode()).decode()
        shapes.append(encoded[4:16])
    shapes.append("".join(f"\\u{ord(letter):04x}" for letter in TOKEN[:3]))
    return [data[max(0, at - 200) : at + 40] for shape in shapes if (at := data.find(shape)) >= 0]
