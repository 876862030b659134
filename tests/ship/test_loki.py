"""One push over real HTTP: what is sent, and what each way of failing is taken for."""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
import subprocess
import tracemalloc
from pathlib import Path

import pytest
from aiohttp import web

from tailer.config import Config, LokiOptions
from tailer.outbound.answer import Accepted, Answer, Refused, Retry, TooLarge
from tailer.outbound.post import ANSWER_BYTES
from tailer.ship.loki import Loki, push_url
from tailer.ship.wire import encode
from tests.fakeloki import FakeLoki, Step
from tests.lokifront import Front, bomb
from tests.ship.making import entry

BODY = encode([entry(1)], "protobuf")


async def pushed(url: str, options: LokiOptions | None = None, tenant: str | None = None) -> Answer:
    async with Loki(Config(loki_url=url, loki_tenant=tenant, loki=options or LokiOptions())) as loki:
        return await loki.push(BODY)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("http://loki:3100", "http://loki:3100/loki/api/v1/push"),
        ("http://loki:3100/", "http://loki:3100/loki/api/v1/push"),
        ("https://example.org/logs/", "https://example.org/logs/loki/api/v1/push"),
        ("http://loki:3100/loki/api/v1/push", "http://loki:3100/loki/api/v1/push"),
        ("http://loki:3100/loki/api/v1/push/", "http://loki:3100/loki/api/v1/push"),
    ],
)
def test_a_base_url_and_a_full_one_mean_the_same(given: str, meant: str) -> None:
    assert push_url(given) == meant


async def test_a_push_arrives_with_its_tenant_and_headers() -> None:
    async with FakeLoki() as fake:
        answer = await pushed(fake.url, LokiOptions(headers={"X-Source": "eu"}), "team-a")
    assert answer == Accepted()
    (request,) = fake.requests
    assert request.path == "/loki/api/v1/push"
    assert request.headers["X-Scope-OrgID"] == "team-a"
    assert request.headers["X-Source"] == "eu"
    assert request.headers["Content-Type"] == "application/x-protobuf"
    assert fake.lines() == ["{}"]


async def test_basic_auth_is_sent() -> None:
    async with FakeLoki() as fake:
        await pushed(fake.url, LokiOptions(username="user", password="pass:word"))
    assert fake.requests[0].headers["Authorization"] == "Basic dXNlcjpwYXNzOndvcmQ="


async def test_secrets_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOKI_TOKEN", "from-env")
    monkeypatch.setenv("LOKI_KEY", "key-from-env")
    async with FakeLoki() as fake:
        options = LokiOptions(bearer_token="env:LOKI_TOKEN", headers={"X-Api-Key": "env:LOKI_KEY"})
        await pushed(fake.url, options)
    assert fake.requests[0].headers["Authorization"] == "Bearer from-env"
    assert fake.requests[0].headers["X-Api-Key"] == "key-from-env"


async def test_a_token_file_is_read_again_once_it_has_changed(tmp_path: Path) -> None:
    token, fresh = tmp_path / "token", tmp_path / "fresh"
    token.write_text("first\n")
    async with (
        FakeLoki() as fake,
        Loki(Config(loki_url=fake.url, loki=LokiOptions(bearer_token_file=str(token)))) as loki,
    ):
        await loki.push(BODY)
        fresh.write_text("second\n")
        os.replace(fresh, token)
        await loki.push(BODY)
    assert [request.headers["Authorization"] for request in fake.requests] == ["Bearer first", "Bearer second"]


async def test_a_missing_token_file_is_waited_for(tmp_path: Path) -> None:
    answer = await pushed("http://127.0.0.1:9", LokiOptions(bearer_token_file=str(tmp_path / "absent")))
    assert answer == Retry("credentials", None, "FileNotFoundError ENOENT")


async def test_an_emptied_secret_is_waited_for(tmp_path: Path) -> None:
    """A rotation may be under way: without it the receiver would be asked in vain, and may shut out who does that."""
    (tmp_path / "secret").touch()
    secret = str(tmp_path / "secret")
    for options in (LokiOptions(bearer_token_file=secret), LokiOptions(username="user", password_file=secret)):
        assert await pushed("http://127.0.0.1:9", options) == Retry("credentials", None, "ValueError")


async def test_a_token_of_several_lines_is_never_sent(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("one\ntwo")
    answer = await pushed("http://127.0.0.1:9", LokiOptions(bearer_token_file=str(token)))
    assert answer == Retry("credentials", None, "ValueError")


def test_no_secret_is_ever_shown(tmp_path: Path) -> None:
    options = LokiOptions(username="user", password="hidden-1", bearer_token=None, headers={"X-Key": "hidden-2"})
    loki = Loki(Config(loki_url="http://127.0.0.1:9", loki=options))
    credentials = loki._post._credentials
    shown = repr(loki) + repr(loki._post) + repr(credentials) + repr(credentials._password) + repr(credentials._named)
    assert "hidden" not in shown


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (503, Retry("server_error", None, "HTTP 503")),
        ((429, {"Retry-After": "3"}), Retry("rate_limited", 3.0, "HTTP 429", divide=True)),
        ((307, {"Location": "http://127.0.0.1:9/"}), Retry("redirect", None, "HTTP 307")),
        ((400, {}, "no good"), Refused(400, "no good")),
        ((413, {}, "too much"), TooLarge(413, "too much")),
        ("reset", Retry("connection", None, "ServerDisconnectedError", divide=True)),
    ],
)
async def test_an_answer_is_taken_for(step: Step, expected: Answer) -> None:
    async with FakeLoki([step]) as fake:
        assert await pushed(fake.url) == expected
        assert len(fake.requests) == 1


async def test_no_answer_is_a_timeout() -> None:
    async with FakeLoki(["hang"]) as fake:
        answer = await pushed(fake.url, LokiOptions(timeout_seconds=0.1))
    assert isinstance(answer, Retry)
    assert answer.reason == "timeout"


async def test_nobody_there_is_a_connection_error() -> None:
    async with FakeLoki() as fake:
        url = fake.url
    answer = await pushed(url)
    assert answer == Retry("connection", None, "ClientConnectorError ECONNREFUSED")


async def test_a_name_that_is_not_known_is_a_connection_error() -> None:
    answer = await pushed("http://loki.invalid:3100")
    assert isinstance(answer, Retry)
    assert answer.reason == "connection"
    assert answer.detail.startswith("DNS: ")
    assert not answer.divide


async def test_proxies_are_used_where_they_are_configured_and_not_because_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with FakeLoki() as proxy, FakeLoki() as fake:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert await pushed(fake.url) == Accepted()
        assert proxy.requests == []
        assert await pushed("http://loki.invalid:3100", LokiOptions(proxy_url=proxy.url)) == Accepted()
    assert [request.path for request in proxy.requests] == ["/loki/api/v1/push"]
    assert proxy.lines() == ["{}"]


async def test_credentials_of_a_netrc_file_are_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("default login somebody password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    async with FakeLoki() as fake:
        await pushed(fake.url)
    assert "Authorization" not in fake.requests[0].headers


async def test_a_packed_answer_is_not_unpacked() -> None:
    """512 MB in half a megabyte, in an answer whose words would be read."""
    async with FakeLoki() as fake, Front(fake.url, [bomb(400)]) as front:
        tracemalloc.start()
        answer = await pushed(front.url)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert b"Accept-Encoding: identity" in front.heads[0]
    assert isinstance(answer, Refused)
    assert peak < 8_000_000


async def test_of_an_endless_answer_only_the_beginning_is_read() -> None:
    async with FakeLoki([(400, {}, "x" * 5_000_000)]) as fake:
        answer = await pushed(fake.url)
    assert isinstance(answer, Refused)
    assert len(answer.text) == ANSWER_BYTES


async def test_a_push_in_json_is_understood() -> None:
    async with FakeLoki() as fake, Loki(Config(loki_url=fake.url)) as loki:
        assert await loki.push(encode([entry(1)], "json")) == Accepted()
    assert fake.requests[0].headers["Content-Encoding"] == "gzip"
    assert fake.lines() == ["{}"]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that is its own authority, used by both sides."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command to make a certificate")
    directory = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=loki"
    subprocess.run(
        [*command.split(), "-addext", "subjectAltName=IP:127.0.0.1"], cwd=directory, check=True, capture_output=True
    )
    return directory


async def over_tls(certificates: Path, **options: object) -> Answer:
    """A push to a server that demands a client certificate."""

    async def accept(request: web.Request) -> web.Response:
        return web.Response(status=204)

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificates / "cert.pem"))
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    app = web.Application()
    app.router.add_post("/loki/api/v1/push", accept)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    # The fall-out of refused handshakes is the server's business, not this test's.
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        return await pushed(f"https://127.0.0.1:{runner.addresses[0][1]}", LokiOptions(**options))  # type: ignore[arg-type]  # the options of each test
    finally:
        await runner.cleanup()


async def test_tls_with_an_own_authority_and_a_client_certificate(certificates: Path) -> None:
    cert, key = str(certificates / "cert.pem"), str(certificates / "key.pem")
    assert await over_tls(certificates, ca_file=cert, cert_file=cert, key_file=key) == Accepted()
    assert await over_tls(certificates, insecure_skip_verify=True, cert_file=cert, key_file=key) == Accepted()


async def test_tls_with_an_unknown_authority_or_without_a_certificate_is_waited_for(certificates: Path) -> None:
    cert = str(certificates / "cert.pem")
    unknown = await over_tls(certificates)
    assert unknown == Retry("tls", None, "certificate refused: self-signed certificate")
    nameless = await over_tls(certificates, ca_file=cert)
    assert isinstance(nameless, Retry)


def test_a_broken_certificate_is_reported_by_its_key(tmp_path: Path) -> None:
    broken = tmp_path / "ca.pem"
    broken.write_text("nothing")
    with pytest.raises(ValueError, match=r"loki\.ca_file: expected certificates"):
        Loki(Config(loki_url="https://127.0.0.1:9", loki=LokiOptions(ca_file=str(broken))))
