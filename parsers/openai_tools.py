"""What a response's built-in tools used beside its own tokens: searches as units, images as a call of their own.

Format: https://platform.openai.com/docs/guides/tools. `tool_usage` has the searches of the web and the tokens of an
image model, which has prices of its own; the model is that of the tool as the response repeats it. Of what the web
search did only `search` costs, opening a page and looking for something in it do not. Time in a code interpreter's
container is billed too, but no response tells it.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import openai_family as family
from parsers.base import NO_UNITS, Call
from parsers.usage import Counts, text

IMAGE_TOOL = "image_generation"


def with_searches(made: Call, body: Mapping[str, object]) -> Call:
    """The call with the searches that are billed: what `tool_usage` tells, else those among the output."""
    items = _objects(body.get("output"))
    actions = [family.mapping(item.get("action")) or {} for item in items if item.get("type") == "web_search_call"]
    searches = sum(action.get("type", "search") == "search" for action in actions)
    in_files = sum(item.get("type") == "file_search_call" for item in items)
    told = Counts(_usage(body).get("web_search"), "tool_usage.web_search")
    found = {"web_searches": told.count("num_requests") or searches, "storage_searches": in_files}
    units = {name: amount for name, amount in found.items() if amount}
    if not units and not told.faults:
        return made
    return made._replace(units={**units, **made.units} or NO_UNITS, faults=(*made.faults, *told.faults))


def image_call(made: Call, body: Mapping[str, object]) -> Call | None:
    """The call of the image model that a response made on its own; None where it made none."""
    usage = _usage(body).get("image_gen")
    found = family.counts(usage, family.RESPONSES, made.provider)
    if found is None or not (found.input or found.output or found.faults):
        return None
    tool = next((tool for tool in _objects(body.get("tools")) if tool.get("type") == IMAGE_TOOL), {})
    if found.output is not None and "image_output" not in found.details and "text_output" not in found.details:
        found.details["image_output"] = found.output
    return Call(
        provider=made.provider,
        operation="image_generation",
        request_model=text(tool.get("model")),
        input_tokens=found.input,
        output_tokens=found.output,
        details=found.details,
        stream=made.stream,
        service_tier=made.service_tier,
        faults=tuple(f"tool_usage.image_gen: {fault}" for fault in found.faults),
    )


def _usage(body: Mapping[str, object]) -> Mapping[str, object]:
    return family.mapping(body.get("tool_usage")) or {}


def _objects(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
