"""The reference floor: what nobody who meters and ships these bytes can leave out. `python -m bench.floor FILE`."""

from __future__ import annotations

import sys
from contextlib import suppress

import cramjam
import orjson

BLOCK_BYTES = 1024 * 1024


def run(path: str) -> tuple[int, int]:
    """Read, split, decode each line, compress the same bytes in blocks; returns the lines and the compressed bytes."""
    decoded = compressed = 0
    rest = b""
    with open(path, "rb", buffering=0) as file:
        while block := file.read(BLOCK_BYTES):
            lines = (rest + block).split(b"\n")
            rest = lines.pop()
            for line in lines:
                with suppress(orjson.JSONDecodeError):
                    orjson.loads(line)
                decoded += 1
            compressed += len(bytes(cramjam.snappy.compress_raw(block)))
    return decoded, compressed


if __name__ == "__main__":
    print(*run(sys.argv[1]))
