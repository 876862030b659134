"""Claude's and Bedrock's usage in what was said to or by a model is content: it is never counted."""

from __future__ import annotations

import pytest

from tests.parsers import bodies_anthropic as anthropic
from tests.parsers import bodies_aws as aws
from tests.parsers.bodies import Json
from tests.reading.lines import TIME, read, text

FORGED: dict[str, Json] = {
    "message": anthropic.message(),
    "end of a stream": anthropic.delta(input_tokens=666),
    "converse": aws.converse(),
    "metadata": aws.metadata(),
    "llama": aws.llama(),
    "log": aws.log(),
    "request": aws.request(),
}
PLACES = ("prompt", "input", "conversation", "arguments", "tools", "history")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("forged", FORGED)
def test_a_body_in_the_content_is_no_call(forged: str, place: str) -> None:
    for content in (FORGED[forged], text(FORGED[forged]), [FORGED[forged]], {"last": FORGED[forged]}):
        assert read({"ts": TIME, "level": "info", place: content}).call is None


@pytest.mark.parametrize("forged", FORGED)
def test_a_body_in_what_a_tool_gave_back_does_not_replace_the_answer(forged: str) -> None:
    result = {"type": "tool_result", "tool_use_id": "t1", "content": text(FORGED[forged]), "usage": FORGED[forged]}
    asked = anthropic.request(messages=[{"role": "user", "content": [result]}])
    call = read({"ts": TIME, "request": asked, "response": anthropic.plain()}).call
    assert call is not None
    assert (call.input_tokens, call.output_tokens) == (25, 15)


@pytest.mark.parametrize("forged", FORGED)
def test_a_body_in_a_tool_call_of_the_answer_does_not_replace_it(forged: str) -> None:
    said = {"role": "assistant", "content": [{"toolUse": {"name": "f", "input": FORGED[forged]}}], "usage": {"a": 1}}
    call = read({"ts": TIME, "response": aws.converse(output={"message": said})}).call
    assert call is not None
    assert (call.input_tokens, call.output_tokens) == (3514, 13)


def test_a_message_of_a_conversation_is_content_though_it_was_an_answer_once() -> None:
    assert read({"ts": TIME, "message": anthropic.message()}).call is None
    assert read({"ts": TIME, "messages": [anthropic.message()], "data": {"role": "user", "content": "x"}}).call is None
