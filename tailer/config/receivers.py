"""Who gets lines or metrics over HTTP, and how each is reached: the sections of the configuration, one for each."""

from __future__ import annotations

from typing import Literal

import msgspec

from tailer.config.frozen import Frozen


class HttpOptions(Frozen, frozen=True):
    """How to reach a receiver. Secrets are given directly, by a file or by `env:NAME`."""

    username: str | None = None
    password: str | None = None
    password_file: str | None = None
    bearer_token: str | None = None
    bearer_token_file: str | None = None
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    insecure_skip_verify: bool = False
    proxy_url: str | None = None
    """The way leads through this HTTP proxy. HTTP_PROXY and its like are for the application, and ignored."""
    timeout_seconds: float = 10.0
    retry_min_seconds: float = 0.5
    retry_max_seconds: float = 30.0


class SinkOptions(HttpOptions, frozen=True):
    """How to reach who gets the lines, and how much to send at once."""

    batch_bytes: int = 1024 * 1024
    batch_entries: int = 5000
    batch_seconds: float = 0.5
    metadata: dict[str, str] = msgspec.field(default_factory=dict)
    """Goes with every entry, beside what is learned of its line: a pod's name, a node's."""
    max_line_bytes: int = 256 * 1024
    """Loki's own `max_line_size`: a longer line is made to fit and stays valid JSON."""
    dead_letter_bytes: int = 10 * 1024 * 1024
    dead_letter_max_age_seconds: float = 30 * 86400.0
    """What was refused longer ago is deleted; 0 keeps it as long as there is room."""


class LokiOptions(SinkOptions, frozen=True):
    """How to reach Loki, and what it may be told."""

    labels_from: dict[str, str] = msgspec.field(default_factory=dict)
    """Stream labels taken from the line: name → dotted path. Keep them few: each value is a stream."""
    mend_times: bool = False
    """Whether a line whose time Loki refuses is sent with the time of now, its own in the metadata."""


class SplunkOptions(SinkOptions, frozen=True):
    """How to reach Splunk's HTTP Event Collector, and as what the lines are kept there."""

    token: str | None = None
    token_file: str | None = None
    index: str | None = None
    """None: the token's own default index."""
    host: str | None = None
    """None: the name of this machine; of a pod, its name."""
    sourcetype: str = "_json"
    source: str | None = None
    """None: the path of the file."""
    event: Literal["line", "call"] = "line"
    """`line`: as it was written. `call`: `{"request": …, "response": …, "response_time": seconds}`, where it is one."""
    acknowledge: Literal["auto", "never"] = "auto"
    """`auto`: where the collector offers it, a push has arrived only once the indexers say so."""


class OtlpLogsOptions(SinkOptions, frozen=True):
    """How to reach a receiver of OTLP logs over HTTP."""

    compression: Literal["gzip", "none"] = "gzip"


class PushOptions(HttpOptions, frozen=True):
    """How to reach who gets metrics without asking for them, and how often."""

    interval_seconds: float = 15.0


class OtlpMetricsOptions(PushOptions, frozen=True):
    """How to reach a receiver of OTLP metrics over HTTP."""

    compression: Literal["gzip", "none"] = "gzip"


class RemoteWriteOptions(PushOptions, frozen=True):
    """How to reach a receiver of Prometheus remote write."""

    labels: dict[str, str] = msgspec.field(default_factory=dict)
    """Labels of every series; `job` and `instance` are among them unless they are given here."""
