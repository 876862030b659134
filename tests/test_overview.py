"""What the page is told by the real parts: durable, masked, unknown where it is unknown."""

from __future__ import annotations

import asyncio
import errno
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tailer.config import Config, Limits
from tailer.config.schema import Privacy
from tailer.overview import Overview
from tailer.past import APART_SECONDS
from tailer.runtime import Runtime
from tailer.service import meter
from tailer.source.marks import METER
from tailer.statedir import StateDirectory

HOSTILE = "<img src=x onerror=alert(1)>"
SECRET = "sk-proj-abcdefghijklmnopqrstuvwxyz"


def line(number: int, model: str = "gpt-4o-2024-08-06", request_id: str = "req", usage: bool = True) -> str:
    """A chat completion; the prompt must never be seen."""
    counted = {"usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}} if usage else {}
    message = {"role": "assistant", "content": "the reply"}
    answer = {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "model": model,
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        **counted,
    }
    asked = {"model": model, "messages": [{"role": "user", "content": "the prompt"}]}
    return json.dumps({"request_id": f"{request_id}{number}", "request": asked, "response": answer}) + "\n"


class Seen:
    """The parts without their tasks, and what the page is told of them."""

    def __init__(self, directory: Path, state: StateDirectory, **settings: Any) -> None:
        paths = (str(directory / "app.log"),)
        self.config = Config(paths=paths, state_dir=str(directory / "state"), **settings)
        self.runtime = Runtime(self.config, state, ())
        self.log = directory / "app.log"

    async def write(self, *lines: str) -> None:
        with self.log.open("a") as log:
            log.writelines(lines)
        await self.runtime.journal.look()
        counting = asyncio.create_task(meter(self.runtime))
        async with asyncio.timeout(10):
            while not self.runtime.journal.is_level(METER):
                await asyncio.sleep(0.001)
        counting.cancel()
        await asyncio.gather(counting, return_exceptions=True)

    async def told(self) -> dict[str, Any]:
        return await Overview(self.runtime).tell()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateDirectory]:
    with closing(StateDirectory(str(tmp_path / "state"))) as state:
        yield state


async def test_the_sums_are_those_of_the_log(tmp_path: Path, state: StateDirectory) -> None:
    seen = Seen(tmp_path, state)
    await seen.write(line(1), line(2), line(3, HOSTILE))
    told = await seen.told()
    for period in ("ever", "today", "hour"):
        sums = told[period]
        assert (sums["calls"], sums["input_tokens"], sums["output_tokens"], sums["unpriced_calls"]) == (3, 3000, 300, 1)
        assert sums["cost_usd"] == pytest.approx(2 * (1000 * 2.5e-6 + 100 * 1e-5))
        dear, unknown = sums["models"]
        assert (dear["model"], dear["unpriced_calls"]) == ("gpt-4o-2024-08-06", 0)
        assert (unknown["model"], unknown["cost_usd"], unknown["unpriced_calls"]) == (HOSTILE, 0, 1)
    (minute,) = told["minutes"]
    assert (minute["calls"], sum(minute["tokens"].values())) == (3, 3300)
    assert [call["cost_usd"] for call in told["calls"]] == [pytest.approx(0.0035), pytest.approx(0.0035), None]
    assert told["consumers"] == [
        {"name": METER, "lag_bytes": 0, "position": seen.log.stat().st_size, "does": "caught_up", "since": None}
        | {"succeeded_at": told["calls"][-1]["counted_at"]}
    ]


async def test_nothing_that_was_said_is_told(tmp_path: Path, state: StateDirectory) -> None:
    seen = Seen(tmp_path, state)
    await seen.write(line(1))
    assert "the prompt" not in json.dumps(await seen.told())
    assert "the reply" not in json.dumps(await seen.told())


@pytest.mark.parametrize(
    ("privacy", "model", "request_id"),
    [
        (Privacy(), f"{HOSTILE}{SECRET}", f"{SECRET}1"),
        (Privacy(content="shorten"), f"{HOSTILE}[masked:keys]", "[masked:keys]"),
        (Privacy(content="drop"), "[withheld]", "[masked:keys]"),
        (Privacy(mode="allow_list"), "[withheld]", "[masked:keys]"),
        (
            Privacy(mask_patterns={"mine": "onerror"}),
            f"<img src=x [masked:mine]=alert(1)>{'[masked:keys]'}",
            "[masked:keys]",
        ),
    ],
)
async def test_names_and_ids_are_masked_as_for_loki(
    tmp_path: Path, state: StateDirectory, privacy: Privacy, model: str, request_id: str
) -> None:
    """In the list of calls and in the table of models alike."""
    seen = Seen(tmp_path, state, privacy=privacy)
    await seen.write(line(1, f"{HOSTILE}{SECRET}", SECRET))
    told = await seen.told()
    (call,) = told["calls"]
    assert (call["model"], call["request_id"]) == (model, request_id)
    assert {period: told[period]["models"][0]["model"] for period in ("ever", "today", "hour")} == dict.fromkeys(
        ("ever", "today", "hour"), model
    )


async def test_where_it_cannot_be_saved_the_sums_are_those_of_the_last_save(
    tmp_path: Path, state: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a save that the history took no sample of."""
    seen = Seen(tmp_path, state)
    await seen.write(line(1))
    await seen.runtime.past.save()
    assert seen.runtime.past.history.latest.models == {}

    def full(_: bytes) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(state, "write", full)
    await seen.write(line(2))
    told = await seen.told()
    assert (told["ever"]["calls"], told["today"]["calls"], told["state"]["failing"]) == (
        1,
        1,
        "No space left on device",
    )
    monkeypatch.undo()
    told = await seen.told()
    assert (told["ever"]["calls"], told["today"]["calls"], told["state"]["failing"]) == (2, 2, None)


async def test_after_a_restart_all_is_there_and_today_begins_anew(tmp_path: Path) -> None:
    with closing(StateDirectory(str(tmp_path / "state"))) as state:
        seen = Seen(tmp_path, state)
        await seen.write(line(1))
        await seen.told()
    with closing(StateDirectory(str(tmp_path / "state"))) as state:
        seen = Seen(tmp_path, state)
        await seen.write(line(2))
        told = await seen.told()
    assert (told["ever"]["calls"], told["today"]["calls"], told["hour"]["calls"]) == (2, 1, 1)
    assert told["ever"]["since"] is None
    assert told["today"]["since"] == told["about"]["since"]


async def test_what_comes_last_before_a_silence_is_sampled_without_waking_often(
    tmp_path: Path, state: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One wake-up for any number of saves, and none while nothing is saved."""
    seen = Seen(tmp_path, state)
    later: list[float] = []
    loop = asyncio.get_running_loop()
    wake = loop.call_later

    def noted(seconds: float, act: Callable[..., object], *_: object) -> asyncio.TimerHandle:
        assert act == seen.runtime.checkpoint.touch
        later.append(seconds)
        return wake(3600, lambda: None)

    monkeypatch.setattr(loop, "call_later", noted)
    past = seen.runtime.past
    for _ in range(5):
        await past.save()
    assert len(later) == 1
    assert 0 < later[0] <= APART_SECONDS
    await past.sample()
    await past.save()
    assert len(later) == 2


async def test_many_models_and_files_are_told_in_part(tmp_path: Path, state: StateDirectory) -> None:
    """The rest is one row, and no call is missing in the sum."""
    seen = Seen(tmp_path, state, limits=Limits(counter_label_sets=200))
    await seen.write(*[line(number, f"model-{number}") for number in range(60)])
    told = await seen.told()
    rows = told["today"]["models"]
    assert len(rows) == 21
    assert (rows[-1]["provider"], rows[-1]["model"]) == ("", "")
    assert sum(row["calls"] for row in rows) == told["today"]["calls"] == 60
    assert len(told["calls"]) == 50


async def test_calls_without_usage_say_why(tmp_path: Path, state: StateDirectory) -> None:
    seen = Seen(tmp_path, state)
    await seen.write(line(1, usage=False), '{"msg":"hello"}\n')
    told = await seen.told()
    assert told["ever"]["missing"] == {"no_usage": 1}
    assert told["ever"]["lines"] == {"call": 1, "not_llm": 1}
    assert (told["calls"][0]["missing"], told["calls"][0]["cost_usd"]) == ("no_usage", None)
