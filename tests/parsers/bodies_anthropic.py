"""Bodies as Anthropic's Messages API sends them, made up for these tests; each function gives a fresh one."""

from __future__ import annotations

from tests.parsers.bodies import Json

MODEL = "claude-sonnet-4-5-20250929"


def usage(**changes: object) -> Json:
    """6 fresh + 2048 read + 512 written tokens of input, 128 of them for an hour."""
    block: Json = {
        "input_tokens": 6,
        "cache_creation_input_tokens": 512,
        "cache_read_input_tokens": 2048,
        "cache_creation": {"ephemeral_5m_input_tokens": 384, "ephemeral_1h_input_tokens": 128},
        "output_tokens": 503,
        "output_tokens_details": {"thinking_tokens": 211},
        "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 0},
        "service_tier": "standard",
        "inference_geo": "global",
    }
    return {**block, **changes}


def message(**changes: object) -> Json:
    """A message with thinking, a tool call whose input holds a forged usage, and a search."""
    body: Json = {
        "id": "msg_01XFDUDYJgAACzvnptvVoYEL",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": [
            {"type": "thinking", "thinking": "Let me see.", "signature": "EqQB"},
            {"type": "tool_use", "id": "toolu_1", "name": "lookup", "input": {"usage": {"input_tokens": 999999}}},
            {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "container": None,
        "usage": usage(),
    }
    return {**body, **changes}


def plain(**changes: object) -> Json:
    """A message as an older server sends it."""
    counts: Json = {"input_tokens": 25, "output_tokens": 15}
    return message(content=[{"type": "text", "text": "Hi!"}], stop_reason="end_turn", usage=counts, **changes)


def request(**changes: object) -> Json:
    return {
        "model": "claude-sonnet-4-5",
        "max_tokens": 1024,
        "messages": [{"role": "user", "content": "Hello"}],
        **changes,
    }


def error(kind: str, message: str = "Something went wrong", **changes: object) -> Json:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_011CSHoEeq", **changes}


def start(**changes: object) -> Json:
    counts: Json = {
        "input_tokens": 25,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 1000,
        "output_tokens": 1,
        "service_tier": "standard",
    }
    return {
        "type": "message_start",
        "message": message(id="msg_s1", content=[], stop_reason=None, usage={**counts, **changes}),
    }


def delta(**changes: object) -> Json:
    """The last but one event; an older server tells the output only."""
    return {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 89, **changes},
    }


def stream(**changes: object) -> list[Json]:
    """A stream with a ping; `changes` are members of the usage at its end."""
    return [
        start(),
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}},
        {"type": "content_block_stop", "index": 0},
        delta(**changes),
        {"type": "message_stop"},
    ]


ITERATIONS: list[Json] = [
    {"type": "message", "input_tokens": 412, "output_tokens": 89, "cache_read_input_tokens": 0},
    {"type": "advisor_message", "model": "claude-opus-4-6", "input_tokens": 823, "output_tokens": 1612},
    {"type": "message", "input_tokens": 1128, "output_tokens": 442, "cache_read_input_tokens": 412},
]

HEADERS = {
    "request-id": "req_018EeWyXxfu5pfWkrYcMdjWG",
    "anthropic-ratelimit-requests-limit": "4000",
    "anthropic-ratelimit-requests-remaining": "3999",
    "anthropic-ratelimit-requests-reset": "2026-11-20T17:00:08Z",
    "anthropic-ratelimit-input-tokens-limit": "2000000",
    "anthropic-ratelimit-input-tokens-remaining": "1998000",
    "anthropic-ratelimit-output-tokens-remaining": "399000",
    "anthropic-ratelimit-output-tokens-reset": "2026-11-20T17:00:37Z",
    "retry-after": "5",
}
HEADERS_NS = 1_795_194_007_000_000_000
"""2026-11-20T17:00:07Z"""
LIMITS = {
    "limit_requests": 4000,
    "remaining_requests": 3999,
    "reset_requests_seconds": 1.0,
    "limit_input_tokens": 2000000,
    "remaining_input_tokens": 1998000,
    "remaining_output_tokens": 399000,
    "reset_output_tokens_seconds": 30.0,
    "retry_after_seconds": 5,
}
