"""Who stands in for the receiver of each sink: a new one is a line here, and the tests of all sinks are its too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import NamedTuple, Protocol, Self

import orjson

from tests.fakehec import FakeHec
from tests.fakeloki import FakeLoki
from tests.fakeotlp import FakeOtlp
from tests.fakereceiver import Step


class Request(Protocol):
    """One push. Its repr shows all that was in it, unpacked."""

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def body(self) -> bytes: ...


class Receiver(Protocol):
    """A small receiver over real HTTP."""

    script: list[Step]
    url: str

    @property
    def requests(self) -> Sequence[Request]: ...

    def lines(self) -> list[str]:
        """Each entry once, as the receiver tells them apart, in the order of first arrival."""

    async def holds(self, count: int) -> None: ...

    async def asked(self, count: int) -> None: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class StandIn(NamedTuple):
    """Makes a receiver by script, by the most bytes of a push, and by the lines that it refuses for good."""

    make: Callable[[Sequence[Step], int | None, Callable[[str], bool]], Receiver]
    options: Mapping[str, str] = {}
    """What its section must say."""


class Collector(FakeHec):
    """Whose lines are as compact as they were written."""

    def lines(self) -> list[str]:
        return [_written(event.body) for event in self.events()]


def _written(event: object) -> str:
    if isinstance(event, str):
        return event
    return "" if isinstance(event, dict) and "tokentail_blank" in event else orjson.dumps(event).decode()


STAND_INS: Mapping[str, StandIn] = {
    "loki": StandIn(
        lambda script, most, guilty: FakeLoki(
            script, max_body_bytes=most, refuse=lambda kept: "entry too sour" if guilty(kept.line) else None
        )
    ),
    "splunk": StandIn(
        lambda script, most, guilty: Collector(
            script, max_body_bytes=most, refuse=lambda found: 12 if guilty(_written(found["event"])) else None
        ),
        {"token": "1111-2222", "host": "shop-1"},
    ),
    "otlp_logs": StandIn(
        lambda script, most, guilty: FakeOtlp(
            script, max_body_bytes=most, refuse=lambda record: "record too sour" if guilty(record.line) else None
        )
    ),
}


def nobody(line: str) -> bool:
    return False


def standing_in(
    sink: str, script: Sequence[Step] = (), *, most_bytes: int | None = None, guilty: Callable[[str], bool] = nobody
) -> Receiver:
    return STAND_INS[sink].make(script, most_bytes, guilty)
