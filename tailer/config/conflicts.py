"""Values that do not go together; looks at what was given and the files it names, opens no connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tailer.config import certificates
from tailer.config.faults import Fault, shown
from tailer.config.labels import LOKI_MAX_LABELS

TOGETHER = (
    ("loki.username", ("loki.password", "loki.password_file")),
    ("loki.password", ("loki.username",)),
    ("loki.password_file", ("loki.username",)),
    ("loki.cert_file", ("loki.key_file",)),
    ("loki.key_file", ("loki.cert_file",)),
)
"""A key, and those of which one has to be there with it."""

APART = (
    ("loki.password", "loki.password_file"),
    ("loki.bearer_token", "loki.bearer_token_file"),
    ("loki.username", "loki.bearer_token"),
    ("loki.username", "loki.bearer_token_file"),
)
"""Two ways to say one thing."""


def conflicts(values: Mapping[str, object], origins: Mapping[str, str]) -> Iterator[Fault]:
    """Faults between keys. `origins` holds every key given, also one whose value is at fault and so not
    in `values`."""
    for key, partners in TOGETHER:
        if key in origins and not any(partner in origins for partner in partners):
            yield Fault(origins[key], "it alone", f"{' or '.join(partners)} with it")
    for one, other in APART:
        if one in origins and other in origins:
            yield Fault(origins[other], f"it beside {origins[one]}", f"only one of {one} and {other}")
    low, high = values.get("loki.retry_min_seconds", 0.5), values.get("loki.retry_max_seconds", 30.0)
    if isinstance(low, float) and isinstance(high, float) and low > high:
        origin = origins.get("loki.retry_max_seconds") or origins["loki.retry_min_seconds"]
        yield Fault(origin, f"{low:g} to {high:g}", "loki.retry_min_seconds no greater than loki.retry_max_seconds")
    cert_file, key_file = values.get("loki.cert_file"), values.get("loki.key_file")
    if isinstance(cert_file, str) and isinstance(key_file, str) and not certificates.are_pair(cert_file, key_file):
        expected = "a certificate with the key in loki.key_file, without a password"
        yield Fault(origins["loki.cert_file"], shown(cert_file), expected)
    yield from _stream_labels(values, origins)


def _stream_labels(values: Mapping[str, object], origins: Mapping[str, str]) -> Iterator[Fault]:
    fixed, taken = values.get("label", {"job": "tokentail"}), values.get("loki.labels_from", {})
    if not isinstance(fixed, dict) or not isinstance(taken, dict):
        return
    origin = origins.get("loki.labels_from") or origins.get("label") or "label"
    for name in sorted(fixed.keys() & taken.keys()):
        yield Fault(f"{origin}.{name}", "it as a static label too", "each stream label once")
    if len(fixed | taken) > LOKI_MAX_LABELS:
        yield Fault(origin, f"{len(fixed | taken)} stream labels", f"at most {LOKI_MAX_LABELS}, which is Loki's limit")
    if "loki_url" in origins and not fixed | taken:
        yield Fault(origin, "no stream label", "at least one label, or Loki takes nothing")
