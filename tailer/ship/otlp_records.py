"""Entries to OpenTelemetry's log records; pure.

Sources: the OTLP specification, the data model of logs with the severities of its appendix B, and the semantic
conventions for logs, log files, errors and generative AI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, SeverityNumber
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from tailer import __version__
from tailer.ship.entries import Entries
from tailer.ship.entry import Entry
from tailer.ship.metadata import Pairs, Shared, pairs

UID = "log.record.uid"
"""Records with the same one are the same record, and all but one may be dropped."""
FILE = "filename"
KEYS: Mapping[str, str] = {
    FILE: "log.file.path",
    "provider": "gen_ai.provider.name",
    "operation": "gen_ai.operation.name",
    "model": "gen_ai.response.model",
    "response_id": "gen_ai.response.id",
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
    "error_type": "error.type",
    # The conventions have no names for these. A dot keeps them apart from labels, whose names have none.
    "status": "tokentail.status",
    "request_id": "tokentail.request_id",
    "cost_usd": "tokentail.cost_usd",
    "trace_id": "tokentail.trace_id",
    "original_timestamp": "tokentail.original_timestamp",
}
"""What was learned of a line, by the conventions' names; an id of a trace that is none by the standard is one of ours.

`gen_ai.response.model` is the model that was asked for where no answer names one.
"""
_WORDS: Mapping[SeverityNumber.ValueType, tuple[str, ...]] = {
    SeverityNumber.SEVERITY_NUMBER_TRACE: ("trace", "finest"),
    SeverityNumber.SEVERITY_NUMBER_DEBUG: ("debug", "verbose", "finer"),
    SeverityNumber.SEVERITY_NUMBER_DEBUG2: ("fine",),
    SeverityNumber.SEVERITY_NUMBER_DEBUG3: ("config",),
    SeverityNumber.SEVERITY_NUMBER_INFO: ("info", "information", "informational"),
    SeverityNumber.SEVERITY_NUMBER_INFO2: ("notice",),
    SeverityNumber.SEVERITY_NUMBER_WARN: ("warn", "warning"),
    SeverityNumber.SEVERITY_NUMBER_ERROR: ("error", "err", "severe"),
    SeverityNumber.SEVERITY_NUMBER_ERROR2: ("crit", "dpanic"),
    SeverityNumber.SEVERITY_NUMBER_ERROR3: ("alert", "panic"),
    # `critical` is the highest level of Python and of .NET; syslog writes its own as `crit`.
    SeverityNumber.SEVERITY_NUMBER_FATAL: ("fatal", "critical", "emergency", "emerg"),
}
SEVERITIES = {word: number for number, words in _WORDS.items() for word in words}
# What differs from line to line stands after all the rest, whichever way a line's metadata are kept.
_LAST = ("trace_id", "request_id", "response_id", "input_tokens", "output_tokens", "cost_usd")
_COUNTS = ("input_tokens", "output_tokens")
_NOTHING = Shared(())
_TRACE_ID = re.compile(r"(?!0{32})[0-9a-fA-F]{32}")
_AMOUNT = re.compile(r"[0-9]+(\.[0-9]+)?")
_INT64_DIGITS = 18
_BLOCKS = 1024


class Block(NamedTuple):
    """What the records of one kind of line share: a serialized record with nothing else, and the key of their ids."""

    record: bytes
    key: bytes


def request(entries: Sequence[Entry], resource: Mapping[str, str]) -> bytes:
    """An ExportLogsServiceRequest with the entries in their order. The same entries give the same bytes.

    `resource` are the attributes of who sends them, by which also the ids of two senders' records differ.
    """
    message = ExportLogsServiceRequest()
    of_resource = message.resource_logs.add(resource=Resource(attributes=map(_attribute, sorted(resource.items()))))
    sender = of_resource.resource.SerializeToString()
    of_scope = of_resource.scope_logs.add(scope=InstrumentationScope(name="tokentail", version=__version__))
    add, columns = of_scope.log_records.add, Entries.of(entries)
    for place, labels, time_ns, text, shared, own in zip(
        columns.places, columns.labels, columns.times_ns, columns.texts, columns.shared, columns.own, strict=True
    ):
        block = _block(labels, shared, sender)
        # Who shows only one of the two times may show either; when the line was read is not kept.
        record = add(time_unix_nano=time_ns, observed_time_unix_nano=time_ns)
        record.MergeFromString(block.record)
        record.body.string_value = text.decode()
        if own is not None:
            for name, value in pairs(_NOTHING, own):
                _tell(record, name, value)
        # Ordered by time, as ids of records should be.
        own_part = blake2b(text, digest_size=8, key=block.key, salt=place.start.to_bytes(8, "big")).hexdigest()
        record.attributes.add(key=UID).value.string_value = f"{time_ns:016x}{own_part}"
    return message.SerializeToString()


@lru_cache(maxsize=_BLOCKS)
def _block(labels: Pairs, shared: Shared, sender: bytes) -> Block:
    record, metadata = LogRecord(), shared.before + shared.after
    learned = [it for it in metadata if it[0] not in _LAST] + [it for it in metadata if it[0] in _LAST]
    named = {name for name, _ in metadata}
    for name, value in labels:
        if name not in named or name in KEYS or name == "level":
            record.attributes.append(_attribute((name, value)))
    for name, value in learned:
        _tell(record, name, value)
    path = dict(metadata).get(FILE, "").encode()
    return Block(record.SerializeToString(), blake2b(sender + path, digest_size=16).digest())


def _tell(record: LogRecord, name: str, value: str) -> None:
    """One pair of metadata, as the data model has it."""
    if name == "level":
        record.severity_text = value
        record.severity_number = SEVERITIES.get(value, SeverityNumber.SEVERITY_NUMBER_UNSPECIFIED)
    elif name == "trace_id" and _TRACE_ID.fullmatch(value):
        record.trace_id = bytes.fromhex(value)
    else:
        attribute = record.attributes.add(key=KEYS.get(name, name)).value
        if name in _COUNTS and value.isdecimal() and len(value) <= _INT64_DIGITS:
            attribute.int_value = int(value)
        elif name == "cost_usd" and _AMOUNT.fullmatch(value):
            attribute.double_value = float(value)
        else:
            attribute.string_value = value


def _attribute(pair: tuple[str, str]) -> KeyValue:
    attribute = KeyValue(key=pair[0])
    attribute.value.string_value = pair[1]
    return attribute
