"""`reconcile` as a command: what it refuses, with every fault at once; its exit status; the ledger instead of logs."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from parsers.base import Call
from tailer.__main__ import main
from tailer.cli import bill_files, report
from tailer.config import Limits
from tailer.meter.ledger import Cost, Ledger
from tailer.statedir import Snapshot, StateDirectory, encoded
from tests.cli.bills import (
    Capture,
    anthropic_cost,
    anthropic_page,
    causes,
    faults,
    openai_cost,
    openai_page,
    openai_usage,
    rows,
    run_reconcile,
    save,
    told,
)
from tests.cli.offline import demo_lines, run_command, write
from tests.cli.test_report_by_hand import GPT

DAY = "2026-11-20"
MODEL = "gpt-4o-2024-08-06"
LOG = [{"ts": f"{DAY}T10:00:00Z", "response": GPT}]


@pytest.fixture
def log(tmp_path: Path) -> str:
    return write(tmp_path / "app.log", LOG)


@pytest.fixture
def bill(tmp_path: Path) -> str:
    return save(tmp_path / "bill.json", openai_page({DAY: [openai_cost(0.00325, f"{MODEL}, input")]}))


def test_the_command_is_there_and_says_what_it_takes(log: str, bill: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["reconcile", "--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    for flag in (
        "--bill FILE",
        "--bill-format",
        "--state-dir DIR",
        "--map BILLED=SEEN",
        "--tolerance",
        "--from",
        "UTC",
    ):
        assert flag in text
    assert main(["reconcile", log, "--bill", bill, "--tolerance", "0%"]) == 0


def test_what_was_seen_comes_from_logs_or_from_a_ledger(log: str, bill: str, tmp_path: Path, capsys: Capture) -> None:
    assert "give one of them" in faults(capsys, log, "--state-dir", str(tmp_path), "--bill", bill)
    assert "expected LOG files, or --state-dir DIR" in faults(capsys, "--bill", bill)
    assert "expected a checkpoint, found none" in faults(capsys, "--state-dir", str(tmp_path), "--bill", bill)
    assert run_reconcile(log, str(tmp_path / "none.log"), "--bill", bill) == 1
    assert "none.log: No such file" in capsys.readouterr().err


def test_a_ledger_in_use_is_compared_in_totals(tmp_path: Path, capsys: Capture) -> None:
    """Its process keeps its lock; all days of the bill are one."""
    ledger = Ledger(Limits(), ("team",))
    call = Call(provider="openai", operation="chat", model=MODEL, input_tokens=1000, output_tokens=100)
    details = {"cached_input": 200}
    ledger.add(call._replace(details=details), ("a",), Cost(3_250_000_000, "estimated"), None, 0)
    ledger.add(call._replace(details=details), ("b",), Cost(500_000_000_000, "reported"), None, 0)
    ledger.add(call._replace(model="house-llm"), ("b",), None, None, 0)
    ledger.add(Call(provider="openai", model=MODEL), ("b",), None, "stream_without_usage", 0)
    ledger.add(call._replace(provider="anthropic"), ("b",), Cost(7, "estimated"), None, 0)
    directory = StateDirectory(str(tmp_path / "state"))
    directory.write(encoded(msgspec.json.encode(Snapshot(ledger=ledger.dump()))))
    days = {
        day: [openai_cost(1, f"{MODEL}, input"), openai_usage(MODEL, 1000, 100, 50, 2)] for day in ("2026-11-01", DAY)
    }
    bill = save(tmp_path / "b.json", openai_page(days))
    found = told(capsys, "--state-dir", directory.path, "--bill", bill)
    directory.close()
    row = rows(found)["all", MODEL]
    assert (row["calls_seen"], row["calls_billed"]) == (3, 4)
    assert (row["input_tokens_seen"], row["input_tokens_billed"]) == (2000, 2000)
    assert (row["cached_input_tokens_seen"], row["output_tokens_seen"]) == (400, 200)
    assert (row["cost_usd_seen"], row["cost_usd_billed"]) == (0.50325, 2)
    assert (causes(found)["unpriced"]["calls"], causes(found)["unpriced"]["tokens"]) == (1, 1100)
    assert causes(found)["missing_usage"]["calls"] == 1
    assert causes(found)["other_provider"]["calls"] == 1
    assert "totals only" in found["notes"][0]


def test_a_damaged_checkpoint_is_neither_read_nor_moved(bill: str, tmp_path: Path, capsys: Capture) -> None:
    """Nor is an older one taken for it."""
    directory = StateDirectory(str(tmp_path / "state"))
    for _ in range(2):
        directory.write(encoded(msgspec.json.encode(Snapshot())))
    directory.close()
    newest = tmp_path / "state" / "checkpoint"
    newest.write_bytes(newest.read_bytes()[:-1])
    before = {path.name: path.read_bytes() for path in newest.parent.iterdir()}
    assert "checkpoint is damaged" in faults(capsys, "--state-dir", directory.path, "--bill", bill)
    assert {path.name: path.read_bytes() for path in newest.parent.iterdir()} == before
    newest.unlink()
    assert run_reconcile("--state-dir", directory.path, "--bill", bill) == 0


def test_the_ledger_of_a_run_says_what_its_logs_say(tmp_path: Path, capsys: Capture) -> None:
    """The same totals both ways, for the sample application."""
    log, state = write(tmp_path / "app.log", demo_lines(200)), str(tmp_path / "state")
    command = [sys.executable, "-m", "tailer", "run", "--once", "--listen", "127.0.0.1:0", "--state-dir", state, log]
    subprocess.run(command, check=True, capture_output=True)
    assert run_command(report, [log, "--by", "day,provider,model", "--format", "csv"]) == 0
    bill = tmp_path / "bill.csv"
    bill.write_text(capsys.readouterr().out)
    by_day, in_all = told(capsys, log, "--bill", str(bill)), told(capsys, "--state-dir", state, "--bill", str(bill))
    assert in_all["total"] == by_day["total"]
    assert in_all["total"]["cost_usd_difference"] == 0
    assert {row["day"] for row in in_all["rows"]} == {"all"}


@pytest.mark.parametrize(
    ("held", "what"),
    [(b"", "an empty file"), (b" \n", "an empty file"), (b"\n<!DOCTYPE html><html>401 Unauthorized", "a page: ")],
)
def test_what_is_no_export_at_all_is_told_in_words(
    log: str, tmp_path: Path, capsys: Capture, held: bytes, what: str
) -> None:
    """As a download that failed leaves it, also gzipped on the way."""
    (tmp_path / "b.json").write_bytes(held)
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(held))
    told = faults(capsys, log, "--bill", str(tmp_path / "b.json"), "--bill", str(tmp_path / "b.json.gz"))
    assert told.count(f"expected an export in JSON or CSV, got {what}") == 2


def test_all_faults_of_all_files_are_told_at_once(log: str, tmp_path: Path, capsys: Capture) -> None:
    page = openai_page(
        {
            DAY: [
                openai_cost(1, "a, input") | {"amount": {"value": 1, "currency": "eur"}},
                openai_cost(None, "a, input"),
                openai_cost("NaN", "a, input"),
                openai_cost(True, "a, input"),
                {"object": "organization.surprise"},
                openai_usage("a", -1, 0, 0, 1),
                "text",  # type: ignore[list-item]
            ]
        }
    )
    page["data"][0]["results"].append(openai_usage("a", 1, 0, 0, 1) | {"input_cached_tokens": "many"})  # type: ignore[index]
    wide = openai_page({DAY: []})
    wide["data"][0]["end_time"] += 1  # type: ignore[index]
    files = {
        "a.json": page,
        "b.json": wide,
        "c.json": {"data": [{"since": 1}]},
        "d.json": anthropic_page({DAY: [anthropic_cost("1", "m") | {"currency": "GBP"}, {"model": "m"}]}),
        "e.json": {"data": 1},
    }
    flags = [flag for name, value in files.items() for flag in ("--bill", save(tmp_path / name, value))]
    (tmp_path / "f.json").write_text('{"data": [')
    (tmp_path / "g.csv").write_text("who,what\n1,2\n")
    (tmp_path / "h.csv").write_text("day,model,calls\n2026-11-20,a\nyesterday,a,1\n2026-11-20,,1\n2026-11-20,a,1.5\n")
    (tmp_path / "i.csv").write_text("day,model,cost,currency\n2026-11-20,a,1,EUR\n2026-11-20,a,1,\n")
    (tmp_path / "j.gz").write_bytes(gzip.compress(b"{}")[:-4])
    for name in ("f.json", "g.csv", "h.csv", "i.csv", "j.gz", "none.json"):
        flags += ["--bill", str(tmp_path / name)]
    text = faults(capsys, log, *flags)
    for expected in (
        "a.json.data[0].results[0].amount.currency: expected USD",
        "a.json.data[0].results[1].amount.value: expected an amount of money, got nothing",
        "a.json.data[0].results[2].amount.value: expected an amount of money, got 'NaN'",
        "a.json.data[0].results[3].amount.value: expected an amount of money, got True",
        "a.json.data[0].results[4].object: expected organization.costs.result or organization.usage",
        "a.json.data[0].results[5].input_tokens: expected a count, got -1",
        "a.json.data[0].results[6]: expected an object, got 'text'",
        "a.json.data[0].results[7].input_cached_tokens: expected a count, got 'many'",
        "b.json.data[0]: expected a span within one UTC day",
        "c.json.data[0]: expected buckets of OpenAI (start_time",
        "d.json.data[0].results[0].currency: expected USD",
        "d.json.data[0].results[1]: expected amount (cost_report) or uncached_input_tokens",
        "e.json.data: expected a list, got 1",
        "f.json: expected JSON, or JSON on each line",
        "g.csv:1: expected columns of an AWS Cost and Usage Report",
        "h.csv:2: expected as many as columns, got '2 fields'",
        "h.csv:3.day: expected a time such as",
        "h.csv:4.model: expected a model's name",
        "h.csv:5.calls: expected a count, got '1.5'",
        "i.csv:2.currency: expected USD",
        "i.csv:3.currency: expected USD",
        "j.gz: expected a whole gzip file",
        "none.json: No such file or directory",
    ):
        assert expected in text


def test_a_page_given_twice_is_refused(log: str, bill: str, tmp_path: Path, capsys: Capture) -> None:
    again = tmp_path / "again.json"
    again.write_bytes(Path(bill).read_bytes())
    assert "again.json.data[0]: the same as" in faults(capsys, log, "--bill", bill, "--bill", str(again))
    plain, copy = tmp_path / "plain.csv", tmp_path / "copy.csv"
    for path in (plain, copy):
        path.write_text(f"day,model,cost_usd\n{DAY},a,1\n")
    assert "copy.csv: the same as" in faults(capsys, log, "--bill", str(plain), "--bill", str(copy))
    twice = save(tmp_path / "twice.json", [json.loads(Path(bill).read_text())] * 2)
    assert "twice.json[1].data[0]: the same as" in faults(capsys, log, "--bill", twice)
    assert run_reconcile(log, "--bill", bill, "--bill", bill) == 0


def test_a_bill_without_end_is_not_taken_into_memory(
    log: str, bill: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "bill.csv"
    table.write_text(f"day,model,cost_usd\n{DAY},{'a' * 50},1\n")
    monkeypatch.setattr(bill_files, "MAX_LINE_CHARS", 40)
    assert "bill.csv: expected CSV: a line of more than 40 characters" in faults(capsys, log, "--bill", str(table))
    monkeypatch.setattr(bill_files, "MAX_CHARS", 40)
    assert "bill.json: expected at most 40 characters" in faults(capsys, log, "--bill", bill)


def test_a_format_that_is_insisted_on(log: str, bill: str, capsys: Capture) -> None:
    assert run_reconcile(log, "--bill", bill, "--bill-format", "openai") == 0
    capsys.readouterr()
    assert "expected a bucket of anthropic" in faults(capsys, log, "--bill", bill, "--bill-format", "anthropic")
    assert "expected columns of aws_cur" in faults(capsys, log, "--bill", bill, "--bill-format", "aws_cur")


def test_a_bill_without_a_day_to_compare_is_refused(log: str, bill: str, tmp_path: Path, capsys: Capture) -> None:
    empty = save(tmp_path / "empty.json", openai_page({}))
    assert "expected at least one day" in faults(capsys, log, "--bill", empty)
    assert "no day of the bill is left" in faults(capsys, log, "--bill", bill, "--from", "2026-12-01")


@pytest.mark.parametrize("flags", [["--tolerance", "some"], ["--from", "today"], ["--tolerance", "-1"]])
def test_bad_values_of_options_end_with_2(log: str, bill: str, flags: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["reconcile", log, "--bill", bill, *flags])
    assert stopped.value.code == 2
