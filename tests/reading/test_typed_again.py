"""Bodies that differ only in what is counted, measured and called, of which the parser is asked once."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import registry
from parsers.base import Record
from tailer.reading.typed.nothing import Watched
from tests.parsers import bodies, bodies_aws, bodies_vendors
from tests.reading.changes import objects
from tests.reading.exchanges import EXCHANGES
from tests.reading.lines import BODY, REQUEST
from tests.reading.test_typed import a_reader, both, learnt
from tests.reading.typical import AROUND, CONTENT, CONVERSE, MESSAGE, Json

AS_BOTO3 = {**CONVERSE, "ResponseMetadata": {"RequestId": "r-1", "HTTPStatusCode": 200, "RetryAttempts": 0}}
PARIS: Json = EXCHANGES["anthropic"].answered
COUNTS: Json = BODY["usage"]  # type: ignore[assignment]
ANSWERS = [
    {**PARIS, "usage": {**PARIS["usage"], "service_tier": "standard", "inference_geo": "global", "speed": "slow"}},
    {**bodies_vendors.OPENROUTER, "usage": {**COUNTS, "cost": 0.5}},
    MESSAGE, CONTENT, CONVERSE, AS_BOTO3, bodies.response(tools=[]),
    *(getattr(bodies_vendors, name) for name in ("GROQ", "XAI", "OPENROUTER", "DEEPSEEK", "MISTRAL", "ROUTER")),
    *(exchange.answered for name, exchange in EXCHANGES.items() if name != "openai responses"),
]  # fmt: skip
LINES: list[Json] = [{**AROUND, "request": REQUEST, "response": body} for body in ANSWERS]
NUMBERS = st.one_of(
    st.integers(0, 40), st.sampled_from([-1, 10**9, 10**9 + 1, 2**64, 0.5, 7.0, True, None, "7", 1e300])
)
TEXTS = [
    "",
    "x",
    "a" * 600,
    "stop",
    "error",
    "end_turn",
    "msg_bdrk_1",
    "msg_vrtx_1",
    "gen-1",
    "us",
    "fast",
    "flex",
    None,
]


def places(body: Json, *kinds: type) -> list[tuple[Any, Any]]:
    """Where in a body something of these kinds is."""
    return [
        (path, key)
        for path, inside in objects(body)
        for key, value in (inside.items() if isinstance(inside, dict) else enumerate(inside))
        if type(value) in kinds
    ]


def at(body: Json, path: Any) -> Any:
    inside: Any = body
    for part in path:
        inside = inside[part]
    return inside


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
@given(data=st.data())
def test_other_counts_read_as_in_the_general_way(line: Json, data: st.DataObject) -> None:
    reader = learnt(orjson.dumps(line))
    changed = deepcopy(line)
    body = changed["response"]
    for path, key in data.draw(st.lists(st.sampled_from(places(body, int, float)), max_size=3)):
        at(body, path)[key] = data.draw(NUMBERS)
    for path, key in data.draw(st.lists(st.sampled_from(places(body, str)), max_size=2)):
        at(body, path)[key] = data.draw(st.sampled_from(TEXTS))
    try:
        spoilt = orjson.dumps(changed)
    except TypeError:
        return
    for _ in range(2):
        found, general = both(reader, spoilt)
        assert found == general


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_what_was_told_of_one_body_is_not_told_of_another(line: Json) -> None:
    """Whatever surrounds the body, and whoever was asked for what, one after the other by one reader."""
    reader = a_reader()
    surroundings: list[Json] = [
        {}, {"provider": "azure"}, {"provider": "bedrock"}, {"provider": "x"}, {"url": "https://api.groq.com/openai/v1"},
        {"url": bodies_aws.HOST + EXCHANGES["bedrock converse"].path}, {"request": {"model": "m", "stream": True}},
        {"request": {"model": "claude-x"}}, {"request": {"modelId": bodies_aws.CLAUDE}}, {"request": {"contents": []}},
        {"response_headers": {"x-ratelimit-limit-tokens": "7"}}, {"status": 200}, {"status": 500},
    ]  # fmt: skip
    for around in surroundings * 4:
        found, general = both(reader, orjson.dumps({**line, **around}))
        assert found == general, around


@pytest.mark.parametrize("body", ANSWERS, ids=range(len(ANSWERS)))
def test_parsers_look_at_no_more_of_a_request_than_is_known(body: Json) -> None:
    """Of a body that has a form; a call is only told again for the same in these."""
    for parser in registry.load():
        form = getattr(parser, "typical", None)
        asked = Watched({"model": "m", "messages": [], "stream": True, "url": "x", "n": 1})
        if form is not None and parser.matches(Record(body)) and form(body) is not None:
            parser.matches(Record(body, asked))
            parser.parse(Record(body, asked))
            assert asked.looked <= {"model", "modelId", "model_id", "stream"}
            return


def test_bodies_with_the_same_keys_may_be_counted_in_different_ways() -> None:
    usages = [BODY["usage"], *(getattr(bodies_vendors, name)["usage"] for name in ("DEEPSEEK", "MISTRAL", "GROQ"))]
    reader = a_reader()
    for _ in range(8):
        for usage in usages:
            found, general = both(reader, orjson.dumps({**AROUND, "response": {**BODY, "usage": usage}}))
            assert found == general
    assert reader.typed_lines > 16
