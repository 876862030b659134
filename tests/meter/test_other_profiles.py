"""The profiles of other systems on the wire: their names, types, labels and values, from the same ledger as `llm`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client.core import Metric

from parsers.base import ERROR_TYPES, Call
from tailer.config import Limits
from tailer.meter.ledger import OTHER, Cost, Ledger
from tailer.meter.profiles import PROFILES, needs_of
from tests.meter.calls import GPT, NOON_NS, SECOND_NS, USED, at
from tests.meter.exposed import Samples, promtool, samples, text

OTEL = ("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "gen_ai_response_model")
MIXIN = ("job", "source", "model", "environment")
FAMILIES: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "openai_mixin": {
        "openai_completionTokens": ("gauge", MIXIN),
        "openai_promptTokens": ("gauge", MIXIN),
        "openai_totalTokens": ("gauge", MIXIN),
        "openai_requestDuration": ("gauge", MIXIN),
        "openai_usageCost": ("gauge", MIXIN),
    },
    "prom_client": {
        "openai_api_requests": ("counter", ("capability", "operation", "status")),
        "openai_api_request_duration_ms": ("histogram", ("capability", "operation", "status")),
        "openai_api_tokens": ("counter", ("capability", "operation", "type")),
    },
    "scanium": {
        "openai_requests": ("counter", ("model", "status", "error_type")),
        "openai_request_duration_seconds": ("histogram", ("model", "status")),
        "openai_tokens": ("counter", ("model", "token_type")),
        "openai_rate_limit_requests_remaining": ("gauge", ("model", "limit_type")),
        "openai_rate_limit_tokens_remaining": ("gauge", ("model", "limit_type")),
    },
    "otel": {
        "gen_ai_client_operation_duration_seconds": ("histogram", (*OTEL, "error_type")),
        "gen_ai_client_token_usage": ("histogram", (*OTEL, "gen_ai_token_type", "error_type")),
        "gen_ai_client_operation_time_to_first_chunk_seconds": ("histogram", (*OTEL, "error_type")),
        "gen_ai_client_inference_usage_input_tokens": ("counter", OTEL),
        "gen_ai_client_inference_usage_output_tokens": ("counter", OTEL),
        "gen_ai_client_inference_usage_cache_read_input_tokens": ("counter", OTEL),
        "gen_ai_client_inference_usage_cache_write_input_tokens": ("counter", OTEL),
        "gen_ai_client_inference_usage_reasoning_output_tokens": ("counter", OTEL),
    },
}
COMPLAINTS = {
    "openai_api_request_duration_ms metric names should not contain abbreviated units",
    *(f"{name} metric names should be written in 'snake_case' not 'camelCase'" for name in FAMILIES["openai_mixin"]),
}
"""What promtool has against the names that those systems chose."""
DIMENSIONS = ("capability", "app_operation", "environment", "app_source")
MINE = ("parse-task", "core", "prod", "shop")
MODEL = "gpt-4o-2024-08-06"
LIMITED = {"remaining_requests": 9998.0, "remaining_input_tokens": 70.0, "reset_requests_seconds": 12.0}
CALL = at(USED._replace(duration_seconds=0.06, time_to_first_token_seconds=0.2, rate_limit=LIMITED), -5)


def ledger(limits: Limits | None = None, dimensions: tuple[str, ...] = DIMENSIONS) -> Ledger:
    return Ledger(limits or Limits(), dimensions, needs_of(PROFILES))


def add(to: Ledger, call: Call, values: tuple[str, ...] = MINE, usd: float | None = 0.0046475) -> None:
    cost = None if usd is None else Cost(round(usd * 10**12), "estimated")
    to.add(call, values, cost, None, NOON_NS)


def busy() -> Ledger:
    """One call that went well, one that failed, one of another capability without usage."""
    made = ledger()
    add(made, CALL)
    add(made, GPT._replace(error_type="rate_limit", duration_seconds=3.0, model=None), usd=None)
    add(made, GPT._replace(duration_seconds=0.25), ("rank", "subtasks", "", ""), usd=None)
    return made


def families(name: str, of: Ledger, now_ns: int = NOON_NS, **static: str) -> Iterator[Metric]:
    return PROFILES[name].families(of, now_ns, static)


def read(name: str, of: Ledger, now_ns: int = NOON_NS, **static: str) -> Samples:
    return samples(families(name, of, now_ns, **static))


def value(found: Samples, name: str, **labels: str) -> float | None:
    """The one sample of this name that has these labels, None without one."""
    values = [it for (known, pairs), it in found.items() if known == name and labels.items() <= dict(pairs).items()]
    assert len(values) < 2, values
    return values[0] if values else None


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_has_the_name_type_and_labels_of_its_system(name: str) -> None:
    shown = {}
    for family in families(name, busy()):
        bare = {tuple(label for label in sample.labels if label != "le") for sample in family.samples}
        assert len(bare) == 1, family.name
        shown[family.name] = (family.type, bare.pop())
    assert shown == FAMILIES[name]


def test_all_profiles_at_once_have_no_fault_but_their_systems_own_names() -> None:
    for made, expected in ((ledger(), set[str]()), (busy(), COMPLAINTS)):
        complaints = promtool(text(family for name in PROFILES for family in families(name, made)))
        assert set(complaints.splitlines()) == expected


def test_the_mixin_shows_the_last_call_and_not_a_sum() -> None:
    made = busy()
    add(made, at(USED._replace(input_tokens=10, output_tokens=2, duration_seconds=1.5), -3), usd=0.5)
    add(made, at(USED._replace(input_tokens=99_999), -4), usd=9)
    found = read("openai_mixin", made)
    labels = {"job": "integrations/openai", "model": MODEL, "source": "shop", "environment": "prod"}
    shown = {name.removeprefix("openai_"): value(found, name, **labels) for name in FAMILIES["openai_mixin"]}
    assert shown == {
        "completionTokens": 2,
        "promptTokens": 10,
        "totalTokens": 12,
        "requestDuration": 1.5,
        "usageCost": 0.5,
    }


def test_the_mixin_is_silent_about_what_the_last_call_did_not_tell() -> None:
    made = ledger(dimensions=())
    add(made, CALL, ())
    add(made, USED._replace(duration_seconds=float("inf")), (), usd=None)
    found = read("openai_mixin", made, environment="prod")
    assert value(found, "openai_promptTokens", environment="prod", source="") == 1523
    assert value(found, "openai_usageCost") is value(found, "openai_requestDuration") is None


def test_a_failed_call_is_not_the_mixin_s_last_one() -> None:
    made = busy()
    add(made, GPT._replace(error_type="timeout", duration_seconds=60.0))
    assert value(read("openai_mixin", made), "openai_requestDuration") == 0.06


def test_prom_client_counts_by_the_application_s_own_names_and_in_milliseconds() -> None:
    found = read("prom_client", busy())
    mine = {"capability": "parse-task", "operation": "core"}
    assert value(found, "openai_api_requests_total", **mine, status="success") == 1
    assert value(found, "openai_api_requests_total", **mine, status="failure") == 1
    assert value(found, "openai_api_tokens_total", **mine, type="input") == 1523
    buckets = {
        dict(pairs)["le"]: it
        for (name, pairs), it in found.items()
        if name == "openai_api_request_duration_ms_bucket"
        and {("capability", "rank"), ("status", "success")} <= {*pairs}
    }
    assert buckets == {
        **dict.fromkeys(["10.0", "50.0", "100.0"], 0.0),
        **dict.fromkeys(["250.0", "500.0", "1000.0", "2500.0", "5000.0", "10000.0", "+Inf"], 1.0),
    }
    assert value(found, "openai_api_request_duration_ms_sum", **mine, status="failure") == 3000


def test_a_failure_without_a_duration_counts_without_one() -> None:
    made = ledger(dimensions=())
    add(made, GPT._replace(error_type="timeout"), ())
    found = read("prom_client", made)
    assert value(found, "openai_api_requests_total", capability="", operation="", status="failure") == 1
    assert value(found, "openai_api_request_duration_ms_count", status="failure") is None


@pytest.mark.parametrize("error", ERROR_TYPES)
def test_scanium_knows_four_kinds_of_errors(error: str) -> None:
    made = ledger(dimensions=())
    add(made, GPT._replace(error_type=error), ())
    kinds = {dict(pairs)["error_type"]: it for (name, pairs), it in read("scanium", made).items() if it}
    expected = {
        **dict.fromkeys(["authentication", "permission"], "UNAUTHORIZED"),
        **dict.fromkeys(["rate_limit", "quota_exceeded"], "RATE_LIMITED"),
        **dict.fromkeys(["timeout", "overloaded", "server_error", "connection"], "PROVIDER_UNAVAILABLE"),
    }
    assert kinds == {expected.get(error, "PROVIDER_ERROR"): 1}


def test_scanium_s_totals_and_its_limits_until_their_reset() -> None:
    made = busy()
    found = read("scanium", made)
    tokens = {kind: value(found, "openai_tokens_total", model=MODEL, token_type=kind) for kind in ("input", "output")}
    assert tokens == {"input": 1523, "output": 212}
    assert value(found, "openai_tokens_total", model=MODEL, token_type="total") == 1735
    assert value(found, "openai_rate_limit_requests_remaining", limit_type="requests") == 9998
    assert value(found, "openai_rate_limit_tokens_remaining", limit_type="input_tokens") == 70
    assert value(found, "openai_rate_limit_tokens_remaining", limit_type="tokens") is None
    assert value(read("scanium", made, NOON_NS + 8 * SECOND_NS), "openai_rate_limit_requests_remaining") is None


def test_otel_tells_the_model_asked_for_from_the_one_that_answered() -> None:
    found = read("otel", busy())
    answered = {"gen_ai_request_model": "gpt-4o", "gen_ai_response_model": MODEL}
    refused = {"gen_ai_request_model": "gpt-4o", "gen_ai_response_model": "", "error_type": "rate_limit"}
    assert value(found, "gen_ai_client_operation_duration_seconds_count", **answered, error_type="") == 2
    assert value(found, "gen_ai_client_operation_duration_seconds_sum", **refused) == 3
    assert value(found, "gen_ai_client_token_usage_bucket", **answered, gen_ai_token_type="input", le="1024.0") == 0
    assert value(found, "gen_ai_client_token_usage_bucket", **answered, gen_ai_token_type="input", le="4096.0") == 1
    assert value(found, "gen_ai_client_token_usage_sum", **answered, gen_ai_token_type="output") == 212
    assert value(found, "gen_ai_client_inference_usage_cache_read_input_tokens_total", **answered) == 1024


def test_llm_does_not_multiply_beside_otel() -> None:
    made = ledger(dimensions=())
    for asked in ("gpt-4o", "my-deployment", None):
        add(made, CALL._replace(request_model=asked), ())
    alone = Ledger(Limits())
    for _ in range(3):
        add(alone, CALL, ())
    assert read("llm", made) == read("llm", alone)


@pytest.mark.parametrize("name", [*PROFILES])
def test_a_full_ledger_shares_its_other_series_with_every_profile(name: str) -> None:
    """The sums stay whole."""
    full, ample = (ledger(limits, ("capability",)) for limits in (Limits(counter_label_sets=20), Limits()))
    for number in range(30):
        for made in (full, ample):
            add(made, USED._replace(model=f"model-{number}"), (f"task-{number}",))
    counted = {it for family in families(name, full) if family.type == "counter" for it in [f"{family.name}_total"]}
    for total in counted:
        sums = [
            sum(it for (known, _), it in read(name, made).items() if known == total and it) for made in (full, ample)
        ]
        assert sums[0] == sums[1], total
    shown = {label for (_, pairs), it in read(name, full).items() if it for _, label in pairs}
    assert OTHER in shown
