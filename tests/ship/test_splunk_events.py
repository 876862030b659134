"""What Splunk gets of a line: raw JSON where it is JSON, every number as a field, the same bytes at every replay."""

from __future__ import annotations

import json
from typing import Any
from zlib import crc32

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailer.config import Fields
from tailer.ship.deadletter import _record
from tailer.ship.deadletter_resend import letters_of
from tailer.ship.entries import Entries
from tailer.ship.entry import Entry
from tailer.ship.metadata import Own, Shared, pairs
from tailer.ship.splunk_call import Calls
from tailer.ship.splunk_events import Origin, encode, is_object, line_event
from tests.fakehec_wire import objects
from tests.ship.making import NOON_NS, why

ORIGIN = Origin("shop-1", "_json")
LABELS = (("app", "shop"), ("job", "t"))
BESIDE = Shared((("filename", "/var/log/app.log"), ("pod", "shop-1")), (("provider", "openai"), ("model", "gpt-4o")))
SAID = Own("trace-1", "req_1", "chatcmpl-1", 1523, 212, 0.0046475)


def entry(text: bytes = b'{"a":1}', number: int = 3, time_ns: int = NOON_NS, own: Own | None = SAID) -> Entry:
    return Entry(1, number * 10, number * 10 + 10, number, LABELS, time_ns, text, pairs(BESIDE, own))


def events(*entries: Entry, origin: Origin = ORIGIN) -> list[Any]:
    return list(objects(encode(entries, origin, line_event)))


def test_an_event_says_where_it_is_from_and_what_was_learned_of_the_line() -> None:
    sent = encode([entry(time_ns=NOON_NS + 7)], ORIGIN, line_event)
    crc = crc32(b'{"a":1}', crc32(b"/var/log/app.log"))
    assert sent == (
        b'{"time":1780000000.000000007,"host":"shop-1","source":"/var/log/app.log","sourcetype":"_json",'
        b'"event":{"a":1},"fields":{"app":"shop","job":"t","pod":"shop-1","trace_id":"trace-1","provider":"openai",'
        b'"model":"gpt-4o","request_id":"req_1","response_id":"chatcmpl-1","input_tokens":"1523",'
        b'"output_tokens":"212","cost_usd":"0.0046475","tokentail_id":"1780000000000000007-00000000001e-%08x"}}' % crc
    )


def test_an_index_is_named_where_one_is_set_and_a_source_takes_the_place_of_the_path() -> None:
    (event,) = events(entry(), origin=Origin("h", "s", "shop", "open_ai"))
    assert [event[name] for name in ("host", "sourcetype", "source", "index")] == ["h", "s", "shop", "open_ai"]
    assert event["fields"]["filename"] == "/var/log/app.log"


def test_a_label_never_stands_in_for_what_was_learned_nor_twice() -> None:
    labels = (("job", "t"), ("model", "mine"), ("request_id", "mine"))
    made = msgspec.structs.replace(entry(own=None), labels=labels)
    sent = encode([made], ORIGIN, line_event)
    assert sent.count(b'"model"') == 1
    (event,) = objects(sent)
    assert event["fields"]["model"] == "gpt-4o"
    assert "request_id" not in event["fields"]


@pytest.mark.parametrize(
    "text",
    [b'{"a":1}', b' {"b": [1.50, "x"],  "a":null} ', b"{}", b'{"n":12345678901234567890123,"f":1E5}', b'{"a":1,"a":2}'],
)
def test_a_json_object_is_the_event_to_the_byte(text: bytes) -> None:
    assert line_event(text) == text


@pytest.mark.parametrize(
    "text", [b"plain", b"[1]", b"17", b'"text"', b"null", b'{"cut', b'{"a":1} {"b":2}', b'{"a":NaN}', b"{" * 5000]
)
def test_anything_else_is_a_text(text: bytes) -> None:
    assert json.loads(line_event(text)) == text.decode()


@pytest.mark.parametrize("text", [b"", b"   ", b"\t\r", "\u2003".encode()])
def test_a_line_of_white_space_is_told_by_its_length_since_splunk_takes_no_blank_event(text: bytes) -> None:
    assert json.loads(line_event(text)) == {"tokentail_blank": len(text)}


OBJECTS = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
).map(lambda found: json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
TEXTS = OBJECTS | st.text(st.characters(exclude_categories=["Cs"]), max_size=40).map(str.encode)


@given(OBJECTS, st.integers(0, 80), st.binary(max_size=2))
def test_what_goes_as_an_object_is_one_for_everybody(text: bytes, at: int, more: bytes) -> None:
    """Whatever is done to the bytes of an object: what is embedded is JSON for another decoder too."""
    broken = (text[:at] + more + text[at:]).decode("utf-8", "replace").encode()
    found = is_object(broken)
    try:
        assert found == isinstance(json.loads(broken.decode(), parse_constant=lambda _: 1 / 0), dict)
    except (ValueError, ZeroDivisionError):
        assert not found


OWNS = st.none() | st.builds(
    Own,
    st.none() | st.text(max_size=9),
    st.none() | st.text(max_size=9),
    st.none() | st.sampled_from(["", "r" * 2000, "\ud800"]),
    st.none() | st.integers(0, 10**30),
    st.none() | st.integers(0, 10**9),
    st.none() | st.floats(0, 1e6),
)
SHARED = st.sampled_from([BESIDE, Shared((("filename", "/var/log/b.log"),)), Shared(())])
LINES = st.lists(st.tuples(TEXTS, st.integers(1, 2**63 - 1), OWNS, SHARED, st.integers(0, 10**12)), max_size=6)


def columns(lines: list[Any]) -> Entries:
    made = Entries.of()
    for number, (text, time_ns, own, shared, start) in enumerate(lines):
        place = Entry(1, start, start + 1, number, LABELS, time_ns, text, ())
        made.extend(Entries([1], [place], [LABELS], [time_ns], [text], [shared], [own]))
    return made


@given(LINES, st.sampled_from([ORIGIN, Origin("h\ud800", "x", "é", "i")]))
def test_the_same_entries_are_the_same_bytes_however_they_are_kept(lines: list[Any], origin: Origin) -> None:
    """By column as they are shipped, one by one, in parts, and as dead letters give them back."""
    by_column = columns(lines)
    sent = encode(by_column, origin, line_event)
    assert encode(list(by_column), origin, line_event) == sent
    halves = by_column[: len(lines) // 2], by_column[len(lines) // 2 :]
    assert b"\n".join(part for half in halves if (part := encode(half, origin, line_event))) == sent
    letters = letters_of(_record(it, why("x"), NOON_NS, 10_000_000) for it in by_column)
    again = [letter.entry for letter in letters if letter.entry is not None]
    assert encode(again, origin, line_event) == sent


@given(LINES)
def test_every_event_has_the_entrys_time_text_labels_and_metadata(lines: list[Any]) -> None:
    found = list(objects(encode(columns(lines), ORIGIN, line_event)))
    assert len(found) == len(lines)
    for event, it in zip(found, columns(lines), strict=True):
        assert int(event["time"] * 10**9) == it.timestamp_ns
        expected = {**dict(LABELS), **{n: v for n, v in it.metadata if n != "filename" or not v}}
        identity = event["fields"].pop("tokentail_id")
        assert event["fields"] == expected
        assert identity.startswith(f"{it.timestamp_ns:019d}-{it.start:012x}-")


def test_two_equal_lines_have_two_identities_and_a_replay_has_the_same() -> None:
    first, second = entry(number=3, time_ns=NOON_NS + 3), entry(number=4, time_ns=NOON_NS + 4)
    elsewhere = msgspec.structs.replace(first, metadata=(("filename", "/var/log/other.log"),))
    identities = [event["fields"]["tokentail_id"] for event in events(first, second, elsewhere, first)]
    assert len(set(identities)) == 3
    assert identities[0] == identities[3]


def call_of(text: bytes, fields: Fields | None = None) -> Any:
    return json.loads(Calls(fields or Fields()).event(text))


REQUEST = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
RESPONSE = {"id": "c1", "object": "chat.completion", "model": "gpt-4o-2024-08-06", "usage": {"prompt_tokens": 1}}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            {"ts": "2026-11-20T17:00:00Z", "duration_ms": 1500, "request": REQUEST, "response": RESPONSE},
            {"request": REQUEST, "response": RESPONSE, "response_time": 1.5},
        ),
        ({"level": "info", "response": RESPONSE}, {"response": RESPONSE}),
        ({"request_id": "r1", "request": REQUEST}, {"request": REQUEST}),
        ({"request": json.dumps(REQUEST), "response": json.dumps(RESPONSE)},
         {"request": REQUEST, "response": RESPONSE}),
        ({"event": {"request": REQUEST, "response": RESPONSE, "response_time": 2.5}},
         {"request": REQUEST, "response": RESPONSE, "response_time": 2.5}),
        (RESPONSE, {"response": RESPONSE}),
    ],
    ids=["both", "response", "request", "texts", "collector", "body"],
)  # fmt: skip
def test_a_call_becomes_the_event_of_the_splunk_monitor(line: object, expected: object) -> None:
    assert call_of(orjson.dumps(line)) == expected


def test_behind_a_container_runtime_too_and_by_the_configured_paths() -> None:
    line = b"2026-11-20T17:00:07.1Z stdout F " + orjson.dumps({"request": REQUEST, "response": RESPONSE})
    assert call_of(line) == {"request": REQUEST, "response": RESPONSE}
    fields = Fields(request="q.body", response="a.body")
    assert call_of(orjson.dumps({"q": {"body": REQUEST}, "a": {"body": RESPONSE}}), fields) == {
        "request": REQUEST,
        "response": RESPONSE,
    }


def test_a_stream_goes_with_its_pieces() -> None:
    pieces = [{"object": "chat.completion.chunk", "choices": []}, {"object": "chat.completion.chunk", "usage": {}}]
    assert call_of(orjson.dumps({"request": REQUEST, "response": pieces}))["response"] == pieces


@pytest.mark.parametrize(
    "text",
    [
        b'{"request": {"model":"m","prompt":"x"},  "response": {"usage": {"total_tokens": 1.0}}, "response_time":0.10}',
        b'{"response":{"a":1}}',
        b'{"level":"info","event":"cache hit","number":3}',
        b'{"status": 200, "path": "/health"}',
        b"Traceback",
        b"",
        b"[1,2]",
    ],
)
def test_what_has_the_shape_or_is_no_call_goes_as_it_is(text: bytes) -> None:
    assert Calls(Fields()).event(text) == line_event(text)


@given(TEXTS)
def test_any_line_becomes_one_json_value(text: bytes) -> None:
    json.loads(Calls(Fields()).event(text))
