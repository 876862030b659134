"""Who we are to a receiver: the headers that say it, their secrets read when they are needed."""

from __future__ import annotations

import base64
import re

from tailer.config import HttpOptions
from tailer.outbound.secret import Secret

_BREAKS = re.compile(r"[\r\n\0]")


class Credentials:
    """A token goes out as `Authorization: <scheme> <token>`, and before user name and password."""

    def __init__(self, options: HttpOptions, token: Secret | None = None, scheme: str = "Bearer") -> None:
        self._username = options.username
        self._password = Secret.of(options.password, options.password_file)
        self._token = token or Secret.of(options.bearer_token, options.bearer_token_file)
        self._scheme = scheme
        self._named = {name: Secret(value) for name, value in options.headers.items()}

    def headers(self) -> dict[str, str]:
        """As of now. OSError where a secret's file cannot be read, ValueError where it holds no secret."""
        headers = {name: secret.read() for name, secret in self._named.items()}
        if self._token is not None:
            headers["Authorization"] = f"{self._scheme} {_held(self._token)}"
        elif self._username is not None:
            password = _held(self._password) if self._password is not None else ""
            joined = f"{self._username}:{password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(joined).decode()}"
        if any(_BREAKS.search(value) for value in headers.values()):
            raise ValueError("a secret of several lines")
        return headers


def _held(secret: Secret) -> str:
    """What a secret holds: its file may have been emptied, as by a rotation that is under way."""
    if not (value := secret.read()):
        raise ValueError("a secret that is empty")
    return value
