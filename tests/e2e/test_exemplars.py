"""Exemplars from the log line to a real Prometheus, which keeps them beside the series."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.process import running
from tests.e2e.prometheus import serving
from tests.e2e.test_profiles_scraped import Prometheus, line

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
BY_TRACE = {"trace_id": TRACE}
LAST = {"request_id": "req-9"}
ASKED = [
    ("llm_request_duration_seconds_bucket", {"le": "2.56"}, "1.5"),
    ("llm_cost_usd_total", {"source": "estimated"}, "0.0045"),
]


def written(number: int, **own: str) -> str:
    return json.dumps({**json.loads(line(number)), **own}) + "\n"


async def exemplars(url: str, metric: str) -> list[tuple[dict[str, str], dict[str, str], str]]:
    """The labels of each series, those of its exemplars, and their values."""
    query = {"query": metric, "start": "0", "end": "4000000000"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/api/v1/query_exemplars", params=query) as answer,
    ):
        found = (await answer.json())["data"]
    return [(one["seriesLabels"], it["labels"], it["value"]) for one in found for it in one["exemplars"]]


async def test_prometheus_leads_from_a_bucket_and_a_cost_to_the_trace(tmp_path: Path) -> None:
    """And, once a line has no trace, to the request."""
    log = tmp_path / "app.log"
    log.write_text(written(1, trace_id=TRACE))
    async with running(tmp_path, str(log)) as tailer:
        target: dict[str, object] = {"static_configs": [{"targets": [tailer.url.removeprefix("http://")]}]}
        async with serving(tmp_path, target, "--enable-feature=exemplar-storage") as url:
            server = Prometheus(url)
            for calls, told in ((1, BY_TRACE), (2, LAST)):
                if calls > 1:
                    with log.open("a") as file:
                        file.write(written(2, request_id="req-9"))
                await server.until("sum(llm_requests_total)", calls)
                for metric, labels, value in ASKED:
                    series, *exemplar = (await exemplars(url, metric))[-1]
                    assert exemplar == [told, value]
                    assert labels.items() <= series.items()


@pytest.mark.parametrize(("flags", "shown"), [((), True), (("--exemplars=false",), False)], ids=["by default", "off"])
async def test_a_scrape_in_openmetrics_has_them_unless_they_are_turned_off(
    tmp_path: Path, flags: tuple[str, ...], shown: bool
) -> None:
    log = tmp_path / "app.log"
    log.write_text(written(1, trace_id=TRACE))
    async with running(tmp_path, str(log), *flags) as tailer, aiohttp.ClientSession() as session:
        await tailer.scraped(lambda samples: samples["tokentail_lines_total", (("outcome", "call"),)] == 1)
        for accept, expected in (("application/openmetrics-text", shown), ("text/plain", False)):
            async with session.get(f"{tailer.url}/metrics", headers={"Accept": accept}) as answer:
                assert (TRACE in await answer.text()) is expected
