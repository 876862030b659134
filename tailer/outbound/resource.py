"""Who speaks, as OpenTelemetry wants it told: the attributes of the resource; reads no environment itself.

Source: the OpenTelemetry specification, "Resource SDK" and "Environment variables", and the conventions for `service`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from tailer.config import Config

ATTRIBUTES, SERVICE_NAME = "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME"
_NO_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Resource(NamedTuple):
    """The attributes, none of them empty; `fault` is why those of the environment were discarded, None when not."""

    attributes: Mapping[str, str]
    fault: str | None = None


def resource_of(config: Config, environ: Mapping[str, str], host: str, instance_id: str) -> Resource:
    """The configuration's attributes over those of the environment over what is known anyhow.

    `instance_id` tells this state directory from every other. An empty value counts as not given, as a pod leaves it
    whose label is not there.
    """
    known = {
        "service.name": config.label.get("job") or "tokentail",
        "service.instance.id": instance_id,
        "host.name": host,
    }
    fault = None
    try:
        told = attributes_of(environ.get(ATTRIBUTES, ""))
    except ValueError as error:
        told, fault = {}, f"{ATTRIBUTES}: {error}"
    named = {"service.name": environ.get(SERVICE_NAME, "")}
    layers = (known, told, named, config.resource)
    return Resource({name: text for layer in layers for name, text in layer.items() if text}, fault)


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
