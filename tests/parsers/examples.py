"""Records of the OpenAI family with what each parser must give for them: input of the contract suite."""

from __future__ import annotations

from parsers.base import Call, Part, Record, Stage
from parsers.contract import Example
from tests.parsers import (
    bodies,
    examples_anthropic,
    examples_aws,
    examples_cohere,
    examples_gateways,
    examples_gemini,
    examples_interactions,
    examples_langchain,
    examples_litellm,
    examples_media,
    examples_ollama,
    examples_otel,
)

AZURE_URL = "https://acme.openai.azure.com/openai/deployments/prod-4o/chat/completions?api-version=2025-01-01"

CHAT_CALL = Call(
    provider="openai",
    operation="chat",
    model="gpt-4o-2024-08-06",
    input_tokens=1523,
    output_tokens=212,
    details={
        "cached_input": 1024,
        "audio_input": 0,
        "reasoning": 128,
        "audio_output": 0,
        "accepted_prediction": 0,
        "rejected_prediction": 0,
    },
    response_id="chatcmpl-CeXq8aTt1",
    stream=False,
    service_tier="default",
    finish_reason="tool_calls",
)
PIECE = Call(
    provider="openai",
    operation="chat",
    model="gpt-4.1-mini-2025-04-14",
    response_id="chatcmpl-CeXs1",
    stream=True,
    service_tier="default",
)
RESPONSE_CALL = Call(
    provider="openai",
    operation="chat",
    model="gpt-5-2025-08-07",
    input_tokens=3280,
    output_tokens=871,
    details={"cached_input": 2048, "cache_write": 512, "reasoning": 704},
    response_id="resp_68af4030592c81",
    stream=False,
    service_tier="flex",
    finish_reason="completed",
)

CHAT: list[Example] = [
    (Record(bodies.chat()), CHAT_CALL),
    (
        Record(bodies.chat(), bodies.chat_request(stream=True), 200, bodies.OPENAI_HEADERS),
        CHAT_CALL._replace(request_model="gpt-4o", stream=True, rate_limit=bodies.OPENAI_LIMITS),
    ),
    (
        Record(
            bodies.chat(
                prompt_filter_results=[{"prompt_index": 0, "content_filter_results": bodies.AZURE_FILTERS}],
                choices=[{"index": 0, "finish_reason": "content_filter", "content_filter_results": {}, "message": {}}],
            ),
            status=200,
            url=AZURE_URL,
            headers={"x-ratelimit-limit-tokens": "-1", "x-ratelimit-remaining-tokens": "-1", "retry-after-ms": "50"},
        ),
        CHAT_CALL._replace(
            provider="azure.ai.openai",
            request_model="prod-4o",
            finish_reason="content_filter",
            rate_limit={"retry_after_seconds": 0.05},
        ),
    ),
    (Record(bodies.chunk({"content": "Hel"})), Part(Stage.PIECE, PIECE)),
    (Record(bodies.chunk({}, "stop")), Part(Stage.FINISHED, PIECE._replace(finish_reason="stop"))),
    (
        Record(bodies.chunk(choices=[], usage={"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12})),
        Part(Stage.LAST, PIECE._replace(input_tokens=9, output_tokens=3)),
    ),
    (
        Record({"model": "gpt-4o", "usage": {"prompt_tokens": 4, "completion_tokens": 2}, "duration_ms": 12}),
        Call(provider="openai", operation="chat", model="gpt-4o", input_tokens=4, output_tokens=2, stream=False),
    ),
]

RESPONSES: list[Example] = [
    (Record(bodies.response()), RESPONSE_CALL),
    (
        Record(bodies.event("response.completed", response=bodies.response())),
        Part(Stage.LAST, RESPONSE_CALL._replace(stream=True)),
    ),
    (
        Record(bodies.event("response.output_text.delta", item_id="msg_1", delta="Hel")),
        Part(Stage.PIECE, Call(provider="openai", operation="chat", stream=True)),
    ),
    (
        Record(bodies.event("error", code="server_error", message="Oops", param=None)),
        Part(Stage.LAST, Call(provider="openai", operation="chat", stream=True, error_type="server_error")),
    ),
    (Record(bodies.response(status="queued", usage=None)), None),
    (
        Record(bodies.response(status="failed", usage=None, error={"code": "rate_limit_exceeded", "message": "Slow"})),
        RESPONSE_CALL._replace(
            input_tokens=None, output_tokens=None, details={}, finish_reason="failed", error_type="rate_limit"
        ),
    ),
]

EMBEDDINGS: list[Example] = [
    (
        Record(bodies.embeddings()),
        Call(
            provider="openai",
            operation="embeddings",
            model="text-embedding-3-small",
            input_tokens=8,
            output_tokens=0,
            stream=False,
        ),
    ),
]

COMPLETIONS: list[Example] = [
    (
        Record(bodies.completion()),
        Call(
            provider="openai",
            operation="text_completion",
            model="gpt-3.5-turbo-instruct:20230824-v2",
            input_tokens=5,
            output_tokens=7,
            response_id="cmpl-uqkvlQyYK7bGYrRHQ0eXlWi7",
            stream=False,
            finish_reason="length",
        ),
    ),
]

ERRORS: list[Example] = [
    (
        Record(bodies.error("Slow down", type="tokens", code="rate_limit_exceeded"), bodies.chat_request(), 429),
        Call(provider="openai", operation="chat", request_model="gpt-4o", error_type="rate_limit", stream=False),
    ),
    (
        Record(None, bodies.chat_request(), 503, {"retry-after": "20"}, AZURE_URL),
        Call(
            provider="azure.ai.openai",
            operation="chat",
            request_model="gpt-4o",
            error_type="overloaded",
            stream=False,
            rate_limit={"retry_after_seconds": 20},
        ),
    ),
]

REQUESTS: list[Example] = [
    (
        Record(None, bodies.chat_request(stream=True)),
        Part(Stage.REQUEST, Call(provider="openai", operation="chat", request_model="gpt-4o", stream=True)),
    ),
    (
        Record({"request_id": "r1", **bodies.chat_request()}),
        Part(Stage.REQUEST, Call(provider="openai", operation="chat", request_model="gpt-4o", stream=False)),
    ),
]

BY_PARSER: dict[str, list[Example]] = {
    "litellm": examples_litellm.LITELLM,
    "otel_genai": examples_otel.OTEL,
    "kong": examples_gateways.KONG,
    "cloudflare": examples_gateways.CLOUDFLARE,
    "apisix": examples_gateways.APISIX,
    "langchain": examples_langchain.LANGCHAIN,
    **examples_media.BY_PARSER,
    "gemini": examples_gemini.GEMINI,
    "vertex_batch": examples_gemini.VERTEX_BATCH,
    "gemini_interactions": examples_interactions.INTERACTIONS,
    "token_counting": examples_interactions.COUNTINGS,
    "cohere": examples_cohere.COHERE,
    "ollama": examples_ollama.OLLAMA,
    "openai_chat": CHAT,
    "openai_responses": RESPONSES,
    "openai_embeddings": EMBEDDINGS,
    "openai_completions": COMPLETIONS,
    "any_error": ERRORS,
    "any_request": REQUESTS,
    "anthropic": examples_anthropic.EXAMPLES,
    **examples_aws.BY_PARSER,
}
