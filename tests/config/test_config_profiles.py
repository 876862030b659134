"""Profiles, the names their dimensions get, and aliases of models."""

from __future__ import annotations

from pathlib import Path

from tailer.config import Config, examine


def config(**flags: object) -> Config:
    found = examine(flags, {})
    assert found.config is not None, found.faults
    return found.config


def faults(**flags: object) -> list[str]:
    return [str(fault) for fault in examine(flags, {}).faults]


def test_several_profiles_at_once() -> None:
    assert config(profile=["llm", "otel"]).profile == ("llm", "otel")
    found = examine({}, {"TOKENTAIL_PROFILE": "openai_mixin,scanium,prom_client"})
    assert found.config is not None
    assert found.config.profile == ("openai_mixin", "scanium", "prom_client")


def test_an_unknown_profile_is_told_with_the_nearest() -> None:
    expected = "expected one of llm, openai_mixin, prom_client, scanium, otel (did you mean prom_client?)"
    assert faults(profile=["promclient"]) == [f"--profile: got 'promclient', {expected}"]


def test_the_application_s_own_operation_has_a_name_of_its_own() -> None:
    """Where prom_client shows it as `operation`, the other profiles have one already."""
    given = ["capability=meta.task", "operation=meta.step"]
    expected = {"capability": "meta.task", "app_operation": "meta.step"}
    assert config(profile=["llm", "prom_client"], dimension=given).dimension == expected
    (fault,) = faults(dimension=given)
    assert fault.startswith("--dimension operation: got 'operation', expected a label name of your own")


def test_the_application_s_own_source_too() -> None:
    assert config(profile=["openai_mixin"], dimension=["source=app.name"]).dimension == {"app_source": "app.name"}


def test_one_name_given_twice_is_a_fault() -> None:
    both = ["operation=a", "app_operation=b"]
    assert len(faults(profile=["prom_client"], dimension=both)) == 1


def test_aliases_come_from_flags_and_file(tmp_path: Path) -> None:
    assert config(model_alias=["prod-*=gpt-4o"]).model_alias == {"prod-*": "gpt-4o"}
    path = tmp_path / "tokentail.yaml"
    path.write_text("model_aliases: {my/model: gpt-4o, empty: ''}\n")
    assert [fault.path for fault in examine({"config": str(path)}, {}).faults] == [f"{path}: model_aliases.empty"]
