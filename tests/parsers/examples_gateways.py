"""Log lines of API gateways, made up for these tests, with what each parser must give for them."""

from __future__ import annotations

from typing import Any

from parsers.base import Call, Record, Several
from parsers.contract import Example

Json = dict[str, Any]


def kong_plugin(**changes: object) -> Json:
    """What Kong's ai-proxy adds for one call."""
    return {
        "meta": {
            "plugin_id": "da587462-a802-4c22-931a-e6a92c5866d1",
            "provider_name": "azure",
            "request_model": "gpt-4o",
            "response_model": "gpt-4o-2024-08-06",
            "request_mode": "streaming",
            "llm_latency": 2340,
        },
        "usage": {
            "prompt_tokens": 1523,
            "prompt_tokens_details": {"cached_tokens": 1024, "audio_tokens": 0},
            "completion_tokens": 212,
            "completion_tokens_details": {"reasoning_tokens": 128},
            "total_tokens": 1735,
            "cost": 0.0046475,
            "time_per_token": 11,
            "time_to_first_token": 400,
        },
        "payload": {"response": '{"usage": {"prompt_tokens": 999999}}'},
        **changes,
    }


def kong(plugins: Json | None = None, *, status: int = 200) -> Json:
    """An entry of Kong's log."""
    return {
        "started_at": 1_795_194_005_250,
        "ai": plugins or {"proxy": kong_plugin()},
        "request": {"id": "6d1f", "method": "POST", "uri": "/chat", "size": 310, "headers": {"host": "ai.example"}},
        "response": {"status": status, "size": 1200, "headers": {"content-type": "application/json"}},
        "latencies": {"request": 2400, "kong": 60, "proxy": 2340},
        "upstream_status": str(status),
        "client_ip": "10.0.0.4",
        "service": {"name": "llm"},
    }


def cloudflare(**changes: object) -> Json:
    """An entry of the log of Cloudflare's AI Gateway."""
    return {
        "id": "01KA7T",
        "created_at": "2026-11-20 17:00:07",
        "provider": "google-ai-studio",
        "model": "gemini-2.5-flash",
        "model_type": "chat",
        "path": "v1beta/models/gemini-2.5-flash:generateContent",
        "duration": 812,
        "request_type": "universal",
        "request_content_type": "application/json",
        "status_code": 200,
        "response_content_type": "application/json",
        "success": True,
        "cached": False,
        "tokens_in": 310,
        "tokens_out": 45,
        "cost": 0.0002055,
        "custom_cost": False,
        "step": 0,
        "metadata": "{}",
        **changes,
    }


def pushed(**changes: object) -> Json:
    """The same as Logpush sends it: what was said is encrypted, and the tokens with it."""
    sealed = {"type": "encrypted", "key": "x", "iv": "y", "data": "z"}
    return {
        "Cached": False,
        "Endpoint": "chat/completions",
        "Gateway": "prod",
        "Metadata": sealed,
        "Model": "gpt-4o",
        "Provider": "openai",
        "RateLimited": False,
        "RequestBody": sealed,
        "ResponseBody": sealed,
        "StatusCode": 200,
        **changes,
    }


def apisix(*, status: int = 200, **summary: object) -> Json:
    """An entry of APISIX's loggers with the summary of its plugin ai-proxy."""
    return {
        "start_time": 1_795_194_005_250,
        "latency": 1525.5,
        "upstream_latency": 1500,
        "apisix_latency": 25.5,
        "request": {"method": "POST", "uri": "/anything", "size": 300, "headers": {"host": "ai.example"}},
        "response": {"status": status, "size": 900, "headers": {"content-type": "text/event-stream"}},
        "route_id": "1",
        "client_ip": "10.0.0.4",
        "llm_summary": {
            "model": "gpt-4o-mini",
            "request_model": "small",
            "duration": 240,
            "prompt_tokens": 23,
            "completion_tokens": 8,
            "total_tokens": 31,
            "upstream_response_time": 1500,
            "stream": "true",
            **summary,
        },
    }


KONG_CALL = Call(
    provider="azure.ai.openai",
    operation="chat",
    model="gpt-4o-2024-08-06",
    request_model="gpt-4o",
    input_tokens=1523,
    output_tokens=212,
    details={"cached_input": 1024, "audio_input": 0, "reasoning": 128},
    cost_usd=0.0046475,
    duration_seconds=2.34,
    time_to_first_token_seconds=0.4,
    request_id="6d1f",
    stream=True,
)
KONG_FAILED = kong_plugin(
    meta={"provider_name": "openai", "request_model": "gpt-4o", "response_model": "UNSPECIFIED", "llm_latency": 0},
    usage={"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, "cost": 0, "time_per_token": 0},
)
KONG_OLD = {
    "meta": {"provider_name": "cohere", "request_model": "command", "response_model": "command"},
    "usage": {"prompt_token": 28, "completion_token": 20, "total_tokens": 48, "cost": 0.0038},
}
OLD_CALL = Call(
    provider="cohere",
    operation="chat",
    model="command",
    request_model="command",
    input_tokens=28,
    output_tokens=20,
    cost_usd=0.0038,
    duration_seconds=2.4,
    request_id="6d1f",
)
CLOUDFLARE_CALL = Call(
    provider="gcp.gemini",
    operation="generate_content",
    model="gemini-2.5-flash",
    input_tokens=310,
    output_tokens=45,
    cost_usd=0.0002055,
    duration_seconds=0.812,
    request_id="01KA7T",
)
APISIX_CALL = Call(
    provider="openai",
    operation="chat",
    model="gpt-4o-mini",
    request_model="small",
    input_tokens=23,
    output_tokens=8,
    duration_seconds=1.5,
    time_to_first_token_seconds=0.24,
    stream=True,
)

KONG: list[Example] = [
    (Record(kong()), KONG_CALL),
    (
        Record(kong({"ai-request-transformer": KONG_OLD, "proxy": kong_plugin(), "mcp": {"rpc": []}})),
        Several((OLD_CALL, KONG_CALL)),
    ),
    (
        Record(kong({"proxy": KONG_FAILED}, status=429)),
        Call(
            provider="openai",
            request_model="gpt-4o",
            error_type="rate_limit",
            duration_seconds=2.4,
            request_id="6d1f",
        ),
    ),
    (
        Record(kong({"proxy": kong_plugin(cache={"cache_status": "Hit", "fetch_latency": 12})})),
        KONG_CALL._replace(input_tokens=0, output_tokens=0, details={}, cost_usd=0.0),
    ),
]
CLOUDFLARE: list[Example] = [
    (Record(cloudflare()), CLOUDFLARE_CALL),
    (Record(cloudflare(cached=True, cost=0)), CLOUDFLARE_CALL._replace(input_tokens=0, output_tokens=0, cost_usd=0.0)),
    (
        Record(cloudflare(status_code=429, success=False, tokens_in=0, tokens_out=0, cost=0)),
        CLOUDFLARE_CALL._replace(error_type="rate_limit", input_tokens=None, output_tokens=None, cost_usd=None),
    ),
    (Record(pushed()), Call(provider="openai", operation="chat", model="gpt-4o")),
    (
        Record(pushed(StatusCode=424, Provider="workers-ai", Endpoint="run")),
        Call(provider="cloudflare", model="gpt-4o", error_type="server_error"),
    ),
]
APISIX: list[Example] = [
    (Record(apisix()), APISIX_CALL),
    (
        Record(apisix(status=502, prompt_tokens="0", completion_tokens="0", total_tokens="0", stream="false")),
        APISIX_CALL._replace(
            error_type="server_error",
            input_tokens=None,
            output_tokens=None,
            time_to_first_token_seconds=None,
            stream=False,
        ),
    ),
]
