"""Calls of another process that fail by order, switched while it runs; needs a C compiler, else the test is skipped."""

from __future__ import annotations

import atexit
import mmap
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

RULES = 16
_NAME, _ERROR, _SPOILED = 0, 16, 24
_SIZE = 256


@cache
def library() -> str:
    """The compiled shim, made once for all tests."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("needs a C compiler (cc) to make calls of the program under test fail")
    directory = tempfile.mkdtemp(prefix="tokentail-shim-")
    atexit.register(shutil.rmtree, directory)
    made = os.path.join(directory, "shim.so")
    source = str(Path(__file__).with_name("shim.c"))
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"], check=True)
    return made


class Faults:
    """The rules of the processes started with `environ`. Each stays until its `with` is over or it has run out."""

    def __init__(self, directory: Path) -> None:
        page = directory / "faults"
        page.write_bytes(bytes(RULES * _SIZE))
        self.environ = {"LD_PRELOAD": library(), "FAULTS_PAGE": str(page)}
        with page.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), RULES * _SIZE)

    @contextmanager
    def failing(self, call: str, error: int, pattern: str = "", times: int = -1) -> Iterator[Rule]:
        """The next `times` of the call (below 0: all) whose path contains the pattern fail with this errno."""
        rule = Rule(self._page, self._unused())
        rule.set(call, error, times, pattern)
        try:
            yield rule
        finally:
            rule.clear()

    @contextmanager
    def clock(self, which: str, seconds: int) -> Iterator[None]:
        """The `wall` or the `steady` clock is so many seconds off."""
        with self.failing(which, 0, times=seconds):
            yield

    def _unused(self) -> int:
        return next(at for at in range(0, RULES * _SIZE, _SIZE) if self._page[at] == 0)


class Rule:
    """One rule in the page."""

    def __init__(self, page: mmap.mmap, at: int) -> None:
        self._page, self._at = page, at

    def set(self, call: str, error: int, times: int, pattern: str) -> None:
        # The name goes last: it makes the rule valid.
        struct.pack_into("=iiQ224s", self._page, self._at + _ERROR, error, times, 0, pattern.encode())
        struct.pack_into("=16s", self._page, self._at + _NAME, call.encode())

    def clear(self) -> None:
        struct.pack_into("=16s", self._page, self._at + _NAME, b"")

    @property
    def spoiled(self) -> int:
        """How many calls have failed by it."""
        (count,) = struct.unpack_from("=Q", self._page, self._at + _SPOILED)
        return int(count)
