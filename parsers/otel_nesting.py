"""Which of the spans of one batch are calls of their own, and the marks by which those on other lines are told apart.

A framework's span around the client's own repeats its usage: LangChain's or LlamaIndex' with OpenAI's inside, when the
instrumentations of both are on (https://github.com/Arize-ai/openinference/issues/2101), and agents' spans hold the sum
of their calls (https://github.com/pydantic/pydantic-ai/issues/3995). The innermost span is the call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from parsers.base import Call, Span
from parsers.otlp import Told

Key = tuple[str | None, str]
NEVER_AROUND = frozenset({"embeddings", "rerank", "moderation", "classification"})
"""Operations that a framework makes beside a chat, within its span or not: they never account for its usage."""


class Found(NamedTuple):
    """A span or log record and the call it tells of."""

    told: Told
    call: Call


def innermost(spans: Sequence[Told], found: Sequence[Found]) -> list[Call]:
    """The calls without those around others and without repeats; `spans` are all of the batch, calls or not."""
    parents = {key: (one.trace_id, one.parent_id) for one in spans if (key := _key(one)) is not None and one.parent_id}
    inside: dict[Key, list[Call]] = {}
    for one in found:
        for key in _ancestors(one.told, parents):
            inside.setdefault(key, []).append(one.call)
    kept: dict[object, Call] = {}
    outer: dict[int, Call] = {}
    for one in found:
        key = _key(one.told)
        within = [call for call in inside.get(key, ()) if _accounts_for(call, one.call)] if key is not None else []
        if not within:
            kept.setdefault(_identity(one), one.call)
        elif len(within) == 1:
            outer[id(within[0])] = one.call
    return [_completed(call, outer.get(id(call))) for call in kept.values()]


def marks(told: Told, call: Call) -> Span | None:
    """What other records of this call share with it; None for one that stands outside a trace."""
    if told.trace_id is None:
        return None
    own = [f"{told.trace_id}/{told.span_id}"] if told.is_span and told.span_id is not None else []
    if call.response_id is not None:
        own.append(f"{told.trace_id}#{call.response_id}")
    is_inside = told.parent_id is not None and call.operation not in NEVER_AROUND
    return Span(tuple(own), (f"{told.trace_id}/{told.parent_id}",) if is_inside else ()) if own else None


def _key(told: Told) -> Key | None:
    return (told.trace_id, told.span_id) if told.is_span and told.span_id is not None else None


def _ancestors(told: Told, parents: Mapping[Key, tuple[str | None, str | None]]) -> Iterable[Key]:
    """The spans around one; none where they go round in a ring, since nothing is around itself."""
    found: dict[Key, None] = {}
    own, trace, parent = _key(told), told.trace_id, told.parent_id
    while parent is not None:
        if (trace, parent) == own or (trace, parent) in found:
            return ()
        found[trace, parent] = None
        trace, parent = parents.get((trace, parent), (trace, None))
    return found


def _accounts_for(inner: Call, outer: Call) -> bool:
    return inner.operation == outer.operation or inner.operation not in NEVER_AROUND


def _identity(one: Found) -> object:
    """What two records of one call share: the answer's id within a trace, or for spans the span's own."""
    if one.call.response_id is not None:
        return one.told.trace_id, one.call.response_id
    return _key(one.told) or id(one)


def _completed(call: Call, outer: Call | None) -> Call:
    """The call with the usage that only the span around it has."""
    if outer is None or call.input_tokens is not None or call.output_tokens is not None:
        return call
    return call._replace(
        model=call.model or outer.model,
        input_tokens=outer.input_tokens,
        output_tokens=outer.output_tokens,
        details=outer.details,
        faults=(*call.faults, *outer.faults),
    )
