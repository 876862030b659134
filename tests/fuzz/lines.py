"""The reading path under atheris, for as long as one likes: `make fuzz FUZZ_SECONDS=600`. Never part of `make test`.

The corpus in `bench/out/fuzz` grows from run to run; a crash leaves its input in the file that is named then.
"""

from __future__ import annotations

import os
import sys

import atheris

with atheris.instrument_imports(include=["parsers", "tailer"]):
    from tests.reading.lines import reader
    from tests.reading.sound import sound, told

    # The parsers are imported when they are loaded: only now is what they do seen by the fuzzer.
    reader()

from tailer.reading.partial import DOCKER_HEAD
from tests.reading.seeds import seeds

CRI_HEAD = b"2026-11-20T17:00:09Z stdout F "
CORPUS = os.path.join("bench", "out", "fuzz")


def main(arguments: list[str]) -> None:
    """Fills the corpus with a real line of each kind and fuzzes from there."""
    os.makedirs(CORPUS, exist_ok=True)
    for number, line in enumerate(seeds()):
        with open(os.path.join(CORPUS, f"seed-{number:04}"), "wb") as file:
            file.write(line)
    atheris.Setup(
        [sys.argv[0], CORPUS, "-artifact_prefix=bench/out/", "-timeout=10", "-max_len=65536", *arguments], _one
    )
    atheris.Fuzz()


def _one(data: bytes) -> None:
    for line, reading in zip(data.split(b"\n"), sound(data), strict=False):
        # What a container runtime writes before a line changes no count; its pieces are joined before they are read.
        if line.startswith(b"{") and not line.startswith(DOCKER_HEAD):
            assert told(sound(CRI_HEAD + line)[0]) == told(reading)


if __name__ == "__main__":
    main(sys.argv[1:])
