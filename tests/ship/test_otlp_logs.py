"""One push of log records over real HTTP: what is sent, and what each way of answering is taken for."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsPartialSuccess, ExportLogsServiceResponse
from structlog.testing import capture_logs

from tailer.config import Config, OtlpLogsOptions
from tailer.config.schema import Privacy
from tailer.outbound.answer import Accepted, Answer, PartlyTaken, Refused, Reply, Retry, TooLarge
from tailer.ship.deadletter import DeadLetters
from tailer.ship.deadletter_resend import Resender, Resent, letters_of
from tailer.ship.otlp_logs import OtlpLogs, judge, push_url
from tests.cli.test_deadletters import ended
from tests.fakeotlp import PROTOBUF, FakeOtlp, Record
from tests.fakereceiver import Step
from tests.ship.making import NOON_NS, Shipping, config_of, entry, line
from tests.ship.test_sender import closed_source, expected

SINK = "otlp_logs"
WORDS = "record 3: attribute too long"


def status(words: str) -> bytes:
    """A google.rpc.Status with the code 3 and these words."""
    return b"\x08\x03\x12" + bytes((len(words),)) + words.encode()


def partial(rejected: int, words: str) -> bytes:
    inside = ExportLogsPartialSuccess(rejected_log_records=rejected, error_message=words)
    return ExportLogsServiceResponse(partial_success=inside).SerializeToString()


def binary(status: int, data: bytes = b"", **more: Any) -> Reply:
    return Reply(status, data.decode("utf-8", "replace"), PROTOBUF, data=data, **more)


def json(status: int, text: str) -> Reply:
    return Reply(status, text, "application/json; charset=utf-8", data=text.encode())


def plain(status: int, text: str) -> Reply:
    return Reply(status, text, "text/plain", data=text.encode())


async def pushed(url: str, privacy: Privacy | None = None, **options: Any) -> Answer:
    setting = Config(otlp_logs_url=url, otlp_logs=OtlpLogsOptions(**options), privacy=privacy or Privacy())
    async with OtlpLogs(setting) as sink:
        return await sink.push(sink.encode([entry(1)]))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("http://collector:4318", "http://collector:4318/v1/logs"),
        ("http://collector:4318/", "http://collector:4318/v1/logs"),
        ("http://loki:3100/otlp", "http://loki:3100/otlp/v1/logs"),
        ("http://collector:4318/v1/logs", "http://collector:4318/v1/logs"),
        ("http://collector:4318/v1/logs/", "http://collector:4318/v1/logs"),
    ],
)
def test_a_base_url_and_a_full_one_mean_the_same(given: str, meant: str) -> None:
    assert push_url(given) == meant


@pytest.mark.parametrize(("compression", "encoding"), [("gzip", "gzip"), ("none", None)])
async def test_a_push_says_how_it_is_packed(compression: str, encoding: str | None) -> None:
    async with FakeOtlp() as fake:
        assert await pushed(fake.url, compression=compression, headers={"X-Team": "a"}, bearer_token="t") == Accepted()
    (request,) = fake.requests
    assert request.path == "/v1/logs"
    assert (request.headers["Content-Type"], request.headers.get("Content-Encoding")) == (PROTOBUF, encoding)
    assert (request.headers["X-Team"], request.headers["Authorization"]) == ("a", "Bearer t")
    assert fake.lines() == ["{}"]


def test_gzip_has_no_time_in_it() -> None:
    body = OtlpLogs(Config(otlp_logs_url="http://x")).encode([entry(1)])
    assert body.data[4:8] == b"\0\0\0\0"
    assert (
        gzip.decompress(body.data)
        == OtlpLogs(Config(otlp_logs_url="http://x", otlp_logs=OtlpLogsOptions(compression="none")))
        .encode([entry(1)])
        .data
    )


ANSWERS: list[tuple[Reply, Answer]] = [
    (binary(200), Accepted()),
    (binary(200, partial(0, "a field is deprecated")), Accepted()),
    (binary(200, partial(3, WORDS)), PartlyTaken(3, 200, WORDS)),
    (binary(200, partial(-1, WORDS)), Accepted()),
    (binary(200, b"\xff\xff"), Accepted()),
    (json(200, "{}"), Accepted()),
    (json(200, '{"partialSuccess":{}}'), Accepted()),
    (json(200, '{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"x"}}'), PartlyTaken(3, 200, "x")),
    (json(200, '{"partialSuccess":{"rejectedLogRecords":3}}'), PartlyTaken(3, 200, "")),
    (json(200, '{"partialSuccess":[1]}'), Accepted()),
    (json(200, '{"partialSuccess":{"rejectedLogRecords":"many"}}'), Accepted()),
    (json(200, "[]"), Accepted()),
    (json(200, "{"), Accepted()),
    (plain(200, "ok"), Accepted()),
    (plain(202, ""), Accepted()),
    (Reply(204, ""), Accepted()),
    (Reply(200, "<html>", "text/html"), Retry("unexpected_answer", None, "HTTP 200")),
    (Reply(400, "<html>", "text/html"), Retry("unexpected_answer", None, "HTTP 400")),
    (binary(400, status(WORDS)), Refused(400, WORDS)),
    (json(400, '{"code":3,"message":"bad"}'), Refused(400, "bad")),
    (json(400, "no JSON"), Refused(400, "no JSON")),
    (plain(400, "bad"), Refused(400, "bad")),
    (binary(422, status("bad")), Refused(422, "bad")),
    (binary(413, status("too much")), TooLarge(413, "too much")),
    (Reply(413, "", "text/html"), TooLarge(413, "")),
    (binary(400, status("http: request body too large")), TooLarge(400, "http: request body too large")),
    (plain(500, "message larger than max (9 vs. 4)"), TooLarge(500, "message larger than max (9 vs. 4)")),
    (binary(400, status("but this feature is disallowed.")), Retry("disallowed", None, "HTTP 400")),
    (Reply(401, ""), Retry("unauthorized", None, "HTTP 401")),
    (Reply(403, ""), Retry("unauthorized", None, "HTTP 403")),
    (Reply(404, "404 page not found"), Retry("not_found", None, "HTTP 404")),
    (Reply(415, ""), Retry("unexpected_status", None, "HTTP 415")),
    (Reply(429, "", "", "7"), Retry("rate_limited", 7.0, "HTTP 429", divide=True)),
    (Reply(500, ""), Retry("server_error", None, "HTTP 500")),
    (Reply(502, "<html>", "text/html"), Retry("server_error", None, "HTTP 502", divide=True)),
    (binary(503, status("queue is full"), retry_after="2"), Retry("server_error", 2.0, "HTTP 503")),
    (Reply(504, ""), Retry("server_error", None, "HTTP 504", divide=True)),
    (Reply(302, ""), Retry("redirect", None, "HTTP 302")),
    (Reply(206, ""), Retry("unexpected_status", None, "HTTP 206")),
]  # fmt: skip


@pytest.mark.parametrize(("reply", "expected"), ANSWERS, ids=lambda value: str(value)[:40])
def test_an_answer_means(reply: Reply, expected: Answer) -> None:
    assert judge(reply, NOON_NS) == expected


async def test_the_words_of_a_refusal_come_through_as_they_are() -> None:
    """In a binary answer: what is read as text first would lose them."""
    async with FakeOtlp(refuse=lambda _: WORDS) as fake:
        assert await pushed(fake.url) == Refused(400, WORDS)


def rejecting(*numbers: int) -> FakeOtlp:
    texts = {line(number).decode() for number in numbers}
    return FakeOtlp(reject=lambda record: WORDS if record.line in texts else None)


async def test_what_was_taken_in_part_is_not_sent_again_but_set_aside_with_the_words(tmp_path: Path) -> None:
    async with rejecting(23) as fake:
        shipping = Shipping(closed_source(60), config_of(SINK, fake.url, str(tmp_path), batch_entries=20))
        with capture_logs() as logs:
            await shipping.run()
        assert len(fake.requests) == 3
        assert fake.duplicates == 0
        assert fake.lines() == [text for text in expected(60) if text != line(23).decode()]
    outcomes = ("accepted", "refused", "doubtful")
    assert [shipping.entries(outcome) for outcome in outcomes] == [40, 0, 20]
    assert shipping.source.marks[1][1] == 60
    letters = [orjson.loads(it) for it in (tmp_path / "dead-letters-otlp_logs.jsonl").read_bytes().splitlines()]
    assert [letter["text"] for letter in letters] == expected(60)[20:40]
    assert {(letter["reason"], letter["kind"], letter["status"]) for letter in letters} == {
        (WORDS, "partly_taken", 200)
    }
    (said,) = [it for it in logs if it["event"] == "entries_refused"]
    assert (said["sink"], said["kind"]) == (SINK, "partly_taken")


async def test_where_all_of_a_push_is_rejected_there_is_no_doubt(tmp_path: Path) -> None:
    async with rejecting(*range(5)) as fake:
        shipping = Shipping(closed_source(10), config_of(SINK, fake.url, str(tmp_path), batch_entries=5))
        await shipping.run()
        assert len(fake.requests) == 2
    assert (shipping.entries("refused"), shipping.entries("doubtful"), shipping.entries("accepted")) == (5, 0, 5)


async def resent(directory: Path, fake: FakeOtlp) -> Resent:
    shipping = Shipping(closed_source(0), config_of(SINK, fake.url, str(directory)))
    letters = DeadLetters(str(directory), 10_000_000, sink=SINK)
    async with shipping.sink as sink:
        resender = Resender(letters, sink, shipping.telemetry, shipping.ticking.clock())
        return await resender.run(list(letters_of(letters.lines())))


async def test_what_is_in_doubt_is_known_one_by_one_when_it_is_sent_again(tmp_path: Path) -> None:
    async with rejecting(3, 4) as fake:
        await Shipping(closed_source(10), config_of(SINK, fake.url, str(tmp_path))).run()
        assert await resent(tmp_path, fake) == Resent(8, 2)
        assert await resent(tmp_path, fake) == Resent(0, 2)
        assert len(fake.requests) == 1 + (1 + 10) + 1
        fake.reject = None
        assert await resent(tmp_path, fake) == Resent(2, 0)
        assert sorted(fake.lines()) == sorted(expected(10))


async def test_a_warning_is_said_once_and_nothing_of_it_where_privacy_is_on() -> None:
    async with FakeOtlp(warning="x" * 1000) as fake:
        setting = Config(otlp_logs_url=fake.url)
        with capture_logs() as logs:
            async with OtlpLogs(setting) as sink:
                for _ in range(3):
                    assert await sink.push(sink.encode([entry(1)])) == Accepted()
        assert [it["event"] for it in logs] == ["otlp_logs_warned"]
        assert logs[0]["words"] == "x" * 200
        with capture_logs() as logs:
            await pushed(fake.url, Privacy(content="drop"))
    assert logs[0]["words"] == ""


async def test_loki_behind_otlp_is_understood_by_its_words(tmp_path: Path) -> None:
    """It takes the good records of a push that it refuses, and tells the time before which all are too old."""
    old = "entry for stream '{}' has timestamp too old: x, oldest acceptable timestamp is: 2026-05-28T20:26:41Z"
    young = line(1000).decode()
    script: list[Step] = [(400, {}, old), 200]
    source = closed_source(0)
    source.append(1, [*(line(number) for number in range(50)), line(1000)])
    async with FakeOtlp(script) as fake:
        shipping = Shipping(source, config_of(SINK, fake.url, str(tmp_path)))
        await shipping.run()
        assert fake.lines() == [young]
        assert len(fake.requests) == 2
    assert shipping.entries("refused") == 50


async def test_what_privacy_masks_in_numbers_stops_nothing(tmp_path: Path) -> None:
    async with FakeOtlp() as fake:
        privacy = Privacy(mask_patterns={"digits": "[0-9]"})
        await Shipping(closed_source(3), config_of(SINK, fake.url, str(tmp_path), privacy)).run()
        assert all("masked" in str(dict(it.attributes)["gen_ai.usage.input_tokens"]) for it in fake.records())


def resource(record: Record) -> dict[str, object]:
    return dict(record.resource)


async def test_the_environment_and_the_configuration_say_who_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "k8s.pod.name=shop-1,service.name=a,service.version=1%2C2")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "b")
    async with FakeOtlp() as fake:
        setting = Config(otlp_logs_url=fake.url, resource={"deployment.environment.name": "prod"}, state_dir="/s")
        async with OtlpLogs(setting) as sink:
            await sink.push(sink.encode([entry(1)]))
        found = resource(fake.records()[0])
    assert found.pop("service.instance.id")
    assert found == {
        "deployment.environment.name": "prod",
        "host.name": os.uname().nodename,
        "k8s.pod.name": "shop-1",
        "service.name": "b",
        "service.version": "1,2",
    }
    assert list(found) == sorted(found)


def test_a_fault_in_the_environment_is_said_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "k8s.pod.name=%zz-secret")
    with capture_logs() as logs:
        OtlpLogs(Config(otlp_logs_url="http://x"))
    (said,) = logs
    assert said["event"] == "resource_attributes_discarded"
    assert "OTEL_RESOURCE_ATTRIBUTES" in said["reason"]
    assert "secret" not in repr(said)


def test_nobody_else_pays_for_protobuf() -> None:
    program = "import sys, tailer.ship.sinks, tailer.service; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert not {"google.protobuf", "opentelemetry.proto"} & set(loaded)


async def test_dead_letters_are_listed_and_sent_again_by_command(tmp_path: Path) -> None:
    async with rejecting(3) as fake:
        await Shipping(closed_source(5), config_of(SINK, fake.url, str(tmp_path))).run()
        _, out, _ = await ended(tmp_path, "list", "--sink", SINK)
        assert "5 dead letters: 5 partly_taken" in out
        assert WORDS in out
        code, out, _ = await ended(tmp_path, "resend", "--sink", SINK, "--otlp-logs-url", fake.url)
    assert (code, out) == (1, "4 accepted and deleted, 1 refused again and kept\n")
    assert dead_texts(tmp_path) == [line(3).decode()]


def dead_texts(directory: Path) -> list[str]:
    return [orjson.loads(it)["text"] for it in (directory / "dead-letters-otlp_logs.jsonl").read_bytes().splitlines()]
