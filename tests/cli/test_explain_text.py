"""`explain` for people: the facts beneath each line, the summary, and what to configure where nothing was found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailer.config import Config, Fields
from tailer.config.loading import load
from tests.cli.offline import ANSWERED, ASKED, CALL, FAILURE, NO_RESPONSE, NOISE, UNPRICED, run_explain, write
from tests.reading.lines import BODY, REQUEST, TIME, text

Capture = pytest.CaptureFixture[str]
UNTIMED = {key: value for key, value in BODY.items() if key != "created"}
HIDDEN_CALL = {
    "when": TIME,
    "x": {"exchange": {"answer": UNTIMED, "question": REQUEST, "perf": {"total_ms": 1843}}, "correlation_id": "c-1"},
}


def explain(capsys: Capture, path: str, *flags: str) -> list[str]:
    assert run_explain(path, *flags) == 0
    return capsys.readouterr().out.splitlines()


def test_a_call_shows_who_how_much_how_long_and_from_where(tmp_path: Path, capsys: Capture) -> None:
    """Paths as they would stand in the configuration; the content itself is not shown."""
    lines = explain(capsys, write(tmp_path / "a.log", [CALL | {"tenant": "acme"}]), "--dimension", "tenant=tenant")
    bodies = "request, response, usage: response.usage"
    assert [line.strip() for line in lines[:6]] == [
        "1  call      request_response > openai_chat",
        "openai gpt-4o-2024-08-06 (asked for gpt-4o), chat, tier default, success",
        "1,523 in (1,024 cached_input) + 212 out tokens, 0.0046475 USD estimated",
        f"1.843 s, {TIME}, request req_1",
        f"from timestamp: ts = {TIME}, duration: duration_ms = 1843, request_id = req_1, {bodies}",
        "labels tenant = acme",
    ]
    assert "Paris" not in "".join(lines)
    assert "France" not in "".join(lines)


def test_the_summary_counts_lines_calls_wrappers_and_parsers(tmp_path: Path, capsys: Capture) -> None:
    """And what is not known of the calls."""
    log = [CALL, FAILURE, UNPRICED, NO_RESPONSE, NOISE, "Traceback"]
    lines = explain(capsys, write(tmp_path / "a.log", log))
    assert lines[lines.index("") + 1 :] == [
        "6 lines: 3 call, 1 part, 1 not_llm, 1 bad_json",
        "4 calls: 2 errors, 3,046 in + 424 out tokens, 0.0046475 USD",
        "wrappers: logger 3, request_response 2",
        "parsers: openai_chat 2, any_error 1, any_request 1",
        "not known: duration of 3, price of 1, usage of 1 of 4 calls",
    ]


def test_a_part_says_what_it_waits_for(tmp_path: Path, capsys: Capture) -> None:
    """And that nothing joins it where it has no id."""
    told = "\n".join(explain(capsys, write(tmp_path / "a.log", [ASKED, ANSWERED[0], {"ts": TIME, "request": REQUEST}])))
    assert "a request, its answer is on another line, joined by req_2" in told
    assert "a piece of a stream, joined by req_2" in told
    assert "but nothing to join it by: set fields.request_id" in told


def test_an_unknown_price_is_said_and_an_odd_value_too(tmp_path: Path, capsys: Capture) -> None:
    told = "\n".join(explain(capsys, write(tmp_path / "a.log", [UNPRICED, CALL | {"duration_ms": "soon"}])))
    assert "house-llm-7b" in told
    assert "no price known, give one with --prices FILE" in told
    assert "! duration_ms: expected a duration, got 'soon'" in told


def test_where_nothing_is_found_the_line_tells_what_to_configure(tmp_path: Path, capsys: Capture) -> None:
    """And with exactly that in the configuration the line gives the call."""
    path = write(tmp_path / "a.log", [HIDDEN_CALL, NOISE])
    lines = [line.strip() for line in explain(capsys, path)]
    start = lines.index("fields:")
    assert lines[start + 1 : start + 8] == [
        "request: x.exchange.question",
        "response: x.exchange.answer",
        "timestamp: when",
        "duration: x.exchange.perf.total_ms",
        "duration_unit: ms",
        "request_id: x.correlation_id",
        "and the line gives: call, gpt-4o-2024-08-06, 1,523 in (1,024 cached_input) + 212 out tokens",
    ]
    config = tmp_path / "tail.yaml"
    config.write_text("\n  ".join(lines[start : start + 7]))
    loaded = load({"config": str(config)}, {})
    assert loaded.fields == Fields(
        request="x.exchange.question",
        response="x.exchange.answer",
        timestamp="when",
        duration="x.exchange.perf.total_ms",
        duration_unit="ms",
        request_id="x.correlation_id",
    )
    again = explain(capsys, path, "--config", str(config))
    assert again[3].strip() == f"1.843 s, {TIME}, request c-1"


def test_an_answer_as_text_in_an_unknown_place_is_suggested_too(tmp_path: Path, capsys: Capture) -> None:
    lines = [line.strip() for line in explain(capsys, write(tmp_path / "a.log", [{"x": {"raw": text(BODY)}}]))]
    assert "response: x.raw" in lines


def test_the_same_form_of_line_is_advised_on_once(tmp_path: Path, capsys: Capture) -> None:
    lines = explain(capsys, write(tmp_path / "a.log", [HIDDEN_CALL] * 5))
    assert sum("looks like" in line for line in lines) == 1


def test_counts_that_no_parser_knows_need_a_parser(tmp_path: Path, capsys: Capture) -> None:
    """No field can help there, and none is suggested."""
    told = "\n".join(explain(capsys, write(tmp_path / "a.log", [{"llm_stats": {"tokens": 15, "token_price": 3}}])))
    assert "? looks like a usage at llm_stats" in told
    assert "a parser of your own can read it, see --parsers" in told


def test_counts_of_its_own_names_beside_a_model_need_no_more_than_fields(tmp_path: Path, capsys: Capture) -> None:
    line = {"llm_stats": {"tokensIn": 12, "tokensOut": 3, "mdl": "gpt-4o"}, "ts": TIME}
    told = "\n".join(explain(capsys, write(tmp_path / "a.log", [line])))
    assert "? looks like input tokens at llm_stats.tokensIn, output tokens at llm_stats.tokensOut" in told
    assert "model: llm_stats.mdl" in told
    assert "and the line gives: call, gpt-4o, 12 in + 3 out tokens" in told


def test_usage_in_the_content_is_not_even_suggested(tmp_path: Path, capsys: Capture) -> None:
    """A prompt may quote a body."""
    forged = {"conversation": {"messages": [{"role": "user", "content": BODY}], "tools": BODY}}
    assert not any("looks like" in line for line in explain(capsys, write(tmp_path / "a.log", [forged])))


def test_a_log_without_calls_ends_with_what_is_looked_for(tmp_path: Path, capsys: Capture) -> None:
    """The advice is a valid configuration once the paths are real."""
    lines = explain(capsys, write(tmp_path / "a.log", [NOISE] * 3))
    advice = "\n".join(lines[lines.index("No line gave a call. What is looked for:") :])
    assert "response, response_body" in advice
    assert "duration_unit: ms" in advice
    start = advice.index("  fields:")
    for end in ("or, where the line", "`tokentail explain --suggest"):
        (tmp_path / "c.yaml").write_text(advice[start : advice.index(end)].replace("or, where", "# or, where"))
        assert isinstance(load({"config": str(tmp_path / "c.yaml")}, {}), Config)


def test_what_calls_lack_is_suggested_in_the_summary(tmp_path: Path, capsys: Capture) -> None:
    """A duration under a name of the application's own."""
    line = {"response": BODY, "ts": TIME, "stats": {"wallMs": 3, "latency_total_ms": 1843}}
    lines = [line.strip() for line in explain(capsys, write(tmp_path / "a.log", [line]))]
    assert "not known: duration of 1 of 1 call" in lines
    assert lines[-2:] == ["duration: stats.latency_total_ms", "duration_unit: ms"]


def test_names_from_the_log_cannot_steer_the_terminal(tmp_path: Path, capsys: Capture) -> None:
    """Escapes are shown as text, long names are shortened."""
    names = ["evil\x1b[2J\r\n", "long" * 100]
    lines = explain(capsys, write(tmp_path / "a.log", [{"response": {**BODY, "model": name}} for name in names]))
    assert all(line.isprintable() for line in lines)
    assert max(map(len, lines)) < 300
    assert any("evil\\x1b[2J\\r\\n" in line for line in lines)
