"""Whatever Loki or the way to it does: every line once, in order, counted by its reason, said once."""

from __future__ import annotations

from email.utils import formatdate
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.fakeloki import FakeLoki
from tests.lokifront import (
    Fault,
    Front,
    bomb,
    closed_after_the_answer,
    endless,
    hang,
    reads_nothing,
    reads_slowly,
    reset_after_the_body,
    reset_before_the_body,
    says,
    sends,
    taken_and_reset,
    taken_and_trickled,
)
from tests.ship.making import NOON_NS, Shipping, Ticking, config
from tests.ship.test_sender import closed_source, expected

LINES = 60
HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"
IN_A_MINUTE = formatdate(NOON_NS / 1e9 + 60, usegmt=True)

FAULTS: dict[str, tuple[Fault, str]] = {
    "reset before the body": (reset_before_the_body, "connection"),
    "reset after the body": (reset_after_the_body, "connection"),
    "taken, then reset": (taken_and_reset, "connection"),
    "taken, half an answer": (sends(b"HTTP/1.1 204 No Con", taken=True), "connection"),
    "taken, an answer without its body": (
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", taken=True),
        "connection",
    ),
    "closed without an answer": (sends(b""), "connection"),
    "something that is no HTTP": (sends(b"SSH-2.0-OpenSSH_9.6\r\n"), "connection"),
    "a header of a megabyte": (sends(b"HTTP/1.1 204 X\r\nX-Long: " + b"x" * (1 << 20)), "connection"),
    "hang": (hang, "timeout"),
    "nothing is read": (reads_nothing, "timeout"),
    "read a byte at a time": (reads_slowly, "timeout"),
    "taken, answered a byte at a time": (taken_and_trickled, "timeout"),
    "408": (says(408), "timeout"),
    "429": (says(429, "Ingestion rate limit exceeded for user fake (limit: 4194304 bytes/sec)"), "rate_limited"),
    "429 per stream": (says(429, "Per stream rate limit exceeded (limit: 3MB/sec)"), "rate_limited"),
    "429 stream limit": (says(429, "Maximum active stream limit exceeded when trying to create"), "rate_limited"),
    "429 as a page": (says(429, HTML, Content_Type="text/html"), "rate_limited"),
    "500": (says(500, "context deadline exceeded"), "server_error"),
    "502 as a page": (says(502, HTML, Content_Type="text/html"), "server_error"),
    "503": (says(503, "no available server"), "server_error"),
    "504": (says(504, "upstream request timeout"), "server_error"),
    "a gigabyte with 503": (endless(503), "server_error"),
    "a bomb with 503": (bomb(503, 64), "server_error"),
    "401": (says(401, "no org id"), "unauthorized"),
    "403": (says(403), "unauthorized"),
    "404 while it starts": (says(404, "404 page not found"), "not_found"),
    "301": (says(301, Location="http://127.0.0.1:9/"), "redirect"),
    "307": (says(307, Location="http://127.0.0.1:9/"), "redirect"),
    "308": (says(308, Location="/elsewhere"), "redirect"),
    "200 from a captive portal": (says(200, HTML, Content_Type="text/html"), "not_loki"),
    "400 from a TLS port": (says(400, HTML, Content_Type="text/html"), "not_loki"),
    "405": (says(405), "unexpected_status"),
    "418": (says(418), "unexpected_status"),
    "260": (says(260, "ingestion blocked for user fake until x with status code '260'"), "unexpected_status"),
    "400 metadata not allowed": (
        says(400, "stream '{}' includes structured metadata, but this feature is disallowed. Please see"),
        "disallowed",
    ),
    "400 blocked": (says(400, "ingestion blocked for user fake until x with status code '400'"), "disallowed"),
    "400 labels enforced": (says(400, "missing required labels cluster for user fake for stream {}"), "disallowed"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_that_heals_loses_and_doubles_nothing(tmp_path: Path, name: str) -> None:
    fault, reason = FAULTS[name]
    source = closed_source(LINES)
    async with FakeLoki() as fake, Front(fake.url, [fault] * 3) as front:
        # Only what has to run into its deadline gets a short one: a busy machine must not turn the others into that.
        seconds = 0.2 if reason == "timeout" else 30.0
        shipping = Shipping(source, config(front.url, str(tmp_path), batch_entries=20, timeout_seconds=seconds))
        with capture_logs() as said:
            await shipping.run()
    assert fake.lines() == expected(LINES)
    assert front.troubled == 3
    assert shipping.telemetry.dump().counters["tokentail_loki_retries_total"] == [((reason,), 3)]
    assert shipping.entries("accepted") == LINES
    assert source.marks[1][1] == LINES
    assert [(line["event"], line["reason"]) for line in said] == [
        ("loki_unreachable", reason),
        ("loki_recovered", reason),
    ]
    assert len(shipping.ticking.slept) == 3


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_every_good_status_is_one(tmp_path: Path, status: int) -> None:
    async with FakeLoki([status] * 3) as fake:
        shipping = Shipping(closed_source(LINES), config(fake.url, str(tmp_path), batch_entries=20))
        await shipping.run()
    assert fake.lines() == expected(LINES)
    assert fake.duplicates == 0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (IN_A_MINUTE, 60.0),
        ("86400", 300.0),
        ("99999999999999999999", 0.5),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 300.0),
        ("Fri, 31 Dec 99999 23:59:59 GMT", 0.5),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.5),
        ("-1", 0.5),
        ("1e9", 0.5),
        ("", 0.5),
        ("soon", 0.5),
        ("\u0661\u0662", 0.5),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_a_time_to_come_back_is_obeyed_within_reason(
    tmp_path: Path, header: str, seconds: float, status: int
) -> None:
    """Within the first pause's own bounds where the header tells nothing usable."""
    async with FakeLoki() as fake, Front(fake.url, [says(status, Retry_After=header)]) as front:
        shipping = Shipping(closed_source(1), config(front.url, str(tmp_path), retry_min_seconds=0.5))
        await shipping.run()
    (slept,) = shipping.ticking.slept
    assert seconds / 2 <= slept <= 0.5 if seconds == 0.5 else slept == pytest.approx(seconds, abs=1)
    assert fake.lines() == expected(1)


async def test_a_redirect_to_another_host_gets_neither_the_lines_nor_the_credentials(tmp_path: Path) -> None:
    async with FakeLoki() as thief, FakeLoki() as fake:
        for status in (301, 302, 303, 307, 308):
            async with Front(fake.url, [says(status, Location=f"{thief.url}/loki/api/v1/push")]) as front:
                setting = config(front.url, str(tmp_path), username="u", password="p")
                await Shipping(closed_source(LINES), setting).run()
        assert thief.requests == []
        assert fake.lines() == expected(LINES)


async def test_a_connection_closed_behind_an_answer_costs_a_retry_and_no_line(tmp_path: Path) -> None:
    async with FakeLoki() as fake, Front(fake.url, always=closed_after_the_answer) as front:
        shipping = Shipping(closed_source(LINES), config(front.url, str(tmp_path), batch_entries=10))
        await shipping.run()
    assert fake.lines() == expected(LINES)
    assert shipping.entries("accepted") == LINES
    assert fake.duplicates == 0


@pytest.mark.parametrize("fault", [hang, reads_nothing, reset_after_the_body, says(429), says(504)])
async def test_what_never_passes_as_a_whole_passes_in_parts(tmp_path: Path, fault: Fault) -> None:
    """A proxy that hangs up on large pushes, a line too slow for them, a burst below a batch."""

    source = closed_source(LINES)
    async with FakeLoki() as fake, Front(fake.url) as front:
        front.too_large = (fault, 800)
        shipping = Shipping(source, config(front.url, str(tmp_path), timeout_seconds=0.1))
        await shipping.run()
    assert fake.lines() == expected(LINES)
    assert 1 < front.passed <= 16
    assert source.marks[1][1] == LINES


async def test_a_loki_that_fails_in_turns_is_reported_once_for_each_way(tmp_path: Path) -> None:
    turns = [says(503), reset_after_the_body, says(429)] * 10
    async with FakeLoki() as fake, Front(fake.url, turns) as front:
        with capture_logs() as said:
            await Shipping(closed_source(10), config(front.url, str(tmp_path), batch_entries=1)).run()
    assert [line.get("reason") for line in said if line["event"] == "loki_unreachable"] == [
        "server_error",
        "connection",
        "rate_limited",
    ]
    assert [line["event"] for line in said].count("loki_recovered") == 1
    assert fake.lines() == expected(10)


async def test_a_loki_that_takes_every_other_push_is_reported_once(tmp_path: Path) -> None:
    async with FakeLoki([429, 204] * 50) as fake:
        with capture_logs() as said:
            await Shipping(closed_source(50), config(fake.url, str(tmp_path), batch_entries=1)).run()
    assert [line["event"] for line in said] == ["loki_unreachable", "loki_recovered"]
    assert fake.lines() == expected(50)


async def test_trouble_that_comes_back_later_or_lasts_is_reported_again(tmp_path: Path) -> None:
    ticking = Ticking()
    minutes = (429, {"Retry-After": "120"})
    async with FakeLoki([503, 204, minutes, 503, 503, 204]) as fake:
        with capture_logs() as said:
            await Shipping(closed_source(2), config(fake.url, str(tmp_path), batch_entries=1), ticking).run()
    assert [(line["event"], line["reason"]) for line in said] == [
        ("loki_unreachable", "server_error"),
        ("loki_recovered", "server_error"),
        ("loki_unreachable", "rate_limited"),
        ("loki_recovered", "server_error"),
    ]


async def test_after_an_outage_the_catching_up_is_not_slowed(tmp_path: Path) -> None:
    """However long Loki was away: once it is back nothing sleeps between pushes."""
    async with FakeLoki([503] * 40) as fake:
        shipping = Shipping(closed_source(LINES), config(fake.url, str(tmp_path), batch_entries=5))
        await shipping.run()
    assert len(shipping.ticking.slept) == 40
    assert max(shipping.ticking.slept) <= 30.0
    assert min(shipping.ticking.slept[10:]) >= 15.0, "jitter leaves half of the wait"
    assert len(set(shipping.ticking.slept)) == 40, "no two waits are alike"
    assert [len(request.entries) for request in fake.requests[40:]] == [5] * 12


async def test_the_size_that_passes_is_remembered(tmp_path: Path) -> None:
    """A proxy that takes a twentieth of a batch: not every batch is halved anew."""
    source = closed_source(2000, lines_per_chunk=200)
    async with FakeLoki(max_body_bytes=900) as fake:
        shipping = Shipping(source, config(fake.url, str(tmp_path), batch_entries=400))
        await shipping.run()
        passed = 2000 / max(len(request.entries) for request in fake.requests[-10:-1])
        assert len(fake.requests) < 2 * passed + 70
    assert fake.lines() == expected(2000)


@pytest.mark.parametrize("fault", [reset_after_the_body, says(504)])
async def test_an_outage_leaves_no_small_pushes_behind(tmp_path: Path, fault: Fault) -> None:
    """While nothing passes pushes are halved down to a line; afterwards they are as large as before."""
    source = closed_source(2000, lines_per_chunk=200)
    async with FakeLoki() as fake, Front(fake.url, [fault] * 50) as front:
        await Shipping(source, config(front.url, str(tmp_path), batch_entries=200)).run()
    sizes = [len(request.entries) for request in fake.requests]
    assert fake.lines() == expected(2000)
    assert sizes[0] < 5
    assert sizes[-8:] == [200] * 8
    assert len(sizes) < 25
