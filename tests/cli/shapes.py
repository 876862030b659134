"""Logs of LLM calls as applications of all kinds write them: forms that nobody has told tokentail of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.reading.lines import BODY, REQUEST, TIME_NS, USAGE, chunk_body, text

Line = dict[str, object]
START = datetime.fromtimestamp(TIME_NS / 10**9, UTC)


class Truth(NamedTuple):
    """What a call was, whatever its log makes of it."""

    number: int

    @property
    def taken(self) -> int:
        return 900 + 7 * self.number

    @property
    def given(self) -> int:
        return 110 + 3 * self.number

    @property
    def ms(self) -> int:
        return 1400 + 31 * self.number

    @property
    def seconds(self) -> float:
        return self.ms / 1000

    @property
    def at(self) -> datetime:
        return START + timedelta(seconds=7 * self.number)

    @property
    def iso(self) -> str:
        return self.at.isoformat(timespec="milliseconds")

    @property
    def epoch_ms(self) -> int:
        return round(self.at.timestamp() * 1000)

    @property
    def has_failed(self) -> bool:
        """Each sixth, in the logs that have an HTTP status."""
        return self.number % 6 == 5

    @property
    def body(self) -> Line:
        usage = {**USAGE, "prompt_tokens": self.taken, "completion_tokens": self.given}
        del usage["prompt_tokens_details"]
        usage["total_tokens"] = self.taken + self.given
        return {**BODY, "id": f"chatcmpl-{self.number}", "created": self.epoch_ms // 1000, "usage": usage}


Write = Callable[[Truth], list[Line]]


class Form(NamedTuple):
    """How one application logs, and what its log tells of a call."""

    write: Write
    model: str | None = "gpt-4o"
    timed: bool = True
    dated: bool = True
    failing: bool = False


def short_names(call: Truth) -> list[Line]:
    return [
        {"at": call.iso, "mdl": "gpt-4o", "tokIn": call.taken, "tokOut": call.given, "tookMs": call.ms, "lvl": "info"},
    ]


def nested_counts(call: Truth) -> list[Line]:
    tokens = {"in": call.taken, "out": call.given, "sum": call.taken + call.given}
    return [{"when": call.iso, "ai": {"engine": "gpt-4o", "tokens": tokens, "latency": call.seconds}}]


def texts(call: Truth) -> list[Line]:
    """A shop whose logger makes a text of everything."""
    return [
        {
            "stamp": str(call.epoch_ms),
            "llmModel": "gpt-4o",
            "promptTok": str(call.taken),
            "answerTok": str(call.given),
            "rtt": f"{call.ms}ms",
        }
    ]


def microseconds(call: Truth) -> list[Line]:
    return [{"t0": call.iso, "dep": "gpt-4o", "ptok": call.taken, "ctok": call.given, "elapsed": call.ms * 1000}]


def nanoseconds(call: Truth) -> list[Line]:
    event = {"modelName": "gpt-4o", "tokensSent": call.taken, "tokensReceived": call.given, "dur": call.ms * 10**6}
    return [{"logged_at": call.iso, "evt": "llm.done", "detail": event}]


def a_word_of_time(call: Truth) -> list[Line]:
    """Go's way to write a span."""
    line = {"written": call.iso, "llm_engine": "gpt-4o", "n_tok_in": call.taken, "n_tok_out": call.given}
    return [{**line, "spent": f"{call.seconds}s"}]


def consumption(call: Truth) -> list[Line]:
    used = {"prompt": call.taken, "completion": call.given, "total": call.taken + call.given}
    return [{"date_time": call.iso, "deployment": "gpt-4o", "consumption": used, "responseMillis": call.ms}]


def in_a_list(call: Truth) -> list[Line]:
    attempt = {"model": "gpt-4o", "tokens_in": call.taken, "tokens_out": call.given, "wall_ms": call.ms}
    return [{"time": call.iso, "job": "summarise", "attempts": [attempt]}]


def with_cached(call: Truth) -> list[Line]:
    tokens = {"input": call.taken, "cached": 512, "output": call.given, "max_output": 4096}
    return [{"ts": call.iso, "svc": "search", "call": {"m": "gpt-4o", "tok": tokens, "ms": call.ms}}]


def with_codes(call: Truth) -> list[Line]:
    """A failure has no counts."""
    line: Line = {"ts": call.iso, "llm": "gpt-4o", "httpCode": 429 if call.has_failed else 200, "lat_ms": call.ms}
    return [line if call.has_failed else {**line, "tokens": {"prompt": call.taken, "reply": call.given}}]


def beside_noise(call: Truth) -> list[Line]:
    """Numbers of tokens that are of no call."""
    return [
        {"ts": call.iso, "msg": "budget", "team": {"tokens_used_in": 10**6 + call.number, "tokens_left": 5}},
        {"ts": call.iso, "msg": "cache", "hits": 5, "items": 100},
        {
            "ts": call.iso,
            "msg": "completion",
            "model_used": "gpt-4o",
            "usage_in": call.taken,
            "usage_out": call.given,
            "session_tokens_in": call.taken * call.number,
            "took_us": call.ms * 1000,
        },
    ]


def counts_in_a_container(call: Truth) -> list[Line]:
    inner = {"mdl": "gpt-4o", "tk": {"tok_i": call.taken, "tok_o": call.given}, "lat": call.ms}
    return [{"log": text(inner) + "\n", "stream": "stderr", "time": call.iso}]


def body_in_a_place(call: Truth) -> list[Line]:
    return [{"n": call.number, "when": call.iso, "trade": {"ask": REQUEST, "reply": call.body, "spentMs": call.ms}}]


def body_as_a_text(call: Truth) -> list[Line]:
    trade = {"q": text(REQUEST), "a": text(call.body)}
    return [{"eventTs": call.epoch_ms, "trade": trade, "timing": {"wallclock_seconds": call.seconds}}]


def body_in_http(call: Truth) -> list[Line]:
    upstream = {"code": 200, "hdr": {"x-request-id": f"req_{call.number}"}, "payload": call.body}
    return [{"stamp": call.iso, "upstream": upstream, "elapsedMs": call.ms}]


def body_in_a_list(call: Truth) -> list[Line]:
    return [{"timestamp": call.iso, "steps": [{"kind": "llm", "vendorReply": call.body, "took": call.seconds}]}]


def body_and_answer_apart(call: Truth) -> list[Line]:
    ref = {"exchangeRef": f"x{call.number}"}
    answered = (call.at + timedelta(milliseconds=call.ms)).isoformat(timespec="milliseconds")
    return [
        {**ref, "stamp": call.iso, "dir": "out", "wire": {"asked": REQUEST}},
        {**ref, "stamp": answered, "dir": "in", "wire": {"got": call.body}},
    ]


def stream_in_a_place(call: Truth) -> list[Line]:
    events = [chunk_body(), chunk_body(choices=[], usage=call.body["usage"])]
    sse = "".join(f"data: {text(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    return [{"loggedAt": call.iso, "wire": {"sse": sse}, "spent_ms": call.ms}]


def anthropic_in_a_place(call: Truth) -> list[Line]:
    usage = {"input_tokens": call.taken, "output_tokens": call.given}
    reply = {"id": f"msg_{call.number}", "type": "message", "role": "assistant", "content": [], "usage": usage}
    return [{"loggedAt": call.iso, "claude": {"out": {**reply, "model": "claude-sonnet-4-5"}}, "secs": call.seconds}]


def ids_of_its_own(call: Truth) -> list[Line]:
    line = {"txnRef": f"t-{call.number}", "llmCallRef": f"c-{call.number}", "d": call.iso, "model": "gpt-4o"}
    return [{**line, "input_toks": call.taken, "output_toks": call.given, "delta_ms": call.ms}]


def named_by_its_maker(call: Truth) -> list[Line]:
    """A house model, which only its key gives away."""
    return [{"ts": call.iso, "model": "house-7b", "gen": {"tokens_in": call.taken, "tokens_out": call.given}}]


def embeddings(call: Truth) -> list[Line]:
    return [{"ts": call.iso, "embModel": "text-embedding-3-small", "n_tokens_in": call.taken, "ms": call.ms}]


def in_camels_and_kebabs(call: Truth) -> list[Line]:
    line = {"Log-Time": call.iso, "Model-Id": "gpt-4o", "Prompt-Tokens": call.taken, "Completion-Tokens": call.given}
    return [{"entry": {**line, "Duration-Ms": call.ms}}]


def deep(call: Truth) -> list[Line]:
    leaf = {"modelRef": "gpt-4o", "tokensIn": call.taken, "tokensOut": call.given, "durationSec": call.seconds}
    return [{"occurredAt": call.iso, "a": {"b": {"c": {"d": leaf}}}}]


HOUSE, CLAUDE, EMBEDDING, SNAPSHOT = "house-7b", "claude-sonnet-4-5", "text-embedding-3-small", "gpt-4o-2024-08-06"
FORMS: dict[str, Form] = {
    "short names": Form(short_names),
    "nested counts": Form(nested_counts),
    "texts": Form(texts),
    "microseconds": Form(microseconds),
    "nanoseconds": Form(nanoseconds),
    "a word of time": Form(a_word_of_time),
    "consumption": Form(consumption),
    "in a list": Form(in_a_list),
    "with cached": Form(with_cached),
    "with codes": Form(with_codes, failing=True),
    "beside noise": Form(beside_noise),
    "counts in a container": Form(counts_in_a_container),
    "body in a place": Form(body_in_a_place, SNAPSHOT),
    "body as a text": Form(body_as_a_text, SNAPSHOT),
    "body in http": Form(body_in_http, SNAPSHOT),
    "body in a list": Form(body_in_a_list, SNAPSHOT),
    "request and answer apart": Form(body_and_answer_apart, SNAPSHOT),
    "stream in a place": Form(stream_in_a_place, SNAPSHOT),
    "anthropic in a place": Form(anthropic_in_a_place, CLAUDE),
    "ids of its own": Form(ids_of_its_own),
    "a house model": Form(named_by_its_maker, HOUSE, timed=False),
    "embeddings": Form(embeddings, EMBEDDING),
    "camels and kebabs": Form(in_camels_and_kebabs),
    "deep": Form(deep),
}
