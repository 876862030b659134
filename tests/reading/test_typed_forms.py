"""Each form's table against what its parser looks at."""

from __future__ import annotations

from typing import Any

import pytest

from parsers import registry
from parsers.base import Record
from tailer.reading.typed.nothing import Watched
from tests.parsers.examples import BY_PARSER
from tests.reading.typical import typical

PARSERS = {parser.name: parser for parser in registry.load() if hasattr(parser, "typical")}
TYPICAL = [body for line in typical() for key in ("response", "chunk") if isinstance(body := line.get(key, line), dict)]
BODIES = [
    (name, record)
    for name in PARSERS
    for record in (*(example[0] for example in BY_PARSER.get(name, ())), *map(Record, TYPICAL))
    if record.body is not None and (record.status or 200) < 400 and PARSERS[name].matches(record)
]
ANYTHING: Any = {"any": "thing"}


@pytest.mark.parametrize(("name", "record"), BODIES, ids=[f"{name} {n}" for n, (name, _) in enumerate(BODIES)])
def test_whatever_a_parser_looks_at_its_form_wants(name: str, record: Record) -> None:
    """Where a body has it; a form may also leave such bodies to the general way."""
    parser: Any = PARSERS[name]
    body = dict(record.body or {})
    watched = Watched(body)
    parser.parse(record._replace(body=watched))
    for key in watched.looked:
        for value in (None, "x", ANYTHING, [ANYTHING]):
            form = parser.typical({**body, key: body.get(key, value)})
            assert form is None or key in form.wanted, key
