"""A line becomes the same entry every time it is read."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.base import Call
from tailer.config import LokiOptions
from tailer.reading.chunk import Chunk, Reading
from tailer.ship.entry import Entry, own_time_ns, positioned
from tailer.ship.maker import Maker
from tailer.ship.metadata import bounded
from tests.ship.making import NOON_NS, chunk_of, cost, line, read


def made(chunk: Chunk, *, labels_from: tuple[str, ...] = (), max_line_bytes: int = 262144) -> list[Entry]:
    options = LokiOptions(labels_from=dict.fromkeys(labels_from, "x"), max_line_bytes=max_line_bytes)
    maker = Maker({"job": "tokentail"}, options.labels_from, options, cost)
    readings = read(chunk)
    return list(maker.entries(chunk, readings, [own_time_ns(reading) or NOON_NS for reading in readings]))


def test_a_call_carries_what_was_learned_from_its_line() -> None:
    (entry,) = made(chunk_of(line(3)))
    assert entry.labels == (("job", "tokentail"),)
    assert entry.text == line(3)
    assert dict(entry.metadata) == {
        "filename": "/var/log/app.log",
        "provider": "openai",
        "model": "gpt-4o-2024-08-06",
        "operation": "chat",
        "status": "success",
        "request_id": "req_3",
        "input_tokens": "103",
        "output_tokens": "7",
        "cost_usd": "0.0002575",
    }


def test_only_the_line_that_completes_a_call_carries_its_cost() -> None:
    """Summing cost_usd over the lines of Loki is the bill."""
    pieces = [line(number, stage=stage) for number, stage in enumerate(("request", "piece", "finished", "last"))]
    with_cost = ["cost_usd" in dict(entry.metadata) for entry in made(chunk_of(*pieces))]
    assert with_cost == [False, False, False, True]


def test_a_part_of_a_call_has_not_succeeded_yet() -> None:
    ongoing, failed = made(chunk_of(line(1, stage="piece"), line(2, stage="piece", error_type="overloaded")))
    assert "status" not in dict(ongoing.metadata)
    assert dict(failed.metadata)["status"] == "error"


def test_every_line_is_forwarded_whatever_it_holds() -> None:
    texts = [b"", b"Traceback (most recent call last):", b'{"cut', b"\xff\xfe caf\xc3\xa9", b"a\x00b", line(1)]
    entries = made(chunk_of(*texts))
    assert [entry.text for entry in entries] == [text.decode("utf-8", "replace").encode() for text in texts]
    assert [entry.number for entry in entries] == list(range(6))


def test_equal_lines_at_an_equal_time_stay_two() -> None:
    first, second = made(chunk_of(line(1), line(1)))
    assert first.timestamp_ns != second.timestamp_ns


@pytest.mark.parametrize(
    ("time_ns", "number", "expected"),
    [
        (1_700_000_000_123_000_000, 42, 1_700_000_000_123_000_042),
        (1_700_000_000_123_000_000, 1_000_042, 1_700_000_000_123_000_042),
        (1_700_000_000_123_456_000, 1042, 1_700_000_000_123_456_042),
        (1_700_000_000_123_456_789, 7, 1_700_000_000_123_456_007),
    ],
)
def test_the_low_digits_carry_the_position(time_ns: int, number: int, expected: int) -> None:
    assert positioned(time_ns, number) == expected


@pytest.mark.parametrize("nonsense", [None, 0, -1, 2**63, 10**30])
def test_a_time_that_loki_cannot_hold_counts_as_none(nonsense: int | None) -> None:
    assert own_time_ns(Reading(0, 1, 0, "not_llm", timestamp_ns=nonsense)) is None


def test_the_time_within_a_body_serves_when_nothing_surrounds_it() -> None:
    assert own_time_ns(Reading(0, 1, 0, "call", Call(timestamp_ns=NOON_NS))) == NOON_NS


def test_labels_from_the_line_join_the_static_ones_and_are_bounded() -> None:
    chunk = chunk_of(line(1, team="search"), line(2), line(3, team="é" * 3000))
    search, none, long = made(chunk, labels_from=("team",))
    assert search.labels == (("job", "tokentail"), ("team", "search"))
    assert none.labels == (("job", "tokentail"),)
    assert dict(long.labels)["team"] == "é" * 1024


def test_a_stream_always_has_a_label() -> None:
    chunk = chunk_of(line(1))
    (entry,) = Maker({}, (), LokiOptions(), cost).entries(chunk, read(chunk), [NOON_NS])
    assert entry.labels == (("job", "tokentail"),)


def test_an_oversize_line_becomes_its_size_and_its_head() -> None:
    data = b'{"prompt": "' + b"x" * 5000
    chunk = Chunk(1, "a.log", 100, 100 + 20_000_000, 4, data, oversize=True)
    (entry,) = made(chunk)
    shown = orjson.loads(entry.text)
    assert shown.pop("tokentail_truncated") == 20_000_000
    assert shown == {"tokentail_oversize_bytes": 20_000_000, "head": data[:1024].decode()}
    assert (entry.start, entry.end, entry.number) == (100, 20_000_100, 4)


def test_a_line_above_lokis_limit_is_made_to_fit() -> None:
    (entry,) = made(chunk_of(line(1, prompt="x" * 9000)), max_line_bytes=4096)
    assert len(entry.text) <= 4096
    assert orjson.loads(entry.text)["usage"] == {"prompt_tokens": 101, "completion_tokens": 7}


def test_a_file_name_that_is_no_unicode_does_not_stop_anything() -> None:
    (entry,) = made(chunk_of(line(1), path="/var/log/caf\udce9.log"))
    assert dict(entry.metadata)["filename"] == "/var/log/caf?.log"


@given(st.text(st.characters(exclude_categories=[])), st.integers(0, 40))
def test_a_bounded_value_is_a_valid_prefix_within_its_bytes(value: str, limit: int) -> None:
    short = bounded(value, limit).encode()
    assert len(short) <= limit
    assert value.encode("utf-8", "replace").startswith(short)


@given(st.lists(st.binary(max_size=60).map(lambda text: text.replace(b"\n", b"").replace(b"\r", b"")), max_size=20))
def test_entries_are_the_same_however_lines_are_cut_into_chunks(lines: list[bytes]) -> None:
    at_once = made(chunk_of(*lines))
    one_by_one = []
    start = 0
    for number, text in enumerate(lines):
        one_by_one += made(chunk_of(text, start=start, number=number))
        start += len(text) + 1
    assert at_once == one_by_one


def test_metadata_of_the_configuration_is_on_every_entry_and_empty_values_are_none() -> None:
    chunk = chunk_of(b'{"msg":"hello"}')
    maker = Maker({"job": "t", "app": ""}, (), LokiOptions(metadata={"pod": "shop-1", "node": ""}), cost)
    (entry,) = maker.entries(chunk, read(chunk), [NOON_NS])
    assert entry.labels == (("job", "t"),)
    assert entry.metadata[:2] == (("filename", chunk.path), ("pod", "shop-1"))
    assert "node" not in dict(entry.metadata)
