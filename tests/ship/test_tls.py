"""TLS that fails says why, loses nothing, and heals when the files of either side are replaced: no restart."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import ssl
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tailer.config import Config, LokiOptions
from tailer.outbound.answer import Answer, Retry
from tailer.outbound.tls import Tls
from tailer.ship.loki import Loki
from tailer.ship.wire import encode
from tests.certificates import Certificates
from tests.fakeloki import FakeLoki
from tests.lokifront import Front
from tests.ship.making import Shipping, config, entry
from tests.ship.test_sender import closed_source, expected


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    made = Certificates(tmp_path_factory.mktemp("tls"))
    made.pair("good")
    made.pair("expired", days=-1)
    made.pair("elsewhere", host="DNS:loki.example.org")
    made.authority("stranger")
    made.pair("strange", authority="stranger")
    return made


@pytest.fixture(autouse=True)
async def quiet_handshakes() -> None:
    """The fall-out of refused handshakes is the server's business, not these tests'."""
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)


def replaced(source: str, target: Path) -> None:
    """As Kubernetes does with a mounted secret: at once, by a rename."""
    fresh = target.with_suffix(".fresh")
    shutil.copy(source, fresh)
    os.replace(fresh, target)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("expired", "certificate refused: certificate has expired"),
        ("elsewhere", "certificate refused: IP address mismatch, certificate is not valid for '127.0.0.1'."),
        ("strange", "certificate refused: unable to get local issuer certificate"),
    ],
)
async def test_a_certificate_of_lokis_that_will_not_do_is_waited_out(
    tmp_path: Path, made: Certificates, name: str, said: str
) -> None:
    context = made.server(name)
    async with FakeLoki() as fake, Front(fake.url, tls=context) as front, asyncio.timeout(20):
        setting = config(front.url, str(tmp_path), ca_file=made.path("ca.pem"))
        shipping = Shipping(closed_source(20), setting)
        with capture_logs() as log:
            task = asyncio.create_task(shipping.run())
            while shipping.telemetry.value("tokentail_loki_retries_total", "tls") < 3:
                await asyncio.sleep(0.01)
            assert fake.lines() == []
            assert front.heads == [], "neither the lines nor the credentials have left"
            context.load_cert_chain(made.path("good.pem"), made.path("good.key"))
            await task
    assert fake.lines() == expected(20)
    assert log[0]["detail"] == said
    assert [line["event"] for line in log] == ["loki_unreachable", "loki_recovered"]


async def test_an_authority_that_is_replaced_is_trusted_without_a_restart(tmp_path: Path, made: Certificates) -> None:
    ca_file = tmp_path / "ca.pem"
    shutil.copy(made.path("stranger.pem"), ca_file)
    async with FakeLoki() as fake, Front(fake.url, tls=made.server("good")) as front, asyncio.timeout(20):
        shipping = Shipping(closed_source(20), config(front.url, str(tmp_path), ca_file=str(ca_file)))
        task = asyncio.create_task(shipping.run())
        while not shipping.telemetry.value("tokentail_loki_retries_total", "tls"):
            await asyncio.sleep(0.01)
        replaced(made.path("ca.pem"), ca_file)
        await task
    assert fake.lines() == expected(20)


async def test_a_client_certificate_that_is_replaced_is_used_without_a_restart(
    tmp_path: Path, made: Certificates
) -> None:
    cert_file, key_file = tmp_path / "cert.pem", tmp_path / "key.pem"
    replaced(made.path("expired.pem"), cert_file)
    replaced(made.path("expired.key"), key_file)
    context = made.server("good", asks_clients=True)
    async with FakeLoki() as fake, Front(fake.url, tls=context) as front, asyncio.timeout(20):
        files = {"ca_file": made.path("ca.pem"), "cert_file": str(cert_file), "key_file": str(key_file)}
        shipping = Shipping(closed_source(20), config(front.url, str(tmp_path), **files))
        task = asyncio.create_task(shipping.run())
        while shipping.sender.pusher.waiting_reason is None:
            await asyncio.sleep(0.01)
        assert fake.lines() == []
        replaced(made.path("good.pem"), cert_file)
        replaced(made.path("good.key"), key_file)
        await task
    assert fake.lines() == expected(20)


async def test_a_connection_made_with_the_old_certificate_is_not_used_again(tmp_path: Path, made: Certificates) -> None:
    ca_file = tmp_path / "ca.pem"
    replaced(made.path("ca.pem"), ca_file)
    async with FakeLoki() as fake, Front(fake.url, tls=made.server("good")) as front:
        setting = Config(loki_url=front.url, loki=LokiOptions(ca_file=str(ca_file)))
        async with Loki(setting) as loki:
            for _ in range(3):
                await loki.push(encode([entry(1)], "protobuf"))
            assert front.connections == 1
            replaced(made.path("stranger.pem"), ca_file)
            answer = await loki.push(encode([entry(2)], "protobuf"))
    assert isinstance(answer, Retry)
    assert answer.reason == "tls"


def test_half_replaced_files_change_nothing_until_the_other_half_is_there(tmp_path: Path, made: Certificates) -> None:
    cert_file, key_file = tmp_path / "cert.pem", tmp_path / "key.pem"
    replaced(made.path("good.pem"), cert_file)
    replaced(made.path("good.key"), key_file)
    tls = Tls("loki", LokiOptions(ca_file=made.path("ca.pem"), cert_file=str(cert_file), key_file=str(key_file)))
    first = tls.context()
    assert tls.context() is first, "files that have not changed are not read again"
    with capture_logs() as log:
        replaced(made.path("elsewhere.pem"), cert_file)
        assert tls.context() is tls.context() is first
        os.unlink(key_file)
        assert tls.context() is first
        replaced(made.path("elsewhere.key"), key_file)
        assert tls.context() is not first
    assert [line["event"] for line in log] == ["tls_files_unusable", "tls_files_reloaded"]
    assert log[0]["reason"].endswith("got TLS KEY_VALUES_MISMATCH")


def test_a_key_behind_a_password_is_a_fault_and_asks_nobody(tmp_path: Path, made: Certificates) -> None:
    locked = tmp_path / "locked.key"
    made._openssl("ec", "-in", made.path("good.key"), "-aes256", "-passout", "pass:x", "-out", str(locked))
    with pytest.raises(ValueError, match=r"loki\.cert_file: expected a certificate and its key, without a password"):
        Tls("loki", LokiOptions(cert_file=made.path("good.pem"), key_file=str(locked)))


async def told_by_openssl(made: Certificates, *options: str, scheme: str = "https", **given: str) -> Answer:
    """What a push to a server of OpenSSL's own comes to: it sends the alerts that other servers swallow."""
    arguments = ["-accept", "127.0.0.1:0", "-cert", made.path("good.pem"), "-key", made.path("good.key"), *options]
    server = await asyncio.create_subprocess_exec(
        "openssl", "s_server", *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        while (found := re.search(rb"ACCEPT .*:(\d+)", await server.stdout.readline())) is None:
            pass
        loki_options = LokiOptions(ca_file=made.path("ca.pem"), timeout_seconds=5, **given)  # type: ignore[arg-type]  # texts
        url = f"{scheme}://127.0.0.1:{int(found[1])}"
        async with Loki(Config(loki_url=url, loki=loki_options)) as loki:
            return await loki.push(encode([entry(1)], "protobuf"))
    finally:
        server.kill()
        await server.wait()


async def test_a_client_certificate_that_is_missing_is_named(made: Certificates) -> None:
    asking = ["-CAfile", made.path("ca.pem"), "-Verify", "2", "-verify_return_error"]
    assert await told_by_openssl(made, *asking) == Retry("tls", None, "TLS TLSV13_ALERT_CERTIFICATE_REQUIRED")
    answer = await told_by_openssl(made, *asking, "-no_tls1_3")
    assert answer == Retry("tls", None, "TLS SSLV3_ALERT_HANDSHAKE_FAILURE")


async def test_a_client_certificate_of_a_strange_authority_is_named(made: Certificates) -> None:
    asking = ["-CAfile", made.path("ca.pem"), "-Verify", "2", "-verify_return_error"]
    strange = {"cert_file": made.path("strange.pem"), "key_file": made.path("strange.key")}
    assert await told_by_openssl(made, *asking, **strange) == Retry("tls", None, "TLS TLSV1_ALERT_UNKNOWN_CA")


async def test_https_to_a_port_of_plain_http_is_named(made: Certificates) -> None:
    async with FakeLoki() as fake:
        url = fake.url.replace("http:", "https:")
        async with Loki(Config(loki_url=url, loki=LokiOptions(ca_file=made.path("ca.pem")))) as loki:
            answer = await loki.push(encode([entry(1)], "protobuf"))
    assert isinstance(answer, Retry)
    assert (answer.reason, answer.detail) in {
        ("tls", f"TLS {name}") for name in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")
    }


def test_the_context_verifies_unless_it_is_told_not_to() -> None:
    assert Tls("loki", LokiOptions()).context().verify_mode is ssl.CERT_REQUIRED
    assert Tls("loki", LokiOptions()).context().check_hostname
    assert Tls("loki", LokiOptions(insecure_skip_verify=True)).context().verify_mode is ssl.CERT_NONE
