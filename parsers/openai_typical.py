"""The usual bodies of OpenAI's form, read without what nobody counts; all that is odd is left to the parsers.

`chat` and `embeddings` give the same answer as `openai_family.call`, for bodies whose usage block has OpenAI's own
members only, whose counts fit together, and which nothing but their keys and the model's name can show to be another
vendor's. What others add to the form is for the parser itself: `vendors`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Literal, TypedDict

from parsers import openai_family as family
from parsers import vendor
from parsers.base import NO_COUNTS, NO_UNITS, Call, Parser, Part, Record, Stage
from parsers.limits import rate_limit
from parsers.openai_family import Names
from parsers.typical import TEXT, Object, Typical, by_parse
from parsers.usage import MAX_COUNT, text
from parsers.vendor_body import OLLAMA_FINGERPRINT, by_body


class Choice(TypedDict, total=False):
    """What counts of a choice."""

    finish_reason: TEXT
    error: object
    content_filter_results: object
    content_filter_result: object


MEMBERS: Mapping[str, object] = {
    "id": TEXT, "model": TEXT, "choices": list[Choice], "usage": Object, "error": object, "service_tier": TEXT,
    "system_fingerprint": TEXT, "provider": TEXT, "prompt": object, "x_groq": object,
}  # fmt: skip

ODD = frozenset(("error", "prompt", "provider", "type", "x_groq"))
"""Members of a body whose values decide what it is."""
FAILED = ("error", family.NO_RESOURCE)

FACTS = attrgetter("model", "id", "service_tier", "system_fingerprint")
MAKE = tuple.__new__
UNSUPPLIED = (None,) * 5
"""Cost, times and the id of the request, which stand beside these bodies."""

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


def vendors(parser: Parser, body: Mapping[str, object]) -> Typical | None:
    """A body of this form as any vendor sends it."""
    kind = body.get("object")
    return by_parse(parser, body, {**MEMBERS, "object": Literal[kind]}) if isinstance(kind, str) else None


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

    def call(found: Any, record: Record) -> Call | Part | None:
        counted, ended = UNCOUNTED if count is None else count(found.usage), end(found)
        if counted is None or ended is None:
            return None
        (given, made, details), (finish, stage) = counted, ended
        model, response_id, tier, fingerprint = FACTS(found)
        if fingerprint == OLLAMA_FINGERPRINT:
            return None
        _, request, _, headers, url, _, hint, timestamp = record
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
            *UNSUPPLIED,
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

    return Typical(wanted, call)


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
    for block, members in _blocks(usage, names):
        wanted[block] = None if usage[block] is None else dict.fromkeys(members, int | None)
    return wanted


def _blocks(usage: Mapping[str, object], names: Names) -> list[tuple[str, dict[str, str]]]:
    """The blocks of details that are there, with their known members and what these are called here."""
    found = []
    for block, known in ((names.input_details, family.INPUT_PARTS), (names.output_details, family.OUTPUT_PARTS)):
        if block in usage:
            inside = usage[block]
            found.append(
                (block, {key: known[key] for key in inside if key in known} if isinstance(inside, dict) else {})
            )
    return found


def _counter(usage: object, names: Names) -> Count:
    assert isinstance(usage, dict)  # noqa: S101  # of a usual block only
    pick = attrgetter(names.input, names.output or names.input, "total_tokens")
    blocks = [
        (block == names.output_details, _getter(block, members), tuple(members.values()))
        for block, members in _blocks(usage, names)
        if members
    ]
    generates = bool(names.output)

    def count(found: Any) -> Counted | None:
        given, made, total = pick(found)
        if not generates:
            made = 0
        if given + made != total or given < 0 or made < 0 or total > MAX_COUNT:
            return None
        if not blocks:
            return given, made, NO_COUNTS
        details: dict[str, int] = {}
        for is_output, values, parts in blocks:
            left = whole = made if is_output else given
            for part, value in zip(parts, values(found), strict=True):
                if value is not None:
                    if not 0 <= value <= whole:
                        return None
                    details[part] = value
                    left -= value
            if left < 0:
                return None
        return given, made, details

    return count


def _getter(block: str, members: Mapping[str, str]) -> Callable[[Any], tuple[Any, ...]]:
    names = [f"{block}.{member}" for member in members]
    if len(names) == 1:
        only = attrgetter(names[0])
        return lambda usage: (only(usage),)
    pick: Callable[[Any], tuple[Any, ...]] = attrgetter(*names)
    return pick
