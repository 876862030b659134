"""How to speak TLS: certificates and key from files, taken anew once those have changed; connects nowhere."""

from __future__ import annotations

import os
import ssl

import structlog

from tailer.config import HttpOptions

log = structlog.get_logger()

Seen = tuple[tuple[int, int, int] | None, ...]


class Tls:
    """The context of now. ValueError with the configuration's key where the files cannot be used at the start.

    Files that cannot be used later on, half replaced perhaps, change nothing until they can.
    """

    def __init__(self, section: str, options: HttpOptions) -> None:
        self._section = section
        self._options = options
        self._files = [path for path in (options.ca_file, options.cert_file, options.key_file) if path is not None]
        self._seen = self._look()
        self._context = _context(section, options)
        self._failing = False

    def context(self) -> ssl.SSLContext:
        """A new object once the files have changed, so that no connection made with the old ones is used again."""
        seen = self._look()
        if seen != self._seen:
            self._renew(seen)
        return self._context

    def _renew(self, seen: Seen) -> None:
        try:
            self._context = _context(self._section, self._options)
        except ValueError as error:
            if not self._failing:
                log.warning("tls_files_unusable", reason=str(error), effect="the certificates read before are used")
            self._failing = True
            return
        self._seen = seen
        self._failing = False
        log.info("tls_files_reloaded", paths=self._files)

    def _look(self) -> Seen:
        return tuple(map(_stamp, self._files))


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino, status.st_size


def _context(section: str, options: HttpOptions) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=options.ca_file)
    except OSError as error:
        raise ValueError(f"{section}.ca_file: expected certificates in PEM form, got {described(error)}") from error
    if options.cert_file is not None:
        try:
            # Without a password given OpenSSL would ask for one on the terminal.
            context.load_cert_chain(options.cert_file, options.key_file, password="")
        except (OSError, ValueError) as error:
            expected = "a certificate and its key, without a password"
            raise ValueError(f"{section}.cert_file: expected {expected}, got {described(error)}") from error
    if options.insecure_skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def described(error: BaseException) -> str:
    """What is wrong in a few words of OpenSSL's, which name hosts and causes but never the contents of a file."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate refused: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        # Their numbers are OpenSSL's and mean something else to the system.
        return f"TLS {error.reason}" if error.reason else type(error).__name__
    return type(error).__name__
