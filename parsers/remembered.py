"""Calls like those before: of bodies that differ only in what is counted and measured the parser is asked once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

from parsers.base import NO_COUNTS, Call, Part, Record, Stage
from parsers.usage import Counts

MOST = 64
"""Calls that are remembered for bodies with the same keys; where texts are data it starts over instead of growing."""
MOST_ENDINGS = 8
MOST_CHARS = 8192
"""Of a call and its facts: longer texts are nobody's names."""
MAKE = tuple.__new__
INPUT, UNITS = Call._fields.index("input_tokens"), Call._fields.index("units")
RESPONSE_ID = Call._fields.index("response_id")
if Call._fields[INPUT:UNITS] != ("input_tokens", "output_tokens", "details"):
    raise ImportError("parsers.base.Call: expected input_tokens, output_tokens, details and units side by side")

Ask = Callable[[Any, Record], Call | Part | None]


class Again(NamedTuple):
    """How to make a call of one that was made of another body with the same facts, which are texts.

    The facts are all that the parser goes by in a body beside what `call` takes of it; None where these are not enough.
    """

    facts: Callable[[Any], Hashable | None]
    call: Callable[[Call, Any], Call | None]
    """The call of this body, None where something about it is odd."""


def remembering(ask: Ask, again: Again) -> Ask:
    """The same answers as `ask` gives, which asks a parser that goes by no more of a request than stands here."""
    facts_of, call_again = again
    known: dict[Hashable, tuple[Stage | None, Call]] = {}

    def call(found: Any, record: Record) -> Call | Part | None:
        _, request, status, headers, url, _, provider, _ = record
        facts = facts_of(found)
        if facts is None or status is not None or headers:
            return ask(found, record)
        asked = None
        if request is not None:
            get = request.get
            asked = get("model"), get("modelId"), get("model_id"), get("stream")
        key = facts, url, provider, asked
        try:
            remembered = known.get(key)
        except TypeError:
            # One of the texts is none.
            return ask(found, record)
        if remembered is not None:
            stage, earlier = remembered
            made = call_again(earlier, found)
            if made is not None:
                return made if stage is None else Part(stage, made)
        told = ask(found, record)
        if told is not None:
            stage, made = (told.stage, told.call) if isinstance(told, Part) else (None, told)
            if len(repr((key, made))) <= MOST_CHARS and call_again(made, found) == made:
                if len(known) >= MOST:
                    known.clear()
                known[key] = stage, made
        return told

    return call


def endings(ended: Sequence[Mapping[str, object]], key: str) -> Hashable | None:
    """Why each choice of a body ended; None where more is told of one, or of many."""
    if len(ended) > MOST_ENDINGS or any(one.keys() - {key} for one in ended):
        return None
    return tuple([one.get(key) for one in ended])


def counted(call: Call, counts: Counts, response_id: str | None) -> Call | None:
    """The call with other counts and another id; None for counts that cannot be believed, or are not all there."""
    if counts.faults or counts.input is None or counts.output is None:
        return None
    count = counts.input, counts.output, counts.details or NO_COUNTS
    values = call[:INPUT] + count + call[UNITS:RESPONSE_ID] + (response_id or None,) + call[RESPONSE_ID + 1 :]
    made: Call = MAKE(Call, values)
    return made
