"""Price files of the user's own: what they change, and how their faults are told."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from parsers.base import Call
from tailer.meter.prices import PriceError, Prices

SEEN = Call(
    provider="openai", model="gpt-4o-2024-08-06", request_model="gpt-4o", input_tokens=1_000_000, output_tokens=0
)


def loaded(folder: Path, text: str, name: str = "own.yaml") -> Prices:
    (folder / name).write_text(text, encoding="utf-8")
    return Prices.load([str(folder / name)])


def usd(prices: Prices, **values: object) -> float | None:
    found = prices.estimate(SEEN._replace(**values))  # type: ignore[arg-type]  # any field of a call
    return None if found is None else found / 10**12


def faults(folder: Path, text: str, name: str = "own.yaml") -> list[str]:
    with pytest.raises(PriceError) as caught:
        loaded(folder, text, name)
    return [fault.replace(f"{folder}/", "") for fault in caught.value.faults]


def test_a_file_goes_before_the_table_and_leaves_the_rest_of_it(tmp_path: Path) -> None:
    """Only the models that it matches are changed."""
    prices = loaded(tmp_path, "- {model: gpt-4o*, input: 1.1, output: 4.4, cached_input: 0.1}\n")
    assert usd(prices) == 1.1
    assert usd(prices, details={"cached_input": 1_000_000}) == 0.1
    assert usd(prices, model="o3") == 2


def test_a_self_hosted_model_is_free_only_when_a_file_says_so(tmp_path: Path) -> None:
    """Explicit zeros are a price."""
    prices = loaded(tmp_path, "prices:\n  - {model: '*', provider: vllm, input: 0, output: 0}\n")
    assert usd(prices, provider="vllm", model="/models/llama") == 0
    assert usd(prices, provider="ollama", model="llama3") is None


def test_the_most_specific_pattern_wins_wherever_it_stands(tmp_path: Path) -> None:
    """A name before a pattern, a longer pattern before a shorter one, a provider before none."""
    text = """
    - {model: "*", input: 9, output: 9}
    - {model: "gpt-4o*", input: 2, output: 2}
    - {model: "gpt-*", input: 3, output: 3}
    - {model: "gpt-4o-2024-08-06", input: 1, output: 1}
    - {model: "gpt-4o*", provider: azure.ai.openai, input: 4, output: 4}
    - {model: "g*4o*mini*", input: 5, output: 5}
    """
    prices = loaded(tmp_path, text)
    assert usd(prices) == 1
    assert usd(prices, model="gpt-4o-2024-05-13") == 2
    assert usd(prices, model="gpt-3.5") == 3
    assert usd(prices, model="gpt-4o-x", provider="azure.ai.openai") == 4
    assert usd(prices, model="gpt-4o-mini-2024") == 5
    assert usd(prices, model="unheard-of", provider="nobody") == 9


def test_an_azure_deployment_is_priced_by_its_own_name(tmp_path: Path) -> None:
    """Where no entry matches the model that answered, the requested name is tried."""
    prices = loaded(tmp_path, "- {model: prod-chat, input: 7, output: 7}\n")
    assert usd(prices, provider="azure.ai.openai", request_model="prod-chat") == 7
    assert usd(prices, provider="azure.ai.openai", request_model="other") == 2.5


def test_a_rerouted_call_is_not_priced_by_what_was_asked_for(tmp_path: Path) -> None:
    """A gateway fell back from one model of the table to another."""
    prices = loaded(tmp_path, "- {model: gpt-4o, input: 7, output: 7}\n")
    assert usd(prices) == 7
    assert usd(prices, model="o3") == 2


def test_a_price_holds_from_its_date_and_the_table_before_it(tmp_path: Path) -> None:
    """With two entries for one pattern, the one in force."""
    text = """
    - {model: gpt-4o*, input: 1, output: 1, from: 2026-03-01}
    - {model: gpt-4o*, input: 2, output: 2, from: "2026-09-01"}
    """
    prices = loaded(tmp_path, text)
    days = {(2026, 2, 28): 2.5, (2026, 3, 1): 1, (2026, 8, 31): 1, (2026, 9, 1): 2}
    for day, expected in days.items():
        assert usd(prices, timestamp_ns=int(datetime(*day, tzinfo=UTC).timestamp()) * 10**9) == expected


def test_a_price_can_be_for_one_service_tier(tmp_path: Path) -> None:
    """The others keep theirs."""
    prices = loaded(tmp_path, "- {model: o3, tier: flex, input: 0.5, output: 1}\n")
    assert usd(prices, model="o3", service_tier="flex") == 0.5
    assert usd(prices, model="o3") == 2


def test_the_splunk_monitor_s_file_is_read_as_it_is(tmp_path: Path) -> None:
    """USD for 1,000 tokens, wildcards, a byte order mark, spaces and empty lines."""
    head = "\ufeffmodel,price_prompt,price_competition\n"
    text = head + "gpt-4*,0.03,0.06\n\ngpt-4o*, 0.0025 ,0.01\ngpt-3.5-turbo,0.0005,0.0015\n"
    prices = loaded(tmp_path, text, "prices.CSV")
    assert usd(prices) == 2.5
    assert usd(prices, model="gpt-4-0613") == 30
    assert usd(prices, model="gpt-3.5-turbo", input_tokens=3, output_tokens=1_000_000) == 1.5000015


def test_the_first_file_that_knows_a_model_wins(tmp_path: Path) -> None:
    """However specific a later one is."""
    (tmp_path / "a.yaml").write_text("- {model: gpt-*, input: 1, output: 1}\n")
    (tmp_path / "b.yaml").write_text(
        "- {model: gpt-4o-2024-08-06, input: 2, output: 2}\n- {model: o3, input: 3, output: 3}\n"
    )
    prices = Prices.load([str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")])
    assert usd(prices) == 1
    assert usd(prices, model="o3") == 3


def test_every_fault_of_a_yaml_file_is_told_with_its_line(tmp_path: Path) -> None:
    """At once, with what was expected."""
    text = """- {model: a, input: 1, output: 1}
- {modle: b, input: 1}
- {model: c, input: -1, output: lots, cached_input: true}
- just text
- {model: d}
- {model: e, input: 1, output: 1, from: spring}
- model: f
  input: 1
  input: 2
- {model: A, input: 3}
- {model: 4, input: .inf}
"""
    assert faults(tmp_path, text) == [
        "own.yaml:2: modle: no such key, did you mean model?",
        "own.yaml:2: model: missing, expected a name or a pattern with *",
        "own.yaml:3: input: expected a price in USD, 0 or more, got -1",
        "own.yaml:3: output: expected a price in USD, 0 or more, got 'lots'",
        "own.yaml:3: cached_input: expected a price in USD, 0 or more, got True",
        "own.yaml:4: expected an entry with model and prices, got 'just text'",
        "own.yaml:5: expected prices, such as input and output in USD per million tokens",
        "own.yaml:6: from: expected a date such as 2026-01-31, got 'spring'",
        "own.yaml:7: input: given twice",
        "own.yaml:10: a second price for 'a', the first is at own.yaml:1",
        "own.yaml:11: model: expected text, got 4",
        "own.yaml:11: input: expected a price in USD, 0 or more, got inf",
    ]


def test_every_fault_of_a_csv_file_is_told_with_its_line(tmp_path: Path) -> None:
    """At once, with what was expected."""
    assert faults(tmp_path, "model,price_prompt,price_competition\n,1,1\na,x,\nb,1\nc,1,1\n", "own.csv") == [
        "own.csv:2: model: expected a name or a pattern with *",
        "own.csv:3: price_prompt: expected a price in USD, 0 or more, got 'x'",
        "own.csv:3: price_competition: expected a price in USD, 0 or more, got ''",
        "own.csv:4: price_competition: expected a price in USD, 0 or more, got None",
    ]
    assert faults(tmp_path, "model,prompt\n", "own.csv") == [
        "own.csv:1: expected the columns model,price_prompt,price_competition, without price_prompt, price_competition"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "own.yaml:1: expected a list of prices, or `prices:` with one"),
        ("prices: 5\n", "own.yaml:1: expected a list of prices, or `prices:` with one"),
        ("[]\n", "own.yaml: expected at least one price"),
        ("- {model: a, input: 1\n", "own.yaml:2: expected ',' or '}'"),
        ("- {model: !!python/object:os.system a, input: 1}", "own.yaml:1: "),
        ("- {? [a, b] : c}", "own.yaml:1: "),
        ("- {model: a, input: 1, from: 2026-02-31}", "own.yaml"),
    ],
)
def test_what_is_no_price_file_is_refused_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    """Not a traceback."""
    assert faults(tmp_path, text)[0].startswith(expected)


def test_files_that_cannot_be_read_are_all_named(tmp_path: Path) -> None:
    """One that is missing and one that is no text."""
    (tmp_path / "b.yaml").write_bytes(b"- {model: \xff}")
    with pytest.raises(PriceError) as caught:
        Prices.load([str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"), str(tmp_path)])
    assert [fault.split(": ", 1)[1] for fault in caught.value.faults] == [
        "cannot be read: No such file or directory",
        "expected UTF-8 text, byte 10 is none",
        "cannot be read: Is a directory",
    ]


def test_an_own_price_of_tokens_leaves_tools_at_the_table_s(tmp_path: Path) -> None:
    """A discount on tokens makes no search free; a price for searches of one's own does."""
    claude = {"provider": "anthropic", "model": "claude-sonnet-4-6", "units": {"web_searches": 3.0}}
    assert usd(loaded(tmp_path, "- {model: claude-*, input: 2, output: 12}"), **claude) == 2.03
    assert usd(loaded(tmp_path, "- {model: claude-*, input: 2, output: 12, web_searches_1k: 0}"), **claude) == 2
    ours = {**claude, "model": "claude-of-ours"}
    assert usd(loaded(tmp_path, "- {model: claude-*, input: 2, output: 12}"), **ours) is None
