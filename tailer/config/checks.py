"""What a value must be beyond its type, and what values must be to one another; looks at files, opens no connection."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv6Address
from typing import Any
from urllib.parse import urlsplit

from tailer.config import files, labels
from tailer.config.faults import Objection, shown
from tailer.config.receivers import HttpOptions
from tailer.config.schema import sections_of

_HOST = re.compile(r"(?!-)[A-Za-z0-9_.-]{1,253}(?<![-.])")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TENANT = re.compile(r"[A-Za-z0-9!_.*'()-]{1,150}")
_BREAKS = re.compile(r"[\r\n\0]")
_OURS = frozenset(["content-type", "content-encoding", "content-length", "host", "transfer-encoding"])
MAY_BE_ZERO = frozenset(
    {"drain_seconds", "rotate_grace_seconds", "limits.finished_call_seconds"}
    | {"batch_seconds", "dead_letter_bytes", "dead_letter_max_age_seconds"}
)
"""Keys, those of every sink without its section."""

Check = Callable[[Any], Iterator[Objection]]


def host_and_port(listen: str) -> tuple[str, int] | None:
    """`127.0.0.1:9847` or `[::1]:9847` taken apart, None when it is no such address."""
    host, colon, port = listen.rpartition(":")
    if not colon or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        return None
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        return (host, int(port)) if _is_ipv6(host) else None
    return (host, int(port)) if _HOST.fullmatch(host) else None


def objections(key: str, value: object, environ: Mapping[str, str]) -> Iterator[Objection]:
    """Everything wrong with one value of the right type."""
    section, _, name = key.rpartition(".")
    of_receiver = section in sections_of(HttpOptions)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _size(name if of_receiver else key, value)
    elif of_receiver and name in SECRETS:
        yield from _secret(str(value), environ)
    elif of_receiver and name == "headers" and isinstance(value, dict):
        yield from _headers(value, environ)
    elif of_receiver and name in OF_RECEIVERS:
        yield from OF_RECEIVERS[name](value)
    elif key in CHECKS:
        yield from CHECKS[key](value)
    elif key.startswith("fields.") and not key.endswith("_unit"):
        yield from labels.dotted(str(value))


def _size(key: str, value: float) -> Iterator[Objection]:
    lowest = "0 or more" if key in MAY_BE_ZERO else "more than 0"
    if not math.isfinite(value) or value < 0 or (value == 0 and key not in MAY_BE_ZERO):
        yield Objection(f"a number, {lowest}")


def _listen(value: str) -> Iterator[Objection]:
    if host_and_port(value) is not None:
        return
    host, _, port = value.rpartition(":")
    meant = ""
    if re.fullmatch(r":?[0-9]{1,5}", value):
        meant = f"127.0.0.1:{value.lstrip(':')}, or 0.0.0.0:{value.lstrip(':')} for every interface"
    elif _is_ipv6(host) and not host.startswith("["):
        meant = f"[{host}]:{port}"
    yield Objection("HOST:PORT with a port from 0 to 65535, an IPv6 host in brackets", meant)


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True


def _url(
    value: str, credentials: str = "username with password or password_file of its section"
) -> Iterator[Objection]:
    """`credentials` says where those belong that must not stand in the address."""
    try:
        url = urlsplit(value)
        sound = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        sound = False
    if not sound or re.search(r"[\s\x00-\x1f]", value):
        meant = f"http://{value}" if re.fullmatch(r"[\w.-]+(:\d+)?(/\S*)?", value) else ""
        yield Objection("a URL http://… or https://… with a host", f"did you mean {meant}?" if meant else "")
        return
    if url.username is not None or url.password is not None:
        yield Objection("a URL without credentials", f"use {credentials}" if credentials else "")
    if url.query or url.fragment:
        yield Objection("a URL without a query", "what has to go with every push can be one of its section's headers")


def _splunk_url(value: str) -> Iterator[Objection]:
    yield from _url(value, "splunk.token or splunk.token_file")


def _proxy_url(value: str) -> Iterator[Objection]:
    yield from _url(value, "")


def _push_url(value: str) -> Iterator[Objection]:
    """There is no path that all receivers share, so it cannot be added."""
    faults = list(_url(value))
    if not faults and urlsplit(value).path in ("", "/"):
        usual = "of Prometheus it is /api/v1/write, of Grafana Cloud /api/prom/push, of Mimir /api/v1/push"
        faults = [Objection("the whole address with its path", usual)]
    yield from faults


def _tenant(value: str) -> Iterator[Objection]:
    if not _TENANT.fullmatch(value) or value in (".", ".."):
        yield Objection("a tenant of at most 150 letters, digits and !-_.*'()")


def _paths(value: tuple[str, ...]) -> Iterator[Objection]:
    for number, path in enumerate(value):
        if not path.strip() or "\0" in path:
            yield Objection("a path or a glob", "", f"[{number}]", shown(path))


def _absolute_each(value: tuple[str, ...]) -> Iterator[Objection]:
    for number, path in enumerate(value):
        if not path.startswith("/") or "\0" in path:
            yield Objection("an absolute path of a directory", "", f"[{number}]", shown(path))


def _state_dir(value: str) -> Iterator[Objection]:
    if not value.strip() or "\0" in value or (os.path.exists(value) and not os.path.isdir(value)):
        yield Objection("a directory, existing or to be made")


def _model_alias(value: Mapping[str, str]) -> Iterator[Objection]:
    for name, model in value.items():
        for text in (name, model):
            if not text.strip() or len(text) > 256:
                yield Objection("a model's name of at most 256 characters", "", f".{name}", shown(text))


def _secret(value: str, environ: Mapping[str, str], at: str = "") -> Iterator[Objection]:
    if not value.startswith("env:"):
        if not value or _BREAKS.search(value):
            yield Objection("a text that is not empty, on one line", "", at, "")
        return
    # Shown only where it looks like a name: it could also be a password that starts with these four letters.
    name = shown(value) if re.fullmatch(r"env:[A-Z][A-Z0-9_]*", value) else ""
    held = environ.get(value.removeprefix("env:"), "").strip()
    if not held:
        yield Objection("the name of an environment variable that is set, after env:", "", at, name)
    elif _BREAKS.search(held):
        yield Objection("a variable that holds a secret on one line", "", at, name)


def _headers(value: Mapping[str, str], environ: Mapping[str, str]) -> Iterator[Objection]:
    for name, text in value.items():
        if not _HEADER.fullmatch(name):
            yield Objection("a header name such as X-Team", "", f".{name}", "")
        elif name.lower() in _OURS:
            yield Objection("a header that tokentail does not set itself", "", f".{name}", "")
        yield from _secret(text, environ, f".{name}")


CHECKS: Mapping[str, Check] = {
    "listen": _listen,
    "paths": _paths,
    "state_dir": _state_dir,
    "loki_url": _url,
    "splunk_url": _splunk_url,
    "otlp_logs_url": _url,
    "otlp_metrics_url": _url,
    "remote_write_url": _push_url,
    "remote_write.labels": labels.label,
    "loki_tenant": _tenant,
    "label": labels.label,
    "resource": labels.resource,
    "dimension": labels.dimension,
    "model_alias": _model_alias,
    "web_config_file": files.readable,
    "allowed_roots": _absolute_each,
    "prices": files.readable_each,
    "parsers": files.readable_each,
    "loki.labels_from": labels.labels_from,
}
SECRETS = ("password", "bearer_token", "token")
OF_RECEIVERS: Mapping[str, Check] = {
    "metadata": labels.metadata,
    "password_file": files.secret_file,
    "bearer_token_file": files.secret_file,
    "token_file": files.secret_file,
    "proxy_url": _proxy_url,
    "ca_file": files.authorities,
    "cert_file": files.readable,
    "key_file": files.readable,
}
"""By the key without its section, for whoever is reached over HTTP."""
