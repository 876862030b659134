"""Log formats that keep things in places of their own: by which keys each is known, and what it has where. Tables only.

After the documents of each: Elastic Common Schema, Log4j 2 JsonLayout and JsonTemplateLayout, GELF 1.1, Serilog's
CompactJsonFormatter and JsonFormatter, .NET's JSON console, NLog, Loguru, nginx `escape=json`, Envoy's and Istio's
access logs, API Gateway and API Management of the clouds, Kong's and APISIX's HTTP loggers, journald, Lograge, zerolog,
Logback's JsonEncoder and Logstash's event layout.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tailer.config import DurationUnit


class Given(NamedTuple):
    """Where a format has what plays a role, and the unit it counts in."""

    role: str
    path: tuple[str, ...]
    unit: str = "auto"


class Format(NamedTuple):
    """One log format. A line is of it when it has all keys of one of `signs`."""

    name: str
    signs: tuple[frozenset[str], ...]
    given: tuple[Given, ...] = ()
    nests: tuple[str, ...] = ()
    """Keys under which a line or a body may lie, beside the common ones."""
    contexts: tuple[str, ...] = ()
    """Objects with fields of the application, such as a request's id, beside the body."""
    paths: tuple[str, ...] = ()
    """Keys of an access log with the request's path, or its first line."""
    hosts: tuple[str, ...] = ()
    unit: DurationUnit = "auto"
    """What a duration is in whose name tells no unit."""
    level: str | None = None
    """The level of a line that states none."""


def _signs(*alternatives: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(keys.split()) for keys in alternatives)


MS: Final = "ms"
SYSLOG = "syslog"
"""Levels by number, 0 the gravest (RFC 5424)."""
GOOGLE_LABELS = "logging.googleapis.com/labels"
FORMATS = (
    Format(
        "serilog",
        _signs("@t @mt", "@t @m", "@t @i", "Timestamp Level MessageTemplate"),
        (
            Given("timestamp", ("@t",)),
            Given("level", ("@l",)),
            Given("trace_id", ("@tr",)),
            Given("span_id", ("@sp",)),
            Given("started", ("@st",)),
            Given("ended", ("@t",)),
        ),
        nests=("Properties",),
        contexts=("Properties",),
        level="information",
    ),
    Format("dotnet", _signs("EventId LogLevel"), nests=("State",), contexts=("State",)),
    Format("nlog", _signs("eventProperties"), nests=("eventProperties",), contexts=("eventProperties",)),
    Format(
        "log4j",
        _signs("loggerName level instant", "loggerName level timeMillis", "loggerFqcn", "level contextMap"),
        nests=("contextMap",),
        contexts=("contextMap",),
    ),
    Format("logback", _signs("mdc loggerName", "mdc logger_name"), nests=("mdc",), contexts=("mdc",)),
    Format(
        "gelf",
        _signs("version host short_message"),
        (Given("level", ("level",), SYSLOG),),
        nests=("short_message", "full_message"),
    ),
    Format(
        "ecs",
        _signs("@timestamp ecs.version", "@timestamp ecs", "@timestamp log.level", "@timestamp event http"),
        (
            Given("duration", ("event.duration",), "ns"),
            Given("duration", ("event", "duration"), "ns"),
            Given("status", ("http", "response", "status_code")),
            Given("response", ("http", "response", "body", "content")),
            Given("response", ("http.response.body.content",)),
            Given("request", ("http", "request", "body", "content")),
            Given("request", ("http.request.body.content",)),
            Given("request_id", ("http", "request", "id")),
            Given("request_id", ("http.request.id",)),
            Given("level", ("log", "level")),
            Given("url", ("url", "full")),
        ),
        contexts=("labels",),
    ),
    Format("loguru", _signs("text record"), nests=("record",)),
    Format(
        "loguru",
        _signs("elapsed extra level process time"),
        (Given("level", ("level", "name")), Given("timestamp", ("time", "timestamp"))),
        nests=("extra",),
    ),
    Format(
        "envoy",
        _signs(
            "response_flags",
            "start_time response_code duration",
            "start_time :authority",
            "response_code duration upstream_host",
        ),
        (
            Given("duration", ("duration",), MS),
            Given("request_id", ("x-request-id",)),
            Given("request_id", ("request_id",)),
        ),
        paths=("path", ":path", "x-envoy-origin-path", "request.path"),
        hosts=("authority", ":authority", "upstream_host_name", "host"),
    ),
    Format(
        "nginx",
        _signs("request_time status", "upstream_response_time"),
        (
            Given("timestamp", ("msec",), "s"),
            Given("time_to_first_token", ("llm_time_to_first_token",), MS),  # APISIX' variable
        ),
        paths=("request", "request_uri", "uri"),
        hosts=("proxy_host", "http_host", "host", "server_name"),
    ),
    Format(
        "aws_api_gateway",
        _signs("requestTimeEpoch", "requestTime requestId httpMethod"),
        (
            Given("timestamp", ("requestTimeEpoch",), MS),
            Given("timestamp", ("requestTime",)),
            Given("duration", ("responseLatency",), MS),
            Given("duration", ("integrationLatency",), MS),
        ),
    ),
    Format(
        "azure_diagnostics",
        _signs("operationName durationMs properties", "category time properties"),
        nests=("properties",),
        contexts=("properties",),
    ),
    Format("kong", _signs("latencies request response"), (Given("duration", ("latencies", "request"), MS),)),
    Format("apisix", _signs("apisix_latency"), (Given("duration", ("latency",), MS),)),
    Format(
        "journald",
        _signs("__REALTIME_TIMESTAMP"),
        (Given("timestamp", ("__REALTIME_TIMESTAMP",), "us"), Given("level", ("PRIORITY",), SYSLOG)),
    ),
    Format("lograge", _signs("controller action duration"), (Given("duration", ("duration",), MS),)),
    Format(
        "google_cloud",
        _signs("httpRequest", "jsonPayload timestamp", "textPayload timestamp", GOOGLE_LABELS),
        (
            Given("status", ("httpRequest", "status")),
            Given("duration", ("httpRequest", "latency")),
            Given("url", ("httpRequest", "requestUrl")),
        ),
        nests=("textPayload",),
        contexts=(GOOGLE_LABELS,),
    ),
)
ZEROLOG = Format("zerolog", (), unit=MS)
"""Its keys are anybody's: only their order is its own, the level first, the time and the message last."""

FILE_OF_A_SHIPPER = frozenset({"level", "logger", "origin", "offset", "file", "flags", "syslog", "source", "original"})
"""What Elastic's shippers put under `log`: about the line, not the line."""

CONNECTION_FLAGS = frozenset({"UF", "UH", "UC", "URX", "LR", "NC", "UPE"})
TIMEOUT_FLAGS = frozenset({"UT", "SI", "DT", "UMSDR"})
CANCELLED_FLAGS = frozenset({"DC", "DR"})
"""Envoy's response flags for calls that ended before the provider's own answer."""


def format_of(keys: tuple[str, ...]) -> Format | None:
    """The format that a line with these keys is of, None for one that has nothing in places of its own."""
    present = frozenset(keys)
    found = next((form for form in FORMATS if any(signs <= present for signs in form.signs)), None)
    if found is None and keys[:1] == ("level",) and keys[-1] == "message" and "time" in keys[-3:-1]:
        return ZEROLOG
    return found
