"""Which files the patterns name, at little cost for those that are as they were."""

from __future__ import annotations

import glob
import os
import tempfile
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailer.source.discover import TIMESTAMP_NS, expanded, place_of_inode, scan

NAMES = st.text("ab.*[]\udcff", min_size=1, max_size=4).filter(lambda name: name not in (".", ".."))
PARTS = st.one_of(NAMES, st.sampled_from(("*", "**", "*.b", ".*", "a*", "[ab]", "[!a]", "?", "*a*b", "[[]*", "a.b")))


@given(
    st.lists(st.lists(NAMES, min_size=1, max_size=3), max_size=12),
    st.lists(PARTS, min_size=1, max_size=3),
)
def test_a_pattern_names_what_glob_says(trees: list[list[str]], parts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        for *directories, name in trees:
            place = os.path.join(directory, *directories)
            try:
                os.makedirs(place, exist_ok=True)
                Path(place, name).touch()
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                continue
        pattern = os.path.join(directory, *parts)
        if glob.has_magic(pattern):
            assert list(expanded(pattern)) == list(glob.iglob(pattern, recursive=True))


def settle(path: Path) -> None:
    """As if it had been written long ago."""
    past_ns = path.stat().st_mtime_ns - 2 * TIMESTAMP_NS
    os.utime(path, ns=(past_ns, past_ns))


def test_a_settled_file_that_is_as_it_was_has_the_very_same_sighting(tmp_path: Path) -> None:
    log, pattern = tmp_path / "app.log", str(tmp_path / "*.log")
    log.write_bytes(b"1\n")
    settle(log)
    first = scan([pattern]).files
    assert scan([pattern], first).files[str(log)] is first[str(log)]


def test_a_file_that_may_be_written_at_the_same_time_once_more_is_never_taken_for_the_same(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(b"1\n")
    first = scan([str(log)]).files
    assert not first[str(log)].is_settled
    assert scan([str(log)], first).files[str(log)] is not first[str(log)]


@pytest.mark.parametrize("change", ["written", "touched", "replaced"])
def test_a_file_that_changed_has_another_sighting(tmp_path: Path, change: str) -> None:
    log, other = tmp_path / "app.log", tmp_path / "other"
    for path in (log, other):
        path.write_bytes(b"1\n")
        settle(path)
    status = other.stat()
    first = scan([str(log)]).files
    if change == "written":
        times = log.stat()
        with log.open("ab") as file:
            file.write(b"2\n")
        os.utime(log, ns=(times.st_atime_ns, times.st_mtime_ns))
    elif change == "touched":
        os.utime(log, ns=(0, 0))
    else:
        os.utime(other, ns=(status.st_atime_ns, log.stat().st_mtime_ns))
        os.replace(other, log)
    again = scan([str(log)], first).files[str(log)]
    assert again is not first[str(log)]
    assert again != first[str(log)]


def test_only_a_path_named_outright_that_is_no_file_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "named.log").mkdir()
    (tmp_path / "met.log").mkdir()
    scanned = scan([str(tmp_path / "named.log"), str(tmp_path / "m*.log"), str(tmp_path / "absent.log")])
    assert scanned.files == {}
    assert scanned.no_files == (str(tmp_path / "named.log"),)


def test_a_file_that_is_renamed_while_its_directory_is_listed_is_not_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, other = tmp_path / "app.log.2", tmp_path / "app.log"
    place.touch()
    other.touch()
    inode, lists, real = place.stat().st_ino, list[str](), os.scandir

    def lacking(path: str) -> object:
        """The first list lacks it, as one does that has passed the new name before it is there."""
        lists.append(path)
        if len(lists) > 1:
            return real(path)
        entries = [entry for entry in real(path) if entry.name != place.name]
        return nullcontext(iter(entries))

    monkeypatch.setattr(os, "scandir", lacking)
    assert place_of_inode(str(other), inode) == str(place)
    place.unlink()
    assert place_of_inode(str(other), inode) is None
