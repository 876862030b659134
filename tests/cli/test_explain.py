"""`explain --format json`: the object of the contract for every line, and calls on the lines that complete them."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tailer.cli.plain import rfc3339
from tests.cli.offline import ANSWERED, ASKED, CALL, FAILURE, NO_RESPONSE, NOISE, objects, run_explain, write
from tests.reading.lines import BODY, REQUEST, TIME, TIME_NS, USAGE

Capture = pytest.CaptureFixture[str]


def explain(capsys: Capture, path: str, *flags: str, status: int = 0) -> list[dict[str, Any]]:
    assert run_explain(path, "--format", "json", *flags) == status
    return objects(capsys.readouterr().out)


def test_a_call_is_the_object_of_the_contract(tmp_path: Path, capsys: Capture) -> None:
    """Every key, in the order of the contract, with the headers' limits; counts that are not there are 0."""
    headers = {
        "x-ratelimit-limit-requests": "10000",
        "x-ratelimit-remaining-requests": "9998",
        "x-ratelimit-reset-requests": "12ms",
        "x-ratelimit-limit-tokens": "2000000",
        "x-ratelimit-remaining-tokens": "1998322",
        "x-ratelimit-reset-tokens": "50ms",
    }
    (line,) = explain(capsys, write(tmp_path / "a.log", [CALL | {"headers": headers}]))
    limits = {
        "limit_requests": 10000,
        "remaining_requests": 9998,
        "reset_requests_seconds": 0.012,
        "limit_tokens": 2000000,
        "remaining_tokens": 1998322,
        "reset_tokens_seconds": 0.05,
    }
    call = {
        "provider": "openai",
        "model": "gpt-4o-2024-08-06",
        "request_model": "gpt-4o",
        "operation": "chat",
        "status": "success",
        "error_type": None,
        "input_tokens": 1523,
        "output_tokens": 212,
        "cached_input_tokens": 1024,
        "cache_write_tokens": 0,
        "reasoning_tokens": 0,
        "duration_seconds": 1.843,
        "time_to_first_token_seconds": None,
        "timestamp": TIME,
        "request_id": "req_1",
        "stream": False,
        "service_tier": "default",
        "cost_usd": 0.0046475,
        "cost_source": "estimated",
        "rate_limit": limits,
    }
    expected = {
        "line": 1,
        "outcome": "call",
        "wrapper": "request_response",
        "parser": "openai_chat",
        "warnings": [],
        "calls": [call],
    }
    assert line == expected
    assert list(line) == list(expected)
    (told,) = line["calls"]
    assert list(told) == list(call)
    assert list(told["rate_limit"]) == list(limits)


def test_every_line_has_its_object_and_its_outcome(tmp_path: Path, capsys: Capture) -> None:
    """In order, whatever it holds; a last line without a newline counts."""
    bad_usage = {"ts": TIME, "response": {**BODY, "usage": {**USAGE, "prompt_tokens": "many"}}}
    path = tmp_path / "a.log"
    write(path, [CALL, NO_RESPONSE, NOISE, "Traceback", bad_usage, "", "x" * 400_000, "[1]"])
    path.write_bytes(path.read_bytes() + b'{"unfinished":')
    lines = explain(capsys, str(path), "--max-line-bytes", "300000")
    outcomes = ["call", "part", "not_llm", "bad_json", "bad_usage", "empty", "oversize", "not_llm", "bad_json"]
    assert [line["outcome"] for line in lines] == outcomes
    assert [line["line"] for line in lines] == list(range(1, 10))


def test_what_is_unknown_is_null(tmp_path: Path, capsys: Capture) -> None:
    """A failure has no counts, no cost, no limits; the model is the one asked for."""
    (line,) = explain(capsys, write(tmp_path / "a.log", [FAILURE]))
    (call,) = line["calls"]
    assert {key for key, value in call.items() if value is None} == {
        "input_tokens", "output_tokens", "cached_input_tokens", "cache_write_tokens", "reasoning_tokens",
        "duration_seconds", "time_to_first_token_seconds", "request_id", "service_tier", "cost_usd", "cost_source",
    }  # fmt: skip
    assert (call["model"], call["status"], call["error_type"]) == ("gpt-4o", "error", "rate_limit")
    assert call["rate_limit"] == {}


def test_a_joined_call_is_on_the_line_that_completes_it(tmp_path: Path, capsys: Capture) -> None:
    """Once, with the times of all its lines."""
    lines = explain(capsys, write(tmp_path / "a.log", [ASKED, ANSWERED[0], NOISE, *ANSWERED[1:], CALL]))
    assert [len(line["calls"]) for line in lines] == [0, 0, 0, 0, 1, 1]
    call = lines[4]["calls"][0]
    assert (call["input_tokens"], call["duration_seconds"], call["time_to_first_token_seconds"]) == (1523, 2.0, 2.0)
    assert (call["request_id"], call["stream"], call["request_model"]) == ("req_2", True, "gpt-4o")


def test_what_is_open_at_the_end_is_closed_on_the_last_line(tmp_path: Path, capsys: Capture) -> None:
    """With a word on why it has no counts."""
    lines = explain(capsys, write(tmp_path / "a.log", [NO_RESPONSE, ASKED, ANSWERED[0], NOISE]))
    assert [len(line["calls"]) for line in lines] == [0, 0, 0, 2]
    assert lines[3]["outcome"] == "not_llm"
    assert lines[3]["warnings"] == ["no token counts: no_response", "no token counts: stream_interrupted"]


def test_a_fault_is_told_where_it_is_and_with_the_joined_call(tmp_path: Path, capsys: Capture) -> None:
    """The usage that cannot be believed is on the last chunk; the call is there all the same."""
    broken = {"ts": TIME, "request_id": "req_2", "response": {**BODY, "usage": {**USAGE, "completion_tokens": -1}}}
    lines = explain(capsys, write(tmp_path / "a.log", [ASKED, broken]))
    assert lines[0]["warnings"] == []
    assert sum("usage.completion_tokens" in warning for warning in lines[1]["warnings"]) == 1


def test_prices_dimensions_and_fields_are_those_of_the_configuration(tmp_path: Path, capsys: Capture) -> None:
    """A price of one's own, a reported cost, and a body where no name would find it."""
    config = tmp_path / "tail.yaml"
    config.write_text(f"fields: {{response: x.deep.answer}}\nprices: [{tmp_path}/own.csv]\n")
    (tmp_path / "own.csv").write_text("model,price_prompt,price_competition\nhouse-*,0.001,0.002\n")
    answer = {**BODY, "model": "house-7b"}
    path = write(tmp_path / "a.log", [{"x": {"deep": {"answer": answer}}}, {"cost_usd": 0.5, "x.deep.answer": answer}])
    assert explain(capsys, path)[0]["outcome"] == "not_llm"
    lines = explain(capsys, path, "--config", str(config))
    costs = [(call["cost_usd"], call["cost_source"]) for line in lines for call in line["calls"]]
    assert costs == [((1523 * 1 + 212 * 2) / 1e6, "estimated"), (0.5, "reported")]


def test_gzip_and_standard_input_are_read_alike(tmp_path: Path, capsys: Capture) -> None:
    """Without FILE and with -."""
    path = tmp_path / "a.log"
    write(path, [CALL, ASKED, *ANSWERED])
    plain = explain(capsys, str(path))
    (tmp_path / "a.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert explain(capsys, str(tmp_path / "a.gz")) == plain
    for arguments in ([], ["-"]):
        command = [sys.executable, "-m", "tailer", "explain", "--format", "json", *arguments]
        done = subprocess.run(command, input=path.read_bytes(), capture_output=True, check=True)
        assert objects(done.stdout.decode()) == plain


def test_a_missing_file_is_exit_1_and_a_faulty_configuration_exit_2(tmp_path: Path, capsys: Capture) -> None:
    """Each with its path, on stderr."""
    assert explain(capsys, str(tmp_path / "nope.log"), status=1) == []
    assert run_explain(str(tmp_path / "nope.log")) == 1
    assert f"{tmp_path}/nope.log: No such file or directory" in capsys.readouterr().err
    assert run_explain("--dimension", "x") == 2
    assert "--dimension" in capsys.readouterr().err


def test_an_empty_input_gives_nothing(tmp_path: Path, capsys: Capture) -> None:
    assert explain(capsys, write(tmp_path / "a.log", [])) == []


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (TIME_NS, TIME),
        (TIME_NS - 123_000_000, "2026-11-20T17:00:07.000Z"),
        (TIME_NS + 4_000, "2026-11-20T17:00:07.123004Z"),
        (TIME_NS + 5, "2026-11-20T17:00:07.123000005Z"),
    ],
)
def test_times_have_milliseconds_and_more_only_where_the_log_has(ns: int, text: str) -> None:
    assert rfc3339(ns) == text


def test_requests_with_a_model_only_are_no_call(tmp_path: Path, capsys: Capture) -> None:
    """The same request twice under one id is one open call each, told at the end."""
    lines = explain(capsys, write(tmp_path / "a.log", [{"request_id": "r", "request": REQUEST}] * 2))
    assert [len(line["calls"]) for line in lines] == [0, 2]
