"""A small OpenTelemetry collector for logs: takes pushes over real HTTP, keeps every record, misbehaves by script.

`python -m tests.fakeotlp --port 4318` runs one by hand; `GET /entries` shows the lines that it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from aiohttp import web
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsPartialSuccess,
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from tests.fakereceiver import FakeReceiver, Step, UndecodableError, serve

PROTOBUF = "application/x-protobuf"
Value = str | int | float | bool | bytes


class Record(NamedTuple):
    """One log record with what it was sent under; attributes in the order pushed."""

    line: str
    time_ns: int
    observed_ns: int
    severity_number: int
    severity_text: str
    trace_id: str
    attributes: tuple[tuple[str, Value], ...]
    resource: tuple[tuple[str, Value], ...]
    scope: str

    @property
    def uid(self) -> str:
        return str(dict(self.attributes)["log.record.uid"])


class FakeOtlp(FakeReceiver[Record]):
    """Start with `async with`; `url` is then its base.

    What `refuse` names a fault of is answered by 400 with nothing taken, what `reject` does by a partial success.
    """

    usual = 200

    def __init__(
        self,
        script: Iterable[Step] = (),
        *,
        port: int = 0,
        max_body_bytes: int | None = None,
        refuse: Callable[[Record], str | None] | None = None,
        reject: Callable[[Record], str | None] | None = None,
        warning: str = "",
    ) -> None:
        super().__init__(script, port=port, max_body_bytes=max_body_bytes)
        self.refuse = refuse
        self.reject = reject
        self.warning = warning
        self.duplicates = 0
        self._kept: dict[str, Record] = {}

    def records(self) -> list[Record]:
        """Every record once, by its id, in the order of first arrival."""
        return list(self._kept.values())

    def lines(self) -> list[str]:
        return [record.line for record in self._kept.values()]

    def held(self) -> int:
        return len(self._kept)

    def decoded(self, body: bytes, headers: Mapping[str, str]) -> Iterable[Record]:
        if headers.get("Content-Type") != PROTOBUF:
            raise UndecodableError("unsupported media type")
        return records_in(body)

    def answer(self, status: int, headers: Mapping[str, str], text: str) -> web.Response:
        if "Content-Type" in headers:
            return web.Response(status=status, headers=headers, text=text)
        if status < 300:
            body = ExportLogsServiceResponse()
            if self.warning:
                body.partial_success.error_message = self.warning
            return web.Response(status=status, headers=headers, body=body.SerializeToString(), content_type=PROTOBUF)
        # A google.rpc.Status: the code 3 in field 1, the message in field 2.
        words = text.encode()
        data = b"\x08\x03\x12" + bytes((len(words) & 127 | 128, len(words) >> 7)) + words
        return web.Response(status=status, headers=headers, body=data, content_type=PROTOBUF)

    def take(self, entries: Iterable[Record]) -> web.Response | None:
        records = list(entries)
        refused = [fault for record in records if self.refuse is not None and (fault := self.refuse(record))]
        if refused:
            return self.answer(400, {}, refused[0])
        rejected = [record for record in records if self.reject is not None and self.reject(record)]
        for record in records:
            if record not in rejected:
                self._keep(record)
        if not rejected or self.reject is None:
            return None
        partial = ExportLogsPartialSuccess(
            rejected_log_records=len(rejected), error_message=self.reject(rejected[0]) or ""
        )
        body = ExportLogsServiceResponse(partial_success=partial).SerializeToString()
        return web.Response(status=200, body=body, content_type=PROTOBUF)

    def _keep(self, record: Record) -> None:
        if record.uid in self._kept:
            assert self._kept[record.uid] == record, "two records with one id"
            self.duplicates += 1
        else:
            self._kept[record.uid] = record


def records_in(body: bytes) -> list[Record]:
    """The records of a push. UndecodableError when it is none."""
    try:
        return list(_records(ExportLogsServiceRequest.FromString(body)))
    except DecodeError as error:
        raise UndecodableError("proto: wrong wireType") from error


def _records(message: ExportLogsServiceRequest) -> Iterator[Record]:
    for of_resource in message.resource_logs:
        resource = _pairs(of_resource.resource.attributes)
        for of_scope in of_resource.scope_logs:
            for record in of_scope.log_records:
                yield _record(record, resource, of_scope.scope.name)


def _record(record: LogRecord, resource: tuple[tuple[str, Value], ...], scope: str) -> Record:
    attributes = _pairs(record.attributes)
    names = [name for name, _ in attributes]
    if len(set(names)) < len(names):
        raise UndecodableError("attributes that are there twice")
    return Record(
        record.body.string_value,
        record.time_unix_nano,
        record.observed_time_unix_nano,
        record.severity_number,
        record.severity_text,
        record.trace_id.hex(),
        attributes,
        resource,
        scope,
    )


def _pairs(attributes: Iterable[KeyValue]) -> tuple[tuple[str, Value], ...]:
    return tuple((it.key, getattr(it.value, it.value.WhichOneof("value") or "string_value")) for it in attributes)


if __name__ == "__main__":
    serve(lambda port: FakeOtlp(port=port), __doc__)
