"""What a model's name stands for by the configuration: for its price and for nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.base import Call
from tailer.meter.prices import Prices

SEEN = Call(provider="azure.ai.openai", input_tokens=1_000_000, output_tokens=0)


def usd(
    prices: Prices, model: str | None, request_model: str | None = None, provider: str | None = None
) -> float | None:
    call = SEEN._replace(model=model, request_model=request_model, provider=provider or SEEN.provider)
    found = prices.estimate(call)
    return None if found is None else found / 10**12


@pytest.mark.parametrize(
    ("aliases", "model", "request_model", "expected"),
    [
        ({"prod-chat": "gpt-4o"}, "prod-chat", None, 2.5),
        ({"Prod-Chat": "gpt-4o"}, "prod-chat", None, 2.5),
        ({"prod-chat": "gpt-4o"}, None, "prod-chat", 2.5),
        ({"prod-*": "gpt-4o", "prod-mini": "gpt-4o-mini"}, "prod-mini", None, 0.15),
        ({"prod-*": "gpt-4o"}, "prod-2026-11", None, 2.5),
        ({"ft:gpt-4.1-mini-*": "gpt-4.1-mini"}, "ft:gpt-4.1-mini-2025-04-14:acme::x", None, 0.4),
        ({"other": "gpt-4o"}, "prod-chat", None, None),
        ({"prod-chat": "no-such-model"}, "prod-chat", None, None),
        ({"gpt-4o": "o3"}, "gpt-4o", None, 2),
    ],
)
def test_a_name_costs_what_it_stands_for(
    aliases: dict[str, str], model: str | None, request_model: str | None, expected: float | None
) -> None:
    assert usd(Prices.load(aliases=aliases), model, request_model) == expected


def test_the_model_that_answered_goes_before_an_alias_of_the_deployment() -> None:
    """It says which snapshot it was; only a name that is no known model leaves it to what was asked for."""
    prices = Prices.load(aliases={"prod-chat": "gpt-4o"})
    assert usd(prices, "gpt-4o-2024-05-13", "prod-chat") == 5
    assert usd(prices, "gpt-4o-of-ours", "prod-chat") == 2.5


def test_an_alias_can_name_another_provider(tmp_path: Path) -> None:
    prices = Prices.load(aliases={"llama": "groq/llama-3.3-70b-versatile"})
    assert usd(prices, "llama", provider="vllm") == 0.59


def test_an_own_price_goes_before_and_behind_an_alias(tmp_path: Path) -> None:
    """A price for the name itself; else one for what it stands for."""
    path = tmp_path / "own.yaml"
    path.write_text("- {model: prod-a, input: 7, output: 7}\n- {model: base, input: 9, output: 9}\n")
    prices = Prices.load([str(path)], {"prod-a": "gpt-4o", "prod-b": "base"})
    assert usd(prices, "prod-a") == 7
    assert usd(prices, "prod-b") == 9
