"""Whether files hold what TLS needs of them: reads them, keeps nothing, connects nowhere."""

from __future__ import annotations


def are_authorities(path: str) -> bool:
    """Whether the file holds certificates in PEM form."""
    import ssl  # noqa: PLC0415  # only who speaks TLS pays for it

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError:
        return False
    return True


def are_pair(cert_file: str, key_file: str) -> bool:
    """Whether these are a certificate and the key that belongs to it, usable without a password."""
    import ssl  # noqa: PLC0415  # only who speaks TLS pays for it

    try:
        # Without a password given OpenSSL would ask for one on the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(cert_file, key_file, password="")
    except (OSError, ValueError):
        return False
    return True
