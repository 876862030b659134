"""`explain --suggest` on two dozen logs of forms of their own: what it prints, pasted, reads every call rightly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.offline import objects, run_explain, write
from tests.cli.shapes import FORMS, Form, Truth

COUNT = 24


@pytest.mark.parametrize("name", FORMS)
def test_the_printed_section_reads_every_call(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form = FORMS[name]
    truths = [Truth(number) for number in range(COUNT)]
    path = write(tmp_path / "a.log", [line for truth in truths for line in form.write(truth)])
    assert run_explain(path, "--suggest") == 0
    said = capsys.readouterr().out
    config = tmp_path / "tokentail.yaml"
    config.write_text(said)
    assert run_explain(path, "--format", "json", "--config", str(config)) == 0
    calls = [call for line in objects(capsys.readouterr().out) for call in line["calls"]]
    assert len(calls) == COUNT, said
    for truth, call in zip(truths, calls, strict=True):
        failed = form.failing and truth.has_failed
        assert call["model"] == form.model, said
        assert (call["input_tokens"], call["output_tokens"]) == _counts(form, truth, failed), said
        assert call["error_type"] == ("rate_limit" if failed else None)
        if form.timed:
            assert call["duration_seconds"] == pytest.approx(truth.seconds), said
        if form.dated and name != "request and answer apart":
            assert call["timestamp"] == truth.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"), said


def _counts(form: Form, truth: Truth, failed: bool) -> tuple[int | None, int | None]:
    if failed:
        return None, None
    return truth.taken, None if form.model == "text-embedding-3-small" else truth.given
