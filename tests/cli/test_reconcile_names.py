"""Which names of a bill and of the logs are one model: where that is sure, and nowhere else."""

from __future__ import annotations

from pathlib import Path

from tailer.cli.bills.names import Name, matched
from tailer.cli.bills.pricing import Pricing
from tailer.meter.prices import Prices
from tests.cli.bills import Capture, faults, openai_cost, openai_page, rows, save, told
from tests.cli.offline import write
from tests.cli.test_report_by_hand import GPT

FIND = Pricing(Prices.load()).find


def pairs(provider: str, billed: list[str], seen: list[str], **mapped: str) -> dict[str, str]:
    """The names of the bill that come to a name of the logs."""
    found = matched([Name(provider, one) for one in billed], {Name(provider, one): True for one in seen}, mapped, FIND)
    return {name.model: row.model for name, row in found.billed.items() if row in found.seen.values()}


def test_the_same_name_but_for_case_prefix_and_routing() -> None:
    assert pairs("openai", ["GPT-4o", "o3"], ["openai/gpt-4o", "o3-mini"]) == {"GPT-4o": "openai/gpt-4o"}
    bedrock = "anthropic.claude-3-haiku-20240307-v1:0"
    assert pairs("aws.bedrock", [bedrock], [f"us.{bedrock}", f"eu.{bedrock}"]) == {bedrock: f"eu.{bedrock}"}


def test_a_date_apart_only_where_the_price_table_and_the_bill_leave_no_choice() -> None:
    assert pairs("openai", ["gpt-4o-mini-2024-07-18"], ["gpt-4o-mini"]) == {"gpt-4o-mini-2024-07-18": "gpt-4o-mini"}
    assert pairs("anthropic", ["claude-sonnet-4-5"], ["claude-sonnet-4-5-20250929"]) != {}
    # Two dated models, and either could be the one.
    assert pairs("openai", ["gpt-4o-2024-08-06", "gpt-4o-2024-11-20"], ["gpt-4o"]) == {}
    # The first one of May costs twice as much: it is another model.
    assert pairs("openai", ["gpt-4o-2024-05-13"], ["gpt-4o"]) == {}
    # Nothing known of either, and a name that only begins like another.
    assert pairs("openai", ["house-llm-2026-01-01"], ["house-llm"]) == {}
    assert pairs("openai", ["gpt-4o-audio-preview"], ["gpt-4o"]) == {}


def test_amazons_words_where_one_model_has_them() -> None:
    haiku, opus = "anthropic.claude-3-haiku-20240307-v1:0", "global.anthropic.claude-opus-4-6-v1"
    names = ["Claude4.6Opus", "Claude Opus 4.6", "anthropic.claude-opus-4-6", "Claude3.5Haiku", "Claude3Haiku"]
    assert pairs("aws.bedrock", names, [haiku, opus]) == {
        "Claude4.6Opus": opus,
        "Claude Opus 4.6": opus,
        "anthropic.claude-opus-4-6": opus,
        "Claude3Haiku": haiku,
    }
    versions = ["anthropic.claude-3-5-sonnet-20240620-v1:0", "anthropic.claude-3-5-sonnet-20241022-v2:0"]
    assert pairs("aws.bedrock", ["Claude3.5Sonnet", "Claude3.5Sonnetv2"], versions) == {
        "Claude3.5Sonnet": versions[0],
        "Claude3.5Sonnetv2": versions[1],
    }
    assert pairs("aws.bedrock", ["Llama4-Maverick-17B"], ["meta.llama4-maverick-17b-instruct-v1:0"]) == {}


def test_a_bill_without_providers_needs_a_name_that_only_one_has() -> None:
    seen = dict.fromkeys([Name("openai", "gpt-4o"), Name("azure.ai.openai", "gpt-4o"), Name("openai", "o3")], True)
    found = matched([Name("", "gpt-4o"), Name("", "o3")], seen, {}, FIND)
    assert found.billed == {Name("", "gpt-4o"): Name("", "gpt-4o"), Name("", "o3"): Name("openai", "o3")}


def test_what_only_failed_calls_asked_for_is_not_paired_by_its_date() -> None:
    dated, alias = Name("openai", "gpt-4o-mini-2024-07-18"), Name("openai", "gpt-4o-mini")
    for is_answered, row in ((True, alias), (False, dated)):
        assert matched([dated], {alias: is_answered}, {}, FIND).billed == {dated: row}
    assert matched([alias], {alias: False}, {}, FIND).billed == {alias: alias}


def test_the_user_says_what_a_name_means(tmp_path: Path, capsys: Capture) -> None:
    """--map goes before the file; a name mapped to a model that was not seen stays alone."""
    log = write(tmp_path / "app.log", [{"ts": "2026-11-20T10:00:00Z", "response": GPT}])
    lines = [openai_cost(1, "ft-gpt-4o, input"), openai_cost(2, "house, input"), openai_cost(4, "other, input")]
    bill = save(tmp_path / "b.json", openai_page({"2026-11-20": lines}))
    names = tmp_path / "names.yaml"
    names.write_text("house: not-seen\nft-gpt-4o: not-seen\nOther: gpt-4o-2024-08-06\n")
    found = told(capsys, log, "--bill", bill, "--map-file", str(names), "--map", "ft-gpt-4o=GPT-4o-2024-08-06")
    row = rows(found)["2026-11-20", "gpt-4o-2024-08-06"]
    assert (row["cost_usd_billed"], row["matched"]) == (5, {"ft-gpt-4o": "mapped", "other": "mapped"})
    assert rows(found)["2026-11-20", "house"]["cost_usd_billed"] == 2


def test_a_mapping_that_cannot_be_read_is_told_with_its_place(tmp_path: Path, capsys: Capture) -> None:
    log = write(tmp_path / "app.log", [{"ts": "2026-11-20T10:00:00Z", "response": GPT}])
    bill = save(tmp_path / "b.json", openai_page({"2026-11-20": []}))
    assert "--map: expected BILLED=SEEN, got 'a'" in faults(capsys, log, "--bill", bill, "--map", "a", "--map", "b=c")
    names = tmp_path / "names.yaml"
    for text, expected in (("a: 1", "a: expected a name"), ("- a", "expected a name"), ("a: [", "expected YAML")):
        names.write_text(text)
        assert expected in faults(capsys, log, "--bill", bill, "--map-file", str(names))
    assert "No such file" in faults(capsys, log, "--bill", bill, "--map-file", str(tmp_path / "none.yaml"))
