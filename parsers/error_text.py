"""An error that was logged as a text: the status, the codes and the names in it. Decides nothing, keeps nothing of it.

SDKs make such texts of an answer: Python's `Error code: 429 - {'error': {…}}`, Node's `429 Rate limit reached`, Go's
`POST "https://…": 429 Too Many Requests {…}`, .NET's `HTTP 429 (requests: rate_limit_exceeded)`, Java's
`RateLimitException: 429: …`. HTTP clients have their own: `Client error '429 Too Many Requests' for url`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_STATUS_CHARS = 400
"""Where the status stands, if there is one."""

_TEXT_CHARS = 4000
"""A traceback or an echoed prompt may follow: what is further on tells nothing of the error."""

_REASONS = (
    "Bad Request|Unauthorized|Payment Required|Forbidden|Not Found|Request Timeout|Conflict|Payload Too Large"
    "|Request Entity Too Large|Unprocessable|Too Many Requests|Client Error|Client Closed Request"
    "|Internal Server Error|Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out|Overloaded"
)
_STATUS = re.compile(
    r"^\W{0,2}([45]\d\d)(?=$|[ ,:])"
    r"|\b(?:(?:error|status|response|http)[ _]?code|status|http(?:/\d(?:\.\d)?)?)\W{1,3}([45]\d\d)\b"
    rf"|\b([45]\d\d) (?:{_REASONS})"
    r"|(?:Error|Exception)\W{1,2}([45]\d\d)\b",
    re.IGNORECASE,
)
_MEMBER = re.compile(r"""["'](code|type)["'] ?: ?["']([\w.]{1,60})["']""")
_WORD = re.compile(r"[A-Za-z_][\w.$#]{2,80}")


class Told(NamedTuple):
    """An HTTP status, the values of `code` and of `type` in a body that is echoed, and every word like a name."""

    status: int | None
    codes: tuple[str, ...]
    types: tuple[str, ...]
    words: tuple[str, ...]


def told(text: str) -> Told:
    """What the text of an error tells."""
    found = _STATUS.search(text[:_STATUS_CHARS])
    status = next((int(group) for group in found.groups() if group), None) if found else None
    text = text[:_TEXT_CHARS]
    members = _MEMBER.findall(text)
    return Told(
        status,
        tuple(value for key, value in members if key == "code"),
        tuple(value for key, value in members if key == "type"),
        tuple(_WORD.findall(text[:_STATUS_CHARS])),
    )
