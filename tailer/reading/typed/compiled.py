"""A form to its plan: the source, compiled with what it calls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from parsers.base import NOTHING, Part, Record, Stage
from parsers.composed import composed
from tailer.reading.answer import ASKING_KEYS, METADATA, answer_in
from tailer.reading.chunk import Reading
from tailer.reading.doubled import is_told_once, tells_twice
from tailer.reading.finish import join_key, request_id_in, supplied
from tailer.reading.names import ROLES
from tailer.reading.paths import reach
from tailer.reading.surroundings import ACCEPT, header_map
from tailer.reading.typed.opened import is_ordered
from tailer.reading.typed.plan import Form, Plan, is_opening, is_plain, texts, written_ns
from tailer.reading.typed.source import source_of
from tailer.reading.wrapper import OPENINGS

TELLING = "x-amzn-bedrock-"
"""Headers that begin so may tell whose body it is."""


def has_telling(headers: Iterable[str]) -> bool:
    """Whether one of these headers may tell whose body it is."""
    return any(name.startswith(TELLING) for name in headers)


KNOWN: dict[str, Any] = {
    "ASKING_KEYS": ASKING_KEYS, "LAST": Stage.LAST, "METADATA": METADATA, "NOTHING": NOTHING, "OPENINGS": OPENINGS,
    "Part": Part, "Reading": Reading, "Record": Record, "answer_in": answer_in, "has_telling": has_telling,
    "header_map": header_map, "is_opening": is_opening, "is_ordered": is_ordered, "is_plain": is_plain,
    "is_told_once": is_told_once, "join_key": join_key, "make": tuple.__new__, "reach": reach,
    "request_id_in": request_id_in, "supplied": supplied, "tells_twice": tells_twice, "texts": texts,
    "written_ns": written_ns,
    **{f"to_{role}": accept for role, accept in zip(ROLES, ACCEPT, strict=True)},
}  # fmt: skip
"""What the source of a plan calls beside what is of its form."""


def planned(form: Form) -> Plan:
    """The plan for lines of this form."""
    source = source_of(form)
    names = {
        **KNOWN,
        "decode": form.decode,
        "wrapper_plain": form.wrappers[0],
        "wrapper_opening": form.wrappers[1],
        "parser": form.parser,
        "addresses": form.addresses,
        "counts": form.counts,
    }
    if form.exchange is not None:
        names["call_of"] = form.exchange.typical.call
        for name, held in (("body", form.exchange.body), ("request", form.exchange.request)):
            names[f"decode_{name}"] = held and held.decode
    return Plan(form, source, composed("read", source, names))
