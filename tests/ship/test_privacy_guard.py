"""What leaves of a line in each mode: nothing that was promised not to, and as much else as can be."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import registry
from parsers.base import Call
from tailer.config import Fields, LokiOptions
from tailer.config.schema import Privacy
from tailer.reading.chunk import Chunk, Reading
from tailer.reading.reading import LineReader
from tailer.ship.maker import Maker
from tailer.ship.privacy import Guard
from tests.reading.lines import BODY, REQUEST, TIME, chunk, reader, sse, text

KEY = b"k" * 32
NO_FIELDS = Fields()
MODES: tuple[dict[str, Any], ...] = ({"content": "drop"}, {"content": "hash"})
LINE = {"ts": TIME, "level": "info", "msg": "llm call", "team": "shop", "request": REQUEST, "response": BODY}


def guarded(
    *lines: object, fields: Fields = NO_FIELDS, key: bytes = KEY, limit: int = 262144, **options: Any
) -> list[Any]:
    """What leaves of these lines, decoded where it is JSON."""
    data = b"".join((line if isinstance(line, bytes) else orjson.dumps(line)) + b"\n" for line in lines)
    made = chunk(data)
    guard = Guard(Privacy(**options), fields, key, limit)
    return [_decoded(found) for found in guard.texts(made, reader().read(made))]


def _decoded(found: bytes) -> Any:
    try:
        return orjson.loads(found)
    except orjson.JSONDecodeError:
        return found.decode()


def test_by_default_nothing_is_done_at_all() -> None:
    assert not Privacy().is_on


def test_dropped_content_leaves_its_size_and_all_that_an_operator_needs() -> None:
    (line,) = guarded(LINE, content="drop")
    assert line["response"]["choices"][0]["message"] == {"role": "assistant", "content": "[dropped 6 characters]"}
    assert [message["role"] for message in line["request"]["messages"]] == ["system", "user"]
    assert (line["response"]["usage"], line["response"]["id"]) == (BODY["usage"], BODY["id"])
    assert (line["msg"], line["team"], line["request"]["model"]) == ("llm call", "shop", "gpt-4o")


def test_equal_content_has_equal_hashes_and_another_key_other_ones() -> None:
    first, second = guarded({"prompt": "a secret"}, {"messages": [{"content": "a secret"}]}, content="hash")
    (other,) = guarded({"prompt": "a secret"}, content="hash", key=b"K" * 32)
    assert first["prompt"] == second["messages"][0]["content"]
    assert first["prompt"].startswith("[hmac ")
    assert other["prompt"] != first["prompt"]
    assert other["prompt"].split(":")[0] != first["prompt"].split(":")[0], "which key it was can be seen"


def test_shortened_content_keeps_its_beginning() -> None:
    (line,) = guarded({"prompt": "a long prompt", "tools": [1] * 99}, content="shorten", shorten_characters=6)
    assert line == {"prompt": "a long…[7 more characters]", "tools": [1] * 6 + ["…[93 more items]"]}


def test_a_path_goes_before_what_is_known_of_content() -> None:
    paths = {"request.messages.0.content": "keep", "team": "hash", "user.*.name": "drop", "**.card": "drop"}
    line = {**LINE, "user": {"a": {"name": "Jane", "age": 3}}, "x": [{"y": {"card": "4111"}}]}
    (found,) = guarded(line, content="drop", paths=paths, hash_key_file="k")
    assert found["request"]["messages"][0]["content"] == "Answer briefly."
    assert found["request"]["messages"][1]["content"].startswith("[dropped")
    assert found["team"].startswith("[hmac ")
    assert found["user"] == {"a": {"name": "[dropped 4 characters]", "age": 3}}
    assert found["x"][0]["y"]["card"] == "[dropped 4 characters]"


def test_paths_go_through_json_in_a_text_and_into_container_lines() -> None:
    whole = text({"message": text({"user": {"mail": "x"}})})
    found = guarded(f"{TIME} stdout F {whole}".encode(), paths={"message.user.mail": "drop"})
    assert found[0] == f'{TIME} stdout F {{"message":"{{\\"user\\":{{\\"mail\\":\\"[dropped 1 characters]\\"}}}}"}}'


def test_the_allow_list_lets_out_only_what_was_learned_and_the_configured_paths() -> None:
    (line,) = guarded(LINE, mode="allow_list", paths={"team": "keep", "request.messages": "drop"})
    assert line.pop("line") == {"team": "shop"}
    assert (line["model"], line["input_tokens"], line["level"], line["status"]) == (
        BODY["model"],
        1523,
        "info",
        "success",
    )
    assert "llm call" not in str(line)
    (plain,) = guarded(b"panic: my secret", mode="allow_list")
    assert plain == {"tokentail": "allow_list", "outcome": "bad_json", "bytes": 17}


def test_a_count_beyond_64_bits_from_a_parser_of_somebody_elses_leaves_as_it_is() -> None:
    made = chunk(b'{"n":1}\n')
    reading = Reading(0, made.end, 0, "call", Call(provider="x", operation="chat", model="m", input_tokens=2**70))
    (line,) = Guard(Privacy(mode="allow_list"), Fields(), b"", 4096).texts(made, [reading])
    assert json.loads(line)["input_tokens"] == 2**70


def test_a_name_that_could_be_a_sentence_is_withheld() -> None:
    body = {**BODY, "model": "my secret is this", "id": "jane@example.com"}
    (line,) = guarded({"response": body}, mode="allow_list")
    assert (line["model"], line["response_id"]) == ("[withheld]", "[masked:emails]")


SECRETS = {
    "sk-proj-abcdef1234567890ABCDEF": "keys",
    "sk-ant-api03-aaaaaaaaaaaaaaaaaaaa": "keys",
    "AKIAIOSFODNN7EXAMPLE": "keys",
    "AIzaSyA-1234567890abcdefghijklmnopqrstu": "keys",
    "xai-abcdefghijklmnop1234": "keys",
    "gsk_abcdefghijklmnop1234": "keys",
    "hf_abcdefghijklmnop1234": "keys",
    "ghp_abcdefghijklmnop12345678": "keys",
    "Bearer abcdef.123456": "tokens",
    "eyJhbGciOiJI.eyJzdWIiOiIx.sig_1": "tokens",
    "jane.doe+x@mail.example.co.uk": "emails",
}


@pytest.mark.parametrize(("secret", "name"), SECRETS.items())
def test_keys_tokens_and_addresses_are_masked_wherever_they_stand(secret: str, name: str) -> None:
    """In values, keys, JSON in a text, escaped, in plain text and behind a container's prefix."""
    said = f"so {secret}, and"
    escaped = text({"a": said}).replace(secret[0], f"\\u{ord(secret[0]):04x}").encode()
    lines = [{"a": [said]}, {said: 1}, {"msg": text({"b": text({"c": said})})}, escaped, said.encode()]
    found = guarded(*lines, f"{TIME} stdout F {said}".encode(), mask=(name,))
    assert secret not in str(found)
    assert all(f"[masked:{name}]" in str(line) for line in found)
    assert found[0] == {"a": [f"so [masked:{name}], and"]}


def test_a_line_without_a_secret_leaves_as_it_was_written() -> None:
    line = b'{"a" : 1.50, "msg": "{\\"b\\" : 2}", "c": 123456789012345678901234567890}'
    made = chunk(line + b"\n")
    guard = Guard(Privacy(mask=("keys", "tokens", "emails")), Fields(), b"", 262144)
    assert list(guard.texts(made, reader().read(made))) == [line]


def test_own_patterns_are_masked_under_their_names() -> None:
    assert guarded({"id": "CUST-123456 called"}, mask_patterns={"customer": r"CUST-\d{6}"}) == [
        {"id": "[masked:customer] called"}
    ]


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": "Basic x"}, [["authorization", "Basic x"]], [{"name": "x-api-key", "value": "Basic x"}]],
)
def test_secret_headers_are_masked_as_soon_as_anything_is(headers: object) -> None:
    (line,) = guarded({"response": {"headers": headers, "body": BODY}}, content="shorten", mask=())
    assert "Basic x" not in str(line)


NO_JSON = [
    b"2026-11-20 INFO my secret",
    b'10.0.0.1 - - [20/Nov/2026] "GET /?q=my+secret HTTP/1.1" 200',
    b'{"ts": "x", "prompt": "my secret',
    f'{TIME} stdout P {{"prompt": "my secret'.encode(),
    f"{TIME} stdout F my secret".encode(),
    b'"my secret"',
    b'["my secret"]',
    b"data: my secret",
    text({"log": "my secret\n", "stream": "stdout", "time": TIME}).encode(),
    text({"level": 30, "msg": 'sent {"prompt": "my secret"}'}).encode(),
    text({"level": 30, "msg": '{"prompt": "my secret'}).encode(),
    text({"response_body": sse([{"choices": [{"delta": {"content": "my secret"}}]}]) + "my secret"}).encode(),
    b"\xff\xfe my secret",
]


@pytest.mark.parametrize("line", NO_JSON)
@pytest.mark.parametrize("options", [{"content": "drop"}, {"content": "hash"}, {"mode": "allow_list"}])
def test_what_is_no_json_is_content(line: bytes, options: dict[str, Any]) -> None:
    assert "secret" not in str(guarded(line, **options))


def test_the_pieces_of_a_cut_line_are_withheld_and_its_end_tells_the_whole() -> None:
    whole = text({"prompt": "my secret", "response": BODY})
    pieces = [f"{TIME} stdout P {whole[:15]}".encode(), f"{TIME} stdout F {whole[15:]}".encode()]
    first, last = guarded(*pieces, content="drop")
    assert first == {"tokentail_withheld": "piece", "bytes": len(pieces[0]) + 1}
    told = orjson.loads(last.split(" F ", 1)[1])
    assert (told["prompt"], told["response"]["usage"]) == ("[dropped 9 characters]", BODY["usage"])


def test_of_an_oversize_line_only_the_size_leaves() -> None:
    made = Chunk(1, "app.log", 0, 20_000_000, 0, b'{"prompt": "my secret', oversize=True)
    guard = Guard(Privacy(mask=("keys",)), Fields(), b"", 262144)
    size = 20_000_000
    assert [orjson.loads(it) for it in guard.texts(made, reader().read(made))] == [
        {"tokentail_truncated": size, "tokentail_oversize_bytes": size}
    ]


def test_a_configured_place_of_the_prompt_is_content() -> None:
    line = {"payload": {"llm": {"question": "x", "asked": "my secret"}}}
    assert "secret" not in str(guarded(line, content="drop", fields=Fields(request="payload.llm.asked")))


def test_labels_and_metadata_taken_from_the_line_are_masked_and_withheld() -> None:
    guard = Guard(Privacy(content="drop"), Fields(), KEY, 262144)
    line = {"ts": TIME, "level": "info", "who": "jane@example.com", "response": {**BODY, "id": "said a lot of words"}}
    made = chunk(orjson.dumps(line) + b"\n")
    readings = LineReader(registry.load(), labels={"who": "who"}).read(made)
    maker = Maker({"job": "t"}, ("who",), LokiOptions(), lambda _: None, guard)
    (entry,) = maker.entries(made, readings, [1])
    assert entry.labels == (("job", "t"), ("who", "[masked:emails]"))
    assert dict(entry.metadata)["response_id"] == "[withheld]"
    assert dict(entry.metadata)["model"] == BODY["model"]


def test_vectors_are_content_whatever_their_name() -> None:
    (line,) = guarded({"mine": [0.5] * 99, "buckets": [1, 2]}, content="drop")
    assert line == {"mine": "[dropped 99 items]", "buckets": [1, 2]}


def test_how_much_there_was_is_no_content() -> None:
    line = {"usage": {"input": {"text": 3}, "output": 4}, "prompt": 12, "tokens": {"input_tokens": 3}, "level": "info"}
    assert guarded(line, content="drop") == [line]


def test_nesting_beyond_belief_ends_somewhere() -> None:
    deep = b'{"a":' * 900 + b'"my secret"' + b"}" * 900
    for options in (*MODES, {"content": "shorten"}, {"mask": ("keys",)}):
        assert "secret" not in str(guarded(deep, **options))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=30),
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
        max_leaves=20,
    ),
    st.sampled_from(["messages", "prompt", "content", "arguments", "input", "thinking", "texts"]),
)
def test_no_word_inside_content_survives_whatever_its_shape(value: object, key: str) -> None:
    """Neither as a value nor as a key; and twice the same line is twice the same bytes."""
    hidden = _marked(value)
    for options in MODES:
        once = guarded({key: hidden, "response": {key: text(hidden)}}, **options)
        assert "zqX" not in str(once)
        assert guarded({key: hidden, "response": {key: text(hidden)}}, **options) == once


def _marked(value: object) -> object:
    if isinstance(value, dict):
        return {f"zqX{key}": _marked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_marked(item) for item in value]
    return f"zqX{value}" if isinstance(value, str) else value
