"""What of a new configuration can be had at once, and what it must not touch while calls are counted."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tailer.config import Config, Fields, examine
from tailer.reloading import LIVE, change, faults_of

RUNNING = Config(paths=("/var/log/app.log",), prices=("a.yaml",), dimension={"team": "team"})


def test_what_can_change_is_taken_over_and_the_rest_is_named() -> None:
    wanted = msgspec.structs.replace(
        RUNNING,
        prices=("b.yaml",),
        model_alias={"x": "gpt-4o"},
        fields=Fields(duration="took"),
        log_level="debug",
        paths=("/elsewhere",),
        state_dir="/elsewhere",
        listen="0.0.0.0:1",
        loki_url="http://loki",
        profile=("otel",),
        dimension={},
    )
    config, applied, waiting = change(RUNNING, wanted)
    assert set(applied) == {"prices", "model_alias", "fields.duration", "log_level"}
    assert set(waiting) == {"paths", "state_dir", "listen", "loki_url", "profile", "dimension"}
    assert all(getattr(config, key) == getattr(wanted, key) for key in ("prices", "model_alias", "fields", "log_level"))
    assert all(getattr(config, key) == getattr(RUNNING, key) for key in waiting)


def test_the_same_configuration_changes_nothing() -> None:
    assert change(RUNNING, RUNNING) == (RUNNING, (), ())


def test_every_key_that_is_live_exists() -> None:
    assert set(Config.__struct_fields__) >= LIVE


def test_faults_of_files_are_found_beside_those_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("- {model: a, input: x}\n- {model: b, input: y}\n")
    (tmp_path / "parser.py").write_text("1 / 0\n")
    flags = {"prices": [str(tmp_path / "own.yaml")], "parsers": [str(tmp_path / "parser.py")], "listen": "nowhere"}
    faults = faults_of(examine(flags, {}))
    assert len(faults) == 4
    assert [place for place in ("--listen", "own.yaml:1", "own.yaml:2", "parser.py") if place in "\n".join(faults)] == [
        "--listen",
        "own.yaml:1",
        "own.yaml:2",
        "parser.py",
    ]
