"""A small log of several providers, its bill worked out by hand from the published prices."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.offline import run_report, write

Capture = pytest.CaptureFixture[str]


def chat(model: str, taken: int, given: int, **details: object) -> dict[str, object]:
    usage = {"prompt_tokens": taken, "completion_tokens": given, "total_tokens": taken + given, **details}
    return {"id": f"c-{model}", "object": "chat.completion", "model": model, "choices": [], "usage": usage}


GPT = chat(
    "gpt-4o-2024-08-06",
    1000,
    100,
    prompt_tokens_details={"cached_tokens": 200},
    completion_tokens_details={"reasoning_tokens": 40},
)
CLAUDE_USAGE = {
    "input_tokens": 100,
    "cache_read_input_tokens": 1000,
    "cache_creation_input_tokens": 500,
    "output_tokens": 50,
}
CLAUDE = {
    "id": "m1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5-20250929",
    "content": [],
    "usage": CLAUDE_USAGE,
}
GEMINI_USAGE = {"promptTokenCount": 400, "candidatesTokenCount": 60, "thoughtsTokenCount": 40, "totalTokenCount": 500}
GEMINI = {"candidates": [], "modelVersion": "gemini-2.5-flash", "usageMetadata": GEMINI_USAGE}
EMBEDDING = {
    "object": "list",
    "model": "text-embedding-3-small",
    "data": [],
    "usage": {"prompt_tokens": 700, "total_tokens": 700},
}
REFUSED = {"error": {"message": "slow down", "type": "requests", "param": None, "code": "rate_limit_exceeded"}}
LINES = [
    {"ts": "2026-11-20T23:59:59.999999999Z", "team": "a", "response": GPT},
    {"ts": "2026-11-21T00:30:00+02:00", "team": "b", "response": CLAUDE},  # half past ten in the evening, UTC
    {"ts": "2026-11-21T01:00:00Z", "team": "b", "response": GEMINI},
    {"ts": "2026-11-21T01:59:59Z", "status": 429, "request": {"model": "gpt-4o"}, "response": REFUSED},
    {"ts": "2026-11-21T02:00:00Z", "team": 'a,"x"', "response": chat("gpt-4o-mini", 10, 5), "cost_usd": 0.5},
    {"response": EMBEDDING},
    {"ts": "2026-11-21T02:00:00Z", "msg": "listening"},
]
# 800 at $2.50, 200 at $1.25 and 100 at $10 a million: 2000 + 250 + 1000 = 3250 millionths
GPT_USD = "0.00325"
# 100 at $3, 1000 at $0.30, 500 at $3.75 and 50 at $15: 300 + 300 + 1875 + 750 = 3225
CLAUDE_USD = "0.003225"
# 400 at $0.30 and 60 + 40 at $2.50: 120 + 250 = 370
GEMINI_USD = "0.00037"
# 700 at $0.02: 14
EMBEDDING_USD = "0.000014"
# 3250 + 3225 + 370 + 14 = 6859, and the half dollar that the log reports
TOTAL_USD = 0.506859


def rows(capsys: Capture, path: str, *by: str, dimension: str = "team=team") -> dict[tuple[str, ...], tuple[str, ...]]:
    """The CSV by its keys: calls, errors, tokens in and out, cost."""
    flags = [flag for key in by for flag in ("--by", key)]
    assert run_report(path, *flags, "--dimension", dimension, "--format", "csv") == 0
    table = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    shown = ("calls", "errors", "input_tokens", "output_tokens", "cost_usd")
    return {tuple(row[key] for key in by): tuple(row[name] for name in shown) for row in table}


def test_each_grouping_has_the_sums_of_the_hand(tmp_path: Path, capsys: Capture) -> None:
    path = write(tmp_path / "a.log", LINES)
    assert rows(capsys, path, "provider", "model") == {
        ("openai", "gpt-4o-2024-08-06"): ("1", "0", "1000", "100", GPT_USD),
        ("anthropic", "claude-sonnet-4-5-20250929"): ("1", "0", "1600", "50", CLAUDE_USD),
        ("gcp.gemini", "gemini-2.5-flash"): ("1", "0", "400", "100", GEMINI_USD),
        ("openai", "gpt-4o"): ("1", "1", "0", "0", "0"),
        ("openai", "gpt-4o-mini"): ("1", "0", "10", "5", "0.5"),
        ("openai", "text-embedding-3-small"): ("1", "0", "700", "0", EMBEDDING_USD),
    }
    assert rows(capsys, path, "day") == {
        ("2026-11-20",): ("2", "0", "2600", "150", str(Decimal(GPT_USD) + Decimal(CLAUDE_USD))),
        ("2026-11-21",): ("3", "1", "410", "105", str(Decimal(GEMINI_USD) + Decimal("0.5"))),
        ("unknown",): ("1", "0", "700", "0", EMBEDDING_USD),
    }
    assert list(rows(capsys, path, "hour")) == [
        ("2026-11-20T22:00Z",),
        ("2026-11-20T23:00Z",),
        ("2026-11-21T01:00Z",),
        ("2026-11-21T02:00Z",),
        ("unknown",),
    ]
    assert rows(capsys, path, "operation", "team")["embeddings", ""] == ("1", "0", "700", "0", EMBEDDING_USD)
    assert rows(capsys, path, "team")[('a,"x"',)] == ("1", "0", "10", "5", "0.5")


def test_json_has_the_keys_and_the_total_of_the_contract(tmp_path: Path, capsys: Capture) -> None:
    assert run_report(write(tmp_path / "a.log", LINES), "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["total"] == {
        "calls": 6,
        "errors": 1,
        "input_tokens": 3710,
        "output_tokens": 255,
        "cached_input_tokens": 1200,
        "cache_write_tokens": 500,
        "reasoning_tokens": 80,
        "cost_usd": pytest.approx(TOTAL_USD),
        "unpriced_calls": 0,
    }
