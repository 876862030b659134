"""What came of a push: values, and what of HTTP means the same to every receiver; pure, the clock is an argument."""

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
    "unexpected_answer",
    "unacknowledged",
    "credentials",
    "checkpoint",
]
"""The closed set of reasons to wait. `checkpoint`: what is to be sent could not be saved first."""

_WAITABLE: dict[int, RetryReason] = {
    401: "unauthorized",
    403: "unauthorized",
    404: "not_found",
    408: "timeout",
    429: "rate_limited",
}
_SIZE_MAY_MATTER = (408, 429, 502, 504)
_TOO_LARGE = re.compile(r"(message|body|request)( size)? (too large|larger than max)|too large than max", re.IGNORECASE)


class Accepted(NamedTuple):
    """All of the push is the receiver's."""


class Retry(NamedTuple):
    """Nothing is decided: push again, after `after_seconds` where a time was named. `detail` is safe to log."""

    reason: RetryReason
    after_seconds: float | None = None
    detail: str = ""
    divide: bool = False
    """Whether the size of the push may be to blame: a burst limit, a slow line, a proxy that hangs up on large ones."""


class Refused(NamedTuple):
    """Something of the push will never be taken; `text` is what the receiver said and may quote what was pushed."""

    status: int
    text: str


class TooLarge(NamedTuple):
    """The push as a whole is too large; its parts may be taken."""

    status: int = 413
    text: str = "the push is too large"


class PartlyTaken(NamedTuple):
    """So many of the push were rejected for good, the others taken, and which is not told: none may be sent again."""

    rejected: int
    status: int
    text: str


Verdict = Accepted | Refused | TooLarge | PartlyTaken
"""What decides about a push."""
Answer = Verdict | Retry


class Reply(NamedTuple):
    """What came back over HTTP, the text bounded by whoever read it."""

    status: int
    text: str
    content_type: str = ""
    retry_after: str | None = None
    data: bytes = b""
    """The text as it came, for who answers in a binary format."""

    @property
    def is_page(self) -> bool:
        """Made for people: it comes from a proxy or a wrong address, whatever its status says."""
        return "html" in self.content_type

    def is_too_large(self) -> bool:
        """Whether it says that of the push as a whole: some say so in words, with another status than 413."""
        return self.status == 413 or (self.status >= 400 and _TOO_LARGE.search(self.text) is not None)


def undecided(reply: Reply, now_ns: int) -> Retry:
    """A reply that is known for nothing better: try again. No entry is given up on a guess."""
    status = reply.status
    wait_seconds = retry_after_seconds(reply.retry_after, now_ns)
    return Retry(_reason(status), wait_seconds, f"HTTP {status}", status in _SIZE_MAY_MATTER)


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
