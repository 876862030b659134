"""How each logger, runtime, shipper and gateway writes an exchange by default, and what its line says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.reading.exchanges import Exchange
from tests.reading.lines import TIME, TIME_NS, text

Json = dict[str, Any]
START_NS = TIME_NS - 1_843_000_000
START_MS = START_NS // 10**6
START = "2026-11-20T17:00:05.280Z"
SECOND_NS = TIME_NS // 10**9 * 10**9
"""Where a format writes no fraction."""
LATER = "2026-11-20T17:00:09.123456789Z"
INSTANT = {"epochSecond": TIME_NS // 10**9, "nanoOfSecond": TIME_NS % 10**9}


class Wrapper(NamedTuple):
    """How a log holds an exchange, and what it says of it."""

    line: Callable[[Exchange], object]
    level: str | None = None
    time_ns: int = TIME_NS
    states_status: bool = False
    states_path: bool = False


def _docker(line: Json) -> Json:
    return {"log": text(line) + "\n", "stream": "stdout", "time": LATER}


def _nginx(it: Exchange) -> Json:
    return {
        "time_local": "20/Nov/2026:17:00:07 +0000", "remote_addr": "10.0.0.7",
        "request": f"POST {it.path} HTTP/1.1", "status": str(it.status), "request_time": "1.843",
        "upstream_response_time": "1.840", "request_id": "r1", "request_body": text(it.asked),
        "resp_body": text(it.answered),
    }  # fmt: skip


def _envoy(it: Exchange) -> Json:
    return {
        "start_time": START, "method": "POST", "path": it.path, "protocol": "HTTP/2", "response_code": it.status,
        "response_flags": "-", "duration": 1843, "request_id": "r1", "authority": "gateway", "upstream_host": None,
        "request_body": text(it.asked), "response_body": text(it.answered),
    }  # fmt: skip


def _logger_of_http(it: Exchange) -> Json:
    return {
        "request": {"method": "POST", "uri": it.path, "headers": {"host": "x"}, "body": text(it.asked), "size": 9},
        "response": {
            "status": it.status, "headers": {"x-request-id": ["r1"]}, "body": text(it.answered), "size": 9,
        },
    }  # fmt: skip


def _express(it: Exchange) -> Json:
    return {
        "req": {"id": "r1", "method": "POST", "url": it.path, "body": it.asked},
        "res": {"statusCode": it.status, "headers": {}, "body": it.answered},
        "responseTime": 1843,
    }


MS: Json = {"duration_ms": 1843}
WRAPPERS = {
    "plain": Wrapper(lambda it: {"ts": TIME, **it.plain, **MS}),
    "texts": Wrapper(lambda it: {"ts": TIME, **it.texts, **MS}),
    "texts three times over": Wrapper(
        lambda it: {"ts": TIME, **it.plain, "response": text(text(text(it.answered))), **MS}
    ),
    "pino": Wrapper(lambda it: {"level": 30, "time": TIME_NS // 10**6, "pid": 1, "msg": "x", **it.plain, **MS}, "info"),
    "pino-http": Wrapper(
        lambda it: {"level": 50, "time": TIME_NS // 10**6, "msg": "request completed", **_express(it)},
        "error",
        states_status=True,
        states_path=True,
    ),
    "winston": Wrapper(lambda it: {**MS, "level": "info", "message": "x", **it.plain, "timestamp": TIME}, "info"),
    "winston with metadata": Wrapper(
        lambda it: {"level": "warn", "message": "x", "metadata": {**it.plain, **MS}, "timestamp": TIME}, "warn"
    ),
    "structlog": Wrapper(
        lambda it: {"event": "llm_call", **it.plain, "duration": 1.843, "level": "info", "timestamp": TIME}, "info"
    ),
    "python-json-logger": Wrapper(
        lambda it: {
            "asctime": "2026-11-20 17:00:07,123", "levelname": "INFO", "name": "llm", "message": "x", "taskName": None,
            **it.plain, "elapsed": 1.843,
        },
        "info",
    ),
    "logrus": Wrapper(
        lambda it: {"level": "info", "msg": "x", "time": "2026-11-20T17:00:07Z", **it.texts, "duration": 1_843_000_000},
        "info",
        SECOND_NS,
    ),
    "zap": Wrapper(
        lambda it: {
            "level": "info", "ts": TIME_NS / 10**9, "caller": "llm/x.go:7", "msg": "x", **it.plain, "latency": 1.843,
        },
        "info",
    ),
    "zap in nanoseconds": Wrapper(
        lambda it: {
            "level": "info", "ts": TIME_NS / 10**9, "caller": "llm/x.go:7", "msg": "x", **it.texts,
            "latency": 1_843_000_000,
        },
        "info",
    ),
    "slog": Wrapper(
        lambda it: {"time": TIME, "level": "INFO", "msg": "x", **it.texts, "duration": 1_843_000_000}, "info"
    ),
    "slog with a group": Wrapper(
        lambda it: {"time": TIME, "level": "INFO", "msg": "x", "llm": {**it.texts, "duration": 1_843_000_000}}, "info"
    ),
    "zerolog": Wrapper(
        lambda it: {"level": "info", **it.plain, "duration": 1843, "time": TIME_NS // 10**9, "message": "x"},
        "info",
        SECOND_NS,
    ),
    "log4j": Wrapper(
        lambda it: {
            "instant": INSTANT, "thread": "main", "level": "INFO", "loggerName": "llm", "message": it.texts | MS,
            "endOfBatch": False, "loggerFqcn": "x", "contextMap": {"tenant": "a"}, "threadId": 1, "threadPriority": 5,
        },
        "info",
    ),
    "log4j's Logstash layout": Wrapper(
        lambda it: {
            "mdc": {"requestId": "r1", "durationMs": "1843"}, "@version": 1, "source_host": "h",
            "message": text({"request": it.asked, "response": it.answered}), "thread_name": "main", "@timestamp": TIME,
            "level": "INFO", "logger_name": "llm",
        },
        "info",
    ),
    "log4j's Google layout": Wrapper(
        lambda it: {
            "timestamp": TIME, "severity": "WARNING",
            "message": text({"request": it.asked, "response": it.answered}),
            "logging.googleapis.com/labels": {"requestId": "r1", "durationMs": "1843"}, "_logger": "llm",
        },
        "warning",
    ),
    "ECS": Wrapper(
        lambda it: {
            "@timestamp": TIME, "ecs.version": "1.2.0", "log.level": "INFO", "message": "x",
            "http.request.id": "r1", "http.request.body.content": text(it.asked),
            "http.response.body.content": text(it.answered), "http.response.status_code": it.status,
            "event.duration": 1_843_000_000,
        },
        "info",
        states_status=True,
    ),
    "GELF": Wrapper(
        lambda it: {
            "version": "1.1", "host": "h", "short_message": "x", "timestamp": TIME_NS / 10**9, "level": 4,
            "_request": text(it.asked), "_response": text(it.answered), "_request_id": "r1", "_duration_ms": 1843,
        },
        "warning",
    ),
    "serilog compact": Wrapper(
        lambda it: {
            "@t": "2026-11-20T17:00:07.1230000Z", "@mt": "{Model} answered", "RequestId": "r1",
            "Request": text(it.asked), "Response": text(it.answered), "Elapsed": 1843.0,
        },
        "information",
    ),
    "serilog as a span": Wrapper(
        lambda it: {
            "@t": "2026-11-20T17:00:07.1230000Z", "@mt": "x", "@l": "Error", "@st": START, "@tr": "t1", "@sp": "s1",
            "RequestId": "r1", "Request": it.asked, "Response": it.answered,
        },
        "error",
    ),
    "serilog": Wrapper(
        lambda it: {
            "Timestamp": TIME, "Level": "Information", "MessageTemplate": "x",
            "Properties": {"RequestId": "r1", "Request": it.asked, "Response": it.answered, "ElapsedMs": 1843},
        },
        "information",
    ),
    "nginx": Wrapper(_nginx, None, SECOND_NS, states_status=True, states_path=True),
    "envoy": Wrapper(_envoy, None, START_NS, states_status=True, states_path=True),
    "splunk": Wrapper(
        lambda it: {
            "time": TIME_NS / 10**9, "host": "h", "sourcetype": "_json", "event": {**it.plain, "response_time": 1.843},
        }
    ),
    "kong": Wrapper(
        lambda it: {
            **_logger_of_http(it), "started_at": START_MS, "latencies": {"request": 1843, "kong": 3, "proxy": 1840},
            "client_ip": "10.0.0.4", "upstream_status": str(it.status),
        },
        None,
        START_NS,
        states_status=True,
        states_path=True,
    ),
    "apisix": Wrapper(
        lambda it: {
            **_logger_of_http(it), "start_time": START_MS, "latency": 1843.0, "apisix_latency": 3, "route_id": "1",
        },
        None,
        START_NS,
        states_status=True,
        states_path=True,
    ),
    "docker": Wrapper(lambda it: _docker({"ts": TIME, **it.plain, **MS})),
    "docker around pino": Wrapper(
        lambda it: _docker({"level": 30, "time": TIME_NS // 10**6, "pid": 1, "msg": "x", **it.texts, **MS}), "info"
    ),
    "CRI": Wrapper(lambda it: f"{LATER} stdout F {text({'ts': TIME, **it.plain, **MS})}"),
    "fluent bit": Wrapper(
        lambda it: {
            "date": 1_795_194_009.5, "log": text({"ts": TIME, **it.plain, **MS}), "stream": "stdout",
            "kubernetes": {"pod_name": "web-1", "labels": {"usage": "batch"}},
        }
    ),
    "fluent bit that parsed the line": Wrapper(
        lambda it: {
            "date": 1_795_194_009.5, "log_processed": {"ts": TIME, **it.plain, **MS}, "kubernetes": {"pod_name": "w"},
        }
    ),
    "whole nanoseconds": Wrapper(lambda it: {"timestamp_ns": TIME_NS, **it.plain, "duration_ns": 1_843_000_000}),
}  # fmt: skip
