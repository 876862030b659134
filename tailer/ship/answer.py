"""What Loki's answer to a push means: status, headers and text to a verdict; pure, the clock is an argument.

Source: the HTTP API reference of Grafana Loki and its list of ingestion errors.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal, NamedTuple

RetryReason = Literal[
    "connection",
    "tls",
    "timeout",
    "rate_limited",
    "server_error",
    "unauthorized",
    "not_found",
    "redirect",
    "not_loki",
    "disallowed",
    "unexpected_status",
    "credentials",
    "checkpoint",
]
"""The closed set of reasons to wait. `checkpoint`: times given to lines could not be saved, so the lines wait."""

_WAITABLE: dict[int, RetryReason] = {
    401: "unauthorized",
    403: "unauthorized",
    404: "not_found",
    408: "timeout",
    429: "rate_limited",
}
_TOO_LARGE = re.compile(r"(message|body|request)( size)? (too large|larger than max)|too large than max", re.IGNORECASE)
# A matter of the tenant's settings, not of any entry: until they change nothing would be taken.
_DISALLOWED = re.compile(r"feature is disallowed|blocked for user|missing required labels", re.IGNORECASE)
_SIZE_MAY_MATTER = (408, 429, 502, 504)


class Accepted(NamedTuple):
    """Every entry of the push is Loki's."""


class Retry(NamedTuple):
    """Nothing is decided: push again, after `after_seconds` where Loki named a time. `detail` is safe to log."""

    reason: RetryReason
    after_seconds: float | None = None
    detail: str = ""
    divide: bool = False
    """Whether the size of the push may be to blame: a burst limit, a slow line, a proxy that hangs up on large ones."""


class Refused(NamedTuple):
    """At least one entry will never be taken; `text` is what Loki said and may quote labels of the push."""

    status: int
    text: str


class TooLarge(NamedTuple):
    """The push as a whole is too large; its parts may be taken."""

    status: int = 413
    text: str = "the push is too large"


Answer = Accepted | Retry | Refused | TooLarge


class Reply(NamedTuple):
    """What came back over HTTP, the text bounded by whoever read it."""

    status: int
    text: str
    content_type: str = ""
    retry_after: str | None = None


def judge(reply: Reply, now_ns: int) -> Answer:
    """The meaning of a reply. What is not known to be final is tried again: no entry is given up on a guess."""
    status = reply.status
    detail = f"HTTP {status}"
    # A page made for people comes from a proxy or a wrong address, whatever its status says.
    if "html" in reply.content_type and (status < 300 or status in (400, 422)):
        return Retry("not_loki", None, detail)
    if status in (200, 202, 204):
        return Accepted()
    if status == 413 or (status >= 400 and _TOO_LARGE.search(reply.text)):
        return TooLarge(status, reply.text)
    if status in (400, 422):
        return Retry("disallowed", None, detail) if _DISALLOWED.search(reply.text) else Refused(status, reply.text)
    wait_seconds = retry_after_seconds(reply.retry_after, now_ns)
    return Retry(_reason(status), wait_seconds, detail, status in _SIZE_MAY_MATTER)


def retry_after_seconds(header: str | None, now_ns: int) -> float | None:
    """`Retry-After` in seconds from now, from either of its forms; None when absent or unreadable."""
    if header is None:
        return None
    header = header.strip()
    if re.fullmatch(r"[0-9]{1,9}", header):
        return float(header)
    try:
        then = parsedate_to_datetime(header)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.fromtimestamp(now_ns / 1e9, UTC)).total_seconds())


def _reason(status: int) -> RetryReason:
    if status in _WAITABLE:
        return _WAITABLE[status]
    if status >= 500:
        return "server_error"
    return "redirect" if 300 <= status < 400 else "unexpected_status"
