"""How a metric is called in OTLP: as Prometheus has it, or as OpenTelemetry's conventions where they have it; pure.

Names keep their endings, and a unit stands only beside a name that tells it: a receiver that adds the ending of unit or
type finds it there already, and one that adds none shows the same name. Source: the OpenTelemetry specification,
"Prometheus and OpenMetrics Compatibility", and https://github.com/open-telemetry/semantic-conventions-genai
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from prometheus_client.core import Metric


class Naming(NamedTuple):
    """The name of a metric, its unit, and the attributes that its labels are called (others keep their names)."""

    name: str
    unit: str
    attributes: Mapping[str, str]


_UNITS = {"seconds": "s", "bytes": "By"}
_ATTRIBUTES = {
    "gen_ai_operation_name": "gen_ai.operation.name",
    "gen_ai_provider_name": "gen_ai.provider.name",
    "gen_ai_request_model": "gen_ai.request.model",
    "gen_ai_response_model": "gen_ai.response.model",
    "gen_ai_token_type": "gen_ai.token.type",
    "error_type": "error.type",
}
_USAGE = "gen_ai_client_inference_usage_"
_CONVENTIONS = {
    "gen_ai_client_operation_duration_seconds": ("gen_ai.client.operation.duration", "s"),
    "gen_ai_client_operation_time_to_first_chunk_seconds": ("gen_ai.client.operation.time_to_first_chunk", "s"),
    "gen_ai_client_token_usage": ("gen_ai.client.token.usage", "{token}"),
    f"{_USAGE}input_tokens": ("gen_ai.client.inference.usage.input_tokens", "{token}"),
    f"{_USAGE}output_tokens": ("gen_ai.client.inference.usage.output_tokens", "{token}"),
    f"{_USAGE}cache_read_input_tokens": ("gen_ai.client.inference.usage.cache_read.input_tokens", "{token}"),
    f"{_USAGE}cache_write_input_tokens": ("gen_ai.client.inference.usage.cache_write.input_tokens", "{token}"),
    f"{_USAGE}reasoning_output_tokens": ("gen_ai.client.inference.usage.reasoning.output_tokens", "{token}"),
}


def naming(family: Metric) -> Naming:
    """What to call a family."""
    if family.name in _CONVENTIONS:
        return Naming(*_CONVENTIONS[family.name], _ATTRIBUTES)
    unit = _UNITS.get(family.name.rpartition("_")[2], "")
    return Naming(f"{family.name}_total" if family.type == "counter" else family.name, unit, {})
