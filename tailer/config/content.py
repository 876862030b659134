"""Under which names a log line holds what was said to a model and by it, and how things may be told: tables only.

Sources: the request and response references of the providers, the OpenTelemetry GenAI attributes, OpenInference's.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache


def _plain(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower().replace("_", "").replace("-", "") for name in names)


CONTENT = _plain({
    # what is said
    "content", "contents", "messages", "input_messages", "output_messages", "chat_history", "history", "preamble",
    "system", "system_prompt", "system_instruction", "system_instructions", "instructions", "prompt", "prompts",
    "input", "inputs", "input_text", "input_texts", "query", "queries", "question", "questions", "suffix", "prefix",
    "negative_prompt", "prompt_template", "template", "variables", "prompt_variables", "invocation_parameters",
    "parameters", "stop", "stop_sequences", "stop_sequence", "instances", "examples", "description",
    # what is answered
    "output", "outputs", "output_text", "completion", "completions", "text", "texts", "answer", "answers", "generation",
    "generated_text", "generated_images", "revised_prompt", "markdown", "refusal", "parts", "prediction", "predictions",
    "summary", "explanation", "failed_generation", "parsed", "output_parsed", "translation",
    # reasoning
    "thinking", "thinking_blocks", "reasoning", "reasoning_content", "reasoning_text", "reasoning_details", "thought",
    "thoughts", "thought_signature", "signature", "encrypted_content", "redacted_thinking", "redacted_content",
    # tools
    "arguments", "args", "partial_json", "input_schema", "schema", "json_schema", "response_schema", "tools",
    "functions", "function_declarations", "tool_calls", "tool_call", "tool_call_chunks", "invalid_tool_calls",
    "tool_use", "tool_result", "tool_results", "tool_plan", "tool_definitions", "tool_config", "function_call",
    "function_response", "executable_code", "code_execution_result",
    # images, sound, files, vectors
    "inline_data", "file_data", "file", "image", "images", "image_url", "input_image", "mask", "input_audio", "audio",
    "video", "videos", "b64_json", "b64", "base64", "bytes", "blob", "artifacts", "transcript", "words", "segments",
    "embedding", "embeddings", "embeddings_by_type", "vector", "vectors", "pages",
    "token_ids", "tokens", "token", "logprobs", "top_logprobs", "token_logprobs", "logprobs_result", "alternatives",
    # found and quoted
    "document", "documents", "passages", "citation", "citations", "annotations", "search_results", "web_results",
    "grounding_metadata", "grounding_chunks", "web_search_queries", "search_queries", "search_entry_point",
    "citation_metadata", "citation_sources", "cited_text", "snippet", "quote", "excerpt",
    # what an error tells may quote all of it
    "error_message", "error_str", "stack", "stack_trace", "stack_info", "traceback", "exc_info", "exc_text", "detail",
    "error_detail", "err_msg", "error_msg",
})  # fmt: skip
"""Keys whose value is content wherever it stands: lower case, without `_` and `-`."""

COUNTED = _plain({
    "input", "inputs", "output", "outputs", "prompt", "prompts", "completion", "completions", "text", "audio", "image",
    "images", "video", "videos", "document", "documents", "tokens", "pages", "reasoning", "thinking", "thoughts",
    "embedding", "embeddings", "words", "segments", "query", "queries", "generation", "search_queries", "messages",
    "citations",
})  # fmt: skip
"""Of these, keys that may also hold how much there was of it: a single number there is no content."""

BODIES = _plain({
    "log", "body", "data", "payload", "line", "record", "result", "response", "request", "json", "chunk", "chunks",
    "delta", "response_body", "resp_body", "request_body", "req_body", "resp", "req", "raw_response", "raw_request",
    "response_json", "request_json", "llm_response", "llm_request", "openai_response", "openai_request",
    "api_response", "stream_chunk", "stream_events", "backend_response_body", "backend_request_body", "kwargs",
    "input_body_json", "output_body_json", "request_params", "chat_completion", "generations", "candidates", "choices",
    "value",
})  # fmt: skip
"""Where bodies stand: what is inside is looked through; a text there that cannot be is content as a whole."""

ERRORS = _plain({"error", "err", "exception", "exc", "cause", "fault", "error_information", "errors", "warning"})
"""Under these a `message` is the words of an error; so is a text at the key itself."""
WORDS_OF_AN_ERROR = _plain({"message", "msg", "value", "text", "param", "metadata", "raw"})
REPLIES = _plain({
    "response", "response_body", "resp_body", "resp", "raw_response", "response_json", "llm_response", "body",
    "openai_response", "api_response", "backend_response_body",
})  # fmt: skip
"""Under these a `message` that is a text is what a provider says of a failure."""
LOGGED = frozenset({
    "level", "severity", "lvl", "levelname", "log.level", "log_level", "loglevel", "logger", "time", "timestamp", "ts",
    "@timestamp", "asctime", "datetime", "date", "t", "@t", "@l", "@m",
})  # fmt: skip
"""What a logger puts beside a `message` of its own; where none of these is, it is the message of an error."""
USAGE = _plain({
    "usage", "usage_metadata", "usage_info", "token_usage", "billed_units", "token_count", "token_counts",
    "prompt_tokens_details", "completion_tokens_details", "input_tokens_details", "output_tokens_details",
    "input_token_details", "output_token_details", "cost_details", "costs", "tokens",
})  # fmt: skip
"""Where counts stand: objects in them are looked through though their keys are named like content."""
USAGE_MARK = "usage"
"""The name by which everything below one of these goes."""
MEDIA = _plain({"data", "images", "image", "videos", "video", "files", "artifacts", "output", "content"})
"""Under these a `url` leads to what was made."""
SECRETS = _plain({
    "authorization", "proxy_authorization", "api_key", "x_api_key", "apikey", "x_goog_api_key", "cookie", "set_cookie",
    "password", "passwd", "secret", "client_secret", "access_token", "refresh_token", "id_token", "auth_token",
    "x_auth_token", "x_amz_security_token", "ocp_apim_subscription_key", "openai_api_key", "anthropic_api_key",
    "private_key", "secret_key", "secret_access_key", "bearer_token", "session_token", "x_goog_iam_authorization_token",
})  # fmt: skip
"""Headers and fields whose text is a secret."""

_VALUES = _plain({"value", "string_value", "values"})


@lru_cache(maxsize=4096)
def names_of(key: str) -> tuple[str, str]:
    """A key as the tables have it, and what stands before it where it is dotted: `gen_ai.input.messages`."""
    if len(key) > 256:
        return key[:256], ""
    parts = [part for part in key.lower().replace("_", "").replace("-", "").split(".") if part.strip("0123456789")]
    if not parts:
        return "", ""
    return parts[-1], parts[-2] if len(parts) > 1 else ""


def is_content(key: str, parent: str = "") -> bool:
    """Whether what stands at this key is content; `parent` is the key above as the tables have it."""
    name, before = names_of(key)
    above = before or parent
    if name in CONTENT:
        # OpenTelemetry's `gen_ai.system` is the provider.
        return name != "system" or above != "genai"
    if name in _VALUES:
        return above in CONTENT
    if name in WORDS_OF_AN_ERROR and (above in ERRORS or above.endswith(("error", "exception"))):
        return True
    if name == "message" and above in REPLIES:
        return True
    if name in ("result", "definitions") and above in ("tool", "call"):
        return True
    return name == "url" and above in MEDIA


def holds_content(dotted: str) -> bool:
    """Whether a configured path leads to content or into it."""
    parts = dotted.split(".")
    parents = ["", *(names_of(part)[0] for part in parts)]
    return any(is_content(part, parents[at]) for at, part in enumerate(parts)) or is_content(dotted)
