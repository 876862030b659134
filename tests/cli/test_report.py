"""`report`: its three forms, its keys, its order, and what it says of what it cannot bill."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.offline import (
    ANSWERED,
    ASKED,
    CALL,
    FAILURE,
    NO_RESPONSE,
    NOISE,
    UNPRICED,
    demo_lines,
    run_report,
    write,
)
from tests.demo_totals import totals
from tests.reading.lines import BODY, REQUEST, TIME

Capture = pytest.CaptureFixture[str]
COUNTS = [
    "calls", "errors", "input_tokens", "output_tokens", "cached_input_tokens", "cache_write_tokens",
    "reasoning_tokens", "cost_usd", "unpriced_calls",
]  # fmt: skip


def bill(capsys: Capture, *argv: str, status: int = 0) -> dict[str, Any]:
    assert run_report(*argv, "--format", "json") == status
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_json_has_rows_and_a_total_of_the_contract(tmp_path: Path, capsys: Capture) -> None:
    """The dearest row first; the keys in the order of the contract."""
    found = bill(capsys, write(tmp_path / "a.log", [FAILURE, CALL, UNPRICED, NOISE, CALL | {"request_id": "b"}]))
    assert list(found) == ["rows", "total"]
    assert all(list(row) == ["provider", "model", *COUNTS] for row in found["rows"])
    assert [tuple(row.values()) for row in found["rows"]] == [
        ("openai", "gpt-4o-2024-08-06", 2, 0, 3046, 424, 2048, 0, 0, 0.009295, 0),
        ("openai", "gpt-4o", 1, 1, 0, 0, 0, 0, 0, 0, 0),
        ("vllm", "house-llm-7b", 1, 0, 1523, 212, 1024, 0, 0, 0, 1),
    ]
    assert found["total"] == dict(zip(COUNTS, (4, 1, 4569, 636, 3072, 0, 0, 0.009295, 1), strict=True))


def test_csv_has_the_same_rows_and_exact_costs(tmp_path: Path, capsys: Capture) -> None:
    """A line of names and no total, so that a column can be summed."""
    path = write(tmp_path / "a.log", demo_lines(60))
    rows = bill(capsys, path)["rows"]
    assert run_report(path, "--format", "csv") == 0
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [list(row) for row in table] == [["provider", "model", *COUNTS]] * len(rows)
    assert [float(row["cost_usd"]) for row in table] == [row["cost_usd"] for row in rows]
    assert [int(row["calls"]) for row in table] == [row["calls"] for row in rows]


def test_text_is_a_table_with_a_total_and_what_it_does_not_hold(tmp_path: Path, capsys: Capture) -> None:
    """No silent $0: a row without any price has a dash, a sum that lacks something a star."""
    log = [CALL, FAILURE, UNPRICED, NO_RESPONSE, "Traceback", CALL | {"request_id": "b"}]
    assert run_report(write(tmp_path / "a.log", log)) == 0
    assert capsys.readouterr().out.splitlines() == [
        "provider  model              calls  errors  input  output  cached      USD",
        "--------------------------------------------------------------------------",
        "openai    gpt-4o-2024-08-06      2       0  3,046     424   2,048  0.0093",
        "openai    gpt-4o                 2       2      0       0       0       -*",
        "vllm      house-llm-7b           1       0  1,523     212   1,024       -*",
        "--------------------------------------------------------------------------",
        "total                            5       2  4,569     636   3,072  0.0093*",
        "* not in the cost, no price known: 1 call of house-llm-7b at vllm; give one with --prices FILE",
        "* not in tokens and cost, no counts in the log: 1 call (no_response 1)",
        "* lines that could not be read: 1 bad_json; `tokentail explain FILE` tells why",
    ]


def test_what_a_program_does_not_see_in_the_rows_is_told_on_stderr(tmp_path: Path, capsys: Capture) -> None:
    """Standard output stays JSON."""
    assert run_report(write(tmp_path / "a.log", [UNPRICED, "Traceback"]), "--format", "json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["total"]["unpriced_calls"] == 1
    assert "house-llm-7b at vllm" in err
    assert "1 bad_json" in err


def test_rows_by_any_keys_have_the_same_total(tmp_path: Path, capsys: Capture) -> None:
    """Commas, repetition, dimensions; a line without the dimension is under the empty name."""
    path = write(tmp_path / "a.log", demo_lines(60))
    flags = ("--dimension", "tenant=tenant")
    total = bill(capsys, path)["total"]
    for by in ("provider", "model", "operation", "day", "hour", "tenant", "tenant,day", "hour,provider,model"):
        found = bill(capsys, path, "--by", by, *flags)
        assert found["total"] == total
        assert sum(row["input_tokens"] for row in found["rows"]) == total["input_tokens"]
        assert all(list(row)[:-9] == by.split(",") for row in found["rows"])
    repeated = bill(capsys, path, "--by", "tenant", "--by", "day", *flags)
    assert repeated == bill(capsys, path, "--by", "tenant,day", *flags)
    assert {row["tenant"] for row in repeated["rows"]} == {"", "acme", "globex", "initech"}


def test_days_and_hours_are_utc_and_in_order(tmp_path: Path, capsys: Capture) -> None:
    """By the time of the call; a call without one is under `unknown`, last."""
    untimed = {key: value for key, value in BODY.items() if key != "created"}
    times = ["2026-11-21T00:30:00+02:00", "2026-11-20T23:59:59.999Z", "2026-11-21T00:00:00Z"]
    log = [CALL | {"ts": time, "request_id": time} for time in times] + [{"response": untimed}]
    path = write(tmp_path / "a.log", log)
    days = [(row["day"], row["calls"]) for row in bill(capsys, path, "--by", "day")["rows"]]
    assert days == [("2026-11-20", 2), ("2026-11-21", 1), ("unknown", 1)]
    hours = [row["hour"] for row in bill(capsys, path, "--by", "hour")["rows"]]
    assert hours == ["2026-11-20T22:00Z", "2026-11-20T23:00Z", "2026-11-21T00:00Z", "unknown"]


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("modle", "got 'modle', expected provider, model, operation, day, hour or a dimension (team, calls, day)"),
        ("modle", "did you mean model?"),
        ("", "got ''"),
        ("calls", "a dimension under another name"),
        ("day", "a dimension under another name"),
        ("errors", "got 'errors', expected"),
    ],
)
def test_a_bad_key_is_exit_2_with_the_choices(by: str, told: str, tmp_path: Path, capsys: Capture) -> None:
    flags = [f"--dimension={name}={name}" for name in ("team", "calls", "day")]
    assert run_report(write(tmp_path / "a.log", [CALL]), "--by", by, *flags) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tokentail: --by: got ")
    assert told in err


def test_a_call_that_spans_a_rotation_is_one_call_whatever_the_order_of_the_names(
    tmp_path: Path, capsys: Capture
) -> None:
    """`app.log*` names the newest file first; links and repeated names count once."""
    write(tmp_path / "app.log", [ANSWERED[1], ANSWERED[2], CALL])
    (tmp_path / "app.log.2.gz").write_bytes(
        gzip.compress(json.dumps(FAILURE | {"ts": "2026-11-19T00:00:00Z"}).encode())
    )
    write(tmp_path / "app.log.1", [ASKED, ANSWERED[0]])
    os.link(tmp_path / "app.log", tmp_path / "app.log.hard")
    found = bill(capsys, str(tmp_path / "app.log*"), str(tmp_path / "app.log"))
    assert (found["total"]["calls"], found["total"]["errors"], found["total"]["input_tokens"]) == (3, 1, 3046)


def test_what_cannot_be_read_is_named_and_the_rest_billed(tmp_path: Path, capsys: Capture) -> None:
    """Missing, a directory, cut off: exit 1, with the lines before the damage."""
    whole = write(tmp_path / "a.log", [CALL])
    packed = gzip.compress(b"".join(json.dumps({"response": BODY}).encode() + b"\n" for _ in range(5000)))
    (tmp_path / "b.gz").write_bytes(packed[:-100])
    missing = [str(tmp_path / "nope.log"), str(tmp_path / "no*.log"), str(tmp_path)]
    assert run_report(*missing, whole, str(tmp_path / "b.gz"), "--format", "json") == 1
    out, err = capsys.readouterr()
    assert 1 < json.loads(out)["total"]["calls"] <= 5001
    for path in missing:
        assert f"{path}: " in err
    assert "b.gz: cut off" in err


def test_standard_input_is_a_file_too_and_a_closed_reader_no_error(tmp_path: Path) -> None:
    """`zcat app.log.gz | tokentail report - | head -1`."""
    lines = demo_lines(20)
    command = [sys.executable, "-m", "tailer", "report", "-", "--format", "json"]
    packed = gzip.compress("\n".join(lines).encode())
    done = subprocess.run(command, input=packed, capture_output=True, check=True)
    expected = totals(lines)
    assert json.loads(done.stdout)["total"]["calls"] == expected.calls
    assert done.stderr == b"" or b"*" in done.stderr
    piped = f"{sys.executable} -m tailer report {write(tmp_path / 'a.log', lines)} --by day,model | head -1"
    closed = subprocess.run(["bash", "-o", "pipefail", "-c", piped], capture_output=True, check=True)
    assert closed.stderr == b""


def test_an_empty_file_is_a_bill_of_nothing(tmp_path: Path, capsys: Capture) -> None:
    path = write(tmp_path / "a.log", [])
    assert bill(capsys, path) == {"rows": [], "total": dict.fromkeys(COUNTS, 0)}
    assert run_report(path) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["total", *["0"] * 4, "0.00"]


def test_a_request_alone_is_an_open_call_that_is_closed_at_the_end(tmp_path: Path, capsys: Capture) -> None:
    """As `run --once` does."""
    found = bill(capsys, write(tmp_path / "a.log", [{"ts": TIME, "request_id": "r", "request": REQUEST}]))
    assert (found["total"]["calls"], found["total"]["errors"]) == (1, 1)
