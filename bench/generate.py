"""Writes one corpus to a file, as a process of its own: `python -m bench.generate NAME PATH BYTES SEED`."""

from __future__ import annotations

import argparse
import os
from random import Random

from bench.corpora import CORPORA, chat_line


def write(name: str, path: str, size: int, seed: int) -> None:
    """Whole lines of a corpus until they have this many bytes; the same lines for the same seed.

    `long` is a single chat pair of that size. The file appears only when it is complete.
    """
    fresh = f"{path}.new"
    rng = Random(seed)
    with open(fresh, "wb") as file:
        if name == "long":
            file.write(chat_line(rng, size) + b"\n")
        else:
            lines = CORPORA[name](rng)
            while file.tell() < size:
                file.write(next(lines) + b"\n")
    os.replace(fresh, path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=[*CORPORA, "long"])
    parser.add_argument("path")
    parser.add_argument("bytes", type=int)
    parser.add_argument("seed", type=int)
    given = parser.parse_args()
    write(given.name, given.path, given.bytes, given.seed)
