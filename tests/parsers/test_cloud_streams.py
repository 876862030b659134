"""Streams of models that a cloud serves: however they are logged they are one call, of that cloud, counted once."""

from __future__ import annotations

import pytest

from parsers.base import Call
from tailer.config import Limits
from tailer.meter.joiner import Joiner
from tailer.meter.open_call import Joined
from tests.parsers import bodies_anthropic, bodies_aws
from tests.parsers.bodies import Json
from tests.reading.lines import TIME, read, text

URL = f"{bodies_aws.HOST}/model/a.model-v1%3A0/invoke-with-response-stream"
VERTEX = "msg_vrtx_1"


def vertex_stream() -> list[Json]:
    first = bodies_anthropic.start()
    return [{**first, "message": {**first["message"], "id": VERTEX}}, *bodies_anthropic.stream()[1:]]


STREAMS: dict[str, tuple[list[Json], tuple[str, int, int]]] = {
    "converse": (bodies_aws.stream(), ("aws.bedrock", 3514, 13)),
    "nova": (bodies_aws.nova_stream(), ("aws.bedrock", 3514, 13)),
    "claude": (bodies_aws.claude_stream(), ("aws.bedrock", 3514, 13)),
    "openai": (bodies_aws.openai_stream(), ("aws.bedrock", 25, 31)),
    "cohere": (bodies_aws.cohere_stream(), ("aws.bedrock", 25, 31)),
    "mistral": (bodies_aws.mistral_stream(), ("aws.bedrock", 25, 31)),
    "llama": (bodies_aws.llama_stream(), ("aws.bedrock", 25, 31)),
    "claude on vertex": (vertex_stream(), ("gcp.vertex_ai", 1025, 89)),
}


def joined(lines: list[object]) -> list[Joined]:
    joiner = Joiner(Limits())
    found = [one for line in lines for one in joiner.add(read(line), 0)]
    return found + joiner.close_all()


def told(call: Call) -> tuple[str | None, int | None, int | None]:
    return call.provider, call.input_tokens, call.output_tokens


@pytest.mark.parametrize("name", STREAMS)
def test_line_by_line_it_is_one_call_of_its_cloud(name: str) -> None:
    events, expected = STREAMS[name]
    url = {"url": URL} if expected[0] == "aws.bedrock" else {}
    found = joined([{"ts": TIME, "request_id": "r1", "chunk": event, **url} for event in events])
    assert [(told(one.call), one.missing) for one in found] == [(expected, None)]


@pytest.mark.parametrize("name", STREAMS)
def test_on_one_line_it_is_one_call_of_its_cloud(name: str) -> None:
    events, expected = STREAMS[name]
    url = {"url": URL} if expected[0] == "aws.bedrock" else {}
    shapes = [events, text(events), "".join(f"data: {text(event)}\n\n" for event in events)]
    found = joined([{"ts": TIME, "chunks": shape, **url} for shape in shapes])
    assert [(told(one.call), one.missing) for one in found] == [(expected, None)] * len(shapes)


@pytest.mark.parametrize("name", ["claude", "claude on vertex"])
def test_the_first_event_alone_tells_the_cloud(name: str) -> None:
    """There is no address on these lines, and the later events have no id."""
    events, expected = STREAMS[name]
    [one] = joined([{"ts": TIME, "request_id": "r1", "chunk": event} for event in events])
    assert told(one.call) == expected


@pytest.mark.parametrize("name", STREAMS)
def test_one_that_breaks_off_is_a_call_and_said_to_be_incomplete(name: str) -> None:
    events, (provider, _, _) = STREAMS[name]
    url = {"url": URL} if provider == "aws.bedrock" else {}
    broken = events[: len(events) // 2]
    [one] = joined([{"ts": TIME, "request_id": "r1", "chunk": event, **url} for event in broken])
    assert (one.call.provider, one.call.error_type) == (provider, None)
    assert one.missing == "stream_interrupted"


@pytest.mark.parametrize(
    "path",
    ["endpoints/openapi/chat/completions", "publishers/mistralai/models/mistral-small-2503:rawPredict"],
)
def test_other_vendors_models_are_vertex_ai_s_where_it_serves_them(path: str) -> None:
    url = f"https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/{path}"
    body = {
        "object": "chat.completion",
        "id": "x1",
        "model": "meta/llama-3.3-70b-instruct-maas",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11},
    }
    [one] = joined([{"ts": TIME, "url": url, "response": body}])
    assert told(one.call) == ("gcp.vertex_ai", 5, 6)
