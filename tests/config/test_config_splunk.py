"""What makes Splunk a sink: a URL and one token, from our own settings or from the variables of the Splunk monitor."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailer.config import examine, load

URL = "https://splunk:8088"


def faults(flags: dict[str, object], environ: dict[str, str]) -> list[str]:
    return [str(fault) for fault in examine(flags, environ).faults]


def test_a_url_needs_a_token() -> None:
    (fault,) = faults({"splunk_url": URL}, {})
    assert fault == "--splunk-url: got it alone, expected splunk.token or splunk.token_file with it"


def test_a_token_in_the_url_is_told_where_it_belongs() -> None:
    """Not where those of other receivers do: beside a token a user name is one too many."""
    (fault,) = faults({"splunk_url": "https://x:hidden@splunk:8088"}, {"TOKENTAIL_SPLUNK_TOKEN": "a"})
    assert fault == (
        "--splunk-url: got 'https://***@splunk:8088', expected a URL without credentials "
        "(use splunk.token or splunk.token_file)"
    )


def test_the_id_of_an_event_is_no_name_for_metadata() -> None:
    """Else `dedup tokentail_id` would leave one event of all."""
    given = {"TOKENTAIL_SPLUNK_TOKEN": "a", "TOKENTAIL_SPLUNK_METADATA": "tokentail_id=x,node=n1"}
    (fault,) = faults({"splunk_url": URL}, given)
    assert fault.startswith("TOKENTAIL_SPLUNK_METADATA tokentail_id: expected a name of your own")


def test_a_token_is_given_once(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("x")
    both = {"TOKENTAIL_SPLUNK_TOKEN": "a", "TOKENTAIL_SPLUNK_TOKEN_FILE": str(tmp_path / "token")}
    (fault,) = faults({"splunk_url": URL}, both)
    assert "expected only one of splunk.token and splunk.token_file" in fault
    (fault,) = faults({"splunk_url": URL}, {"TOKENTAIL_SPLUNK_TOKEN": "a", "TOKENTAIL_SPLUNK_BEARER_TOKEN": "b"})
    assert "expected only one of splunk.token and splunk.bearer_token" in fault


def test_a_token_may_name_a_variable_and_is_never_shown() -> None:
    config = load({"splunk_url": URL}, {"TOKENTAIL_SPLUNK_TOKEN": "env:HEC", "HEC": "hidden"})
    assert config.splunk.token == "env:HEC"
    assert "hidden" not in repr(config)
    (fault,) = faults({"splunk_url": URL}, {"TOKENTAIL_SPLUNK_TOKEN": "env:HEC"})
    assert "TOKENTAIL_SPLUNK_TOKEN" in fault


def test_the_variables_of_the_splunk_monitor_are_enough() -> None:
    config = load({}, {"SPLUNK_HEC_URL": f"{URL}/services/collector", "SPLUNK_HEC_TOKEN": "theirs"})
    assert config.splunk_url == f"{URL}/services/collector"
    assert config.splunk.token == "theirs"


def test_our_own_settings_go_before_them(tmp_path: Path) -> None:
    theirs = {"SPLUNK_HEC_URL": "https://theirs:8088", "SPLUNK_HEC_TOKEN": "theirs"}
    config = load({"splunk_url": URL}, {**theirs, "TOKENTAIL_SPLUNK_TOKEN": "ours"})
    assert (config.splunk_url, config.splunk.token) == (URL, "ours")
    (tmp_path / "token").write_text("x")
    settings = tmp_path / "tokentail.yaml"
    settings.write_text(f"splunk:\n  url: {URL}\n  token_file: {tmp_path}/token\n")
    config = load({"config": str(settings)}, theirs)
    assert (config.splunk_url, config.splunk.token) == (URL, None)


@pytest.mark.parametrize("environ", [{"SPLUNK_HEC_URL": URL}, {"SPLUNK_HEC_TOKEN": "x"}, {"SPLUNK_HEC_URL": ""}])
def test_one_of_them_alone_is_somebody_elses(environ: dict[str, str]) -> None:
    """A program must start beside variables that are another's."""
    config = load({}, environ)
    assert (config.splunk_url, config.splunk.token) == (None, None)


def test_a_fault_in_them_is_told_by_their_names() -> None:
    (fault,) = faults({}, {"SPLUNK_HEC_URL": "splunk:8088", "SPLUNK_HEC_TOKEN": "x"})
    assert fault.startswith("SPLUNK_HEC_URL: ")
