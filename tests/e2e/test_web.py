"""The real command behind TLS, certificates and passwords; what it says of a bad file; its memory under attack."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.process import running
from tests.web.port import Certificates, Port, ended, gone, hashed

MUTUAL = ("client_auth_type: RequireAndVerifyClientCert", "client_ca_file: ca.pem")


def port_of(url: str) -> Port:
    port = Port()
    host, _, number = url.rpartition("/")[2].rpartition(":")
    port.address = (host, int(number))
    return port


async def test_a_scrape_comes_through_tls_and_password(tmp_path: Path) -> None:
    """On the event loop that is used in production."""
    certificates = Certificates(tmp_path)
    path = certificates.web_config("basic_auth_users:", f"  alice: {hashed('wonder', 10)}", tls=MUTUAL)
    (tmp_path / "app.log").write_text("{}\n")
    async with running(tmp_path, "--web-config-file", str(path), str(tmp_path / "app.log")) as tailer:
        assert str((await tailer.logged("listening"))["metrics"]).startswith("https://")
        port = port_of(tailer.url)
        port.client = certificates.client("prometheus")
        assert await port.as_user("alice", "wonder") == 200
        assert await port.as_user("alice", "wunder") == 401
        port.client = certificates.client()
        with pytest.raises((OSError, aiohttp.ClientError)):
            await port.ask("/metrics")
        port.client = certificates.client("prometheus")
        for _ in range(3):
            path.write_text("broken")
            assert await port.as_user("alice", "wonder") == 200
        _, body, _ = await port.ask("/metrics", Authorization="Basic YWxpY2U6d29uZGVy", Accept_Encoding="identity")
        assert b'tokentail_http_refused_total{reason="unauthorized"} 1.0' in body
        assert await tailer.stop() == 0
        assert [event["event"] for event in tailer.events].count("web_config_refused") == 1
        assert "wonder" not in str(tailer.events)


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_bad_file_ends_the_start_with_its_place(tmp_path: Path, command: str) -> None:
    certificates = Certificates(tmp_path)
    path = certificates.web_config("basic_auth_users:", "  alice: wonderland")
    for text, says in ((None, "web.yml: basic_auth_users.alice: expected a bcrypt hash"), ("", "key_values_mismatch")):
        if text is not None:
            certificates.web_config()
            (tmp_path / "key.pem").write_bytes(certificates.authority.issue_cert("x").private_key_pem.bytes())
        arguments = [command, "--state-dir", str(tmp_path / "state"), "--listen", "127.0.0.1:0"]
        arguments += ["--web-config-file", str(path), str(tmp_path / "app.log")]
        ended = subprocess.run(
            [sys.executable, "-m", "tailer", *arguments], capture_output=True, text=True, check=False
        )
        assert ended.returncode == 2
        assert says in ended.stderr
        assert "wonderland" not in ended.stderr + ended.stdout


@pytest.mark.parametrize("is_tls", [False, True])
async def test_memory_stays_flat_whatever_strangers_send(tmp_path: Path, is_tls: bool) -> None:
    """Half a thousand connections with half a request each, and requests of ten megabytes."""
    certificates = Certificates(tmp_path)
    options = ["--web-config-file", str(certificates.web_config())] if is_tls else []
    async with running(tmp_path, *options, str(tmp_path / "app.log")) as tailer, asyncio.timeout(60):
        port = port_of(tailer.url)
        port.client = certificates.client() if is_tls else None
        assert (await port.ask("/metrics"))[0] == 200
        before = tailer.memory_bytes()
        strangers = [await port.connect() for _ in range(500)]
        for _, writer in strangers:
            writer.write(b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 4000 + b"\r\n")
        assert (await port.ask("/metrics"))[0] == 200
        for _ in range(10):
            reader, writer = await asyncio.open_connection(*port.address, ssl=port.client)
            writer.write(b"GET / HTTP/1.1\r\nX: " + b"a" * 10_000_000)
            await ended(reader)
            await gone(writer)
        assert (await port.ask("/metrics"))[0] == 200
        assert tailer.memory_bytes() - before < 40 * 1024 * 1024
        for _, writer in strangers:
            await gone(writer)
        assert await tailer.stop() == 0
