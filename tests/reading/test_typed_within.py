"""The typed way with calls in an object of the line's or in texts of JSON, against the general one."""

from __future__ import annotations

from random import Random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailer.reading.reading import LineReader
from tests.reading.changes import changed, every_change, with_change
from tests.reading.lines import BODY, REQUEST, TIME, text
from tests.reading.test_typed import PARSERS, a_reader, both, learnt
from tests.reading.typical import AROUND, Json, fielded, typical, within

WITHIN = [orjson.dumps(line) for line in within()]
ANSWERED = [line for line in typical() if isinstance(line.get("response"), dict) and "usage" in line["response"]]
BODIES = ("response", "request")
ODD = [
    "", " ", "{", "{}", "null", "[]", '"x"', "[DONE]", "data: {}", "event: x\ndata: {}\n\n", "served", "42 served",
    '"{}"', "{" * 2000, text({**BODY, "x": 1}), " " + text(BODY), "\t" + text(BODY), text(BODY) + " ",
    text(BODY) + "x", text(text(BODY)), text([BODY]), text(BODY)[:-1], text(BODY) + "\n" + text(BODY),
    text(BODY).replace('"id"', '"usage":{"prompt_tokens":9,"completion_tokens":1},"id"'),
    text(BODY).replace('"id"', '"model":"\\ud800","id"'), text(BODY).replace('"id"', '"id":"first","id"'),
    text({**BODY, "x": "\ud7ff\uffff"}), text(REQUEST), text({"body": REQUEST, "url": "https://api.groq.com/openai/v1"}),
]  # fmt: skip


def in_texts(line: Json) -> Json:
    """The line with both bodies as texts."""
    return {key: text(value) if key in BODIES and isinstance(value, dict) else value for key, value in line.items()}


@given(st.data())
def test_whatever_is_changed_in_a_text_reads_as_in_the_general_way(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(ANSWERED))
    key = data.draw(st.sampled_from([key for key in BODIES if isinstance(line.get(key), dict)]))
    try:
        spoilt = data.draw(changed(orjson.dumps(line[key]))).decode()
    except UnicodeDecodeError:
        return
    reader = learnt(orjson.dumps(in_texts(line)))
    found, general = both(reader, orjson.dumps({**in_texts(line), key: spoilt}))
    assert found == general


@pytest.mark.parametrize("line", ANSWERED, ids=range(len(ANSWERED)))
def test_any_single_change_in_a_text_reads_as_in_the_general_way(line: Json) -> None:
    reader, whole = learnt(orjson.dumps(in_texts(line))), orjson.dumps(line)
    for change in Random(whole).sample(list(every_change(line)), 60):
        found, general = both(reader, orjson.dumps(in_texts(orjson.loads(with_change(whole, *change)))))
        assert found == general, change


@pytest.mark.parametrize("said", ODD, ids=range(len(ODD)))
def test_whatever_a_text_holds_reads_as_in_the_general_way(said: str) -> None:
    for line in (in_texts({**AROUND, "request": REQUEST, "response": BODY}), fielded({"chunk": text(BODY)})):
        reader = learnt(orjson.dumps(line))
        for inside in (line, *(value for value in line.values() if isinstance(value, dict))):
            for key in [key for key in inside if key in ("request", "response", "chunk", "message", "msg")]:
                kept, inside[key] = inside[key], said
                found, general = both(reader, orjson.dumps(line))
                assert found == general, key
                inside[key] = kept


@pytest.mark.parametrize(
    "dimensions", [{"user": "user"}, {"user": "metadata.user"}, {"id": "request_id"}, {"id": "req.id"}, {"x": "model"}]
)
def test_what_is_configured_is_found_on_the_level_that_has_it(dimensions: dict[str, str]) -> None:
    lines = [fielded({"response": BODY, "user": user}) for user in ("a", "", None, 7, {"a": 1})]
    lines += [{**line, "user": "outer"} for line in lines]
    for line in (*WITHIN, *map(orjson.dumps, lines)):
        reader = LineReader(PARSERS, dimensions=dimensions, labels=dimensions)
        for _ in range(3):
            found, general = both(reader, line)
            assert found == general


def test_lines_with_the_same_keys_may_have_their_body_in_other_places() -> None:
    reader = a_reader()
    metadata: list[Json] = [{"user": "u"}, {"response": BODY}, {"request": REQUEST, "response": text(BODY)}, {"n": 1}]
    said = {"level": "info", "message": "x", "timestamp": TIME}
    for inside in metadata * 4:
        found, general = both(reader, orjson.dumps({**said, "metadata": inside}))
        assert found == general
    assert reader.typed_lines == 4  # the third and the fourth of both calls
