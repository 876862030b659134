"""For each alert the trouble that it is for, as series. Data only; what it says then is in alerts_words.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tests.deploy.alerts_promtool import counter, gauge
from tests.deploy.alerts_world import CALLS, JOB, MODEL, OF_JOB, OF_MODEL, PUSHED, SHIPPED, TARGET, recorded

LAG = f'tokentail_lag_bytes{{{TARGET},consumer="loki"}}'


class Trouble(NamedTuple):
    """What makes one alert fire and when: `series` beside (or instead of) the healthy ones, or alone if `recorded`."""

    series: Mapping[str, str]
    fires: int
    clears: int
    labels: Mapping[str, str]
    recorded: bool = False
    """The series are those of recording rules, because days of samples would take minutes to compute."""


def slower(bounds: tuple[str, ...]) -> dict[str, str]:
    """All calls slower than these bounds, for 20 minutes."""
    name = f"llm_request_duration_seconds_bucket{{{CALLS},"
    return {f'{name}status="success",le="{bound}"}}': counter((30, 10), (20, 0), (160, 10)) for bound in bounds}


def spell(name: str, labels: str, usual: float, bad: float) -> dict[str, str]:
    """A counter that grows at a usual rate, 20 minutes at a bad one, then as usual."""
    return {f"{name}{{{labels}}}": counter((30, usual), (20, bad), (160, usual))}


TROUBLES: dict[str, Trouble] = {
    "HighCompletionTokensUsage": Trouble(
        spell("llm_tokens_total", f'{CALLS},type="output"', 200, 3000),
        45,
        60,
        OF_MODEL,
    ),
    "HighPromptTokensUsage": Trouble(
        spell("llm_tokens_total", f'{CALLS},type="input"', 500, 2000),
        45,
        60,
        OF_MODEL,
    ),
    "HighTotalTokensUsage": Trouble(
        spell("llm_tokens_total", f'{CALLS},type="input"', 500, 3500),
        45,
        60,
        OF_MODEL,
    ),
    "LongRequestDuration": Trouble(
        slower(("1.28", "2.56")),
        45,
        60,
        OF_MODEL,
    ),
    "HighUsageCost": Trouble(
        spell("llm_cost_usd_total", f'{CALLS},source="estimated"', 0.01, 25),
        45,
        60,
        OF_MODEL,
    ),
    "LLMProjectedSpendOverBudget": Trouble(
        recorded("service:llm_cost_usd:rate5m", JOB, (400, 0.0001), (400, 0.002), (400, 0.0001)),
        790,
        1190,
        {},
        recorded=True,
    ),
    "LLMDailySpendOverBudget": Trouble(
        recorded("service:llm_cost_usd:rate5m", JOB, (1500, 0.0001), (1500, 0.002), (1600, 0.0001)),
        2990,
        4590,
        {},
        recorded=True,
    ),
    "LLMSpendJump": Trouble(
        recorded("service:llm_cost_usd:rate5m", JOB, (10_080, 0.001), (400, 0.01), (400, 0.001)),
        10_470,
        10_870,
        OF_JOB,
        recorded=True,
    ),
    "LLMUnpricedCalls": Trouble(
        # A model never seen before: its very first call counts.
        {f'llm_unpriced_requests_total{{provider="openai",model="mystery",{TARGET}}}': gauge((30, None), (180, 1))},
        40,
        110,
        {**OF_MODEL, "model": "mystery"},
    ),
    "LLMUsageMissing": Trouble(
        {f'llm_usage_missing_total{{{CALLS},reason="no_usage"}}': counter((30, 0), (60, 4), (120, 0))},
        89,
        200,
        OF_MODEL,
    ),
    "LLMCachedInputShareCollapsed": Trouble(
        {
            **recorded("model:llm_cached_input_tokens:rate5m", MODEL, (1500, 4), (120, 0.5), (200, 4)),
            **recorded("model:llm_input_tokens:rate5m", MODEL, (1820, 10)),
            **recorded("model:llm_requests:rate5m", MODEL, (1820, 0.2)),
        },
        1619,
        1800,
        OF_MODEL,
        recorded=True,
    ),
    "LLMErrorRatioHigh": Trouble(
        spell("llm_requests_total", f'{CALLS},status="error",error_type="server_error"', 0, 5),
        45,
        60,
        OF_MODEL,
    ),
    "LLMErrorBudgetBurnFast": Trouble(
        spell("llm_requests_total", f'{CALLS},status="error",error_type="server_error"', 0, 10),
        49,
        95,
        OF_JOB,
    ),
    "LLMErrorBudgetBurnSlow": Trouble(
        {
            **recorded("service:llm_requests_failed:ratio_rate3d", JOB, (30, 0.005), (120, 0.02), (60, 0.005)),
            **recorded("service:llm_requests_failed:ratio_rate6h", JOB, (30, 0.005), (120, 0.03), (60, 0.005)),
            **recorded("service:llm_requests:rate5m", JOB, (210, 0.2)),
        },
        120,
        170,
        OF_JOB,
        recorded=True,
    ),
    "LLMLatencyHigh": Trouble(
        slower(("1.28", "2.56", "5.12")),
        45,
        60,
        OF_MODEL,
    ),
    "LLMRateLimited": Trouble(
        spell("llm_requests_total", f'{CALLS},status="error",error_type="rate_limit"', 0, 2),
        45,
        80,
        {**OF_MODEL, "error_type": "rate_limit"},
    ),
    "LLMRateLimitHeadroomLow": Trouble(
        {f'llm_rate_limit_remaining{{{CALLS},limit="requests"}}': gauge((30, 5000), (20, 500), (160, 5000))},
        45,
        60,
        {**OF_MODEL, "limit": "requests"},
    ),
    "LLMModelSilent": Trouble(
        {
            **recorded("model:llm_requests:rate5m", MODEL, (1440, 0.1), (60, 0), (60, 0.1)),
            **recorded("job:tokentail:count", JOB, (1560, 3)),
        },
        1485,
        1540,
        OF_MODEL,
        recorded=True,
    ),
    "TokentailLagGrowing": Trouble(
        {LAG: f"{gauge((30, 100))} {counter((30, 2_000_000))} {gauge((150, 100))}"},
        58,
        70,
        {**OF_JOB, "consumer": "loki"},
    ),
    "TokentailLokiNotAccepting": Trouble(
        {f'tokentail_loki_entries_total{{{TARGET},outcome="accepted"}}': counter((30, 10), (30, 0), (150, 10))},
        55,
        70,
        OF_JOB,
    ),
    "TokentailLokiRefusing": Trouble(
        spell("tokentail_loki_entries_total", f'{TARGET},outcome="refused"', 0, 1),
        45,
        80,
        OF_JOB,
    ),
    "TokentailSinkNotAccepting": Trouble(
        {f'tokentail_sink_entries_total{{{SHIPPED},outcome="accepted"}}': counter((30, 10), (30, 0), (150, 10))},
        55,
        70,
        {**OF_JOB, "sink": "splunk"},
    ),
    "TokentailSinkRefusing": Trouble(
        spell("tokentail_sink_entries_total", f'{SHIPPED},outcome="refused"', 0, 1),
        45,
        80,
        {**OF_JOB, "sink": "splunk"},
    ),
    "TokentailMetricsPushFailing": Trouble(
        {f'tokentail_pushed_samples_total{{{PUSHED},outcome="accepted"}}': counter((30, 400), (30, 0), (150, 400))},
        55,
        70,
        {**OF_JOB, "sink": "remote_write"},
    ),
    "TokentailLinesLost": Trouble(
        {f'tokentail_lost_bytes_total{{{TARGET},cause="truncated"}}': counter((30, 0), (1, 2048), (179, 0), start=7)},
        40,
        110,
        {**OF_JOB, "cause": "truncated"},
    ),
    "TokentailCheckpointFailing": Trouble(
        {f"tokentail_checkpoint_failing{{{TARGET}}}": gauge((30, 0), (20, 1), (160, 0))},
        45,
        60,
        OF_JOB,
    ),
    "TokentailParseFailures": Trouble(
        spell("tokentail_lines_total", f'{TARGET},outcome="bad_json"', 0, 5),
        45,
        80,
        OF_JOB,
    ),
    "TokentailSeriesOverflow": Trouble(
        spell("tokentail_series_overflow_total", TARGET, 0, 3),
        45,
        120,
        OF_JOB,
    ),
    "TokentailFileUnreadable": Trouble(
        {f'tokentail_file_errors_total{{{TARGET},reason="permission_denied"}}': counter((30, None), (30, 2), (150, 0))},
        58,
        80,
        {**OF_JOB, "reason": "permission_denied"},
    ),
    "TokentailDown": Trouble(
        {f"up{{{TARGET}}}": gauge((30, 1), (30, 0), (150, 1))},
        55,
        70,
        OF_JOB,
    ),
    "TokentailAbsent": Trouble(
        recorded("job:tokentail:count", JOB, (120, 3), (60, None), (60, 3)),
        150,
        200,
        OF_JOB,
        recorded=True,
    ),
}
