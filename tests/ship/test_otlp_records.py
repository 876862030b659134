"""Log records are what the entries say, in OpenTelemetry's words, and the same bytes however the entries are kept."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.base import Call
from tailer.config import Fields, LokiOptions
from tailer.config.schema import Privacy
from tailer.ship.entries import Entries
from tailer.ship.entry import Entry
from tailer.ship.maker import Maker
from tailer.ship.metadata import Pairs
from tailer.ship.otlp_records import KEYS, SEVERITIES, request
from tailer.ship.privacy import Guard
from tests.fakeotlp import Record, records_in
from tests.ship.making import NOON_NS, chunk_of, entry
from tests.ship.test_same_bytes import LABEL, OPTIONS, SAID, Said, cost, read, said

RESOURCE = {"service.name": "shop", "service.instance.id": "one"}
OWN = ("trace_id", "request_id", "response_id", "input_tokens", "output_tokens", "cost_usd")
TRACE = "0af7651916cd43dd8448eb211c80319c"


def sent(entries: Sequence[Entry], resource: dict[str, str] = RESOURCE) -> list[Record]:
    return records_in(request(entries, resource))


def of(labels: Pairs = (), **metadata: str) -> Record:
    """The record of an entry that says this."""
    found = Entry(1, 0, 3, 0, labels, NOON_NS, b"{}", tuple(metadata.items()))
    return sent([found])[0]


def attributes(record: Record) -> dict[str, object]:
    return {name: value for name, value in record.attributes if name != "log.record.uid"}


def plainly(found: Entry) -> dict[str, object]:
    """The attributes of an entry, told in the plainest way."""
    told: dict[str, object] = dict(found.labels)
    for name, value in found.metadata:
        if name in {"input_tokens", "output_tokens"} and len(value) <= 18:
            told[KEYS[name]] = int(value)
        elif name == "cost_usd":
            told[KEYS[name]] = float(value)
        elif name != "level" and not (name == "trace_id" and value.lower() == TRACE):
            told[KEYS.get(name, name)] = value
    return told


TRACED = SAID.flatmap(lambda it: st.sampled_from([it, it._replace(trace_id=TRACE), it._replace(trace_id="1-5759e988")]))


@given(st.lists(TRACED, min_size=1, max_size=6), OPTIONS, st.booleans())
def test_records_say_what_entries_say_and_their_bytes_do_not_depend_on_how_these_are_kept(
    lines: list[Said], options: LokiOptions, guarded: bool
) -> None:
    """By column, as they are read; one by one, as they are mended and sent again; in parts."""
    guard = Guard(Privacy(content="drop"), Fields(), b"k" * 32, options.max_line_bytes) if guarded else None
    chunk, times_ns = chunk_of(*[line.text for line in lines]), [line.time_ns for line in lines]
    made = Maker(LABEL, options.labels_from, options, cost, guard).entries(chunk, read(chunk, lines), times_ns)
    plain = list(made)
    assert request(made, RESOURCE) == request(Entries.of(plain), RESOURCE) == request(plain, RESOURCE)
    assert sent(made[:1]) + sent(plain[1:]) == sent(made)
    for record, found in zip(sent(made), plain, strict=True):
        assert record.line.encode() == found.text
        assert (record.time_ns, record.observed_ns, record.scope) == (
            found.timestamp_ns,
            found.timestamp_ns,
            "tokentail",
        )
        assert attributes(record) == plainly(found)
        assert record.severity_text == dict(found.metadata).get("level", "")


def test_a_call_is_told_by_the_names_of_the_conventions() -> None:
    call = Call(
        "openai",
        "chat",
        "gpt-4o",
        input_tokens=15,
        output_tokens=7,
        cost_usd=0.0001075,
        request_id="req_1",
        response_id="chatcmpl-1",
        error_type="rate_limit",
    )
    chunk, options = chunk_of(b'{"a":1}'), LokiOptions(metadata={"pod": "shop-1"})
    line = said(call, b'{"a":1}')._replace(trace_id=TRACE.upper())
    made = Maker({"job": "t"}, {}, options, cost).entries(chunk, read(chunk, [line]), [NOON_NS])
    (record,) = sent(made)
    assert attributes(record) == {
        "job": "t",
        "log.file.path": "/var/log/app.log",
        "pod": "shop-1",
        "gen_ai.provider.name": "openai",
        "gen_ai.response.model": "gpt-4o",
        "gen_ai.operation.name": "chat",
        "tokentail.status": "error",
        "error.type": "rate_limit",
        "tokentail.request_id": "req_1",
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.usage.input_tokens": 15,
        "gen_ai.usage.output_tokens": 7,
        "tokentail.cost_usd": 0.0001075,
    }
    assert (record.line, record.time_ns, record.trace_id) == ('{"a":1}', made.times_ns[0], TRACE)
    assert (record.severity_number, record.severity_text) == (9, "info")
    assert (dict(record.resource), record.scope) == (RESOURCE, "tokentail")


@pytest.mark.parametrize("value", ["[masked:word]", "12 tokens", "1" * 19, "-1"])
def test_a_number_that_is_none_stays_what_it_is(value: str) -> None:
    assert attributes(of(input_tokens=value)) == {"gen_ai.usage.input_tokens": value}


@pytest.mark.parametrize("value", ["[masked:word]", "1e5", "-0.5", "inf"])
def test_an_amount_that_is_none_stays_what_it_is(value: str) -> None:
    assert attributes(of(cost_usd=value)) == {"tokentail.cost_usd": value}


@pytest.mark.parametrize("value", ["0" * 32, TRACE[:-1], "0af76519-16cd-43dd-8448-eb211c80319c", "7141232423"])
def test_what_is_no_id_of_a_trace_by_the_standard_is_an_attribute(value: str) -> None:
    record = of(trace_id=value)
    assert (record.trace_id, attributes(record)) == ("", {"tokentail.trace_id": value})


@pytest.mark.parametrize(
    ("level", "number"),
    [("trace", 1), ("debug", 5), ("info", 9), ("notice", 10), ("warning", 13), ("error", 17), ("critical", 21)],
)
def test_a_level_is_a_severity(level: str, number: int) -> None:
    record = of(level=level)
    assert (record.severity_number, record.severity_text, attributes(record)) == (number, level, {})


def test_a_level_that_nobody_knows_keeps_its_name_and_has_no_number() -> None:
    assert (of(level="success").severity_number, of(level="success").severity_text) == (0, "success")
    assert set(SEVERITIES.values()) <= set(range(1, 25))


def test_labels_named_like_what_is_learned_stand_beside_it_and_metadata_goes_before_a_label() -> None:
    record = of((("level", "a"), ("model", "b"), ("pod", "c")), level="warn", model="gpt-4o", pod="shop-1")
    assert attributes(record) == {"level": "a", "model": "b", "gen_ai.response.model": "gpt-4o", "pod": "shop-1"}
    assert record.severity_text == "warn"


def test_an_id_is_another_for_another_line_place_time_file_or_sender_and_else_the_same() -> None:
    first = Entry(1, 10, 20, 1, (), NOON_NS, b"{}", (("filename", "/a"),))
    others = [
        Entry(1, 20, 30, 2, (), NOON_NS, b"{}", (("filename", "/a"),)),
        Entry(1, 10, 20, 1, (), NOON_NS + 1, b"{}", (("filename", "/a"),)),
        Entry(1, 10, 20, 1, (), NOON_NS, b"[]", (("filename", "/a"),)),
        Entry(1, 10, 20, 1, (), NOON_NS, b"{}", (("filename", "/b"),)),
    ]
    elsewhere = sent([first], {"service.instance.id": "two"})
    ids = [record.uid for record in sent([first, *others]) + elsewhere]
    assert len(set(ids)) == 6
    assert {len(uid) for uid in ids} == {32}
    # A dead letter is sent again without the end and the number of its line, and another file may have its number.
    again = Entry(9, 10, 10, 0, (("job", "t"),), NOON_NS, b"{}", (("filename", "/a"), ("level", "info")))
    assert sent([again])[0].uid == ids[0]


def test_ids_are_ordered_as_their_times_are() -> None:
    ids = [record.uid for record in sent([entry(number) for number in range(0, 10**9, 10**7)])]
    assert ids == sorted(ids)
