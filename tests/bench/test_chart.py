"""The picture shows what was measured."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from bench import chart
from bench.spread import Spread
from bench.throughput import FLOOR, METER, SHIP, Row

ONCE = Spread(1.0, 1.0, 1.0, 1)


def row(corpus: str, job: str, ratio: float) -> Row:
    net = Spread(ratio * 0.9, ratio, ratio * 1.1, 5)
    return Row(corpus, job, "work", 10**8, ONCE, 0.5, ONCE, 2.5e7, ONCE, net, 60)


ROWS = [row("chat", FLOOR, 1), row("chat", METER, 1), row("chat", SHIP, 2), row("mix", FLOOR, 1), row("mix", SHIP, 4)]


def test_bars_are_as_long_as_their_ratios() -> None:
    """Of every job but the floor."""
    drawn = chart.svg(ROWS)
    widths = [float(width) for width in re.findall(r'<rect class="(?:meter|ship)"[^>]* width="([\d.]+)"', drawn)]
    assert widths == pytest.approx([widths[0], 2 * widths[0], 4 * widths[0]], abs=0.2)
    assert widths[2] < chart.PLOT


def test_it_is_well_formed_and_reads_in_words() -> None:
    """Corpora, jobs, ratios, rates and the budget are written out; the colours have a dark form."""
    drawn = chart.svg(ROWS)
    ET.fromstring(drawn)
    for text in ("chat, 100 MB", "mix, 100 MB", "tokentail, meter+ship", "4.00", ">25<", "budget 1.5"):
        assert text in drawn
    assert "prefers-color-scheme: dark" in drawn


def test_a_tailer_below_the_budget_still_shows_the_budget() -> None:
    """The line lies within the plot."""
    drawn = chart.svg([row("chat", FLOOR, 1), row("chat", SHIP, 1.1)])
    found = re.search(r'class="budget" x1="([\d.]+)"', drawn)
    assert found is not None
    assert chart.LABELS < float(found[1]) <= chart.LABELS + chart.PLOT
