"""Who gets in: the web configuration file as of now, and what it says to a request. Answers none itself."""

from __future__ import annotations

import base64
import binascii
import os
import ssl
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import structlog
from aiohttp import web

from tailer.config.faults import ConfigError, Fault
from tailer.web.passwords import Passwords, Verdict
from tailer.web.rate import Bucket
from tailer.web.tls import TlsFault, context, has_allowed_name
from tailer.web.web_file import WebFile, read

_Seen = tuple[tuple[int, int, int] | None, ...]

log = structlog.get_logger("tokentail.web")


class Refusal(NamedTuple):
    """Why a request gets no more than this: `reason` is for the counter, `text` for the client."""

    status: int
    reason: str
    text: str
    headers: Mapping[str, str] = MappingProxyType({})


class Guard:
    """Looks at the files again whenever it is asked; what cannot be used leaves the last good ones in force."""

    def __init__(self, path: str | None, clock: Callable[[], float]) -> None:
        """ConfigError with everything that is wrong with the file; without a path nobody is kept out."""
        self.file, self.context = (WebFile(), None) if path is None else _load(path)
        self._clock = clock
        self._seen = self._look()
        self._is_refused = False
        self._passwords = Passwords()
        self._bucket = Bucket(self.file.interval_seconds, self.file.burst, clock())

    @property
    def headers(self) -> dict[str, str]:
        return self.file.headers

    def refresh(self) -> None:
        """Takes over what has changed since the last look."""
        seen = self._look()
        if seen == self._seen:
            return
        self._seen = seen
        try:
            file, made = _load(self.file.path)
            _no_guard_less(self.file, file)
        except ConfigError as error:
            self._refuse(error)
            return
        if (file.interval_seconds, file.burst) != (self.file.interval_seconds, self.file.burst):
            self._bucket = Bucket(file.interval_seconds, file.burst, self._clock())
        self.file, self.context, self._is_refused = file, made, False
        self._seen = self._look()
        log.info("web_config_reloaded", path=file.path)

    async def refusal(self, request: web.BaseRequest) -> Refusal | None:
        """None lets the request in."""
        self.refresh()
        if not self._bucket.take(self._clock()):
            return Refusal(429, "rate_limited", "too many requests\n", {"Retry-After": "1"})
        if request.path in self.file.auth_excluded_paths:
            return None
        if self._lacks_certificate(request):
            return Refusal(403, "no_certificate", "a client certificate is needed\n")
        return await self._wrong_password(request) if self.file.users else None

    def _lacks_certificate(self, request: web.BaseRequest) -> bool:
        tls = self.file.tls
        if tls.client_auth_type != "RequireAndVerifyClientCert":
            return False
        transport = request.transport
        certificate = transport.get_extra_info("peercert") if transport is not None else None
        return not has_allowed_name(certificate, tls.client_allowed_sans)

    async def _wrong_password(self, request: web.BaseRequest) -> Refusal | None:
        given = credentials(request.headers.get("Authorization", ""))
        if given is not None:
            match await self._passwords.check(self.file.users, *given, request.remote or ""):
                case Verdict.RIGHT:
                    return None
                case Verdict.BUSY:
                    return Refusal(429, "too_many_passwords", "too many requests\n", {"Retry-After": "1"})
        return Refusal(401, "unauthorized", "unauthorized\n", {"WWW-Authenticate": 'Basic realm="tokentail"'})

    def _refuse(self, error: ConfigError) -> None:
        # A file and a key that are replaced one after the other do not fit for a moment: one line, until all is well.
        if not self._is_refused:
            faults = [str(fault) for fault in error.faults]
            log.error("web_config_refused", faults=faults, effect="the last good one stays in force")
        self._is_refused = True

    def _look(self) -> _Seen:
        return tuple(_stamp(path) for path in (self.file.path, *self.file.tls.files) if path)


def credentials(header: str) -> tuple[str, bytes] | None:
    """User and password of an Authorization header, None when it holds nothing of the kind."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        return (user.decode(), password) if colon else None
    except (binascii.Error, ValueError):
        return None


def _load(path: str) -> tuple[WebFile, ssl.SSLContext | None]:
    file, faults = read(path)
    if file is None:
        raise ConfigError(faults)
    try:
        return file, context(file)
    except TlsFault as error:
        raise ConfigError([error.fault]) from error


def _no_guard_less(old: WebFile, new: WebFile) -> None:
    """A file that is empty for the moment in which it is written anew must not open the port to everybody."""
    gone = sorted(old.guards - new.guards)
    if gone:
        raise ConfigError([Fault(new.path, f"no {', no '.join(gone)}", "a restart to take a guard away")])


def faults_in(path: str) -> list[str]:
    """Everything wrong with a web configuration file, and with the certificates that it names."""
    try:
        _load(path)
    except ConfigError as error:
        return [str(fault) for fault in error.faults]
    return []


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino, status.st_size
