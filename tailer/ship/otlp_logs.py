"""A receiver of OTLP logs over HTTP as a sink: where a push goes, how it is packed, what each answer means.

Source: the OTLP specification, its part on OTLP/HTTP; google.rpc.Status for the words of a refusal.
"""

from __future__ import annotations

import gzip
import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import orjson
import structlog
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsPartialSuccess, ExportLogsServiceResponse

from tailer.config import Config
from tailer.outbound.answer import Accepted, Answer, PartlyTaken, Refused, Reply, Retry, TooLarge, undecided
from tailer.outbound.connected import Connected
from tailer.outbound.post import Body, Post
from tailer.outbound.resource import resource_of
from tailer.ship import otlp_records, refusal
from tailer.ship.entry import Entry
from tailer.ship.sink import Refusals

log = structlog.get_logger()

PUSH_PATH = "/v1/logs"
HEADERS: Mapping[str, str] = {"Content-Type": "application/x-protobuf"}
PACKED_HEADERS: Mapping[str, str] = {**HEADERS, "Content-Encoding": "gzip"}
WORDS_CHARS = 200
# A higher one takes half as long again and saves a twentieth.
_GZIP_LEVEL = 1


def push_url(url: str) -> str:
    """The address of logs for a base URL, or the URL itself where it already is one."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    return urlunsplit(parts._replace(path=path if path.endswith(PUSH_PATH) else path + PUSH_PATH))


class OtlpLogs(Connected):
    """A connection to one receiver, opened by `async with`. ValueError where its files cannot be used."""

    name = "otlp_logs"
    # Loki takes OTLP too and refuses in its own words; those of others are not known.
    refusals: Refusals = refusal
    mends_times = False

    def __init__(self, config: Config, now_ns: Callable[[], int] = time.time_ns) -> None:
        if config.otlp_logs_url is None:
            raise ValueError("otlp_logs_url: expected a URL, got none")
        self.options = config.otlp_logs
        self._now_ns = now_ns
        state_dir = os.path.abspath(config.state_dir)
        resource = resource_of(config, os.environ, socket.gethostname(), state_dir)
        if resource.fault is not None:
            log.warning("resource_attributes_discarded", reason=resource.fault)
        self._resource = resource.attributes
        self._packs = config.otlp_logs.compression == "gzip"
        # A receiver's words may quote what it was sent.
        self._shown_chars = 0 if config.privacy.is_on else WORDS_CHARS
        self._has_warned = False
        super().__init__(Post("otlp_logs", push_url(config.otlp_logs_url), config.otlp_logs))

    def encode(self, entries: Sequence[Entry]) -> Body:
        """One push of these entries."""
        message = otlp_records.request(entries, self._resource)
        if self._packs:
            return Body(gzip.compress(message, _GZIP_LEVEL, mtime=0), PACKED_HEADERS)
        return Body(message, HEADERS)

    async def push(self, body: Body) -> Answer:
        """Posts the body and says what came of it. Cancelled in between, the receiver may have taken it or not."""
        reply = await self._post.post(body)
        if isinstance(reply, Retry):
            return reply
        if not self._has_warned and (words := warning(reply)):
            self._has_warned = True
            log.warning("otlp_logs_warned", status=reply.status, words=words[: self._shown_chars])
        return judge(reply, self._now_ns())


def judge(reply: Reply, now_ns: int) -> Answer:
    """The meaning of a reply. What is not known to be final is tried again."""
    status, detail = reply.status, f"HTTP {reply.status}"
    if reply.is_page and (status < 300 or status in (400, 422)):
        return Retry("unexpected_answer", None, detail)
    if status in (200, 202, 204):
        partial = _partial_success(reply)
        rejected = partial.rejected_log_records
        return PartlyTaken(rejected, status, partial.error_message) if rejected > 0 else Accepted()
    if reply.is_too_large():
        return TooLarge(status, _words(reply))
    if status in (400, 422):
        words = _words(reply)
        return Retry("disallowed", None, detail) if refusal.is_disallowed(words) else Refused(status, words)
    return undecided(reply, now_ns)


def warning(reply: Reply) -> str:
    """What a receiver has to say about a push that it took as a whole."""
    if reply.status != 200:
        return ""
    partial = _partial_success(reply)
    return "" if partial.rejected_log_records > 0 else partial.error_message


def _partial_success(reply: Reply) -> ExportLogsPartialSuccess:
    """Empty where the answer holds none, or is nothing that the specification knows: then its status has to do."""
    if "json" not in reply.content_type:
        try:
            return ExportLogsServiceResponse.FromString(_binary(reply)).partial_success
        except DecodeError:
            return ExportLogsPartialSuccess()
    partial = _object(_decoded(reply).get("partialSuccess"))
    # JSON holds numbers of 64 bits as text.
    rejected, words = str(partial.get("rejectedLogRecords", 0)), partial.get("errorMessage", "")
    count = int(rejected) if rejected.isdecimal() and len(rejected) < 19 else 0
    return ExportLogsPartialSuccess(rejected_log_records=count, error_message=str(words))


def _words(reply: Reply) -> str:
    """The message of the google.rpc.Status in an answer; the answer itself where there is none."""
    if "json" in reply.content_type:
        return str(_decoded(reply).get("message") or reply.text)
    try:
        # A number, then words: on the wire a Status begins as this does, and a dependency is saved.
        return ExportLogsPartialSuccess.FromString(_binary(reply)).error_message or reply.text
    except DecodeError:
        return reply.text


def _binary(reply: Reply) -> bytes:
    return reply.data if "protobuf" in reply.content_type else b""


def _decoded(reply: Reply) -> dict[str, Any]:
    try:
        return _object(orjson.loads(reply.data))
    except orjson.JSONDecodeError:
        return {}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
