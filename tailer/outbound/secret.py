"""A password or token: from the configuration, the environment or a file; never in a repr, a log or an error."""

from __future__ import annotations

import os


class Secret:
    """A value that is read when it is needed; one in a file is read again once the file has changed."""

    __slots__ = ("_path", "_seen", "_value")

    def __init__(self, value: str | None = None, path: str | None = None) -> None:
        self._path = path
        self._value = _from_environment(value or "")
        self._seen: tuple[int, int, int] | None = None

    @classmethod
    def of(cls, value: str | None, path: str | None) -> Secret | None:
        """A secret where either is given, the value before the file."""
        if value is not None:
            return cls(value)
        return cls(path=path) if path is not None else None

    def read(self) -> str:
        """The value as of now, without surrounding white space. OSError or UnicodeDecodeError when its file fails."""
        if self._path is None:
            return self._value
        status = os.stat(self._path)
        seen = (status.st_mtime_ns, status.st_ino, status.st_size)
        if seen != self._seen:
            with open(self._path, encoding="utf-8") as file:
                self._value = file.read(64 * 1024).strip()
            self._seen = seen
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)" if self._path is None else f"Secret(path={self._path!r})"


def _from_environment(value: str) -> str:
    if not value.startswith("env:"):
        return value
    name = value.removeprefix("env:")
    if not os.environ.get(name):
        raise ValueError("a secret names an environment variable that is not set")
    return os.environ[name].strip()
