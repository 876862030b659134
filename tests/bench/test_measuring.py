"""Processes are measured as the kernel sees them, and failures are no results."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from random import Random

import aiohttp
import cramjam
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import floor, made, outage, rivals, scaling, scraping, throughput
from bench.corpora import tenants
from bench.generate import write
from bench.process import BenchError, cpu_ns, memory_bytes, spend
from bench.running import sinking, tailing
from bench.sink import varint
from bench.spread import percentile, spread


def until(seen: Callable[[], bool]) -> None:
    """Waits until it is so; the test's own timeout ends it."""
    while not seen():
        time.sleep(0.01)


def pushed(port: int) -> int:
    """The status of a push."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/loki/api/v1/push", b"{}")
    status = connection.getresponse().status
    connection.close()
    return status


BUSY = "import time\nwhile time.process_time() < 0.3: pass"
HUNGRY = "data = b'x' * (80 * 1024 * 1024)"


def test_a_busy_child_is_charged_its_own_cpu_time() -> None:
    """The CPU time of the bench itself is not in it."""
    spent = spend([sys.executable, "-c", BUSY])
    assert 0.3 <= spent.cpu_seconds < 1.0
    assert spent.wall_seconds >= 0.3


def test_the_peak_is_that_of_the_child() -> None:
    """A child that takes 80 MiB has a peak of that and an interpreter, when a process as small as the bench asks."""
    asked = f"from bench.process import spend; print(spend([{sys.executable!r}, '-c', {HUNGRY!r}]).peak_bytes)"
    told = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert 80 * 1024**2 < int(told.stdout) < 200 * 1024**2


def test_a_failing_command_is_an_error_with_its_last_words() -> None:
    """A run that did nothing must not count as a fast one."""
    with pytest.raises(BenchError, match="no such corpus"):
        spend([sys.executable, "-c", "raise SystemExit('no such corpus')"])


def test_a_command_without_end_is_stopped() -> None:
    """A bench that hangs tells nobody anything."""
    with pytest.raises(BenchError, match="status -9"):
        spend([sys.executable, "-c", "while True: pass"], timeout_seconds=0.2)


def test_cpu_of_a_running_process_is_finer_than_a_tick() -> None:
    """It agrees with what the process is told itself."""
    before = time.process_time_ns()
    seen = cpu_ns(os.getpid())
    assert before <= seen <= time.process_time_ns()
    assert memory_bytes(os.getpid())[0] <= memory_bytes(os.getpid())[1]


def test_the_floor_decodes_every_line_and_compresses_every_byte(tmp_path: Path) -> None:
    """Lines over the edge of a block included."""
    path = tmp_path / "chat.jsonl"
    write("chat", str(path), 3 * floor.BLOCK_BYTES, 1)
    decoded, compressed = floor.run("chat", str(path))
    assert decoded == path.read_bytes().count(b"\n")
    assert 0.3 < compressed / path.stat().st_size < 0.9


@given(st.binary(max_size=5000))
def test_a_snappy_block_tells_its_length(data: bytes) -> None:
    """So the sink need not decompress to know that everything came."""
    assert varint(bytes(cramjam.snappy.compress_raw(data))[:8]) == len(data)


@given(st.lists(st.floats(0, 100), min_size=1))
def test_spreads_are_in_order(values: list[float]) -> None:
    """The least, the middle and the most, and any percentile is one of the values."""
    found = spread(values)
    assert found.least <= found.middle <= found.most
    assert percentile(values, 99) in values
    assert percentile(values, 50) <= percentile(values, 99) <= percentile(values, 100) == found.most


async def test_the_sink_counts_what_comes_and_refuses_when_told() -> None:
    """Bytes before compression for what is compressed by snappy, as they are for the rest."""
    block = bytes(cramjam.snappy.compress_raw(b"x" * 70_000))
    headers = {"Content-Type": "application/x-protobuf"}
    async with aiohttp.ClientSession() as session:
        with sinking() as sink, sinking("refuse") as refusing:
            async with session.post(sink.url, data=block, headers=headers) as answer:
                assert answer.status == 204
            async with session.post(refusing.url, data=b"{}") as answer:
                assert answer.status == 503
            async with session.get(f"{sink.url}/counts") as answer:
                counts = json.loads(await answer.text())
            await session.close()
    assert counts == {"pushes": 1, "taken": 1, "wire_bytes": len(block), "plain_bytes": 70_000}


def test_a_sink_changes_its_mood_and_counts_plain_tcp_too() -> None:
    """An outage has an end, and who does not speak HTTP is counted as well."""
    with sinking("refuse") as sink:
        with socket.create_connection(("127.0.0.1", sink.tcp_port)) as plain:
            plain.sendall(b"x" * 5000)
        until(lambda: sink.plain_bytes() == 5000)
        sink.become("take")
        until(lambda: pushed(sink.port) == 204)
        assert sink.taken() == 1


def test_the_floor_decodes_what_a_container_wrote(tmp_path: Path) -> None:
    """Else its lines would cost it nothing: the time before the text is no JSON."""
    path = tmp_path / "cri.jsonl"
    write("cri", str(path), 2 * floor.BLOCK_BYTES, 1)
    decoded, _ = floor.run("cri", str(path))
    pieces: list[bytes] = []
    texts = list(floor.texts(path.read_bytes().splitlines(), pieces))
    assert decoded == len(texts) == path.read_bytes().count(b" stdout F ")
    assert all(orjson.loads(text) for text in texts)
    assert decoded < path.read_bytes().count(b"\n")


def test_a_shortened_line_may_come_as_less_but_no_line_may_be_missing(tmp_path: Path) -> None:
    """What Loki takes as it is must come whole."""
    path = tmp_path / "lines"
    path.write_bytes(b"x" * 99 + b"\n" + b"y" * throughput.LOKI_LINE_BYTES + b"\n")
    assert throughput.least_shipped(str(path)) == 100 + throughput.SHORTENED_BYTES


def test_lines_dealt_out_to_files_are_all_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same lines, once in one file and once in three; the ratio is to the one file."""
    monkeypatch.setattr(scaling, "FILES", (1, 3))
    path = tmp_path / "plain.jsonl"
    write("plain", str(path), 20_000, 1)
    one, three = scaling.over_files(str(path), scaling.Rounds(1, str(tmp_path), lambda _: None))
    assert (one.count, three.count, three.lines) == (1, 3, path.read_bytes().count(b"\n"))
    assert one.ratio.middle == 1
    assert sorted(b"".join((tmp_path / "files-3" / f"app-{n}.log").read_bytes() for n in range(3)).splitlines()) == (
        sorted(path.read_bytes().splitlines())
    )


def test_an_outage_ends_with_nothing_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In small: what was written meanwhile has come, and the wait for the next try is part of the time."""
    monkeypatch.setattr(outage, "OUTAGE_SECONDS", 1.5)
    monkeypatch.setattr(outage, "BYTES_PER_SECOND", 200_000)
    found = outage.measure([orjson.dumps({"msg": "x" * 500}) + b"\n"], str(tmp_path))
    assert found.backlog_bytes > 100_000
    assert 0 < found.waited_seconds <= found.seconds
    assert found.cpu_seconds > 0


def test_scrapes_are_of_as_many_series_as_there_are(tmp_path: Path) -> None:
    """Each label set adds some."""
    lines = [line + b"\n" for line in islice(tenants(Random(1), 20), 20)]
    few, many = (scraping.measure(lines[:count], 2, str(tmp_path)) for count in (2, 20))
    assert many.samples - few.samples >= 18 * 3
    assert many.body_bytes > few.body_bytes
    assert 0 < many.p50_seconds <= many.p99_seconds


def test_a_corpus_is_made_anew_when_its_generators_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers over the old lines would be told of the new ones."""
    monkeypatch.setattr(made, "OUT", str(tmp_path))
    first = made.corpus("plain", 1000, 1, lambda _: None)
    assert made.corpus("plain", 1000, 1, pytest.fail) == first
    monkeypatch.setattr(made, "_generators", lambda: 7)
    assert made.corpus("plain", 1000, 1, lambda _: None) != first


def test_every_job_gets_a_row_and_the_floor_is_the_measure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way on a small file: floor, metering, metering and shipping."""
    monkeypatch.setattr(rivals, "present", list)
    path = tmp_path / "plain.jsonl"
    write("plain", str(path), 200_000, 1)
    rows = throughput.measure("plain", str(path), 1, str(tmp_path), lambda _: None)
    assert [row.job for row in rows] == ["floor", "meter", "meter+ship"]
    assert rows[0].ratio.middle == rows[0].net_ratio.middle == 1
    assert all(row.cpu_seconds.least > 0 and row.file_bytes >= 200_000 for row in rows)


def test_a_tailer_that_does_not_start_is_an_error_with_its_log(tmp_path: Path) -> None:
    """Here its state directory is a file."""
    (tmp_path / "state").write_bytes(b"")
    with pytest.raises(BenchError, match="ended before it listened"), tailing(str(tmp_path), ["*.log"]):
        pass
