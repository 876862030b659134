"""Where values come from: flags, environment and file, flattened to one list of what was given; judges no value."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from tailer.config.faults import Fault, closest, hint, kind
from tailer.config.yaml_file import read_yaml

PREFIX = "TOKENTAIL_"
ALIASES = {
    "labels": "label",
    "profiles": "profile",
    "dimensions": "dimension",
    "model_aliases": "model_alias",
    "loki.url": "loki_url",
    "splunk.url": "splunk_url",
    "otlp_logs.url": "otlp_logs_url",
    "otlp_metrics.url": "otlp_metrics_url",
    "remote_write.url": "remote_write_url",
    "loki.tenant": "loki_tenant",
    "loki.encoding": "loki_encoding",
    "fields.duration.path": "fields.duration",
    "fields.duration.unit": "fields.duration_unit",
    "fields.timestamp.path": "fields.timestamp",
    "fields.timestamp.unit": "fields.timestamp_unit",
}
OTHERS = {"SPLUNK_HEC_URL": "splunk_url", "SPLUNK_HEC_TOKEN": "splunk.token"}
"""Variables of other systems whose values are taken where nothing else gives the key."""
SPLUNK_TOKENS = frozenset({"splunk.token", "splunk.token_file"})
_SECRETS = frozenset({"password", "bearer_token", "token", "headers", "basic_auth_users"})

# Kubernetes tells every pod about each Service by such variables; a Service named tokentail makes them look like ours.
_SERVICE_LINK = re.compile(
    r"TOKENTAIL_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)"
)


class Given(NamedTuple):
    """A value as it was given. `textual` values (flags, environment) are strings still to be converted."""

    key: str
    value: object
    origin: str
    textual: bool


class Layer(NamedTuple):
    """What one source gave and what is wrong with it; `unknown` are variables that may be somebody else's."""

    given: list[Given]
    faults: list[Fault]
    unknown: list[Fault]


def is_secret(key: str) -> bool:
    """Whether the values of a key are never shown, in whatever section it is."""
    return key.rpartition(".")[2] in _SECRETS or key == "tls_server_config.key"


def flag_name(key: str) -> str:
    """`--loki-url` for `loki_url`; the paths are positional."""
    return "PATH" if key == "paths" else f"--{key.replace('_', '-')}"


def env_name(key: str) -> str:
    """`TOKENTAIL_LOKI_URL` for `loki_url`, `TOKENTAIL_LOKI_BATCH_BYTES` for `loki.batch_bytes`."""
    return PREFIX + key.replace(".", "_").upper()


def from_flags(flags: Mapping[str, object], keys: frozenset[str]) -> Layer:
    """The values of argparse; names that are no keys of the configuration belong to somebody else."""
    return Layer([Given(key, value, flag_name(key), True) for key, value in flags.items() if key in keys], [], [])


def from_environ(environ: Mapping[str, str], keys: frozenset[str]) -> Layer:
    """The variables `TOKENTAIL_…`; an empty one counts as not set, as compose files leave them."""
    names = {env_name(key): key for key in keys}
    names |= {env_name(alias): key for alias, key in ALIASES.items() if "." not in alias}
    layer = Layer([], [], [])
    for name, text in sorted(environ.items()):
        if not name.startswith(PREFIX) or _SERVICE_LINK.fullmatch(name):
            continue
        key = names.get(name)
        if key is None:
            layer.unknown.append(Fault(name, "", "a known variable", closest_variable(name, names)))
        elif value := text.strip("\r\n") if is_secret(key) else text.strip():
            layer.given.append(Given(key, value, name, True))
    return _each_once(layer)


def from_others(environ: Mapping[str, str], given: Collection[str]) -> Layer:
    """The variables of `OTHERS` for keys that are not among those `given`; only together do URL and token say that
    somebody wants the lines there.
    """
    found = {key: text for name, key in OTHERS.items() if (text := environ.get(name, "").strip())}
    known = found.keys() | set(given)
    if "splunk_url" not in known or known.isdisjoint(SPLUNK_TOKENS):
        return Layer([], [], [])
    has_token = not SPLUNK_TOKENS.isdisjoint(given)
    wanted = [key for key in found if key not in given and not (has_token and key in SPLUNK_TOKENS)]
    return Layer([Given(key, found[key], name, True) for name, key in OTHERS.items() if key in wanted], [], [])


def closest_variable(name: str, names: Mapping[str, str]) -> str:
    """The suggestion for a mistyped variable; the prefix, equal in all, must not make everything look near."""
    words = {known.removeprefix(PREFIX).lower(): known for known in names}
    near = closest(name.removeprefix(PREFIX), words)
    return hint(words[near] if near else None)


def from_file(path: str, keys: frozenset[str]) -> Layer:
    """The keys of the YAML file, `origin` with the user's own spelling."""
    data, faults = read_yaml(path)
    layer = Layer([], faults, [])
    if isinstance(data, dict):
        _flatten(data, path, "", keys, layer)
    elif not faults:
        layer.faults.append(Fault(path, kind(data), "NAME: VALUE lines at the top"))
    return _each_once(layer)


def _flatten(section: Mapping[object, object], path: str, prefix: str, keys: frozenset[str], layer: Layer) -> None:
    for written, value in section.items():
        spelled = f"{prefix}{written}"
        key = spelled.replace("-", "_")
        origin = f"{path}: {spelled}"
        if _is_section(key, value, keys):
            if isinstance(value, Mapping):
                _flatten(value, path, f"{spelled}.", keys, layer)
            elif value is not None:
                layer.faults.append(Fault(origin, kind(value), "a section of NAME: VALUE lines"))
        elif (key := ALIASES.get(key, key)) not in keys or key == "config":
            layer.faults.append(Fault(origin, "", "a known key", closest_key(key, keys)))
        elif value is not None:
            layer.given.append(Given(key, value, origin, False))


def _is_section(key: str, value: object, keys: frozenset[str]) -> bool:
    """`fields.duration` is a path, or a section of path and unit."""
    if key in keys:
        return isinstance(value, Mapping) and f"{key}.path" in ALIASES
    return any(known.startswith(f"{key}.") for known in keys)


def closest_key(key: str, keys: frozenset[str]) -> str:
    """The suggestion for a mistyped key: one of its own section, else the same word elsewhere."""
    section, _, word = key.rpartition(".")
    known = (keys | ALIASES.keys() | {name.partition(".")[0] for name in keys}) - {"config"}
    siblings = {name.rpartition(".")[2]: name for name in known if name.rpartition(".")[0] == section}
    if near := closest(word, siblings):
        return hint(siblings[near])
    return hint(min((name for name in known if name.rpartition(".")[2] == word), default=None))


def _each_once(layer: Layer) -> Layer:
    """Two spellings of one key in one source: which of them was meant is not for us to guess."""
    first: dict[str, str] = {}
    for item in layer.given:
        if item.key in first:
            other = first[item.key].rpartition(": ")[2]
            layer.faults.append(Fault(item.origin, f"it as {other} too", "it once"))
        first.setdefault(item.key, item.origin)
    return layer
