"""Prometheus' web configuration file: what it says, or all that is wrong with it. Loads no key, judges no request.

The format is that of https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from tailer.config.faults import Fault, closest, hint, shown
from tailer.config.sources import Given, from_file
from tailer.config.values import convert, place
from tailer.web.suites import CURVES, OPENSSL_NAMES, TLS13_SUITES

PATHS = ("/", "/metrics", "/healthz", "/readyz")
MAX_COST = 18
"""Of a bcrypt hash: each step doubles the time of a check, which at 18 is some 15 seconds already."""
HEADERS: Mapping[str, tuple[str, ...]] = {
    "Content-Security-Policy": (),
    "Strict-Transport-Security": (),
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("deny", "sameorigin"),
    "X-XSS-Protection": (),
}
"""The response headers that may be set, and their values where only these are meaningful."""

ClientAuth = Literal["NoClientCert", "RequestClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"]
TlsVersion = Literal["TLS12", "TLS13"]
_BCRYPT = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
_DURATION = re.compile(r"(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+|0")
_UNIT_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_INLINE = {"cert": "cert_file", "key": "key_file", "client_ca": "client_ca_file"}


class Tls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`tls_server_config`; the paths are absolute."""

    cert_file: str = ""
    key_file: str = ""
    client_auth_type: ClientAuth = "NoClientCert"
    client_ca_file: str = ""
    client_allowed_sans: tuple[str, ...] = ()
    min_version: TlsVersion = "TLS12"
    max_version: TlsVersion = "TLS13"
    cipher_suites: tuple[str, ...] = ()
    prefer_server_cipher_suites: bool = True
    curve_preferences: tuple[str, ...] = ()

    @property
    def is_wanted(self) -> bool:
        return bool(self.cert_file)

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(path for path in (self.cert_file, self.key_file, self.client_ca_file) if path)


class WebFile(msgspec.Struct, frozen=True):
    """The whole file. `users` are bcrypt hashes by name, `interval_seconds` 0 is no limit of the rate."""

    path: str = ""
    tls: Tls = Tls()
    headers: dict[str, str] = {}
    users: dict[str, str] = {}
    auth_excluded_paths: tuple[str, ...] = ()
    interval_seconds: float = 0.0
    burst: int = 0

    def __repr__(self) -> str:
        return f"WebFile({self.path!r})"  # never its hashes

    @property
    def guards(self) -> frozenset[str]:
        """By what clients are kept out."""
        certificates = self.tls.client_auth_type == "RequireAndVerifyClientCert"
        all_of_them = {"tls": self.tls.is_wanted, "users": bool(self.users), "client certificates": certificates}
        return frozenset(name for name, is_used in all_of_them.items() if is_used)


KEYS: dict[str, Any] = {
    **{f"tls_server_config.{field.name}": field.type for field in msgspec.structs.fields(Tls)},
    **{f"tls_server_config.{key}": str for key in _INLINE},
    "http_server_config.http2": bool,
    "http_server_config.headers": dict[str, str],
    "basic_auth_users": dict[str, str],
    "auth_excluded_paths": tuple[str, ...],
    "rate_limit.interval": str,
    "rate_limit.burst": int,
}


def read(path: str) -> tuple[WebFile | None, list[Fault]]:
    """The file as it is now, None when anything is wrong with it; every fault has its place."""
    layer = from_file(path, frozenset(KEYS))
    faults = list(layer.faults)
    given = {item.key: item for item in layer.given}
    values: dict[str, Any] = {}
    for key, item in given.items():
        faults_before = len(faults)
        value = convert(item, KEYS[key], faults)
        faults += _faults_of(item, value) if len(faults) == faults_before else ()
        values[key] = value
    faults += _conflicts(path, values, given)
    return (None, faults) if faults else (_web_file(path, values), [])


def _web_file(path: str, values: Mapping[str, Any]) -> WebFile:
    directory = os.path.dirname(os.path.abspath(path))
    tls = {key.partition(".")[2]: value for key, value in values.items() if key.startswith("tls_server_config.")}
    for name in ("cert_file", "key_file", "client_ca_file"):
        if tls.get(name):
            tls[name] = os.path.join(directory, tls[name])
    return WebFile(
        path,
        Tls(**tls),
        {name: text for name, text in values.get("http_server_config.headers", {}).items() if text},
        values.get("basic_auth_users", {}),
        values.get("auth_excluded_paths", ()),
        duration_seconds(values.get("rate_limit.interval", "0")),
        values.get("rate_limit.burst", 0),
    )


def duration_seconds(text: str) -> float:
    """A duration as Go writes it, `1.5s` or `1m30s`."""
    parts = re.findall(r"([\d.]+)(ns|us|µs|ms|s|m|h)", text)
    return sum((float(number) * _UNIT_SECONDS[unit] for number, unit in parts), 0.0)


def _faults_of(item: Given, value: Any) -> Iterator[Fault]:
    """What is wrong with one value beyond its type."""
    match item.key.rpartition(".")[2]:
        case "cert" | "key" | "client_ca" as name:
            yield Fault(item.origin, "", f"{_INLINE[name]}: certificates and keys stand in files of their own")
        case "cipher_suites":
            yield from _known(item, value, (*OPENSSL_NAMES, *TLS13_SUITES), "a cipher suite by the name Go gives it")
        case "curve_preferences":
            yield from _known(item, value, tuple(CURVES), f"one of {', '.join(CURVES)}")
            if len(value) > 1:
                yield Fault(item.origin, f"{len(value)} curves", "one: Python can offer a single curve, or all it has")
        case "auth_excluded_paths":
            yield from _known(item, value, PATHS, f"one of {', '.join(PATHS)}")
        case "headers":
            yield from _header_faults(item, value)
        case "basic_auth_users":
            yield from _user_faults(item, value)
        case "interval" if not _DURATION.fullmatch(value):
            yield Fault(item.origin, shown(value), "a duration such as 1s or 500ms")
        case "burst" if value < 0:
            yield Fault(item.origin, shown(value), "0 or more")


def _known(item: Given, values: tuple[str, ...], known: tuple[str, ...], expected: str) -> Iterator[Fault]:
    for number, value in enumerate(values):
        if value not in known:
            yield Fault(place(item, f"[{number}]"), shown(value), expected, hint(closest(value, known)))


def _header_faults(item: Given, headers: Mapping[str, str]) -> Iterator[Fault]:
    for name, text in headers.items():
        at = place(item, f".{name}")
        if name not in HEADERS:
            yield Fault(at, "", f"one of {', '.join(HEADERS)}", hint(closest(name, HEADERS)))
        elif HEADERS[name] and text and text not in HEADERS[name]:
            yield Fault(at, shown(text), " or ".join(HEADERS[name]))
        elif not re.fullmatch(r"[\x20-\x7e]*", text):
            yield Fault(at, shown(text), "a text of one line in ASCII")


def _user_faults(item: Given, users: Mapping[str, str]) -> Iterator[Fault]:
    for name, hashed in users.items():
        at = place(item, f".{name}")
        found = _BCRYPT.fullmatch(hashed)
        if not name or ":" in name:
            yield Fault(at, "", "a user's name without a colon")
        if found is None:
            yield Fault(at, "", "a bcrypt hash such as htpasswd -nBC 10 gives it, $2y$10$…, never the password itself")
        elif not 4 <= int(found[1]) <= MAX_COST:
            yield Fault(at, "", f"a bcrypt hash with a cost from 4 to {MAX_COST}")


def _conflicts(path: str, values: Mapping[str, Any], given: Mapping[str, Given]) -> Iterator[Fault]:
    """What does not go together."""
    tls = {key.partition(".")[2]: value for key, value in values.items() if key.startswith("tls_server_config.")}
    at = f"{path}: tls_server_config"
    for name in ("cert_file", "key_file") if tls else ():
        if not tls.get(name) and name.removesuffix("_file") not in tls:
            yield Fault(f"{at}.{name}", "", "it, since TLS is configured")
    auth, authority = tls.get("client_auth_type", "NoClientCert"), tls.get("client_ca_file")
    if authority and auth == "NoClientCert":
        yield Fault(f"{at}.client_ca_file", "it alone", "client_auth_type: RequireAndVerifyClientCert with it")
    if auth in ("VerifyClientCertIfGiven", "RequireAndVerifyClientCert") and not authority:
        yield Fault(f"{at}.client_auth_type", f"{auth} alone", "client_ca_file with it, or any certificate would do")
    if tls.get("client_allowed_sans") is not None and auth not in (None, "RequireAndVerifyClientCert"):
        yield Fault(f"{at}.client_allowed_sans", "it", "it with client_auth_type: RequireAndVerifyClientCert only")
    if tls.get("min_version") == "TLS13" and tls.get("max_version") == "TLS12":
        yield Fault(f"{at}.max_version", "TLS12", "min_version no greater than max_version")
    suites = tls.get("cipher_suites")
    if suites and tls.get("max_version") == "TLS12" and not any(suite in OPENSSL_NAMES for suite in suites):
        yield Fault(f"{at}.cipher_suites", "suites of TLS 1.3 alone", "one of TLS 1.2 too, which max_version asks for")
    if duration_seconds(values.get("rate_limit.interval") or "0") and not values.get("rate_limit.burst"):
        yield Fault(f"{path}: rate_limit.burst", "", "1 or more, or every request is refused")
    if "auth_excluded_paths" in given and "basic_auth_users" not in given and auth == "NoClientCert":
        yield Fault(f"{path}: auth_excluded_paths", "it", "it beside basic_auth_users or client certificates only")
