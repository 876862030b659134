"""Records of Anthropic's Messages API with what the parser must give for them: input of the contract suite."""

from __future__ import annotations

from parsers.base import Call, Part, Record, Several, Stage
from parsers.contract import Example
from tests.parsers import bodies_anthropic as bodies

BEDROCK_URL = (
    "https://bedrock-runtime.us-east-1.amazonaws.com/model/global.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke"
)
VERTEX_URL = (
    "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/publishers/anthropic/models/"
    "claude-sonnet-4-5@20250929:rawPredict"
)

CALL = Call(
    provider="anthropic",
    operation="chat",
    model=bodies.MODEL,
    input_tokens=2566,
    output_tokens=503,
    details={"cached_input": 2048, "cache_write": 512, "cache_write_1h": 128, "reasoning": 211},
    units={"web_searches": 2.0},
    response_id="msg_01XFDUDYJgAACzvnptvVoYEL",
    stream=False,
    service_tier="standard",
    finish_reason="tool_use",
)
PLAIN = CALL._replace(
    input_tokens=25, output_tokens=15, details={}, units={}, service_tier=None, finish_reason="end_turn"
)
FAILED = Call(provider="anthropic", operation="chat", stream=False)
START = Call(
    provider="anthropic",
    operation="chat",
    model=bodies.MODEL,
    input_tokens=1025,
    output_tokens=1,
    details={"cached_input": 1000, "cache_write": 0},
    response_id="msg_s1",
    stream=True,
    service_tier="standard",
)
END = Call(provider="anthropic", operation="chat", output_tokens=89, stream=True, finish_reason="end_turn")
ADVISED = Call(
    provider="anthropic",
    operation="chat",
    model=bodies.MODEL,
    input_tokens=1540 + 412,
    output_tokens=531,
    details={"cached_input": 412},
    response_id="msg_01XFDUDYJgAACzvnptvVoYEL",
    stream=False,
    finish_reason="tool_use",
)
ADVISOR = Call(
    provider="anthropic",
    operation="chat",
    model="claude-opus-4-6",
    input_tokens=823,
    output_tokens=1612,
    stream=False,
)
ADVISED_USAGE = {
    "input_tokens": 1540,
    "cache_read_input_tokens": 412,
    "output_tokens": 531,
    "iterations": bodies.ITERATIONS,
}

EXAMPLES: list[Example] = [
    (Record(bodies.message()), CALL),
    (Record(bodies.plain()), PLAIN),
    (
        Record(
            bodies.message(),
            bodies.request(stream=True),
            200,
            bodies.HEADERS,
            "https://api.anthropic.com/v1/messages",
            timestamp_ns=bodies.HEADERS_NS,
        ),
        CALL._replace(request_model="claude-sonnet-4-5", stream=True, rate_limit=bodies.LIMITS),
    ),
    (
        Record(bodies.plain(id="msg_bdrk_01", model=bodies.MODEL), {"anthropic_version": "x"}, 200, url=BEDROCK_URL),
        PLAIN._replace(
            provider="aws.bedrock",
            model="global.anthropic.claude-sonnet-4-5-20250929-v1:0",
            request_model="global.anthropic.claude-sonnet-4-5-20250929-v1:0",
            response_id="msg_bdrk_01",
        ),
    ),
    (
        Record(bodies.plain(id="msg_vrtx_01"), url=VERTEX_URL),
        PLAIN._replace(
            provider="gcp.vertex_ai",
            request_model="claude-sonnet-4-5@20250929",
            response_id="msg_vrtx_01",
            region="us-east5",
        ),
    ),
    (Record(bodies.message(usage=bodies.usage(inference_geo="us"))), CALL._replace(region="us")),
    (Record(bodies.message(usage=ADVISED_USAGE)), Several((ADVISED, ADVISOR))),
    (
        Record({"model": "claude-opus-4-6", "usage": {"input_tokens": 3, "cache_read_input_tokens": 7}, "ms": 12}),
        Call(
            provider="anthropic",
            operation="chat",
            model="claude-opus-4-6",
            input_tokens=10,
            details={"cached_input": 7},
            stream=False,
        ),
    ),
    (
        Record(bodies.error("overloaded_error"), status=529),
        FAILED._replace(error_type="overloaded", request_id="req_011CSHoEeq"),
    ),
    (
        Record({"error": bodies.error("rate_limit_error"), "model": "claude-opus-4-6", "level": "error"}),
        FAILED._replace(error_type="rate_limit", request_id="req_011CSHoEeq", request_model="claude-opus-4-6"),
    ),
    (Record(bodies.start()), Part(Stage.PIECE, START)),
    (Record(bodies.stream()[3]), Part(Stage.PIECE, Call(provider="anthropic", operation="chat", stream=True))),
    (Record(bodies.delta()), Part(Stage.FINISHED, END)),
    (
        Record(bodies.delta(input_tokens=25, cache_read_input_tokens=1000)),
        Part(Stage.FINISHED, END._replace(input_tokens=1025, details={"cached_input": 1000})),
    ),
    (Record({"type": "message_stop"}), Part(Stage.LAST, Call())),
    (
        Record(
            {
                "type": "message_stop",
                "amazon-bedrock-invocationMetrics": {
                    "inputTokenCount": 25,
                    "outputTokenCount": 89,
                    "invocationLatency": 1843,
                    "firstByteLatency": 412,
                },
            }
        ),
        Part(Stage.LAST, Call(duration_seconds=1.843, time_to_first_token_seconds=0.412)),
    ),
    (
        Record({"custom_id": "a", "result": {"type": "succeeded", "message": bodies.plain()}}),
        PLAIN._replace(service_tier="batch"),
    ),
    (
        Record({"custom_id": "b", "result": {"type": "errored", "error": bodies.error("invalid_request_error")}}),
        FAILED._replace(error_type="invalid_request", service_tier="batch"),
    ),
    (
        Record({"custom_id": "c", "result": {"type": "expired"}}),
        FAILED._replace(error_type="timeout", service_tier="batch"),
    ),
]
