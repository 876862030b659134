"""The parts together: what is on disk before Loki is asked and when the process ends."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from tailer.config import Config, LokiOptions
from tailer.durable import scrape
from tailer.outbound.answer import Accepted
from tailer.outbound.counted import LOKI
from tailer.outbound.post import Body
from tailer.push.pushes import pushes_of
from tailer.runtime import Runtime
from tailer.service import meter, serve, watch
from tailer.ship.loki import Loki
from tailer.ship.stamps import SenderState
from tailer.source.journal import Journal
from tailer.source.marks import METER
from tailer.source.tracked import Mark
from tailer.statedir import Snapshot, StateDirectory
from tailer.stopping import Stop
from tests.checkpoints import small, write
from tests.fakeloki import FakeLoki
from tests.fakemetrics import FakeMetrics

REQUEST = '{"request_id":"req_1","request":{"model":"gpt-4o","messages":[{"role":"user","content":"Guten Tag"}]}}\n'
PLACE = (("instance", socket.gethostname()), ("job", "tokentail"))


def config(directory: Path, url: str = "http://127.0.0.1:1", **settings: object) -> Config:
    options = LokiOptions(batch_seconds=0.01, retry_min_seconds=0.2, retry_max_seconds=0.2, batch_entries=10)
    return Config(
        paths=(str(directory / "app.log"),),
        state_dir=str(directory / "state"),
        listen="127.0.0.1:0",
        loki_url=url,
        loki=options,
        **settings,  # type: ignore[arg-type]  # what the test is about
    )


def saved(directory: Path) -> Snapshot:
    with closing(StateDirectory(str(directory / "state"))) as state:
        return state.load()[0]


class Watching(Loki):
    """A Loki that takes everything and notes what the checkpoint on disk holds when it is asked to."""

    def __init__(self, directory: Path) -> None:
        super().__init__(config(directory))
        self.runtime: Runtime | None = None
        self.seen: list[SenderState | None] = []
        self.may_answer = asyncio.Event()

    async def push(self, body: Body) -> Accepted:
        assert self.runtime is not None
        self.seen.append(self.runtime.checkpoint.last().senders.get(LOKI))
        await self.may_answer.wait()
        return Accepted()


@pytest.fixture
def watching(tmp_path: Path) -> Watching:
    return Watching(tmp_path)


def started(directory: Path, state: StateDirectory, loki: Watching) -> Runtime:
    loki.runtime = Runtime(config(directory), state, [loki])
    return loki.runtime


async def until_metered(runtime: Runtime) -> None:
    counting = asyncio.create_task(meter(runtime))
    while runtime.journal.lag_bytes(METER):
        await asyncio.sleep(0.001)
    counting.cancel()
    await asyncio.gather(counting, return_exceptions=True)


async def test_times_given_to_lines_are_on_disk_before_loki_sees_them(tmp_path: Path, watching: Watching) -> None:
    """Also when the meter is far ahead, and has nothing new to save."""
    (tmp_path / "app.log").write_text("a line without a time\n" * 5)
    with closing(StateDirectory(str(tmp_path / "state"))) as state:
        runtime = started(tmp_path, state, watching)
        await runtime.journal.look()
        await until_metered(runtime)
        await runtime.checkpoint.save()
        sending = asyncio.create_task(runtime.senders[LOKI].run())
        while not watching.seen:
            await asyncio.sleep(0.001)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    assert watching.seen[0] is not None
    assert [(it.start, it.end) for it in watching.seen[0].stamps[1]] == [(0, 110)]


async def test_lines_in_memory_are_sent_though_their_file_has_been_truncated(
    tmp_path: Path, watching: Watching
) -> None:
    """Their times were given to them when they were read, and outlive the file."""
    (tmp_path / "app.log").write_text("a line without a time\n" * 50)
    with closing(StateDirectory(str(tmp_path / "state"))) as state:
        runtime = started(tmp_path, state, watching)
        await runtime.journal.look()
        sending = asyncio.create_task(runtime.senders[LOKI].run())
        while not watching.seen:
            await asyncio.sleep(0.001)
        os.truncate(tmp_path / "app.log", 0)
        await runtime.journal.look()
        watching.may_answer.set()
        runtime.journal.end(take_tail=False)
        await sending
    assert runtime.numbers.telemetry.value("tokentail_loki_entries_total", "accepted") == 50


async def test_what_loki_takes_is_saved_though_the_meter_has_nothing_new(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text('{"time":"2026-11-20T17:00:00Z"}\n')
    async with FakeLoki([503, 503, 204]) as loki:
        stop, parts = Stop(), list[Runtime]()
        settings = config(tmp_path, loki.url, checkpoint_seconds=0.01)
        running = asyncio.create_task(serve(settings, stop, lambda _, runtime: parts.append(runtime)))
        async with asyncio.timeout(10):
            while not parts or parts[0].checkpoint.last().journal.marks.get(LOKI) != {1: Mark(32, 1)}:
                await asyncio.sleep(0.01)
        stop.ask()
        stop.ask()
        assert await running == 0


async def test_the_last_checkpoint_holds_all_that_was_done_after_the_meter(tmp_path: Path) -> None:
    """Loki takes its time; only then is an open call counted as one that was never answered."""
    (tmp_path / "app.log").write_text(REQUEST)
    async with FakeLoki([503, 503, 503, 204]) as loki:
        assert await serve(config(tmp_path, loki.url, once=True, checkpoint_seconds=0.01), Stop()) == 0
    snapshot = saved(tmp_path)
    assert snapshot.journal.marks[LOKI] == snapshot.journal.marks[METER]
    assert b"no_response" in msgspec.json.encode(snapshot.ledger)
    assert snapshot.joiner.open == []


async def test_a_checkpoint_saved_while_recounting_says_so(tmp_path: Path) -> None:
    """Else a kill then would let the next scrapes show less than those before the loss."""
    (tmp_path / "app.log").write_text(REQUEST * 2)
    with closing(StateDirectory(str(tmp_path / "state"))) as state:
        state.load()
        state.is_behind = True
        state.load = lambda: (Snapshot(), 1.0)  # type: ignore[method-assign]  # the one before was used
        runtime = Runtime(config(tmp_path), state, ())
        await runtime.journal.look()
        await runtime.checkpoint.save()
    with closing(StateDirectory(str(tmp_path / "state"))) as state:
        again = Runtime(config(tmp_path, poll_seconds=0.01), state, ())
        assert not again.recounted.is_set()
        tasks = [asyncio.create_task(work(again)) for work in (watch, meter)]
        await again.recounted.wait()
        await again.checkpoint.save()
        for task in tasks:
            task.cancel()
    with closing(StateDirectory(str(tmp_path / "state"))) as state:
        assert Runtime(config(tmp_path), state, ()).recounted.is_set()


async def test_a_chunk_counted_by_half_is_never_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of ours must not become a wrong count: the tailer dies, and the chunk is counted after the restart."""
    (tmp_path / "app.log").write_text(REQUEST * 2)
    with closing(StateDirectory(str(tmp_path / "state"))) as state:
        runtime = Runtime(config(tmp_path), state, ())
        await runtime.journal.look()
        await runtime.checkpoint.save()

        def fail(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(runtime.journal, "settle", fail)
        with pytest.raises(ZeroDivisionError):
            await meter(runtime)
        with pytest.raises(OSError, match="halfway"):
            await runtime.checkpoint.save_and_view(lambda: None)
    assert not any(lines for _, lines in saved(tmp_path).telemetry.counters["tokentail_lines_total"])


async def test_a_poll_at_rest_is_one_look_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app.log").touch()
    looks, touched, enough = 0, list[set[str]](), asyncio.Event()
    look = Journal.look

    async def looking(journal: Journal) -> None:
        nonlocal looks
        looks += 1
        await look(journal)
        if looks == 4:
            enough.set()

    async def touching(_: Journal, paths: set[str]) -> None:
        touched.append(paths)

    monkeypatch.setattr(Journal, "look", looking)
    monkeypatch.setattr(Journal, "touch", touching)
    with closing(StateDirectory(str(tmp_path / "state"))) as state:
        watching = asyncio.create_task(watch(Runtime(config(tmp_path, poll_seconds=0.01), state, ())))
        await enough.wait()
        watching.cancel()
    assert touched == []


async def test_what_a_directory_begins_with_stays_for_ever(tmp_path: Path) -> None:
    """Through restarts, and in one of a checkpoint that had none: no time is made up for it."""
    (tmp_path / "app.log").write_text(REQUEST)
    started = []
    for _ in range(2):
        with closing(StateDirectory(str(tmp_path / "state"))) as state:
            runtime = Runtime(config(tmp_path), state, ())
            started.append(runtime.started_ns)
            await runtime.journal.look()
            await runtime.checkpoint.save()
    assert started[0] == started[1]
    assert started[0] > 0
    with closing(StateDirectory(str(tmp_path / "old"))) as state:
        write(state, small(1))
        before = Runtime(config(tmp_path), state, ())
    assert before.started_ns == 0


async def test_times_of_pushes_outlive_a_restart_and_a_while_without_their_receiver(tmp_path: Path) -> None:
    for url in ("http://127.0.0.1:1/write", None, "http://127.0.0.1:1/write"):
        with closing(StateDirectory(str(tmp_path / "state"))) as state:
            runtime = Runtime(config(tmp_path, remote_write_url=url), state, ())
            if (pushed := runtime.pushed.get("remote_write")) is not None:
                assert pushed.next(0) in (1, 2)
            runtime.checkpoint.touch()
            await runtime.checkpoint.save()
    assert saved(tmp_path).pushed_ms == {"remote_write": 2}


async def test_no_push_goes_out_before_a_lost_checkpoint_is_counted_again(tmp_path: Path) -> None:
    """Its counters would be lower than those that were pushed before."""
    (tmp_path / "app.log").write_text(REQUEST * 2)
    async with FakeMetrics() as fake:
        settings = config(tmp_path, remote_write_url=fake.write_url)
        with closing(StateDirectory(str(tmp_path / "state"))) as state:
            state.load()
            state.is_behind = True
            state.load = lambda: (Snapshot(), 1.0)  # type: ignore[method-assign]  # the one before was used
            runtime = Runtime(settings, state, ())
            view = scrape(runtime)
            (made,) = pushes_of(settings, runtime.started_ns, runtime.pushed, view, runtime.numbers.telemetry)
            async with made as push:
                pushing = asyncio.create_task(push.once())
                await runtime.journal.look()
                await runtime.checkpoint.save()
                assert fake.requests == []
                tasks = [asyncio.create_task(work(runtime)) for work in (watch, meter)]
                assert await pushing
                assert fake.newest()[("tokentail_lines_total", (*PLACE, ("outcome", "part")))] == 2
                for task in tasks:
                    task.cancel()
