"""Certificates of every kind that a test of TLS needs, made by the openssl command."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest


class Certificates:
    """In one directory: an authority `ca.pem`, and pairs `NAME.pem` and `NAME.key` that it has signed."""

    def __init__(self, directory: Path) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("needs the openssl command to make certificates")
        self.directory = directory
        self.authority("ca")

    def path(self, name: str) -> str:
        return str(self.directory / name)

    def authority(self, name: str) -> None:
        key, cert = self.path(f"{name}.key"), self.path(f"{name}.pem")
        self._openssl("req", "-x509", *_NEW_KEY, key, "-out", cert, "-days", "2", "-subj", f"/CN={name}")

    def pair(self, name: str, *, days: int = 2, host: str = "IP:127.0.0.1", authority: str = "ca") -> None:
        """A certificate and its key; of the past with negative `days`."""
        key, request, names = (self.path(f"{name}.{ending}") for ending in ("key", "csr", "ext"))
        Path(names).write_text(f"subjectAltName={host}")
        self._openssl("req", *_NEW_KEY, key, "-out", request, "-subj", f"/CN={name}")
        signed = ["-CA", self.path(f"{authority}.pem"), "-CAkey", self.path(f"{authority}.key"), "-CAcreateserial"]
        wanted = ["-days", str(days), "-extfile", names, "-out", self.path(f"{name}.pem")]
        self._openssl("x509", "-req", "-in", request, *signed, *wanted)

    def server(self, name: str, *, asks_clients: bool = False) -> ssl.SSLContext:
        """The context of a server; with `asks_clients` it takes only those with a certificate of the authority's."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self.path("ca.pem"))
        context.load_cert_chain(self.path(f"{name}.pem"), self.path(f"{name}.key"))
        if asks_clients:
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)


_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout")
