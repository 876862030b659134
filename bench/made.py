"""Corpora as files, made once and kept for other runs."""

from __future__ import annotations

import glob
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from itertools import islice

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "out")


def corpus(name: str, size: int, seed: int, say: Callable[[str], None]) -> str:
    """The path of a corpus, made in a process of its own unless the same generators have made it before."""
    path = os.path.join(OUT, f"{name}-{size}-{seed}-{_generators():08x}.jsonl")
    if not os.path.exists(path):
        say(f"making {path}")
        subprocess.run([sys.executable, "-m", "bench.generate", name, path, str(size), str(seed)], check=True)
    return path


def head(path: str, count: int) -> list[bytes]:
    """The first lines of a file, with their line endings."""
    with open(path, "rb") as file:
        return list(islice(file, count))


def _generators() -> int:
    sources = sorted(glob.glob(os.path.join(HERE, "corpora", "*.py")))
    checksum = 0
    for path in sources:
        with open(path, "rb") as file:
            checksum = zlib.crc32(file.read(), checksum)
    return checksum
