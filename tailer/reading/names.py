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
        "instant", "msec", "time_millis", "time_local", "timestamp_ns", "timestamp_us", "timestamp_ms", "time_ns",
        "time_ms", "ts_ns", "ts_ms", "epoch_ms", "time_unix_nano", "end_time", "ended_at", "finished_at",
        "completed_at", "start_time", "started_at",
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
    "headers": (
        "response_headers", "resp_headers", "response_header", "resp_header", "headers", "header",
        "http.response.headers",
    ),
    "url": ("url", "request_url", "api_base", "base_url", "endpoint", "http.url", "url.full", "upstream_url"),
    "provider": (
        "provider", "llm_provider", "ai_provider", "custom_llm_provider", "gen_ai.provider.name", "gen_ai.system",
    ),
    "cost": ("cost_usd", "usd_cost", "response_cost", "total_cost_usd", "total_cost", "cost"),
    "request": (
        "request", "request_body", "req_body", "llm_request", "llm.request", "openai_request", "request_json",
        "request_params", "kwargs", "backend_request_body",
    ),
    "response": (
        "response", "response_body", "resp_body", "resp", "llm_response", "llm.response", "openai_response",
        "api_response", "raw_response", "response_json", "response.body", "res.body", "completion",
        "chat_completion", "chunk", "stream_chunk", "chunks", "stream_events",
        "backend_response_body",
    ),
    "nest": (
        "log_processed", "log", "event", "body", "data", "payload", "message", "msg", "result", "output",
        "attributes", "fields", "extra", "meta", "context", "ctx", "llm", "openai", "ai", "json_payload", "record",
        "metadata", "json", "line", "properties", "standard_logging_object", "standard_logging_payload",
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
    "context": (("trace_id", "trace_id"), ("span_id", "span_id")),
    "err": (("status", "status"), ("headers", "headers")),
}  # fmt: skip
"""Objects of loggers (pino, ECS) that hold a role one level down, after the names of the line itself."""

USAGE_KEYS = frozenset({
    "usage", "usageMetadata", "usage_metadata", "choices", "candidates", "prompt_eval_count", "promptFeedback",
    "prompt_feedback", "prompt_token_count", "inputTextTokenCount", "amazon-bedrock-invocationMetrics", "stopReason",
    "messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "usage_info",
})  # fmt: skip
PROMPT_KEYS = frozenset({"messages", "prompt", "input", "contents"})

LOGGERS: tuple[tuple[str, tuple[frozenset[str], ...]], ...] = (
    ("docker", (frozenset({"log", "stream", "time"}),)),
    (
        "fluentbit",
        (
            frozenset({"log_processed"}),
            frozenset({"log", "kubernetes"}),
            frozenset({"log", "date"}),
            frozenset({"log", "container_id"}),
        ),
    ),
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

RECORDS: tuple[tuple[str, frozenset[str]], ...] = (
    ("openai_batch", frozenset({"custom_id", "response", "error"})),
    ("bedrock_log", frozenset({"schemaType", "schemaVersion", "modelId"})),
    ("bedrock_batch", frozenset({"recordId", "modelInput"})),
    ("cloudwatch", frozenset({"logEvents", "logGroup", "logStream"})),
    ("vertex_batch", frozenset({"processed_time", "request", "response"})),
    ("litellm", frozenset({"call_type", "startTime", "endTime"})),
    ("otlp", frozenset({"resourceSpans"})),
    ("otlp", frozenset({"resourceLogs"})),
    ("otlp", frozenset({"attributes", "startTimeUnixNano"})),
    ("otel_span", frozenset({"attributes", "context", "start_time", "end_time"})),
    ("langsmith", frozenset({"run_type", "outputs"})),
    ("langchain", frozenset({"event", "run_id", "data", "parent_ids"})),
    ("langchain", frozenset({"event", "run_id", "data", "tags", "metadata"})),
    ("langchain", frozenset({"generations", "llm_output"})),
    ("langchain", frozenset({"generations", "llmOutput"})),
    ("kong", frozenset({"ai", "latencies"})),
    ("kong", frozenset({"ai", "started_at"})),
    ("apisix", frozenset({"llm_summary"})),
    ("cloudflare", frozenset({"tokens_in", "tokens_out", "cached", "success"})),
    ("cloudflare", frozenset({"Gateway", "Provider", "Model", "StatusCode"})),
)
"""Keys of lines that are themselves a gateway's or a tracer's record of a call: the whole line is the body, and what
it calls duration, cost or status has a meaning of its own, which the parser knows."""
OWN_MEANING = ("duration", "time_to_first_token", "cost", "status")
"""The roles that such a record's parser reads."""
GEN_AI = frozenset({
    "gen_ai.operation.name", "gen_ai.request.model", "gen_ai.response.model", "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens", "gen_ai.usage.prompt_tokens", "gen_ai.usage.completion_tokens", "gen_ai",
})  # fmt: skip
"""OpenTelemetry's attributes as keys of a line, or of an object in it: that is the body."""

OBJECTS = frozenset({
    "chat.completion", "chat.completion.chunk", "text_completion", "list", "response", "error", "conversation.response",
    "response.compaction", "video", "video.generation.job",
    "interaction",
})  # fmt: skip
"""Values of `object` by which a body of the OpenAI family, or an interaction of Gemini's, names itself."""
EVENT_TYPES = frozenset({"message", "error", "ping"})
EVENT_PREFIXES = (
    "response.", "message_", "content_block_", "image_generation.", "image_edit.", "transcript.text.", "speech.audio.",
    "transcription.", "conversation.response.", "conversation.item.input_audio_transcription.", "rate_limits.",
    "session.", "message.output.",
)  # fmt: skip
"""Values of `type` by which an event of a stream (or Anthropic's message) names itself."""
COHERE_EVENTS = frozenset({
    "message-start", "content-start", "content-delta", "content-end", "tool-plan-delta", "tool-call-start",
    "tool-call-delta", "tool-call-end", "citation-start", "citation-end", "message-end",
})  # fmt: skip
"""Values of `type` of Cohere's events; v1's have `event_type`."""
INTERACTION_EVENTS = ("interaction.", "step.", "content.")
INTERACTION_KEYS = frozenset({"interaction", "interaction_id", "index"})
"""How the values of `event_type` of Gemini's interactions begin, and what one of them has beside it."""
TYPED = frozenset({"object", "type", "done", "meta", "event_type", "predictions"})
"""Keys by which a body may say itself what it is: the last four are Ollama's, Cohere's and Vertex AI's."""
NUMBERED_PREFIXES = ("response.", "session.", "conversation.item.", "rate_limits.")
EVENT_KEYS = frozenset({"sequence_number", "item_id", "response_id", "event_id"})
"""What events of `NUMBERED_PREFIXES` carry when they do not carry a response: applications have such names too."""
HINTS = USAGE_KEYS | PROMPT_KEYS | {
    "response", "response_body", "resp_body", "request", "request_body", "res", "object", "completion", "error",
    "llm_response", "openai_response", "body", "chunk", "prompt_tokens", "input_tokens",
    "done", "predictions", "embedding", "embeddings", "meta",
    "generations", "response_metadata", "run_type", "call_type", "llm_summary", "tokens_in", "resourceSpans",
    "resourceLogs", "event_id", "b64_json", "custom_id",
} | GEN_AI  # fmt: skip
"""An object inside a line without any of these is not worth opening."""
CONTAINER_LOGGERS = frozenset({"docker", "cri", "fluentbit"})
"""Wrappers around a line of the application's own, whose wrapper is worth naming too."""
