"""What Loki refuses for its length, its metadata or its time is mended where that can be done, and kept once."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from tailer.ship.mending import rfc3339
from tests.fakeloki import FakeLoki
from tests.fakeloki_wire import Kept
from tests.ship.making import NOON_NS, SECOND_NS, MemorySource, Shipping, Ticking, config, line
from tests.ship.test_sender import closed_source, expected
from tests.ship.test_sender_refusals import dead

HOUR_NS = 3600 * SECOND_NS
DAY_NS = 24 * HOUR_NS
MILLISECOND_NS = 1_000_000


def source_of(*lines: bytes) -> MemorySource:
    source = MemorySource()
    source.append(1, lines)
    source.close()
    return source


def metadata(kept: Kept) -> dict[str, str]:
    return dict(kept.metadata)


async def test_lines_too_long_for_this_loki_are_shortened_to_its_own_limit(tmp_path: Path) -> None:
    """A tenant's `max_line_size` below Loki's default, or lowered while the tailer runs."""
    lines = [line(number, text="x" * (2000 if number % 3 else 10)) for number in range(30)]
    async with FakeLoki(max_line_bytes=600) as fake:
        shipping = Shipping(source_of(*lines), config(fake.url, str(tmp_path)))
        await shipping.run()
    arrived = [orjson.loads(text) for text in sorted(fake.lines(), key=lambda text: int(orjson.loads(text)["ts_ns"]))]
    assert [record["id"] for record in arrived] == [f"req_{number}" for number in range(30)]
    assert [record.get("tokentail_truncated") for record in arrived] == [
        len(lines[number]) if number % 3 else None for number in range(30)
    ]
    assert max(map(len, fake.lines())) <= 600
    assert (shipping.entries("accepted"), shipping.entries("mended"), shipping.entries("refused")) == (10, 20, 0)
    assert len(fake.requests) == 2, "Loki's figure tells the long ones, without a search"


@pytest.mark.parametrize("limits", [{"max_metadata": 3}, {"max_metadata_bytes": 40}])
async def test_a_line_whose_metadata_is_too_much_goes_without_it(tmp_path: Path, limits: dict[str, int]) -> None:
    async with FakeLoki() as fake:
        fake.max_metadata = limits.get("max_metadata", 128)
        fake.max_metadata_bytes = limits.get("max_metadata_bytes", 65536)
        shipping = Shipping(closed_source(5), config(fake.url, str(tmp_path)))
        await shipping.run()
    assert fake.lines() == expected(5)
    assert {kept.metadata for kept in fake.entries()} == {()}
    assert shipping.entries("mended") == 5
    assert len(fake.requests) == 2, "Loki's figure tells which, without a search"


def aged(count: int, age_ns: int) -> list[bytes]:
    return [line(number, ts_ns=NOON_NS - age_ns + number * MILLISECOND_NS) for number in range(count)]


@pytest.mark.parametrize("age_ns", [30 * DAY_NS, -2 * DAY_NS])
async def test_times_that_loki_refuses_are_mended_where_that_is_wanted(tmp_path: Path, age_ns: int) -> None:
    """A backlog of last month; an application whose clock is two days ahead."""
    lines = [*aged(50, age_ns), *aged(3, 0)]
    window = {"oldest_ns": NOON_NS - 7 * DAY_NS, "newest_ns": NOON_NS + 600 * SECOND_NS}
    async with FakeLoki(**window) as fake:  # type: ignore[arg-type]  # two of its numbers
        source = source_of(*lines)
        shipping = Shipping(source, config(fake.url, str(tmp_path), mend_times=True))
        await shipping.run()
    assert sorted(fake.lines()) == sorted(text.decode() for text in lines)
    mended = sorted((kept for kept in fake.entries() if "original_timestamp" in metadata(kept)), key=lambda it: it[1])
    assert [kept.line.encode() for kept in mended] == lines[:50], "in their order by time"
    assert all(NOON_NS <= kept.timestamp_ns < NOON_NS + MILLISECOND_NS for kept in mended)
    first = NOON_NS - age_ns
    assert metadata(mended[0])["original_timestamp"] == rfc3339(first)
    assert (shipping.entries("mended"), shipping.entries("accepted")) == (50, 3)
    assert source.saves > 0, "a time that is given is on disk before it is used"
    assert shipping.sender.dump().mended == {}, "and dropped once it is settled"


async def test_times_are_left_alone_unless_that_is_wanted(tmp_path: Path) -> None:
    async with FakeLoki(oldest_ns=NOON_NS - 7 * DAY_NS) as fake:
        source = source_of(*aged(5, 30 * DAY_NS))
        shipping = Shipping(source, config(fake.url, str(tmp_path)))
        await shipping.run()
    assert fake.lines() == []
    assert dead(tmp_path) == [text.decode() for text in aged(5, 30 * DAY_NS)]
    assert shipping.entries("refused") == 5
    assert source.saved[1] == b"{}", "no time was given"


async def test_a_replay_finds_the_times_that_were_given(tmp_path: Path) -> None:
    """Killed after Loki took the mended lines and before the mark was saved: nothing is kept at two times."""
    lines = aged(20, 30 * DAY_NS) + aged(2, 0)
    source = source_of(*lines)
    async with FakeLoki(oldest_ns=NOON_NS - 7 * DAY_NS) as fake:
        await Shipping(source, config(fake.url, str(tmp_path), mend_times=True)).run()
        first = fake.entries()
        later = Ticking()
        later.now += HOUR_NS
        again = source.restarted(5)
        again.close()
        await Shipping(again, config(fake.url, str(tmp_path), mend_times=True), later).run()
        assert fake.entries() == first
        assert len(first) == 22


class Streams(FakeLoki):
    """Refuses what is more than an hour behind the newest of its stream, in the words of Loki's ingester."""

    def __init__(self) -> None:
        super().__init__(refuse=self._behind)
        self.newest: dict[object, int] = {}

    def _behind(self, kept: Kept) -> str | None:
        newest = max(self.newest.get(kept.labels, 0), kept.timestamp_ns)
        if kept.timestamp_ns >= newest - HOUR_NS:
            self.newest[kept.labels] = newest
            return None
        at, oldest = rfc3339(kept.timestamp_ns), rfc3339(newest - HOUR_NS)[:19] + "Z"
        why = f"entry too far behind, entry timestamp is: {at[:19]}Z, oldest acceptable timestamp is: {oldest}"
        total = "user 'fake', total ignored: 1 out of 9 for stream: {}"
        return f"entry with timestamp {at} ignored, reason: '{why}',\n{total}"


async def test_a_quiet_file_read_beside_a_fresh_one_arrives_too(tmp_path: Path) -> None:
    """Two files share a stream: the one read later is too far behind the other."""
    lines = [*aged(10, 0), *aged(10, 5 * HOUR_NS)]
    async with Streams() as fake:
        shipping = Shipping(source_of(*lines), config(fake.url, str(tmp_path), mend_times=True, batch_entries=10))
        await shipping.run()
    assert sorted(fake.lines()) == sorted(text.decode() for text in lines)
    assert shipping.entries("mended") == 10


async def test_what_is_refused_once_mended_is_set_aside(tmp_path: Path) -> None:
    async with FakeLoki(oldest_ns=NOON_NS + DAY_NS) as fake:
        source = closed_source(9)
        shipping = Shipping(source, config(fake.url, str(tmp_path), mend_times=True))
        await shipping.run()
    assert shipping.entries("refused") == 9
    assert dead(tmp_path) == expected(9)
    assert source.marks[1][1] == 9
    assert len(fake.requests) == 2


async def test_of_a_refusal_that_names_several_faults_each_line_is_mended_in_its_own(tmp_path: Path) -> None:
    lines = [*aged(3, 30 * DAY_NS), *(line(number, text="x" * 3000) for number in range(3)), *aged(3, 0)]
    async with FakeLoki(oldest_ns=NOON_NS - 7 * DAY_NS, max_line_bytes=1000) as fake:
        shipping = Shipping(source_of(*lines), config(fake.url, str(tmp_path)))
        await shipping.run()
    assert len(fake.lines()) == 6
    assert dead(tmp_path) == [text.decode() for text in lines[:3]]
    assert [shipping.entries(outcome) for outcome in ("accepted", "mended", "refused")] == [3, 3, 3]


async def test_a_line_is_mended_in_every_respect_that_it_takes(tmp_path: Path) -> None:
    lines = [line(number, ts_ns=NOON_NS - 30 * DAY_NS, text="x" * 3000) for number in range(4)]
    async with FakeLoki(oldest_ns=NOON_NS - 7 * DAY_NS, max_line_bytes=1000, max_metadata=2) as fake:
        shipping = Shipping(source_of(*lines), config(fake.url, str(tmp_path), mend_times=True))
        await shipping.run()
    assert [orjson.loads(text)["id"] for text in fake.lines()] == ["req_0", "req_1", "req_2", "req_3"]
    assert (shipping.entries("mended"), shipping.entries("refused")) == (4, 0)
