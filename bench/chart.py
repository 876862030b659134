"""The throughput as a picture: bars of CPU beside the floor and the budget, in SVG; no measuring, no files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import ceil

from bench.results import CPU_LIMIT
from bench.throughput import FLOOR, METER, SHIP, Row

WIDTH, LABELS, PLOT = 850, 180, 520
RATIOS, RATES = LABELS + PLOT + 62, LABELS + PLOT + 138
"""Where the columns of values end."""
BAR, GAP, HEAD, TOP, FOOT = 14, 5, 26, 66, 40
TIMES = "\u00d7"
STYLE = """\
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 15px; font-weight: 600 }
  .corpus { font-weight: 600 }
  .quiet { fill: #59636e }
  .grid { stroke: #d1d9e0; stroke-width: 1 }
  .spread { stroke: #1f2328; stroke-width: 1.2; fill: none }
  .budget { stroke: #cf222e; stroke-width: 1.6; stroke-dasharray: 5 3 }
  .over { fill: #cf222e }
  .meter { fill: #79b8ff } .ship { fill: #0969da } .other { fill: #afb8c1 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #f0f6fc } .quiet { fill: #9198a1 } .grid { stroke: #3d444d }
    .spread { stroke: #f0f6fc } .budget { stroke: #ff7b72 } .over { fill: #ff7b72 }
    .meter { fill: #1f4f8f } .ship { fill: #4493f8 } .other { fill: #656c76 }
  }"""


def svg(rows: Sequence[Row]) -> str:
    """The picture of at least one job beside the floor; light or dark as its reader's system is."""
    bars = [row for row in rows if row.job != FLOOR]
    groups = [(corpus, list(members)) for corpus, members in groupby(bars, key=lambda row: row.corpus)]
    height = TOP + sum(HEAD + len(members) * (BAR + GAP) for _, members in groups) + FOOT
    most = max(*(row.net_ratio.most for row in bars), CPU_LIMIT) * 1.02
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            "<title>CPU beside the floor, by corpus and job</title>",
            f"<style>\n{STYLE}\n</style>",
            f'<rect class="ground" width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            _text(12, 24, "CPU of whole processes, times the floor", "title"),
            _text(12, 42, "The floor reads, splits, decodes and compresses the same bytes. Starts apart; whiskers: "
                          "least and most of the runs.", "quiet"),
            _text(RATES, TOP - 9, "MB per CPU s", "quiet", "end"),
            *_scale(most, height),
            *_groups(groups, most),
            *_budget(most, height),
            "</svg>",
            "",
        ]
    )  # fmt: skip


def _scale(most: float, height: int) -> Iterator[str]:
    step = max(1, ceil(most / 10))
    for value in range(0, int(most) + 1, step):
        at = _at(value, most)
        yield f'<line class="grid" x1="{at:.1f}" y1="{TOP - 4}" x2="{at:.1f}" y2="{height - FOOT + 4}"/>'
        yield _text(at, height - FOOT + 19, f"{value} {TIMES}", "quiet", "middle")


def _budget(most: float, height: int) -> Iterator[str]:
    at = _at(CPU_LIMIT, most)
    yield f'<line class="budget" x1="{at:.1f}" y1="{TOP - 4}" x2="{at:.1f}" y2="{height - FOOT + 4}"/>'
    yield _text(at, TOP - 9, f"budget {CPU_LIMIT:g} {TIMES}", "over", "middle")


def _groups(groups: Sequence[tuple[str, Sequence[Row]]], most: float) -> Iterator[str]:
    y = TOP
    for corpus, rows in groups:
        yield _text(12, y + HEAD - 9, f"{corpus}, {rows[0].file_bytes / 1e6:.0f} MB", "corpus")
        y += HEAD
        for row in rows:
            yield from _bar(row, y, most)
            y += BAR + GAP


def _bar(row: Row, y: int, most: float) -> Iterator[str]:
    kind = {METER: "meter", SHIP: "ship"}.get(row.job, "other")
    ratio, middle = row.net_ratio, y + BAR / 2
    yield _text(LABELS - 8, y + BAR - 3, f"tokentail, {row.job}" if kind != "other" else row.job, "", "end")
    width = max(1.0, _at(ratio.middle, most) - LABELS)
    yield f'<rect class="{kind}" x="{LABELS}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2"/>'
    left, right = _at(ratio.least, most), _at(ratio.most, most)
    yield f'<path class="spread" d="M{left:.1f} {middle}H{right:.1f}M{left:.1f} {y + 4}v6M{right:.1f} {y + 4}v6"/>'
    rate = row.bytes_per_cpu_second / 1e6
    yield _text(RATIOS, y + BAR - 3, f"{ratio.middle:.2f} {TIMES}", "", "end")
    yield _text(RATES, y + BAR - 3, f"{rate:.0f}", "quiet", "end")


def _at(ratio: float, most: float) -> float:
    return LABELS + PLOT * max(0.0, ratio) / most


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{text}</text>'
