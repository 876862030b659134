"""What a tailer and a Loki must show of everything that an application wrote: exactly that."""

from __future__ import annotations

from collections.abc import Iterable

from tests.e2e.process import Samples, total
from tests.e2e.writer import Writer
from tests.fakeloki import FakeLoki


def check_counters(samples: Samples, writer: Writer) -> None:
    assert total(samples, "llm_requests_total") == writer.calls
    assert total(samples, "llm_requests_total", status="error", error_type="rate_limit") == writer.errors
    assert total(samples, "llm_tokens_total", type="input") == writer.input_tokens
    assert total(samples, "llm_tokens_total", type="output") == writer.output_tokens
    assert total(samples, "llm_token_details_total", detail="cached_input") == writer.cached_tokens
    assert abs(total(samples, "llm_cost_usd_total") - writer.pico_usd / 1e12) < 1e-9
    assert total(samples, "tokentail_read_bytes_total") == sum(len(line.encode()) + 1 for line in writer.lines)
    for outcome, count in writer.outcomes.items():
        assert total(samples, "tokentail_lines_total", outcome=outcome) == count, outcome
    assert total(samples, "tokentail_lost_bytes_total") == 0
    assert total(samples, "tokentail_open_calls") == 0, "every request was read before its answer"
    assert total(samples, "llm_request_duration_seconds_count") == writer.timed


def check_lines(loki: FakeLoki, writer: Writer) -> None:
    """Every line once, and in the order written wherever a line says when that was."""
    check_entries([(kept.timestamp_ns, kept.line) for kept in loki.entries()], writer)


def check_entries(entries: Iterable[tuple[int, str]], writer: Writer) -> None:
    """The same of entries by time in nanoseconds and line."""
    found = sorted(entries, key=lambda entry: entry[0])
    assert sorted(line for _, line in found) == sorted(writer.lines)
    place = {line: number for number, line in enumerate(writer.lines)}
    milliseconds = [(time_ns // 1_000_000, place[line]) for time_ns, line in found if '"ts"' in line]
    assert [moment for moment, _ in milliseconds] == [moment for moment, _ in sorted(milliseconds)]
