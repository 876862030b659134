"""Lines of megabytes: metered whole, forwarded shrunk to Loki's limit, and what counts in them is still there."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from tests.e2e.process import Samples, running, total
from tests.fakeloki import FakeLoki
from tests.reading.lines import TIME, text

LIMIT = 256 * 1024
USAGE = {"prompt_tokens": 1_000_001, "completion_tokens": 7, "total_tokens": 1_000_008}


def long_line(megabytes: int) -> str:
    """A prompt of so many megabytes, the usage at the very end."""
    prompt = "a long prompt é " * (megabytes * 1_000_000 // 17)
    request = {"model": "gpt-4o", "messages": [{"role": "user", "content": prompt}]}
    answer = {"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o-2024-08-06", "choices": []}
    return text({"ts": TIME, "request_id": "req_7", "request": request, "response": {**answer, "usage": USAGE}})


def has_lines(count: int, samples: Samples) -> bool:
    return total(samples, "tokentail_loki_entries_total", outcome="accepted") == count


async def test_a_line_of_megabytes_is_metered_whole_and_forwarded_shrunk(tmp_path: Path) -> None:
    lines = [long_line(1), long_line(12)]
    (tmp_path / "app.log").write_text("".join(f"{line}\n" for line in lines))
    async with FakeLoki(max_line_bytes=LIMIT) as loki:
        async with running(tmp_path, str(tmp_path / "app.log"), "--loki-url", loki.url) as tailer:
            samples = await tailer.scraped(partial(has_lines, 2))
        kept = loki.entries()
    assert total(samples, "llm_tokens_total", type="input") == 2 * USAGE["prompt_tokens"]
    for line, entry in zip(lines, kept, strict=True):
        assert len(entry.line.encode()) <= LIMIT
        record = json.loads(entry.line)
        assert record["tokentail_truncated"] == len(line.encode())
        assert (record["response"]["usage"], record["request_id"]) == (USAGE, "req_7")
        assert (record["response"]["id"], record["response"]["model"]) == ("chatcmpl-1", "gpt-4o-2024-08-06")
        assert record["request"]["messages"][0]["content"].startswith("a long prompt")
        assert dict(entry.metadata)["input_tokens"] == "1000001"


async def test_one_too_long_to_be_read_is_counted_and_its_beginning_forwarded(tmp_path: Path) -> None:
    line = long_line(17)
    (tmp_path / "app.log").write_text(f'{line}\n{{"n":1}}\n')
    async with FakeLoki(max_line_bytes=LIMIT) as loki:
        async with running(tmp_path, str(tmp_path / "app.log"), "--loki-url", loki.url) as tailer:
            samples = await tailer.scraped(partial(has_lines, 2))
        records = [json.loads(entry.line) for entry in loki.entries()]
    assert total(samples, "tokentail_lines_total", outcome="oversize") == 1
    (record,) = (record for record in records if "head" in record)
    size = len(line.encode()) + 1
    assert (record["tokentail_truncated"], record["tokentail_oversize_bytes"]) == (size, size)
    assert record["head"].startswith('{"ts"')
