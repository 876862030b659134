"""What Loki refuses is found, set aside and counted; all the rest arrives."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from tailer.ship.deadletter import FILE_NAME
from tests.fakeloki import FakeLoki
from tests.fakeloki_wire import Kept
from tests.ship.making import NOON_NS, MemorySource, Shipping, config, line
from tests.ship.test_sender import closed_source, expected


def dead(state_dir: Path) -> list[str]:
    return [orjson.loads(record)["text"] for record in (state_dir / FILE_NAME).read_bytes().splitlines()]


def bad(*numbers: int, text: str) -> Callable[[Kept], str | None]:
    texts = {line(number).decode() for number in numbers}

    def refuse(kept: Kept) -> str | None:
        return text if kept.line in texts else None

    return refuse


@pytest.mark.parametrize("text", ["entry for stream '{}' has timestamp too new: x", "no words that we know"])
async def test_the_guilty_entry_is_set_aside_and_the_others_arrive(tmp_path: Path, text: str) -> None:
    source = closed_source(100)
    async with FakeLoki(refuse=bad(37, 38, 99, text=text)) as fake:
        shipping = Shipping(source, config(fake.url, str(tmp_path)))
        await shipping.run()
    arrived = [number for number in range(100) if number not in (37, 38, 99)]
    assert sorted(fake.lines()) == sorted(line(number).decode() for number in arrived)
    assert dead(tmp_path) == [line(number).decode() for number in (37, 38, 99)]
    assert source.marks[1][1] == 100
    assert (shipping.entries("accepted"), shipping.entries("refused")) == (97, 3)
    assert shipping.telemetry.value("tokentail_dead_letters_total", "kept") == 3


async def test_a_push_of_which_nothing_was_taken_is_delivered_by_halves(tmp_path: Path) -> None:
    """An answer of 400 with nothing taken, as for a body that does not decode."""
    source = closed_source(16)
    async with FakeLoki([400, 400, 400]) as fake:
        shipping = Shipping(source, config(fake.url, str(tmp_path)))
        await shipping.run()
    assert fake.lines() == expected(16)
    assert shipping.entries("refused") == 0


async def test_a_push_too_large_is_split_in_order(tmp_path: Path) -> None:
    source = closed_source(64)
    async with FakeLoki(max_body_bytes=800) as fake:
        shipping = Shipping(source, config(fake.url, str(tmp_path)))
        await shipping.run()
    assert fake.lines() == expected(64)
    assert shipping.entries("accepted") == 64


async def test_an_entry_too_large_alone_is_set_aside(tmp_path: Path) -> None:
    source = closed_source(3)
    async with FakeLoki([413, (413, {}, "still"), 204, 413, 204]) as fake:
        shipping = Shipping(source, config(fake.url, str(tmp_path)))
        await shipping.run()
    assert len(dead(tmp_path)) == 1
    assert shipping.entries("accepted") == 2
    assert source.marks[1][1] == 3


async def test_a_backlog_too_old_costs_one_push_a_batch(tmp_path: Path) -> None:
    source = closed_source(1000, lines_per_chunk=100)
    async with FakeLoki(oldest_ns=NOON_NS + 3600 * 10**9) as fake:
        shipping = Shipping(source, config(fake.url, str(tmp_path), batch_entries=500))
        await shipping.run()
    assert len(fake.requests) == 2
    assert fake.entries() == []
    assert shipping.entries("refused") == 1000


async def test_where_a_backlog_grows_young_enough_the_rest_arrives(tmp_path: Path) -> None:
    source = MemorySource(100)
    source.append(1, [line(number * 1000) for number in range(100)])
    source.close()
    async with FakeLoki(oldest_ns=NOON_NS + 60 * 10**9) as fake:
        shipping = Shipping(source, config(fake.url, str(tmp_path)))
        await shipping.run()
    assert fake.lines() == [line(number * 1000).decode() for number in range(60, 100)]
    assert shipping.entries("refused") == 60
    assert len(fake.requests) <= 3


async def test_when_all_is_refused_loki_is_spared(tmp_path: Path) -> None:
    """After 256 pushes for a batch, a kind of refusal that leaves the good entries with Loki ends the search."""
    source = closed_source(2000, lines_per_chunk=500)
    async with FakeLoki(newest_ns=1) as fake:
        shipping = Shipping(source, config(fake.url, str(tmp_path), batch_entries=2000))
        await shipping.run()
    assert len(fake.requests) < 300
    assert len(dead(tmp_path)) == 2000
    assert shipping.entries("refused") + shipping.entries("doubtful") == 2000
    assert source.marks[1][1] == 2000


async def test_a_rate_limit_that_a_whole_batch_never_passes_is_passed_in_parts(tmp_path: Path) -> None:
    source = closed_source(32)
    async with FakeLoki([429] * 4) as fake:
        await Shipping(source, config(fake.url, str(tmp_path))).run()
    assert [len(request.entries) for request in fake.requests] == [32] * 4 + [16, 16]
    assert fake.lines() == expected(32)


async def test_a_dead_letter_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    source = closed_source(2)
    async with FakeLoki(newest_ns=1) as fake:
        shipping = Shipping(source, config(fake.url, str(tmp_path / "absent")))
        await shipping.run()
    assert shipping.telemetry.value("tokentail_dead_letters_total", "failed") == 2
    assert source.marks[1][1] == 2


async def test_dead_letters_can_be_switched_off(tmp_path: Path) -> None:
    source = closed_source(2)
    async with FakeLoki(newest_ns=1) as fake:
        shipping = Shipping(source, config(fake.url, str(tmp_path), dead_letter_bytes=0))
        await shipping.run()
    assert shipping.telemetry.value("tokentail_dead_letters_total", "dropped") == 2
    assert os.listdir(tmp_path) == []
