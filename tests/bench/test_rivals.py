"""Others are measured by what they really do, and whoever does less is no result."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from bench import rivals
from bench.generate import write
from bench.process import BenchError
from bench.rivals.rival import Place, Rival
from bench.running import sinking

POST = """
import http.client, sys
body = open(sys.argv[1], "rb").read()
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]))
connection.request("POST", "/", body[: int(len(body) * float(sys.argv[3]))])
connection.getresponse().read()
"""


def poster(share: float) -> Rival:
    """Ships this share of the log."""
    command = [sys.executable, "-c", POST]
    return Rival("poster", "python", "posts", lambda it: [*command, it.log, str(it.http_port), str(share)])


@pytest.mark.parametrize("rival", rivals.RIVALS, ids=lambda rival: str(rival.name))
def test_a_configuration_names_the_log_and_the_sink(tmp_path: Path, rival: Rival) -> None:
    """In the command or in a file that it is given."""
    command = rival.configure(Place(str(tmp_path), "/logs/app.log", 40123, 40124))
    told = " ".join(command) + "".join(path.read_text() for path in tmp_path.iterdir())
    assert command[0] == rival.program
    assert "/logs/app.log" in told
    port = {"http": "40123", "tcp": "40124", "nothing": ""}[rival.ships]
    assert port in told


def test_a_run_is_over_when_all_has_come(tmp_path: Path) -> None:
    """And what was spent until then is told, also of a program that has ended by itself."""
    log = tmp_path / "app.log"
    log.write_bytes(b"x" * 50_000)
    with sinking() as sink:
        assert rivals.spend(poster(1.0), sink, str(log)).cpu_seconds > 0


def test_whoever_ships_less_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that loses half of the log is not twice as fast."""
    monkeypatch.setattr(rivals, "STALLED_SECONDS", 1.0)
    log = tmp_path / "app.log"
    log.write_bytes(b"x" * 50_000)
    with sinking() as sink, pytest.raises(BenchError, match="25000 of 50000 bytes"):
        rivals.spend(poster(0.5), sink, str(log))


@pytest.mark.parametrize("rival", rivals.RIVALS, ids=lambda rival: str(rival.name))
def test_those_that_are_here_do_their_work(tmp_path: Path, rival: Rival) -> None:
    """On lines of text too, which are no JSON."""
    if shutil.which(rival.program) is None:
        pytest.skip(f"{rival.program} is not on PATH")
    with sinking() as sink:
        for corpus in ("chat", "plain"):
            write(corpus, str(tmp_path / corpus), 100_000, 1)
            assert rivals.spend(rival, sink, str(tmp_path / corpus)).cpu_seconds > 0
