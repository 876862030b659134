"""tokentail's own metrics and its own log: complete from the start, kept over a restart, silent about content."""

from __future__ import annotations

import io
import json

import msgspec
import pytest
import structlog

from tailer.tally import SavedTally
from tailer.telemetry import Telemetry, configure_log
from tests.meter.exposed import promtool, samples, text

CONTRACT = {
    "tokentail_lines_total",
    "tokentail_read_bytes_total",
    "tokentail_lost_bytes_total",
    "tokentail_loki_entries_total",
    "tokentail_series_overflow_total",
    "tokentail_loki_push_seconds_bucket",
    "tokentail_loki_push_seconds_sum",
    "tokentail_loki_push_seconds_count",
}


def test_what_can_happen_is_at_zero_before_it_happens() -> None:
    read = samples(Telemetry().families())
    assert {name for name, _ in read} >= CONTRACT
    assert set(read.values()) == {0}


def test_its_numbers_go_on_after_a_restart() -> None:
    before = Telemetry()
    before.add("tokentail_lines_total", 3, "call")
    before.add("tokentail_loki_retries_total", 1, "429")
    before.observe("tokentail_loki_push_seconds", 0.02)
    after = Telemetry()
    saved = msgspec.json.decode(msgspec.json.encode(before.dump()), type=SavedTally)
    assert after.load(saved) == []
    assert samples(after.families()) == samples(before.families())
    assert promtool(text(after.families())) == ""


def test_a_name_nobody_declared_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError):
        Telemetry().add("tokentail_surprise_total")


@pytest.mark.parametrize("form", ["console", "json", "auto"])
def test_a_traceback_in_the_log_shows_no_local_variable(form: str) -> None:
    """What a function holds while it fails may be somebody's prompt."""
    stream = io.StringIO()
    configure_log("info", form, stream)
    try:
        prompt = "tell me " + "a secret"
        try:
            _ = len(prompt) // 0
        except ZeroDivisionError:
            structlog.get_logger("t").exception("it_failed")
        structlog.get_logger("t").debug("not_shown")
    finally:
        structlog.reset_defaults()
    said = stream.getvalue()
    assert "ZeroDivisionError" in said
    assert "a secret" not in said.replace('"tell me " + "a secret"', "")
    assert "not_shown" not in said
    if form != "console":
        assert json.loads(said)["event"] == "it_failed"
