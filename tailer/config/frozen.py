"""What every section of the configuration is."""

from __future__ import annotations

from typing import Any

import msgspec

from tailer.config.faults import HIDDEN
from tailer.config.sources import is_secret


class Frozen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A section of the configuration. Its repr may be logged: secrets in it are hidden."""

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        values = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return [(name, _masked(value) if is_secret(name) else value) for name, value in values]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


def _masked(value: object) -> object:
    if isinstance(value, dict):
        return dict.fromkeys(value, HIDDEN)
    return HIDDEN if value is not None else None
