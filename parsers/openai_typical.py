"""The usual bodies of OpenAI's form, read without what nobody counts; all that is odd is left to the parsers.

`chat` and `embeddings` give the same answer as `openai_family.call`, for bodies whose usage block has OpenAI's own
members only, whose counts fit together, and which nothing but their keys and the model's name can show to be another
vendor's. What others add to the form is for the parser itself: `openai_again.vendors`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Literal

from parsers import openai_family as family
from parsers import vendor
from parsers.base import NO_COUNTS, NO_UNITS, Call, Part, Record, Stage
from parsers.composed import composed, indented, none_if
from parsers.limits import rate_limit
from parsers.openai_family import Names
from parsers.typical import TEXT, UNSUPPLIED, Supplied, Typical
from parsers.usage import MAX_COUNT, text
from parsers.vendor_body import OLLAMA_FINGERPRINT, by_body

ODD = frozenset(("error", "prompt", "provider", "type", "x_groq"))
"""Members of a body whose values decide what it is."""
FAILED = ("error", family.NO_RESOURCE)

FACTS = attrgetter("model", "id", "service_tier", "system_fingerprint")
MAKE = tuple.__new__

Counted = tuple[int | None, int | None, Mapping[str, int]]
Count = Callable[[Any], Counted | None]
"""Input, output and details of a usage block; None where they do not fit together."""
Ending = tuple[str | None, Stage | None]
End = Callable[[Any], Ending | None]
"""Why a body ended, and its stage where it is a part; None where that is odd."""

UNCOUNTED: Counted = (None, None, NO_COUNTS)
WHOLE: Ending = (None, None)


def chat(body: Mapping[str, object]) -> Typical | None:
    """A whole chat completion, or a chunk of one."""
    kind, choices = body.get("object"), body.get("choices")
    if kind == "chat.completion.chunk" and isinstance(choices, list):
        end = _chunk(is_counted=body.get("usage") is not None, has_choices=bool(choices))
        return _typical(body, "chat", family.CHAT, end, stream=True)
    return _typical(body, "chat", family.CHAT, _completion) if kind == "chat.completion" and choices else None


def embeddings(body: Mapping[str, object]) -> Typical | None:
    """A list of embeddings."""
    data = body.get("data")
    first = data[0] if isinstance(data, list) and data else None
    if body.get("object") != "list" or not isinstance(first, dict) or first.get("object") != "embedding":
        return None
    found = _typical(body, "embeddings", family.EMBEDDINGS, lambda it: WHOLE if it.data else None, stream=False)
    return found and found._replace(wanted={**found.wanted, "data": [{"object": Literal["embedding"]}]})


def known_as(record: Record, by_keys: str | None, model: str | None) -> str | None:
    """Who answered, as `vendor.provider` has it, where the body's keys tell `by_keys`."""
    return (vendor.hinted(record) or by_keys if by_keys else None) or vendor.provider(record, model, "openai")


def _typical(
    body: Mapping[str, object], operation: str, names: Names, end: End, *, stream: bool | None = None
) -> Typical | None:
    """`stream` None: it was one where one was asked for."""
    usage = body.get("usage")
    if not ODD.isdisjoint(body) or not (usage is None or _is_usual(usage, names)):
        return None
    wanted = {
        "id": TEXT,
        "object": Literal[body["object"]],
        "model": TEXT,
        "choices": [{"finish_reason": TEXT}],
        "usage": _wanted_of(usage, names),
        "system_fingerprint": TEXT,
        "service_tier": TEXT,
    }
    count = None if usage is None else _counter(usage, names)
    by_keys = by_body(body)

    def call(found: Any, record: Record, supplied: Supplied = UNSUPPLIED) -> Call | Part | None:
        counted, ended = UNCOUNTED if count is None else count(found.usage), end(found)
        if counted is None or ended is None:
            return None
        (given, made, details), (finish, stage) = counted, ended
        model, response_id, tier, fingerprint = FACTS(found)
        if fingerprint == OLLAMA_FINGERPRINT:
            return None
        _, request, _, headers, url, _, hint, timestamp = record
        cost, time_ns, duration, first_token, request_id = supplied
        if url or hint or headers:
            asked = family.request_model(record)
            provider = known_as(record, by_keys, model or asked)
        else:
            # Nearly every line: the same without a look at what is not there.
            asked = text(request.get("model")) if request is not None else None
            named = model or asked
            provider = by_keys or (vendor.by_model(named) if named else None) or "openai"
        values = (
            provider,
            operation,
            model or None,
            asked,
            None,
            given,
            made,
            details,
            NO_UNITS,
            cost,
            time_ns,
            duration,
            first_token,
            request_id,
            response_id or None,
            (request is not None and request.get("stream") is True) if stream is None else stream,
            tier or None,
            rate_limit(headers, timestamp) if headers else NO_UNITS,
            finish,
            (),
            None,
            None,
        )
        made_call: Call = MAKE(Call, values)
        return made_call if stage is None else Part(stage, made_call)

    return Typical(wanted, call, takes_supplied=True, told=_told_in(usage))


def _completion(found: Any) -> Ending | None:
    choices = found.choices
    finish = _finish(choices)
    return (finish, None) if choices and finish not in FAILED else None


def _chunk(*, is_counted: bool, has_choices: bool) -> End:
    unfinished = Stage.PIECE
    finished = Stage.LAST if is_counted else Stage.FINISHED

    def end(found: Any) -> Ending | None:
        choices = found.choices
        finish = _finish(choices)
        if bool(choices) is not has_choices or finish in FAILED:
            return None
        # Without a choice only the usage chunk is left; with one, usage is final once the choice is.
        return finish, finished if finish or (is_counted and not choices) else unfinished

    return end


def _finish(choices: list[Any]) -> str | None:
    for choice in choices:
        if choice.finish_reason:
            reason: str = choice.finish_reason
            return reason
    return None


def _is_usual(usage: object, names: Names) -> bool:
    needed = {name for name in (names.input, names.output, "total_tokens") if name}
    blocks = {names.input_details, names.output_details}
    if not isinstance(usage, dict) or not needed <= usage.keys() <= needed | blocks:
        return False
    return all(usage.get(block) is None or isinstance(usage[block], dict) for block in blocks)


def _wanted_of(usage: object, names: Names) -> object:
    if not isinstance(usage, dict):
        return None
    wanted: dict[str, object] = dict.fromkeys(usage, int)
    for name, _, known in _blocks(names):
        if name in usage:
            parts = usage[name]
            # What is null here is null on every line that is read so.
            wanted[name] = parts and {part: None if parts[part] is None else int for part in parts if part in known}
    return wanted


def _told_in(block: object) -> list[str]:
    """The names in a block of which everything is wanted, and in the blocks inside it."""
    if not isinstance(block, dict):
        return []
    return [*block, *(name for inner in block.values() for name in _told_in(inner))]


def _blocks(names: Names) -> tuple[tuple[str, str, Mapping[str, str]], ...]:
    """The blocks of details, what each is a part of, and what their members are called here."""
    return (names.input_details, "given", family.INPUT_PARTS), (names.output_details, "made", family.OUTPUT_PARTS)


def counter_source(usage: Mapping[str, object], names: Names) -> str:
    """The source of `count`, a `Count` for usage blocks with the members of this one."""
    steps = [f"given, made = usage.{names.input}, " + (f"usage.{names.output}" if names.output else "0")]
    steps += none_if(f"given < 0 or made < 0 or not given + made == usage.total_tokens <= {MAX_COUNT}")
    pairs = []
    for name, whole, known in _blocks(names):
        block = usage.get(name)
        parts = [part for part in block if part in known and block[part] is not None] if isinstance(block, dict) else []
        if parts:
            found = [known[part] for part in parts]
            steps.append(f"block = usage.{name}")
            steps += [f"{detail} = block.{part}" for detail, part in zip(found, parts, strict=True)]
            steps += none_if(" or ".join([*(f"{detail} < 0" for detail in found), f"{' + '.join(found)} > {whole}"]))
            pairs += [f'"{detail}": {detail}' for detail in found]
    steps.append(f"return given, made, {{{', '.join(pairs)}}}" if pairs else "return given, made, NO_COUNTS")
    return "\n".join(indented("def count(usage):", steps)) + "\n"


def _counter(usage: object, names: Names) -> Count:
    assert isinstance(usage, dict)  # noqa: S101  # of a usual block only
    return composed("count", counter_source(usage, names), {"NO_COUNTS": NO_COUNTS})
