"""OpenInference's span attributes in the words of OpenTelemetry's GenAI conventions; makes no call.

Format: https://arize-ai.github.io/openinference/spec/attributes/semantic-conventions.html. Its counts are inclusive as
OpenTelemetry's are. Only spans of the kinds LLM and EMBEDDING ask a model; those around them repeat their counts.
"""

from __future__ import annotations

from collections.abc import Mapping

KIND = "openinference.span.kind"
KINDS = {"LLM": "chat", "EMBEDDING": "embeddings"}
AROUND = "invoke_agent"
"""What every other kind is taken for: something around calls, or no call."""

NAMES = {
    "llm.token_count.prompt": "gen_ai.usage.input_tokens",
    "llm.token_count.completion": "gen_ai.usage.output_tokens",
    "llm.token_count.total": "gen_ai.usage.total_tokens",
    "llm.token_count.prompt_details.cache_read": "gen_ai.usage.cache_read.input_tokens",
    "llm.token_count.prompt_details.cache_write": "gen_ai.usage.cache_write.input_tokens",
    "llm.token_count.completion_details.reasoning": "gen_ai.usage.reasoning.output_tokens",
    "llm.cost.total": "gen_ai.usage.cost",
    "llm.system": "gen_ai.system",
    "llm.provider": "gen_ai.provider.name",
    "llm.request.model_name": "gen_ai.request.model",
    "embedding.model_name": "gen_ai.response.model",
    "llm.model_name": "gen_ai.response.model",
    "llm.response.model_name": "gen_ai.response.model",
    "llm.finish_reason": "gen_ai.response.finish_reasons",
}
"""Each name and what it is called there; where two mean one thing the later wins."""


def in_gen_ai(attributes: Mapping[str, object]) -> Mapping[str, object]:
    """The attributes, with those of OpenInference under OpenTelemetry's names where these are not there too."""
    kind = attributes.get(KIND)
    if not isinstance(kind, str):
        return attributes
    made: dict[str, object] = {"gen_ai.operation.name": KINDS.get(kind.upper(), AROUND)}
    made |= {ours: attributes[theirs] for theirs, ours in NAMES.items() if attributes.get(theirs) is not None}
    return {**made, **attributes}
