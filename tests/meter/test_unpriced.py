"""Calls without a price are kept until there is one, paid once, and never more of them than there is room for."""

from __future__ import annotations

from pathlib import Path

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.base import Call
from tailer.config import Limits
from tailer.meter.ledger import OTHER, Cost, Ledger
from tailer.meter.price_table import PriceTable
from tailer.meter.prices import Prices
from tailer.meter.unpriced import DAY_NS, LONG_INPUTS, Unpriced
from tests.meter.calls import NOON_NS, reloaded

MINE = Call(provider="vllm", operation="chat", model="llama-x", input_tokens=1000, output_tokens=100)
BASE = ("vllm", "llama-x", "chat")
NOTHING = Prices.load()


def priced(folder: Path, text: str, aliases: dict[str, str] | None = None) -> Prices:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return Prices.load([str(path)], aliases or {})


def pay(ledger: Ledger, prices: Prices) -> int:
    def price_again(call: Call, calls: int) -> Cost | None:
        pico_usd = prices.estimate(call, calls=calls)
        return None if pico_usd is None else Cost(pico_usd, "estimated")

    return ledger.price(price_again)


def counted(*calls: Call, prices: Prices = NOTHING, limits: Limits | None = None) -> Ledger:
    ledger = Ledger(limits or Limits())
    for call in calls:
        cost = prices.cost(call)
        ledger.add(call, (), None if cost is None else Cost(*cost), None, NOON_NS)
    return ledger


def costs(ledger: Ledger) -> dict[tuple[str, ...], float]:
    return {labels: value for labels, value in ledger.counters["cost"].values.items() if value}


def test_a_price_that_comes_later_is_paid_once_and_the_unpriced_counters_stay(tmp_path: Path) -> None:
    ledger = counted(MINE, MINE)
    assert pay(ledger, NOTHING) == 0
    prices = priced(tmp_path, "- {model: llama-x, input: 1, output: 10}")
    assert pay(reloaded(ledger), prices) == 2
    assert [pay(ledger, prices) for _ in range(3)] == [2, 0, 0]
    assert costs(ledger) == {(*BASE, "estimated"): 2 * (1000 + 1000) * 10**6}
    assert ledger.counters["unpriced_requests"].values[BASE] == 2
    again = reloaded(ledger)
    assert pay(again, prices) == 0
    assert costs(again) == costs(ledger)


def test_a_price_with_a_date_is_paid_by_the_calls_of_its_days(tmp_path: Path) -> None:
    day = 20_600
    ledger = counted(*(MINE._replace(timestamp_ns=(day + number) * DAY_NS + 5) for number in range(4)), MINE)
    prices = priced(tmp_path, "- {model: llama-x, input: 1, output: 0, from: 2026-05-29}")
    assert day + 2 == 20_602, "2026-05-29"
    assert pay(ledger, prices) == 3, "two of the days, and the one without a time at the table's date"
    assert pay(ledger, priced(tmp_path, "- {model: llama-*, input: 2, output: 0}")) == 2
    assert costs(ledger) == {(*BASE, "estimated"): (3 * 1000 + 2 * 2000) * 10**6}


def test_an_alias_that_comes_later_is_a_price_too() -> None:
    ledger = counted(MINE._replace(provider="azure.ai.openai", model=None, request_model="prod-chat"))
    assert pay(ledger, Prices.load(aliases={"prod-*": "gpt-4o"})) == 1
    assert costs(ledger) == {("azure.ai.openai", "prod-chat", "chat", "estimated"): 1000 * 2_500_000 + 100 * 10_000_000}


def test_calls_billed_by_other_measures_wait_too(tmp_path: Path) -> None:
    """By the image, by the request, by the search."""
    image = Call(provider="openai", operation="image_generation", model="dall-e-3", units={"images": 2})
    rerank = Call(provider="cohere", operation="rerank", model="rerank-of-ours", units={"searches": 1})
    ledger = counted(image, image, rerank)
    assert ledger.counters["unpriced_requests"].values["openai", "dall-e-3", "image_generation"] == 2
    assert not any(ledger.counters["usage_missing"].values.values())
    text = "- {model: dall-e-3, images_1k: 40}\n- {model: rerank-of-ours, searches_1k: 2, requests_1k: 1000}"
    assert pay(ledger, priced(tmp_path, text)) == 3
    usd = {labels[1]: value / 10**12 for labels, value in costs(ledger).items()}
    assert usd == {"dall-e-3": 0.16, "rerank-of-ours": 1.002}


def test_what_no_price_list_can_name_does_not_wait() -> None:
    waiting = Unpriced(10)
    for model in (None, "", "m" * 257):
        assert waiting.add(("", "", ""), MINE._replace(model=model)) == 0
    assert len(waiting) == 0


def test_the_longest_kept_make_room_and_are_counted() -> None:
    limits = Limits(counter_label_sets=20)
    ledger = counted(*(MINE._replace(model=f"m-{number // 2}") for number in range(60)), limits=limits)
    assert ledger.given_up == 20
    assert len(ledger.dump().unpriced) == 20
    assert any(OTHER in waiting.base for waiting in ledger.dump().unpriced) is False


def test_a_dimension_that_is_dropped_sums_what_waits(tmp_path: Path) -> None:
    ledger = Ledger(Limits(), ("team",))
    for team in ("a", "b"):
        ledger.add(MINE, (team,), None, None, NOON_NS)
    again = reloaded(ledger)
    assert len(again.dump().unpriced) == 1
    assert pay(again, priced(tmp_path, "- {model: llama-x, input: 1, output: 10}")) == 2


def test_no_price_of_the_table_begins_within_a_sum() -> None:
    """Prices for long inputs begin only where calls are kept apart."""
    starts = set[int]()

    def look(found: object) -> None:
        match found:
            case dict():
                for price in found.values():
                    if isinstance(price, list):
                        starts.update(price[1::2])
            case list():
                for item in found:
                    look(item)

    table = orjson.loads((Path(__file__).parents[2] / "tailer/meter/price_table.json").read_bytes())
    look([row[2:] for rows in table["models"].values() for row in rows])
    assert starts
    assert starts <= set(LONG_INPUTS)
    assert table["date"] == PriceTable.packaged().date


CALLS = st.builds(
    Call,
    provider=st.sampled_from(["google", "vllm"]),
    model=st.sampled_from(["gemini-2.5-pro", "claude-sonnet-4-5"]),
    operation=st.sampled_from(["chat", None]),
    input_tokens=st.integers(300, 10**6) | st.sampled_from([200_000, 200_001, 199_999]),
    output_tokens=st.integers(100, 10**5),
    details=st.fixed_dictionaries(
        {},
        optional={
            "cached_input": st.integers(0, 200),
            "cache_write": st.integers(0, 100),
            "reasoning": st.integers(0, 100),
        },
    ),
    units=st.just({}),
    cost_usd=st.none(),
    request_model=st.none(),
    service_tier=st.sampled_from([None, "batch", "scale"]),
    region=st.sampled_from([None, "us-east5"]),
    timestamp_ns=st.none() | st.sampled_from([NOON_NS, NOON_NS + DAY_NS]),
)


@given(st.lists(CALLS, max_size=12))
@settings(max_examples=60)
def test_sums_are_paid_as_each_call_would_have_been(calls: list[Call]) -> None:
    """Cached, long, in batches, of different days: to the pico-dollar, whether the price came before or after."""
    late, early = Ledger(Limits()), counted(*calls)
    for call in calls:
        late.add(call, (), None, None, NOON_NS)
    pay(late, NOTHING)
    assert costs(late) == costs(early)
