"""Bills in the shapes of the vendors' documents, and `reconcile` run on them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tailer.cli import reconcile
from tests.cli.offline import run_command

Capture = pytest.CaptureFixture[str]
Result = dict[str, object]
DAY_SECONDS = 86400

CUR = (
    "identity_line_item_id",
    "line_item_line_item_type",
    "line_item_usage_start_date",
    "line_item_usage_end_date",
    "line_item_product_code",
    "line_item_usage_type",
    "line_item_usage_amount",
    "line_item_currency_code",
    "line_item_unblended_cost",
    "pricing_unit",
    "product_product_name",
)
"""Columns of Data Exports (CUR 2.0), a few of its hundred."""


def run_reconcile(*argv: str) -> int:
    return run_command(reconcile, argv)


def told(capsys: Capture, *argv: str, status: int = 0) -> dict[str, Any]:
    """What `--format json` says."""
    assert run_reconcile(*argv, "--format", "json") == status
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def faults(capsys: Capture, *argv: str) -> str:
    """What is said of arguments or a bill that cannot be used."""
    assert run_reconcile(*argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def rows(found: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows by day and model."""
    return {(row["day"], row["model"]): row for row in found["rows"]}


def causes(found: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The explanations by their kind; of several of one kind the last."""
    return {cause["cause"]: cause for cause in found["explanations"]}


def save(path: Path, value: object) -> str:
    """A file of JSON; its path."""
    path.write_text(json.dumps(value))
    return str(path)


def epoch(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def openai_page(days: Mapping[str, Sequence[Result]], *, has_more: bool = False) -> Result:
    """A page of https://platform.openai.com/docs/api-reference/usage."""
    buckets = [
        {"object": "bucket", "start_time": epoch(day), "end_time": epoch(day) + DAY_SECONDS, "results": list(results)}
        for day, results in days.items()
    ]
    return {"object": "page", "data": buckets, "has_more": has_more, "next_page": "page_2" if has_more else None}


def openai_cost(value: object, line_item: str | None, **more: object) -> Result:
    amount = {"value": value, "currency": "usd"}
    return {"object": "organization.costs.result", "amount": amount, "line_item": line_item, "project_id": None, **more}


def openai_usage(model: str | None, given: int, cached: int, made: int, calls: int, **more: object) -> Result:
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": given,
        "output_tokens": made,
        "input_cached_tokens": cached,
        "input_audio_tokens": 0,
        "output_audio_tokens": 0,
        "num_model_requests": calls,
        "project_id": None,
        "user_id": None,
        "api_key_id": None,
        "model": model,
        "batch": None,
        **more,
    }


def anthropic_page(days: Mapping[str, Sequence[Result]]) -> Result:
    """A page of the usage or cost report."""
    buckets = [
        {"starting_at": f"{day}T00:00:00Z", "ending_at": f"{day}T24:00:00Z", "results": list(results)}
        for day, results in days.items()
    ]
    for bucket in buckets:
        start = datetime.fromtimestamp(epoch(str(bucket["starting_at"])[:10]) + DAY_SECONDS, UTC)
        bucket["ending_at"] = f"{start:%Y-%m-%dT%H:%M:%SZ}"
    return {"data": buckets, "has_more": False, "next_page": None}


def anthropic_usage(model: str, fresh: int, cached: int, written: tuple[int, int], made: int, **more: object) -> Result:
    return {
        "uncached_input_tokens": fresh,
        "cache_creation": {"ephemeral_1h_input_tokens": written[1], "ephemeral_5m_input_tokens": written[0]},
        "cache_read_input_tokens": cached,
        "output_tokens": made,
        "server_tool_use": {"web_search_requests": 0},
        "api_key_id": None,
        "workspace_id": None,
        "model": model,
        "service_tier": None,
        "context_window": None,
        **more,
    }


def anthropic_cost(cents: str, model: str | None, **more: object) -> Result:
    return {
        "currency": "USD",
        "amount": cents,
        "workspace_id": None,
        "description": f"{model} Usage - Input Tokens" if model else None,
        "cost_type": "tokens" if model else None,
        "context_window": None,
        "model": model,
        "service_tier": None,
        "token_type": "uncached_input_tokens" if model else None,
        **more,
    }


def cur_line(number: int, day: str, usage_type: str, amount: str, cost: str, **more: str) -> dict[str, str]:
    """A line item of Amazon Bedrock, by the hour."""
    return {
        "identity_line_item_id": f"id{number}",
        "line_item_line_item_type": "Usage",
        "line_item_usage_start_date": f"{day}T10:00:00.000Z",
        "line_item_usage_end_date": f"{day}T11:00:00.000Z",
        "line_item_product_code": "AmazonBedrock",
        "line_item_usage_type": usage_type,
        "line_item_usage_amount": amount,
        "line_item_currency_code": "USD",
        "line_item_unblended_cost": cost,
        "pricing_unit": "1K tokens",
        "product_product_name": "Amazon Bedrock",
        **more,
    }


def csv_text(columns: Sequence[str], lines: Iterable[Mapping[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()
