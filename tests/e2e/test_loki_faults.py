"""Each way in which Loki fails, on the real process: metrics go on, memory stays flat, a kill changes nothing."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from email.utils import formatdate
from pathlib import Path
from random import Random

import pytest

from tests.certificates import Certificates
from tests.e2e.exact import check_counters, check_lines
from tests.e2e.process import Samples, Tokentail, fallen, running, total
from tests.e2e.writer import Writer
from tests.fakeloki import FakeLoki
from tests.fakeloki_wire import Kept
from tests.faults.shim import Faults
from tests.lokifront import (
    Fault,
    Front,
    Push,
    bomb,
    endless,
    hang,
    reads_slowly,
    reset_after_the_body,
    reset_before_the_body,
    says,
    sends,
    taken_and_reset,
    taken_and_trickled,
)

VISIBLE_SECONDS = 15.0
"""Far above what is promised, since the machine may be busy; the faults last until they are healed."""
ROOM_BYTES = 32 * 1024 * 1024
PAGE = "<html><body>Service Temporarily Unavailable</body></html>"


async def comes_back_by_date(push: Push) -> bool:
    return await says(429, "Ingestion rate limit", Retry_After=formatdate(time.time() + 1, usegmt=True))(push)


FAULTS: dict[str, tuple[Fault, str]] = {
    "reset before the body": (reset_before_the_body, "connection"),
    "reset after the body": (reset_after_the_body, "connection"),
    "taken, then reset": (taken_and_reset, "connection"),
    "taken, half an answer": (sends(b"HTTP/1.1 204 No Con", taken=True), "connection"),
    "hang": (hang, "timeout"),
    "read a byte at a time": (reads_slowly, "timeout"),
    "taken, answered a byte at a time": (taken_and_trickled, "timeout"),
    "429 with a time": (says(429, "Ingestion rate limit exceeded", Retry_After="1"), "rate_limited"),
    "429 without one": (says(429, "Per stream rate limit exceeded"), "rate_limited"),
    "429 with a date": (comes_back_by_date, "rate_limited"),
    "500": (says(500, "context deadline exceeded"), "server_error"),
    "503 as a page": (says(503, PAGE, Content_Type="text/html"), "server_error"),
    "504": (says(504, "upstream request timeout"), "server_error"),
    "a gigabyte with 500": (endless(500), "server_error"),
    "a bomb with 502": (bomb(502, 64), "server_error"),
    "404 while it starts": (says(404, "404 page not found"), "not_found"),
    "a redirect": (says(307, Location="https://login.example.org/"), "redirect"),
    "200 from a captive portal": (says(200, PAGE, Content_Type="text/html"), "not_loki"),
}


def configured(directory: Path, url: str, **loki: object) -> list[str]:
    """The arguments of a tailer of `app.log` with short times; YAML takes JSON."""
    short = {"batch_seconds": 0.05, "timeout_seconds": 10, "retry_min_seconds": 0.02, "retry_max_seconds": 0.3}
    options = {**short, **loki}
    path = directory / "tokentail.yaml"
    path.write_text(json.dumps({"paths": [str(directory / "app.log*")], "loki_url": url, "loki": options}))
    return ["--config", str(path)]


async def metered(tailer: Tokentail, writer: Writer, seconds: float = VISIBLE_SECONDS) -> Samples:
    """The scrape that shows all that is written, which must come in time."""
    size = sum(len(line.encode()) + 1 for line in writer.lines)
    return await tailer.scraped(lambda it: total(it, "tokentail_read_bytes_total") == size, seconds)


async def delivered(tailer: Tokentail, writer: Writer) -> Samples:
    """The scrape that shows that all that is written is shipped too; a lag of 0 may be older than the last line."""
    await metered(tailer, writer, 60)
    return await tailer.scraped(lambda it: total(it, "tokentail_lag_bytes") == 0, seconds=60)


def said(tailer: Tokentail, event: str) -> list[object]:
    return [it.get("reason") for it in tailer.events if it["event"] == event]


async def suffered(tailer: Tokentail, writer: Writer, front: Front, reason: str, before: Samples) -> Samples:
    """One life under the fault: what is written meanwhile is metered in time, and nobody swells."""
    await front.met(front.troubled + 1)
    await metered(tailer, writer)
    memory_bytes = tailer.memory_bytes()
    for _ in range(2):
        writer.write(300)
        await front.met(front.troubled + 1)
        samples = await metered(tailer, writer)
        assert fallen(before, samples) == {}
        before = samples
    assert total(samples, "tokentail_loki_retries_total", reason=reason) > 0
    assert total(samples, "tokentail_loki_retries_total") == total(
        samples, "tokentail_loki_retries_total", reason=reason
    )
    assert total(samples, "tokentail_loki_entries_total") == 0
    assert total(samples, "tokentail_lag_bytes", consumer="loki") > 0
    assert tailer.memory_bytes() - memory_bytes < ROOM_BYTES
    await tailer.logged("loki_unreachable")
    assert said(tailer, "loki_unreachable") == [reason], "one line, however many retries"
    return samples


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_with_a_kill_in_its_midst_loses_and_doubles_nothing(tmp_path: Path, name: str) -> None:
    fault, reason = FAULTS[name]
    writer = Writer(tmp_path, Random(name))
    writer.write(200)
    async with FakeLoki() as fake, Front(fake.url, always=fault) as front:
        arguments = configured(tmp_path, front.url, timeout_seconds=0.6 if reason == "timeout" else 10)
        async with running(tmp_path, *arguments) as tailer:
            samples = await suffered(tailer, writer, front, reason, {})
            await tailer.kill()
        async with running(tmp_path, *arguments) as tailer:
            samples = await suffered(tailer, writer, front, reason, samples)
            front.heal()
            writer.write(100)
            writer.answer_all()
            samples = await delivered(tailer, writer)
            check_counters(samples, writer)
            assert total(samples, "tokentail_loki_entries_total", outcome="accepted") == len(writer.lines)
            assert total(samples, "tokentail_loki_entries_total") == len(writer.lines)
            assert await tailer.stop() == 0
            assert said(tailer, "loki_recovered") == [reason]
        check_lines(fake, writer)
        assert fake.lines() == writer.lines, "in the order written"


async def test_nobody_there_with_a_kill_in_the_midst(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Random(21))
    writer.write(500)
    writer.answer_all()
    async with FakeLoki() as gone:
        url = gone.url
    arguments = configured(tmp_path, url)
    for _ in range(2):
        async with running(tmp_path, *arguments) as tailer:
            retried = total(await tailer.scrape(), "tokentail_loki_retries_total", reason="connection")
            await tailer.scraped(lambda it, n=retried: total(it, "tokentail_loki_retries_total") > n + 2)  # type: ignore[misc]
            check_counters(await metered(tailer, writer), writer)
            await tailer.kill()
            assert said(tailer, "loki_unreachable") == ["connection"]
    async with FakeLoki(port=int(url.rpartition(":")[2])) as fake, running(tmp_path, *arguments) as tailer:
        await delivered(tailer, writer)
        assert fake.lines() == writer.lines


async def test_a_name_that_nobody_knows_is_asked_for_until_somebody_does(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Random(28))
    writer.write(500)
    writer.answer_all()
    faults = Faults(tmp_path)
    async with FakeLoki() as fake:
        arguments = configured(tmp_path, fake.url.replace("127.0.0.1", "localhost"))
        with faults.failing("getaddrinfo", socket.EAI_NONAME, "localhost") as unknown:
            for is_last in (False, True):
                async with running(tmp_path, *arguments, environ=faults.environ) as tailer:
                    asked = unknown.spoiled
                    while unknown.spoiled < asked + 3:
                        await asyncio.sleep(0.01)
                    check_counters(await metered(tailer, writer), writer)
                    assert said(tailer, "loki_unreachable") == ["connection"]
                    assert fake.lines() == []
                    if is_last:
                        unknown.clear()
                        await delivered(tailer, writer)
                        assert said(tailer, "loki_recovered") == ["connection"]
        assert fake.lines() == writer.lines


async def test_a_token_that_has_expired_heals_when_its_file_changes(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old-and-secret")

    async def wants_the_new_one(push: Push) -> bool:
        if b"Authorization: Bearer new-and-secret" not in push.head:
            return await says(401, "token expired")(push)
        await push.answer(await push.passed_on())
        return True

    writer = Writer(tmp_path, Random(22))
    writer.write(300)
    async with FakeLoki() as fake, Front(fake.url, always=wants_the_new_one) as front:
        async with running(tmp_path, *configured(tmp_path, front.url, bearer_token_file=str(token))) as tailer:
            await front.met(3)
            (tmp_path / "fresh").write_text("new-and-secret\n")
            os.replace(tmp_path / "fresh", token)
            samples = await delivered(tailer, writer)
            _, page = await tailer.get("/metrics")
            assert await tailer.stop() == 0
        assert fake.lines() == writer.lines
    assert total(samples, "tokentail_loki_retries_total", reason="unauthorized") >= 3
    assert said(tailer, "loki_unreachable") == said(tailer, "loki_recovered") == ["unauthorized"]
    assert "-and-secret" not in page + json.dumps(tailer.events)


CERTIFICATES: dict[str, tuple[int, str, str]] = {
    "expired": (-1, "IP:127.0.0.1", "certificate has expired"),
    "elsewhere": (2, "IP:192.0.2.1", "IP address mismatch, certificate is not valid for '127.0.0.1'."),
}


@pytest.mark.parametrize("name", CERTIFICATES)
async def test_a_certificate_that_will_not_do_heals_when_loki_gets_a_new_one(tmp_path: Path, name: str) -> None:
    days, host, why = CERTIFICATES[name]
    made = Certificates(tmp_path)
    made.pair("good")
    made.pair(name, days=days, host=host)
    context = made.server(name)
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # handshakes that fail, on Loki's side
    writer = Writer(tmp_path, Random(23))
    writer.write(300)
    async with FakeLoki() as fake, Front(fake.url, tls=context) as front:
        async with running(tmp_path, *configured(tmp_path, front.url, ca_file=made.path("ca.pem"))) as tailer:
            await tailer.scraped(lambda it: total(it, "tokentail_loki_retries_total", reason="tls") > 2)
            assert front.heads == []
            await metered(tailer, writer)
            context.load_cert_chain(made.path("good.pem"), made.path("good.key"))
            await delivered(tailer, writer)
            assert await tailer.stop() == 0
        assert fake.lines() == writer.lines
    (trouble,) = [event for event in tailer.events if event["event"] == "loki_unreachable"]
    assert trouble["detail"] == f"certificate refused: {why}"


REFUSALS = {
    "too old": "entry for stream '{{}}' has timestamp too old: {at}, oldest acceptable timestamp is: {at}",
    "too new": "entry for stream '{{}}' has timestamp too new: 2199-01-01T00:00:00Z",
    "too far behind": "entry with timestamp {at} ignored, reason: 'entry too far behind',\nuser 'fake'",
    "out of order": "entry with timestamp {at} ignored, reason: 'entry out of order',\nuser 'fake'",
    "labels": "entry for stream '{{}}' has 16 label names; limit 15",
    "a label's name": "stream '{{}}' has label name too long: 'x'",
    "words not known": "Entry too sour",
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_of_a_push_refused_in_part_all_but_the_guilty_arrive(tmp_path: Path, name: str) -> None:
    """With a kill in the midst: the guilty may be set aside twice, and are counted once."""
    writer = Writer(tmp_path, Random(name))
    writer.write(400)
    writer.answer_all()
    guilty = {line for number, line in enumerate(writer.lines) if number % 97 == 5 and writer.lines.count(line) == 1}

    def refuse(kept: Kept) -> str | None:
        return REFUSALS[name].format(at="2001-01-01T00:00:00Z") if kept.line in guilty else None

    async with FakeLoki(refuse=refuse) as fake:
        arguments = configured(tmp_path, fake.url)
        async with running(tmp_path, *arguments) as tailer:
            await fake.asked(4)
            await tailer.kill()
        async with running(tmp_path, *arguments) as tailer:
            samples = await delivered(tailer, writer)
            check_counters(samples, writer)
            assert await tailer.stop() == 0
        assert sorted(fake.lines()) == sorted(line for line in writer.lines if line not in guilty)
    letters = (tmp_path / "state" / "dead-letters.jsonl").read_text().splitlines()
    assert {json.loads(letter)["text"] for letter in letters} == guilty
    assert total(samples, "tokentail_loki_entries_total", outcome="refused") == len(guilty)
    assert total(samples, "tokentail_loki_entries_total") == len(writer.lines)
    assert len([it for it in tailer.events if it["event"] == "entries_refused"]) <= 1


async def test_tenant_limits_that_change_while_it_runs(tmp_path: Path) -> None:
    """Lines and pushes shrink to what Loki takes now; what it takes later goes whole again."""
    writer = Writer(tmp_path, Random(24), prompt_chars=3000)
    writer.write(200)
    async with (
        FakeLoki() as fake,
        running(tmp_path, *configured(tmp_path, fake.url)) as tailer,
        asyncio.timeout(60),
    ):
        await fake.holds(200)
        fake.max_line_bytes, fake.max_body_bytes, fake.max_metadata = 1500, 8192, 3
        writer.write(200)
        await fake.holds(400)
        fake.max_line_bytes = fake.max_body_bytes = None
        fake.max_metadata = 128
        writer.write(200)
        writer.answer_all()
        samples = await delivered(tailer, writer)
        assert len(fake.lines()) == len(writer.lines)
        check_counters(samples, writer)
        assert total(samples, "tokentail_loki_entries_total", outcome="refused") == 0
        assert total(samples, "tokentail_loki_entries_total", outcome="mended") > 0
        whole = set(fake.lines())
        assert all(line in whole for line in [*writer.lines[:200], *writer.lines[400:]])
        assert sum("tokentail_truncated" in line for line in whole) == sum(
            len(line) > 1500 for line in writer.lines[200:400]
        )


async def test_once_delivers_everything_through_all_faults(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Random(25))
    writer.write(3000)
    writer.answer_all()
    faults = [fault for fault, _ in FAULTS.values()]
    async with FakeLoki() as fake, Front(fake.url, faults) as front:
        tailer = await Tokentail.start(tmp_path, "--once", *configured(tmp_path, front.url, timeout_seconds=0.6))
        assert await tailer.ended() == 0
        assert fake.lines() == writer.lines
    reasons = {reason for _, reason in FAULTS.values()}
    assert sorted(map(str, said(tailer, "loki_unreachable"))) == sorted(reasons), "each once in one outage"
    assert len(said(tailer, "loki_recovered")) == 1


async def test_catching_up_after_an_outage_does_not_keep_the_metrics_waiting(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Random(26), prompt_chars=4000)
    writer.write(20)
    async with FakeLoki() as fake, Front(fake.url, always=says(503)) as front:
        async with running(tmp_path, *configured(tmp_path, front.url)) as tailer:
            for _ in range(12):
                writer.write(1000)
            await front.met(3)
            front.heal()
            slowest = 0.0
            while total(await tailer.scrape(), "tokentail_lag_bytes", consumer="loki") > 0:
                writer.write(1)
                started = time.monotonic()
                await metered(tailer, writer)
                slowest = max(slowest, time.monotonic() - started)
            assert slowest < 5
            await delivered(tailer, writer)
        assert fake.lines() == writer.lines


async def test_a_backlog_of_100_mb_for_a_slow_loki_takes_no_more_memory(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Random(27), prompt_chars=12_000)
    while not writer.path.exists() or writer.path.stat().st_size < 100_000_000:
        writer.write(2_000)
    writer.answer_all()

    async def takes_its_time(push: Push) -> bool:
        await asyncio.sleep(0.05)
        return await says(204)(push)

    async with FakeLoki() as fake, Front(fake.url, always=takes_its_time) as front:
        async with running(tmp_path, *configured(tmp_path, front.url)) as tailer:
            samples = await delivered(tailer, writer)
            check_counters(samples, writer)
            assert total(samples, "tokentail_loki_entries_total", outcome="accepted") == len(writer.lines)
            assert most_memory_bytes(tailer) < 150 * 1024 * 1024


def most_memory_bytes(tailer: Tokentail) -> int:
    """The most that was ever resident."""
    status = Path(f"/proc/{tailer.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
