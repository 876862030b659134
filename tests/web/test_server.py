"""The HTTP port, asked by a real client: what it answers, and that it says nothing of the question."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tailer.web.exposition import OPENMETRICS_TYPE, PLAIN_TYPE
from tailer.web.server import Encode, Server
from tests.web.port import Port, serving

MARK = "s3cr3t"


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    async with serving() as port:
        yield port


async def test_metrics_are_plain_text_unless_something_else_is_asked_for(port: Port) -> None:
    status, body, headers = await port.ask("/metrics", Accept_Encoding="identity")
    assert (status, headers["Content-Type"]) == (200, PLAIN_TYPE)
    assert b'tokentail_lines_total{outcome="call"} 0.0' in body
    assert "Content-Encoding" not in headers


async def test_a_scraper_that_can_gets_openmetrics_in_gzip(port: Port) -> None:
    asked = {"Accept": "application/openmetrics-text;version=1.0.0", "Accept_Encoding": "gzip"}
    status, body, headers = await port.ask("/metrics", **asked)
    assert (status, headers["Content-Type"], headers["Content-Encoding"]) == (200, OPENMETRICS_TYPE, "gzip")
    assert gzip.decompress(body).endswith(b"# EOF\n")
    assert headers["Vary"] == "Accept, Accept-Encoding"


async def test_two_accept_headers_are_read_as_one(port: Port) -> None:
    request = b"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nAccept: application/openmetrics-text\r\n"
    answer = await port.raw(request + b"Connection: close\r\n\r\n")
    assert answer.endswith(b"# EOF\n")


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz", "/", "/missing"])
async def test_head_has_the_headers_of_get_and_no_body(port: Port, path: str) -> None:
    status, body, headers = await port.ask(path, Accept_Encoding="identity")
    head_status, nothing, head_headers = await port.ask(path, "HEAD", Accept_Encoding="identity")
    assert (head_status, nothing) == (status, b"")
    assert head_headers["Content-Length"] == headers["Content-Length"] == str(len(body))
    assert head_headers["Content-Type"] == headers["Content-Type"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
async def test_other_methods_are_refused(port: Port, method: str) -> None:
    status, _, headers = await port.ask("/metrics", method)
    assert (status, headers["Allow"], port.scrapes) == (405, "GET, HEAD", 0)


@pytest.mark.parametrize("path", ["/metrics/", "/Metrics", "//metrics", "/metrics/../x", "/favicon.ico", "/healthz/x"])
async def test_other_paths_are_not_there(port: Port, path: str) -> None:
    assert (await port.ask(path))[0] == 404


async def test_it_is_ready_until_there_is_a_reason_against_it(port: Port) -> None:
    assert (await port.ask("/readyz"))[:2] == (200, b"ready\n")
    port.why_not = "the checkpoint cannot be written: No space left on device"
    assert (await port.ask("/readyz"))[:2] == (503, b"the checkpoint cannot be written: No space left on device\n")
    assert (await port.ask("/healthz"))[:2] == (200, b"ok\n")
    port.why_not = None
    assert (await port.ask("/readyz"))[0] == 200


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /%s?%s=1 HTTP/1.1\r\nHost: %s\r\nX-%s: 1\r\nConnection: close\r\n\r\n" % ((MARK.encode(),) * 4),
        b"GET /metrics?name[]=%s HTTP/1.1\r\nHost: x\r\nAccept: application/openmetrics-text;version=9.9%s\r\n"
        b"Accept-Encoding: %s\r\nConnection: close\r\n\r\n" % ((MARK.encode(),) * 3),
        b"%s / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % MARK.upper().encode(),
        b"GET http://%s/metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % MARK.encode(),
        b"GET http://[%s HTTP/1.1\r\nHost: x\r\n\r\n" % MARK.encode(),
        b"GET / HTTP/1.1\r\nHost: x\r\nBad %s: 1\r\n\r\n" % MARK.encode(),
        b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % (MARK.encode() * 2000),
        b"%s\r\n\r\n" % MARK.encode(),
        b"\x16\x03\x01\x02\x00%s\r\n\r\n" % MARK.encode(),
    ],
    ids=["path", "accept", "method", "host", "url", "header", "long", "garbage", "tls"],
)
async def test_nothing_of_a_request_comes_back(
    port: Port, request_bytes: bytes, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Not in the answer, and not in the log either: a scanner must not fill it with what it sends."""
    async with asyncio.timeout(10):
        answer = await port.raw(request_bytes)
    assert answer.startswith(b"HTTP/1.")
    assert MARK.encode() not in answer.lower()
    assert MARK not in "".join(capfd.readouterr()).lower() + caplog.text.lower()


async def test_a_failure_is_told_without_its_details_and_the_port_goes_on(port: Port) -> None:
    port.failure = RuntimeError(MARK)
    status, body, _ = await port.ask("/metrics")
    assert (status, body) == (500, b"failed, see the log\n")
    port.failure = None
    assert (await port.ask("/metrics"))[0] == 200


async def test_scrapes_at_the_same_time_are_all_answered(port: Port) -> None:
    answers = await asyncio.gather(*[port.ask("/metrics") for _ in range(20)])
    assert [status for status, _, _ in answers] == [200] * 20


async def test_a_port_that_is_taken_is_an_error(port: Port) -> None:
    async with Server(port.scrape, lambda: None) as second:
        with pytest.raises(OSError, match="Address already in use"):
            await second.listen(*port.address)


async def test_it_listens_on_ipv6_too() -> None:
    async def nothing(encode: Encode) -> bytes:
        return encode(())

    async with Server(nothing, lambda: None) as server:
        try:
            host, port = await server.listen("::1", 0)
        except OSError:
            pytest.skip("this machine has no IPv6")
        async with aiohttp.ClientSession() as session, session.get(f"http://[{host}]:{port}/healthz") as answer:
            assert answer.status == 200
