"""All profiles at once through a real Prometheus: the expressions of those systems' own dashboards and alerts answer.

The expressions are those of the systems' published documents; `$__range` stands for a minute here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.process import running
from tests.e2e.prometheus import serving
from tests.e2e.test_profiles import EVERY

TASK = 'capability="parse-task"'
MODEL = "gpt-4o-2024-08-06"
# expression, its value by one label of the answer ("" for none); all exact, as of the last scrape
EXACT: list[tuple[str, str, dict[str, float]]] = [
    ("sum by (model) (openai_completionTokens)", "model", {MODEL: 200}),
    ("sum by (model) (openai_promptTokens)", "model", {MODEL: 1000}),
    ("sum by (model) (openai_totalTokens)", "model", {MODEL: 1200}),
    ("max by (model) (openai_requestDuration)", "model", {MODEL: 1.5}),
    ('sum by (model) (openai_usageCost{job="integrations/openai"})', "model", {MODEL: 0.0045}),
    ('count by (environment) (openai_totalTokens{source="shop"})', "environment", {"prod": 1}),
    (f"sum by (status) (openai_api_requests_total{{{TASK}}})", "status", {"success": 16, "failure": 4}),
    (f'sum by (operation) (openai_api_tokens_total{{{TASK}, type="output"}})', "operation", {"core": 3200}),
    (f"sum(openai_api_request_duration_ms_sum{{{TASK}}})", "", {"": 30_000}),
    ("sum by (error_type) (openai_requests_total)", "error_type", {"": 16, "RATE_LIMITED": 4}),
    ("sum by (token_type) (openai_tokens_total)", "token_type", {"input": 16e3, "output": 3200, "total": 19_200}),
    ("openai_rate_limit_requests_remaining", "limit_type", {"requests": 4999}),
    ("openai_rate_limit_tokens_remaining", "limit_type", {"tokens": 150_000}),
    ("sum(gen_ai_client_inference_usage_input_tokens_total)", "", {"": 16_000}),
    ("sum by (gen_ai_token_type) (gen_ai_client_token_usage_count)", "gen_ai_token_type", {"input": 16, "output": 16}),
    ("sum by (error_type) (gen_ai_client_operation_duration_seconds_count)", "error_type", {"": 16, "rate_limit": 4}),
]
# expression over a range, its value: the calls before the first scrape and after it are alike, so it is the same anyhow
GONE_WELL = f'sum(increase(openai_api_requests_total{{status="success",{TASK}}}[1m]))'
INCREASE = f"increase(openai_api_request_duration_ms_%s{{{TASK}}}[1m])"
RATES = [
    (f"{GONE_WELL} / sum(increase(openai_api_requests_total{{{TASK}}}[1m])) * 100", 80),
    (f"sum by (operation) ({INCREASE % 'sum'}) / sum by (operation) ({INCREASE % 'count'})", 1500),
    (f"histogram_quantile(0.95, sum by (operation, le) ({INCREASE % 'bucket'}))", 2425),
    ("histogram_quantile(0.95, sum by (le) (rate(openai_request_duration_seconds_bucket[1m])))", 2.496),
    ('sum(rate(openai_requests_total{status="error"}[1m])) / sum(rate(openai_requests_total[1m]))', 0.2),
    ('sum(rate(openai_tokens_total{token_type="total"}[1m])) / sum(rate(openai_requests_total[1m]))', 960),
]


def line(number: int, *, failed: bool = False) -> str:
    usage = {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200}
    body = {"id": f"c{number}", "object": "chat.completion", "model": MODEL, "choices": [], "usage": usage}
    error = {"error": {"message": "slow down", "type": "requests", "param": None, "code": "rate_limit_exceeded"}}
    headers = {"x-ratelimit-remaining-requests": "4999", "x-ratelimit-limit-requests": "5000"}
    headers |= {"x-ratelimit-remaining-tokens": "150000", "x-ratelimit-reset-tokens": "10m"}
    own = {"capability": "parse-task", "operation": "core", "source": "shop", "environment": "prod"}
    call = {"request": {"model": "gpt-4o"}, "response": error if failed else body, "status": 429 if failed else 200}
    headers = {} if failed else {**headers, "x-ratelimit-reset-requests": "10m"}
    return json.dumps({**own, **call, "headers": headers, "duration_ms": 1500}) + "\n"


class Prometheus:
    """A running Prometheus that scrapes one address."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def ask(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """The labels and values of an instant query."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/api/v1/query", params={"query": expression}) as answer,
        ):
            found = await answer.json()
        assert found["status"] == "success", found
        return [(one["metric"], float(one["value"][1])) for one in found["data"]["result"]]

    async def until(self, expression: str, value: float, seconds: float = 60) -> None:
        """Waits for the first scrape that says so."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    if [it for _, it in await self.ask(expression)] == [value]:
                        return
                except (aiohttp.ClientError, AssertionError, ValueError):
                    pass  # It is still starting.
                await asyncio.sleep(0.1)


@asynccontextmanager
async def prometheus(folder: Path, target: str) -> AsyncIterator[Prometheus]:
    async with serving(folder, {"honor_labels": True, "static_configs": [{"targets": [target]}]}) as url:
        yield Prometheus(url)


async def test_the_systems_own_expressions_answer_rightly(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("")
    own = [f"--dimension={name}={name}" for name in ("capability", "operation", "source", "environment")]
    async with running(tmp_path, str(log), *EVERY, *own) as tailer:
        async with prometheus(tmp_path, tailer.url.removeprefix("http://")) as server:
            for calls in (10, 20):
                with log.open("a") as file:
                    file.writelines(line(number, failed=number % 5 == 1) for number in range(calls - 10, calls))
                await server.until("sum(openai_requests_total)", calls)
            for expression, label, expected in EXACT:
                found = {labels.get(label, ""): value for labels, value in await server.ask(expression)}
                assert {key: value for key, value in found.items() if value} == pytest.approx(expected), expression
            for expression, value in RATES:
                ((_, found_value),) = await server.ask(expression)
                assert found_value == pytest.approx(value, rel=0.01), expression
