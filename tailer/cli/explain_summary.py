"""What an explained log held altogether, and what to do when it held nothing; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from tailer.cli.explained import Explained
from tailer.cli.plain import number_of, plain, usd
from tailer.meter.bill import Row
from tailer.reading.chunk import OUTCOMES
from tailer.reading.names import NAMES

SHOWN_NAMES = 8


class Summary:
    """Counts of lines and calls; grows with the names of wrappers and parsers only."""

    def __init__(self) -> None:
        self.calls = 0
        self.lacking: Mapping[str, str] = {}
        """Fields that could tell what calls lack, of the first line where something looked like it."""
        self._outcomes: Counter[str] = Counter()
        self._wrappers: Counter[str] = Counter()
        self._parsers: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()
        self._sums = Row()

    def add(self, line: Explained) -> None:
        """Counts a line and its calls."""
        reading = line.reading
        self._outcomes[reading.outcome] += 1
        if reading.outcome not in ("empty", "oversize", "bad_json"):
            self._wrappers[reading.wrapper or "none"] += 1
        if reading.parser is not None:
            self._parsers[reading.parser] += 1
        for call, cost, missing in line.calls:
            self.calls += 1
            self._sums.add(call, cost, unmeasured=missing is not None)
            self._unknown["duration"] += call.duration_seconds is None
            self._unknown["time"] += call.timestamp_ns is None
            self._unknown["model"] += call.model is None and call.request_model is None

    @property
    def is_fruitless(self) -> bool:
        """There were lines, and none gave a call."""
        return self.calls == 0 and self._outcomes.total() > 0

    def told(self) -> Iterator[str]:
        """The summary, line by line."""
        outcomes = ", ".join(f"{self._outcomes[name]:,} {name}" for name in OUTCOMES if self._outcomes[name])
        yield f"{number_of(self._outcomes.total(), 'line')}{': ' if outcomes else ''}{outcomes}"
        if self.calls:
            sums = self._sums
            tokens = f"{sums.input_tokens:,} in + {sums.output_tokens:,} out tokens"
            cost = f", {usd(sums.pico_usd)} USD" if sums.cost_is_known else ""
            yield f"{number_of(self.calls, 'call')}: {number_of(sums.errors, 'error')}, {tokens}{cost}"
        for title, names in (("wrappers", self._wrappers), ("parsers", self._parsers)):
            if names:
                yield f"{title}: {', '.join(f'{plain(name)} {count:,}' for name, count in names.most_common())}"
        yield from self._told_unknown()

    def _told_unknown(self) -> Iterator[str]:
        unknown = {**self._unknown, "price": self._sums.unpriced_calls, "usage": self._sums.unmeasured_calls}
        told = ", ".join(f"{name} of {count:,}" for name, count in unknown.items() if count)
        if told:
            yield f"not known: {told} of {number_of(self.calls, 'call')}"
        if self.lacking:
            yield "perhaps the configuration can help (file given by --config):"
            yield "  fields:"
            yield from (f"    {key}: {path}" for key, path in self.lacking.items())


def nothing_found() -> Iterator[str]:
    """What is looked for and how to say where it is instead."""
    yield "No line gave a call. What is looked for:"
    yield "  the answer of a provider's API, as the line itself or in it; also as JSON in a text, or as a whole stream,"
    yield f"    under {_names('response')}, or inside {_names('nest')}"
    yield f"  the request beside it or on its own line, under {_names('request')}"
    yield f"  its time as {_names('timestamp')}; its duration as {_names('duration')}, also with _ms, _s, _ns"
    yield "Where yours are can be said in the file given by --config:"
    yield "  fields:"
    yield "    response: dotted.path.to.the.answer"
    yield "    request: dotted.path.to.the.request"
    yield "    request_id: dotted.path        # joins a request line with its answer"
    yield "    timestamp: dotted.path"
    yield "    duration: dotted.path"
    yield "    duration_unit: ms"
    yield "or, where the line has no answer but counts of its own,"
    yield "    model: dotted.path"
    yield "    input_tokens: dotted.path"
    yield "    output_tokens: dotted.path"
    yield "`tokentail explain --suggest FILE` tries what is there and prints such a section."
    yield "An answer of a form that no parser knows takes a parser of your own: --parsers FILE"


def _names(role: str) -> str:
    return ", ".join(NAMES[role][:SHOWN_NAMES]) + ", …"
