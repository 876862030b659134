"""What can be configured: one frozen Config, its sections, its defaults. Loads nothing."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from tailer.config.faults import HIDDEN
from tailer.config.sources import SECRETS

TimestampUnit = Literal["auto", "s", "ms", "us", "ns"]
DurationUnit = Literal["auto", "s", "ms", "us", "ns"]
ContentAction = Literal["keep", "shorten", "hash", "drop"]
Profile = Literal["llm", "openai_mixin", "prom_client", "scanium", "otel"]


class Frozen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A section of the configuration. Its repr may be logged: secrets in it are hidden."""

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        hidden = {key.rpartition(".")[2] for key in SECRETS}
        values = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return [(name, _masked(value) if name in hidden else value) for name, value in values]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


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


class LokiOptions(Frozen, frozen=True):
    """How to reach Loki and how much to send at once. Secrets are given directly, by a file or by `env:NAME`."""

    username: str | None = None
    password: str | None = None
    password_file: str | None = None
    bearer_token: str | None = None
    bearer_token_file: str | None = None
    headers: dict[str, str] = {}
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    insecure_skip_verify: bool = False
    proxy_url: str | None = None
    """The way to Loki leads through this HTTP proxy. HTTP_PROXY and its like are for the application, and ignored."""
    timeout_seconds: float = 10.0
    batch_bytes: int = 1024 * 1024
    batch_entries: int = 5000
    batch_seconds: float = 0.5
    retry_min_seconds: float = 0.5
    retry_max_seconds: float = 30.0
    labels_from: dict[str, str] = {}
    """Stream labels taken from the line: name → dotted path. Keep them few: each value is a stream."""
    metadata: dict[str, str] = {}
    """Structured metadata of every entry, beside what is learned of its line: a pod's name, a node's."""
    max_line_bytes: int = 256 * 1024
    """Loki's own `max_line_size`: a longer line is made to fit and stays valid JSON."""
    mend_times: bool = False
    """Whether a line whose time Loki refuses is sent with the time of now, its own in the metadata."""
    dead_letter_bytes: int = 10 * 1024 * 1024
    dead_letter_max_age_seconds: float = 30 * 86400.0
    """What was refused longer ago is deleted; 0 keeps it as long as there is room."""


class Privacy(Frozen, frozen=True):
    """What of a line leaves for Loki. By default all of it, unchanged."""

    mode: Literal["content", "allow_list"] = "content"
    """`allow_list`: only what was learned of the call leaves, and what `paths` names."""
    content: ContentAction = "keep"
    shorten_characters: int = 100
    hash_key_file: str | None = None
    paths: dict[str, str] = {}
    """Dotted path (`*` one step, `**` any number) → action; they go before what is known of content."""
    mask: tuple[Literal["keys", "tokens", "emails"], ...] | None = None
    """None: all of them as soon as anything of this section is set."""
    mask_patterns: dict[str, str] = {}
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
    label: dict[str, str] = msgspec.field(default_factory=lambda: {"job": "tokentail"})
    profile: tuple[Profile, ...] = ("llm",)
    dimension: dict[str, str] = {}
    exemplars: bool = True
    drain_seconds: float = 10.0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = "auto"
    fields: Fields = Fields()
    loki: LokiOptions = LokiOptions()
    limits: Limits = Limits()
    privacy: Privacy = Privacy()
    prices: tuple[str, ...] = ()
    """Files that override the price table, YAML or CSV, the first that knows a model wins."""
    model_alias: dict[str, str] = {}
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


def _masked(value: object) -> object:
    if isinstance(value, dict):
        return dict.fromkeys(value, HIDDEN)
    return HIDDEN if value is not None else None
