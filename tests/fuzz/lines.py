"""The reading path under atheris, for as long as one likes: `make fuzz FUZZ_SECONDS=600`. Never part of `make test`.

The corpus in `bench/out/fuzz` grows from run to run; a crash leaves its input in the file that is named then.
"""

from __future__ import annotations

import os
import sys

import atheris

with atheris.instrument_imports(include=["parsers", "tailer"]):
    from tests.reading.sound import sound

from tests.reading.seeds import seeds

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
    sound(data)


if __name__ == "__main__":
    main(sys.argv[1:])
