"""OpenInference's spans are calls as OpenTelemetry's are, in a collector's batch and dumped one by one."""

from __future__ import annotations

import pytest

from tests.parsers.examples_otel import CALL, Json, dumped, span, spans
from tests.reading.lines import read

ATTRIBUTES: Json = {
    "openinference.span.kind": "LLM",
    "llm.system": "openai",
    "llm.provider": "azure",
    "llm.model_name": "gpt-4o-2024-08-06",
    "llm.request.model_name": "gpt-4o",
    "llm.token_count.prompt": 1523,
    "llm.token_count.completion": 212,
    "llm.token_count.total": 1735,
    "llm.token_count.prompt_details.cache_read": 1024,
    "llm.token_count.prompt_details.audio": 0,
    "llm.token_count.completion_details.reasoning": 128,
    "llm.finish_reason": "stop",
    "input.value": '{"usage": {"prompt_tokens": 666}}',
    "llm.input_messages.0.message.content": "llm.token_count.prompt: 666",
}


@pytest.mark.parametrize("line", [spans(span(ATTRIBUTES)), dumped(ATTRIBUTES)], ids=["batch", "dumped"])
def test_a_span_of_a_model_is_a_call(line: Json) -> None:
    reading = read(line)
    call = reading.call
    assert call is not None
    assert (reading.outcome, reading.parser, call.faults) == ("call", "otel_genai", ())
    assert (call.provider, call.model, call.request_model) == ("azure.ai.openai", CALL.model, "gpt-4o")
    assert (call.input_tokens, call.output_tokens, call.details) == (
        1523,
        212,
        {"cached_input": 1024, "reasoning": 128},
    )
    assert (call.duration_seconds, call.finish_reason) == (1.5, "stop")


@pytest.mark.parametrize("kind", ["AGENT", "CHAIN", "TOOL", "RETRIEVER", "GUARDRAIL", "whatever"])
def test_spans_of_other_kinds_repeat_counts_and_are_no_calls(kind: str) -> None:
    assert read(spans(span({**ATTRIBUTES, "openinference.span.kind": kind}))).call is None


def test_an_embedding_has_a_model_of_its_own() -> None:
    made = {"openinference.span.kind": "EMBEDDING", "embedding.model_name": "embed-v4", "llm.token_count.prompt": 31}
    call = read(spans(span(made))).call
    assert call is not None
    assert (call.operation, call.model, call.input_tokens, call.output_tokens) == ("embeddings", "embed-v4", 31, 0)


def test_a_span_without_counts_around_one_with_them_is_no_call_of_its_own() -> None:
    """LlamaIndex' `predict` around its `chat`."""
    around = {"openinference.span.kind": "LLM", "llm.model_name": "gpt-4o"}
    outer = span(around, spanId="a", parentSpanId="")
    reading = read(spans(outer, span(ATTRIBUTES, spanId="b", parentSpanId="a")))
    assert reading.call is not None
    assert (reading.call.input_tokens, reading.more) == (1523, ())


def test_of_both_conventions_on_one_span_opentelemetry_s_wins() -> None:
    both = {**ATTRIBUTES, "gen_ai.usage.input_tokens": 7, "llm.token_count.total": 219}
    call = read(spans(span({**both, "llm.token_count.prompt_details.cache_read": 0}))).call
    assert call is not None
    assert call.input_tokens == 7
