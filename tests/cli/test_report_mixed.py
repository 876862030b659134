"""One log of every provider: the bill is the sum of what each example is known to come to."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from parsers.base import Call, Record, Several
from tailer.__main__ import main
from tests.parsers.examples import BY_PARSER

OWN_LINES = frozenset({"litellm", "otel_genai", "langchain", "kong", "cloudflare", "apisix", "bedrock_log"})
"""Formats that are log lines themselves: nothing surrounds them."""
WHOLE = [
    (name, record, expected.calls if isinstance(expected, Several) else (expected,))
    for name, examples in BY_PARSER.items()
    for record, expected in examples
    if record.body is not None and isinstance(expected, Call | Several)
]


def line(name: str, record: Record) -> dict[str, object]:
    """The record as an application would log it."""
    assert record.body is not None
    if name in OWN_LINES:
        return dict(record.body)
    around = {
        "request": record.request,
        "response": record.body,
        "status": record.status,
        "url": record.url,
        "response_headers": dict(record.headers) or None,
        "provider": record.provider,
    }
    return {"ts": "2026-11-20T17:00:07.000Z", **{key: value for key, value in around.items() if value is not None}}


def test_a_mixed_log_comes_to_the_sum_of_its_calls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "mixed.log"
    log.write_text("".join(json.dumps(line(name, record)) + "\n" for name, record, _ in WHOLE))
    assert main(["report", "--by", "provider", "--format", "json", str(log)]) == 0
    bill = json.loads(capsys.readouterr().out)
    expected: dict[str, Counter[str]] = {}
    for _, _, calls in WHOLE:
        for call in calls:
            sums = expected.setdefault(call.provider or "unknown", Counter())
            sums["calls"] += 1
            sums["errors"] += call.error_type is not None
            sums["input_tokens"] += call.input_tokens or 0
            sums["output_tokens"] += call.output_tokens or 0
            sums["cached_input_tokens"] += call.details.get("cached_input", 0)
    got = {row["provider"] or "unknown": row for row in bill["rows"]}
    assert {name: {key: got[name][key] for key in sums} for name, sums in expected.items()} == expected
    assert got.keys() == expected.keys()
    assert len(expected) >= 12, "providers"
