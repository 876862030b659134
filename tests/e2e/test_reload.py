"""SIGHUP reads prices and configuration anew: no count is lost, no call is paid twice, a faulty one is refused."""

from __future__ import annotations

import asyncio
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
        assert told["needs_restart"] == ["limits.open_calls"]
        assert told["changed"] == ["log_level", "fields.duration", "fields.duration_unit"]
        assert told["read_anew"] == [str(setup.prices)]
        setup.write(3, our_time=0.25)
        after = await tailer.scraped(lambda it: total(it, UNPRICED) == 5)
        assert total(after, "llm_request_duration_seconds_sum") == 0.75


async def test_reloads_under_load_lose_no_count_and_a_kill_after_them_neither(tmp_path: Path) -> None:
    """Lines come while prices, aliases, labels, paths and Loki's settings change, and while it is killed."""
    setup = Setup(tmp_path)
    elsewhere = tmp_path / "other.log"
    elsewhere.write_text("")

    async def write() -> None:
        while setup.calls < 3000:
            setup.write(20)
            await asyncio.sleep(0.002)

    writing = asyncio.create_task(write())
    async with running(tmp_path, "--config", str(setup.config)) as tailer:
        seen = await tailer.scrape()
        for number in range(1, 6):
            setup.price("llama-*", number)
            setup.configure(
                model_aliases={"llama-ours": "gpt-4o"} if number % 2 else {},
                label={"app": f"a{number}"},
                paths=[str(setup.log), str(elsewhere)],
                loki={"batch_bytes": 1000 + number},
            )
            now = await reloaded(tailer, number)
            assert fallen(seen, now) == {}
            seen = now
        told = await tailer.logged("reloaded")
        assert told["changed"] == ["model_alias"]
        assert told["needs_restart"] == ["paths", "label", "loki.batch_bytes"]
        await tailer.kill()
    await writing
    elsewhere.write_text(setup.log.read_text().splitlines()[0].replace("chatcmpl-1", "chatcmpl-other") + "\n")
    async with running(tmp_path, "--config", str(setup.config)) as tailer:
        samples = await tailer.scraped(lambda it: total(it, "llm_requests_total") == setup.calls + 1)
        assert fallen(seen, samples) == {}
        assert total(samples, "llm_tokens_total", type="output") == 100 * (setup.calls + 1)
        assert total(samples, "tokentail_lines_total", outcome="call") == setup.calls + 1
        assert total(samples, COST) > total(seen, COST)
        assert total(samples, "tokentail_reloads_total", outcome="applied") == 5


async def test_a_file_that_is_no_yaml_says_line_and_column_and_the_old_one_goes_on(tmp_path: Path) -> None:
    setup = Setup(tmp_path)
    setup.write(1)
    async with running(tmp_path, "--config", str(setup.config)) as tailer:
        setup.config.write_text("paths: [a.log\nlisten: x\n")
        samples = await reloaded(tailer)
        faults = str((await tailer.logged("reload_refused"))["faults"])
        assert f"{setup.config}:2:" in faults
        setup.config.unlink()
        await reloaded(tailer, 2)
        assert total(samples, "tokentail_reloads_total", outcome="applied") == 0
        setup.write(1)
        await tailer.scraped(lambda it: total(it, UNPRICED) == 2)
