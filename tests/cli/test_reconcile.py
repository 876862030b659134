"""`reconcile`: both sides worked out by hand from published prices, for OpenAI's and Anthropic's exports."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from tests.cli.bills import (
    Capture,
    anthropic_cost,
    anthropic_page,
    anthropic_usage,
    causes,
    openai_cost,
    openai_page,
    openai_usage,
    rows,
    run_reconcile,
    save,
    told,
)
from tests.cli.offline import write
from tests.cli.test_report_by_hand import CLAUDE, GPT, chat

LOG = [
    {"ts": "2026-11-20T23:59:59.999999999Z", "response": GPT},
    {"ts": "2026-11-21T00:30:00+02:00", "response": GPT | {"id": "c-2"}},  # half past ten in the evening, UTC
    {"ts": "2026-11-21T00:00:00Z", "response": GPT | {"id": "c-3"}},
    {"ts": "2026-11-21T10:00:00Z", "response": CLAUDE},
]
"""Each GPT call: 1000 tokens in, 200 of them cached, 100 out: USD 0.00325. The Claude call: 1600 in, 50 out."""


def test_a_day_is_a_utc_day_and_equal_sides_differ_by_nothing(tmp_path: Path, capsys: Capture) -> None:
    log = write(tmp_path / "app.log", LOG)
    costs = openai_page(
        {
            "2026-11-20": [
                openai_cost("0.00400000000000000000000000000000000000", "gpt-4o-2024-08-06, input"),
                openai_cost(0.0005, "gpt-4o-2024-08-06, cached input"),
                openai_cost(0.002, "gpt-4o-2024-08-06, output"),
            ],
            "2026-11-21": [openai_cost(3.25e-3, "gpt-4o-2024-08-06, input")],
        }
    )
    usage = openai_page(
        {
            "2026-11-20": [openai_usage("gpt-4o-2024-08-06", 2000, 400, 200, 2)],
            "2026-11-21": [openai_usage("gpt-4o-2024-08-06", 1000, 200, 100, 1)],
        }
    )
    bills = ["--bill", save(tmp_path / "costs.json", costs), "--bill", save(tmp_path / "usage.json", usage)]
    found = told(capsys, log, *bills, "--tolerance", "0.00")
    first, second = rows(found)["2026-11-20", "gpt-4o-2024-08-06"], rows(found)["2026-11-21", "gpt-4o-2024-08-06"]
    assert {first[f"calls_{side}"] for side in ("seen", "billed")} == {2}
    assert {first[f"input_tokens_{side}"] for side in ("seen", "billed")} == {2000}
    assert {first[f"cached_input_tokens_{side}"] for side in ("seen", "billed")} == {400}
    assert {first[f"output_tokens_{side}"] for side in ("seen", "billed")} == {200}
    assert {first[f"cost_usd_{side}"] for side in ("seen", "billed")} == {0.0065}
    assert {second[f"cost_usd_{side}"] for side in ("seen", "billed")} == {0.00325}
    assert found["total"]["cost_usd_difference"] == found["total"]["tokens_difference"] == 0
    assert [cause["cause"] for cause in found["explanations"]] == ["old_prices", "other_provider"][1:]
    assert causes(found)["other_provider"]["cost_usd"] == 0.003225


def test_costs_alone_tell_tokens_by_their_quantity(tmp_path: Path, capsys: Capture) -> None:
    """Lines of a tier and of long inputs are the model's too; what is no model's stands in a row of its own."""
    log = write(tmp_path / "app.log", LOG[:1])
    lines = [
        openai_cost(0.002, "gpt-4o-2024-08-06, input", quantity=800.0),
        openai_cost(0.00025, "gpt-4o-2024-08-06, cached input", quantity=200),
        openai_cost(0.003, "priority | gpt-4o-2024-08-06, output, long context", quantity=300),
        openai_cost(0.5, "web search tool calls", quantity=50),
        openai_cost(0.7, "evals | gpt-4o-2024-08-06, input", quantity=7),
        openai_cost(-0.25, "gpt-4o-audio-preview audio, input", quantity=1),
    ]
    found = told(capsys, log, "--bill", save(tmp_path / "b.json", openai_page({"2026-11-20": lines})))
    row = rows(found)["2026-11-20", "gpt-4o-2024-08-06"]
    assert (row["input_tokens_billed"], row["cached_input_tokens_billed"], row["output_tokens_billed"]) == (
        1000,
        200,
        300,
    )
    assert row["tokens_difference"] == 200
    assert row["cost_usd_difference"] == pytest.approx(0.002)
    assert rows(found)["2026-11-20", "web search tool calls"]["cost_usd_billed"] == 0.5
    assert rows(found)["2026-11-20", "evals | gpt-4o-2024-08-06, input"]["cost_usd_billed"] == 0.7
    audio = rows(found)["2026-11-20", "gpt-4o-audio-preview"]
    assert audio["cost_usd_billed"] == -0.25
    assert audio["input_tokens_billed"] is None
    assert causes(found)["tool"]["cost_usd"] == pytest.approx(1.2)
    assert [abs(row["cost_usd_difference"]) for row in found["rows"]] == pytest.approx([0.7, 0.5, 0.25, 0.002])


def test_anthropic_counts_in_cents_and_tells_input_apart(tmp_path: Path, capsys: Capture) -> None:
    """Input is uncached, read and written together; "0.3225" is a third of a cent."""
    log = write(tmp_path / "app.log", LOG[3:])
    model = "claude-sonnet-4-5-20250929"
    usage = anthropic_page({"2026-11-21": [anthropic_usage(model, 100, 1000, (400, 100), 50)]})
    costs = anthropic_page(
        {
            "2026-11-21": [
                anthropic_cost("0.2475", model),
                anthropic_cost("0.075", model, token_type="output_tokens"),
                anthropic_cost("100", None, cost_type="web_search", description="Web Search Usage"),
            ]
        }
    )
    bills = ["--bill", save(tmp_path / "u.json", usage), "--bill", save(tmp_path / "c.json", costs)]
    found = told(capsys, log, *bills)
    row = rows(found)["2026-11-21", model]
    assert (row["input_tokens_seen"], row["input_tokens_billed"]) == (1600, 1600)
    assert (row["cached_input_tokens_seen"], row["cached_input_tokens_billed"]) == (1000, 1000)
    assert (row["cost_usd_seen"], row["cost_usd_billed"], row["calls_billed"]) == (0.003225, 0.003225, None)
    assert rows(found)["2026-11-21", "Web Search Usage"]["cost_usd_billed"] == 1
    # 100 tokens written for an hour instead of five minutes: at 6 and not 3.75 USD a million
    assert causes(found)["tokens"]["cost_usd"] == pytest.approx(0.000225)
    assert causes(found)["prices"]["cost_usd"] == pytest.approx(-0.000225)


def test_what_is_seen_is_the_same_however_the_bill_is_cut_into_files(tmp_path: Path, capsys: Capture) -> None:
    """Pages in files of their own, in a list, line by line, gzipped: one bill."""
    log = write(tmp_path / "app.log", LOG)
    days = {f"2026-11-{day}": [openai_cost(day, "gpt-4o-2024-08-06, input")] for day in range(18, 24)}
    pages = [openai_page({day: results}, has_more=day != "2026-11-23") for day, results in days.items()]
    whole = save(tmp_path / "whole.json", openai_page(days))
    files = [save(tmp_path / f"page{number}.json", page) for number, page in enumerate(pages)]
    listed = save(tmp_path / "list.json", pages)
    lines = tmp_path / "pages.jsonl"
    lines.write_text("\n".join(map(json.dumps, pages)))
    packed = tmp_path / "whole.json.gz"
    packed.write_bytes(gzip.compress(Path(whole).read_bytes()))
    expected = told(capsys, log, "--bill", whole)
    assert expected["total"]["cost_usd_billed"] == 123
    assert expected["notes"] == []
    for paths in (files[::-1], [listed], [str(lines)], [str(packed)], [str(tmp_path / "page*.json")]):
        assert told(capsys, log, *(flag for path in paths for flag in ("--bill", path))) == expected
    [note] = told(capsys, log, "--bill", files[0])["notes"]
    assert "has_more" in note


def test_days_between_two_exports_are_not_compared(tmp_path: Path, capsys: Capture) -> None:
    """Of a day without a bucket the bill says nothing; a table has a row for each day with a use, so a gap is zero."""
    days = ("2026-11-20", "2026-11-21", "2026-11-22")
    lines = [{"ts": f"{day}T10:00:00Z", "response": GPT | {"id": f"c-{day}"}} for day in days]
    log = write(tmp_path / "app.log", lines)
    ends = openai_page({day: [openai_cost(1, "gpt-4o-2024-08-06, input")] for day in (days[0], days[2])})
    found = told(capsys, log, "--bill", save(tmp_path / "b.json", ends))
    assert sorted(row["day"] for row in found["rows"]) == [days[0], days[2]]
    assert causes(found)["other_days"]["calls"] == 1
    table = tmp_path / "b.csv"
    table.write_text(f"date,model,cost_usd\n{days[0]},gpt-4o-2024-08-06,1\n20261122,gpt-4o-2024-08-06,1\n")
    found = told(capsys, log, "--bill", str(table))
    assert [rows(found)[day, "gpt-4o-2024-08-06"]["cost_usd_billed"] for day in days] == [1, 0, 1]


def test_usage_of_one_endpoint_leaves_the_quantities_of_other_models(tmp_path: Path, capsys: Capture) -> None:
    """The usage of completions has no embeddings: those tokens are told by the costs alone."""
    embedding = {"object": "list", "model": "text-embedding-3-small", "data": [], "usage": {"prompt_tokens": 700}}
    log = write(tmp_path / "app.log", [*LOG[:1], {"ts": "2026-11-20T10:00:00Z", "response": embedding}])
    costs = [
        openai_cost(0.002, "gpt-4o-2024-08-06, input", quantity=1),
        openai_cost(0.000014, "text-embedding-3-small, input", quantity=700),
    ]
    usage = [openai_usage("gpt-4o-2024-08-06", 1000, 200, 100, 1)]
    flags = ["--bill", save(tmp_path / "c.json", openai_page({"2026-11-20": costs}))]
    found = rows(told(capsys, log, *flags, "--bill", save(tmp_path / "u.json", openai_page({"2026-11-20": usage}))))
    assert {row["tokens_difference"] for row in found.values()} == {0}


def test_the_exports_of_openais_dashboard_are_read_too(tmp_path: Path, capsys: Capture) -> None:
    log = write(tmp_path / "app.log", LOG[:1])
    start = 1795132800  # 2026-11-20
    costs = tmp_path / "costs.csv"
    costs.write_text(
        "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id\n"
        f'{start},{start + 86400},,,0.00325,usd,"gpt-4o-2024-08-06, input",proj\n'
        f"{start + 86400},{start + 2 * 86400},,,,,,\n"
    )
    usage = tmp_path / "usage.csv"
    usage.write_text(
        "start_time,end_time,num_model_requests,model,batch,service_tier,input_tokens,output_tokens,input_cached_tokens\n"
        f"{start},{start + 86400},1,gpt-4o-2024-08-06,False,default,1000,100,200\n"
    )
    found = told(capsys, log, "--bill", str(costs), "--bill", str(usage))
    assert found["total"]["cost_usd_difference"] == found["total"]["tokens_difference"] == 0
    assert found["total"]["calls_billed"] == 1


def test_a_total_that_is_too_far_off_makes_the_exit_status_1(tmp_path: Path, capsys: Capture) -> None:
    """Billed USD 0.005 and seen 0.00325: 0.00175 apart, 35 % of the bill."""
    log = write(tmp_path / "app.log", LOG[:1])
    bill = save(tmp_path / "b.json", openai_page({"2026-11-20": [openai_cost(0.005, "gpt-4o-2024-08-06, input")]}))
    for tolerance, status in (("35%", 0), ("34.9%", 1), ("0.00175", 0), ("USD 0.0017", 1), ("0.0017USD", 1)):
        assert run_reconcile(log, "--bill", bill, "--tolerance", tolerance) == status
        assert ("more than" in capsys.readouterr().err) == bool(status)
    assert run_reconcile(log, "--bill", bill) == 0


def test_a_bill_without_money_is_compared_in_tokens(tmp_path: Path, capsys: Capture) -> None:
    log = write(tmp_path / "app.log", LOG[:1])
    bill = save(
        tmp_path / "b.json", openai_page({"2026-11-20": [openai_usage("gpt-4o-2024-08-06", 1100, 200, 100, 1)]})
    )
    found = told(capsys, log, "--bill", bill, "--tolerance", "10%")
    assert (found["total"]["tokens_difference"], found["total"]["cost_usd_billed"]) == (100, None)
    assert run_reconcile(log, "--bill", bill, "--tolerance", "8%") == 1
    assert run_reconcile(log, "--bill", bill, "--tolerance", "1") == 2


def test_csv_is_exact_and_leaves_unknown_cells_empty(tmp_path: Path, capsys: Capture) -> None:
    log = write(tmp_path / "app.log", [{"ts": "2026-11-20T10:00:00Z", "response": chat("gpt-4o-mini", 1, 0)}])
    bill = save(
        tmp_path / "b.json", openai_page({"2026-11-20": [openai_cost("-0.000000000001", "gpt-4o-mini, input")]})
    )
    assert run_reconcile(log, "--bill", bill, "--format", "csv") == 0
    [row] = csv.DictReader(capsys.readouterr().out.splitlines())
    assert (row["cost_usd_seen"], row["cost_usd_billed"]) == ("0.00000015", "-0.000000000001")
    assert (row["cost_usd_difference"], row["calls_billed"]) == ("-0.000000150001", "")


def test_text_has_the_table_its_total_and_the_explanations(tmp_path: Path, capsys: Capture) -> None:
    log = write(tmp_path / "app.log", LOG)
    lines = [openai_cost(0.0075, "gpt-4o-2024-08-06, input"), openai_cost(2, "o3-2025-04-16, output")]
    bill = save(tmp_path / "b.json", openai_page({"2026-11-20": lines, "2026-11-21": []}))
    assert run_reconcile(log, "--bill", bill) == 0
    text = capsys.readouterr().out
    head, names, _, first, second, third, _, total, *rest = text.splitlines()
    assert head.split() == ["USD"]
    assert names.split() == ["day", "(UTC)", "model", "seen", "billed", "tokens", "+/-", "USD", "+/-", "%"]
    assert first.split() == ["2026-11-20", "o3-2025-04-16", "0", "2.0000", "-", "+2.0000", "+100.0"]
    assert second.split() == ["2026-11-21", "gpt-4o-2024-08-06", "0.0032", "0", "-", "-0.0032", "-"]
    assert third.split() == ["2026-11-20", "gpt-4o-2024-08-06", "0.0065", "0.0075", "-", "+0.0010", "+13.3"]
    assert total.split() == ["total", "0.0098", "2.0075", "-", "+1.9978", "+99.5"]
    assert rest[1] == "what would explain the differences (they may overlap):"
    assert rest[2].startswith("- billed and never seen")
    assert rest[2].endswith("o3-2025-04-16 (USD 2.00)")
