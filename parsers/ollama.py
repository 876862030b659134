"""Ollama's own API: chat, generate and embed, whole or in the chunks of a stream, and its errors.

Format: https://github.com/ollama/ollama/blob/main/docs/api.md and https://docs.ollama.com/api/usage.
`prompt_eval_count` includes `prompt_eval_cached_count`, `eval_count` includes thinking; a count of 0 is left out. No
prompt is empty, so where its count is left out (old servers did so when it was cached) the input is not known.
Only the chunk with `done: true` has counts. Durations are in nanoseconds. Its `/v1` is OpenAI's or Anthropic's shape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from parsers import ollama_typical, vendor
from parsers import openai_family as family
from parsers.base import NO_COUNTS, Call, Part, Record, Stage
from parsers.errors import classify, failure_by_status
from parsers.typical import Typical
from parsers.usage import Counts, text

Body = Mapping[str, object]

METRICS = ("total_duration", "prompt_eval_count", "eval_count", "eval_duration")
"""One of these is in every answer that did something."""

WITHOUT_WORK = frozenset(("load", "unload"))
"""Reasons of an answer to a request without a prompt: the model was put into memory, or out of it."""

MISSING = re.compile(r"^model .{1,200} not found", re.DOTALL)

MAX_NANOSECONDS = 10**15
"""Eleven days: a longer call is a broken log."""


class Ollama:
    """Ollama by `done` beside a model, by an embedding with its durations, or by an error text where it is named."""

    name = "ollama"
    keys = frozenset(("done", "prompt_eval_count", "total_duration", "error", "embedding"))

    def typical(self, body: Body) -> Typical | None:
        """How to read the usual bodies with these keys."""
        return ollama_typical.form(self, body)

    def matches(self, record: Record) -> bool:
        """Whether the body is an answer or a failure of Ollama."""
        body = record.body
        if body is None:
            return False
        if "done" in body:
            return _is_answer(body)
        if "total_duration" in body or "prompt_eval_count" in body:
            return "model" in body and (_is_embedding(body) or "eval_count" in body)
        # The older endpoint for embeddings says nothing else.
        is_named = isinstance(body.get("error"), str) or isinstance(body.get("embedding"), list)
        return is_named and vendor.hinted(record) == "ollama"

    def parse(self, record: Record) -> Call | Part | None:
        """The last chunk and a whole body are the same, and a call. Loading a model is no call to it."""
        body = record.body
        if body is None:
            return None
        error = body.get("error")
        if isinstance(error, str) and "done" not in body and "model" not in body:
            return _failed(record, error)
        if text(body.get("done_reason")) in WITHOUT_WORK and "eval_count" not in body:
            return None
        made = _call(record, body)
        if body.get("done") is False and made.error_type is None:
            return Part(Stage.PIECE, made._replace(stream=True))
        return made


def _call(record: Record, body: Body) -> Call:
    operation = _operation(record, body)
    found = _counts(body, operation) if any(body.get(key) is not None for key in METRICS) else None
    model = text(body.get("model"))
    asked = family.request_model(record)
    return Call(
        provider=vendor.provider(record, None, "ollama"),
        operation=operation,
        model=model,
        request_model=asked,
        error_type=failure_by_status(record.status),
        input_tokens=found.input if found else None,
        output_tokens=found.output if found else None,
        details=found.details if found else NO_COUNTS,
        duration_seconds=_seconds(body.get("total_duration")),
        stream=family.streamed(record),
        finish_reason=text(body.get("done_reason")),
        faults=tuple(fault.removeprefix("body.") for fault in found.faults) if found else (),
    )


def _failed(record: Record, error: str) -> Call:
    return Call(
        provider=vendor.provider(record, None, "ollama"),
        operation=_operation(record, {}),
        request_model=family.request_model(record),
        error_type="not_found" if MISSING.search(error) else classify(record.status, None, None, error),
        stream=family.streamed(record),
    )


def _counts(body: Body, operation: str) -> Counts:
    found = Counts(body, "body")
    found.input = found.count("prompt_eval_count")
    found.part("prompt_eval_cached_count", "cached_input", found.input)
    found.output = found.count("eval_count") if operation != "embeddings" else 0
    if found.output is None and body.get("eval_count") is None:
        found.output = 0
    return found


def _operation(record: Record, body: Body) -> str:
    if "embeddings" in body or "embedding" in body:
        return "embeddings"
    if isinstance(body.get("message"), dict):
        return "chat"
    if isinstance(body.get("response"), str):
        return "text_completion"
    told = vendor.place(record.url).operation if record.url else None
    if told is None and record.request is not None and "messages" not in record.request:
        told = "text_completion" if "prompt" in record.request else None
    return told or "chat"


def _is_answer(body: Body) -> bool:
    """`done` is a common word: something else must be Ollama's too."""
    if type(body["done"]) is not bool or not isinstance(body.get("model"), str):
        return False
    if any(key in body for key in METRICS) or "done_reason" in body:
        return True
    return "created_at" in body and (isinstance(body.get("message"), dict) or isinstance(body.get("response"), str))


def _is_embedding(body: Body) -> bool:
    return isinstance(body.get("embeddings"), list) or ("total_duration" in body and "load_duration" in body)


def _seconds(nanoseconds: object) -> float | None:
    if type(nanoseconds) is not int or not 0 <= nanoseconds <= MAX_NANOSECONDS:
        return None
    return nanoseconds / 1e9
