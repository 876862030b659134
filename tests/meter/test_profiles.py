"""Profile `llm` on the wire: the names, types, labels and buckets of the contract, in both formats."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.core import Metric

from tailer.config import Limits
from tailer.meter.ledger import Cost, Ledger
from tailer.meter.profiles import llm
from tailer.telemetry import Telemetry, build_info
from tests.meter.calls import GPT, NOON_NS, SECOND_NS, USED
from tests.meter.exposed import OPENMETRICS, openmetrics_types, promtool, samples, text

BASE = ("provider", "model", "operation")
CONTRACT = {
    "llm_requests_total": ("counter", (*BASE, "status", "error_type")),
    "llm_request_duration_seconds": ("histogram", (*BASE, "status")),
    "llm_time_to_first_token_seconds": ("histogram", BASE),
    "llm_tokens_total": ("counter", (*BASE, "type")),
    "llm_token_details_total": ("counter", (*BASE, "detail")),
    "llm_cost_usd_total": ("counter", (*BASE, "source")),
    "llm_unpriced_requests_total": ("counter", BASE),
    "llm_unpriced_tokens_total": ("counter", BASE),
    "llm_usage_missing_total": ("counter", (*BASE, "reason")),
    "llm_rate_limit_remaining": ("gauge", (*BASE, "limit")),
    "llm_rate_limit_limit": ("gauge", (*BASE, "limit")),
}
AWKWARD = ['say "hi"', "two\nlines", "back\\slash\\n", "模型-🚀", "tab\t\x00nul", " ", "{}=,#", "a\r\nb", "\u2028"]
NAMES = (("provider", "openai"), ("model", "gpt-4o-2024-08-06"), ("operation", "chat"))


def busy(model: str = "gpt-4o-2024-08-06", dimensions: tuple[str, ...] = ()) -> Ledger:
    """A ledger with something in every family."""
    ledger = Ledger(Limits(), tuple(f"dimension_{number}" for number in range(len(dimensions))))
    timed = USED._replace(model=model, duration_seconds=1.843, time_to_first_token_seconds=0.2)
    told = {"remaining_requests": 9998.0, "limit_requests": 10000.0, "reset_requests_seconds": 12.0}
    ledger.add(timed._replace(rate_limit=told), dimensions, Cost(4_647_500_000, "reported"), None, NOON_NS)
    ledger.add(timed, dimensions, None, None, NOON_NS)
    ledger.add(GPT._replace(model=model), dimensions, None, None, NOON_NS)
    return ledger


def everything(ledger: Ledger) -> Iterator[Metric]:
    yield from llm(ledger, NOON_NS)
    yield from Telemetry().families()
    yield build_info()


def labels(**more: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((*NAMES, *more.items())))


def test_every_family_has_the_name_type_and_labels_of_the_contract() -> None:
    families = {family.name: family for family in llm(busy(), NOON_NS)}
    shown = {}
    for name, (kind, _) in CONTRACT.items():
        family = families.pop(name.removesuffix("_total") if kind == "counter" else name)
        carried = {tuple(sample.labels) for sample in family.samples}
        bare = {tuple(label for label in names if label != "le") for names in carried}
        assert len(bare) == 1, name
        shown[name] = (family.type, bare.pop())
    assert shown == CONTRACT
    assert families == {}


def test_what_a_scrape_reads_is_what_was_counted() -> None:
    read = samples(llm(busy(), NOON_NS))
    assert read["llm_requests_total", labels(status="success", error_type="")] == 3
    assert read["llm_requests_total", labels(status="error", error_type="rate_limit")] == 0
    assert read["llm_tokens_total", labels(type="input")] == 3046
    assert read["llm_token_details_total", labels(detail="cached_input")] == 2048
    assert read["llm_cost_usd_total", labels(source="reported")] == 0.0046475
    assert read["llm_unpriced_tokens_total", labels()] == 1735
    assert read["llm_usage_missing_total", labels(reason="no_usage")] == 1
    assert read["llm_rate_limit_remaining", labels(limit="requests")] == 9998
    assert read["llm_rate_limit_limit", labels(limit="requests")] == 10000


def test_the_buckets_double_from_ten_milliseconds_to_163_seconds() -> None:
    read = samples(llm(busy(), NOON_NS))
    buckets = [
        (dict(key)["le"], value) for (name, key), value in read.items() if name == "llm_request_duration_seconds_bucket"
    ]
    bounds = ["0.01", "0.02", "0.04", "0.08", "0.16", "0.32", "0.64", "1.28", "2.56", "5.12", "10.24", "20.48"]
    assert [bound for bound, _ in buckets] == [*bounds, "40.96", "81.92", "163.84", "+Inf"]
    assert [value for _, value in buckets] == [0.0] * 8 + [2.0] * 8
    assert read["llm_request_duration_seconds_count", labels(status="success")] == 2
    assert read["llm_request_duration_seconds_sum", labels(status="success")] == 3.686


def test_a_value_on_a_bound_belongs_to_its_bucket() -> None:
    ledger = Ledger(Limits())
    ledger.add(USED._replace(duration_seconds=0.02), (), None, None, NOON_NS)
    read = samples(llm(ledger, NOON_NS))
    assert read["llm_request_duration_seconds_bucket", labels(status="success", le="0.01")] == 0
    assert read["llm_request_duration_seconds_bucket", labels(status="success", le="0.02")] == 1


def test_a_rate_limit_is_not_shown_after_its_reset() -> None:
    ledger = busy()
    before = {name for name, _ in samples(llm(ledger, NOON_NS + 11 * SECOND_NS))}
    after = {name for name, _ in samples(llm(ledger, NOON_NS + 12 * SECOND_NS))}
    assert before - after == {"llm_rate_limit_remaining", "llm_rate_limit_limit"}


@pytest.mark.parametrize("ledger", [Ledger(Limits()), busy(), busy("a", ("search", "eu"))], ids=["empty", "full", "+2"])
def test_promtool_finds_no_fault(ledger: Ledger) -> None:
    assert promtool(text(everything(ledger))) == ""


def test_promtool_finds_no_fault_in_awkward_names() -> None:
    ledger = Ledger(Limits(), ("team",))
    for name in AWKWARD:
        ledger.add(USED._replace(model=name, provider=name, duration_seconds=1), (name,), None, None, NOON_NS)
    assert promtool(text(everything(ledger))) == ""


@given(st.lists(st.sampled_from(AWKWARD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1))
@settings(max_examples=50)
def test_any_name_is_read_back_as_it_was(names: list[str]) -> None:
    ledger = Ledger(Limits(), ("team",))
    for name in names:
        ledger.add(USED._replace(model=name), (name,), None, None, NOON_NS)
    read = samples(llm(ledger, NOON_NS), OPENMETRICS)
    shown = {(dict(key)["model"], dict(key)["team"]) for name, key in read if name == "llm_unpriced_requests_total"}
    assert shown == {(name or "gpt-4o", name) for name in names}


def test_openmetrics_is_complete_and_says_the_same_as_the_plain_text() -> None:
    ledger = busy("模型", ('quo"te',))
    exposition = text(everything(ledger), OPENMETRICS)
    assert exposition.endswith("# EOF\n")
    types = openmetrics_types(exposition)
    assert types["llm_requests"] == "counter"
    assert types["llm_request_duration_seconds"] == "histogram"
    assert samples(everything(ledger), OPENMETRICS) == samples(everything(ledger))


def test_no_series_tells_when_it_was_created() -> None:
    """`_created` would be a second series for each, and its time would be that of the restart."""
    for accept in ("", OPENMETRICS):
        assert "_created" not in text(everything(busy()), accept)
