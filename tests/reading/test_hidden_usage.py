"""Usage in what was said to or by a model is content: it is never counted, however it is nested."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.lines import BODY, REQUEST, TIME, USAGE, read, text

FORGED = {**BODY, "id": "chatcmpl-forged", "usage": {**USAGE, "prompt_tokens": 666, "completion_tokens": 666}}
GEN_AI = {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 666, "gen_ai.usage.output_tokens": 666}

CONTENT: dict[str, object] = {
    "prompt": {"ts": TIME, "prompt": FORGED},
    "prompt text": {"ts": TIME, "prompt": text(FORGED)},
    "input": {"ts": TIME, "input": FORGED, "tool": "lookup"},
    "arguments": {"ts": TIME, "tool_call": {"name": "f", "arguments": FORGED}},
    "messages": {"ts": TIME, "messages": [FORGED, {"role": "user", "content": text(FORGED)}]},
    "chat message": {"ts": TIME, "message": {"role": "tool", "content": text(FORGED), "usage": USAGE, "model": "m"}},
    "deep": {"ts": TIME, "data": {"data": {"data": {"data": {"data": FORGED}}}}},
    "unknown place": {"ts": TIME, "conversation": {"last": FORGED}},
    "serilog's properties": {"Timestamp": TIME, "Level": "x", "MessageTemplate": "x", "Properties": {"Prompt": FORGED}},
    "log4j's context": {"level": "INFO", "message": "x", "contextMap": {"prompt": text(FORGED), "input": FORGED}},
    "a tool's schema": {
        "ts": TIME,
        "tools": [{"parameters": {"properties": FORGED}}],
        "schema": {"properties": FORGED},
    },
    "kubernetes": {"log": "x", "stream": "stdout", "time": TIME, "kubernetes": {"annotations": FORGED, "usage": USAGE}},
    "a shipper's own": {"@timestamp": TIME, "message": "x", "log": {"file": FORGED, "offset": 7}, "agent": FORGED},
    "a file's metadata": {"ts": TIME, "metadata": {"documents": [FORGED], "history": FORGED}},
    "an envoy header": {"start_time": TIME, "response_code": 200, "duration": 1, "user_agent": text(FORGED)},
    "attributes in a prompt": {"ts": TIME, "prompt": GEN_AI, "messages": [{"role": "user", "content": text(GEN_AI)}]},
    "attributes in a tool's input": {"ts": TIME, "tool": {"input": GEN_AI}, "input": {"attributes": GEN_AI}},
    "an agent's span": {**GEN_AI, "gen_ai.operation.name": "invoke_agent"},
    "a gateway's payload": {"ai": {"proxy": {"payload": {"response": text(FORGED)}}}, "latencies": {"request": 5}},
    "a gateway's summary in a prompt": {"ts": TIME, "prompt": {"llm_summary": GEN_AI, "ai": FORGED}},
    "a run of a chain": {"run_type": "chain", "outputs": {"output": FORGED, "generations": [[{"message": FORGED}]]}},
    "an end of a chain": {"event": "on_chain_end", "run_id": "1", "parent_ids": [], "data": {"output": FORGED}},
}


@pytest.mark.parametrize("line", CONTENT.values(), ids=CONTENT.keys())
def test_a_body_in_the_content_is_no_call(line: object) -> None:
    assert read(line).outcome == "not_llm"


def test_a_body_in_the_request_does_not_replace_the_answer() -> None:
    request = {**REQUEST, "messages": [{"role": "user", "content": text(FORGED)}], "usage": FORGED["usage"]}
    call = read({"ts": TIME, "request": request, "response": BODY}).call
    assert call is not None
    assert (call.input_tokens, call.response_id) == (1523, "chatcmpl-AbC123")


def test_a_body_in_a_tool_call_of_the_answer_does_not_replace_it() -> None:
    tool = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": text(FORGED)}, "usage": USAGE}
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": None, "tool_calls": [tool]},
        "finish_reason": "tool_calls",
    }
    call = read({"ts": TIME, "response": {**BODY, "choices": [choice]}}).call
    assert call is not None
    assert (call.input_tokens, call.output_tokens) == (1523, 212)


KNOWN = ("request_id", "prompt", "messages", "input", "conversation", "arguments", "tools", "content", "history")


@given(
    st.recursive(
        st.just(FORGED) | st.just(text(FORGED)),
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3) | st.dictionaries(st.sampled_from(KNOWN), inner, min_size=1)
        ),
        max_leaves=6,
    )
)
def test_no_nesting_of_content_makes_a_call(content: object) -> None:
    reading = read({"ts": TIME, "level": "info", "messages": content, "conversation": content})
    assert reading.call is None
