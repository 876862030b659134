"""The configuration: what can be set, and how flags, environment and YAML come together."""

from tailer.config.faults import ConfigError, Fault
from tailer.config.loading import Examined, examine, key_types, load
from tailer.config.receivers import (
    HttpOptions,
    LokiOptions,
    OtlpLogsOptions,
    OtlpMetricsOptions,
    PushOptions,
    RemoteWriteOptions,
    SinkOptions,
    SplunkOptions,
)
from tailer.config.schema import Config, DurationUnit, Fields, Limits, TimestampUnit

__all__ = [
    "Config",
    "ConfigError",
    "DurationUnit",
    "Examined",
    "Fault",
    "Fields",
    "HttpOptions",
    "Limits",
    "LokiOptions",
    "OtlpLogsOptions",
    "OtlpMetricsOptions",
    "PushOptions",
    "RemoteWriteOptions",
    "SinkOptions",
    "SplunkOptions",
    "TimestampUnit",
    "examine",
    "key_types",
    "load",
]
