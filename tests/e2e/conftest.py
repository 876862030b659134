"""Conservation: at the end of every test here the counters in the checkpoint are what the files hold."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tailer.source.identity import FileId
from tailer.source.marks import METER
from tailer.statedir import CURRENT, Snapshot, StateDirectory


class Metered(NamedTuple):
    """So many lines in so many bytes."""

    lines: int
    bytes: int


@pytest.fixture(autouse=True)
def conserved(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Whatever life the last tailer had: what it has saved as counted is what stands in the files up to its marks.

    Where a test destroys files nobody can count them again; it says so by `@pytest.mark.destroys(why)`, and what is
    left must then not be more than was counted.
    """
    failed = request.session.testsfailed
    yield
    if request.session.testsfailed > failed:
        return
    files = _by_identity(tmp_path)
    for checkpoint in tmp_path.rglob(CURRENT):
        snapshot = _loaded(checkpoint.parent)
        marked, counted = _marked(snapshot, files), _counted(snapshot)
        if request.node.get_closest_marker("destroys"):
            assert marked.lines <= counted.lines
            assert marked.bytes <= counted.bytes
        else:
            assert marked == counted, f"in the files, and as counted in {checkpoint}"


def _loaded(directory: Path) -> Snapshot:
    state = StateDirectory(str(directory))
    try:
        return state.load()[0]
    finally:
        state.close()


def _counted(snapshot: Snapshot) -> Metered:
    counters = snapshot.telemetry.counters
    lines, read = (
        sum(int(value) for _, value in counters.get(name, []))
        for name in ("tokentail_lines_total", "tokentail_read_bytes_total")
    )
    return Metered(lines, read)


def _marked(snapshot: Snapshot, files: dict[FileId, Path]) -> Metered:
    """What stands in the files: of each from its beginning to the furthest mark, whatever number it goes by."""
    marks = snapshot.journal.marks.get(METER, {})
    lines, size = 0, 0
    known = {record.id() for record in (*snapshot.journal.files, *snapshot.journal.finished)}
    for identity, path in files.items():
        if identity not in known:
            continue
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        read = [content[: marks[number].offset] for number in _numbers(identity, snapshot) if number in marks]
        read += [_whole_lines(content[: it.size]) for it in snapshot.journal.finished if it.id() == identity]
        furthest = max(read, key=len, default=b"")
        assert furthest[-1:] in (b"", b"\n") or furthest == content, f"{path}: a mark within a line"
        lines += furthest.count(b"\n") + (furthest[-1:] not in (b"", b"\n"))
        size += len(furthest)
    return Metered(lines, size)


def _numbers(identity: FileId, snapshot: Snapshot) -> list[int]:
    return [record.number for record in snapshot.journal.files if record.id() == identity]


def _whole_lines(data: bytes) -> bytes:
    return data[: data.rfind(b"\n") + 1]


def _by_identity(directory: Path) -> dict[FileId, Path]:
    """All files there are, by what stays the same when they are renamed."""
    found = {}
    for path in directory.rglob("*"):
        if path.is_file():
            status = path.stat()
            found[FileId(status.st_dev, status.st_ino)] = path
    return found
