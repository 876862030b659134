"""Calls become plain numbers: totals, distributions, last limits. Knows no metric name, no clock, no file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from math import inf

from parsers.base import DETAILS, ERROR_TYPES, Call
from tailer.config import Limits
from tailer.meter.account import Account, Children
from tailer.meter.exemplars import Exemplars, Fresh, Noted
from tailer.meter.facts import (
    BASE_LABELS,
    BORN,
    CLOSED,
    DISTRIBUTIONS,
    FINE_BOUNDS,
    OTHER,
    PICO_USD,
    TOKEN_BOUNDS,
    Amount,
    Cost,
    Needs,
    bounds_of,
)
from tailer.meter.last_calls import LastCalls
from tailer.meter.open_call import Joined, is_measured, missing_usage
from tailer.meter.rate_limits import RateLimits
from tailer.meter.saved_ledger import SavedLedger, told_now
from tailer.meter.unpriced import PriceAgain, Unpriced
from tailer.tally import Bins, Child, Counter, Histogram, Labels, Marks, dump, restore

__all__ = ["BASE_LABELS", "CLOSED", "NO_NEEDS", "OTHER", "PICO_USD", "Cost", "Ledger", "Needs", "SavedLedger"]

# A parser of somebody else's may break its word: these sets must stay closed, or the series would have no bound.
KNOWN_ERRORS = frozenset(ERROR_TYPES)
KNOWN_DETAILS = frozenset(DETAILS)
NO_NEEDS = Needs()


class Ledger:
    """The numbers of all calls so far, by provider, model, operation and the configured dimensions.

    A family holds as many label sets as `Limits` says, those of `__other__` among them, or as many as `__other__` alone
    needs where that is more. What was restored stays, even above a limit that has become lower.
    """

    def __init__(
        self,
        limits: Limits,
        dimensions: Labels = (),
        needs: Needs = NO_NEEDS,
        naming: Callable[[str], str] | None = None,
    ) -> None:
        """`naming` says how an id taken from a line may be seen in an exemplar; without it there are no exemplars."""
        closed = needs.closed()
        self.labels = needs.labels(dimensions)
        self.counters = {name: Counter() for name in closed if name not in DISTRIBUTIONS}
        self.histograms = {name: Histogram(bounds_of(name)) for name in closed if name in DISTRIBUTIONS}
        self.limits = RateLimits(limits.counter_label_sets)
        self.overflowed = 0
        self.given_up = 0
        """Calls without a price that could not be kept until there is one."""
        self._needs = needs
        self._apart = needs.apart
        self._wants_more = needs != NO_NEEDS
        self._limits = limits
        self._rooms = {name: _room(name, limits) - len(values) for name, values in closed.items()}
        self._other = (OTHER,) * len(self.labels)
        self.last_calls = LastCalls(limits.counter_label_sets, self._other)
        self._unpriced = Unpriced(limits.counter_label_sets)
        self._accounts: dict[tuple[object, ...], Account] = {}
        self._exemplars = None if naming is None else Exemplars(naming)

    def add(  # noqa: PLR0913, PLR0917 - made for every call, and an object of them would cost as much as to count them
        self,
        call: Call,
        dimensions: Labels,
        cost: Amount | None,
        missing: str | None,
        now_ns: int,
        noted: Noted | None = None,
    ) -> None:
        """Counts one finished call. `cost` is as `Cost` says; `missing` why usage is absent, if not the call knows.

        `noted` is the same call, to be kept for an exemplar if its line gave an id.
        """
        is_kept = self._exemplars is not None and noted is not None and (noted[2] or call.request_id)
        noted = noted if is_kept else None
        # One slice, for the fields of a NamedTuple are slow to read one by one.
        provider, operation, model, asked, error, given, made, details = call[:8]
        key = (provider, model, asked if self._apart or not model else None, operation, dimensions)
        account = self._accounts.get(key) or self._open(key, call, dimensions)
        sums = account.sums
        if error is None:
            status, error = "success", ""
        else:
            status, error = "error", error if error in KNOWN_ERRORS else "unknown"
        sums["requests", status, error].value += 1
        if given is not None:
            sums["tokens", "input"].value += given
        if made is not None:
            sums["tokens", "output"].value += made
        if details:
            _add_details(sums, details)
        if cost is not None:
            child, fresh = account.costs[cost[1]]
            child.value += cost[0]
            if noted is not None:
                fresh[0] = noted
        if cost is None or missing is not None or (given is None and made is None):
            self._add_unknown(account, call, cost, missing)
        self._add_times(account, call, error if self._apart else status, noted)
        if self._wants_more:
            self._add_wanted(account, call, cost, error, now_ns)
        if call.rate_limit:
            self.overflowed += self.limits.note(account.base, call, now_ns)

    def price(self, price_again: PriceAgain) -> int:
        """Adds the cost of calls that had no price when they were counted and have one now; how many they are.

        Each is paid once: what is priced is kept no longer, and both are saved together.
        """
        priced = self._unpriced.price(price_again)
        for base, (pico_usd, source), _ in priced:
            child, _ = self._sum(base, "cost", (source,))
            child.value += pico_usd
        return sum(one.calls for one in priced)

    def exemplars(self, family: str, now_ns: int) -> Mapping[Labels, Marks]:
        """The newest call of each series and bucket of a family, of those whose lines have an id."""
        return {} if self._exemplars is None else self._exemplars.of(family, now_ns)

    def read(self, count: int, now_ns: int) -> None:
        """So many bytes of log were counted, whose calls may be held for exemplars."""
        if self._exemplars is not None:
            self._exemplars.read(count, now_ns)

    def dump(self) -> SavedLedger:
        return SavedLedger(
            self.labels,
            dump(self.counters, self.histograms),
            self.limits.dump(),
            self._apart,
            self.last_calls.dump(),
            self._unpriced.dump(),
        )

    def load(self, saved: SavedLedger) -> list[str]:
        """Restores saved numbers; returns the names of those that no longer fit. Labels unknown then are empty."""
        saved = told_now(saved, self.labels, apart=self._apart)
        self._accounts.clear()
        self.limits.load(saved.limits)
        if self._needs.last_calls:
            self.last_calls.load(saved.last_calls)
        self._unpriced.load(saved.unpriced)
        return restore(saved.tally, self.counters, self.histograms)

    def _open(self, key: tuple[object, ...], call: Call, dimensions: Labels) -> Account:
        chars = self._limits.label_value_chars
        names = (call.provider or "unknown", call.model or call.request_model or "unknown", call.operation or "chat")
        models = (call.request_model or "", call.model or "") if self._apart else ()
        whole = (*names, *dimensions, *models)
        base = tuple(value[:chars] for value in whole)
        self._bear(base)
        account = Account(base, self._sum, self._bins, self._fresh)
        if base == whole:  # Never remember a name as long as a line can be.
            if len(self._accounts) >= 2 * self._limits.counter_label_sets:
                self._accounts.clear()
            self._accounts[key] = account
        return account

    def _bear(self, base: Labels) -> None:
        """Known children start at zero while there is ample room; they must not crowd out real ones."""
        for name, closed in BORN.items():
            counter = self.counters[name]
            for labels in closed:
                if len(counter.children) < self._limits.counter_label_sets // 4:
                    counter.bear(base + labels)
        durations = self.histograms["duration"]
        if len(durations.values) < self._limits.histogram_label_sets // 4:
            durations.bear((*base, "" if self._apart else "success"))

    def _add_unknown(self, account: Account, call: Call, cost: Amount | None, missing: str | None) -> None:
        """Tokens or a price that nobody told."""
        reason = missing_usage(Joined(call, (), missing))
        if reason is not None:
            account.sums["usage_missing", reason].value += 1
        if cost is None and is_measured(call):
            account.sums["unpriced_requests",].value += 1
            account.sums["unpriced_tokens",].value += (call.input_tokens or 0) + (call.output_tokens or 0)
            self.given_up += self._unpriced.add(account.base, call)

    def _add_times(self, account: Account, call: Call, outcome: str, noted: Noted | None) -> None:
        seconds, first = call.duration_seconds, call.time_to_first_token_seconds
        # Less or infinite is no time at all; and a sum that is infinite could not even be saved.
        if seconds is not None and 0 <= seconds < inf:
            bins, fresh = account.durations[outcome]
            place = bins.put(seconds, FINE_BOUNDS)
            if noted is not None:
                fresh[place] = noted
        if first is not None and 0 <= first < inf:
            account.bins[("first_token", outcome) if self._apart else ("first_token",)].put(first, FINE_BOUNDS)

    def _add_wanted(self, account: Account, call: Call, cost: Amount | None, error: str, now_ns: int) -> None:
        """What only some profiles want."""
        if self._apart:
            for kind, tokens in (("input", call.input_tokens), ("output", call.output_tokens)):
                if tokens is not None and 0 <= tokens < inf:
                    account.bins["token_sizes", kind, error].put(tokens, TOKEN_BOUNDS)
        if self._needs.last_calls:
            self.overflowed += self.last_calls.note(account.base, call, cost, now_ns)

    def _sum(self, base: Labels, name: str, closed: Labels) -> tuple[Child, bool]:
        counter = self.counters[name]
        labels, is_own = self._place(counter.children, base, name, closed)
        return counter.bear(labels), is_own

    def _bins(self, base: Labels, name: str, closed: Labels) -> tuple[Bins, bool]:
        histogram = self.histograms[name]
        labels, is_own = self._place(histogram.values, base, name, closed)
        return histogram.bear(labels), is_own

    def _fresh(self, base: Labels | None, name: str, closed: Labels) -> Fresh:
        return {} if self._exemplars is None else self._exemplars.fresh(name, (base or self._other) + closed)

    def _place(self, known: Collection[Labels], base: Labels, name: str, closed: Labels) -> tuple[Labels, bool]:
        """The labels to count under, and whether they are the base's own: in a full family those of `__other__`."""
        labels = base + closed
        if labels in known or len(known) < self._rooms[name]:
            return labels, True
        self.overflowed += 1
        return self._other + closed, False


def _add_details(sums: Children[Child], details: Mapping[str, int]) -> None:
    for detail, tokens in details.items():
        if tokens and detail in KNOWN_DETAILS:
            sums["details", detail].value += tokens


def _room(family: str, limits: Limits) -> int:
    return limits.histogram_label_sets if family in DISTRIBUTIONS else limits.counter_label_sets
