"""The names under which logs hold what surrounds a body: tables only."""

from __future__ import annotations

from typing import Final

ROLES: Final = (
    "timestamp",
    "duration",
    "time_to_first_token",
    "status",
    "request_id",
    "span_id",
    "trace_id",
    "level",
    "headers",
    "url",
    "provider",
    "cost",
)
"""What surrounds a body, in the order of `Surroundings`."""

NAMES: dict[str, tuple[str, ...]] = {
    "timestamp": (
        "timestamp", "@timestamp", "time", "ts", "datetime", "asctime", "date", "event_time", "t", "time_iso8601",
        "msec", "time_millis", "end_time", "ended_at", "finished_at", "completed_at", "start_time", "started_at",
    ),
    "started": ("start_time", "started_at", "start", "start_timestamp", "request_timestamp"),
    "ended": (
        "end_time", "ended_at", "finished_at", "completed_at", "end", "end_timestamp", "finish_time",
        "response_timestamp",
    ),
    "duration": (
        "duration", "elapsed", "latency", "response_time", "request_time", "request_duration", "response_duration",
        "call_duration", "llm_duration", "llm_latency", "api_latency", "elapsed_time", "time_taken", "took",
        "processing_time", "execution_time", "total_latency", "total_time",
    ),
    "time_to_first_token": (
        "ttft", "time_to_first_token", "time_to_first_chunk", "first_token", "first_token_latency",
        "first_token_time", "first_chunk",
    ),
    "status": (
        "status_code", "status", "http_status", "http_status_code", "response_status", "response_status_code",
        "response_code", "http.status_code", "http.response.status_code",
    ),
    "request_id": (
        "request_id", "req_id", "x_request_id", "correlation_id", "llm_request_id", "call_id", "llm_call_id",
        "request_uuid", "http.request_id",
    ),
    "span_id": ("span_id", "span.id", "dd.span_id", "otel_span_id"),
    "trace_id": (
        "trace_id", "trace.id", "dd.trace_id", "otel_trace_id", "x_trace_id", "logging.googleapis.com/trace",
    ),
    "level": ("level", "severity", "levelname", "log.level", "log_level", "loglevel", "lvl"),
    "headers": ("response_headers", "resp_headers", "headers", "http.response.headers"),
    "url": ("url", "request_url", "api_base", "base_url", "endpoint", "http.url", "url.full", "upstream_url"),
    "provider": ("provider", "llm_provider", "ai_provider", "gen_ai.provider.name", "gen_ai.system"),
    "cost": ("cost_usd", "usd_cost", "response_cost", "total_cost_usd", "total_cost", "cost"),
    "request": (
        "request", "request_body", "req_body", "llm_request", "llm.request", "openai_request", "request_json",
        "request_params", "kwargs",
    ),
    "response": (
        "response", "response_body", "resp_body", "resp", "llm_response", "llm.response", "openai_response",
        "api_response", "raw_response", "response_json", "response.body", "res.body", "completion",
        "chat_completion", "chunk", "stream_chunk", "chunks", "stream_events",
    ),
    "nest": (
        "log_processed", "log", "event", "body", "data", "payload", "message", "msg", "result", "output",
        "attributes", "fields", "extra", "meta", "context", "ctx", "llm", "openai", "ai", "json_payload", "record",
    ),
}  # fmt: skip
"""The common names of each role in snake case, the likeliest first. `nest` may hold a whole line or a body."""

INSIDE: dict[str, tuple[tuple[str, str], ...]] = {
    "res": (
        ("status", "statusCode"), ("status", "status_code"), ("status", "status"), ("headers", "headers"),
        ("response", "body"), ("response", "data"),
    ),
    "req": (("request_id", "id"), ("url", "url"), ("request", "body")),
    "http": (("status", "status_code"), ("url", "url")),
    "trace": (("trace_id", "id"),),
    "span": (("span_id", "id"),),
    "err": (("status", "status"), ("headers", "headers")),
}  # fmt: skip
"""Objects of loggers (pino, ECS) that hold a role one level down, after the names of the line itself."""

USAGE_KEYS = frozenset({"usage", "usageMetadata", "usage_metadata", "choices", "candidates", "prompt_eval_count"})
PROMPT_KEYS = frozenset({"messages", "prompt", "input", "contents"})

LOGGERS: tuple[tuple[str, tuple[frozenset[str], ...]], ...] = (
    ("docker", (frozenset({"log", "stream", "time"}),)),
    ("fluentbit", (frozenset({"log_processed"}), frozenset({"log", "kubernetes"}))),
    ("python_json_logger", (frozenset({"levelname"}), frozenset({"asctime"}))),
    ("pino", (frozenset({"level", "time", "msg"}), frozenset({"level", "time", "pid"}), frozenset({"req", "res"}))),
    ("structlog", (frozenset({"event", "level"}), frozenset({"event", "timestamp"}))),
    ("winston", (frozenset({"level", "message", "timestamp"}), frozenset({"level", "message"}))),
    ("request_response", (frozenset({"request", "response"}),)),
)
"""Keys that give a logger away, the surest first. `pino` is confirmed by a number as level, `structlog` by a text."""
LOGGER_SIGNS = frozenset(
    ("ts", "time", "timestamp", "@timestamp", "level", "severity", "msg", "request", "response")
)  # fmt: skip

OBJECTS = frozenset({"chat.completion", "chat.completion.chunk", "text_completion", "list", "response", "error"})
"""Values of `object` by which a body of the OpenAI family names itself."""
EVENT_TYPES = frozenset({"message", "error", "ping"})
EVENT_PREFIXES = ("response.", "message_", "content_block_")
"""Values of `type` by which an event of a stream (or Anthropic's message) names itself."""
EVENT_KEYS = frozenset({"sequence_number", "item_id", "response_id", "event_id"})
"""What OpenAI's `response.…` events carry when they do not carry the response."""
HINTS = USAGE_KEYS | PROMPT_KEYS | {
    "response", "response_body", "resp_body", "request", "request_body", "res", "object", "completion", "error",
    "llm_response", "openai_response", "body", "chunk", "prompt_tokens", "input_tokens",
}  # fmt: skip
"""An object inside a line without any of these is not worth opening."""
CONTAINER_LOGGERS = frozenset({"docker", "cri", "fluentbit"})
"""Wrappers around a line of the application's own, whose wrapper is worth naming too."""
