"""What would explain a difference: each cause from both sides' own numbers, worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.bills import (
    Capture,
    anthropic_cost,
    anthropic_page,
    causes,
    openai_cost,
    openai_page,
    openai_usage,
    run_reconcile,
    save,
    told,
)
from tests.cli.offline import write
from tests.cli.test_report_by_hand import CLAUDE, CLAUDE_USAGE, GPT, chat

DAY = "2026-11-05"
"""Not after the date of the price table."""
MODEL = "gpt-4o-2024-08-06"


def line(response: object, time: str = "10:00:00Z", **more: object) -> dict[str, object]:
    return {"ts": f"{DAY}T{time}", "response": response, **more}


def bill(tmp_path: Path, *results: dict[str, object], day: str = DAY) -> list[str]:
    """The flags for a bill of OpenAI, costs and usage in files of their own."""
    costs = [one for one in results if "amount" in one]
    usage = [one for one in results if "amount" not in one]
    flags = ["--bill", save(tmp_path / "costs.json", openai_page({day: costs}))]
    return [*flags, "--bill", save(tmp_path / "usage.json", openai_page({day: usage}))] if usage else flags


def test_equal_sides_need_no_explanation(tmp_path: Path, capsys: Capture) -> None:
    log = write(tmp_path / "app.log", [line(GPT)])
    flags = bill(tmp_path, openai_cost(0.00325, f"{MODEL}, input"), openai_usage(MODEL, 1000, 200, 100, 1))
    assert told(capsys, log, *flags)["explanations"] == []


def test_more_tokens_and_other_prices_are_told_apart(tmp_path: Path, capsys: Capture) -> None:
    """Billed twice the tokens, at 10 % off: 0.0065 by the table, 0.00585 billed, 0.00325 seen."""
    log = write(tmp_path / "app.log", [line(GPT)])
    flags = bill(tmp_path, openai_cost(0.00585, f"{MODEL}, input"), openai_usage(MODEL, 2000, 400, 200, 2))
    found = causes(told(capsys, log, *flags))
    assert (found["tokens"]["cost_usd"], found["tokens"]["tokens"], found["tokens"]["certain"]) == (0.00325, 1100, True)
    assert found["prices"]["cost_usd"] == pytest.approx(-0.00065)
    # The 1000 tokens more are 200 cached ones: each 1.25 millionths less than fresh.
    assert (found["cached_input"]["tokens"], found["cached_input"]["cost_usd"]) == (200, -0.00025)


def test_tokens_of_a_tier_that_one_side_alone_has(tmp_path: Path, capsys: Capture) -> None:
    """A batch pays 1.25 for a million in, cached or not, and 5 out: USD 0.00325 becomes 0.00175."""
    log = write(tmp_path / "app.log", [line(GPT)])
    flags = bill(tmp_path, openai_cost(0.00175, f"{MODEL}, input"), openai_usage(MODEL, 1000, 200, 100, 1, batch=True))
    found = causes(told(capsys, log, *flags))
    assert found["tier"]["text"].startswith("tier batch: 1,100 tokens billed, 0 seen in it")
    assert found["tier"]["cost_usd"] == found["tokens"]["cost_usd"] == -0.0015
    assert "prices" not in found
    write(Path(log), [line({**GPT, "service_tier": "flex"})])
    flags = bill(tmp_path, openai_cost(0.00175, f"{MODEL}, input"))
    found = causes(told(capsys, log, *flags))
    assert (found["tier"]["calls"], found["tier"]["tokens"], found["tier"]["cost_usd"]) == (1, 1100, None)


def test_a_tier_of_which_as_much_was_seen_as_billed_explains_nothing(tmp_path: Path, capsys: Capture) -> None:
    log = write(tmp_path / "app.log", [line({**GPT, "service_tier": "batch"})])
    flags = bill(tmp_path, openai_cost(0.00275, f"{MODEL}, input"), openai_usage(MODEL, 1000, 200, 100, 1, batch=True))
    found = causes(told(capsys, log, *flags))
    assert "tier" not in found
    flags = bill(tmp_path, openai_cost(0.00275, f"{MODEL}, input"), openai_usage(MODEL, 1000, 200, 101, 1, batch=True))
    assert causes(told(capsys, log, *flags))["tier"]["tokens"] == 1


def test_streams_without_usage_account_for_at_most_what_was_billed_above(tmp_path: Path, capsys: Capture) -> None:
    piece = {
        "object": "chat.completion.chunk",
        "model": MODEL,
        "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
    }
    lines = [line(GPT), *(line({**piece, "id": f"s{number}"}) for number in range(2))]
    flags = bill(tmp_path, openai_cost(0.01, f"{MODEL}, input"), openai_cost(5, "o3, output"))
    found = causes(told(capsys, write(tmp_path / "app.log", lines), *flags))
    assert found["missing_usage"]["calls"] == 2
    assert "stream_without_usage 2" in found["missing_usage"]["text"]
    assert found["missing_usage"]["cost_usd"] == pytest.approx(0.00675)
    assert not found["missing_usage"]["certain"]


def test_models_without_a_price_are_named_with_their_tokens(tmp_path: Path, capsys: Capture) -> None:
    log = write(tmp_path / "app.log", [line(chat("house-llm", 10, 5), provider="openai")])
    found = causes(told(capsys, log, *bill(tmp_path, openai_cost(0.25, "house-llm, input"))))
    assert (found["unpriced"]["calls"], found["unpriced"]["tokens"], found["unpriced"]["cost_usd"]) == (1, 15, 0.25)
    assert run_reconcile(log, *bill(tmp_path, openai_cost(0.25, "house-llm, input"))) == 0
    assert "* not all calls have a known price" in capsys.readouterr().out


def test_models_on_one_side_only(tmp_path: Path, capsys: Capture) -> None:
    lines = [line(GPT), line(chat("gpt-4o-mini", 1_000_000, 0))]
    flags = bill(tmp_path, openai_cost(0.00325, f"{MODEL}, input"), openai_cost(3, "o3, output"))
    found = causes(told(capsys, write(tmp_path / "app.log", lines), *flags))
    assert (found["never_seen"]["cost_usd"], found["never_billed"]["cost_usd"]) == (3, -0.15)
    assert "o3" in found["never_seen"]["text"]
    assert "gpt-4o-mini" in found["never_billed"]["text"]


def test_days_that_the_logs_cover_in_part(tmp_path: Path, capsys: Capture) -> None:
    log = write(
        tmp_path / "app.log", [line(GPT, "22:15:00Z"), {"ts": "2026-11-06T01:00:00Z", "response": GPT | {"id": "2"}}]
    )
    costs = openai_page(
        {
            "2026-11-04": [openai_cost(1, f"{MODEL}, input")],
            "2026-11-05": [openai_cost(2, f"{MODEL}, input")],
            "2026-11-06": [openai_cost(4, f"{MODEL}, input")],
        }
    )
    found = causes(told(capsys, log, "--bill", save(tmp_path / "c.json", costs)))
    assert found["logs_begin"]["text"].startswith("the logs' first call is of 2026-11-05T22:15:00.000Z")
    assert found["logs_begin"]["cost_usd"] == pytest.approx(3 - 0.00325)
    assert found["logs_end"]["text"].startswith("the logs' last call is of 2026-11-06T01:00:00.000Z")
    assert found["logs_end"]["cost_usd"] == pytest.approx(4 - 0.00325)


def test_a_cost_that_the_log_reports_is_no_difference_of_tokens(tmp_path: Path, capsys: Capture) -> None:
    log = write(tmp_path / "app.log", [line(GPT, cost_usd=0.5)])
    flags = bill(tmp_path, openai_cost(0.00325, f"{MODEL}, input"), openai_usage(MODEL, 1000, 200, 100, 1))
    found = causes(told(capsys, log, *flags))
    assert found.keys() == {"reported_cost"}
    assert found["reported_cost"]["cost_usd"] == pytest.approx(0.00325 - 0.5)


def test_calls_without_a_time_stand_in_no_day(tmp_path: Path, capsys: Capture) -> None:
    log = write(tmp_path / "app.log", [{"response": GPT}])
    found = told(capsys, log, *bill(tmp_path, openai_cost(0.00325, f"{MODEL}, input")))
    assert {row["day"] for row in found["rows"]} == {DAY, "unknown"}
    assert (causes(found)["no_time"]["calls"], found["total"]["cost_usd_difference"]) == (1, 0)


def test_what_is_not_compared_is_said(tmp_path: Path, capsys: Capture) -> None:
    log = write(
        tmp_path / "app.log", [line(GPT), line(CLAUDE), {"ts": "2026-11-07T00:00:00Z", "response": GPT | {"id": "2"}}]
    )
    found = told(capsys, log, *bill(tmp_path, openai_cost(0.00325, f"{MODEL}, input")))
    assert found["total"]["calls_seen"] == 1
    assert causes(found)["other_provider"]["cost_usd"] == 0.003225
    assert "2026-11-07" in causes(found)["other_days"]["text"]
    two = openai_page({DAY: [], "2026-11-07": [openai_cost(1, f"{MODEL}, input")]})
    found = told(capsys, log, "--bill", save(tmp_path / "two.json", two), "--from", "2026-11-06", "--to", "2026-11-30")
    assert [row["day"] for row in found["rows"]] == ["2026-11-07"]


def test_prices_may_be_newer_than_the_table(tmp_path: Path, capsys: Capture) -> None:
    log = write(tmp_path / "app.log", [line(GPT)])
    found = causes(told(capsys, log, *bill(tmp_path, openai_cost(1, f"{MODEL}, input"), day="2027-02-01")))
    assert "2027-02-01" in found["old_prices"]["text"]
    assert found["old_prices"]["cost_usd"] == 1


def test_costs_without_a_model_and_anthropics_priority_tier(tmp_path: Path, capsys: Capture) -> None:
    log = write(tmp_path / "app.log", [line({**CLAUDE, "usage": {**CLAUDE_USAGE, "service_tier": "priority"}})])
    page = anthropic_page({DAY: [anthropic_cost("12.5", None)]})
    found = causes(told(capsys, log, "--bill", save(tmp_path / "c.json", page)))
    assert found["ungrouped"]["cost_usd"] == 0.125
    assert "priority_not_listed" in found
