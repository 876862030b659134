"""The text of /metrics to the few numbers of the demo's summary line; knows only the metrics it sums."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException
from typing import NamedTuple

TIMEOUT_SECONDS = 5.0


class Summary(NamedTuple):
    """Sums over all label sets; `lag_bytes` is what the meter has still to read."""

    calls: int
    errors: int
    tokens: int
    cost_usd: float
    lag_bytes: int

    def __str__(self) -> str:
        return f"{self.calls:,} calls ({self.errors:,} errors), {self.tokens:,} tokens, ${self.cost_usd:,.4f}"


def summarize(exposition: str) -> Summary:
    """The summary of an exposition in the Prometheus text format."""
    return Summary(
        calls=round(_total(exposition, "llm_requests_total")),
        errors=round(_total(exposition, "llm_requests_total", 'status="error"')),
        tokens=round(_total(exposition, "llm_tokens_total")),
        cost_usd=_total(exposition, "llm_cost_usd_total"),
        lag_bytes=round(_total(exposition, "tokentail_lag_bytes", 'consumer="meter"')),
    )


def fetch(address: str) -> Summary | None:
    """What /metrics at this `host:port` says now, None when it does not answer. Blocks for at most some seconds."""
    connection = HTTPConnection(address, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        text = answer.read().decode()
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
    return summarize(text) if answer.status == 200 else None


def _total(exposition: str, name: str, label: str = "") -> float:
    total = 0.0
    for line in exposition.splitlines():
        rest = line.removeprefix(name)
        if rest != line and rest[:1] in ("{", " ") and label in rest:
            total += float(rest.rpartition("}")[2].split()[0])
    return total
