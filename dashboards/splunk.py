"""The Splunk monitor's ten panels as a Dashboard Studio definition, on what tokentail sends to Splunk.

Source: "What is a dashboard definition?", "Create search-based visualizations with ds.search", "Chain searches" and
"Time range" in Splunk's documentation of Dashboard Studio. One base search; every panel goes on from it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

Json = dict[str, object]

PLACE = Path(__file__).parent / "splunk" / "openai_monitor.json"
COLUMNS = 1200
BASE = "ds_calls"

REPORTED = "eval usd=tonumber(mvindex(cost_usd, 0))"
LOOKED_UP = (
    "lookup openai_pricing model OUTPUT price_prompt, price_competition "
    "| eval usd=(coalesce(given, 0) * mvindex(price_prompt, 0) + coalesce(made, 0) * mvindex(price_competition, 0))"
    " / 1000"
)
"""With a look-up definition `openai_pricing` on the file that `tokentail prices --format csv` writes."""

# HEC indexes again what is sent again, after a kill say: the first copy of each counts. A whole call has a status.
SEARCH = """\
index="$index$" tokentail_id=* provider=* operation=* status IN ("success", "error")
| dedup tokentail_id
| eval model=mvindex(model, 0), operation=mvindex(operation, 0)
| eval given=tonumber(mvindex(input_tokens, 0)), made=tonumber(mvindex(output_tokens, 0))
| eval tokens=if(isnull(given) AND isnull(made), null(), coalesce(given, 0) + coalesce(made, 0))
| eval seconds=coalesce(response_time, duration_seconds, duration_ms / 1000, latency_ms / 1000)
| eval prompt=coalesce('request.prompt', mvzip('request.messages{}.role', 'request.messages{}.content', ": "))
| eval reply=coalesce('response.choices{}.text', 'response.choices{}.message.content')
| $cost$
| fields _time, model, operation, tokens, seconds, usd, prompt, reply"""

TABLE = "| sort - _time | table _time, model, prompt, reply, seconds"


class Panel(NamedTuple):
    """A visualization, what it asks beyond the base search, and its size on a grid `COLUMNS` wide."""

    title: str
    kind: str
    query: str
    width: int
    height: int
    options: Json
    description: str = ""

    @property
    def key(self) -> str:
        return self.title.lower().replace(" ", "_")

    def json(self) -> Json:
        shown: Json = {"type": self.kind, "title": self.title, "dataSources": {"primary": f"ds_{self.key}"}}
        if self.description:
            shown["description"] = self.description
        return {**shown, "options": self.options}


def _chart(unit: str) -> Json:
    return {"legendDisplay": "top", "xAxisTitleText": "time", "yAxisTitleText": unit}


PANELS = (
    Panel("Total requests", "splunk.singlevalue", "| stats count", 300, 120, {}),
    Panel(
        "Average response time",
        "splunk.singlevalue",
        "| stats avg(seconds) as seconds",
        300,
        120,
        {"unit": "s", "numberPrecision": 2},
        "of the calls whose line tells it",
    ),
    Panel(
        "Average requests per minute",
        "splunk.singlevalue",
        "| timechart span=1m count | stats avg(count) as requests",
        300,
        120,
        {"numberPrecision": 2},
    ),
    Panel(
        "Average tokens per request",
        "splunk.singlevalue",
        "| stats avg(tokens) as tokens",
        300,
        120,
        {"numberPrecision": 0},
    ),
    Panel(
        "Cost",
        "splunk.singlevalue",
        "| stats sum(usd) as usd",
        300,
        260,
        {"unit": "$", "unitPosition": "before", "numberPrecision": 2},
        "of the calls whose price is known",
    ),
    Panel(
        "Cost by model",
        "splunk.area",
        "| timechart sum(usd) by model",
        900,
        260,
        {"stackMode": "stacked", "nullValueDisplay": "zero", **_chart("USD")},
    ),
    Panel(
        "Average response time by model",
        "splunk.line",
        "| timechart avg(seconds) by model",
        720,
        260,
        {"nullValueDisplay": "gaps", **_chart("seconds")},
    ),
    Panel(
        "Requests by model",
        "splunk.pie",
        "| stats count by model | sort - count",
        480,
        260,
        {"showDonutHole": True},
    ),
    Panel(
        "Completion requests",
        "splunk.table",
        f'| where operation="text_completion" {TABLE}',
        COLUMNS,
        350,
        {},
    ),
    Panel(
        "Chat completion requests",
        "splunk.table",
        f'| where operation="chat" {TABLE}',
        COLUMNS,
        350,
        {},
        "prompt and reply stand where the event has the request and the response, and privacy lets them out",
    ),
)


def dashboard() -> Json:
    return {
        "title": "OpenAI monitor",
        "description": "LLM calls, their tokens and cost, as tokentail read them from the application's log",
        "inputs": INPUTS,
        "defaults": {
            "dataSources": {
                "ds.search": {
                    "options": {"queryParameters": {"earliest": "$time.earliest$", "latest": "$time.latest$"}}
                }
            }
        },
        "visualizations": {f"viz_{panel.key}": panel.json() for panel in PANELS},
        "dataSources": {BASE: _source("ds.search", "Calls", {"query": SEARCH})}
        | {
            f"ds_{panel.key}": _source("ds.chain", panel.title, {"extend": BASE, "query": panel.query})
            for panel in PANELS
        },
        "layout": {
            "type": "grid",
            "options": {"width": COLUMNS},
            "globalInputs": list(INPUTS),
            "structure": laid_out(PANELS),
        },
    }


def laid_out(panels: Sequence[Panel]) -> list[Json]:
    """Panels from left to right, a new row when one does not fit."""
    out: list[Json] = []
    x = y = tallest = 0
    for panel in panels:
        if x + panel.width > COLUMNS:
            x, y, tallest = 0, y + tallest, 0
        position = {"x": x, "y": y, "w": panel.width, "h": panel.height}
        out.append({"item": f"viz_{panel.key}", "type": "block", "position": position})
        x, tallest = x + panel.width, max(tallest, panel.height)
    return out


def files() -> dict[Path, str]:
    """What the file must hold."""
    return {PLACE: json.dumps(dashboard(), indent=1, ensure_ascii=False) + "\n"}


def _source(kind: str, name: str, options: Json) -> Json:
    return {"type": kind, "name": name, "options": options}


INPUTS: dict[str, Json] = {
    "input_time": {
        "type": "input.timerange",
        "title": "Time range",
        "options": {"token": "time", "defaultValue": "-24h@h,now"},
    },
    "input_index": {"type": "input.text", "title": "Index", "options": {"token": "index", "defaultValue": "open_ai"}},
    "input_cost": {
        "type": "input.dropdown",
        "title": "Cost",
        "options": {
            "token": "cost",
            "defaultValue": REPORTED,
            "items": [
                {"label": "as tokentail reckons it", "value": REPORTED},
                {"label": "by the look-up openai_pricing", "value": LOOKED_UP},
            ],
        },
    },
}
