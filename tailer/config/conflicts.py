"""Values that do not go together; looks at what was given and the files it names, opens no connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tailer.config import certificates
from tailer.config.faults import Fault, shown
from tailer.config.labels import LOKI_MAX_LABELS
from tailer.config.receivers import HttpOptions
from tailer.config.schema import sections_of
from tailer.config.sources import SPLUNK_TOKENS

TOGETHER = (
    ("username", ("password", "password_file")),
    ("password", ("username",)),
    ("password_file", ("username",)),
    ("cert_file", ("key_file",)),
    ("key_file", ("cert_file",)),
)
"""A key of a receiver's section, and those of which one has to be there with it."""

APART = (
    ("password", "password_file"),
    ("bearer_token", "bearer_token_file"),
    ("username", "bearer_token"),
    ("username", "bearer_token_file"),
)
"""Two ways to say one thing."""

CREDENTIALS = ("username", "password", "password_file", "bearer_token", "bearer_token_file", "token", "token_file")

SPLUNK_WAYS = (*sorted(SPLUNK_TOKENS), "splunk.bearer_token", "splunk.bearer_token_file", "splunk.username")
"""All that would be the one header `Authorization`, Splunk's own first."""


def conflicts(values: Mapping[str, object], origins: Mapping[str, str]) -> Iterator[Fault]:
    """Faults between keys. `origins` holds every key given, also one whose value is at fault and so not
    in `values`."""
    for section in sections_of(HttpOptions):
        yield from _of_receiver(section, values, origins)
    yield from _stream_labels(values, origins)
    yield from _splunk_token(origins)


def _of_receiver(section: str, values: Mapping[str, object], origins: Mapping[str, str]) -> Iterator[Fault]:
    def named(name: str) -> str:
        return f"{section}.{name}"

    for name, partners in TOGETHER:
        if named(name) in origins and not any(named(partner) in origins for partner in partners):
            yield Fault(origins[named(name)], "it alone", f"{' or '.join(map(named, partners))} with it")
    for one, other in ((named(one), named(other)) for one, other in APART):
        if one in origins and other in origins:
            yield Fault(origins[other], f"it beside {origins[one]}", f"only one of {one} and {other}")
    yield from _authorized_twice(section, values, origins)
    shortest, longest = named("retry_min_seconds"), named("retry_max_seconds")
    low, high = values.get(shortest, 0.5), values.get(longest, 30.0)
    if isinstance(low, float) and isinstance(high, float) and low > high:
        origin = origins.get(longest) or origins[shortest]
        yield Fault(origin, f"{low:g} to {high:g}", f"{shortest} no greater than {longest}")
    cert_file, key_file = values.get(named("cert_file")), values.get(named("key_file"))
    if isinstance(cert_file, str) and isinstance(key_file, str) and not certificates.are_pair(cert_file, key_file):
        expected = f"a certificate with the key in {named('key_file')}, without a password"
        yield Fault(origins[named("cert_file")], shown(cert_file), expected)


def _authorized_twice(section: str, values: Mapping[str, object], origins: Mapping[str, str]) -> Iterator[Fault]:
    """A header of the user's own is the same header as the one that credentials make."""
    headers, key = values.get(f"{section}.headers"), f"{section}.headers"
    given = next((name for name in CREDENTIALS if f"{section}.{name}" in origins), None)
    if given and isinstance(headers, dict) and any(name.lower() == "authorization" for name in headers):
        expected = f"only one of {section}.{given} and the header Authorization"
        yield Fault(origins[key], f"Authorization beside {origins[f'{section}.{given}']}", expected)


def unaddressed(origins: Mapping[str, str]) -> Iterator[Fault]:
    """Credentials for a receiver that has no address. To take the address away turns a receiver off, so nobody is kept
    from running; but it may have been forgotten."""
    for section in sections_of(HttpOptions):
        given = next((key for name in CREDENTIALS if (key := f"{section}.{name}") in origins), None)
        if given is not None and f"{section}_url" not in origins:
            yield Fault(origins[given], "it alone", f"{section}_url with it, or nothing goes there")


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


def _splunk_token(origins: Mapping[str, str]) -> Iterator[Fault]:
    given = [key for key in SPLUNK_WAYS if key in origins]
    if "splunk_url" in origins and not SPLUNK_TOKENS.intersection(given):
        yield Fault(origins["splunk_url"], "it alone", f"{' or '.join(sorted(SPLUNK_TOKENS))} with it")
    elif len(given) > 1 and given[0] in SPLUNK_TOKENS:
        yield Fault(origins[given[1]], f"it beside {origins[given[0]]}", f"only one of {given[0]} and {given[1]}")
