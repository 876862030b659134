"""Who gets in: real TLS, real certificates, real bcrypt, and files that change while the port is open."""

from __future__ import annotations

import asyncio
import os
import ssl
from pathlib import Path

import aiohttp
import pytest
import trustme
from structlog.testing import capture_logs

from tailer.config import ConfigError
from tailer.web.passwords import MAX_WAITING_OF_ONE, Passwords, Verdict, matches
from tailer.web.tls import has_allowed_name
from tests.web.port import Certificates, Port, basic, hashed, serving

PAGES = ("/", "/metrics", "/healthz", "/readyz", "/missing")
MUTUAL = ("client_auth_type: RequireAndVerifyClientCert", "client_ca_file: ca.pem")
OUTSIDERS = (OSError, aiohttp.ClientError)


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


def users(directory: Path, **passwords: str) -> Path:
    path = directory / "web.yml"
    lines = [f"  {name}: {hashed(password)}" for name, password in passwords.items()]
    path.write_text("\n".join(["basic_auth_users:", *lines]) + "\n")
    return path


async def test_with_users_every_page_wants_a_password(tmp_path: Path) -> None:
    async with serving(users(tmp_path, alice="wonder", bob="builder")) as port:
        for page in PAGES:
            status, body, headers = await port.ask(page)
            assert (status, body, headers["WWW-Authenticate"]) == (401, b"unauthorized\n", 'Basic realm="tokentail"')
            assert await port.as_user("alice", "wonder", page) == (404 if page == "/missing" else 200)
        assert await port.as_user("bob", "builder") == 200
        assert await port.as_user("alice", "builder") == 401
        assert await port.as_user("eve", "wonder") == 401
        assert port.refused["unauthorized"] == len(PAGES) + 2
        assert (await port.ask("/metrics", "POST"))[0] == 401


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic !!!", "Basic YWxpY2U=", "Basic /zp3b25kZXI=", "Bearer wonder", "Basic YWxpY2U6d29uZGVy x"],
    ids=["none", "empty", "no base64", "no colon", "no utf-8", "bearer", "more"],
)
async def test_what_is_no_password_lets_nobody_in(tmp_path: Path, header: str) -> None:
    async with serving(users(tmp_path, alice="wonder")) as port:
        assert (await port.ask("/metrics", Authorization=header))[0] == 401


async def test_passwords_may_hold_anything(tmp_path: Path) -> None:
    """A colon, letters of all kinds, more than the 72 bytes that bcrypt looks at."""
    long = "x" * 72
    async with serving(users(tmp_path, a="b:c:d", u="pässwörd€", l=long)) as port:
        assert await port.as_user("a", "b:c:d") == 200
        assert await port.as_user("u", "pässwörd€") == 200
        assert await port.as_user("l", long + "more") == 200
        assert await port.as_user("a", "b\0c") == 401


async def test_paths_for_probes_can_be_left_open(tmp_path: Path) -> None:
    path = users(tmp_path, alice="wonder")
    path.write_text(path.read_text() + "auth_excluded_paths: [/healthz, /readyz]\n")
    async with serving(path) as port:
        assert [(await port.ask(page))[0] for page in PAGES] == [401, 401, 200, 200, 401]
        assert (await port.raw(b"GET /healthz/../metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))[
            9:12
        ] == b"401"


async def test_users_may_come_and_go_while_the_port_is_open(tmp_path: Path) -> None:
    """Also on a connection that was let in before."""
    path = users(tmp_path, alice="wonder")
    async with serving(path) as port:
        async with aiohttp.ClientSession(headers={"Authorization": basic("alice", "wonder")}) as session:
            url = f"http://{port.address[0]}:{port.address[1]}/metrics"
            async with session.get(url) as answer:
                assert answer.status == 200
            users(tmp_path, bob="builder")
            async with session.get(url) as answer:
                assert answer.status == 401
        assert await port.as_user("bob", "builder") == 200
        users(tmp_path, bob="another")
        assert await port.as_user("bob", "builder") == 401
        assert await port.as_user("bob", "another") == 200


async def test_a_file_that_cannot_be_used_later_leaves_the_old_one_and_is_told_once(tmp_path: Path) -> None:
    path = users(tmp_path, alice="wonder")
    async with serving(path) as port:
        with capture_logs() as logs:
            for text in ("", "basic_auth_users: [", "basic_auth_users: {}", "basic_auth_users: {alice: wonder}"):
                path.write_text(text)
                assert await port.as_user("alice", "wonder") == 200
                assert (await port.ask("/metrics"))[0] == 401
            path.unlink()
            assert (await port.ask("/metrics"))[0] == 401
            users(tmp_path, bob="builder")
            assert await port.as_user("bob", "builder") == 200
        assert [it["event"] for it in logs] == ["web_config_refused", "web_config_reloaded"]
        assert "wonder" not in str(logs)


@pytest.mark.parametrize("text", ["basic_auth_users: {alice: wonder}", "tls_server_config: {cert_file: gone.pem}"])
async def test_a_file_that_cannot_be_used_at_the_start_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "web.yml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"web\.yml: "):
        async with serving(path):
            pass


async def test_the_unknown_user_takes_as_long_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are compared with a hash of the same cost, once."""
    costs: list[str] = []

    def compared(hashed: str, password: bytes) -> bool:
        costs.append(hashed[4:6])
        return matches(hashed, password)

    passwords = Passwords()
    monkeypatch.setattr("tailer.web.passwords.matches", compared)
    known = {"alice": hashed("wonder", 5)}
    for user in ("alice", "eve"):
        assert await passwords.check(known, user, b"guess", "peer") is Verdict.WRONG
    assert costs == ["05", "05"]


async def test_a_flood_of_wrong_passwords_leaves_room_for_the_right_one() -> None:
    """The known scraper is not checked again, an unknown one waits for a few checks at most, metrics go on."""
    passwords = Passwords()
    known = {"alice": hashed("wonder", 8)}
    assert await passwords.check(known, "alice", b"wonder", "10.0.0.2") is Verdict.RIGHT
    flood = [asyncio.create_task(passwords.check(known, "alice", b"%d" % n, "10.6.6.6")) for n in range(500)]
    await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    before = loop.time()
    assert await passwords.check(known, "alice", b"wonder", "10.0.0.2") is Verdict.RIGHT
    assert loop.time() - before < 0.01
    known["bob"] = hashed("builder", 8)
    assert await passwords.check(known, "bob", b"builder", "10.0.0.3") is Verdict.RIGHT
    verdicts = await asyncio.gather(*flood)
    assert verdicts.count(Verdict.WRONG) == MAX_WAITING_OF_ONE
    assert verdicts.count(Verdict.BUSY) == 500 - MAX_WAITING_OF_ONE


async def test_too_many_passwords_at_once_are_told_to_come_back(tmp_path: Path) -> None:
    path = tmp_path / "web.yml"
    path.write_text(f"basic_auth_users: {{alice: {hashed('wonder', 10)}}}\n")
    async with serving(path) as port:
        statuses = await asyncio.gather(*[port.as_user("alice", f"guess {n}") for n in range(12)])
        assert set(statuses) == {401, 429}
        assert port.refused["too_many_passwords"] == statuses.count(429)
        assert await port.as_user("alice", "wonder") == 200


async def test_the_rate_of_requests_can_be_limited(tmp_path: Path) -> None:
    path = tmp_path / "web.yml"
    path.write_text("rate_limit: {interval: 1h, burst: 3}\n")
    async with serving(path) as port:
        assert [(await port.ask("/healthz"))[0] for _ in range(5)] == [200, 200, 200, 429, 429]
        assert port.refused["rate_limited"] == 2


async def test_headers_of_the_file_go_with_every_answer(tmp_path: Path) -> None:
    path = tmp_path / "web.yml"
    path.write_text(
        "http_server_config: {headers: {Strict-Transport-Security: max-age=9, X-Frame-Options: sameorigin}}"
    )
    async with serving(path) as port:
        for page in PAGES:
            _, _, headers = await port.ask(page)
            assert headers["Strict-Transport-Security"] == "max-age=9"
            assert headers.getall("X-Frame-Options") == ["sameorigin"]  # type: ignore[attr-defined]  # a multidict
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
            assert headers["Server"] == "tokentail"


async def test_over_tls_it_speaks_to_who_trusts_the_certificate(certificates: Certificates) -> None:
    async with serving(certificates.web_config()) as port:
        port.client = certificates.client()
        assert (await port.ask("/metrics"))[0] == 200
        port.client = ssl.create_default_context()
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await port.ask("/metrics")
        port.client = None
        with pytest.raises(aiohttp.ClientError):
            await port.ask("/metrics")


@pytest.mark.parametrize(
    ("lines", "newest", "is_in"),
    [
        (("min_version: TLS13",), ssl.TLSVersion.TLSv1_2, False),
        (("min_version: TLS13",), ssl.TLSVersion.TLSv1_3, True),
        (("max_version: TLS12",), ssl.TLSVersion.TLSv1_3, True),
        (("cipher_suites: [TLS_AES_128_GCM_SHA256]",), ssl.TLSVersion.TLSv1_2, False),
        (("cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]",), ssl.TLSVersion.TLSv1_2, True),
        (("cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]",), ssl.TLSVersion.TLSv1_2, False),
        (("curve_preferences: [CurveP384]",), ssl.TLSVersion.TLSv1_3, True),
    ],
)
async def test_versions_and_suites_are_those_of_the_file(
    certificates: Certificates, lines: tuple[str, ...], newest: ssl.TLSVersion, is_in: bool
) -> None:
    """The certificate has an ECDSA key, so a suite for RSA alone serves nobody."""
    async with serving(certificates.web_config(tls=lines)) as port:
        port.client = certificates.client()
        port.client.maximum_version = newest
        if is_in:
            assert (await port.ask("/metrics"))[0] == 200
        else:
            with pytest.raises(aiohttp.ClientError):
                await port.ask("/metrics")
            await port.until("bad_handshake")


async def test_only_who_shows_a_certificate_of_the_authority_gets_in(certificates: Certificates) -> None:
    async with serving(certificates.web_config(tls=MUTUAL)) as port:
        port.client = certificates.client("prometheus")
        assert (await port.ask("/metrics"))[0] == 200
        for client in (certificates.client(), certificates.client("prometheus", of=trustme.CA())):
            port.client = client
            with pytest.raises(OUTSIDERS):
                await port.ask("/metrics")
        await port.until("bad_handshake", 2)
        assert port.scrapes == 1


async def test_a_certificate_can_be_left_to_the_client(certificates: Certificates) -> None:
    auth = ("client_auth_type: VerifyClientCertIfGiven", "client_ca_file: ca.pem")
    async with serving(certificates.web_config(tls=auth)) as port:
        for client in (certificates.client(), certificates.client("anybody")):
            port.client = client
            assert (await port.ask("/metrics"))[0] == 200
        port.client = certificates.client("anybody", of=trustme.CA())
        with pytest.raises(OUTSIDERS):
            await port.ask("/metrics")


async def test_of_the_certificates_only_those_with_an_allowed_name(certificates: Certificates) -> None:
    auth = (*MUTUAL, "client_allowed_sans: [prometheus.example, 10.0.0.9]")
    async with serving(certificates.web_config(tls=auth)) as port:
        for name, status in (("prometheus.example", 200), ("10.0.0.9", 200), ("prometheus", 403), ("10.0.0.8", 403)):
            port.client = certificates.client(name)
            assert (name, (await port.ask("/metrics"))[0]) == (name, status)
        assert port.refused["no_certificate"] == 2


async def test_probes_without_a_certificate_see_what_is_left_open_to_them(certificates: Certificates) -> None:
    """A kubelet has no certificate to show: it may ask for these paths and for nothing else."""
    async with serving(certificates.web_config("auth_excluded_paths: [/healthz]", tls=MUTUAL)) as port:
        port.client = certificates.client()
        assert [(await port.ask(page))[0] for page in PAGES] == [403, 403, 200, 403, 403]
        port.client = certificates.client("prometheus")
        assert (await port.ask("/metrics"))[0] == 200
        port.client = certificates.client("prometheus", of=trustme.CA())
        with pytest.raises(OUTSIDERS):
            await port.ask("/healthz")


async def test_certificate_and_password_are_both_needed_where_both_are_asked_for(certificates: Certificates) -> None:
    config = certificates.web_config("basic_auth_users:", f"  alice: {hashed('wonder')}", tls=MUTUAL)
    async with serving(config) as port:
        port.client = certificates.client("prometheus")
        assert (await port.ask("/metrics"))[0] == 401
        assert await port.as_user("alice", "wonder") == 200


async def serial(port: Port, client: ssl.SSLContext) -> object:
    """Which certificate the server shows."""
    _, writer = await asyncio.open_connection(*port.address, ssl=client)
    try:
        return writer.get_extra_info("peercert")["serialNumber"]
    finally:
        writer.close()
        await writer.wait_closed()


async def test_a_renewed_certificate_is_shown_to_the_next_connection(certificates: Certificates) -> None:
    """Also when for a moment it does not fit the key, and the old one is shown on."""
    async with serving(certificates.web_config()) as port:
        client = certificates.client()
        first = await serial(port, client)
        key = (certificates.directory / "key.pem").read_bytes()
        certificates.renew()
        fresh = (certificates.directory / "key.pem").read_bytes()
        (certificates.directory / "key.pem").write_bytes(key)
        assert await serial(port, client) == first
        (certificates.directory / "key.pem").write_bytes(fresh)
        assert await serial(port, client) != first


async def test_a_withdrawn_authority_lets_nobody_in_any_more(certificates: Certificates) -> None:
    async with serving(certificates.web_config(tls=MUTUAL)) as port:
        port.client = certificates.client("prometheus")
        assert (await port.ask("/metrics"))[0] == 200
        other = trustme.CA()
        other.cert_pem.write_to_path(str(certificates.directory / "new.pem"))
        os.replace(certificates.directory / "new.pem", certificates.directory / "ca.pem")
        with pytest.raises(OUTSIDERS):
            await port.ask("/metrics")


async def test_tls_is_not_taken_away_by_a_file_that_is_being_written(certificates: Certificates) -> None:
    config = certificates.web_config()
    async with serving(config) as port:
        config.write_text("")
        port.client = certificates.client()
        assert (await port.ask("/metrics"))[0] == 200


def test_names_of_a_certificate_are_compared_whole_and_addresses_as_addresses() -> None:
    shown = {"subjectAltName": (("URI", "spiffe://a/prom"), ("email", "p@x"), ("IP Address", "2001:DB8:0:0:0:0:0:1"))}
    for name in ("spiffe://a/prom", "p@x", "2001:db8::1", "2001:0db8::0001"):
        assert has_allowed_name(shown, (name,)), name
    for name in ("spiffe://a/pro", "x", "2001:db8::2", ""):
        assert not has_allowed_name(shown, (name,)), name
    assert not has_allowed_name({"subject": ((("commonName", "p@x"),),)}, ("p@x",))
    assert not has_allowed_name(None, ())
