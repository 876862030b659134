"""The section `privacy` is judged before anything leaves: what it cannot keep is a fault that names its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailer.config import examine


def faults(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    return [str(fault).removeprefix(f"{path}: ") for fault in examine({"config": str(path)}, {}).faults]


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("privacy: {content: hide}", "privacy.content", "one of keep, shorten, hash, drop"),
        ("privacy: {content: hash}", "privacy.content", "privacy.hash_key_file with it"),
        ("privacy: {paths: {a.b: hash}}", "privacy.paths", "privacy.hash_key_file with it"),
        ("privacy: {paths: {a.b: dorp}}", "privacy.paths.a.b", "did you mean drop?"),
        ("privacy: {paths: {a..b: drop}}", "privacy.paths.a..b", "a dotted path"),
        ("privacy: {mask: [phones]}", "privacy.mask[0]", "one of keys, tokens, emails"),
        ("privacy: {mask_patterns: {x: '['}}", "privacy.mask_patterns.x", "a regular expression"),
        ("privacy: {mask_patterns: {x: '(a+)+b'}}", "privacy.mask_patterns.x", "an upper bound"),
        ("privacy: {mask_patterns: {x: '(a|aa){1,9}b'}}", "privacy.mask_patterns.x", "no repeat or choice"),
        ("privacy: {mask_patterns: {x: 'a{0,3}'}}", "privacy.mask_patterns.x", "not match an empty text"),
        ("privacy: {hash_key_file: /nowhere}", "privacy.hash_key_file", "a file that can be read"),
        ("privacy: {shorten_characters: 0}", "privacy.shorten_characters", "more than 0"),
        ("privacy: {content: drop}\ndimension: {q: request.messages.0.content}", "dimension.q", "leads to no content"),
        ("privacy: {mode: allow_list}\nloki: {labels_from: {q: prompt}}", "loki.labels_from.q", "leads to no content"),
    ],
)
def test_a_fault_names_its_place_and_what_was_expected(tmp_path: Path, text: str, place: str, expected: str) -> None:
    (fault,) = faults(tmp_path, text)
    assert fault.startswith(f"{place}: ")
    assert expected in fault


def test_a_key_that_is_too_short_is_refused_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hunter2")
    (fault,) = faults(tmp_path, f"privacy: {{content: hash, hash_key_file: {tmp_path / 'key'}}}")
    assert "at least 16 bytes" in fault
    assert "hunter2" not in fault


def test_a_sound_section_is_taken(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("x" * 64)
    text = f"""
privacy:
  content: hash
  hash_key_file: {tmp_path / "key"}
  paths: {{"request.user.*": drop, "**.note": shorten}}
  mask: [keys, emails]
  mask_patterns: {{customer: 'CUST-[0-9]{{6,12}}'}}
dimension: {{team: context.team}}
"""
    assert faults(tmp_path, text) == []
