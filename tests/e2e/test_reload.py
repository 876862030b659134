"""SIGHUP reads prices and configuration anew: no count is lost, no call is paid twice, a faulty one is refused."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.e2e.process import Samples, Tokentail, fallen, running, total

USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
UNPRICED = "llm_unpriced_requests_total"
COST = "llm_cost_usd_total"


class Setup:
    """A log, a price file and a configuration that names both."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.calls = folder, 0
        self.log, self.prices, self.config = (folder / name for name in ("app.log", "own.yaml", "tokentail.yaml"))
        self.price("some-other-model", 1)
        self.configure()

    def write(self, calls: int, **more: object) -> None:
        with self.log.open("a") as file:
            for _ in range(calls):
                self.calls += 1
                body = {
                    "id": f"chatcmpl-{self.calls}",
                    "object": "chat.completion",
                    "model": "llama-ours",
                    "choices": [],
                }
                file.write(json.dumps({"response": {**body, "usage": USAGE}, **more}) + "\n")

    def price(self, model: str, usd: float) -> None:
        self.prices.write_text(json.dumps([{"model": model, "input": usd, "output": 10 * usd}]))

    def configure(self, **keys: object) -> None:
        """YAML takes JSON."""
        self.config.write_text(json.dumps({"paths": [str(self.log)], "prices": [str(self.prices)], **keys}))


async def reloaded(tailer: Tokentail, times: int = 1) -> Samples:
    """Asks for it, and the first scrape after it."""
    tailer.process.send_signal(signal.SIGHUP)
    return await tailer.scraped(lambda it: total(it, "tokentail_reloads_total") == times)


async def test_a_price_that_is_added_later_is_paid_once_through_kills(tmp_path: Path) -> None:
    setup = Setup(tmp_path)
    setup.write(3)
    async with running(tmp_path, "--config", str(setup.config)) as tailer:
        before = await tailer.scraped(lambda it: total(it, UNPRICED) == 3)
        assert total(before, COST) == 0
        setup.price("llama-*", 1)
        after = await reloaded(tailer)
        assert fallen(before, after) == {}
        assert total(after, COST) == 0.006
        assert total(after, COST, source="estimated", model="llama-ours") == 0.006
        assert (await tailer.logged("unpriced_calls_priced"))["calls"] == 3
        setup.write(1)
        assert total(await reloaded(tailer, 2), UNPRICED) == 3
        await tailer.kill()
    async with running(tmp_path, "--config", str(setup.config)) as tailer:
        samples = await tailer.scraped(lambda it: total(it, COST) == 0.008)
        assert total(samples, UNPRICED) == 3
        assert total(await reloaded(tailer, 3), COST) == 0.008


async def test_a_price_that_is_added_while_it_is_down_is_paid_at_the_start(tmp_path: Path) -> None:
    setup = Setup(tmp_path)
    setup.write(2)
    async with running(tmp_path, "--config", str(setup.config)) as tailer:
        await tailer.scraped(lambda it: total(it, UNPRICED) == 2)
        await tailer.kill()
    setup.configure(model_aliases={"llama-ours": "gpt-4o"})
    for _ in range(3):
        async with running(tmp_path, "--config", str(setup.config)) as tailer:
            assert total(await tailer.scrape(), COST) == 0.007
            await tailer.kill()


async def test_a_faulty_configuration_is_refused_with_all_its_faults(tmp_path: Path) -> None:
    setup = Setup(tmp_path)
    setup.write(1)
    async with running(tmp_path, "--config", str(setup.config)) as tailer:
        setup.configure(log_level="loud", listn="x", fields={"duration": "a..b"})
        setup.prices.write_text("- {model: llama-ours, input: cheap}")
        samples = await reloaded(tailer)
        assert total(samples, "tokentail_reloads_total", outcome="refused") == 1
        faults = (await tailer.logged("reload_refused"))["faults"]
        assert isinstance(faults, list)
        assert [key for key in ("log_level", "listn", "fields.duration", "own.yaml:1") if key in str(faults)] == [
            "log_level",
            "listn",
            "fields.duration",
            "own.yaml:1",
        ]
        setup.write(4)
        await tailer.scraped(lambda it: total(it, UNPRICED) == 5)


async def test_new_fields_hold_for_the_lines_that_follow_and_the_rest_is_named(tmp_path: Path) -> None:
    setup = Setup(tmp_path)
    setup.write(2, our_time=0.25)
    async with running(tmp_path, "--config", str(setup.config)) as tailer:
        before = await tailer.scraped(lambda it: total(it, UNPRICED) == 2)
        assert total(before, "llm_request_duration_seconds_count") == 0
        setup.configure(
            fields={"duration": "our_time", "duration_unit": "s"}, limits={"open_calls": 5}, log_level="warning"
        )
        await reloaded(tailer)
        told = await tailer.logged("reloaded")
        assert told["needs_restart"] == ["limits"]
        assert told["changed"] == ["log_level", "fields"]
        setup.write(3, our_time=0.25)
        after = await tailer.scraped(lambda it: total(it, UNPRICED) == 5)
        assert total(after, "llm_request_duration_seconds_sum") == 0.75
