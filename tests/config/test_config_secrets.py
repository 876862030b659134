"""Secrets stay secret: in what is wrong with a configuration, and in the configuration's own repr."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailer.config import Config, LokiOptions, examine

SECRET = "hunter2-s3cret"


@pytest.mark.parametrize(
    "text",
    [
        f"loki: {{pasword: {SECRET}}}",
        f"loki: {{password: [{SECRET}]}}",
        f"loki: {{password: {{a: {SECRET}}}}}",
        f'loki: {{username: u, password: "{SECRET}\\n"}}',
        f"loki: {{headers: {{'a b': {SECRET}}}}}",
        f"loki: {{headers: [{SECRET}]}}",
        f"loki: {{headers: {SECRET}}}",
        f"loki: {{bearer_token: 'env:{SECRET}'}}",
        f"loki: {SECRET}",
        f"loki:\n  password: *{SECRET}\n",
        f"loki:\n  password: !{SECRET}\n",
        f"loki:\n  password: '{SECRET}\n",
        f"loki:\n  username: u\n  bearer_token: {SECRET}\n  password: {SECRET}\n",
        f"loki_url: http://u:{SECRET}@loki/",
        f"loki_url: http://loki/?key={SECRET}",
        f"loki_url: ftp://{SECRET}@loki/",
        f"loki_url: http://u:{SECRET}/{SECRET}?{SECRET}@loki/",
        f"loki_url: u:{SECRET}@loki:3100",
        f"loki: {{proxy_url: 'http://u:{SECRET}@proxy'}}",
        f"loki: {{username: u, password: {SECRET}, headers: {{authorization: {SECRET}}}}}",
        SECRET,
    ],
)
def test_no_fault_shows_a_secret(tmp_path: Path, text: str) -> None:
    """Whatever is wrong around it: key, type, YAML syntax, URL."""
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    found = examine({"config": str(path)}, {}).faults
    assert found
    assert SECRET not in "".join(map(str, found))


def test_no_fault_shows_a_secret_of_a_variable() -> None:
    """A header written with a colon has its value where the name should be."""
    for text in (f"Authorization: Bearer {SECRET}==", SECRET):
        found = examine({}, {"TOKENTAIL_LOKI_HEADERS": text}).faults
        assert found
        assert SECRET not in "".join(map(str, found))


def test_secrets_are_not_in_the_repr() -> None:
    """The configuration may end up in a log or a traceback."""
    loki = LokiOptions(username="u", password="hunter2", bearer_token="t0ken", headers={"X-Key": "k3y"})
    for text in (repr(Config(loki=loki)), str(loki), repr(loki.__rich_repr__())):
        assert not any(secret in text for secret in ("hunter2", "t0ken", "k3y"))
        assert "'u'" in text
        assert "X-Key" in text
