"""Bodies as the OpenAI family sends them, made up for these tests; each function gives a fresh one."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

AZURE_FILTERS: Json = {
    "hate": {"filtered": False, "severity": "safe"},
    "protected_material_code": {"filtered": False, "detected": False},
    "violence": {"filtered": False, "severity": "low"},
}


def chat_usage(**changes: object) -> Json:
    usage: Json = {
        "prompt_tokens": 1523,
        "completion_tokens": 212,
        "total_tokens": 1735,
        "prompt_tokens_details": {"cached_tokens": 1024, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 128,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
    return {**usage, **changes}


def chat(**changes: object) -> Json:
    """A chat completion with a tool call, log probabilities and every member that the API documents."""
    body: Json = {
        "id": "chatcmpl-CeXq8aTt1",
        "object": "chat.completion",
        "created": 1795194007,
        "model": "gpt-4o-2024-08-06",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": None,
                    "refusal": None,
                    "annotations": [],
                    "tool_calls": [
                        {
                            "id": "call_9b",
                            "type": "function",
                            "function": {"name": "lookup", "arguments": '{"usage": {"prompt_tokens": 999999}}'},
                        }
                    ],
                },
                "logprobs": {"content": [{"token": "Hi", "logprob": -0.02, "bytes": [72, 105], "top_logprobs": []}]},
                "finish_reason": "tool_calls",
            }
        ],
        "usage": chat_usage(),
        "service_tier": "default",
        "system_fingerprint": "fp_83df987f64",
    }
    return {**body, **changes}


def chat_request(**changes: object) -> Json:
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": "How much is it?"}], **changes}


def chunk(delta: Json | None = None, finish: str | None = None, **changes: object) -> Json:
    body: Json = {
        "id": "chatcmpl-CeXs1",
        "object": "chat.completion.chunk",
        "created": 1795194010,
        "model": "gpt-4.1-mini-2025-04-14",
        "service_tier": "default",
        "system_fingerprint": "fp_1",
        "choices": [{"index": 0, "delta": delta or {}, "logprobs": None, "finish_reason": finish}],
        "usage": None,
        "obfuscation": "r4nd0m",
    }
    return {**body, **changes}


def completion(**changes: object) -> Json:
    body: Json = {
        "id": "cmpl-uqkvlQyYK7bGYrRHQ0eXlWi7",
        "object": "text_completion",
        "created": 1795194011,
        "model": "gpt-3.5-turbo-instruct:20230824-v2",
        "choices": [{"text": " This is it.", "index": 0, "logprobs": None, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12},
    }
    return {**body, **changes}


def embeddings(**changes: object) -> Json:
    body: Json = {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.0023, -0.0093, 0.0158]}],
        "model": "text-embedding-3-small",
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    }
    return {**body, **changes}


def response_usage(**changes: object) -> Json:
    usage: Json = {
        "input_tokens": 3280,
        "input_tokens_details": {"cached_tokens": 2048, "cache_write_tokens": 512},
        "output_tokens": 871,
        "output_tokens_details": {"reasoning_tokens": 704},
        "total_tokens": 4151,
    }
    return {**usage, **changes}


def response(**changes: object) -> Json:
    """A finished response with reasoning, a tool call, a refusal and the request's echo."""
    body: Json = {
        "id": "resp_68af4030592c81",
        "object": "response",
        "created_at": 1795194020,
        "status": "completed",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": 2000,
        "model": "gpt-5-2025-08-07",
        "output": [
            {"id": "rs_1", "type": "reasoning", "summary": []},
            {"id": "fc_1", "type": "function_call", "name": "lookup", "arguments": "{}", "status": "completed"},
            {"id": "msg_1", "type": "message", "content": [{"type": "refusal", "refusal": "I cannot."}]},
        ],
        "parallel_tool_calls": True,
        "reasoning": {"effort": "medium", "summary": None},
        "service_tier": "flex",
        "text": {"format": {"type": "text"}},
        "tools": [{"type": "function", "name": "lookup", "parameters": {"usage": {"input_tokens": 77}}}],
        "usage": response_usage(),
        "metadata": {},
    }
    return {**body, **changes}


def event(kind: str, **members: object) -> Json:
    return {"type": kind, "sequence_number": 4, **members}


def error(message: str = "Something went wrong", **changes: object) -> Json:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None, **changes}}


OPENAI_HEADERS = {
    "content-type": "application/json",
    "openai-processing-ms": "1843",
    "x-request-id": "req_1",
    "x-ratelimit-limit-requests": "10000",
    "x-ratelimit-limit-tokens": "2000000",
    "x-ratelimit-remaining-requests": "9998",
    "x-ratelimit-remaining-tokens": "1998322",
    "x-ratelimit-reset-requests": "12ms",
    "x-ratelimit-reset-tokens": "50ms",
}
OPENAI_LIMITS = {
    "limit_requests": 10000,
    "limit_tokens": 2000000,
    "remaining_requests": 9998,
    "remaining_tokens": 1998322,
    "reset_requests_seconds": 0.012,
    "reset_tokens_seconds": 0.05,
}
