"""One push to a collector over real HTTP: where it goes, who it says it is, what each answer is taken for."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tailer.config import Config, SplunkOptions
from tailer.outbound.answer import Accepted, Answer, Refused, Reply, Retry, TooLarge
from tailer.outbound.pusher import Clock
from tailer.ship import splunk_answers
from tailer.ship.splunk import Splunk, collector_url
from tests.fakehec import FakeHec
from tests.fakehec_wire import WORDS
from tests.fakereceiver import Step
from tests.ship.making import NOON_NS, entry
from tests.ship.splunking import TOKEN, config

STATE = "/nowhere"


async def pushed(url: str, clock: Clock | None = None, **options: Any) -> Answer:
    async with Splunk(config(url, STATE, **options), clock) as splunk:
        return await splunk.push(splunk.encode([entry(1)]))


@pytest.mark.parametrize(
    "given",
    [
        "https://splunk:8088",
        "https://splunk:8088/",
        "https://splunk:8088/services/collector",
        "https://splunk:8088/services/collector/",
        "https://splunk:8088/services/collector/event",
        "https://splunk:8088/services/collector/event/1.0",
        "https://splunk:8088/services/collector/raw",
    ],
)
def test_a_base_url_and_those_of_endpoints_mean_the_same_collector(given: str) -> None:
    assert collector_url(given, "event") == "https://splunk:8088/services/collector/event"
    assert collector_url(given, "ack") == "https://splunk:8088/services/collector/ack"


def test_a_path_before_the_collectors_stays() -> None:
    assert collector_url("http://x/logs/", "event") == "http://x/logs/services/collector/event"


async def test_a_push_arrives_packed_with_the_token_and_a_channel() -> None:
    async with FakeHec(token=TOKEN) as hec:
        assert await pushed(hec.url, headers={"X-Team": "a"}) == Accepted()
    (request,) = hec.requests
    assert request.path == "/services/collector/event"
    assert request.headers["Authorization"] == f"Splunk {TOKEN}"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Content-Encoding"] == "gzip"
    assert request.headers["X-Team"] == "a"
    assert len(request.headers["X-Splunk-Request-Channel"]) == 36
    assert hec.lines() == ["{}"]


async def test_no_channel_goes_out_where_no_acknowledgement_is_wanted() -> None:
    async with FakeHec() as hec:
        assert await pushed(hec.url, acknowledge="never") == Accepted()
    assert "X-Splunk-Request-Channel" not in hec.requests[0].headers


def test_the_same_entries_are_the_same_body_in_every_process() -> None:
    setting = config("http://127.0.0.1:9", STATE)
    first, second = (Splunk(setting).encode([entry(1), entry(2)]) for _ in range(2))
    assert first == second
    assert first.data[4:8] == bytes(4), "no time of packing"
    assert gzip.decompress(first.data).count(b"\n") == 1


def test_the_host_is_this_machine_unless_it_is_named() -> None:
    def host(**options: Any) -> str:
        sent = Splunk(config("http://127.0.0.1:9", STATE, **options)).encode([entry(1)])
        return str(json.loads(gzip.decompress(sent.data))["host"])

    assert host(host="node-7") == "node-7"
    assert host(host=None)


async def test_the_token_comes_from_a_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    monkeypatch.setenv("HEC", TOKEN)
    async with FakeHec(token=TOKEN) as hec:
        assert await pushed(hec.url, token=None, token_file=str(tmp_path / "token")) == Accepted()
        assert await pushed(hec.url, token="env:HEC") == Accepted()


def test_no_secret_is_ever_shown() -> None:
    setting = config("http://127.0.0.1:9", STATE, token="hidden-1")
    splunk = Splunk(setting)
    credentials = splunk._post._credentials
    assert "hidden" not in repr(setting) + repr(splunk) + repr(splunk._post) + repr(vars(credentials))


def told(code: int, **more: int) -> str:
    return json.dumps({"text": WORDS[code], "code": code, **more})


def judged(status: int, text: str = "", content_type: str = "application/json") -> Answer:
    return splunk_answers.judge(Reply(status, text, content_type), NOON_NS)


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (403, 1, "unauthorized"),
        (401, 2, "unauthorized"),
        (401, 3, "unauthorized"),
        (403, 4, "unauthorized"),
        (400, 5, "unexpected_answer"),
        (400, 7, "disallowed"),
        (500, 8, "server_error"),
        (503, 9, "server_error"),
        (400, 10, "disallowed"),
        (400, 11, "disallowed"),
        (400, 16, "disallowed"),
        (503, 18, "server_error"),
        (503, 19, "server_error"),
        (503, 20, "server_error"),
        (400, 21, "unauthorized"),
        (400, 22, "unauthorized"),
        (503, 23, "server_error"),
        (429, 24, "rate_limited"),
        (429, 25, "rate_limited"),
        (429, 26, "rate_limited"),
        (429, 27, "rate_limited"),
        (400, 28, "disallowed"),
    ],
)
def test_what_lies_at_the_token_a_setting_or_the_load_is_waited_for(status: int, code: int, reason: str) -> None:
    answer = judged(status, told(code))
    assert isinstance(answer, Retry)
    assert answer.reason == reason
    assert answer.detail.startswith(f"HTTP {status}, code {code}")


@pytest.mark.parametrize(
    ("code", "kind"), [(6, "invalid_format"), (12, "no_event"), (13, "blank_event"), (15, "invalid_fields")]
)
def test_what_lies_at_an_event_is_refused_and_only_that_event_is_doomed(code: int, kind: str) -> None:
    text = told(code, **{"invalid-event-number": 2})
    assert judged(400, text) == Refused(400, text)
    assert splunk_answers.kind(text) == kind
    assert splunk_answers.doomed(range(4), text) == [False, False, True, False]
    assert not splunk_answers.took_the_rest(text), "those after it are not indexed"


@pytest.mark.parametrize("code", [6, 13])
def test_a_fault_at_event_0_may_be_that_of_the_whole_body(code: int) -> None:
    first = told(code, **{"invalid-event-number": 0})
    assert splunk_answers.doomed(range(3), first) == [False] * 3
    assert splunk_answers.doomed(range(1), first) == [True]


@pytest.mark.parametrize("text", [told(6), told(6, **{"invalid-event-number": 9}), "no JSON", "[1]", ""])
def test_words_that_name_no_event_of_the_push_doom_none(text: str) -> None:
    assert not any(splunk_answers.doomed(range(3), text))


@pytest.mark.parametrize(
    ("status", "text", "content_type", "expected"),
    [
        (200, told(0), "application/json", Accepted()),
        (200, '"OK"', "application/json", Accepted()),
        (200, "", "", Accepted()),
        (200, "<html>", "text/html", Retry("unexpected_answer", None, "HTTP 200 with a page")),
        (400, "<html>", "text/html", Retry("unexpected_answer", None, "HTTP 400 with a page")),
        (200, '{"text":"?","code":99}', "application/json", Retry("unexpected_answer", None, "HTTP 200, code 99")),
        (413, "too large", "text/plain", TooLarge(413, "too large")),
        (415, "<html>", "text/html", Retry("unexpected_status", None, "HTTP 415")),
        (400, "who knows", "text/plain", Retry("unexpected_status", None, "HTTP 400")),
        (404, '{"text":"not found","code":404}', "application/json", Retry("not_found", None, "HTTP 404, code 404")),
    ],
)
def test_other_answers(status: int, text: str, content_type: str, expected: Answer) -> None:
    assert judged(status, text, content_type) == expected


@pytest.mark.parametrize(
    ("step", "reason"), [("reset", "connection"), (503, "server_error"), ((307, {"Location": "http://x/"}), "redirect")]
)
async def test_trouble_on_the_way_is_waited_for(step: Step, reason: str) -> None:
    async with FakeHec([step]) as hec:
        answer = await pushed(hec.url)
    assert isinstance(answer, Retry)
    assert answer.reason == reason


def test_without_a_url_there_is_no_sink() -> None:
    with pytest.raises(ValueError, match="splunk_url"):
        Splunk(Config(splunk=SplunkOptions(token=TOKEN)))
