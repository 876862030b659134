"""What the ledger keeps: the labels, the values they can take, the buckets. Tables only, counts nothing."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from parsers.base import DETAILS, ERROR_TYPES
from tailer.tally import Labels

OTHER = "__other__"
"""Stands for the label values of all series that came after a family was full."""

BASE_LABELS = ("provider", "model", "operation")
MODEL_LABELS = (":request_model", ":response_model")
"""What was asked for and what answered, where a profile tells them apart; no dimension can have such a name."""
PICO_USD = 10**12
"""Cost is added up in whole pico-dollars, so that sums are exact in any order."""

DURATION_BOUNDS = tuple(round(0.01 * 2**power, 2) for power in range(15))
"""0.01 s doubling to 163.84 s."""
MILLISECOND_BOUNDS = (10, 50, 100, 250, 500, 1000, 2500, 5000, 10000)
"""The buckets of `prom_client`, in its unit."""
FINE_BOUNDS = tuple(sorted({*DURATION_BOUNDS, *(bound / 1000 for bound in MILLISECOND_BOUNDS)}))
"""The buckets of all profiles together: each profile's own can be told exactly from these, whenever it is chosen."""
TOKEN_BOUNDS = tuple(float(4**power) for power in range(14))
"""1, 4, 16 … 67108864 tokens."""

MISSING_REASONS = ("no_usage", "bad_usage", "stream_without_usage", "stream_interrupted", "no_response")
"""Why a call has no token counts; the closed set of `llm_usage_missing_total{reason}`."""

DISTRIBUTIONS = ("duration", "first_token", "token_sizes")
OUTCOMES = ("", *ERROR_TYPES)

# The closed labels that follow the base labels of each family, and the values they can take.
CLOSED: dict[str, tuple[Labels, ...]] = {
    "requests": (("success", ""), *(("error", kind) for kind in ERROR_TYPES)),
    "tokens": (("input",), ("output",)),
    "details": tuple((detail,) for detail in DETAILS),
    "cost": (("estimated",), ("reported",)),
    "unpriced_requests": ((),),
    "unpriced_tokens": ((),),
    "usage_missing": tuple((reason,) for reason in MISSING_REASONS),
    "duration": (("success",), ("error",)),
    "first_token": ((),),
}
CLOSED_BY_ERROR: dict[str, tuple[Labels, ...]] = {
    "duration": tuple((outcome,) for outcome in OUTCOMES),
    "first_token": tuple((outcome,) for outcome in OUTCOMES),
    "token_sizes": tuple((kind, outcome) for kind in ("input", "output") for outcome in OUTCOMES),
}
"""Of the distributions where a profile has them by error type, "" for a success."""
BORN: dict[str, tuple[Labels, ...]] = {
    name: CLOSED[name] for name in ("requests", "tokens", "unpriced_requests", "unpriced_tokens")
} | {"details": (("cached_input",), ("cache_write",), ("reasoning",))}
"""The children that exist at zero as soon as their parent is seen, so that `increase` never misses the first."""


class Cost(NamedTuple):
    """What a call cost, in pico-dollars, and who says so."""

    pico_usd: int
    source: str


Amount = tuple[int, str]
"""As `Cost`, or a plain tuple of the same: one is made for every call."""


class Needs(msgspec.Struct, frozen=True):
    """What the profiles in use want the ledger to keep beyond what it always does."""

    apart: bool = False
    """The models asked for and answering as labels of their own, distributions by error type and of token counts."""
    last_calls: bool = False

    def __or__(self, other: Needs) -> Needs:
        return Needs(self.apart or other.apart, self.last_calls or other.last_calls)

    def labels(self, dimensions: Labels) -> Labels:
        """The base labels, the configured dimensions, and those that only profiles with `apart` can see."""
        return (*BASE_LABELS, *dimensions, *(MODEL_LABELS if self.apart else ()))

    def closed(self) -> dict[str, tuple[Labels, ...]]:
        """The families and the values of their closed labels."""
        return CLOSED | CLOSED_BY_ERROR if self.apart else CLOSED


def bounds_of(distribution: str) -> tuple[float, ...]:
    """The buckets in which a distribution is kept."""
    return TOKEN_BOUNDS if distribution == "token_sizes" else FINE_BOUNDS
