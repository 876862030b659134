"""Access logs of proxies: the address that was asked, and failures that only flags or a status tell. Pure."""

from __future__ import annotations

import re

from tailer.reading.answer import Object
from tailer.reading.formats import CANCELLED_FLAGS, CONNECTION_FLAGS, TIMEOUT_FLAGS, Format

REQUEST_LINE = re.compile(r"[A-Z]{3,7} (\S+)(?: HTTP/[\d.]+)?")
NONE = frozenset({"", "-"})
"""How an access log says that it has no value."""


def address(line: Object, form: Format) -> str | None:
    """Host and path that were asked for, as far as the line tells."""
    path = next((found for key in form.paths if (found := _path(line.get(key))) is not None), None)
    if path is None or "://" in path:
        return path
    for key in form.hosts:
        host = line.get(key)
        if type(host) is str and host not in NONE:
            return host + path
    return path


def _path(value: object) -> str | None:
    if type(value) is not str or len(value) > 4096:
        return None
    if value[:1] == "/" or value.startswith(("http://", "https://")):
        return value
    asked = REQUEST_LINE.fullmatch(value)
    return asked[1] if asked is not None and asked[1][:1] in ("/", "h") else None


def failure(line: Object) -> Object | None:
    """A body in the providers' form for what Envoy's flags tell, None where they tell of no failure of its own."""
    told = line.get("response_flags")
    if type(told) is not str or told in NONE:
        return None
    flags = frozenset(told.split(","))
    for known, kind in (
        (CANCELLED_FLAGS, "CancelledError"),
        (TIMEOUT_FLAGS, "APITimeoutError"),
        (CONNECTION_FLAGS, "APIConnectionError"),
    ):
        if not known.isdisjoint(flags):
            return {"error": {"type": kind, "message": f"response flags {told:.40}"}}
    return None
