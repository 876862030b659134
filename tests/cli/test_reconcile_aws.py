"""`reconcile` on Amazon's bills: both Cost and Usage Reports, Cost Explorer's download, Bedrock's usage types."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailer.cli.bills.aws_names import Use, tokens_of_unit, use
from tests.cli.bills import CUR, Capture, causes, csv_text, cur_line, faults, rows, told
from tests.cli.offline import write

SONNET = "us.anthropic.claude-3-5-sonnet-20240620-v1:0"
NOVA = "amazon.nova-lite-v1:0"


def converse(model: str, given: int, made: int, cached: int = 0) -> dict[str, object]:
    usage = {"inputTokens": given, "outputTokens": made, "totalTokens": given + made + cached}
    usage |= {"cacheReadInputTokens": cached} if cached else {}
    return {
        "ts": "2026-11-20T10:00:00Z",
        "request": {"modelId": model},
        "response": {
            "output": {"message": {"role": "assistant", "content": []}},
            "stopReason": "end_turn",
            "usage": usage,
            "metrics": {"latencyMs": 10},
        },
    }


def bedrock_log(tmp_path: Path) -> str:
    return write(tmp_path / "app.log", [converse(SONNET, 1000, 100), converse(NOVA, 2000, 50, cached=500)])


LINES = [
    cur_line(1, "2026-11-20", "USE1-Claude3.5Sonnet-input-tokens", "1.0000000000", "0.0030000000"),
    cur_line(2, "2026-11-20", "USE1-Claude3.5Sonnet-output-tokens", "0.1", "0.0015"),
    cur_line(3, "2026-11-20", "USE1-NovaLite-input-tokens", "2", "0.00012"),
    cur_line(4, "2026-11-20", "USE1-NovaLite-cache-read-input-token-count", "0.5", "0.0000075"),
    cur_line(5, "2026-11-20", "USE1-NovaLite-output-tokens", "0.05", "0.000012"),
    cur_line(6, "2026-11-20", "USE1-Guardrail-ContentPolicyUnitsConsumed", "3", "0.00045", pricing_unit="Units"),
    cur_line(7, "2026-11-20", "USE1-Claude3.5Sonnet-input-tokens", "0", "-0.001", line_item_line_item_type="Credit"),
    cur_line(8, "2026-11-20", "", "0", "0.0002", line_item_line_item_type="Tax"),
    cur_line(9, "2026-11-20", "USE1-BoxUsage:t3.micro", "24", "9", line_item_product_code="AmazonEC2"),
]


def test_every_kind_of_token_of_a_report_has_its_row(tmp_path: Path, capsys: Capture) -> None:
    """Prices by hand, us-east-1: Sonnet 3 and 15 USD a million, Nova Lite 0.06, 0.015 cached, 0.24."""
    bill = tmp_path / "cur.csv"
    bill.write_text(csv_text(CUR, LINES))
    found = told(capsys, bedrock_log(tmp_path), "--bill", str(bill))
    sonnet, nova = rows(found)["2026-11-20", SONNET], rows(found)["2026-11-20", NOVA]
    assert (sonnet["input_tokens_billed"], sonnet["output_tokens_billed"]) == (1000, 100)
    assert (sonnet["cost_usd_seen"], sonnet["cost_usd_billed"]) == (0.0045, 0.0035)
    assert (nova["input_tokens_seen"], nova["input_tokens_billed"]) == (2500, 2500)
    assert (nova["cached_input_tokens_seen"], nova["cached_input_tokens_billed"]) == (500, 500)
    assert nova["cost_usd_difference"] == 0
    assert nova["matched"] == {"NovaLite": "same words"}
    assert rows(found)["2026-11-20", "(tax)"]["cost_usd_billed"] == 0.0002
    assert {kind: causes(found)[kind]["cost_usd"] for kind in ("tool", "credit", "tax")} == {
        "tool": 0.00045,
        "credit": -0.001,
        "tax": 0.0002,
    }
    assert found["notes"] == [f"{bill}: 1 rows that are not of Amazon Bedrock are left out"]


def test_the_legacy_report_says_the_same(tmp_path: Path, capsys: Capture) -> None:
    names = {
        "identity_line_item_id": "identity/LineItemId",
        "line_item_line_item_type": "lineItem/LineItemType",
        "line_item_usage_start_date": "lineItem/UsageStartDate",
        "line_item_usage_end_date": "lineItem/UsageEndDate",
        "line_item_product_code": "lineItem/ProductCode",
        "line_item_usage_type": "lineItem/UsageType",
        "line_item_usage_amount": "lineItem/UsageAmount",
        "line_item_currency_code": "lineItem/CurrencyCode",
        "line_item_unblended_cost": "lineItem/UnblendedCost",
        "pricing_unit": "pricing/unit",
        "product_product_name": "product/ProductName",
    }
    new, old = tmp_path / "new.csv", tmp_path / "old.csv"
    new.write_text(csv_text(CUR, LINES))
    old.write_text(csv_text(list(names.values()), [{names[key]: text for key, text in line.items()} for line in LINES]))
    log = bedrock_log(tmp_path)
    assert told(capsys, log, "--bill", str(old))["rows"] == told(capsys, log, "--bill", str(new))["rows"]


def test_what_the_marketplace_sells_has_its_model_in_the_products_name(tmp_path: Path, capsys: Capture) -> None:
    """Nobody says how many tokens its `Units` are: the money counts, the tokens are not known."""
    model = "anthropic.claude-haiku-4-5-20251001-v1:0"
    log = write(tmp_path / "app.log", [converse(model, 1000, 100)])
    sold = {
        "line_item_product_code": "8xw2hkmdhx0s0idm12uh0fxtt",
        "product_product_name": "Claude Haiku 4.5 (Amazon Bedrock Edition)",
        "pricing_unit": "Units",
    }
    lines = [
        cur_line(1, "2026-11-20", "USW2-MP:USW2_InputTokenCount_Global-Units", "0.001", "0.001", **sold),
        cur_line(2, "2026-11-20", "USW2-MP:USW2_output_tokens_global_standard-Units", "0.0001", "0.0005", **sold),
    ]
    bill = tmp_path / "cur.csv"
    bill.write_text(csv_text(CUR, lines))
    [row] = told(capsys, log, "--bill", str(bill))["rows"]
    assert (row["model"], row["billed_as"], row["cost_usd_billed"]) == (model, ["Claude Haiku 4.5"], 0.0015)
    assert (row["input_tokens_billed"], row["tokens_difference"]) == (None, None)


def test_cost_explorer_has_a_day_on_each_row(tmp_path: Path, capsys: Capture) -> None:
    """The row of totals is not a day, the column of totals not a usage type."""
    bill = tmp_path / "costs.csv"
    bill.write_text(
        "Usage type,USE1-Claude3.5Sonnet-input-tokens($),USE1-Claude3.5Sonnet-output-tokens($),Total costs($)\n"
        "Usage type total,0.006,0.0015,0.0075\n"
        "2026-11-20,0.003,0.0015,0.0045\n"
        "2026-11-21,0.003,,0.003\n"
    )
    found = told(capsys, bedrock_log(tmp_path), "--bill", str(bill))
    assert rows(found)["2026-11-20", SONNET]["cost_usd_difference"] == 0
    assert rows(found)["2026-11-21", SONNET]["cost_usd_difference"] == 0.003
    assert found["total"]["cost_usd_billed"] == 0.0075
    assert {row["tokens_difference"] for row in found["rows"]} == {None}


def test_every_fault_of_a_report_is_named_with_its_row_at_once(tmp_path: Path, capsys: Capture) -> None:
    lines = [
        cur_line(1, "2026-11-20", "USE1-NovaLite-input-tokens", "2", "0.1", line_item_currency_code="EUR"),
        cur_line(2, "2026-11-20", "USE1-NovaLite-input-tokens", "2", "a lot"),
        cur_line(3, "2026-11-20", "USE1-NovaLite-input-tokens", "-2", "0.1"),
        cur_line(
            4, "2026-11-20", "USE1-NovaLite-input-tokens", "2", "0.1", line_item_usage_end_date="2026-12-01T00:00:00Z"
        ),
        cur_line(5, "2026-11-20", "USE1-NovaLite-input-tokens", "2", "0.1"),
        cur_line(5, "2026-11-20", "USE1-NovaLite-input-tokens", "2", "0.1"),
    ]
    bill, wide = tmp_path / "cur.csv", tmp_path / "wide.csv"
    bill.write_text(csv_text(CUR, lines))
    wide.write_text("Usage type,A(£)\n2026-11-20,1\n")
    text = faults(capsys, bedrock_log(tmp_path), "--bill", str(bill), "--bill", str(wide))
    for place in (
        "cur.csv:2.line_item_currency_code: expected USD",
        "got 'EUR'",
        "cur.csv:3.line_item_unblended_cost: expected an amount of money, got 'a lot'",
        "cur.csv:4.line_item_usage_amount: expected a usage amount, got '-2'",
        "cur.csv:5.line_item_usage_end_date: expected a span within one UTC day",
        "cur.csv:7: the same line item is at",
        "wide.csv:1: expected columns of costs in USD, NAME($), got 'A(£)'",
    ):
        assert place in text


@pytest.mark.parametrize(
    ("usage_type", "product", "expected"),
    [
        ("USE1-Claude4.6Opus-input-tokens", None, Use("Claude4.6Opus", "", "input")),
        (
            "USE1-Claude4.6Opus-cache-read-input-token-count-cross-region-global",
            None,
            Use("Claude4.6Opus", "", "cache_read"),
        ),
        (
            "USE1-Claude4Sonnet-cache-write-input-token-count-1-hour",
            None,
            Use("Claude4Sonnet", "", "cache_write_1h"),
        ),
        (
            "USW2-anthropic.claude-opus-4-8-mantle-cache-write-tokens-global-standard",
            None,
            Use("anthropic.claude-opus-4-8", "", "cache_write"),
        ),
        (
            "USE1-Nova2.0Pro-text-input-tokens-priority-cross-region-global",
            None,
            Use("Nova2.0Pro", "priority", "input"),
        ),
        ("EU-Qwen3-VL-235B-A22B-output-tokens-batch", None, Use("Qwen3-VL-235B-A22B", "batch", "output")),
        ("APS3-TitanEmbeddingV2-Text-input-tokens", None, Use("TitanEmbeddingV2-Text", "", "input")),
        ("USE1-Qwen3-32B-input-tokens-custom-model", None, None),
        (
            "USE2-MP:USE2_CacheReadInputTokenCount-Units",
            "Claude X (Amazon Bedrock Edition)",
            Use("Claude X", "", "cache_read"),
        ),
        ("USE2-MP:USE2_CacheReadInputTokenCount-Units", "Somebody's AMI", None),
        ("USE1-KnowledgeBase-Storage", None, None),
    ],
)
def test_a_usage_type_says_model_tier_and_kind_of_token(
    usage_type: str, product: str | None, expected: Use | None
) -> None:
    assert use(usage_type, product) == expected


def test_units_are_tokens_only_where_they_say_so() -> None:
    units = ("1K tokens", "1M tokens", "1000 tokens", "Million Tokens", "tokens", "Units", "Hrs", "", None)
    assert [tokens_of_unit(unit) for unit in units] == [1000, 1_000_000, 1000, 1_000_000, 1, None, None, None, None]
