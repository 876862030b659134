"""What a web configuration file may say: the format of exporter-toolkit, and a place for each fault in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as form

from tailer.web.guard import faults_in
from tailer.web.web_file import duration_seconds, read
from tests.web.port import Certificates, hashed

HASH = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"
EVERYTHING = f"""
tls_server_config:
  cert_file: cert.pem
  key_file: sub/key.pem
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: /etc/ca.pem
  client_allowed_sans: [prometheus.example, 10.0.0.1]
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [CurveP256]
http_server_config:
  http2: true
  headers:
    X-Frame-Options: sameorigin
    Strict-Transport-Security: max-age=31536000
    X-XSS-Protection: ""
rate_limit:
  interval: 1m0.5s
  burst: 20
basic_auth_users:
  alice: {HASH}
auth_excluded_paths: [/healthz, /readyz]
"""


def written(directory: Path, text: str) -> str:
    path = directory / "web.yml"
    path.write_text(text)
    return str(path)


def test_every_key_of_the_format_is_understood(tmp_path: Path) -> None:
    """Relative paths are beside the file, an empty header is none."""
    file, faults = read(written(tmp_path, EVERYTHING))
    assert faults == []
    assert file is not None
    assert file.tls.files == (str(tmp_path / "cert.pem"), str(tmp_path / "sub/key.pem"), "/etc/ca.pem")
    assert file.tls.client_allowed_sans == ("prometheus.example", "10.0.0.1")
    assert file.headers == {"X-Frame-Options": "sameorigin", "Strict-Transport-Security": "max-age=31536000"}
    assert (file.interval_seconds, file.burst, file.users) == (60.5, 20, {"alice": HASH})
    assert HASH not in repr(file)


def test_an_empty_file_asks_for_nothing(tmp_path: Path) -> None:
    file, faults = read(written(tmp_path, ""))
    assert faults == []
    assert file is not None
    assert not file.guards


TLS = "tls_server_config: {cert_file: a, key_file: b, "


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("tls_server_config: {cert_file: a}", "tls_server_config.key_file", "since TLS is configured"),
        ("tls_server_config: {client_auth_type: NoClientCert}", "tls_server_config.cert_file", "since TLS is"),
        ("tls_server_config: {cert: x, key: y}", "tls_server_config.cert", "files of their own"),
        (TLS + "min_version: TLS10}", "tls_server_config.min_version", "one of TLS12, TLS13"),
        (TLS + "min_version: TLS13, max_version: TLS12}", "tls_server_config.max_version", "no greater"),
        (TLS + "client_auth_type: RequireAnyClientCert}", "tls_server_config.client_auth_type", "RequireAndVerify"),
        (TLS + "client_auth_type: RequireAndVerifyClientCert}", "client_auth_type", "client_ca_file with it"),
        (TLS + "client_ca_file: c}", "tls_server_config.client_ca_file", "RequireAndVerifyClientCert with it"),
        (TLS + "client_allowed_sans: [x]}", "tls_server_config.client_allowed_sans", "RequireAndVerifyClientCert"),
        (TLS + "cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]}", "cipher_suites[0]", "by the name Go gives it"),
        (TLS + "cipher_suites: [TLS_AES_128_GCM_SHA256], max_version: TLS12}", "cipher_suites", "TLS 1.2 too"),
        (TLS + "curve_preferences: [X25519]}", "curve_preferences[0]", "one of CurveP256, CurveP384, CurveP521"),
        (TLS + "curve_preferences: [CurveP256, CurveP384]}", "curve_preferences", "a single curve"),
        (TLS + "cert_fiel: x}", "tls_server_config.cert_fiel", "did you mean tls_server_config.cert_file?"),
        ("http_server_config: {headers: {X-Evil: x}}", "headers.X-Evil", "one of Content-Security-Policy"),
        ("http_server_config: {headers: {X-Frame-Options: maybe}}", "headers.X-Frame-Options", "deny or sameorigin"),
        ('http_server_config: {headers: {X-XSS-Protection: "1\\r\\nX: y"}}', "X-XSS-Protection", "one line"),
        ("http_server_config: {http2: 7}", "http_server_config.http2", "true or false"),
        ("basic_auth_users: {alice: $2y$31$" + HASH[7:] + "}", "basic_auth_users.alice", "a cost from 4 to 18"),
        ("auth_excluded_paths: [/secret]", "auth_excluded_paths[0]", "one of /, /metrics, /healthz, /readyz"),
        ("auth_excluded_paths: [/healthz]", "auth_excluded_paths", "beside basic_auth_users"),
        ("rate_limit: {interval: soon, burst: 1}", "rate_limit.interval", "a duration such as 1s"),
        ("rate_limit: {interval: 1s}", "rate_limit.burst", "1 or more"),
        ("rate_limit: {burst: -1}", "rate_limit.burst", "0 or more"),
        ("tls_server_config: [", "web.yml:", "YAML"),
        ("- a", "web.yml", "NAME: VALUE lines"),
    ],
)
def test_a_fault_has_its_place_and_says_what_was_expected(tmp_path: Path, text: str, place: str, says: str) -> None:
    file, faults = read(written(tmp_path, text))
    assert file is None
    assert any(place in fault.path and says in str(fault) for fault in faults), faults


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    _, faults = read(
        written(tmp_path, "tls_server_config: {cert_file: a, min_version: TLS11}\nusers: {}\nrate_limit: 3")
    )
    assert len(faults) == 4


@pytest.mark.parametrize("password", ["hunter2", "12345", "'$2y$10$tooshort'", "[hunter2]", "{a: hunter2}"])
def test_a_password_in_the_place_of_its_hash_is_never_shown(tmp_path: Path, password: str) -> None:
    _, faults = read(written(tmp_path, f"basic_auth_users: {{alice: {password}}}"))
    assert faults
    assert not any(word in str(fault) for fault in faults for word in ("hunter2", "12345", "tooshort"))


@pytest.mark.parametrize(
    ("text", "seconds"), [("1s", 1), ("500ms", 0.5), ("1m30s", 90), ("1.5h", 5400), ("0", 0), ("10us", 1e-5)]
)
def test_a_duration_is_read_as_go_writes_it(text: str, seconds: float) -> None:
    assert duration_seconds(text) == pytest.approx(seconds)


def test_certificates_that_do_not_fit_are_faults(tmp_path: Path) -> None:
    certificates = Certificates(tmp_path)
    auth = ("client_auth_type: RequireAndVerifyClientCert", "client_ca_file: ca.pem")
    path = str(certificates.web_config(tls=auth))
    assert faults_in(path) == []
    (tmp_path / "ca.pem").write_text("no certificate")
    assert ["tls_server_config.client_ca_file" in fault for fault in faults_in(path)] == [True]
    certificates.authority.issue_cert("other").private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    assert ["tls_server_config.cert_file: got key_values_mismatch" in fault for fault in faults_in(path)] == [True]
    (tmp_path / "cert.pem").unlink()
    assert ["no such file or directory" in fault for fault in faults_in(path)] == [True]


def test_a_key_with_a_passphrase_is_a_fault_and_asks_nobody(tmp_path: Path) -> None:
    path = str(Certificates(tmp_path).web_config())
    key = form.load_pem_private_key((tmp_path / "key.pem").read_bytes(), None)
    kinds = form.Encoding.PEM, form.PrivateFormat.PKCS8, form.BestAvailableEncryption(b"secret")
    (tmp_path / "key.pem").write_bytes(key.private_bytes(*kinds))
    assert ["without a passphrase" in fault for fault in faults_in(path)] == [True]


def test_hashes_of_every_tool_are_taken(tmp_path: Path) -> None:
    own = hashed("x")
    users = "".join(f"  {name}: '{own.replace('$2b$', f'$2{name}$')}'\n" for name in "aby")
    assert faults_in(written(tmp_path, f"basic_auth_users:\n{users}")) == []


def test_the_example_of_the_readme_is_taken(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    example = readme.split("## Who gets in")[1].split("```\n")[1]
    certificates = Certificates(tmp_path)
    path = certificates.web_config()
    path.write_text(example.replace("$2y$10$...", HASH))
    assert faults_in(str(path)) == []
