"""A mark never ends within a line that a container runtime has cut: after a restart its pieces are read together."""

from __future__ import annotations

from pathlib import Path

from parsers import registry
from tailer.reading.reading import LineReader
from tailer.ship.loki import Loki
from tailer.ship.sender import Sender
from tailer.telemetry import Telemetry
from tests.fakeloki import FakeLoki
from tests.ship.making import MemorySource, Ticking, config, cost


class Marking(MemorySource):
    """Remembers how many lines were settled after each push."""

    def __init__(self) -> None:
        super().__init__()
        self.settled: list[int] = []

    def settle(self, consumer: str, file: int, offset: int, number: int) -> None:
        super().settle(consumer, file, offset, number)
        self.settled.append(number)


async def test_marks_step_over_a_cut_line_as_a_whole(tmp_path: Path) -> None:
    source, ticking, telemetry = Marking(), Ticking(), Telemetry()
    lines = [f'2026-11-20T17:00:0{at}Z stdout {tag} {{"x":"'.encode() for at, tag in enumerate("FPPFF")]
    source.append(1, lines)
    source.close()
    async with FakeLoki([]) as fake:
        setting = config(fake.url, str(tmp_path), batch_entries=1)
        async with Loki(setting, lambda: ticking.now) as loki:
            read = LineReader(registry.load()).read
            await Sender(source, loki, setting, telemetry, read=read, cost=cost, clock=ticking.clock()).run()
        assert [text.encode() for text in fake.lines()] == lines
    assert source.settled == [1, 4, 5]
    assert telemetry.value("tokentail_loki_entries_total", "accepted") == 5
