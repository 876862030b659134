"""Answers Loki's query API from what a FakeLoki holds: log queries with label filters and line_format, nothing else.

`python -m tests.deploy.lokianswers PUSH_PORT QUERY_PORT` runs both by hand, for pictures of the dashboards.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from types import TracebackType
from typing import NamedTuple, Self

from aiohttp import web

from tests.fakeloki import FakeLoki, Step
from tests.fakeloki_wire import Kept

TEXT = r'"(?:[^"\\]|\\.)*"|`[^`]*`'
MATCHER = re.compile(rf"\s*(\w+)\s*(=~|!~|!=|=)\s*({TEXT})\s*")
FORMAT = re.compile(rf"\s*line_format\s+({TEXT})\s*")
FIELD = re.compile(r"\{\{\s*\.?(\w+)\s*\}\}")


class Matcher(NamedTuple):
    """A comparison of one label; Loki anchors its regular expressions."""

    name: str
    operator: str
    value: str

    def holds(self, labels: dict[str, str]) -> bool:
        value = labels.get(self.name, "")
        same = re.fullmatch(self.value, value) is not None if "~" in self.operator else value == self.value
        return same is not self.operator.startswith("!")


class LogQuery(NamedTuple):
    """A selector of streams, filters of their lines, and how a line is shown."""

    streams: list[Matcher]
    filters: list[Matcher]
    shown: str | None

    @classmethod
    def parsed(cls, text: str) -> LogQuery:
        """Raises ValueError for what is no log query of this kind."""
        selector = re.fullmatch(r"\s*\{(.*?)\}\s*(\|.*)?", text, re.DOTALL)
        if selector is None:
            raise ValueError(f"no log query: {text}")
        streams = _matchers(selector[1])
        if not any(one.operator == "=" or not Matcher(one.name, one.operator, one.value).holds({}) for one in streams):
            raise ValueError("at least one matcher must not match the empty text")
        filters, shown = [], None
        for stage in _stages(selector[2] or ""):
            if found := FORMAT.fullmatch(stage):
                shown = _unquoted(found[1])
            else:
                filters += _matchers(stage)
        return cls(streams, filters, shown)

    def line(self, kept: Kept) -> tuple[dict[str, str], str] | None:
        """Labels and text of the line, None when the query leaves it out."""
        labels = dict(kept.labels)
        if not all(one.holds(labels) for one in self.streams):
            return None
        labels |= dict(kept.metadata)
        if not all(one.holds(labels) for one in self.filters):
            return None
        if self.shown is None:
            return labels, kept.line
        values = {**labels, "__line__": kept.line}
        return labels, FIELD.sub(lambda found: values.get(found[1], ""), self.shown)


def _matchers(text: str) -> list[Matcher]:
    found = []
    at = 0
    while at < len(text):
        one = MATCHER.match(text, at)
        if one is None:
            raise ValueError(f"expected a label and a value, got {text[at:]!r}")
        found.append(Matcher(one[1], one[2], _unquoted(one[3])))
        at = one.end() + text[one.end() :].startswith(",")
    return found


def _stages(pipeline: str) -> list[str]:
    return [found[1] for found in re.finditer(rf"\|((?:{TEXT}|[^|\"`])*)", pipeline)]


def _unquoted(text: str) -> str:
    return text[1:-1] if text.startswith("`") else str(json.loads(text))


class LokiAnswers:
    """The query side of a Loki; start with `async with`."""

    def __init__(self, loki: FakeLoki, port: int = 0) -> None:
        self.url = ""
        self._loki = loki
        self._port = port
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/loki/api/v1/query_range", self._range)
        app.router.add_get("/loki/api/v1/label/{name}/values", self._values)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _range(self, request: web.Request) -> web.Response:
        try:
            query = LogQuery.parsed(request.query["query"])
        except ValueError as error:
            return web.Response(status=400, text=str(error))
        newest = sorted(self._loki.entries(), key=lambda kept: -kept.timestamp_ns)
        found = [(kept.timestamp_ns, *line) for kept in newest if (line := query.line(kept)) is not None]
        limit = int(request.query.get("limit", "100"))
        streams = [{"stream": labels, "values": [[str(ns), text]]} for ns, labels, text in found[:limit]]
        return web.json_response({"status": "success", "data": {"resultType": "streams", "result": streams}})

    async def _values(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        values = {dict(kept.labels).get(name) for kept in self._loki.entries()} - {None}
        return web.json_response({"status": "success", "data": sorted(str(one) for one in values)})


async def _serve(push_port: int, query_port: int, script: list[Step]) -> None:
    async with FakeLoki(script, port=push_port) as loki, LokiAnswers(loki, query_port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    # Some pushes fail, so that the panels of retries have something to show.
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]), [204, 204, 503, 204, 204, 429] * 20))
