"""Wiring only: which tasks run, what a signal does, in which order everything stops."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, closing, suppress
from functools import partial

import structlog

from tailer.config import Config, Examined
from tailer.durable import scrape
from tailer.push.push import Push
from tailer.push.pushes import last_of, pushes_of
from tailer.runtime import Runtime, moment
from tailer.ship.sinks import sinks_of
from tailer.source.discover import directories
from tailer.source.marks import METER
from tailer.source.watcher import Watcher
from tailer.statedir import StateDirectory
from tailer.stopping import Stop, first
from tailer.web.server import Server

Again = Callable[[], Examined]
"""Reads the configuration anew, from where the first one came."""

GATHER_SECONDS = 0.01
"""A wake-up waits this long for more of the same, so that a burst of small writes is read at once."""
RECOUNT_SECONDS = 60.0
"""The longest that scrapes wait for what a lost checkpoint had counted to be counted again."""
LAST_PUSH_SECONDS = 2.0
"""What a last push of the metrics gets at least, though the lines have taken all of the time to drain."""
QUIET_SECONDS = 0.3
"""Without growth for so long the application is taken to have written its last line."""

log = structlog.get_logger("tokentail")


async def serve(
    config: Config, stop: Stop, started: Callable[[str, Runtime], None] | None = None, again: Again | None = None
) -> int:
    """Runs until `stop` is asked for, or with `config.once` until everything is delivered. Returns the exit status.

    It is 1 when the state could not be saved, or `once` did not read a path named outright or deliver everything.
    `started` is told the address of the HTTP port and the parts that run, `again` reads the configuration anew. Raises
    StateError, PriceError, ConfigError (the web configuration file), OSError (the port) before anything has started.
    """
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(closing(StateDirectory(config.state_dir)))
        runtime = Runtime(config, directory, [await stack.enter_async_context(sink) for sink in sinks_of(config)])
        view, tell = scrape(runtime), partial(look, runtime)
        made = pushes_of(config, runtime.started_ns, runtime.pushed, view, runtime.numbers.telemetry)
        pushes = [await stack.enter_async_context(push) for push in made]
        server = await stack.enter_async_context(
            Server(view, runtime.why_not_ready, config.web_config_file, refusals(runtime), look=tell)
        )
        # The files are known before the first scrape, so that a lag of 0 never means "not looked yet".
        await runtime.journal.look()
        if not len(runtime.journal.files):
            log.info("no_file_yet", paths=config.paths)
        # A file that is known only in memory would be a stranger again after a kill, wherever it was rotated to.
        with suppress(OSError):
            await runtime.checkpoint.save()
        address = await _listen(server, config)
        if started is not None:
            started(address, runtime)
        return await _run(runtime, pushes, stop, again)


async def _run(runtime: Runtime, pushes: Sequence[Push], stop: Stop, again: Again | None) -> int:
    once = runtime.config.once
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch(runtime), name="watch")
        saving = group.create_task(save(runtime), name="save")
        reloading = group.create_task(reload(runtime, stop.reload, again), name="reload")
        consuming = [group.create_task(meter(runtime), name=METER)]
        consuming += [group.create_task(sender.run(), name=name) for name, sender in runtime.senders.items()]
        pushing = [group.create_task(push.run(), name=push.name) for push in pushes]
        if not once:
            await stop.asked.wait()
        ending = group.create_task(_end(runtime, watching, consuming), name="end")
        if once:
            await first(ending, stop.asked)
        await first(ending, stop.hurry, runtime.config.drain_seconds)
        delivered = ending.done()
        for task in (watching, saving, reloading, ending, *consuming, *pushing):
            task.cancel()
    await _last_save(runtime)
    arrived = await _last_push(runtime, pushes, stop)
    saved = await _last_save(runtime)
    left_out = [*await runtime.journal.files.unfollowed(), *runtime.journal.unread()] if once and delivered else []
    if left_out:
        log.error("not_read", paths=left_out)
    lag = {name: runtime.journal.lag_bytes(name) for name in runtime.journal.consumers()}
    log.info("stopped", delivered=delivered, saved=saved, lag_bytes=lag)
    return 0 if saved and not left_out and ((delivered and arrived) or not once) else 1


async def _end(runtime: Runtime, watching: asyncio.Task[None], consuming: list[asyncio.Task[None]]) -> None:
    """Reads to the end of the files and waits until every consumer is through."""
    once = runtime.config.once
    log.info("reading_to_the_end", once=once)
    if not once:
        for sender in runtime.senders.values():
            sender.hurry()
        await _until_quiet(runtime, time.monotonic() + runtime.config.drain_seconds)
    watching.cancel()
    await runtime.journal.look()
    runtime.journal.end(take_tail=once)
    await asyncio.wait(consuming)
    if once:
        runtime.meter.finish(moment())


async def _until_quiet(runtime: Runtime, deadline: float) -> None:
    """In a pod whose containers all get SIGTERM at once the application may still be writing."""
    size, since = -1, time.monotonic()
    while (now := time.monotonic()) < deadline and now - since < QUIET_SECONDS:
        await runtime.journal.look()
        if (grown := runtime.journal.known_bytes()) != size:
            size, since = grown, now
        await asyncio.sleep(QUIET_SECONDS / 6)


async def watch(runtime: Runtime) -> None:
    """Looks at the files once a poll, and between the looks when inotify says that something happened."""
    config, journal = runtime.config, runtime.journal
    with Watcher() as watcher:
        watcher.watch(directories(journal.files.patterns, ()))
        places: list[str] = []
        recount_until = time.monotonic() + RECOUNT_SECONDS
        while True:
            await journal.look()
            if not runtime.recounted.is_set() and (journal.is_level(METER) or time.monotonic() > recount_until):
                runtime.recounted.set()
                runtime.checkpoint.touch()
            if (now := journal.files.places()) != places:
                places = now
                watcher.watch(directories(journal.files.patterns, places))
            if len(runtime.joiner) and runtime.meter.give_up_stale(moment()):
                runtime.checkpoint.touch()
            until = time.monotonic() + config.poll_seconds
            while (left := until - time.monotonic()) > 0 and await watcher.wait(left):
                await asyncio.sleep(GATHER_SECONDS)
                changed = watcher.changed()
                await journal.touch(changed.paths)
                if changed.structure:
                    break


async def meter(runtime: Runtime) -> None:
    """Counts chunk after chunk to the end of all files; between two of them the state is whole."""
    while (chunk := await runtime.journal.next(METER)) is not None:
        readings = chunk.readings(runtime.read)
        with runtime.checkpoint.step():
            runtime.meter.consume(chunk, readings, moment())
            runtime.journal.settle(METER, chunk.file, chunk.end, readings[-1].number + 1)
    runtime.recounted.set()


async def save(runtime: Runtime) -> None:
    """Saves about once a second while something changes."""
    while True:
        await runtime.checkpoint.changed.wait()
        await asyncio.sleep(runtime.config.checkpoint_seconds)
        with suppress(OSError):  # Said, counted and shown by the checkpoint; tried again in the next round.
            await runtime.past.save()


async def reload(runtime: Runtime, asked: asyncio.Event, again: Again | None) -> None:
    """Reads the configuration anew at each SIGHUP; one with a fault is refused whole, and the old one goes on."""
    while await asked.wait():
        asked.clear()
        if again is not None:
            runtime.reload(again())


async def look(runtime: Runtime) -> dict[str, object]:
    """What the page shows. What that takes is loaded when somebody looks."""
    from tailer.overview import Overview  # noqa: PLC0415  # most processes are never looked at

    return await Overview(runtime).tell()


def refusals(runtime: Runtime) -> Callable[[str], None]:
    """Counts what the HTTP port refuses. Nobody from outside makes it save: that is left to who counts calls."""
    return lambda reason: runtime.numbers.telemetry.add("tokentail_http_refused_total", 1, reason)


async def _last_save(runtime: Runtime) -> bool:
    """Whether all that was counted is on disk."""
    runtime.checkpoint.touch()
    try:
        await runtime.checkpoint.save()
    except OSError:  # Said by the checkpoint.
        return False
    return True


async def _last_push(runtime: Runtime, pushes: Sequence[Push], stop: Stop) -> bool:
    """Whether all that was counted has arrived where it is pushed to, before the drain time or `stop.hurry` ends it."""
    pushing = asyncio.create_task(last_of(pushes if runtime.recounted.is_set() else ()), name="last push")
    if runtime.config.once:
        await first(pushing, stop.asked)
    left_seconds = stop.asked_at + runtime.config.drain_seconds - time.monotonic()
    await first(pushing, stop.hurry, max(left_seconds, LAST_PUSH_SECONDS))
    pushing.cancel()
    with suppress(asyncio.CancelledError):
        await pushing
    if left := [push.name for push in pushes if not push.has_ended]:
        log.error("last_push_failed", sinks=left)
    return not left


async def _listen(server: Server, config: Config) -> str:
    host, _, port = config.listen.rpartition(":")
    try:
        host, number = await server.listen(host.strip("[]"), int(port))
    except OSError as error:
        if not config.once:
            raise
        log.warning("not_listening", listen=config.listen, reason=error.strerror, effect="no /metrics during this run")
        return ""
    address = f"[{host}]:{number}" if ":" in host else f"{host}:{number}"
    log.info("listening", address=address, host=host, port=number, metrics=f"{server.scheme}://{address}/metrics")
    return address
