"""What the sample log adds up to, counted from its lines alone and with nothing of the product's own reading."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple


class Totals(NamedTuple):
    """Finished calls; tokens by response model, `without_usage` the streams that never told theirs."""

    calls: int
    errors: Counter[int]
    input_tokens: Counter[str]
    output_tokens: Counter[str]
    cached_tokens: int
    reasoning_tokens: int
    without_usage: int
    other_lines: int

    @property
    def tokens(self) -> int:
        return self.input_tokens.total() + self.output_tokens.total()


class _Tally:
    def __init__(self) -> None:
        self.read: Counter[str] = Counter()
        self.written: Counter[str] = Counter()
        self.errors: Counter[int] = Counter()
        self.counts: Counter[str] = Counter()

    def usage(self, model: str, usage: dict[str, Any]) -> None:
        self.read[model] += usage.get("prompt_tokens", usage.get("input_tokens", 0))
        self.written[model] += usage.get("completion_tokens", usage.get("output_tokens", 0))
        for name in ("prompt_tokens_details", "input_tokens_details"):
            self.counts["cached"] += usage.get(name, {}).get("cached_tokens", 0)
        for name in ("completion_tokens_details", "output_tokens_details"):
            self.counts["reasoning"] += usage.get(name, {}).get("reasoning_tokens", 0)

    def line(self, line: dict[str, Any]) -> None:
        response = line.get("response")
        if response is None:
            self.counts["requests" if "request" in line else "other"] += 1
        elif response.get("error"):
            self.errors[line["status"]] += 1
            self.counts["calls"] += 1
        elif response["object"] == "chat.completion.chunk":
            self.chunk(response)
        else:
            self.counts["calls"] += 1
            self.usage(response["model"], response["usage"])

    def chunk(self, chunk: dict[str, Any]) -> None:
        finished = any(choice["finish_reason"] for choice in chunk["choices"])
        self.counts["calls"] += finished
        # A stream without the option has no `usage` key at all, not even null.
        self.counts["without_usage"] += finished and "usage" not in chunk
        if chunk.get("usage"):
            self.usage(chunk["model"], chunk["usage"])


def totals(lines: Iterable[str | bytes]) -> Totals:
    """The totals of whole lines in the order they were written."""
    tally = _Tally()
    for line in lines:
        tally.line(json.loads(line))
    counts = tally.counts
    return Totals(
        calls=counts["calls"],
        errors=tally.errors,
        input_tokens=tally.read,
        output_tokens=tally.written,
        cached_tokens=counts["cached"],
        reasoning_tokens=counts["reasoning"],
        without_usage=counts["without_usage"],
        other_lines=counts["other"],
    )
