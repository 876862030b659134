"""What became of a file, decided without touching one."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailer.source.identity import (
    HEAD_BYTES,
    Change,
    FileId,
    Found,
    Seen,
    classify,
    fingerprint,
    is_compressed,
    is_copy,
    is_same_file,
    starts_alike,
)
from tailer.source.tracked import family

ME, OTHER = FileId(1, 10), FileId(1, 11)
LINE = b'{"ts":"2026-11-20T17:00:07.123Z","model":"gpt-4o","usage":{"prompt_tokens":12,"completion_tokens":3}}\n'


def seen(content: bytes, file_id: FileId = ME) -> Seen:
    return Seen(file_id, fingerprint(content), len(content))


def found(content: bytes, file_id: FileId = ME) -> Found:
    return Found(file_id, len(content), content[:HEAD_BYTES])


def test_a_file_that_only_grew_is_the_same() -> None:
    assert classify(seen(LINE), found(LINE)) is Change.IDLE
    assert classify(seen(LINE), found(LINE * 3)) is Change.GROWN
    assert classify(seen(b""), found(LINE)) is Change.GROWN


def test_a_shorter_file_or_another_start_is_a_truncation() -> None:
    assert classify(seen(LINE * 2), found(LINE)) is Change.TRUNCATED
    assert classify(seen(LINE), found(b"")) is Change.TRUNCATED
    assert classify(seen(LINE), found(LINE.replace(b"07.123", b"08.456") * 2)) is Change.TRUNCATED


def test_a_hole_left_by_a_writer_that_kept_its_offset_is_a_truncation() -> None:
    """After copy and truncate a writer without O_APPEND goes on at its old offset: NUL bytes stand before."""
    assert classify(seen(LINE * 2), found(b"\0" * 2 * len(LINE) + LINE)) is Change.TRUNCATED


def test_another_inode_is_a_replacement_and_no_file_is_gone() -> None:
    assert classify(seen(LINE), found(LINE, OTHER)) is Change.REPLACED
    assert classify(seen(LINE), None) is Change.GONE


def test_after_a_restart_a_reused_inode_with_other_content_is_another_file() -> None:
    assert is_same_file(seen(LINE), found(LINE * 2))
    assert not is_same_file(seen(LINE), found(LINE.replace(b"12", b"13") * 2))
    assert not is_same_file(seen(LINE * 2), found(LINE))


def test_after_a_reboot_a_device_may_have_another_number() -> None:
    assert is_same_file(seen(LINE), found(LINE, FileId(9, ME.inode)))
    assert not is_same_file(seen(b""), found(LINE, FileId(9, ME.inode)))


def test_a_copy_bears_the_name_with_a_suffix_and_the_same_start() -> None:
    assert is_copy("/l/app.log", seen(LINE), "/l/app.log.1", found(LINE, OTHER))
    assert is_copy("/l/app.log", seen(LINE), "/l/app.log-20261121", found(LINE * 2, OTHER))
    assert not is_copy("/l/app.log", seen(LINE), "/l/other.log", found(LINE, OTHER))
    assert not is_copy("/l/app.log", seen(LINE), "/l/app.log2", found(LINE, OTHER))
    assert not is_copy("/l/app.log", seen(LINE), "/l/app.log.1", found(LINE.replace(b"12", b"99"), OTHER))
    assert not is_copy("/l/app.log", seen(LINE), "/l/app.log.1", found(LINE, ME))
    assert not is_copy("/l/app.log", seen(b"{}\n"), "/l/app.log.1", found(b"{}\n", OTHER)), "too little to tell"


def test_compressed_files_are_known_by_their_first_bytes() -> None:
    assert is_compressed(b"\x1f\x8b\x08\x00")
    assert is_compressed(b"\x28\xb5\x2f\xfd\x04")
    assert not is_compressed(LINE)
    assert not is_compressed(b"")


@given(st.binary(max_size=3000), st.binary(max_size=3000))
def test_appending_never_changes_the_identity(content: bytes, more: bytes) -> None:
    assert starts_alike(fingerprint(content), (content + more)[:HEAD_BYTES])
    assert classify(seen(content), found(content + more)) in (Change.IDLE, Change.GROWN)


@given(st.text(string.ascii_letters, min_size=64, max_size=200), st.integers(0, 63))
def test_any_changed_byte_in_the_head_is_seen(text: str, place: int) -> None:
    content = text.encode()
    changed = content[:place] + b"#" + content[place + 1 :]
    assert classify(seen(content), found(changed)) is Change.TRUNCATED


@pytest.mark.parametrize(
    "name",
    ["app.log", "app.log.1", "app.log.12", "app.log-20261121", "app-2026-11-21.log", "app.2026-11-21T17:00:00Z.log"],
)
def test_the_rotations_of_a_log_are_one_family(name: str) -> None:
    assert family(f"/logs/{name}") == "/logs/app"


def test_different_logs_are_different_families() -> None:
    assert len({family(name) for name in ("app.log", "app2.log", "web.log", "app.err", "0")}) == 5
