"""Certificates that will not do are faults of the configuration, told with the others before anything starts."""

from __future__ import annotations

import json
from pathlib import Path

from tailer.config import examine
from tailer.config.faults import shown
from tests.certificates import Certificates


def faults(directory: Path, **loki: object) -> list[str]:
    path = directory / "tokentail.yaml"
    path.write_text(json.dumps({"paths": ["app.log"], "loki_url": "https://loki", "loki": loki}))
    return [str(fault).removeprefix(f"{path}: ") for fault in examine({"config": str(path)}, {}).faults]


def test_certificates_that_fit_are_no_fault(tmp_path: Path) -> None:
    made = Certificates(tmp_path)
    made.pair("client")
    files = {"ca_file": made.path("ca.pem"), "cert_file": made.path("client.pem"), "key_file": made.path("client.key")}
    assert faults(tmp_path, **files) == []


def test_each_file_that_will_not_do_is_named(tmp_path: Path) -> None:
    made = Certificates(tmp_path)
    made.pair("client")
    (tmp_path / "broken.pem").write_text("nothing")
    files = {"ca_file": made.path("broken.pem"), "cert_file": made.path("client.pem"), "key_file": made.path("ca.key")}
    authority, pair = faults(tmp_path, **files)
    assert (
        authority
        == f"loki.ca_file: got {shown(made.path('broken.pem'))}, expected a file with certificates in PEM form"
    )
    expected = "a certificate with the key in loki.key_file, without a password"
    assert pair == f"loki.cert_file: got {shown(made.path('client.pem'))}, expected {expected}"


def test_a_proxy_is_an_address_without_credentials(tmp_path: Path) -> None:
    assert faults(tmp_path, proxy_url="http://proxy:3128") == []
    (fault,) = faults(tmp_path, proxy_url="http://user:secret@proxy:3128")
    assert fault.startswith("loki.proxy_url:")
    assert "secret" not in fault
    assert "expected a URL http://" in faults(tmp_path, proxy_url="proxy:3128")[0]
