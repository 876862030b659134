"""An overlong line is made to fit, stays JSON and says what it was."""

from __future__ import annotations

import json

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tailer.ship.privacy import fit, head_of

documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=20), inner, max_size=8),
    max_leaves=40,
)


def test_a_line_that_fits_is_left_alone() -> None:
    text = b'{"a" : 1}'
    assert fit(text, len(text)) is text


def test_usage_survives_while_the_conversation_is_shortened() -> None:
    usage = {"prompt_tokens": 90_000, "completion_tokens": 12}
    messages = [{"role": "user", "content": "word " * 5000} for _ in range(30)]
    text = orjson.dumps({"model": "gpt-4o", "request": {"messages": messages}, "usage": usage})
    shorter = fit(text, 262_144)
    assert len(shorter) <= 262_144
    record = orjson.loads(shorter)
    assert record["usage"] == usage
    assert record["model"] == "gpt-4o"
    assert record["tokentail_truncated"] == len(text)
    assert "more characters]" in record["request"]["messages"][0]["content"]


def test_a_long_array_keeps_its_beginning_and_says_how_much_is_missing() -> None:
    text = orjson.dumps({"embedding": [0.125] * 100_000})
    record = orjson.loads(fit(text, 100_000))
    assert record["embedding"][:2] == [0.125, 0.125]
    assert record["embedding"][-1].endswith("more items]")


def test_an_array_at_the_top_is_wrapped() -> None:
    record = orjson.loads(fit(orjson.dumps(["x" * 1000] * 10), 2000))
    assert record["value"][0].startswith("x")


def test_text_that_is_no_json_keeps_its_head() -> None:
    record = orjson.loads(fit(b"panic: " + b"\x1b[31m" * 5000, 9000))
    assert record["tokentail_truncated"] == 25_007
    assert record["head"].startswith("panic: ")


def test_nesting_beyond_belief_ends_somewhere() -> None:
    text = b'{"a":' * 900 + b'"' + b"x" * 5000 + b'"' + b"}" * 900
    assert len(fit(text, 4000)) <= 4000


def test_of_many_small_fields_those_that_count_are_kept() -> None:
    fields = {f"field_{number}": number for number in range(5000)}
    usage = {"prompt_tokens": 3, "completion_tokens": 4}
    record = orjson.loads(fit(orjson.dumps({**fields, "model": "gpt-4o", "id": "x", "usage": usage}), 10_000))
    assert (record["model"], record["id"], record["usage"]) == ("gpt-4o", "x", usage)
    assert record["tokentail_more_fields"] + len(record) - 2 == 5003


def test_what_was_said_is_cut_before_anything_else() -> None:
    note = "kept as it is " * 400
    text = orjson.dumps({"note": note, "messages": [{"content": "word " * 20_000}], "usage": {"prompt_tokens": 1}})
    record = orjson.loads(fit(text, 20_000))
    assert record["note"] == note
    assert len(record["messages"][0]["content"]) < 20_000


def test_the_usage_at_the_end_of_a_stream_is_kept() -> None:
    events = [{"choices": [{"delta": {"content": "word"}}]} for _ in range(20_000)]
    last = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 20_000}}
    assert orjson.loads(fit(orjson.dumps({"chunks": [*events, last]}), 100_000))["chunks"][-1] == last
    stream = "".join(f"data: {orjson.dumps(event).decode()}\n\n" for event in [*events, last])
    assert "completion_tokens" in orjson.loads(fit(orjson.dumps({"response_body": stream}), 100_000))["response_body"]


def test_the_head_of_an_oversize_line_ends_between_characters() -> None:
    record = orjson.loads(head_of(("x" + "é" * 2000).encode(), 4_000_001))
    assert record["head"] == "x" + "é" * 511


@settings(max_examples=200)
@given(documents, st.integers(128, 2000))
def test_whatever_is_cut_fits_is_json_and_is_cut_the_same_way_again(document: object, limit: int) -> None:
    text = json.dumps(document).encode()
    shorter = fit(text, limit)
    assert len(shorter) <= limit
    assert fit(text, limit) == shorter
    if len(text) > limit:
        assert json.loads(shorter)["tokentail_truncated"] == len(text)
