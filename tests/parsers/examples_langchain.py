"""What LangChain's callbacks, messages and LangSmith dump, made up for these tests, with what each must give."""

from __future__ import annotations

from typing import Any

from parsers.base import Call, Part, Record, Several, Stage
from parsers.contract import Example

Json = dict[str, Any]

TOKEN_USAGE: Json = {
    "prompt_tokens": 1523,
    "completion_tokens": 212,
    "total_tokens": 1735,
    "prompt_tokens_details": {"cached_tokens": 1024, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 128},
}
USAGE: Json = {
    "input_tokens": 1523,
    "output_tokens": 212,
    "total_tokens": 1735,
    "input_token_details": {"audio": 0, "cache_read": 1024},
    "output_token_details": {"reasoning": 128},
}


def message(**changes: object) -> Json:
    """An `AIMessage` of OpenAI's, which has its usage twice."""
    return {
        "content": "Paris.",
        "additional_kwargs": {"refusal": None},
        "response_metadata": {
            "token_usage": TOKEN_USAGE,
            "model_provider": "openai",
            "model_name": "gpt-4o-2024-08-06",
            "system_fingerprint": "fp_1",
            "id": "chatcmpl-1",
            "service_tier": "default",
            "finish_reason": "stop",
            "logprobs": None,
        },
        "type": "ai",
        "name": None,
        "id": "run--2f1c-0",
        "example": False,
        "tool_calls": [{"name": "f", "args": {"usage_metadata": {"input_tokens": 999_999}}, "id": "call_1"}],
        "invalid_tool_calls": [],
        "usage_metadata": USAGE,
        **changes,
    }


def generation(answer: Json | None = None) -> Json:
    """One candidate of a chat model's."""
    info = {"finish_reason": "stop", "logprobs": None}
    return {"text": "Paris.", "generation_info": info, "type": "ChatGeneration", "message": answer or message()}


def result(*groups: list[Json], **changes: object) -> Json:
    """An `LLMResult`, which has the usage of its message a third time."""
    return {
        "generations": list(groups) or [[generation()]],
        "llm_output": {"token_usage": TOKEN_USAGE, "model_name": "gpt-4o-2024-08-06", "system_fingerprint": "fp_1"},
        "run": None,
        "type": "LLMResult",
        **changes,
    }


def serialised(answer: Json) -> Json:
    """A message as `dumps` writes it."""
    return {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "AIMessage"], "kwargs": answer}


def run(**changes: object) -> Json:
    """A LangSmith run of a model."""
    outputs = {**result([generation(serialised(message()))]), "llm_output": None}
    return {
        "id": "0192",
        "name": "ChatOpenAI",
        "run_type": "llm",
        "start_time": "2026-11-20T17:00:05.000000+00:00",
        "end_time": "2026-11-20T17:00:06.500000+00:00",
        "extra": {"metadata": {"ls_provider": "openai", "ls_model_name": "gpt-4o", "ls_model_type": "chat"}},
        "inputs": {"messages": [[serialised({"content": "Capital of France?", "type": "human"})]]},
        "outputs": outputs,
        "error": None,
        "trace_id": "0191",
        **changes,
    }


def chunk(**changes: object) -> Json:
    """A chunk of a stream."""
    return {
        "content": "Par",
        "response_metadata": {},
        "type": "AIMessageChunk",
        "id": "run--2f1c",
        "tool_call_chunks": [],
        "usage_metadata": None,
        **changes,
    }


def event(name: str, **data: object) -> Json:
    """An event of a streamed run."""
    return {
        "event": name,
        "name": "ChatOpenAI",
        "run_id": "2f1c",
        "parent_ids": ["2f1b"],
        "tags": ["seq:step:2"],
        "metadata": {"ls_provider": "openai", "ls_model_name": "gpt-4o"},
        "data": data,
    }


def tokens(given: int, made: int, **details: int) -> Json:
    """A `usage_metadata`."""
    parts = {"input_token_details": details} if details else {}
    return {"input_tokens": given, "output_tokens": made, "total_tokens": given + made, **parts}


CALL = Call(
    provider="openai",
    operation="chat",
    model="gpt-4o-2024-08-06",
    input_tokens=1523,
    output_tokens=212,
    details={"audio_input": 0, "cached_input": 1024, "reasoning": 128},
    response_id="chatcmpl-1",
    service_tier="default",
    finish_reason="stop",
)
ANTHROPIC = message(
    response_metadata={
        "id": "msg_1",
        "model": "claude-sonnet-4-5-20250929",
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 30, "cache_read_input_tokens": 3000, "cache_creation_input_tokens": 1000},
    },
    usage_metadata=tokens(
        4030, 55, cache_read=3000, cache_creation=0, ephemeral_5m_input_tokens=400, ephemeral_1h_input_tokens=600
    ),
)
ANTHROPIC_CALL = Call(
    provider="anthropic",
    operation="chat",
    model="claude-sonnet-4-5-20250929",
    input_tokens=4030,
    output_tokens=55,
    details={"cached_input": 3000, "cache_write": 1000, "cache_write_1h": 600},
    response_id="msg_1",
    finish_reason="end_turn",
)
COMPLETION = {
    "generations": [
        [{"text": "a", "generation_info": {"finish_reason": "stop"}, "type": "Generation"}],
        [{"text": "b"}],
    ],
    "llm_output": {
        "token_usage": {"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14},
        "model_name": "gpt-3.5-turbo-instruct",
    },
    "type": "LLMResult",
}
PIECE = Call(operation="chat", response_id="run--2f1c", stream=True)

LANGCHAIN: list[Example] = [
    (Record(result()), CALL),
    (Record(result([generation(), generation()])), CALL),
    (Record(result([generation()], [generation(ANTHROPIC)])), Several((CALL, ANTHROPIC_CALL))),
    (Record(message()), CALL),
    (Record(serialised(message(usage_metadata=None))), CALL),
    (Record(ANTHROPIC), ANTHROPIC_CALL),
    (
        Record(COMPLETION),
        Call(
            provider="openai",
            operation="text_completion",
            model="gpt-3.5-turbo-instruct",
            input_tokens=10,
            output_tokens=4,
            finish_reason="stop",
        ),
    ),
    (Record(event("on_chat_model_end", output=message())), CALL._replace(request_model="gpt-4o")),
    (Record(event("on_llm_end", output=result())), CALL._replace(request_model="gpt-4o")),
    (Record(run()), CALL._replace(request_model="gpt-4o")),
    (
        Record(run(outputs=None, error="RateLimitError('Error code: 429')\n\nTraceback")),
        Call(provider="openai", operation="chat", request_model="gpt-4o", error_type="rate_limit", response_id="0192"),
    ),
    (Record(run(outputs=None, end_time=None)), None),
    (Record(chunk()), Part(Stage.PIECE, PIECE)),
    (
        Record(chunk(content="", usage_metadata=tokens(30, 0, cache_read=20))),
        Part(Stage.PIECE, PIECE._replace(input_tokens=30, details={"cached_input": 20})),
    ),
    (
        Record(chunk(usage_metadata=tokens(0, 15), response_metadata={"stop_reason": "end_turn"})),
        Part(Stage.LAST, PIECE._replace(output_tokens=15, finish_reason="end_turn")),
    ),
]
