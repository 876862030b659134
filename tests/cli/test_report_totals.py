"""The totals of `report` are what `run` counts on the same files, to the token and to the pico-dollar."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import registry
from tailer.cli.offline import Offline
from tailer.cli.report import Billing
from tailer.config import Config
from tailer.meter.bill import BUILT_IN, Bill
from tailer.meter.joiner import Joiner
from tailer.meter.ledger import PICO_USD, Ledger
from tailer.meter.meter import Meter, Moment
from tailer.meter.prices import Prices
from tailer.reading.chunk import Chunk
from tailer.reading.reading import LineReader
from tailer.statedir import StateDirectory
from tailer.telemetry import Telemetry
from tests.cli.offline import (
    ANSWERED,
    ASKED,
    CALL,
    FAILURE,
    NO_RESPONSE,
    NOISE,
    UNPRICED,
    demo_lines,
    run_report,
    write,
)
from tests.demo_totals import totals
from tests.e2e.process import Tokentail
from tests.reading.lines import BODY, TIME, USAGE

CONFIG = Config(dimension={"team": "team"})
PARSERS = registry.load()
PRICES = Prices.load()
BAD_USAGE = {"ts": TIME, "response": {**BODY, "usage": {**USAGE, "prompt_tokens": "many"}}}
REPORTED = CALL | {"cost_usd": 0.000000000007, "request_id": "req_7", "team": "a"}
LINES = [CALL, NO_RESPONSE, FAILURE, UNPRICED, NOISE, ASKED, *ANSWERED, BAD_USAGE, REPORTED, CALL | {"team": "b"}]


def counted(ledger: Ledger) -> dict[str, int | float]:
    """The sums of a report as the counters of `/metrics` have them."""
    base = len(ledger.labels)

    def total(name: str, *endings: str) -> int | float:
        values = ledger.counters[name].values.items()
        return sum(value for labels, value in values if not endings or labels[base : base + 1] == endings)

    requests = ledger.counters["requests"].values.items()
    return {
        "calls": total("requests"),
        "errors": sum(value for labels, value in requests if labels[base] == "error"),
        "input_tokens": total("tokens", "input"),
        "output_tokens": total("tokens", "output"),
        "cached_input_tokens": total("details", "cached_input"),
        "cache_write_tokens": total("details", "cache_write"),
        "reasoning_tokens": total("details", "reasoning"),
        "pico_usd": total("cost"),
        "unpriced_calls": total("unpriced_requests"),
        "unmeasured_calls": total("usage_missing"),
    }


def metered(paths: Iterable[Path]) -> Ledger:
    """The files as the meter counts them."""
    ledger, joiner = Ledger(CONFIG.limits, tuple(CONFIG.dimension)), Joiner(CONFIG.limits)
    offline = Offline(CONFIG, PARSERS, LineReader(PARSERS, CONFIG.fields, CONFIG.dimension), joiner, PRICES)
    meter = Meter(ledger, joiner, offline.price_of, Telemetry())
    for path in paths:
        data = path.read_bytes()
        chunk = Chunk(1, str(path), 0, len(data), 0, data)
        meter.consume(chunk, offline.reader.read(chunk), Moment(1, 1))
    meter.finish(Moment(1, 1))
    return ledger


@given(
    st.lists(st.one_of(st.sampled_from(LINES), st.sampled_from(["", "no JSON", "[DONE]"])), max_size=30),
    st.lists(st.sampled_from([*BUILT_IN, "team"]), min_size=1, max_size=4, unique=True),
    st.integers(0, 30),
)
@settings(max_examples=60, deadline=None)
def test_any_lines_come_to_the_same_totals_by_any_keys(
    tmp_path_factory: pytest.TempPathFactory, lines: list[object], by: list[str], cut: int
) -> None:
    """Also when the log was rotated between any two lines."""
    folder = tmp_path_factory.mktemp("logs")
    paths = [folder / "1.log", folder / "2.log"]
    for path, part in zip(paths, (lines[:cut], lines[cut:]), strict=True):
        write(path, part)
    offline = Offline(
        CONFIG, PARSERS, LineReader(PARSERS, CONFIG.fields, CONFIG.dimension), Joiner(CONFIG.limits), PRICES
    )
    billing = Billing(offline, Bill(by, tuple(CONFIG.dimension)))
    billing.read([str(path) for path in paths])
    expected = counted(metered(paths))
    rows = [row for _, row in billing.bill.rows()]
    assert {name: getattr(billing.bill.total, name) for name in expected} == expected
    assert {name: sum(getattr(row, name) for row in rows) for name in expected} == expected
    assert billing.outcomes.total() == len(lines)


async def test_the_report_of_the_sample_log_is_what_run_once_has_saved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And what the log adds up to by a count of its own; the last line of the file is unfinished."""
    lines = demo_lines(150)
    log = tmp_path / "app.log"
    write(log, lines)
    log.write_bytes(log.read_bytes() + b'data: {"object": "chat.completion", "usage"')
    tailer = await Tokentail.start(tmp_path, "--once", str(log))
    assert await tailer.ended() == 0
    directory = StateDirectory(str(tmp_path / "state"))
    snapshot, _ = directory.load()
    directory.close()
    ledger = Ledger(Config().limits)
    assert ledger.load(snapshot.ledger) == []
    assert run_report(str(log), "--format", "json") == 0
    answer = json.loads(capsys.readouterr().out)
    expected = counted(ledger)
    total = answer["total"] | {"pico_usd": round(answer["total"]["cost_usd"] * PICO_USD)}
    assert total == {name: value for name, value in expected.items() if name != "unmeasured_calls"} | {
        "cost_usd": expected["pico_usd"] / PICO_USD
    }
    own = totals(lines)
    assert (total["calls"], total["errors"]) == (own.calls, own.errors.total())
    assert total["input_tokens"] + total["output_tokens"] == own.tokens
    by_model = {(row["provider"], row["model"]): row["calls"] for row in answer["rows"]}
    assert by_model == _calls_by_model(ledger)


def _calls_by_model(ledger: Ledger) -> dict[tuple[str, ...], int | float]:
    calls: dict[tuple[str, ...], int | float] = {}
    for labels, value in ledger.counters["requests"].values.items():
        calls[labels[:2]] = calls.get(labels[:2], 0) + value
    return {names: count for names, count in calls.items() if count}


def test_an_unfinished_last_line_counts_only_as_a_whole_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As at the end of `run --once`: a call cut in the middle is none, one without its newline is."""
    whole = orjson.dumps({"response": BODY})
    for tail, calls in ((whole, 1), (whole[:-1], 0), (b"data: " + whole, 0)):
        (tmp_path / "a.log").write_bytes(tail)
        assert run_report(str(tmp_path / "a.log"), "--format", "json") == 0
        out, err = capsys.readouterr()
        assert json.loads(out)["total"]["calls"] == calls
        assert ("1 unfinished" in err) == (calls == 0)


def test_sums_are_exact_where_floats_are_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A thousand times a tenth of a cent is a dollar, and a pico-dollar beside it is not lost."""
    calls = [{"cost_usd": 0.001, "response": {**BODY, "id": f"c{number}"}} for number in range(1000)]
    tiny = {"cost_usd": 1e-12, "response": {**BODY, "id": "tiny"}}
    assert run_report(write(tmp_path / "a.log", chain(calls, [tiny])), "--format", "csv") == 0
    assert capsys.readouterr().out.splitlines()[1].split(",")[-2] == "1.000000000001"
