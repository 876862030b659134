"""What a line says, with the calls that it completes, and the object of `explain --format json`; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from parsers.base import LIMIT_SUBJECTS, Call
from tailer.meter.joiner import Joined, Joiner
from tailer.meter.ledger import PICO_USD, Cost
from tailer.meter.open_call import missing_usage
from tailer.reading.chunk import Reading
from tailer.reading.reading import MAX_WARNING_CHARS

from .plain import rfc3339

LIMIT_KEYS = (
    *(key.format(subject) for subject in LIMIT_SUBJECTS for key in ("limit_{}", "remaining_{}", "reset_{}_seconds")),
    "retry_after_seconds",
)
"""The keys of `rate_limit` in the order of the contract."""

Json = dict[str, object]
PriceOf = Callable[[Call], Cost | None]


class PricedCall(NamedTuple):
    """A finished call, what it cost, and why it has no token counts."""

    call: Call
    cost: Cost | None
    missing: str | None


class Explained(NamedTuple):
    """One line (`text` without its ending) and the calls that end with it."""

    text: bytes
    reading: Reading
    calls: tuple[PricedCall, ...] = ()

    @property
    def number(self) -> int:
        """Lines are counted from 1 for people."""
        return self.reading.number + 1

    def warnings(self) -> list[str]:
        """What was odd about the line, and about calls whose other parts were on earlier lines."""
        told = list(self.reading.warnings)
        for call, _, missing in self.calls:
            told += [fault for fault in call.faults if fault[:MAX_WARNING_CHARS] not in told]
            if missing is not None:
                none = call.input_tokens is None and call.output_tokens is None
                told.append(f"{'no' if none else 'incomplete'} token counts: {missing}")
        return told


def explained(
    lines: Iterable[tuple[bytes, Reading]], joiner: Joiner, price_of: PriceOf, now_ns: int
) -> Iterator[Explained]:
    """Each line with the calls it completes; what is open at the end is closed on the last line.

    A line is held back until the next one comes only while a call is open.
    """
    last: Explained | None = None
    for text, reading in lines:
        if last is not None:
            yield last
        last = Explained(text, reading, _priced(joiner.add(reading, now_ns), price_of))
        if not len(joiner):
            yield last
            last = None
    if last is not None:
        yield last._replace(calls=last.calls + _priced(joiner.close_all(), price_of))


def as_json(line: Explained) -> Json:
    """The object of the contract."""
    reading = line.reading
    return {
        "line": line.number,
        "outcome": reading.outcome,
        "wrapper": reading.wrapper,
        "parser": reading.parser,
        "warnings": line.warnings(),
        "calls": [_call(*priced) for priced in line.calls],
    }


def _priced(joined: Iterable[Joined], price_of: PriceOf) -> tuple[PricedCall, ...]:
    return tuple(PricedCall(one.call, price_of(one.call), missing_usage(one)) for one in joined)


def _call(call: Call, cost: Cost | None, _: str | None) -> Json:
    # A usage block that is there and believed says by silence that there was no such token.
    known = (call.input_tokens is not None or call.output_tokens is not None) and not call.faults
    silent = 0 if known else None
    return {
        "provider": call.provider,
        "model": call.model or call.request_model,
        "request_model": call.request_model,
        "operation": call.operation,
        "status": call.status,
        "error_type": call.error_type,
        "input_tokens": call.input_tokens,
        "output_tokens": call.output_tokens,
        "cached_input_tokens": call.details.get("cached_input", silent),
        "cache_write_tokens": call.details.get("cache_write", silent),
        "reasoning_tokens": call.details.get("reasoning", silent),
        "duration_seconds": call.duration_seconds,
        "time_to_first_token_seconds": call.time_to_first_token_seconds,
        "timestamp": None if call.timestamp_ns is None else rfc3339(call.timestamp_ns),
        "request_id": call.request_id,
        "stream": call.stream,
        "service_tier": call.service_tier,
        "cost_usd": None if cost is None else cost.pico_usd / PICO_USD,
        "cost_source": None if cost is None else cost.source,
        "rate_limit": {key: call.rate_limit[key] for key in LIMIT_KEYS if key in call.rate_limit},
    }
