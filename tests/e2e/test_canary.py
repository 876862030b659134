"""A marked prompt goes through every provider's bodies and every wrapper: not a byte of it gets out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.canary import SAID, TOKEN, all_lines, leaks
from tests.e2e.process import running, total
from tests.fakeloki import FakeLoki
from tests.fakeloki_wire import Kept
from tests.fakeotlp import FakeOtlp, Record
from tests.reading.lines import TIME, text

ADDRESS = "jane@example.com"
MODES = {
    "drop": "content: drop",
    "hash": "content: hash\n  hash_key_file: {key}",
    "allow_list": "mode: allow_list",
}


def written(directory: Path) -> int:
    """The log: every line, one longer than Loki takes, one longer than is read, and one that is not finished."""
    long = text({"ts": TIME, "request": {"model": "gpt-4o", "messages": [{"content": f"{SAID} " * 9000}]}, "usage": {}})
    oversize = text({"ts": TIME, "prompt": f"{SAID} " * 40_000})
    lines = [
        *all_lines(),
        long.encode(),
        oversize.encode(),
        text({"team": ADDRESS, "model": "gpt-4o", "usage": {"prompt_tokens": 3}}).encode(),
    ]
    (directory / "app.log").write_bytes(b"\n".join(lines) + b"\n" + SAID.encode())
    return len(lines)


def configured(directory: Path, mode: str, loki: str, otlp: str) -> str:
    key = directory / "key"
    key.write_bytes(os.urandom(32))
    (directory / "tail.yaml").write_text(
        f"""
loki_url: {loki}
otlp_logs_url: {otlp}
dimension: {{team: team}}
max_line_bytes: 1000000
loki:
  max_line_bytes: 65536
  batch_entries: 100
  labels_from: {{level: level}}
otlp_logs:
  max_line_bytes: 65536
  batch_entries: 100
privacy:
  {MODES[mode].format(key=key)}
"""
    )
    return str(directory / "tail.yaml")


def refuse(kept: Kept) -> str | None:
    """Some entries, with words that quote them, as a proxy's might."""
    return f"entry too sour: {kept.line[:500]} {kept.metadata}" if kept.timestamp_ns % 397 == 0 else None


def reject(record: Record) -> str | None:
    return f"record too sour: {record.line[:500]} {record.attributes}" if record.time_ns % 397 == 0 else None


@pytest.mark.parametrize("mode", MODES)
async def test_no_byte_of_a_marked_prompt_gets_out(tmp_path: Path, mode: str) -> None:
    """Not to Loki, a collector, /metrics, the page, the log, the state, the dead letters; every line is delivered."""
    lines = written(tmp_path)
    async with FakeLoki(refuse=refuse) as loki, FakeOtlp(reject=reject) as otlp:
        arguments = ["--config", configured(tmp_path, mode, loki.url, otlp.url), "--log-level", "debug"]
        async with running(tmp_path, *arguments, str(tmp_path / "app.log")) as tailer:

            def settled(samples: dict[object, float]) -> bool:
                names = ("tokentail_loki_entries_total", "tokentail_sink_entries_total")
                return all(total(samples, name) == lines for name in names)  # type: ignore[arg-type]

            samples = await tailer.scraped(settled, seconds=60)  # type: ignore[arg-type]
            _, metrics = await tailer.get("/metrics")
            page = await tailer.told()
            assert await tailer.stop() == 0
    assert total(samples, "tokentail_lines_total") == lines
    assert total(samples, "tokentail_dead_letters_total", outcome="kept") > 3
    assert total(samples, "tokentail_sink_dead_letters_total", outcome="kept") > 3
    assert 'team="[masked:emails]"' in metrics, "a label that is taken from the line is masked"
    assert TOKEN in (tmp_path / "app.log").read_text()
    pushed = {str(kept) for request in loki.requests for kept in request.entries}
    exported = {str(record) for request in otlp.requests for record in request.entries}
    state = [path.read_bytes().decode("utf-8", "replace") for path in (tmp_path / "state").iterdir()]
    shown = {
        "loki": pushed,
        "otlp": exported,
        "metrics": [metrics],
        "page": [page],
        "log": map(str, tailer.events),
        "state": state,
    }
    for place, texts in shown.items():
        found = [leak for text_shown in texts for leak in leaks(text_shown)]
        assert not found, (place, found[:3])


def test_the_canary_is_found_where_it_is() -> None:
    """The search of this test sees the token in every form in which it is written."""
    lines = all_lines()
    assert len(lines) > 4000
    assert sum(bool(leaks(line.decode())) for line in lines) > 3000
    assert leaks(text({"x": TOKEN[3:12]}))
