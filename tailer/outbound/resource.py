"""Who speaks, as OpenTelemetry wants it told: the attributes of the resource; reads no environment itself.

Source: the OpenTelemetry specification, "Resource SDK" and "Environment variables", and the conventions for `service`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from tailer.config import Config

ATTRIBUTES, SERVICE_NAME = "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME"
# The conventions' namespace for ids that are made of what an instance has of its own.
_INSTANCES = uuid.UUID("4d63009a-8d0f-11ee-aad7-4c796ed8e320")
_NO_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Resource(NamedTuple):
    """The attributes, none of them empty; `fault` is why those of the environment were discarded, None when not."""

    attributes: Mapping[str, str]
    fault: str | None = None


def resource_of(config: Config, environ: Mapping[str, str], host: str, state_dir: str) -> Resource:
    """The configuration's attributes over those of the environment over what is known anyhow.

    `state_dir` is the whole path of the state directory. An empty value counts as not given, as a pod leaves it whose
    label is not there.
    """
    known = {"service.name": config.label.get("job") or "tokentail", "host.name": host}
    fault = None
    try:
        told = attributes_of(environ.get(ATTRIBUTES, ""))
    except ValueError as error:
        told, fault = {}, f"{ATTRIBUTES}: {error}"
    named = {"service.name": environ.get(SERVICE_NAME, "")}
    layers = (known, told, named, config.resource)
    attributes = {name: text for layer in layers for name, text in layer.items() if text}
    attributes.setdefault("service.instance.id", _instance_id(attributes, state_dir))
    return Resource(attributes, fault)


def _instance_id(attributes: Mapping[str, str], state_dir: str) -> str:
    """The same after every restart. Two tailers have it in common only where all that is said of them is the same."""
    told = "\n".join([state_dir, *(f"{name}={text}" for name, text in sorted(attributes.items()))])
    return str(uuid.uuid5(_INSTANCES, told.encode(errors="replace").decode()))


def attributes_of(text: str) -> dict[str, str]:
    """`NAME=VALUE,…` with escapes of per cent. ValueError on the first fault: then none of it is to be believed."""
    attributes = {}
    for place, item in enumerate(text.split(","), 1):
        name, equals, value = (part.strip() for part in item.partition("="))
        if not name and not equals:
            continue
        if not name or not equals:
            raise ValueError(f"expected NAME=VALUE at place {place}")
        try:
            attributes[_decoded(name)] = _decoded(value)
        except ValueError:
            raise ValueError(f"expected %XX escapes of UTF-8 at place {place}") from None
    return attributes


def _decoded(text: str) -> str:
    if _NO_ESCAPE.search(text):
        raise ValueError(text)
    return unquote(text, errors="strict")
