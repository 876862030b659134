"""What holds for `reconcile` whatever the logs and the bill: seen is what `report` counts, and no input breaks it."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tailer.cli import reconcile, report
from tests.cli.bills import openai_cost, openai_page, openai_usage
from tests.cli.offline import demo_lines, run_command, write
from tests.cli.test_report_by_hand import CLAUDE, GEMINI, GPT, chat

EXAMPLES = settings().max_examples
"""A hundred; `make soak` tries twenty times as many of each."""
SEEN = ("calls", "input_tokens", "cached_input_tokens", "output_tokens", "cost_usd")
MODELS = ("gpt-4o-2024-08-06", "gpt-4o-mini", "house-llm", "o3")
TOKENS = st.integers(0, 10**6)
CALLS = st.lists(
    st.tuples(
        st.integers(0, 6 * 24 * 60),
        st.one_of(
            st.sampled_from([GPT, CLAUDE, GEMINI]),
            st.builds(chat, st.sampled_from(MODELS), TOKENS, TOKENS),
        ),
        st.sampled_from([None, "batch", "flex", "default"]),
    ),
    max_size=12,
)


def output(command: Any, *argv: str) -> tuple[int, str]:
    """The exit status and what was printed."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(io.StringIO()):
        return run_command(command, argv), text.getvalue()


def log_of(folder: str, calls: list[tuple[int, dict[str, object], str | None]]) -> str:
    lines = [
        {
            "ts": f"2026-11-{1 + minute // 1440:02d}T{minute % 1440 // 60:02d}:{minute % 60:02d}:00Z",
            "response": {**body, "id": f"c{number}", **({"service_tier": tier} if tier else {})},
        }
        for number, (minute, body, tier) in enumerate(calls)
    ]
    return write(Path(folder) / "app.log", lines)


@settings(max_examples=EXAMPLES * 3 // 10, deadline=None)
@given(CALLS)
def test_its_own_report_as_the_bill_differs_in_nothing(calls: list[tuple[int, dict[str, object], str | None]]) -> None:
    """Every row on both sides, the sums those of `report`, no difference anywhere."""
    with TemporaryDirectory() as folder:
        log = log_of(folder, calls)
        bill = Path(folder) / "bill.csv"
        bill.write_text(output(report, log, "--by", "day,provider,model", "--format", "csv")[1])
        expected = json.loads(output(report, log, "--format", "json")[1])["total"]
        status, text = output(reconcile, log, "--bill", str(bill), "--format", "json", "--tolerance", "0")
        if not calls:
            assert status == 2
            return
        found = json.loads(text)
    assert status == 0
    for side in ("seen", "billed"):
        assert {name: found["total"][f"{name}_{side}"] for name in SEEN} == {name: expected[name] for name in SEEN}
    assert all(row["cost_usd_difference"] == row["tokens_difference"] == 0 for row in found["rows"])


@settings(max_examples=EXAMPLES * 3 // 10, deadline=None)
@given(
    CALLS,
    st.lists(
        st.tuples(st.integers(1, 8), st.sampled_from(MODELS), st.integers(-(10**6), 10**6), TOKENS, TOKENS), max_size=8
    ),
)
def test_seen_billed_and_difference_add_up(
    calls: list[tuple[int, dict[str, object], str | None]], billed: list[tuple[int, str, int, int, int]]
) -> None:
    """In every row and in all: nothing billed is lost, nothing seen is counted twice, money is exact."""
    days: dict[str, list[dict[str, object]]] = {}
    for day, model, millionths, taken, made in billed:
        results = days.setdefault(f"2026-11-{day:02d}", [])
        results += [openai_cost(f"{millionths}e-6", f"{model}, input"), openai_usage(model, taken, taken // 2, made, 1)]
    with TemporaryDirectory() as folder:
        log = log_of(folder, calls)
        bill = Path(folder) / "bill.json"
        bill.write_text(json.dumps(openai_page(days or {"2026-11-01": []})))
        _, text = output(reconcile, log, "--bill", str(bill), "--format", "csv")
        whole = json.loads(output(report, log, "--by", "day,provider", "--format", "json")[1])["rows"]
    table = list(csv.DictReader(text.splitlines()))
    inside = [row for row in whole if row["provider"] == "openai" and row["day"] in (days or ["2026-11-01"])]
    for name in SEEN[:-1]:
        assert sum(int(row[f"{name}_seen"]) for row in table) == sum(row[name] for row in inside)
    if billed:
        usd = {
            side: sum(Decimal(row[f"cost_usd_{side}"]) for row in table) for side in ("seen", "billed", "difference")
        }
        assert usd["billed"] == Decimal(sum(one[2] for one in billed)).scaleb(-6)
        assert usd["billed"] - usd["seen"] == usd["difference"]
        assert sum(int(row["input_tokens_billed"]) for row in table) == sum(one[3] for one in billed)


@settings(max_examples=EXAMPLES * 3 // 10, deadline=None)
@given(
    st.tuples(TOKENS, TOKENS),
    st.tuples(TOKENS, TOKENS, st.integers(0, 10**7)),
    st.sampled_from([None, "flex"]),
    st.sampled_from([None, 0.25]),
)
def test_tokens_prices_and_reported_costs_make_up_the_whole_difference(
    seen: tuple[int, int], billed: tuple[int, int, int], tier: str | None, reported: float | None
) -> None:
    """For a model with one price: nothing of its difference is left unexplained, nothing is told twice."""
    model, day = "gpt-5-mini-2025-08-07", "2026-11-01"
    call = {"ts": f"{day}T10:00:00Z", "response": chat(model, *seen) | ({"service_tier": tier} if tier else {})}
    results = [
        openai_cost(f"{billed[2]}e-6", f"{model}, input"),
        openai_usage(model, billed[0], billed[0] // 3, billed[1], 1, service_tier=tier or "default", batch=False),
    ]
    with TemporaryDirectory() as folder:
        log = write(Path(folder) / "app.log", [call | ({"cost_usd": reported} if reported else {})])
        bill = Path(folder) / "bill.json"
        bill.write_text(json.dumps(openai_page({day: results})))
        found = json.loads(output(reconcile, log, "--bill", str(bill), "--format", "json")[1])
    parts = [one for one in found["explanations"] if one["cause"] in ("tokens", "prices", "reported_cost")]
    total = sum(Decimal(repr(one["cost_usd"])) for one in parts)
    assert abs(total - Decimal(repr(found["total"]["cost_usd_difference"]))) < Decimal("1e-11")
    assert all(one["certain"] for one in parts if one["cause"] != "reported_cost")


@settings(max_examples=EXAMPLES * 3 // 4, deadline=None)
@given(st.data())
def test_no_bill_breaks_it(data: st.DataObject) -> None:
    """Any value at any place of a bill is read or told with its place, never a traceback."""
    page = openai_page({"2026-11-01": [openai_cost(1, "a, input"), openai_usage("a", 1, 0, 1, 1)]})
    junk = data.draw(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
            max_leaves=5,
        )
    )
    place: Any = page
    for _ in range(data.draw(st.integers(0, 4))):
        key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else list(range(len(place)))))
        if not isinstance(place[key], dict | list) or not place[key]:
            break
        place = place[key]
    key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else list(range(len(place)))))
    place[key] = junk
    with TemporaryDirectory() as folder:
        bill = Path(folder) / "bill.json"
        bill.write_text(json.dumps(page))
        status, _ = output(reconcile, log_of(folder, []), "--bill", str(bill))
    assert status in (0, 2)


@settings(max_examples=EXAMPLES * 3 // 4, deadline=None)
@given(
    st.sampled_from(
        ["day,model,cost_usd", "Usage type,a($)", "start_time,end_time,amount_value", "line_item_usage_type"]
    ),
    st.text(alphabet='2026-11:T,"\n\rabc.$()|é\x00', max_size=40),
)
def test_no_table_breaks_it(header: str, rest: str) -> None:
    with TemporaryDirectory() as folder:
        bill = Path(folder) / "bill.csv"
        bill.write_text(f"{header}\n{rest}")
        status, _ = output(reconcile, log_of(folder, []), "--bill", str(bill))
    assert status in (0, 2)


KEYS = ["data", "results", "object", "amount", "value", "currency", "start_time", "starting_at", "line_item", "model"]


def test_the_sample_application_is_reconciled_with_itself(tmp_path: Path) -> None:
    log = write(tmp_path / "app.log", demo_lines(300))
    bill = tmp_path / "bill.csv"
    bill.write_text(output(report, log, "--by", "day,provider,model", "--format", "csv")[1])
    status, text = output(reconcile, log, "--bill", str(bill), "--tolerance", "0%", "--format", "json")
    total = json.loads(text)["total"]
    assert (status, total["tokens_difference"], total["cost_usd_difference"]) == (0, 0, 0)
    assert (
        total["calls_seen"]
        == total["calls_billed"]
        == json.loads(output(report, log, "--format", "json")[1])["total"]["calls"]
    )
