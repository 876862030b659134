"""However much is kept from line to line, what leaves is what the plainest encoder gives: `plainly`."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import corpora
from parsers import registry
from parsers.base import Call, Stage
from tailer.config import Fields, LokiOptions
from tailer.config.schema import Privacy
from tailer.reading.chunk import Chunk, Outcome, Reading
from tailer.reading.reading import LineReader
from tailer.ship.entries import Entries
from tailer.ship.entry import Entry
from tailer.ship.maker import REMEMBERED_KINDS, Maker
from tailer.ship.privacy import Guard
from tailer.ship.protobuf import push_request, selector
from tests.ship import plainly
from tests.ship.making import NOON_NS, chunk_of

LABEL = {"job": "t", "app": "", "x": 'a"\n\ufffd'}
TIMES = st.integers(1, 2**63 - 2_000_000) | st.integers(NOON_NS, NOON_NS + 3 * 10**9) | st.just(NOON_NS)
# Lone surrogates too: a parser of a third party may give anything that is a `str`.
TEXTS = (
    st.sampled_from(
        ["", "openai", "gpt-4o", "req_1", "ü", "x" * 109, "x" * 110, "x" * 111, "y" * 300, "é" * 700, "\ud800"]
    )
    | st.text(st.characters(exclude_categories=[]), max_size=12)
    | st.integers(95, 130).map(lambda size: "z" * size)
)
COUNTS = st.integers(0, 300) | st.integers(0, 10**18) | st.sampled_from([4095, 4096])
FACTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(
            ("provider", "operation", "model", "request_model", "error_type", "request_id", "response_id"), TEXTS
        ),
        **dict.fromkeys(("input_tokens", "output_tokens"), COUNTS),
        "cost_usd": st.floats(0, 1e6),
    },
)
CALLS = FACTS.map(lambda facts: Call(**facts))
LINES = st.binary(max_size=40).map(lambda text: text.replace(b"\n", b"")) | st.sampled_from([
    b"",
    b"plain",
    b"with a return\r",
    b"caf\xc3\xa9 \xe6\x9d\xb1",
    b"caf\xc3 broken",
    b'{"prompt":"' + b"word " * 60 + b'"}',
    b"x" * 127,
    b"x" * 128,
    b"x" * 17_000,
])  # fmt: skip


class Said(NamedTuple):
    """A line, its time and what was read from it."""

    text: bytes
    time_ns: int
    call: Call | None
    stage: Stage | None
    level: str | None
    trace_id: str | None
    team: str
    midway: bool


SAID = st.builds(
    Said,
    LINES,
    TIMES,
    st.none() | CALLS,
    st.none() | st.sampled_from(Stage),
    st.sampled_from([None, "", "info", "warn"]) | TEXTS,
    st.none() | TEXTS,
    st.sampled_from(["", "a", "b", "ü" * 1100]),
    st.booleans(),
)
OPTIONS = st.builds(
    LokiOptions,
    labels_from=st.sampled_from([{}, {"team": "team"}]),
    metadata=st.sampled_from([{}, {"pod": "shop-1", "node": ""}]),
    max_line_bytes=st.sampled_from([200, 262_144]),
)
GUARDS = st.sampled_from([
    None,
    Privacy(content="drop"),
    Privacy(mode="allow_list"),
    Privacy(mask_patterns={"word": "[a-z]{3}"}),
])  # fmt: skip


def read(chunk: Chunk, lines: list[Said]) -> list[Reading]:
    """The readings that these lines have."""
    start, readings = chunk.start, list[Reading]()
    for number, line in enumerate(lines, chunk.first_number):
        end = min(start + len(line.text) + 1, chunk.end)
        outcome: Outcome = "call" if line.call is not None else "not_llm"
        readings.append(
            Reading(
                start,
                end,
                number,
                outcome,
                line.call,
                line.stage,
                level=line.level,
                trace_id=line.trace_id,
                labels=(line.team,),
                midway=line.midway,
            )
        )
        start = end
    return readings


def said(call: Call | None = None, text: bytes = b"{}", time_ns: int = NOON_NS) -> Said:
    return Said(text, time_ns, call, None, "info", None, "", False)


def cost(call: Call) -> float | None:
    return call.cost_usd


def agreed(made: Entries, expected: list[Entry]) -> None:
    assert list(made) == expected
    assert push_request(made.streams()) == plainly.push_request(expected)
    assert push_request(Entries.of(expected).streams()) == plainly.push_request(expected)


@given(
    st.lists(st.lists(SAID, min_size=1, max_size=5), min_size=1, max_size=3),
    OPTIONS,
    GUARDS,
    st.booleans(),
    st.integers(0, 2_000_000),
)
def test_entries_and_their_bytes_are_those_of_the_plain_encoder(
    chunks: list[list[Said]], options: LokiOptions, privacy: Privacy | None, ended: bool, number: int
) -> None:
    """Over chunks that share a maker, so that what it remembers of one line is used for others."""
    guard = None if privacy is None else Guard(privacy, Fields(), b"k" * 32, options.max_line_bytes)
    maker = Maker(LABEL, options.labels_from, options, cost, guard)
    together, expected = Entries.of(), list[Entry]()
    for file, lines in enumerate(chunks):
        data = b"".join(line.text + b"\n" for line in lines)
        data = data if ended or not lines[-1].text else data[:-1]
        chunk = Chunk(file % 2, f"/var/log/caf\udce9-{file % 2}.log", 100, 100 + len(data), number, data)
        times_ns = [line.time_ns for line in lines]
        readings = read(chunk, lines)
        together.extend(maker.entries(chunk, readings, times_ns))
        expected += plainly.entries(chunk, readings, times_ns, LABEL, options, cost, guard)
    agreed(together, expected)
    middle = len(expected) // 2
    agreed(together[:middle], expected[:middle])
    agreed(together[middle:], expected[middle:])


@pytest.mark.parametrize("guarded", [False, True])
def test_an_oversize_line_too(guarded: bool) -> None:
    guard = Guard(Privacy(content="drop"), Fields(), b"k" * 32, 262_144) if guarded else None
    chunk = Chunk(1, "a.log", 0, 20_000_000, 0, b'{"prompt": "\xff' + b"x" * 5000, oversize=True)
    readings = [Reading(0, chunk.end, 0, "oversize")]
    options = LokiOptions()
    made = Maker(LABEL, options.labels_from, options, cost, guard).entries(chunk, readings, [NOON_NS])
    agreed(made, list(plainly.entries(chunk, readings, [NOON_NS], LABEL, options, cost, guard)))


@pytest.mark.parametrize("kind", ["chat", "embeddings", "plain"])
def test_what_applications_write_too(kind: str) -> None:
    """The corpora of the bench, read by the real parsers."""
    lines = [line.rstrip(b"\n") for line, _ in zip(getattr(corpora, kind)(Random(5)), range(200), strict=False)]
    reader, options = LineReader(registry.load(())), LokiOptions()
    maker, chunk = Maker(LABEL, options.labels_from, options, cost), chunk_of(*lines)
    readings = reader.read(chunk)
    times_ns = [reading.timestamp_ns or NOON_NS for reading in readings]
    agreed(
        maker.entries(chunk, readings, times_ns),
        list(plainly.entries(chunk, readings, times_ns, LABEL, options, cost)),
    )


BOUNDS = [1 << bits for bits in (7, 14, 21, 28)]


@pytest.mark.parametrize(
    "lines",
    [
        [said(Call("p", "chat", "m", request_id="r" * size, response_id="s" * (150 - size))) for size in range(151)],
        # Ours give no such counts, but a third party's parser may.
        [said(Call("p", "chat", "m", input_tokens=10**digits, output_tokens=10**19)) for digits in range(130)],
        [said(text=b"x" * (size + more)) for size in BOUNDS[:2] for more in range(-150, 2) if size + more >= 0],
        [said(time_ns=NOON_NS + nanos + more) for nanos in (0, *BOUNDS, 10**9) for more in (-1, 0, 1)],
        [said(time_ns=(seconds + more) * 10**9 + nanos) for seconds in BOUNDS for more in (-1, 0) for nanos in BOUNDS],
        [said(Call("p", "chat", f"m{number % 1500}")) for number in range(2 * REMEMBERED_KINDS)],
    ],
    ids=["ids", "counts", "texts", "nanos", "seconds", "kinds"],
)
def test_every_length_around_the_bounds_too(lines: list[Said]) -> None:
    chunk, options = chunk_of(*[line.text for line in lines]), LokiOptions()
    readings, times_ns = read(chunk, lines), [line.time_ns for line in lines]
    made = Maker(LABEL, options.labels_from, options, cost).entries(chunk, readings, times_ns)
    agreed(made, list(plainly.entries(chunk, readings, times_ns, LABEL, options, cost)))


@given(st.text(max_size=20), st.text(max_size=20))
def test_labels_are_escaped_alike(first: str, second: str) -> None:
    labels = (("a", first), ("b", second))
    assert selector(labels) == plainly.selector(labels)
