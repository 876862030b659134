"""Whatever a body says in place of a count: the call is counted, the bad value is not, and the reason is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.parsers import bodies
from tests.reading.lines import BODY, REQUEST, TIME, USAGE, read, text

CHAT = bodies.chat()
MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5-20250929",
    "content": [{"type": "text", "text": "Paris."}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 6, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 0, "output_tokens": 9},
}
GEMINI: dict[str, Any] = {
    "candidates": [{"content": {"parts": [{"text": "Paris."}], "role": "model"}, "finishReason": "STOP", "index": 0}],
    "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 3, "totalTokenCount": 11},
    "modelVersion": "gemini-2.5-flash",
    "responseId": "resp-1",
}
BODIES = {
    "openai chat": (CHAT, "usage", "prompt_tokens"),
    "openai responses": (bodies.response(), "usage", "input_tokens"),
    "openai embeddings": (bodies.embeddings(), "usage", "prompt_tokens"),
    "anthropic": (MESSAGE, "usage", "input_tokens"),
    "gemini": (GEMINI, "usageMetadata", "promptTokenCount"),
}
NASTY: dict[str, object] = {
    "text": "many",
    "count in a text": "1523",
    "number in a text": "1523x",
    "fraction": 1523.5,
    "negative": -1523,
    "true": True,
    "false": False,
    "implausible": 10**15,
    "beyond 64 bits": 10**30,
    "list": [1523],
    "object": {"tokens": 1523},
}


@pytest.mark.parametrize("api", BODIES)
@pytest.mark.parametrize("kind", NASTY)
def test_a_bad_count_is_not_counted_and_its_call_is(api: str, kind: str) -> None:
    body, block, name = BODIES[api]
    odd = {**body, block: {**body[block], name: NASTY[kind]}}
    reading = read(json.dumps({"ts": TIME, "response": odd, "duration_ms": 12}))
    assert reading.outcome == "bad_usage"
    assert reading.call is not None
    assert reading.call.input_tokens is None
    assert (reading.call.model, reading.call.duration_seconds) == (
        read({"response": body}).call.model,  # type: ignore[union-attr]  # a whole body is a call
        0.012,
    )
    assert any(name in fault for fault in reading.call.faults)
    assert set(reading.call.faults) <= set(reading.warnings)


@pytest.mark.parametrize("api", BODIES)
@pytest.mark.parametrize("usage", [None, [], "lots", 17, True])
def test_a_usage_that_is_no_object_leaves_a_call_without_counts(api: str, usage: object) -> None:
    body, block, _ = BODIES[api]
    call = read({"ts": TIME, "response": {**body, block: usage}}).call
    assert call is not None
    # An embedding writes nothing, whatever its usage says.
    assert (call.input_tokens, call.output_tokens or None, dict(call.details)) == (None, None, {})


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_python_writes_for_no_number_is_no_count_and_not_the_end_of_the_line(word: str) -> None:
    odd = {**CHAT, "usage": {**CHAT["usage"], "prompt_tokens": float(word)}, "logprobs": [float(word)]}
    for line in (json.dumps({"ts": TIME, "response": odd}), text({"ts": TIME, "response": json.dumps(odd)})):
        reading = read(line)
        assert reading.outcome == "bad_usage"
        assert reading.call is not None
        assert (reading.call.input_tokens, reading.call.output_tokens) == (None, 212)
    reading = read(json.dumps({"ts": TIME, "response": BODY, "score": float(word), "duration_ms": float(word)}))
    assert reading.call is not None
    assert (reading.outcome, reading.call.input_tokens, reading.call.duration_seconds) == ("call", 1523, None)
    assert reading.warnings[0] == "not JSON: NaN or Infinity, read as a text"


@pytest.mark.parametrize("number", ["1e400", "-1E+999", "9" * 400, "9" * 400 + ".5", "12345678901234567890e1000"])
def test_a_number_that_no_decoder_takes_costs_only_itself(number: str) -> None:
    odd = text({"ts": TIME, "response": {**BODY, "usage": {**USAGE, "prompt_tokens": "HERE"}}, "score": -1.5e3})
    line = odd.replace('"HERE"', number)
    for whole in (line, text({"message": line})):
        reading = read(whole)
        assert reading.call is not None
        assert (reading.outcome, reading.call.input_tokens, reading.call.output_tokens) == ("bad_usage", None, 212)
    assert read(line).warnings[0] == "not JSON: a number beyond all measure, read as a text"


def test_half_a_character_is_replaced_and_the_line_read() -> None:
    note = r"cut \ud83d, whole \ud83d\ude00, no escape \\ud83d"
    line = text({"ts": TIME, "response": BODY, "note": "HERE"}).replace("HERE", note)
    reading = read(line)
    assert (reading.outcome, reading.warnings) == ("call", ("an escape of half a character, read as U+FFFD",))


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "gbk", "shift_jis"])
def test_what_was_said_in_another_encoding_does_not_cost_the_call(encoding: str) -> None:
    said = "東京 Tōkyō" if encoding in ("gbk", "shift_jis") else "Zürich"
    line = json.dumps({"ts": TIME, "response": BODY, "note": "HERE"}).encode()
    odd = line.replace(b"HERE", said.encode(encoding, "replace"))
    reading = read(odd)
    assert reading.call is not None
    assert (reading.outcome, reading.call, reading.timestamp_ns) == ("call", read(line).call, read(line).timestamp_ns)
    at = next(at for at in range(len(odd)) if odd[at] > 127)
    assert reading.warnings == (f"invalid UTF-8 at byte {at}, read as U+FFFD",)


@pytest.mark.parametrize("control", ["\t", "\x1b[32m", "\x0b"])
def test_control_characters_that_nobody_escaped_do_not_cost_the_call(control: str) -> None:
    reading = read(text({"ts": TIME, "response": BODY, "note": "HERE"}).replace("HERE", f"a{control}b"))
    assert reading.call is not None
    assert (reading.outcome, reading.call.input_tokens) == ("call", 1523)
    assert reading.warnings == ("control characters in a text, read as spaces",)


def test_tabs_between_members_are_nothing_to_speak_of() -> None:
    line = json.dumps({"ts": TIME, "response": BODY, "score": float("nan")}, separators=(",\t", ":\t"))
    assert read(line).warnings == ("not JSON: NaN or Infinity, read as a text",)


def test_a_megabyte_in_another_encoding_is_read_too() -> None:
    line = text({"ts": TIME, "response": BODY, "note": "HERE"}).encode().replace(b"HERE", b"\xe9" * 2**20)
    assert read(line).outcome == "call"


def test_a_cut_line_in_another_encoding_gives_what_is_whole() -> None:
    line = text({"ts": TIME, "note": "HERE", "response": BODY, "end": "x" * 40}).encode().replace(b"HERE", b"\xfcr")
    reading = read(line[:-20])
    assert reading.call is not None
    assert (reading.outcome, reading.call.input_tokens) == ("bad_usage", 1523)
    assert [warning.split(" ", 1)[0] for warning in reading.warnings] == ["cut", "invalid"]


@pytest.mark.parametrize("levels", [200, 1_500, 10_000])
def test_nesting_without_end_beside_a_body_does_not_hide_the_call(levels: int) -> None:
    for deep in ("[" * levels + "]" * levels, '{"a":' * levels + "1" + "}" * levels):
        line = text({"ts": TIME, "response": BODY, "note": "HERE"}).replace('"HERE"', deep)
        reading = read(line)
        assert reading.outcome == "call"
        assert reading.call is not None
        assert reading.call.input_tokens == 1523
        assert reading.warnings == (("nested deeper than 100 levels: left out",) if levels > 500 else ())


@pytest.mark.parametrize("levels", [50, 900, 10_000])
def test_nesting_within_a_text_or_a_body_never_raises(levels: int) -> None:
    value: object = "x"
    for _ in range(min(levels, 900)):
        value = {"response": value}
    for line in (value if levels < 900 else text(BODY), {"message": "[" * levels}, {"body": '{"a":' * levels}):
        assert read(line).outcome in ("not_llm", "call", "bad_json")


def test_the_last_of_equal_keys_counts_and_only_once() -> None:
    """Unless they are counts: `test_doubled`."""
    twice = text({"ts": TIME, "response": BODY}).replace('"response":', '"response":{"id":"x"},"response":')
    call = read(twice).call
    assert call is not None
    assert (call.input_tokens, call.output_tokens) == (1523, 212)


PAIR = text({"ts": TIME, "duration_ms": 1843, "request": REQUEST, "response": BODY})


def test_a_line_that_was_cut_is_still_a_call_once_its_answer_has_begun() -> None:
    begun = PAIR.index('"chat.completion"') + 20
    for end in range(begun, len(PAIR)):
        reading = read(PAIR[:end])
        assert reading.outcome == "bad_usage", PAIR[:end]
        assert reading.call is not None
        assert reading.call.request_model == "gpt-4o"
        assert "cut off: the line ends within its JSON" in reading.call.faults


def test_no_count_is_taken_from_a_block_that_was_cut() -> None:
    usage = PAIR.index('"usage"')
    after = PAIR.index('"service_tier"') - 1
    for end in range(usage, after):
        call = read(PAIR[:end]).call
        assert call is not None
        assert (call.input_tokens, call.output_tokens) == (None, None)
    call = read(PAIR[: after + 1]).call
    assert call is not None
    assert (call.input_tokens, call.output_tokens) == (1523, 212)


def test_a_cut_line_that_tells_of_no_answer_is_bad_json() -> None:
    for line in (PAIR[:60], text({"ts": TIME, "model": "gpt-4o", "note": "x" * 50})[:40], '{"model": tru', '{"model'):
        reading = read(line)
        assert (reading.outcome, reading.call, reading.stage) == ("bad_json", None, None)
        assert reading.warnings != ()


def test_a_missing_model_is_unknown_and_the_call_counted() -> None:
    for model in (None, 7, "", ["gpt-4o"]):
        call = read({"ts": TIME, "response": {**BODY, "model": model}}).call
        assert call is not None
        assert (call.model, call.input_tokens) == (None, 1523)


@pytest.mark.parametrize("name", ["cached_tokens", "audio_tokens"])
@pytest.mark.parametrize("value", [-1, "12", 1.5, True, 10**12, 2000])
def test_a_part_that_does_not_fit_costs_only_itself(name: str, value: object) -> None:
    odd = {**USAGE, "prompt_tokens_details": {"cached_tokens": 1024, name: value}}
    reading = read({"ts": TIME, "response": {**BODY, "usage": odd}})
    assert reading.call is not None
    assert (reading.call.input_tokens, reading.call.output_tokens) == (1523, 212)
    assert (reading.outcome, len(reading.warnings)) == ("bad_usage", 1)


def test_a_cost_beyond_belief_is_not_counted_and_named() -> None:
    reading = read({"ts": TIME, "cost_usd": 1e8, "response": BODY})
    assert reading.call is not None
    assert (reading.call.cost_usd, reading.call.input_tokens) == (None, 1523)
    assert reading.warnings == ("cost: 1e+08 USD for one call is not believed",)


def test_of_an_input_with_a_part_that_cannot_be_read_the_whole_is_unknown() -> None:
    usage = {"input_tokens": 10, "cache_read_input_tokens": "abc", "cache_creation_input_tokens": 0, "output_tokens": 5}
    body = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "usage": usage}
    reading = read({"ts": TIME, "response": body | {"content": [], "stop_reason": "end_turn"}})
    assert reading.outcome == "bad_usage"
    assert reading.call is not None
    assert (reading.call.input_tokens, reading.call.output_tokens) == (None, 5)


def test_a_model_that_ollama_does_not_have_is_not_found_without_a_status_too() -> None:
    call = read({"provider": "ollama", "response": {"error": "model 'llama9' not found"}}).call
    assert call is not None
    assert call.error_type == "not_found"
