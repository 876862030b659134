"""`tokentail prices`, as it is called."""

import argparse
from pathlib import Path

import pytest

from tailer.cli import prices


def run(*words: str) -> int:
    parser = argparse.ArgumentParser(prog="tokentail prices")
    prices.add_arguments(parser)
    return prices.run(parser.parse_args(words))


def test_the_table_is_named_with_its_date_source_and_size(capsys: pytest.CaptureFixture[str]) -> None:
    """What somebody must know who checks a bill."""
    assert run() == 0
    out = capsys.readouterr().out
    assert out.startswith("price table of 20")
    assert "genai-prices" in out
    assert "MIT" in out
    assert "models of" in out
    assert "of them are corrected by what their vendors publish" in out


def test_a_model_s_rates_are_shown_with_where_they_come_from(capsys: pytest.CaptureFixture[str]) -> None:
    """Every kind of token, long inputs, the tiers there are."""
    assert run("show", "gpt-5.4", "--provider", "openai", "--at", "2026-11-10") == 0
    out = capsys.readouterr().out
    assert "gpt-5.4 at openai, standard prices on 2026-11-10 12:00 UTC, from price table of" in out
    assert "  input                        2.5  USD for 1M tokens, 5 above 272,000 input tokens\n" in out
    assert "other prices with --tier flex, priority" in out


def test_a_tier_and_a_day_choose_the_rates(capsys: pytest.CaptureFixture[str]) -> None:
    """o3 was five times as dear before June 2025, in every tier; a tier without a price is no standard price."""
    assert run("show", "o3", "--provider", "openai", "--tier", "flex") == 0
    assert "  input                          1  USD" in capsys.readouterr().out
    assert run("show", "o3", "--provider", "openai", "--at", "2025-06-09", "--tier", "flex") == 0
    out = capsys.readouterr().out
    assert "o3 at openai, flex prices on 2025-06-09" in out
    assert "  input                          5  USD" in out
    assert run("show", "o3", "--provider", "openai", "--tier", "scale") == 1
    seen = capsys.readouterr()
    assert seen.out == ""
    assert "o3 at openai in the tier scale: no price known" in seen.err


def test_an_own_price_without_a_tier_is_shown_as_the_standard_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is asked before the table whatever the tier, and says so."""
    (tmp_path / "a.yaml").write_text("- {model: o3, input: 7, output: 7}\n")
    assert run("--prices", str(tmp_path / "a.yaml"), "show", "o3", "--provider", "openai", "--tier", "flex") == 0
    assert "no prices of its own for flex, these are the standard ones" in capsys.readouterr().out


def test_a_price_that_is_not_the_package_s_is_shown_with_who_publishes_it(capsys: pytest.CaptureFixture[str]) -> None:
    """So that a bill can be checked."""
    assert run("show", "rerank-v3.5", "--provider", "cohere") == 0
    out = capsys.readouterr().out
    assert "(https://cohere.com/pricing of 2025, Rerank 3.5" in out
    assert "  searches_1k                    2  USD for 1,000\n" in out


def test_without_a_provider_each_that_has_the_model_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Not those that only sell it on."""
    assert run("show", "claude-sonnet-4-5") == 0
    heads = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert any(" at anthropic, " in head for head in heads)
    assert not any(" at azure.ai.openai, " in head for head in heads)
    assert len(heads) == len(set(heads))


@pytest.mark.parametrize(
    ("model", "heads"),
    [
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", ["aws.bedrock"]),
        (
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.anthropic.claude-haiku-4-5-20251001-v1:0",
            ["aws.bedrock"],
        ),
        ("claude-opus-4-6", ["anthropic", "gcp.vertex_ai", "aws.bedrock"]),
        ("azure/gpt-4o", ["azure"]),
        ("vertex_ai/claude-sonnet-4-5@20250929", ["google"]),
        ("gpt-4o-mini-2024-07-18", ["openai"]),
        ("ft:gpt-4.1-mini-2025-04-14:acme::x", ["openai"]),
    ],
)
def test_a_model_is_shown_at_those_who_sell_it_under_that_name(
    model: str, heads: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Its vendor first; an id of Bedrock is nobody else's, and only Google Cloud sells Claude."""
    assert run("show", model, "--at", "2026-11-10") == 0
    shown = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    places = [line.partition(" at ")[2].partition(",")[0] for line in shown]
    assert places[: len(heads)] == heads
    assert "gcp.gemini" not in places


def test_a_region_s_premium_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "claude-opus-4-6", "--provider", "anthropic", "--region", "us", "--at", "2026-11-10") == 0
    assert "  input                        5.5  USD" in capsys.readouterr().out


def test_azure_is_shown_whose_price_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    """The table has few of Azure's own."""
    assert run("show", "gpt-4.1-mini", "--provider", "azure.ai.openai") == 0
    assert "openai's price" in capsys.readouterr().out


def test_own_prices_are_shown_with_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files before and after the sub-command both count."""
    (tmp_path / "a.yaml").write_text("- {model: llama*, input: 0, output: 0}\n")
    (tmp_path / "b.csv").write_text("model,price_prompt,price_competition\nqwen*,0.001,0.002\n")
    files = ["--prices", str(tmp_path / "a.yaml"), "show", "--prices", str(tmp_path / "b.csv")]
    assert run(*files, "qwen-7b") == 0
    out = capsys.readouterr().out
    assert "b.csv:2" in out
    assert "  input                          1  USD for 1M tokens" in out
    assert run(*files, "llama-3", "--provider", "vllm") == 0
    assert "a.yaml:1" in capsys.readouterr().out


@pytest.mark.parametrize("alias", ["gpt-4o", "openai/gpt-4o"])
def test_a_name_is_shown_at_the_price_of_what_the_configuration_says_it_stands_for(
    alias: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The price a call gets, tiers included, whether the flag, a variable or the file says it."""
    (tmp_path / "c.yaml").write_text(f"model_alias: {{chat-prod: {alias}}}\n")
    monkeypatch.delenv("TOKENTAIL_CONFIG", raising=False)
    asked = ["chat-prod", "--at", "2026-11-10"]
    for words in (["--model-alias", f"chat-prod={alias}", *asked], ["--config", str(tmp_path / "c.yaml"), *asked]):
        assert run("show", *words) == 0
        out = capsys.readouterr().out
        assert out.startswith("chat-prod (as gpt-4o) at openai, standard prices on 2026-11-10")
        assert "  input                        2.5  USD" in out
        assert "other prices with --tier priority" in out
    assert run("show", *asked) == 1
    monkeypatch.setenv("TOKENTAIL_CONFIG", str(tmp_path / "c.yaml"))
    assert run("show", *asked) == 0
    assert run("show", "--model-alias", "chat-prod", *asked) == 2
    assert "1 fault in the configuration:" in capsys.readouterr().err


def test_a_free_model_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Free is not the same as unknown."""
    assert run("show", "omni-moderation-latest", "--provider", "openai") == 0
    assert "free" in capsys.readouterr().out


def test_an_unknown_model_is_a_clear_message_and_exit_1(capsys: pytest.CaptureFixture[str]) -> None:
    """With what to do about it, on stderr."""
    assert run("show", "nope-7b", "--provider", "openai") == 1
    seen = capsys.readouterr()
    assert seen.out == ""
    assert "nope-7b at openai: no price known" in seen.err


def test_a_faulty_file_and_a_faulty_date_are_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Bad usage."""
    (tmp_path / "a.yaml").write_text("- {model: a, input: x}\n- {model: b, input: y}\n")
    assert run("--prices", str(tmp_path / "a.yaml")) == 2
    assert capsys.readouterr().err.count("expected a price in USD") == 2
    with pytest.raises(SystemExit) as caught:
        run("show", "o3", "--at", "soon")
    assert caught.value.code == 2
