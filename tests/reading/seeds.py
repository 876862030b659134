"""A real line of each kind to start fuzzing from."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from tests.parsers.examples import BY_PARSER
from tests.reading.exchanges import EXCHANGES, FAILURES
from tests.reading.lines import TIME, text
from tests.reading.wrappers import WRAPPERS


def seeds() -> Iterator[bytes]:
    """Every parser's example bodies, bare and in the wrappers that differ most; one of each API in every wrapper."""
    for exchange in (*EXCHANGES.values(), *FAILURES.values()):
        for wrapper in WRAPPERS.values():
            line = wrapper.line(exchange)
            yield line.encode() if isinstance(line, str) else orjson.dumps(line)
    for examples in BY_PARSER.values():
        for record, _ in examples:
            pair = {"ts": TIME, "request": record.request, "response": record.body, "status": record.status}
            cut = text(pair)
            yield orjson.dumps(record.body or record.request)
            yield orjson.dumps({"log": cut + "\n", "stream": "stdout", "time": TIME}) + b"\n"
            head = f"{TIME} stdout".encode()
            middle = len(cut) // 2
            yield b"%s P %s\n%s F %s\n" % (head, cut[:middle].encode(), head, cut[middle:].encode())
