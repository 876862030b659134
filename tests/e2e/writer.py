"""An application that logs its calls, rotates its file, and knows exactly what it has written."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

GPT_4O_INPUT, GPT_4O_CACHED, GPT_4O_OUTPUT = 2_500_000, 1_250_000, 10_000_000
"""Pico-dollars for a token of gpt-4o-2024-08-06, from OpenAI's price list: 2.50, 1.25 and 10 USD a million."""


@dataclass
class Writer:
    """Writes lines of every kind to `app.log` and keeps count of what they must come to."""

    directory: Path
    rng: Random
    prompt_chars: int = 400
    lines: list[str] = field(default_factory=list)
    calls: int = 0
    errors: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    pico_usd: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    rotations: int = 0
    timed: int = 0
    """Calls whose duration the log tells: in a field, or by the times of request and response."""
    _open: list[tuple[str, str]] = field(default_factory=list)
    _at: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(minutes=5))

    @property
    def path(self) -> Path:
        return self.directory / "app.log"

    def write(self, count: int) -> None:
        """Appends so many lines, some of them in two writes so that an unfinished line can be seen."""
        with self.path.open("ab", buffering=0) as file:
            for _ in range(count):
                line = self._line()
                self.lines.append(line)
                data = line.encode() + b"\n"
                cut = self.rng.randrange(len(data)) if self.rng.random() < 0.2 else len(data)
                file.write(data[:cut])
                file.write(data[cut:])

    def answer_all(self) -> None:
        """Writes the answers that are still due, so that no call stays open."""
        while self._open:
            self.lines.append(self._response_line())
            with self.path.open("ab") as file:
                file.write(self.lines[-1].encode() + b"\n")

    def rotate(self) -> None:
        """By rename and as logrotate's `copytruncate` does it, by turns.

        What came and was copied away while nobody looked is read last, so no request in it waits for its answer.
        """
        if self.rotations % 2:
            self.answer_all()
        self.rotations += 1
        rotated = self.path.with_suffix(f".log.{self.rotations}")
        if self.rotations % 2:
            os.rename(self.path, rotated)
            self.path.touch()
        else:
            shutil.copyfile(self.path, rotated)
            os.truncate(self.path, 0)

    def _line(self) -> str:
        self._at += timedelta(milliseconds=self.rng.choice((0, 0, 1, 7)))
        kind = self.rng.random()
        if kind < 0.45:
            return self._call_line()
        if kind < 0.60:
            return self._request_line()
        if kind < 0.75 and self._open:
            return self._response_line()
        if kind < 0.80:
            return self._error_line()
        if kind < 0.90:
            self.outcomes["not_llm"] += 1
            return self._dump(level="info", event="cache hit", number=len(self.lines))
        if kind < 0.95:
            self.outcomes["bad_json"] += 1
            return f"Traceback (most recent call last): {len(self.lines)}"
        self.outcomes["call"] += 1
        return json.dumps({"number": len(self.lines), "response": self._body()})

    def _call_line(self) -> str:
        self.outcomes["call"] += 1
        self.timed += 1
        request = {
            "model": "gpt-4o",
            "messages": [{"role": "user", "content": "x" * self.rng.randrange(self.prompt_chars)}],
        }
        return self._dump(duration_ms=self.rng.randrange(5000), request=request, response=self._body())

    def _request_line(self) -> str:
        self.outcomes["part"] += 1
        key = f"req-{len(self.lines)}"
        self._open.append((key, "gpt-4o"))
        return self._dump(request_id=key, request={"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]})

    def _response_line(self) -> str:
        self.outcomes["call"] += 1
        self.timed += 1
        key, _ = self._open.pop(0)
        return self._dump(request_id=key, response=self._body())

    def _error_line(self) -> str:
        self.outcomes["call"] += 1
        self.calls += 1
        self.errors += 1
        error = {"message": "Rate limit reached", "type": "tokens", "param": None, "code": "rate_limit_exceeded"}
        return self._dump(status=429, request={"model": "gpt-4o", "messages": []}, response={"error": error})

    def _body(self) -> dict[str, object]:
        prompt, completion = self.rng.randrange(1, 4000), self.rng.randrange(1, 900)
        cached = self.rng.randrange(prompt) if self.rng.random() < 0.5 else 0
        self.calls += 1
        self.input_tokens += prompt
        self.output_tokens += completion
        self.cached_tokens += cached
        self.pico_usd += (prompt - cached) * GPT_4O_INPUT + cached * GPT_4O_CACHED + completion * GPT_4O_OUTPUT
        usage = {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": cached},
        }
        choice = {"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}
        names = {"id": f"chatcmpl-{len(self.lines)}", "object": "chat.completion", "model": "gpt-4o-2024-08-06"}
        return {**names, "choices": [choice], "usage": usage}

    def _dump(self, **fields: object) -> str:
        return json.dumps({"ts": self._at.isoformat(timespec="milliseconds"), **fields})
