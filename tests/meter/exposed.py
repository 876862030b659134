"""/metrics as a scraper gets it, in both formats, and what Prometheus's own tool says of it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterable

import pytest
from prometheus_client.core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_plain

from tailer.web.exposition import negotiate

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]
OPENMETRICS = "application/openmetrics-text"


def text(families: Iterable[Metric], accept: str = "") -> str:
    return negotiate(accept, "").encode(families).decode()


def samples(families: Iterable[Metric], accept: str = "") -> Samples:
    """All samples by name and sorted labels, read back from the text."""
    read = read_openmetrics if accept else read_plain
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in read(text(families, accept))
        for sample in family.samples
    }


def openmetrics_types(exposition: str) -> dict[str, str]:
    """The type of each family by its OpenMetrics name."""
    return {family.name: family.type for family in parsed(exposition)}


def parsed(exposition: str) -> Iterable[Metric]:
    """The families of an OpenMetrics text, by prometheus_client's own parser."""
    read: Callable[[str], Iterable[Metric]] = read_openmetrics
    return read(exposition)


def promtool(exposition: str) -> str:
    """What `promtool check metrics` complains of, "" when it is content."""
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool of Prometheus is not installed")
    done = subprocess.run([tool, "check", "metrics"], input=exposition.encode(), capture_output=True, check=False)
    complaints = (done.stdout + done.stderr).decode().strip()
    return complaints or ("" if done.returncode == 0 else f"exit status {done.returncode}")
