"""The guard lets noise pass and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from bench import guard
from bench.guard import MOST_ROUNDS, ROUNDS, SIZES, Measured

LIMITS = dict.fromkeys(SIZES, 3.0)


def test_who_is_within_the_limits_is_measured_a_few_times() -> None:
    """A quick look is enough."""
    rounds: Counter[str] = Counter()

    def measure(corpus: str) -> Measured:
        rounds[corpus] += 1
        return Measured(0.1, 0.25, 0.05)

    assert guard.check(LIMITS, measure) == pytest.approx(dict.fromkeys(SIZES, 2.0))
    assert set(rounds.values()) == {ROUNDS}


def test_what_a_busy_machine_adds_is_forgiven() -> None:
    """One good round is enough: nothing makes a slow tailer fast for a moment."""
    rounds: Counter[str] = Counter()

    def measure(corpus: str) -> Measured:
        rounds[corpus] += 1
        return Measured(0.1, 0.25 if rounds[corpus] == MOST_ROUNDS else 0.9, 0.05)

    assert guard.check(LIMITS, measure) == pytest.approx(dict.fromkeys(SIZES, 2.0))


def test_who_is_too_slow_stays_so() -> None:
    """After the most rounds it is told as it is."""
    assert guard.check(LIMITS, lambda _: Measured(0.1, 0.5, 0.05)) == pytest.approx(dict.fromkeys(SIZES, 4.5))


def test_the_verdict_is_the_exit_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With limits set from what is measured it passes; half as slow again, it fails and says where."""
    monkeypatch.setattr(guard, "LIMITS", str(tmp_path / "limits.json"))
    monkeypatch.setattr(guard, "_ratios", lambda _: dict.fromkeys(SIZES, 2.0))
    assert guard.main(["--set"]) == 0
    assert json.loads((tmp_path / "limits.json").read_text()) == dict.fromkeys(SIZES, 2.6)
    assert guard.main([]) == 0
    monkeypatch.setattr(guard, "_ratios", lambda _: {**dict.fromkeys(SIZES, 2.0), "mix": 3.0})
    assert guard.main([]) == 1
    assert "mix: 3.00 x floor, may be 2.60: TOO SLOW" in capsys.readouterr().out


def test_the_limits_in_the_repository_are_those_of_the_corpora() -> None:
    """A corpus without a limit could never pass, a limit without a corpus would guard nothing."""
    assert json.loads(Path(guard.LIMITS).read_text()).keys() == SIZES.keys()
