"""What a parser knows of bodies like one that it read: its form, unless another parser may claim some of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args, get_origin

import msgspec

from parsers.base import Call, Parser, Part, Record
from parsers.typical import Typical
from tailer.reading.answer import Object
from tailer.reading.asking import is_ours
from tailer.reading.believed import objection
from tailer.reading.declined import declines
from tailer.reading.typed.structs import struct_of


def form_of(parsers: Sequence[Parser], name: str | None, body: Object) -> Typical | None:
    """The form of bodies with the keys of this one that the parser of this name has."""
    earlier = list[Parser]()
    for parser in parsers:
        if parser.name == name:
            typical = _own_form(parser, body)
            return None if typical is None or any(_may_claim(one, body, typical) for one in earlier) else typical
        earlier.append(parser)
    return None


def is_for_others(parsers: Sequence[Parser], line: Object) -> bool:
    """Whether a third party's parser may want such a line, whatever it goes by there."""
    return any(not is_ours(parser) and not _has_no_key_of(parser, line) for parser in parsers)


def _has_no_key_of(parser: Parser, body: Object) -> bool:
    keys = getattr(parser, "keys", None)
    return isinstance(keys, frozenset) and keys.isdisjoint(body)


def _may_claim(parser: Parser, body: Object, typical: Typical) -> bool:
    """Whether a parser may go by what was not decoded."""
    if not is_ours(parser):
        return not _has_no_key_of(parser, body)
    skipped = {key: value for key, value in body.items() if key not in typical.wanted}
    same = {key: get_args(kind)[0] for key, kind in typical.wanted.items() if get_origin(kind) is Literal}
    return not _has_no_key_of(parser, skipped) and not declines(parser, body, same)


def _own_form(parser: Parser, body: Object) -> Typical | None:
    make: Any = getattr(parser, "typical", None)
    if make is None or not _speaks_for(type(parser)):
        return None
    if is_ours(parser):
        typical: Typical | None = make(body)
        return typical
    try:
        told = make(body)
        if not isinstance(told, Typical):
            return None
        msgspec.json.Decoder(struct_of(body, told.wanted))
    except Exception:
        # A third party's may fail in any way: its `parse` reads such lines.
        return None
    return _looked_at(told)


def _speaks_for(parser: type[Parser]) -> bool:
    """Whether its `typical` is as new as its `matches` and `parse`: of a class of ours they may have been changed."""
    for one in parser.__mro__:
        if "typical" in vars(one):
            return True
        if not {"matches", "parse"}.isdisjoint(vars(one)):
            return False
    return False


def _looked_at(typical: Typical) -> Typical:
    """A third party's form, of whose calls none is believed unseen."""

    def call(found: Any, record: Record) -> Call | Part | None:
        told = typical.call(found, record)
        return told if isinstance(told, Call | Part) and objection(told) is None else None

    return Typical(typical.wanted, call)
