"""The table at the end says what was measured, and admits what was not."""

from __future__ import annotations

from bench import table
from bench.latency import Latency
from bench.memory import Peak
from bench.outage import Outage
from bench.resting import Rest
from bench.results import Budget, Results, budgets, circumstances
from bench.scaling import Scaled
from bench.scraping import Scrapes
from bench.spread import Spread
from bench.throughput import SHIP, Row

MIB = 1024**2
ONCE = Spread(1.0, 1.0, 1.0, 1)


def row(job: str, net_ratio: float) -> Row:
    return Row(
        "chat",
        job,
        "what it does",
        10**8,
        ONCE,
        0.5,
        ONCE,
        10**8,
        ONCE,
        Spread(net_ratio, net_ratio, net_ratio, 1),
        60 * MIB,
    )


def test_nothing_measured_is_no_budget_met() -> None:
    """A part that was left out is not a success."""
    assert {budget.verdict for budget in budgets(Results(circumstances()))} == {"not measured"}


def test_zero_is_a_measurement() -> None:
    """A tailer that really costs nothing has met its budget."""
    assert Budget("idle", "%", 0.2, 0.0).verdict == "met"


def test_each_budget_is_held_against_its_own_measurement() -> None:
    """With one figure over its limit, exactly that one is not met."""
    results = Results(
        circumstances(),
        [row(SHIP, 1.6)],
        [Rest(10, 0.4, 30.0, 0.001, 50 * MIB), Rest(1000, 0.9, 30.0, 0.009, 60 * MIB)],
        Latency(100, 0.02, 0.2, 0.3, 0.003),
        Spread(0.3, 0.4, 0.6, 5),
        [Peak("loki away (hang)", 10**8, 120 * MIB)],
        [
            Scaled(what, count, 1000, ONCE, 50.0, Spread(1.0, ratio, 1.3, 3), 70 * MIB)
            for what, most, ratio in (("files", 1000, 1.1), ("label sets", 10_000, 1.3))
            for count in (1, most)
        ],
        Outage(15.0, 2e6, 3e7, 6.4, 8.2, 2.7, 0.15, 78 * MIB),
        Scrapes(10_000, 10**6, 100, 0.12, 0.3, 0.1),
    )
    verdicts = {budget.what: budget.verdict for budget in budgets(results)}
    assert [what for what, verdict in verdicts.items() if verdict == "NOT MET"] == [
        "CPU to meter and ship chat, starts apart",
        "CPU with 10000 label sets against 1",
    ]
    text = "\n".join(table.report(results))
    assert "NOT MET" in text
    for part in ("chat, meter+ship", "meter+ship: what it does", "1000 files", "10000 series", "caught up 8.2 s"):
        assert part in text


def test_columns_line_up() -> None:
    """The first to the left, the others to the right."""
    assert list(table.aligned([["a", "12"], ["long", "3"]])) == ["a     12", "long   3"]
