"""What can be configured: one frozen Config, its sections, its defaults. Loads nothing."""

from __future__ import annotations

from typing import Literal

import msgspec

from tailer.config.frozen import Frozen
from tailer.config.receivers import (
    LokiOptions,
    OtlpLogsOptions,
    OtlpMetricsOptions,
    RemoteWriteOptions,
    SplunkOptions,
)

TimestampUnit = Literal["auto", "s", "ms", "us", "ns"]
DurationUnit = Literal["auto", "s", "ms", "us", "ns"]
ContentAction = Literal["keep", "shorten", "hash", "drop"]
Profile = Literal["llm", "openai_mixin", "prom_client", "scanium", "otel"]


class Fields(Frozen, frozen=True):
    """Dotted paths of what surrounds a body; None finds it by the common names."""

    timestamp: str | None = None
    timestamp_unit: TimestampUnit = "auto"
    duration: str | None = None
    duration_unit: DurationUnit = "auto"
    status: str | None = None
    request_id: str | None = None
    trace_id: str | None = None
    request: str | None = None
    response: str | None = None
    headers: str | None = None
    url: str | None = None
    provider: str | None = None
    level: str | None = None
    model: str | None = None
    """With `input_tokens` and `output_tokens`: a call told in fields of the line's own, without a provider's body."""
    input_tokens: str | None = None
    """All of them, those from a cache included."""
    output_tokens: str | None = None
    """All of them, reasoning included."""
    cached_input_tokens: str | None = None


class Privacy(Frozen, frozen=True):
    """What of a line leaves for a sink. By default all of it, unchanged."""

    mode: Literal["content", "allow_list"] = "content"
    """`allow_list`: only what was learned of the call leaves, and what `paths` names."""
    content: ContentAction = "keep"
    shorten_characters: int = 100
    hash_key_file: str | None = None
    paths: dict[str, str] = msgspec.field(default_factory=dict)
    """Dotted path (`*` one step, `**` any number) → action; they go before what is known of content."""
    mask: tuple[Literal["keys", "tokens", "emails"], ...] | None = None
    """None: all of them as soon as anything of this section is set."""
    mask_patterns: dict[str, str] = msgspec.field(default_factory=dict)
    """Name → regular expression of the user's own."""

    @property
    def is_on(self) -> bool:
        """Whether a line may leave otherwise than it was written."""
        return self.mode != "content" or self.content != "keep" or bool(self.paths or self.mask or self.mask_patterns)

    @property
    def promises(self) -> bool:
        """Whether no content may leave, not even its beginning."""
        return self.mode == "allow_list" or self.content in ("hash", "drop")


class Limits(Frozen, frozen=True):
    """What keeps memory and series bounded."""

    counter_label_sets: int = 1000
    histogram_label_sets: int = 100
    label_value_chars: int = 128
    open_calls: int = 10_000
    open_call_seconds: float = 900.0
    """How long a call may stay open without another line before it is given up."""
    finished_call_seconds: float = 30.0
    """How long a finished stream waits for its usage chunk."""


class Config(Frozen, frozen=True):
    """Everything `tokentail run` obeys. Names are those of the flags."""

    paths: tuple[str, ...] = ()
    once: bool = False
    config: str | None = None
    state_dir: str = "./.tokentail"
    listen: str = "127.0.0.1:9847"
    web_config_file: str | None = None
    """TLS and users of the HTTP port, in the format of Prometheus' exporter-toolkit; read again when it changes."""
    read_from: Literal["beginning", "end"] = "beginning"
    loki_url: str | None = None
    loki_tenant: str | None = None
    loki_encoding: Literal["protobuf", "json"] = "protobuf"
    splunk_url: str | None = None
    otlp_logs_url: str | None = None
    otlp_metrics_url: str | None = None
    remote_write_url: str | None = None
    resource: dict[str, str] = msgspec.field(default_factory=dict)
    """Resource attributes of all that goes out by OTLP, over those of OTEL_RESOURCE_ATTRIBUTES."""
    label: dict[str, str] = msgspec.field(default_factory=lambda: {"job": "tokentail"})
    profile: tuple[Profile, ...] = ("llm",)
    dimension: dict[str, str] = msgspec.field(default_factory=dict)
    exemplars: bool = True
    drain_seconds: float = 10.0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = "auto"
    fields: Fields = Fields()
    loki: LokiOptions = LokiOptions()
    splunk: SplunkOptions = SplunkOptions()
    otlp_logs: OtlpLogsOptions = OtlpLogsOptions()
    otlp_metrics: OtlpMetricsOptions = OtlpMetricsOptions()
    remote_write: RemoteWriteOptions = RemoteWriteOptions()
    limits: Limits = Limits()
    privacy: Privacy = Privacy()
    prices: tuple[str, ...] = ()
    """Files that override the price table, YAML or CSV, the first that knows a model wins."""
    model_alias: dict[str, str] = msgspec.field(default_factory=dict)
    """What a model's name in the log stands for in price lists: a deployment, a fine-tune. Labels keep the name."""
    parsers: tuple[str, ...] = ()
    """Python files with further parsers, asked before the built-in ones."""
    max_line_bytes: int = 16 * 1024 * 1024
    poll_seconds: float = 1.0
    rotate_grace_seconds: float = 30.0
    """How long a rotated or deleted file must have been quiet before it is let go."""
    checkpoint_seconds: float = 1.0
    allowed_roots: tuple[str, ...] = ()
    """Directories into which links may lead, beside those in which the paths stand."""


def sections_of(kind: type[Frozen]) -> tuple[str, ...]:
    """The sections of the configuration that are of this kind."""
    fields = msgspec.structs.fields(Config)
    return tuple(it.name for it in fields if isinstance(it.type, type) and issubclass(it.type, kind))
