"""An explained line as text for people: one line, the facts beneath it, and what to do where there are none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from parsers.base import LIMIT_SUBJECTS, Call, Stage
from tailer.cli.candidates import signs
from tailer.cli.explain_summary import Summary, nothing_found
from tailer.cli.explained import Explained, PricedCall
from tailer.cli.plain import plain, rfc3339, usd
from tailer.cli.suggest import ReaderWith, Suggester, Suggestion
from tailer.config import Config
from tailer.reading.chunk import Reading
from tailer.reading.reading import LineReader

INDENT = " " * 18
HTTP_BODIES = ("body", "data", "json", "response")
WAITING = {
    Stage.REQUEST: "a request, its answer is on another line",
    Stage.PIECE: "a piece of a stream",
    Stage.FINISHED: "the end of a stream, its usage may follow",
    Stage.LAST: "the last piece of a stream",
}


class Explanation:
    """Tells the lines one by one and counts them for the summary."""

    def __init__(self, reader: LineReader, reader_with: ReaderWith, config: Config) -> None:
        self._reader = reader
        self._dimensions = tuple(config.dimension)
        self._suggester = Suggester(reader_with, config.fields)
        self._summary = Summary()

    def of(self, line: Explained) -> Iterator[str]:
        """The texts for one line."""
        self._summary.add(line)
        reading = line.reading
        source = " > ".join(name for name in (reading.wrapper, reading.parser) if name is not None)
        yield f"{line.number:>6}  {reading.outcome:<9} {source}".rstrip()
        for priced in line.calls:
            yield from (INDENT + fact for fact in facts(priced))
        if reading.call is not None:
            if not line.calls or _is_adrift(reading):
                yield INDENT + _kept(reading)
            if found := where(self._reader.describe(line.text).fields):
                yield f"{INDENT}from {', '.join(found)}"
            if self._dimensions:
                yield f"{INDENT}labels {', '.join(self._labels(reading))}"
            self._note_lacking(line)
        for warning in line.warnings():
            yield f"{INDENT}! {plain(warning, 250)}"
        if reading.outcome == "not_llm" and (suggestion := self._suggester.suggest(line.text)) is not None:
            yield from (INDENT + text for text in advice(suggestion))

    def summary(self) -> Iterator[str]:
        """What there was altogether, and where to go on when no line gave a call."""
        yield ""
        yield from self._summary.told()
        if self._summary.is_fruitless:
            yield ""
            yield from nothing_found()

    def _labels(self, reading: Reading) -> Iterator[str]:
        for name, value in zip(self._dimensions, reading.dimensions, strict=True):
            yield f"{name} = {plain(value) or '(none)'}"

    def _note_lacking(self, line: Explained) -> None:
        lacks = line.reading.timestamp_ns is None or any(not _is_timed(call) for call, _, _ in line.calls)
        if line.calls and lacks and not self._summary.lacking:
            self._summary.lacking = self._suggester.lacking(line.text, line.reading)


def facts(priced: PricedCall) -> Iterator[str]:
    """Who answered, how much, how long; one line each."""
    call, cost, missing = priced
    model = plain(call.model or call.request_model or "model unknown")
    asked = f" (asked for {plain(call.request_model)})" if call.request_model not in (None, call.model) else ""
    status = "success" if call.error_type is None else f"error: {call.error_type}"
    stream = ", stream" if call.stream else ""
    tier = f", tier {plain(call.service_tier)}" if call.service_tier else ""
    provider, operation = plain(call.provider or "provider unknown"), call.operation or "operation unknown"
    yield f"{provider} {model}{asked}, {operation}{stream}{tier}, {status}"
    price = f"{usd(cost.pico_usd)} USD {cost.source}" if cost is not None else None
    if price is None and missing is None and call.error_type is None:
        halved = call.input_tokens is None or call.output_tokens is None
        price = "no price known" + ("" if halved and call.faults else ", give one with --prices FILE")
    yield ", ".join(part for part in (_tokens(call), price) if part is not None)
    yield ", ".join(_times(call))
    if call.rate_limit:
        yield f"limits: {', '.join(_limits(call.rate_limit))}"


def gist(call: Call) -> Iterator[str]:
    """Model, tokens and times of a call, for one line."""
    yield plain(call.model or call.request_model or "model unknown")
    yield _tokens(call)
    yield from _times(call)


def where(fields: Mapping[str, tuple[str, object]]) -> list[str]:
    """`duration: duration_ms = 1843` for each value that was found; of a body or headers only the place."""
    told = []
    for name, (path, value) in fields.items():
        is_content = type(value) is dict or type(value) is list or name in ("request", "response")
        place = path if path == name else f"{name}: {path}"
        told.append(plain(place if is_content else f"{place} = {value}", 80))
        if name == "response" and type(value) is dict:
            told += _usage_place(path, value)
    return told


def advice(suggestion: Suggestion) -> Iterator[str]:
    """What was seen, and what to put in the configuration."""
    yield f"? looks like {signs(suggestion.seen)}"
    if not suggestion.fields or suggestion.reading is None or suggestion.reading.call is None:
        yield "  but no parser knows its form: a parser of your own can read it, see --parsers"
        return
    yield "  put this in the file given by --config:"
    yield "    fields:"
    yield from (f"      {key}: {path}" for key, path in suggestion.fields.items())
    yield f"  and the line gives: {_gives(suggestion.reading)}"


def _gives(reading: Reading) -> str:
    call = reading.call or Call()
    if reading.outcome == "part":
        return f"part of a call, {WAITING[reading.stage or Stage.LAST]}"
    return f"{reading.outcome}, {plain(call.model or call.request_model or 'model unknown')}, {_tokens(call)}"


def _kept(reading: Reading) -> str:
    if reading.stage is None:
        return "not counted again: an earlier line has given this call"
    if reading.join_key is None:
        return f"{WAITING[reading.stage]}, but nothing to join it by: set fields.request_id"
    return f"{WAITING[reading.stage]}, joined by {plain(reading.join_key)}"


def _is_adrift(reading: Reading) -> bool:
    """A part of which the joiner can make nothing."""
    return reading.join_key is None and reading.stage not in (None, Stage.LAST)


def _tokens(call: Call) -> str:
    if call.input_tokens is None and call.output_tokens is None:
        return "tokens unknown"
    sides = []
    for side, tokens, names in (
        ("in", call.input_tokens, ("cached_input", "cache_write")),
        ("out", call.output_tokens, ("reasoning",)),
    ):
        details = ", ".join(f"{call.details[name]:,} {name}" for name in names if call.details.get(name))
        sides.append(
            (f"{tokens:,} {side}" if tokens is not None else f"? {side}") + (f" ({details})" if details else "")
        )
    return " + ".join(sides) + " tokens"


def _times(call: Call) -> Iterator[str]:
    yield "duration unknown" if call.duration_seconds is None else f"{call.duration_seconds:g} s"
    if call.time_to_first_token_seconds is not None:
        yield f"first token after {call.time_to_first_token_seconds:g} s"
    yield "time unknown" if call.timestamp_ns is None else rfc3339(call.timestamp_ns)
    if call.request_id is not None:
        yield f"request {plain(call.request_id)}"


def _limits(limit: Mapping[str, float]) -> Iterator[str]:
    for subject in LIMIT_SUBJECTS:
        remaining, most = limit.get(f"remaining_{subject}"), limit.get(f"limit_{subject}")
        if remaining is not None or most is not None:
            yield f"{_or_unknown(remaining)} of {_or_unknown(most)} {subject.replace('_', ' ')} left"
    if (after := limit.get("retry_after_seconds")) is not None:
        yield f"retry after {after:g} s"


def _or_unknown(value: float | None) -> str:
    return "?" if value is None else f"{value:,.10g}"


def _usage_place(path: str, value: dict[str, object]) -> Iterator[str]:
    """Where the usage lies in a body, which the parsers know and do not tell."""
    inner = next((f".{key}" for key in HTTP_BODIES if "usage" not in value and type(value.get(key)) is dict), "")
    body = value.get(inner[1:]) if inner else value
    if type(body) is dict and type(body.get("usage")) is dict:
        yield f"usage: {plain(path)}{inner}.usage"


def _is_timed(call: Call) -> bool:
    return call.duration_seconds is not None and call.timestamp_ns is not None
