"""Dead letters go when they are too old, and what is taken out of the file is exactly what was named."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import orjson
import pytest

from tailer.ship.deadletter import FILE_NAME, LOCK_NAME, PREVIOUS_NAME, DeadLetters
from tests.fakeloki import FakeLoki
from tests.ship.making import NOON_NS, SECOND_NS, Shipping, config, entry, why
from tests.ship.test_sender import closed_source

DAY_NS = 86400 * SECOND_NS


def offsets(letters: DeadLetters) -> list[int]:
    return [orjson.loads(line)["offset"] for line in letters.lines()]


def test_what_is_too_old_goes_from_both_generations_and_the_rest_stays(tmp_path: Path) -> None:
    letters = DeadLetters(str(tmp_path), 4000, max_age_seconds=86400)
    for day in range(6):
        letters.write([entry(2 * day), entry(2 * day + 1)], why("x"), NOON_NS + day * DAY_NS)
    assert (tmp_path / PREVIOUS_NAME).exists()
    before = offsets(letters)
    gone = letters.expire(NOON_NS + 5 * DAY_NS)
    assert offsets(letters) == [80, 90, 100, 110]
    assert gone == len(before) - 4
    assert letters.expire(NOON_NS + 5 * DAY_NS) == 0


def test_without_an_age_nothing_is_too_old(tmp_path: Path) -> None:
    letters = DeadLetters(str(tmp_path), 4000)
    letters.write([entry(1)], why("x"), NOON_NS)
    assert letters.expire(NOON_NS + 9999 * DAY_NS) == 0
    assert offsets(letters) == [10]


def test_half_a_record_goes_with_the_old(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b'{"time": "20')
    letters = DeadLetters(str(tmp_path), 4000, max_age_seconds=60)
    letters.write([entry(7)], why(""), NOON_NS)
    assert letters.expire(NOON_NS) == 1
    assert offsets(letters) == [70]


def test_two_equal_records_are_taken_out_one_at_a_time(tmp_path: Path) -> None:
    letters = DeadLetters(str(tmp_path), 10_000)
    letters.write([entry(1), entry(1), entry(2)], why("x"), NOON_NS)
    first = letters.lines()[0]
    assert letters.remove([first]) == 1
    assert offsets(letters) == [10, 20]
    assert letters.remove([first, first]) == 1
    assert offsets(letters) == [20]


def test_what_was_added_meanwhile_stays(tmp_path: Path) -> None:
    letters = DeadLetters(str(tmp_path), 10_000)
    letters.write([entry(1)], why("x"), NOON_NS)
    seen = letters.lines()
    letters.write([entry(2)], why("x"), NOON_NS)
    letters.remove(seen)
    assert offsets(letters) == [20]


def test_all_its_files_are_their_owners_alone(tmp_path: Path) -> None:
    letters = DeadLetters(str(tmp_path), 10_000)
    letters.write([entry(1), entry(2)], why("x"), NOON_NS)
    letters.remove(letters.lines()[:1])
    for name in (FILE_NAME, LOCK_NAME):
        assert stat.S_IMODE(os.stat(tmp_path / name).st_mode) == 0o600


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    """Whoever can put one there must not have lines of others written where he likes."""
    (tmp_path / "elsewhere").touch()
    (tmp_path / FILE_NAME).symlink_to(tmp_path / "elsewhere")
    letters = DeadLetters(str(tmp_path), 10_000)
    with pytest.raises(OSError, match="symbolic links"):
        letters.write([entry(1)], why("x"), NOON_NS)
    assert (tmp_path / "elsewhere").read_bytes() == b""


async def test_the_sender_deletes_and_counts_old_ones(tmp_path: Path) -> None:
    DeadLetters(str(tmp_path), 10_000).write([entry(1), entry(2)], why("x"), NOON_NS - 2 * DAY_NS)
    source = closed_source(1)
    source._closed = False
    async with FakeLoki() as fake:
        shipping = Shipping(source, config(fake.url, str(tmp_path), dead_letter_max_age_seconds=86400.0))
        running = asyncio.create_task(shipping.run())
        while not shipping.telemetry.value("tokentail_dead_letters_total", "expired"):
            await asyncio.sleep(0.01)
        source.close()
        await running
    assert shipping.telemetry.value("tokentail_dead_letters_total", "expired") == 2
    assert DeadLetters(str(tmp_path), 10_000).lines() == []
