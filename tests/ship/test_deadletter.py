"""Refused entries are kept, by their owner alone, within a bound, the oldest going first."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import orjson
import pytest

from tailer.ship.deadletter import FILE_NAME, PREVIOUS_NAME, DeadLetters
from tests.ship.making import NOON_NS, entry, why

TOO_NEW = "entry for stream '{}' has timestamp too new: x"


def records(path: Path) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_a_record_says_what_was_refused_when_and_why(tmp_path: Path) -> None:
    DeadLetters(str(tmp_path), 10_000).write([entry(3, text=b'{"a":1}')], why(TOO_NEW), NOON_NS)
    assert records(tmp_path / FILE_NAME) == [
        {
            "time": "2026-05-28T20:26:40Z",
            "status": 400,
            "reason": TOO_NEW,
            "kind": "too_new",
            "labels": {"job": "t"},
            "timestamp_ns": str(NOON_NS + 3),
            "text": '{"a":1}',
            "metadata": {},
            "file": 1,
            "offset": 30,
        }
    ]


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    DeadLetters(str(tmp_path), 10_000).write([entry(1)], why(""), NOON_NS)
    assert stat.S_IMODE(os.stat(tmp_path / FILE_NAME).st_mode) == 0o600


def test_two_generations_stay_within_the_bound_and_the_oldest_go(tmp_path: Path) -> None:
    letters = DeadLetters(str(tmp_path), 4000)
    gone = sum(letters.write([entry(2 * at), entry(2 * at + 1)], why("x"), NOON_NS) for at in range(30))
    size = sum((tmp_path / name).stat().st_size for name in (FILE_NAME, PREVIOUS_NAME))
    kept = [record["offset"] for name in (PREVIOUS_NAME, FILE_NAME) for record in records(tmp_path / name)]
    assert size <= 4000
    assert kept == [number * 10 for number in range(60 - len(kept), 60)]
    assert gone == 60 - len(kept)


def test_a_record_larger_than_a_generation_is_shortened(tmp_path: Path) -> None:
    DeadLetters(str(tmp_path), 4000).write([entry(1, text=b"x" * 100_000)], why(""), NOON_NS)
    (record,) = records(tmp_path / FILE_NAME)
    assert str(record["text"]).startswith("xxxx")
    assert "tokentail_truncated" in record


def test_half_a_record_left_by_a_crash_spoils_no_other(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b'{"time": "20')
    DeadLetters(str(tmp_path), 10_000).write([entry(7)], why(""), NOON_NS)
    assert orjson.loads((tmp_path / FILE_NAME).read_bytes().splitlines()[1])["offset"] == 70


def test_a_directory_that_is_gone_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        DeadLetters(str(tmp_path / "absent"), 10_000).write([entry(1)], why(""), NOON_NS)


def test_a_bound_of_nothing_keeps_nothing(tmp_path: Path) -> None:
    assert not DeadLetters(str(tmp_path), 0).keeps
