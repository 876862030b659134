"""TLS of the HTTP port: the context that a `tls_server_config` asks for, and the names in a client's certificate."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from tailer.config.faults import Fault
from tailer.web.suites import CURVES, OPENSSL_NAMES
from tailer.web.web_file import WebFile

_VERSIONS = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}


class TlsFault(Exception):  # noqa: N818  # it is one of the faults of a configuration
    """A certificate, key or suite that OpenSSL does not take; `fault` says where."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def context(file: WebFile) -> ssl.SSLContext | None:
    """What a connection is wrapped in, None for plain HTTP. Reads the certificates; TlsFault when they do not fit."""
    tls = file.tls
    if not tls.is_wanted:
        return None
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version, made.maximum_version = _VERSIONS[tls.min_version], _VERSIONS[tls.max_version]
    made.options |= ssl.OP_NO_RENEGOTIATION
    if not tls.prefer_server_cipher_suites:
        made.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    made.set_alpn_protocols(["http/1.1"])
    try:
        # A key with a passphrase would otherwise ask for it on the terminal, and wait.
        made.load_cert_chain(tls.cert_file, tls.key_file, password=str)
    except (OSError, ValueError) as error:
        raise _fault(file, "cert_file", error, "a certificate and its key in PEM, without a passphrase") from error
    _choose(made, file)
    _ask_for_certificates(made, file)
    return made


def _choose(made: ssl.SSLContext, file: WebFile) -> None:
    """Suites and curve."""
    names = [OPENSSL_NAMES[suite] for suite in file.tls.cipher_suites if suite in OPENSSL_NAMES]
    try:
        if names:
            made.set_ciphers(":".join(names))
        elif file.tls.cipher_suites:
            made.minimum_version = ssl.TLSVersion.TLSv1_3
        for curve in file.tls.curve_preferences:
            made.set_ecdh_curve(CURVES[curve])
    except (OSError, ValueError) as error:
        raise _fault(file, "cipher_suites", error, "suites and a curve that this machine's OpenSSL has") from error


def _ask_for_certificates(made: ssl.SSLContext, file: WebFile) -> None:
    """RequestClientCert accepts whatever a client shows or does not show: there it is not asked."""
    tls = file.tls
    if tls.client_auth_type not in ("VerifyClientCertIfGiven", "RequireAndVerifyClientCert"):
        return
    try:
        made.load_verify_locations(cafile=tls.client_ca_file)
    except (OSError, ValueError) as error:
        raise _fault(file, "client_ca_file", error, "certificates of authorities in PEM") from error
    # Who may ask for the excluded paths without a certificate is known only when the path is: the guard looks then.
    is_strict = tls.client_auth_type == "RequireAndVerifyClientCert" and not file.auth_excluded_paths
    made.verify_mode = ssl.CERT_REQUIRED if is_strict else ssl.CERT_OPTIONAL


def _fault(file: WebFile, key: str, error: OSError | ValueError, expected: str) -> TlsFault:
    # OpenSSL's reasons are words of its own, such as KEY_VALUES_MISMATCH; a message could hold more.
    why = error.reason if isinstance(error, ssl.SSLError) else getattr(error, "strerror", None)
    return TlsFault(
        Fault(f"{file.path}: tls_server_config.{key}", str(why or "bytes that are no PEM").lower(), expected)
    )


def has_allowed_name(certificate: Mapping[str, Any] | None, allowed: tuple[str, ...]) -> bool:
    """Whether a verified client certificate (as `getpeercert` gives it) is there and bears one of the names.

    Every certificate does where no name is asked for.
    """
    if not certificate:
        return False
    return not allowed or not set(map(_normal, allowed)).isdisjoint(_names(certificate))


def _names(certificate: Mapping[str, Any]) -> Iterator[str]:
    for kind, name in certificate.get("subjectAltName", ()):
        if kind == "IP Address":
            yield _normal(name.strip())
        elif kind in ("DNS", "email", "URI"):
            yield name


def _normal(name: str) -> str:
    """OpenSSL and people write IPv6 addresses in different ways."""
    try:
        return str(ip_address(name))
    except ValueError:
        return name
