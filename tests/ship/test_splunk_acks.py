"""A collector whose indexers acknowledge: asked again and again, and no longer than is of use."""

from __future__ import annotations

import pytest
from aiohttp import web

from tailer.outbound.answer import Accepted, Retry
from tests.fakehec import FakeHec
from tests.ship.making import Ticking
from tests.ship.test_splunk import pushed, told


async def test_a_push_is_taken_only_once_the_indexers_have_it() -> None:
    ticking = Ticking()
    async with FakeHec(acks=4) as hec:
        assert await pushed(hec.url, ticking.clock()) == Accepted()
        assert hec.questions == 4
    assert ticking.slept == [0.1, 0.1, 0.1, 0.1]


class Restarting(FakeHec):
    """Forgets the id of every push that it has taken."""

    def _issue(self, channel: str) -> int:
        number = super()._issue(channel)
        self.restart()
        return number


@pytest.mark.parametrize("hec", [FakeHec(acks=-1), Restarting(acks=1)], ids=["never", "restarted"])
async def test_what_is_not_acknowledged_in_five_minutes_is_sent_again(hec: FakeHec) -> None:
    """Never said, or forgotten at a restart of the collector: both look alike."""
    ticking = Ticking()
    async with hec:
        answer = await pushed(hec.url, ticking.clock())
    assert answer == Retry("unacknowledged", None, "no acknowledgement within 300 s: not indexed")
    assert sum(ticking.slept) == pytest.approx(300)
    assert max(ticking.slept) == 5


async def test_trouble_while_asking_is_waited_out() -> None:
    async with FakeHec(acks=1) as hec:
        hec.ack_script = [503, "reset", (429, {}), 200]
        assert await pushed(hec.url, Ticking().clock()) == Accepted()
        assert hec.questions == 4


async def test_who_cannot_be_asked_is_no_one_to_wait_for() -> None:
    async with FakeHec(acks=1) as hec:
        hec.ack_script = [404]
        answer = await pushed(hec.url, Ticking().clock())
    assert answer == Retry("unacknowledged", None, "asked for an acknowledgement: HTTP 404")


async def test_acknowledgement_that_was_switched_off_meanwhile_is_none_to_wait_for() -> None:
    async with FakeHec(acks=1) as hec:
        hec.ack_script = [(400, {}, told(14))]
        assert await pushed(hec.url, Ticking().clock()) == Accepted()


async def test_a_token_that_wants_acknowledgement_says_so_where_it_was_switched_off() -> None:
    async with FakeHec(acks=1) as hec:
        answer = await pushed(hec.url, acknowledge="never")
    assert isinstance(answer, Retry)
    assert answer.reason == "disallowed"
    assert "splunk.acknowledge" in answer.detail


async def test_questions_reach_the_server_that_took_the_push_by_the_cookie_of_a_load_balancer() -> None:
    seen: list[str | None] = []

    async def collector(request: web.Request) -> web.Response:
        seen.append(request.cookies.get("server"))
        asks = request.path.endswith("/ack")
        answer = web.json_response({"acks": {"0": True}} if asks else {"text": "Success", "code": 0, "ackId": 0})
        answer.set_cookie("server", "b")
        return answer

    app = web.Application()
    app.router.add_post("/{path:.*}", collector)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        answer = await pushed(f"http://127.0.0.1:{runner.addresses[0][1]}", Ticking().clock())
    finally:
        await runner.cleanup()
    assert answer == Accepted()
    assert seen == [None, "b"]
