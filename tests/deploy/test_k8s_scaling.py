"""deploy/SCALING.md: its measured figures hold for a real scrape, and its table follows from them."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

SCALING = (Path(__file__).parents[2] / "deploy" / "SCALING.md").read_text()
PODS = (10, 1_000, 100_000)
OWN, BY_LABEL_SET, ADDED, LABEL_SETS = 49, 53.5, 5, 4
INTERVAL_SECONDS = 30
SERIES = round(OWN + BY_LABEL_SET * LABEL_SETS + ADDED)
GIB = 1024**3


def row(name: str) -> list[float]:
    """The numbers of a row of the table, without their units."""
    (line,) = (line for line in SCALING.splitlines() if line.startswith(f"| {name} |"))
    return [float(re.sub(r"[^\d.]", "", cell) or 0) for cell in line.split("|")[2:5]]


def test_a_real_scrape_has_the_series_it_says(tmp_path: Path) -> None:
    """A tenth more or less; more is a reason to look, and to write the new figure down."""
    log = tmp_path / "app.log"
    writer = (sys.executable, "-m", "tailer.cli.demo_writer", str(log), "--calls", "2000", "--speed", "0")
    subprocess.run((*writer, "--rotate-bytes", "900000000"), check=True)
    metrics = scraped(log, tmp_path)
    series = [line for line in metrics.splitlines() if not line.startswith("#")]
    own = [line for line in series if line.startswith("tokentail_")]
    sets = [line for line in series if re.match(r'llm_requests_total\{error_type="",.*status="success"', line)]
    assert len(own) == pytest.approx(OWN, rel=0.1)
    assert (len(series) - len(own)) / len(sets) == pytest.approx(BY_LABEL_SET, rel=0.1)


def scraped(log: Path, folder: Path) -> str:
    command = (sys.executable, "-m", "tailer", "run", str(log), "--listen=127.0.0.1:0", f"--state-dir={folder}/state")
    with subprocess.Popen((*command, "--log-format=json"), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        try:
            (address,) = re.findall(
                r'"address": ?"([^"]+)"', next(line for line in process.stderr if "listening" in line)
            )
            for _ in range(300):
                text = urllib.request.urlopen(f"http://{address}/metrics").read().decode()
                (read,) = re.findall(r"^tokentail_read_bytes_total (\S+)", text, re.MULTILINE)
                if float(read) == log.stat().st_size:
                    return str(text)
                time.sleep(0.1)
            raise AssertionError(text)
        finally:
            process.terminate()


@pytest.mark.parametrize(
    ("name", "for_one", "unit"),
    [
        ("series", SERIES, (1, 1, 1)),
        ("samples a second", SERIES / INTERVAL_SECONDS, (1, 1, 1)),
        ("scrapes a second", 1 / INTERVAL_SECONDS, (1, 1, 1)),
        ("bytes scraped a second", 3300 / INTERVAL_SECONDS, (1e3, 1e3, 1e6)),
        ("Prometheus' memory for them", SERIES * 3.3 * 1024, (1024**2, GIB, GIB)),
        ("bytes to Loki a second", 510, (1e3, 1e6, 1e6)),
        ("the same, `allow_list`", 320, (1e3, 1e6, 1e6)),
        ("pushes a second, at most", 2, (1, 1, 1)),
        ("the same, `loki.batch_seconds: 10`", 0.1, (1, 1, 1)),
        ("memory requested", 80 * 1024**2, (GIB, GIB, 1024 * GIB)),
        ("CPU requested", 0.01, (1, 1, 1)),
    ],
)
def test_the_table_follows_from_the_figures(name: str, for_one: float, unit: tuple[float, float, float]) -> None:
    expected = [pods * for_one / size for pods, size in zip(PODS, unit, strict=True)]
    assert row(name) == pytest.approx(expected, rel=0.06)


def test_what_it_says_of_shards_and_nodes_follows_too() -> None:
    series = 100_000 * SERIES / 20
    gibibytes = series * 3.3 * 1024 / GIB
    assert f"Twenty shards have {series / 1e6:.1f} million series and about {gibibytes:.1f} GiB each." in SCALING
    assert "spec.shards: 20" in SCALING
    nodes = 3_334
    assert re.search(rf"{nodes:,} . 96 MiB = {nodes * 96 / 1024:.0f} GiB", SCALING)
    (of_nodes,) = re.findall(r"\n([\d,]+) series instead of", SCALING)
    assert int(of_nodes.replace(",", "")) == pytest.approx(nodes * (OWN + BY_LABEL_SET * 10 + ADDED), rel=0.01)
