"""The panels for Splunk: made by the generator, whole in themselves, and on fields that the sink really sends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from dashboards import splunk
from parsers import registry
from tailer.config import Fields, LokiOptions
from tailer.meter.prices import Prices
from tailer.reading.reading import LineReader
from tailer.ship.maker import Maker
from tailer.ship.splunk_call import Calls
from tailer.ship.splunk_events import EventOf, Origin, encode, line_event
from tests.fakehec_wire import objects
from tests.ship.making import NOON_NS, chunk_of

MADE: dict[str, Any] = json.loads(splunk.PLACE.read_text("utf-8"))
PANELS = {
    "Total requests", "Average response time", "Average tokens per request", "Cost", "Cost by model",
    "Average response time by model", "Requests by model", "Completion requests", "Chat completion requests",
    "Average requests per minute",
}  # fmt: skip
CHAT = {
    "ts": "2026-11-20T17:00:07Z",
    "duration_ms": 1843,
    "request": {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]},
    "response": {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "gpt-4o-2024-08-06",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "ok"}}],
        "usage": {"prompt_tokens": 15, "completion_tokens": 2, "total_tokens": 17},
    },
}
COMPLETION = {
    "ts": "2026-11-20T17:00:08Z",
    "duration_seconds": 0.5,
    "latency_ms": 500,
    "request": {"model": "gpt-3.5-turbo-instruct", "prompt": "hi"},
    "response": {
        "id": "cmpl-1",
        "object": "text_completion",
        "model": "gpt-3.5-turbo-instruct",
        "choices": [{"index": 0, "text": "ok"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
    },
}
COMMANDS = {"dedup", "eval", "fields", "stats", "timechart", "where", "sort", "table", "lookup"}
FUNCTIONS = {"mvindex", "tonumber", "if", "isnull", "null", "coalesce", "mvzip", "avg", "sum", "count"}
WORDS = {"AND", "IN", "by", "as", "span", "1m", "OUTPUT", "index", "_time", "openai_pricing"}


def sent(event_of: EventOf) -> list[dict[str, Any]]:
    """What Splunk gets of the two calls, in the shape of its own events."""
    prices, lines = Prices.load(), [orjson.dumps(line) for line in (CHAT, COMPLETION)]
    chunk = chunk_of(*lines)
    readings = LineReader(registry.load(())).read(chunk)
    maker = Maker({"job": "t"}, (), LokiOptions(), lambda call: (prices.estimate(call) or 0) / 1e12)
    times_ns = [reading.timestamp_ns or NOON_NS for reading in readings]
    return [
        dict(it) for it in objects(encode(maker.entries(chunk, readings, times_ns), Origin("h", "_json"), event_of))
    ]


def flat(value: object, at: str = "") -> Iterator[str]:
    """The fields that Splunk makes of a JSON event, by its own names for them."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from flat(inner, f"{at}.{name}" if at else name)
    elif isinstance(value, list):
        for inner in value:
            yield from flat(inner, f"{at}{{}}")
    else:
        yield at


def fields(event_of: EventOf) -> set[str]:
    return {name for event in sent(event_of) for name in (*flat(event["event"]), *event["fields"])}


def used(query: str, known: set[str]) -> set[str]:
    """The names that a search uses and nothing has given it; adds to `known` what it makes itself."""
    missing = set()
    for command in re.sub(r'"[^"]*"', '""', query).split("|"):
        names = re.findall(r"'([^']+)'", command)
        names += re.findall(r"(?<![\w$'.{}])[A-Za-z_]\w*(?![\w$'.{])", re.sub(r"'[^']*'", "", command))
        made = set(re.findall(r"(?:(?<=eval )|(?<=, ))(\w+)=", command)) | set(re.findall(r"\bas (\w+)", command))
        made |= {it.strip() for it in (re.findall(r"OUTPUT (.*)", command) or [""])[0].split(",") if it.strip()}
        missing |= set(names) - known - made - COMMANDS - FUNCTIONS - WORDS
        known |= made | ({"count"} if "count" in names else set())
    return missing


def test_the_file_is_as_it_is_made() -> None:
    assert splunk.files()[splunk.PLACE] == splunk.PLACE.read_text("utf-8"), "run `make dashboards`"


def test_it_has_the_ten_panels_of_the_splunk_monitor() -> None:
    assert {shown["title"] for shown in MADE["visualizations"].values()} == PANELS
    assert len(MADE["visualizations"]) == 10


def test_every_reference_leads_somewhere() -> None:
    sources, shown = MADE["dataSources"], MADE["visualizations"]
    assert {it["dataSources"]["primary"] for it in shown.values()} | {splunk.BASE} == sources.keys()
    assert {it["options"].get("extend", splunk.BASE) for it in sources.values()} == {splunk.BASE}
    assert {it["item"] for it in MADE["layout"]["structure"]} == shown.keys()
    assert MADE["layout"]["globalInputs"] == list(MADE["inputs"])
    tokens = {it["options"]["token"] for it in MADE["inputs"].values()}
    text = json.dumps([sources, MADE["defaults"]])
    assert {token.partition(".")[0] for token in re.findall(r"\$([\w.]+)\$", text)} == tokens


def test_no_two_panels_overlap_and_all_are_on_the_page() -> None:
    seen: set[tuple[int, int]] = set()
    for block in MADE["layout"]["structure"]:
        x, y, width, height = (block["position"][name] for name in "xywh")
        assert x + width <= splunk.COLUMNS
        cells = {(column, row) for column in range(x, x + width, 20) for row in range(y, y + height, 10)}
        assert seen.isdisjoint(cells), block["item"]
        seen |= cells


@pytest.mark.parametrize("event_of", [line_event, Calls(Fields()).event], ids=["line", "call"])
@pytest.mark.parametrize("cost", [splunk.REPORTED, splunk.LOOKED_UP], ids=["reported", "looked_up"])
def test_every_search_is_on_fields_that_are_sent(event_of: EventOf, cost: str) -> None:
    """In both shapes: what a shape does not have is asked for beside what it has."""
    both = fields(line_event) | fields(Calls(Fields()).event)
    search = MADE["dataSources"][splunk.BASE]["options"]["query"]
    assert search.startswith('index="$index$" tokentail_id=* provider=* operation=* status IN ("success", "error")')
    assert {"tokentail_id", "provider", "operation", "status"} <= fields(event_of)
    known = set(both)
    assert used(search.partition("\n")[2].replace("$cost$", cost), known) == set()
    given = {name.strip() for name in search.rpartition("| fields ")[2].split(",")}
    assert given <= known | {"_time"}
    for source in MADE["dataSources"].values():
        if source["type"] == "ds.chain":
            assert used(source["options"]["query"], set(given)) == set(), source["name"]


def test_the_check_of_fields_would_notice() -> None:
    assert used("| stats sum(dollars) as usd", {"usd_"}) == {"dollars"}
    assert used("| eval a='request.nothing' | table a", set()) == {"request.nothing"}


def test_both_shapes_have_the_prompt_the_reply_and_every_number() -> None:
    wanted = {
        "request.messages{}.content", "request.prompt", "response.choices{}.message.content",
        "response.choices{}.text", "model", "input_tokens", "output_tokens", "cost_usd",
    }  # fmt: skip
    assert wanted | {"duration_ms"} <= fields(line_event)
    assert wanted | {"response_time"} <= fields(Calls(Fields()).event)
