"""What names and values of labels, dimensions and metadata must be, and paths they are taken from; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tailer.config.faults import Objection, shown

RESERVED_LABELS = frozenset(
    {"provider", "model", "operation", "status", "error_type", "type", "detail", "source", "reason", "limit"}
    | {"le", "quantile", "outcome"}
)
"""Label names of the metrics themselves, which a dimension must not take."""
APP_LABELS = {"prom_client": "operation", "openai_mixin": "source"}
"""Reserved names that are dimensions of the application in one profile."""
LOKI_MAX_LABELS = 15
LEARNED = frozenset(
    (
        "filename", "level", "trace_id", "provider", "model", "operation", "status", "error_type", "request_id",
        "response_id", "input_tokens", "output_tokens", "cost_usd", "original_timestamp",
    )
)  # fmt: skip
"""The structured metadata that tokentail itself gives."""
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def dotted(value: str, at: str = "") -> Iterator[Objection]:
    if not all(part and part == part.strip() for part in value.split(".")):
        yield Objection("a dotted path such as request.user.id", "", at, shown(value))


def dimension(value: Mapping[str, str]) -> Iterator[Objection]:
    for name, path in value.items():
        if name in RESERVED_LABELS:
            meant = f"{name} is a label of the metrics already; did you mean app_{name}?"
            yield Objection("a label name of your own", meant, f".{name}", shown(name))
        yield from _label_name(name)
        yield from dotted(path, f".{name}")


def own_names(dimension: Mapping[str, str], profiles: Iterable[str]) -> dict[str, str]:
    """Dimensions by the names they get: `operation` and `source` are the application's own in some profiles, and
    `app_operation` and `app_source` where the metrics have labels of those names already."""
    taken = {APP_LABELS[profile] for profile in profiles if profile in APP_LABELS}
    return {
        f"app_{name}" if name in taken and f"app_{name}" not in dimension else name: path
        for name, path in dimension.items()
    }


def labels_from(value: Mapping[str, str]) -> Iterator[Objection]:
    for name, path in value.items():
        yield from _label_name(name)
        yield from dotted(path, f".{name}")


def label(value: Mapping[str, str]) -> Iterator[Objection]:
    for name, text in value.items():
        yield from _label_name(name)
        # An empty value is no label, to Loki and to Prometheus: so it is for a pod that lacks one of its own.
        if len(text.encode(errors="replace")) > 2048:
            yield Objection("a label value of at most 2048 bytes", "", f".{name}", shown(text))


def resource(value: Mapping[str, str]) -> Iterator[Objection]:
    """Attributes by OpenTelemetry's names, such as `k8s.pod.name`."""
    for name, text in value.items():
        if not re.fullmatch(r"[A-Za-z0-9_./-]{1,256}", name):
            yield Objection("an attribute name such as deployment.environment.name", "", f".{name}", shown(name))
        if len(text.encode(errors="replace")) > 2048:
            yield Objection("an attribute value of at most 2048 bytes", "", f".{name}", shown(text))


def metadata(value: Mapping[str, str]) -> Iterator[Objection]:
    for name, text in value.items():
        yield from _label_name(name)
        if name in LEARNED:
            yield Objection("a name of your own: this one tells what was learned of the line", "", f".{name}", "")
        if name == "tokentail_id":
            yield Objection("a name of your own: by this one Splunk knows an event again", "", f".{name}", "")
        if len(text.encode(errors="replace")) > 1024:
            yield Objection("a value of at most 1024 bytes", "", f".{name}", shown(text))


def _label_name(name: str) -> Iterator[Objection]:
    if not _NAME.fullmatch(name) or name.startswith("__") or len(name) > 1024:
        cleaned = re.sub(r"[^a-zA-Z0-9_]", "_", name).lstrip("_0123456789")
        meant = f"did you mean {cleaned}?" if cleaned else ""
        yield Objection("a label name of letters, digits and _, not starting with a digit or __", meant, f".{name}", "")
