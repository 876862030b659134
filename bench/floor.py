"""The reference floor: what nobody who meters and ships can do without. `python -m bench.floor CORPUS FILE`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Protocol

import cramjam
import orjson

BLOCK_BYTES = 1024 * 1024


class Source(Protocol):
    """Bytes to read to their end."""

    def read(self, size: int, /) -> bytes | None: ...


def run(corpus: str, path: str) -> tuple[int, int]:
    """The floor over a file; the lines decoded and the bytes compressed."""
    with open(path, "rb", buffering=0) as file:
        return over(corpus, file)


def over(corpus: str, source: Source) -> tuple[int, int]:
    """Read, split, decode each line, compress the same bytes in blocks. Of the kubelet's lines the text is decoded."""
    decoded = compressed = 0
    rest = b""
    pieces: list[bytes] = []
    while block := source.read(BLOCK_BYTES):
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        for line in texts(lines, pieces) if corpus == "cri" else lines:
            with suppress(orjson.JSONDecodeError):
                orjson.loads(line)
            decoded += 1
        compressed += len(bytes(cramjam.snappy.compress_raw(block)))
    return decoded, compressed


def texts(lines: Iterable[bytes], pieces: list[bytes]) -> Iterator[bytes]:
    """What a container wrote, from the kubelet's lines; `pieces` keeps those of a line whose last has not come."""
    for line in lines:
        _, _, tag, text = line.split(b" ", 3)
        pieces.append(text)
        if tag == b"F":
            yield b"".join(pieces)
            pieces.clear()


if __name__ == "__main__":
    print(*run(*sys.argv[1:]))
