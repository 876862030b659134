"""A small Loki: takes pushes over real HTTP, keeps entries by Loki's rules, misbehaves by script; answers no query.

`python -m tests.fakeloki --port 3100` runs one by hand; `GET /entries` shows what it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from aiohttp import web

from tests.fakeloki_wire import Kept, decoded
from tests.fakereceiver import FakeReceiver, Step, serve

__all__ = ["FakeLoki", "Step"]


class FakeLoki(FakeReceiver[Kept]):
    """Start with `async with`; `url` is then its base. Limits left None are not enforced."""

    def __init__(
        self,
        script: Iterable[Step] = (),
        *,
        port: int = 0,
        oldest_ns: int | None = None,
        newest_ns: int | None = None,
        max_line_bytes: int | None = None,
        max_body_bytes: int | None = None,
        max_labels: int = 15,
        max_metadata: int = 128,
        max_metadata_bytes: int = 65536,
        refuse: Callable[[Kept], str | None] | None = None,
    ) -> None:
        super().__init__(script, port=port, max_body_bytes=max_body_bytes)
        self.oldest_ns = oldest_ns
        self.newest_ns = newest_ns
        self.max_line_bytes = max_line_bytes
        self.max_labels = max_labels
        self.max_metadata = max_metadata
        self.max_metadata_bytes = max_metadata_bytes
        self.refuse = refuse
        self.duplicates = 0
        self._kept: dict[Kept, None] = {}

    def entries(self) -> list[Kept]:
        """Every entry once, in the order of first arrival."""
        return list(self._kept)

    def lines(self) -> list[str]:
        return [kept.line for kept in self._kept]

    def held(self) -> int:
        return len(self._kept)

    def decoded(self, body: bytes, headers: Mapping[str, str]) -> Iterable[Kept]:
        return decoded(body, headers.get("Content-Type", ""))

    def take(self, entries: Iterable[Kept]) -> web.Response | None:
        """Keeps the good ones; the faults of the others, told as Loki tells them."""
        faults: Counter[str] = Counter()
        for kept in entries:
            found = self._fault(kept)
            if found is not None:
                faults[found] += 1
            elif kept in self._kept:
                self.duplicates += 1
            else:
                self._kept[kept] = None
        return web.Response(status=400, text=told(faults)) if faults else None

    def _fault(self, kept: Kept) -> str | None:
        """In the words of Loki's `pkg/validation/validate.go`."""
        stream = "{" + ", ".join(f'{name}="{value}"' for name, value in kept.labels) + "}"
        size = len(kept.line.encode())
        at = rfc3339(kept.timestamp_ns)
        if self.oldest_ns is not None and kept.timestamp_ns < self.oldest_ns:
            oldest = rfc3339(self.oldest_ns)
            return f"entry for stream '{stream}' has timestamp too old: {at}, oldest acceptable timestamp is: {oldest}"
        if self.newest_ns is not None and kept.timestamp_ns > self.newest_ns:
            return f"entry for stream '{stream}' has timestamp too new: {at}"
        if self.max_line_bytes is not None and size > self.max_line_bytes:
            limit = f"Max entry size '{self.max_line_bytes}' bytes exceeded"
            return f"{limit} for stream '{stream}' while adding an entry with length '{size}' bytes"
        if len(kept.labels) > self.max_labels:
            return f"entry for stream '{stream}' has {len(kept.labels)} label names; limit {self.max_labels}"
        if any(len(value.encode()) > 2048 for _, value in kept.labels):
            return f"stream '{stream}' has label value too long: 'x'"
        return self._metadata_fault(kept, stream) or (self.refuse(kept) if self.refuse is not None else None)

    def _metadata_fault(self, kept: Kept, stream: str) -> str | None:
        size = sum(len(name) + len(value.encode()) for name, value in kept.metadata)
        please = "Please see `limits_config.max_structured_metadata"
        if size > self.max_metadata_bytes:
            limit = f"'{size}' bytes, limit: '{self.max_metadata_bytes}' bytes"
            return f"stream '{stream}' has structured metadata too large: {limit}. {please}_size` or contact x."
        if len(kept.metadata) > self.max_metadata:
            limit = f"'{len(kept.metadata)}', limit: '{self.max_metadata}'"
            return f"stream '{stream}' has too many structured metadata labels: {limit}. {please}_entries_count`."
        return None


def told(faults: Mapping[str, int]) -> str | None:
    """Every fault once, with how often it was found where that says more."""
    if len(faults) == 1 and 1 in faults.values():
        return next(iter(faults))
    return "; ".join(f"{count} errors like: {fault}" for fault, count in faults.items()) or None


def rfc3339(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    serve(lambda port: FakeLoki(port=port), __doc__)
