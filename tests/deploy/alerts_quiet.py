"""Worlds in which no alert has anything to tell, as series. Data only."""

from __future__ import annotations

from collections.abc import Mapping

from tests.deploy.alerts_promtool import counter, gauge
from tests.deploy.alerts_world import CALLS, COUNTERS, GAUGES, JOB, MODEL, TARGET, healthy, recorded

EVENT = 'status="error",error_type="server_error"'
ONCE = "7x19 8x19 9x19 10x19 11x19 12x19"
"""A call every 20 minutes."""
NOW_AND_THEN = " ".join(["100 stale _x18"] * 6)
"""A gauge that is gone at the next scrape."""

# worlds in which nothing is to be told, whatever happens in them
QUIET: dict[str, Mapping[str, str]] = {
    "nothing at all": {},
    "everything is well": healthy(120),
    "only the sidecar is new, with years of history": {
        name: f"_x30 {values}" for name, values in healthy(90, start=1_000_000).items()
    },
    "all counters start over": healthy(60, (1, -1))
    | {name: f"{counter((60, rate), start=1_000_000)} {counter((60, rate))}" for name, rate in COUNTERS.items()}
    | {name: gauge((120, value)) for name, value in GAUGES.items()},
    "a restart goes on from the saved state": {
        name: counter((60, rate), (2, None), (58, rate), start=1_000_000) for name, rate in COUNTERS.items()
    }
    | {name: gauge((60, value), (2, None), (58, value)) for name, value in GAUGES.items()},
    "nobody scraped for a while": {
        name: counter((60, rate), (18, None), (42, rate), start=1_000_000) for name, rate in COUNTERS.items()
    }
    | {name: gauge((60, value), (18, None), (42, value)) for name, value in GAUGES.items()},
    "a call every 20 minutes, which fails": {
        f'llm_requests_total{{{CALLS},status="success",error_type=""}}': "7x119",
        f'llm_requests_total{{{CALLS},status="error",error_type="cancelled"}}': "7x119",
        f"llm_requests_total{{{CALLS},{EVENT}}}": ONCE,
    },
    "a call every 20 minutes, slow, without usage, at the limit": {
        f'llm_requests_total{{{CALLS},status="success",error_type=""}}': ONCE,
        f'llm_usage_missing_total{{{CALLS},reason="no_usage"}}': ONCE,
        f'llm_request_duration_seconds_bucket{{{CALLS},status="success",le="10.24"}}': "7x119",
        f'llm_request_duration_seconds_bucket{{{CALLS},status="success",le="+Inf"}}': ONCE,
        f'llm_rate_limit_remaining{{{CALLS},limit="requests"}}': NOW_AND_THEN,
        f'llm_rate_limit_limit{{{CALLS},limit="requests"}}': NOW_AND_THEN.replace("100 ", "10000 "),
    },
    "a bad line now and then": {f'tokentail_lines_total{{{TARGET},outcome="bad_json"}}': ONCE},
}

# the same for what days of recorded series decide: the alert, its world, the minute to look at
QUIET_DAYS: tuple[tuple[str, str, Mapping[str, str], int], ...] = (
    (
        "LLMProjectedSpendOverBudget",
        "an expensive hour that is over",
        recorded("service:llm_cost_usd:rate5m", JOB, (300, 0.0001), (60, 0.02), (400, 0.0001)),
        430,
    ),
    (
        "LLMDailySpendOverBudget",
        "an expensive hour in a cheap day",
        recorded("service:llm_cost_usd:rate5m", JOB, (1400, 0.0001), (60, 0.02)),
        1459,
    ),
    (
        "LLMSpendJump",
        "ten times next to nothing",
        recorded("service:llm_cost_usd:rate5m", JOB, (10_080, 0.00001), (400, 0.0001)),
        10_470,
    ),
    (
        "LLMSpendJump",
        "no spend a week ago",
        recorded("service:llm_cost_usd:rate5m", JOB, (10_080, 0), (400, 0.01)),
        10_470,
    ),
    (
        "LLMCachedInputShareCollapsed",
        "a handful of calls",
        {
            **recorded("model:llm_cached_input_tokens:rate5m", MODEL, (1500, 4), (120, 0)),
            **recorded("model:llm_input_tokens:rate5m", MODEL, (1620, 10)),
            **recorded("model:llm_requests:rate5m", MODEL, (1500, 0.2), (120, 0.005)),
        },
        1619,
    ),
    (
        "LLMErrorBudgetBurnSlow",
        "a handful of calls",
        {
            **recorded("service:llm_requests_failed:ratio_rate3d", JOB, (210, 1)),
            **recorded("service:llm_requests_failed:ratio_rate6h", JOB, (210, 1)),
            **recorded("service:llm_requests:rate5m", JOB, (210, 0.001)),
        },
        200,
    ),
    (
        "LLMModelSilent",
        "a model that few call",
        {
            **recorded("model:llm_requests:rate5m", MODEL, (1440, 0.01), (60, 0)),
            **recorded("job:tokentail:count", JOB, (1500, 3)),
        },
        1485,
    ),
    (
        "LLMModelSilent",
        "a model whose sidecars are gone: that is TokentailAbsent",
        {
            **recorded("model:llm_requests:rate5m", MODEL, (1440, 0.1)),
            **recorded("job:tokentail:count", JOB, (1440, 3)),
        },
        1485,
    ),
    (
        "TokentailAbsent",
        "a job that ran for half an hour",
        recorded("job:tokentail:count", JOB, (30, 3), (60, None)),
        80,
    ),
)
