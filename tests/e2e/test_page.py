"""The page at `/` in a real Chromium, of a real process: it moves, it fits, and it says when something is wrong."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.browser import CHROMIUM, DESK, PHONE, Tab, browsing
from tests.e2e.process import Tokentail, running
from tests.fakeloki import FakeLoki
from tests.fakemetrics import FakeMetrics
from tests.fakeotlp import FakeOtlp

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium")

HOSTILE = "<img src=x onerror=alert(1)>"
LIVE = "document.querySelector('#link.live') !== null"


@pytest.fixture
async def tab(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Tab]:
    async with browsing(tmp_path_factory.mktemp("browser")) as tab:
        await tab.look_as()
        yield tab


def call(number: int, model: str = "gpt-4o-2024-08-06", usage: bool = True) -> str:
    counted = {"usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}} if usage else {}
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "a secret reply"}}
    body = {"id": f"chatcmpl-{number}", "object": "chat.completion", "model": model, "choices": [choice], **counted}
    return json.dumps({"request_id": f"req_{number}", "duration_ms": 1500, "response": body}) + "\n"


def append(log: Path, *lines: str) -> None:
    with log.open("a") as file:
        file.writelines(lines)


async def looking(tab: Tab, tailer: Tokentail) -> None:
    await tab.open(f"{tailer.url}/")
    await tab.until(LIVE)


def shows(selector: str, text: str) -> str:
    """An expression that is true once the text stands there; spaces within a number and its unit are plain ones."""
    shown = f"document.querySelector({json.dumps(selector)}).innerText.replaceAll('\\u00a0', ' ')"
    return f"{shown}.includes({json.dumps(text)})"


async def test_the_numbers_move_while_one_looks(tmp_path: Path, tab: Tab) -> None:
    """Without a word on the console, and names from the log are text."""
    log = tmp_path / "app.log"
    append(log, call(1), call(2, HOSTILE))
    async with running(tmp_path, str(log)) as tailer:
        await looking(tab, tailer)
        await tab.until(shows("#requests", "2"))
        assert await tab.value(shows("#today", "$0.0035"))
        assert await tab.value(shows("#models", HOSTILE))
        assert await tab.value(shows("#models", "unknown"))
        assert await tab.value(shows("#notices", "1 call of today had no known price"))
        assert await tab.value("document.images.length") == 1
        append(
            log, call(3), '{"error": {"type": "rate_limit_error", "message": "slow down"}, "status": 429}\n', call(4)
        )
        await tab.until(shows("#today", "$0.0105"))
        await tab.until(shows("#calls", "req_4"))
        assert await tab.value(shows("#latency", "s"))
        assert await tab.value("document.querySelectorAll('#chart-spend rect[class^=f-]').length") >= 1
        assert "a secret reply" not in await tab.text()
        await tab.value("document.querySelector('[data-period=ever]').click()")
        assert await tab.value(shows("#models-note", "All that was ever counted"))
        assert tab.complaints == []


async def test_it_fits_a_desk_and_a_phone_by_day_and_by_night(tmp_path: Path, tab: Tab) -> None:
    """No sideways scrolling, text that stands out from its ground, and the same figures everywhere."""
    log = tmp_path / "app.log"
    append(log, *[call(number, f"a-model-with-a-rather-long-name-{number % 7}") for number in range(30)], call(99))
    async with running(tmp_path, str(log)) as tailer:
        await looking(tab, tailer)
        await tab.until(shows("#requests", "31"))
        grounds = set()
        for size in (DESK, PHONE):
            for scheme in ("light", "dark"):
                await tab.look_as(size, scheme)
                await tab.until(f"innerWidth === {size[0]}")
                assert await tab.value("document.documentElement.scrollWidth") <= size[0]
                assert await tab.value(CONTRAST) >= 4.5
                grounds.add(await tab.value("getComputedStyle(document.body).backgroundColor"))
                await tab.picture(tmp_path / f"{scheme}-{size[0]}.png")
        assert len(grounds) == 2
        assert tab.complaints == []


async def test_nothing_jumps_when_numbers_grow(tmp_path: Path, tab: Tab) -> None:
    """The charts and tables stay where they are from the first figure to many."""
    log = tmp_path / "app.log"
    append(log, call(1))
    place = "document.querySelector(it).getBoundingClientRect().top"
    places = f"['#chart-spend', '#chart-errors', '#models-title'].map(it => {place})"
    async with running(tmp_path, str(log)) as tailer:
        await looking(tab, tailer)
        await tab.until(shows("#requests", "1"))
        before = await tab.value(places)
        append(log, *[call(number) for number in range(2, 400)])
        await tab.until(shows("#requests", "399"))
        assert await tab.value(places) == before


async def test_the_empty_states_say_what_to_do(tmp_path: Path, tab: Tab) -> None:
    log = tmp_path / "app.log"
    async with running(tmp_path, str(log)) as tailer:
        await looking(tab, tailer)
        await tab.until(shows("#notices", "No file yet"))
        assert await tab.value(shows("#notices", f"ls -l {log}"))
        append(log, "")
        await tab.until(shows("#notices", "No line yet"))
        append(log, '{"msg": "hello"}\n')
        await tab.until(shows("#notices", "No call yet"))
        assert await tab.value(shows("#notices", f"tokentail explain {log}"))
        append(log, call(1, usage=False))
        await tab.until(shows("#notices", "none of them tells its tokens"))
        assert not await tab.value(shows("#today", "$0"))
        assert await tab.value(shows("#consumers", "To forward the lines: --loki-url URL"))
        assert tab.complaints == []


async def test_a_loki_that_is_away_is_named_with_its_reason(tmp_path: Path, tab: Tab) -> None:
    log = tmp_path / "app.log"
    append(log, call(1))
    # The port of nobody.
    async with running(tmp_path, str(log), "--loki-url", "http://127.0.0.1:1", "--drain-seconds", "0") as tailer:
        await looking(tab, tailer)
        await tab.until(shows("#notices", "Loki cannot be reached since"))
        assert await tab.value(shows("#notices", "Check --loki-url"))
        assert await tab.value(shows("#requests", "1"))


async def test_each_way_out_is_named_with_how_it_fares(tmp_path: Path, tab: Tab) -> None:
    """One that takes all, one that refuses, one that is not there: what to look at is said for each by its own name."""
    log = tmp_path / "app.log"
    append(log, call(1))
    nobody = "http://127.0.0.1:1"
    async with FakeMetrics(step=400) as refusing, FakeMetrics() as taking:
        flags = ["--otlp-metrics-url", taking.url, "--remote-write-url", refusing.write_url, "--otlp-logs-url", nobody]
        async with running(tmp_path, str(log), *flags, "--drain-seconds", "0") as tailer:
            await looking(tab, tailer)
            await tab.until(shows("#consumers", "OTLP metrics has the newest numbers"))
            await tab.until(shows("#consumers", "Remote write refuses numbers (HTTP 400)"))
            await tab.until(shows("#notices", "OTLP logs cannot be reached since"))
            assert await tab.value(shows("#notices", "Check --otlp-logs-url"))
            assert await tab.value(shows("#notices", "OTLP over HTTP is port 4318 as a rule"))
            assert await tab.value(shows("#notices", "Remote write refuses the numbers"))
            assert tab.complaints == []
            await tab.picture(tmp_path / "ways-out.png")


async def test_what_a_sink_set_aside_is_told_with_how_to_see_it(tmp_path: Path, tab: Tab) -> None:
    """Also where nobody says which of some lines were refused."""
    log = tmp_path / "app.log"
    append(log, *[call(number) for number in range(3)])
    sour = {"req_1": "entry too sour"}

    def refuse(line: str) -> str | None:
        return next((words for name, words in sour.items() if name in line), None)

    async with FakeLoki(refuse=lambda it: refuse(it.line)) as loki, FakeOtlp(reject=lambda it: refuse(it.line)) as otlp:
        flags = ["--loki-url", loki.url, "--otlp-logs-url", otlp.url]
        async with running(tmp_path, str(log), *flags) as tailer:
            await looking(tab, tailer)
            await tab.until(shows("#notices", "Loki has refused 1 line for good"))
            assert await tab.value(shows("#notices", "tokentail deadletters resend --sink loki"))
            await tab.until(shows("#notices", "OTLP logs has refused some of 3 lines, and it is not known which"))
            assert await tab.value(shows("#notices", "tokentail deadletters list --sink otlp_logs"))
            assert await tab.value(shows("#files", "OTLP logs behind"))
            assert tab.complaints == []


async def test_a_stream_that_breaks_says_since_when_and_comes_back(tmp_path: Path, tab: Tab) -> None:
    log = tmp_path / "app.log"
    append(log, call(1))
    async with running(tmp_path, str(log)) as tailer:
        await looking(tab, tailer)
        await tab.until(shows("#requests", "1"))
        await tailer.kill()
        await tab.until(shows("#link-text", "trying again in"))
        await tab.until(shows("#lost", "No connection since"))
        assert await tab.value(shows("#lost", "What stands below is as of"))
        assert await tab.value("document.body.classList.contains('stale')")
        port = tailer.url.rpartition(":")[2]
    append(log, call(2))
    async with running(tmp_path, str(log), "--listen", f"127.0.0.1:{port}"):
        await tab.until(LIVE, 60)
        assert await tab.text("#lost") == ""
        await tab.until(shows("#requests", "1"))
        await tab.value("document.querySelector('[data-period=ever]').click()")
        await tab.until(shows("#models", "gpt-4o-2024-08-06"))
        await tab.until("[...document.querySelectorAll('#models tbody td.n')].some(it => it.innerText === '2')")


async def test_a_stop_is_told_as_a_stop(tmp_path: Path, tab: Tab) -> None:
    async with running(tmp_path, str(tmp_path / "app.log")) as tailer:
        await looking(tab, tailer)
        assert await tailer.stop() == 0
        await tab.until(shows("#lost", "tokentail has stopped"))


async def test_the_policy_holds_and_a_breach_is_noticed(tmp_path: Path, tab: Tab) -> None:
    """The other tests rely on it: what an inline script would do does not happen, and Chromium complains."""
    async with running(tmp_path, str(tmp_path / "app.log")) as tailer:
        await looking(tab, tailer)
        script = (
            "const it = document.createElement('script'); it.textContent = 'window.done = 1'; document.body.append(it)"
        )
        await tab.value(script)
        assert await tab.value("window.done ?? 0") == 0
        assert any("Content Security Policy" in complaint for complaint in tab.complaints)


CONTRAST = """(() => {
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map(Number).map((it) => it / 255)
      .map((it) => it <= 0.03928 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (it) => {
    const colour = getComputedStyle(it).backgroundColor;
    return /, 0\\)$/.test(colour) && it.parentElement ? ground(it.parentElement) : colour;
  };
  const texts = [...document.querySelectorAll('p, h1, h2, h3, td, th, button, a, code, summary, .legend span')]
    .filter((it) => it.innerText && it.checkVisibility());
  return Math.min(...texts.map((it) => {
    const [a, b] = [light(getComputedStyle(it).color), light(ground(it))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  }));
})()"""
"""The least contrast of any text to its ground, as WCAG reckons it."""


NUMBERS = {
    "count(0)": "0",
    "count(9999)": "9,999",
    "count(12345)": "12.3 k",
    "count(1234567)": "1.23 M",
    "count(3.2e9)": "3.20 B",
    "countTick(120000)": "120 k",
    "usd(0)": "$0.00",
    "usd(0.0000046)": "$0.0000046",
    "usd(0.00434)": "$0.0043",
    "usd(12.345)": "$12.35",
    "usd(1234.5)": "$1,234.50",
    "usd(1e-12)": "< $0.0000001",
    "usdTick(0.075)": "$0.075",
    "usdTick(20)": "$20",
    "seconds(null)": "\N{EN DASH}",
    "seconds(0.0314)": "31 ms",
    "seconds(0.9999)": "1.00 s",
    "seconds(12.34)": "12.3 s",
    "seconds(125)": "2 min 5 s",
    "bytes(1)": "1 byte",
    "bytes(1536)": "1.50 KiB",
    "percent(1, 3)": "33 %",
    "percent(1, 100000)": "< 0.1 %",
    "cost({cost_usd: 0, unpriced_calls: 2, input_tokens: 5})": "unknown",
    "cost({cost_usd: 0, unpriced_calls: 0, input_tokens: 5})": "$0.00",
    "cost({cost_usd: 0, unpriced_calls: 0, input_tokens: 0, output_tokens: 0})": "\N{EN DASH}",
}


async def test_numbers_are_for_people_and_an_unknown_price_is_never_zero(tmp_path: Path, tab: Tab) -> None:
    async with running(tmp_path, str(tmp_path / "app.log")) as tailer:
        await looking(tab, tailer)
        wanted = ", ".join(f"it.{expression}" for expression in NUMBERS)
        found = await tab.value(f"import('/words.js').then((it) => [{wanted}])")
        assert [text.replace("\u00a0", " ") for text in found] == list(NUMBERS.values())


async def test_a_state_that_cannot_be_saved_comes_first_and_says_as_of_when(tmp_path: Path, tab: Tab) -> None:
    """Before Loki's trouble; and an empty ledger is then no reason to look for files."""
    async with running(tmp_path, str(tmp_path / "app.log")) as tailer:
        await looking(tab, tailer)
        told = json.loads((await tailer.told()).partition("data: ")[2])
        told["state"] = {"saved_at": told["at"] - 5, "failing": "No space left on device", "recounting": False}
        told["consumers"].append(
            {**told["consumers"][0], "name": "loki", "does": "checkpoint", "since": told["at"] - 4}
        )
        found = await tab.value(f"import('/words.js').then((it) => it.notices({json.dumps(told)}))")
        assert [notice["level"] for notice in found] == ["bad", "warn"]
        assert "No space left on device" in found[0]["title"]
        assert "Figures stand still (as of" in found[0]["text"]
        assert f"df -h {tmp_path}" in found[0]["text"]
