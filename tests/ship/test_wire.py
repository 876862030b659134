"""What is encoded is what an independent decoder finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailer.outbound.protobuf import varint
from tailer.ship.entries import Entries
from tailer.ship.entry import Entry
from tailer.ship.protobuf import selector
from tailer.ship.wire import Encoding, encode
from tests.fakeloki_wire import Kept, decoded, parsed_labels

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
pairs = st.dictionaries(st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True), texts, min_size=1, max_size=4).map(
    lambda found: tuple(sorted(found.items()))
)
entries = st.builds(
    lambda labels, time_ns, text, metadata: Entry(1, 0, 1, 0, labels, time_ns, text.encode(), metadata),
    pairs,
    st.integers(1, 2**63 - 1),
    texts,
    pairs,
)


def as_kept(entry: Entry) -> Kept:
    return Kept(entry.labels, entry.timestamp_ns, entry.text.decode(), entry.metadata)


@pytest.mark.parametrize("encoding", ["protobuf", "json"])
@given(batch=st.lists(entries, max_size=8))
def test_a_push_decodes_to_its_entries_in_order_within_each_stream(batch: list[Entry], encoding: Encoding) -> None:
    body = encode(batch, encoding)
    found = list(decoded(body.data, body.headers["Content-Type"]))
    expected = [as_kept(entry) for members in Entries.of(batch).streams().values() for entry in members]
    assert found == expected


@given(pairs)
def test_labels_survive_their_escapes(labels: tuple[tuple[str, str], ...]) -> None:
    assert parsed_labels(selector(labels)) == labels


def test_labels_are_written_as_loki_reads_them() -> None:
    assert selector((("app", "x"), ("job", 'a"b\\c\nd\x01\ufffd'))) == r'{app="x", job="a\"b\\c\nd\u0001\ufffd"}'


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, b"\x00"), (127, b"\x7f"), (128, b"\x80\x01"), (300, b"\xac\x02"), (16384, b"\x80\x80\x01")],
)
def test_numbers_are_protobuf_varints(value: int, expected: bytes) -> None:
    assert varint(value) == expected


def test_json_goes_out_compressed() -> None:
    body = encode([], "json")
    assert body.headers == {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert body.data[:2] == b"\x1f\x8b"


def test_the_same_entries_are_the_same_body() -> None:
    batch = [Entry(1, 0, 3, 0, (("job", "t"),), 1_700_000_000_000_000_000, b"{}", (("level", "info"),))]
    assert encode(batch, "json") == encode(batch, "json")
    assert encode(batch, "protobuf") == encode(batch, "protobuf")
