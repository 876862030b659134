"""What the page at `/` shows, as plain data for JSON: from what is durable, and how everything stands now."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence

from parsers.base import ERROR_TYPES
from tailer import __version__
from tailer.meter.facts import FINE_BOUNDS, OTHER, PICO_USD
from tailer.meter.history import MODELS, OTHERS, Minute, places, quantile
from tailer.meter.recent import RecentCall
from tailer.meter.sums import COUNTS, INPUT, NONE, OUTPUT, Counts, Model, Sums
from tailer.meter.sums import PICO_USD as COST
from tailer.outbound.counted import family
from tailer.push.push import Push
from tailer.runtime import Numbers, Runtime
from tailer.ship.privacy_key import naming_of
from tailer.source.marks import METER
from tailer.source.tracked import TrackedFile, printable

FILES = 20
"""Of so many files, the ones furthest behind, it is told how far they were read."""
QUANTILES = (0.5, 0.95, 0.99)
LOST = ("truncated", "deleted", "unfinished", "truncated_unsent", "deleted_unsent", "unfinished_unsent")

Told = dict[str, object]


class Overview:
    """Everything that the page is told."""

    def __init__(self, runtime: Runtime, pushes: Sequence[Push] = ()) -> None:
        self._runtime = runtime
        self._pushes = pushes
        self._name = naming_of(runtime.config)
        self._names: dict[str, str] = {}

    async def tell(self) -> dict[str, object]:
        """The totals are those of the last save, which is made for it; where it fails they stand still."""
        try:
            await self._runtime.past.sample()
        except OSError:  # Said by the checkpoint, and told as its state.
            saved = Numbers.restored(self._runtime.config, self._runtime.checkpoint.last())
            self._runtime.past.recall(*saved)
        self._names.clear()
        now = time.time()
        history = self._runtime.past.history
        hour = history.hour(now)
        return {
            "at": round(now, 3),
            "about": self._about(),
            "state": self._state(),
            "ever": self._period(history.latest, None),
            "today": self._period(history.today, history.today_since),
            "hour": self._period(hour, max(history.since, now - 3600)),
            "minutes": [_minute(minute) for minute in history.minutes(now)],
            "consumers": [self._consumer(name) for name in self._runtime.journal.consumers()],
            "pushes": [_push(push) for push in self._pushes],
            "files": self._files(),
            "troubles": self._troubles(),
            "calls": [self._call(call) for call in self._runtime.meter.recent.all()],
        }

    def _about(self) -> Told:
        config = self._runtime.config
        return {
            "version": __version__,
            "since": round(self._runtime.past.history.since, 3),
            "prices_of": self._runtime.prices.date,
            "paths": [printable(path) for path in config.paths],
            "state_dir": printable(config.state_dir),
            "forwards": bool(self._runtime.senders),
            "open_calls": len(self._runtime.joiner),
        }

    def _state(self) -> Told:
        checkpoint = self._runtime.checkpoint
        return {
            "saved_at": round(checkpoint.saved_at, 3) or None,
            "failing": checkpoint.failing,
            "recounting": not self._runtime.recounted.is_set(),
        }

    def _period(self, sums: Sums, since: float | None) -> Told:
        """Sums, the dearest models first, and all others together as the last row, without a name."""
        rows = sorted(sums.models.items(), key=lambda item: (item[0] != OTHERS, item[1][COST], item[1]), reverse=True)
        shown = [row for row in rows if row[0] != OTHERS][:MODELS]
        rest = [counts for model, counts in rows if model not in dict(shown)]
        models = [self._model(model, counts) for model, counts in shown]
        if rest:
            models.append(self._model(OTHERS, tuple(map(sum, zip(NONE, *rest, strict=True)))))
        return {
            "since": None if since is None else round(since, 3),
            **_counts(sums.total()),
            "tokens": _kinds(sums),
            "models": models,
            "errors_by_type": _by_size(sums, "error"),
            "missing": _by_size(sums, "missing"),
            "lines": _by_size(sums, "line"),
            "latency": _latency(sums),
        }

    def _model(self, model: Model, counts: Counts) -> Told:
        provider, name = ("others" if part == OTHER else self._shown(part) for part in model)
        return {"provider": provider, "model": name, **_counts(counts)}

    def _consumer(self, name: str) -> Told:
        journal = self._runtime.journal
        lag = journal.lag_bytes(name)
        told: Told = {"name": name, "lag_bytes": lag, "position": journal.known_bytes() - lag}
        if name == METER:
            calls = self._runtime.meter.recent.all()
            at = calls[-1].counted_ns if calls else None
            return {**told, "does": self._meter_does(lag), "since": None, "succeeded_at": _seconds(at)}
        pusher = self._runtime.senders[name].pusher
        does = pusher.waiting_reason or ("sending" if lag else "caught_up")
        since, at = pusher.waiting_since_ns, pusher.accepted_ns
        return {**told, "does": does, "since": _seconds(since), "succeeded_at": _seconds(at)}

    def _meter_does(self, lag: int) -> str:
        if not len(self._runtime.journal.files):
            return "no_file"
        if not lag:
            return "caught_up"
        return "unfinished_line" if self._runtime.journal.is_level(METER) else "reading"

    def _files(self) -> Told:
        journal = self._runtime.journal
        known = sorted(journal.files, key=lambda file: (-journal.lag_of(METER, file), -file.record.size))
        return {"count": len(known), "shown": [self._file(file) for file in known[:FILES]]}

    def _file(self, file: TrackedFile) -> Told:
        journal = self._runtime.journal
        lags = {name: journal.lag_of(name, file) for name in journal.consumers()}
        return {"path": printable(file.record.place), "size": file.record.size, "lag_bytes": lags}

    def _troubles(self) -> Told:
        telemetry = self._runtime.numbers.telemetry
        lost = {cause: telemetry.value("tokentail_lost_bytes_total", cause) for cause in LOST}
        return {
            "lost_bytes": {cause: count for cause, count in lost.items() if count},
            "set_aside_entries": {name: entries for name, entries in self._set_aside() if entries},
            "file_errors": telemetry.total("tokentail_file_errors_total"),
            "series_overflow": telemetry.value("tokentail_series_overflow_total"),
        }

    def _set_aside(self) -> Iterator[tuple[str, dict[str, float]]]:
        """Of each sink, by outcome."""
        telemetry = self._runtime.numbers.telemetry
        for name in self._runtime.senders:
            metric, labels = family(name, "entries_total")
            entries = {outcome: telemetry.value(metric, *labels, outcome) for outcome in ("refused", "doubtful")}
            yield name, {outcome: count for outcome, count in entries.items() if count}

    def _call(self, call: RecentCall) -> Told:
        error = call.error_type
        return {
            "serial": call.serial,
            "at": _seconds(call.timestamp_ns),
            "counted_at": _seconds(call.counted_ns),
            "provider": self._shown(call.provider),
            "model": self._shown(call.model),
            "operation": self._shown(call.operation or "chat"),
            "error_type": error if error is None or error in ERROR_TYPES else "unknown",
            "missing": call.missing,
            "input_tokens": call.input_tokens,
            "output_tokens": call.output_tokens,
            "cost_usd": None if call.pico_usd is None else call.pico_usd / PICO_USD,
            "duration_seconds": call.duration_seconds,
            "request_id": self._shown(call.request_id),
        }

    def _shown(self, name: str | None) -> str | None:
        """A name or an id from the log, as the section `privacy` lets it be seen."""
        if name is None:
            return None
        if name not in self._names:
            self._names[name] = self._name(name)
        return self._names[name]


def _push(push: Push) -> Told:
    """How a receiver of metrics fares; `refused` is the status of its refusal."""
    return {
        "name": push.name,
        "does": push.pusher.waiting_reason or ("refused" if push.refused_status is not None else "caught_up"),
        "status": push.refused_status,
        "since": _seconds(push.pusher.waiting_since_ns),
        "succeeded_at": None if push.arrived_seconds is None else round(push.arrived_seconds, 3),
    }


def _counts(counts: Counts) -> Told:
    """By the names of `report --format json`."""
    named: Told = dict(zip(COUNTS, counts, strict=True))
    del named["pico_usd"]
    return {**named, "cost_usd": counts[COST] / PICO_USD}


def _kinds(sums: Sums) -> dict[str, int]:
    """Tokens by kind, so that nothing is in two of them and their sum is the total."""
    total, parts = sums.total(), sums.of("detail")
    cached, written, reasoning = (parts.get(name, 0) for name in ("cached_input", "cache_write", "reasoning"))
    return {
        "input": max(0, total[INPUT] - cached - written),
        "cached_input": cached,
        "cache_write": written,
        "output": max(0, total[OUTPUT] - reasoning),
        "reasoning": reasoning,
    }


def _minute(minute: Minute) -> Told:
    sums = minute.sums
    return {
        "start": minute.start,
        **_counts(sums.total()),
        "tokens": _kinds(sums),
        "errors_by_type": _by_size(sums, "error"),
        "latency": _latency(sums),
    }


def _latency(sums: Sums) -> list[float] | None:
    """The quantiles of the calls that succeeded, in seconds; None where no line told a duration."""
    counts = places(sums)
    found = [quantile(share, counts, FINE_BOUNDS) for share in QUANTILES]
    return [round(seconds, 4) for seconds in found if seconds is not None] or None


def _by_size(sums: Sums, kind: str) -> dict[str, int]:
    facts: Iterable[tuple[str | int, int]] = sums.of(kind).items()
    return {str(which): count for which, count in sorted(facts, key=lambda item: -item[1])}


def _seconds(time_ns: int | None) -> float | None:
    return None if time_ns is None else round(time_ns / 1e9, 3)
