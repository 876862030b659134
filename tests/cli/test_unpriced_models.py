"""`tokentail prices check`: the models of a log that have no price, as it is called."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tailer.__main__ import main

Capture = pytest.CaptureFixture[str]


def line(model: str, request_model: str | None = None) -> str:
    usage = {"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010}
    body = {"id": "chatcmpl-1", "object": "chat.completion", "model": model, "choices": [], "usage": usage}
    return json.dumps({"request": {"model": request_model or model, "messages": []}, "response": body})


@pytest.fixture
def log(tmp_path: Path) -> str:
    path = tmp_path / "app.log.gz"
    lines = [line("gpt-4o"), *[line("llama-ours")] * 3, line("evil\x1b[2J"), '{"event": "started"}']
    path.write_bytes(gzip.compress("\n".join([*lines, ""]).encode()))
    return str(path)


def test_models_without_a_price_are_named_with_their_calls(log: str, capsys: Capture) -> None:
    assert main(["prices", "check", log]) == 1
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "openai  llama-ours   3 calls without a price",
        "openai  evil\\x1b[2J  1 call without a price",
    ]
    assert "--model-alias" in told.err


def test_a_log_whose_models_all_have_a_price_is_fine(log: str, tmp_path: Path, capsys: Capture) -> None:
    """With a price file before or after the word, and an alias."""
    prices = tmp_path / "own.yaml"
    prices.write_text("- {model: llama-*, input: 1, output: 1}\n")
    alias = ["--model-alias", "evil*=gpt-4o"]
    assert main(["prices", "check", log, "--prices", str(prices), *alias]) == 0
    assert main(["prices", "--prices", str(prices), "check", log, *alias]) == 0
    assert "All 5 measured calls have a price." in capsys.readouterr().out


def test_the_configuration_s_own_prices_count(log: str, tmp_path: Path) -> None:
    prices, config = tmp_path / "own.yaml", tmp_path / "tokentail.yaml"
    prices.write_text("- {model: '*', input: 1, output: 1}\n")
    config.write_text(json.dumps({"prices": [str(prices)], "paths": ["/var/log/app.log"]}))
    assert main(["prices", "check", "--config", str(config), log]) == 0


def test_bad_usage_and_files_that_cannot_be_read(tmp_path: Path, capsys: Capture) -> None:
    assert main(["prices", "check", str(tmp_path / "nothing.log")]) == 1
    assert "nothing.log" in capsys.readouterr().err
    (tmp_path / "own.yaml").write_text("- {model: a, input: x}\n")
    assert main(["prices", "check", str(tmp_path / "x.log"), "--prices", str(tmp_path / "own.yaml")]) == 2


def test_what_else_decides_the_price_is_named(tmp_path: Path, capsys: Capture) -> None:
    """A known model can be bought in a way that nobody has published a price for."""
    known = json.loads(line("gpt-4o"))
    known["response"]["service_tier"] = "scale"
    usage = {"input_tokens": 30, "output_tokens": 5, "server_tool_use": {"web_search_requests": 2}}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-3-haiku-20240307"}
    searched = {"response": {**message, "content": [], "usage": {**usage, "inference_geo": "mars"}}}
    path = tmp_path / "app.log"
    path.write_text(json.dumps(known) + "\n" + json.dumps(searched) + "\n")
    assert main(["prices", "check", str(path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "openai     gpt-4o (tier scale)                                  1 call without a price",
        "anthropic  claude-3-haiku-20240307 (region mars, web searches)  1 call without a price",
    ]


def test_a_model_with_a_price_is_not_blamed_for_a_count_that_could_not_be_believed(
    tmp_path: Path, capsys: Capture
) -> None:
    odd = json.loads(line("gpt-4o"))
    odd["response"]["usage"]["prompt_tokens"] = "many"
    path = tmp_path / "app.log"
    path.write_text(json.dumps(odd) + "\n")
    assert main(["prices", "check", str(path)]) == 1
    assert capsys.readouterr().out == "openai  gpt-4o (input tokens unknown)  1 call without a price\n"
