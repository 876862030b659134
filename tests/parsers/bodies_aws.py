"""Bodies as Bedrock sends them, made up for these tests; each function gives a fresh one."""

from __future__ import annotations

import json

from tests.parsers.bodies import Json

CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
PROFILE = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3"
"""A name of the user's own, which tells no model."""
HOST = "https://bedrock-runtime.us-east-1.amazonaws.com"


def usage(**changes: object) -> Json:
    """22 fresh + 1000 read + 2492 written tokens of input."""
    block: Json = {
        "inputTokens": 22,
        "outputTokens": 13,
        "totalTokens": 3527,
        "cacheReadInputTokens": 1000,
        "cacheReadInputTokenCount": 1000,
        "cacheWriteInputTokens": 2492,
        "cacheWriteInputTokenCount": 2492,
        "cacheDetails": [{"ttl": "1h", "inputTokens": 492}, {"ttl": "5m", "inputTokens": 2000}],
        "serverToolUsage": {},
    }
    return {**block, **changes}


def converse(**changes: object) -> Json:
    """An answer with a tool call whose input holds a forged usage, as boto3 gives it."""
    tool = {"toolUse": {"toolUseId": "t1", "name": "lookup", "input": {"usage": {"inputTokens": 999999}}}}
    body: Json = {
        "ResponseMetadata": {
            "RequestId": "7a7f0b1c-1",
            "HTTPStatusCode": 200,
            "HTTPHeaders": {"x-amzn-requestid": "7a7f0b1c-1", "content-type": "application/json"},
            "RetryAttempts": 0,
        },
        "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}, tool]}},
        "stopReason": "tool_use",
        "usage": usage(),
        "metrics": {"latencyMs": 1843},
        "serviceTier": {"type": "priority"},
    }
    return {**body, **changes}


def request(**changes: object) -> Json:
    return {"modelId": CLAUDE, "messages": [{"role": "user", "content": [{"text": "Hello"}]}], **changes}


def metadata(**changes: object) -> Json:
    return {"metadata": {"usage": usage(), "metrics": {"latencyMs": 900}, **changes}}


def stream() -> list[Json]:
    return [
        {"messageStart": {"role": "assistant"}},
        {"contentBlockDelta": {"delta": {"text": "Hel"}, "contentBlockIndex": 0}},
        {"contentBlockStop": {"contentBlockIndex": 0}},
        {"messageStop": {"stopReason": "end_turn"}},
        metadata(),
    ]


def llama(**changes: object) -> Json:
    body: Json = {"generation": "Hi", "prompt_token_count": 25, "generation_token_count": 31, "stop_reason": "stop"}
    return {**body, **changes}


METRICS_KEY = "amazon-bedrock-invocationMetrics"
METRICS: Json = {"inputTokenCount": 25, "outputTokenCount": 31, "invocationLatency": 1200, "firstByteLatency": 300}


CACHED_METRICS: Json = {**METRICS, "cacheReadInputTokenCount": 1000, "cacheWriteInputTokenCount": 2492}


def nova_stream() -> list[Json]:
    """InvokeModel's: Converse's events, the metrics beside the last one, which may leave the cache out."""
    return [*stream()[:4], {**metadata(metrics={}, trace={}), METRICS_KEY: METRICS}]


def claude_stream() -> list[Json]:
    """Only the first event has an id; the metrics at the end repeat what the deltas say."""
    given: Json = {"input_tokens": 22, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 2492}
    message: Json = {"id": "msg_bdrk_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929"}
    return [
        {"type": "message_start", "message": {**message, "usage": {**given, "output_tokens": 1}}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 13}},
        {
            "type": "message_stop",
            METRICS_KEY: {**CACHED_METRICS, "inputTokenCount": 22, "outputTokenCount": 13},
        },
    ]


def openai_stream() -> list[Json]:
    """OpenAI's form, whose usage only the metrics tell."""
    chunk: Json = {"id": "chatcmpl-b1", "object": "chat.completion.chunk", "model": "openai.gpt-oss-120b-1:0"}
    ended: Json = {"index": 0, "delta": {}, "finish_reason": "stop"}
    return [
        {**chunk, "choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": None}]},
        {**chunk, "choices": [ended], METRICS_KEY: METRICS},
    ]


def cohere_stream() -> list[Json]:
    return [
        {"event_type": "text-generation", "is_finished": False, "text": "Hi"},
        {
            "event_type": "stream-end",
            "is_finished": True,
            "finish_reason": "COMPLETE",
            "response": {"text": "Hi", "generation_id": "g1"},
            METRICS_KEY: METRICS,
        },
    ]


def mistral_stream() -> list[Json]:
    return [
        {"outputs": [{"text": " Hi", "stop_reason": None}]},
        {"outputs": [{"text": "", "stop_reason": "stop"}], METRICS_KEY: METRICS},
    ]


def llama_stream() -> list[Json]:
    """Every piece tells how many tokens there are by then."""
    last: Json = {"generation": "", "prompt_token_count": None, "generation_token_count": 31, "stop_reason": "stop"}
    return [
        llama(generation_token_count=1, stop_reason=None),
        llama(generation_token_count=2, prompt_token_count=None, stop_reason=None),
        {**last, METRICS_KEY: METRICS},
    ]


def delivery(*messages: object) -> Json:
    """What a CloudWatch subscription delivers of a log group."""
    events = [
        {
            "id": str(index),
            "timestamp": 1_795_194_007_000 + index,
            "message": message if isinstance(message, str) else json.dumps(message),
        }
        for index, message in enumerate(messages)
    ]
    return {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "/aws/bedrock/modelinvocations",
        "logStream": "aws/bedrock/modelinvocations",
        "subscriptionFilters": ["all"],
        "logEvents": events,
    }


def titan(**changes: object) -> Json:
    result = {"tokenCount": 55, "outputText": "Hi", "completionReason": "FINISH"}
    return {"inputTextTokenCount": 7, "results": [result], **changes}


HEADERS = {
    "x-amzn-requestid": "9c1f",
    "x-amzn-bedrock-input-token-count": "12",
    "x-amzn-bedrock-output-token-count": "34",
    "x-amzn-bedrock-cache-read-input-token-count": "100",
    "x-amzn-bedrock-invocation-latency": "512",
}


def log(**changes: object) -> Json:
    """A record of the invocation log of a Converse call; the body inside repeats the usage."""
    body: Json = {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": "2026-11-20T17:00:07Z",
        "accountId": "123456789012",
        "identity": {"arn": "arn:aws:sts::123456789012:assumed-role/app/i-1"},
        "region": "us-east-1",
        "requestId": "b2a3-log",
        "operation": "Converse",
        "modelId": f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/{CLAUDE}",
        "inferenceRegion": "us-west-2",
        "input": {
            "inputContentType": "application/json",
            "inputBodyJson": {"messages": [{"role": "user", "content": [{"text": '{"usage":{"inputTokens":9}}'}]}]},
            "inputTokenCount": 22,
            "cacheReadInputTokenCount": 1000,
            "cacheWriteInputTokenCount": 2492,
        },
        "output": {
            "outputContentType": "application/json",
            "outputBodyJson": {
                "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
                "stopReason": "end_turn",
                "metrics": {"latencyMs": 1843},
                "usage": usage(),
            },
            "outputTokenCount": 13,
        },
    }
    return {**body, **changes}


def claude_log() -> Json:
    """A record of a stream of Claude's own events, from before the envelope had the cache's counts."""
    events: list[Json] = [
        {
            "type": "message_start",
            "message": {
                "id": "msg_bdrk_1",
                "type": "message",
                "model": "claude-sonnet-4-5-20250929",
                "usage": {
                    "input_tokens": 3,
                    "cache_read_input_tokens": 100,
                    "cache_creation_input_tokens": 20,
                    "cache_creation": {"ephemeral_5m_input_tokens": 15, "ephemeral_1h_input_tokens": 5},
                    "output_tokens": 1,
                },
            },
        },
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 40}},
        {"type": "message_stop", METRICS_KEY: METRICS},
    ]
    return log(
        operation="InvokeModelWithResponseStream",
        modelId="anthropic.claude-sonnet-4-5-20250929-v1:0",
        input={"inputContentType": "application/json", "inputBodyJson": {"messages": []}, "inputTokenCount": 3},
        output={"outputContentType": "application/json", "outputBodyJson": events, "outputTokenCount": 40},
    )
