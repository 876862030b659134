"""`explain --suggest`: what it prints works when it is given to `--config`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.offline import CALL, NOISE, objects, run_explain, write
from tests.reading.lines import BODY, REQUEST, TIME_NS, USAGE, text

Capture = pytest.CaptureFixture[str]
COUNT = 12


def at(number: int) -> int:
    return TIME_NS // 10**6 + number * 1000


def deep(number: int) -> list[object]:
    """An application that keeps everything in places of its own; the time is a text of another name."""
    span = {"spent": 1800 + number, "vendorElapsed": 900_000 + number}
    reply = {**BODY, "id": f"chatcmpl-{number}"}
    trade = {"ask": REQUEST, "reply": text(reply), "when": {"writtenAt": at(number)}, "span": span}
    return [NOISE, {"app": "web", "trade": trade}]


def two_lines(number: int) -> list[object]:
    """Question and answer apart, joined by an id of another name."""
    return [
        {"kind": "q", "exchangeRef": f"x{number}", "writtenAt": at(number), "out": {"payload": REQUEST}},
        {"kind": "a", "exchangeRef": f"x{number}", "writtenAt": at(number) + 700, "in": {"payload": BODY}},
    ]


def in_a_container(number: int) -> list[object]:
    line = {"writtenAt": at(number), "trade": {"reply": BODY, "took": 1500 + number}}
    return [{"log": text(line) + "\n", "stream": "stdout", "time": "2026-11-20T17:00:09.5Z"}]


LOGS = {"deep": deep, "two lines": two_lines, "in a container": in_a_container}


def suggested(capsys: Capture, path: str, *flags: str, status: int = 0) -> str:
    assert run_explain(path, "--suggest", *flags) == status
    return capsys.readouterr().out


def explained(capsys: Capture, path: str, *flags: str) -> list[dict[str, Any]]:
    assert run_explain(path, "--format", "json", *flags) == 0
    return [call for line in objects(capsys.readouterr().out) for call in line["calls"]]


@pytest.mark.parametrize("shape", LOGS)
def test_the_section_makes_a_log_of_an_unknown_form_readable(tmp_path: Path, capsys: Capture, shape: str) -> None:
    path = write(tmp_path / "a.log", [line for number in range(COUNT) for line in LOGS[shape](number)])
    config = tmp_path / "tokentail.yaml"
    config.write_text(suggested(capsys, path))
    calls = explained(capsys, path, "--config", str(config))
    assert len(calls) == COUNT
    for number, call in enumerate(calls):
        assert (call["model"], call["input_tokens"]) == ("gpt-4o-2024-08-06", 1523)
        assert 0.5 < call["duration_seconds"] < 5, number
        assert call["timestamp"].startswith("2026-11-20T17:0")
    if shape != "in a container":
        assert {call["request_model"] for call in calls} == {"gpt-4o"}


def test_a_duration_in_the_wrong_unit_is_given_its_unit(tmp_path: Path, capsys: Capture) -> None:
    lines = [{**CALL, "duration": 1843 + number} for number in range(COUNT)]
    for line in lines:
        del line["duration_ms"]
    said = yaml.safe_load(suggested(capsys, write(tmp_path / "a.log", lines)))
    assert said == {"fields": {"duration": "duration", "duration_unit": "ms"}}


def test_a_duration_that_is_called_by_its_unit_is_given_it(tmp_path: Path, capsys: Capture) -> None:
    lines = [{"at": {"reply": BODY}, "ms": 1800 + number} for number in range(COUNT)]
    said = yaml.safe_load(suggested(capsys, write(tmp_path / "a.log", lines)))
    assert said == {"fields": {"response": "at.reply", "duration": "ms", "duration_unit": "ms"}}


def test_where_finding_is_enough_nothing_is_to_be_configured(tmp_path: Path, capsys: Capture) -> None:
    out = suggested(capsys, write(tmp_path / "a.log", [CALL | {"request_id": f"r{n}"} for n in range(COUNT)]))
    assert yaml.safe_load(out) is None
    told = "12 calls with tokens: 12 with a model, 12 with a duration, 12 with a request id, 12 with a request's model"
    assert f"# nothing to configure: {told}; 12 lines with a time" in out
    assert "gpt-4o-2024-08-06, 1,523 in (1,024 cached_input) + 212 out tokens, 1.843 s, 2026-11-20T17:00:07.123Z" in out


def test_a_log_without_calls_says_so_and_fails(tmp_path: Path, capsys: Capture) -> None:
    out = suggested(capsys, write(tmp_path / "a.log", [NOISE] * 3), status=1)
    assert yaml.safe_load(out) is None
    assert "nothing in there looks like a call" in out
    usage = {"what": {"tok": {"tokens_used": 12, "token_price": 3}}}
    out = suggested(capsys, write(tmp_path / "b.log", [usage] * 3), status=1)
    assert "a usage at what.tok" in out


def test_usage_in_a_prompt_is_not_suggested(tmp_path: Path, capsys: Capture) -> None:
    lines = [{"messages": [{"content": {"response": BODY}}], "prompt": {"usage": USAGE}} for _ in range(3)]
    suggested(capsys, write(tmp_path / "a.log", lines), status=1)


def test_a_path_that_yaml_would_misread_is_quoted(tmp_path: Path, capsys: Capture) -> None:
    lines = [{"trade: x": {"#1": BODY}, "took_ms": 5 + number} for number in range(3)]
    said = yaml.safe_load(suggested(capsys, write(tmp_path / "a.log", lines)))
    assert said["fields"]["response"] == "trade: x.#1"
    assert json.dumps(said)
