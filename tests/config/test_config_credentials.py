"""Credentials: what a file or a variable must hold, what there may be one of, and what they are for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailer.config import examine
from tailer.outbound.secret import Secret

SECTIONS = ("loki", "splunk", "otlp_logs", "otlp_metrics", "remote_write")
URL = "https://there.example/path"


def told(environ: dict[str, str]) -> list[str]:
    return [str(fault) for fault in examine({}, environ).faults]


@pytest.mark.parametrize("key", ["PASSWORD_FILE", "BEARER_TOKEN_FILE", "SPLUNK_TOKEN_FILE"])
@pytest.mark.parametrize(
    ("held", "why"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"hidden\nhidden\n", "it has several lines"),
        (b"\xff\xfehidden", "it is no UTF-8"),
        (b"hidden" * 20_000, "it has more than 65,536 characters"),
    ],
)
def test_a_file_that_holds_no_secret_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, held: bytes, why: str
) -> None:
    """Else it would be a receiver's 401 that tells of it, or nobody."""
    monkeypatch.chdir(tmp_path)
    path = Path("secret")
    path.write_bytes(held)
    name = f"TOKENTAIL_{key}" if key.startswith("SPLUNK") else f"TOKENTAIL_REMOTE_WRITE_{key}"
    [fault] = [it for it in told({name: str(path)}) if "secret on one line" in it]
    assert fault == f"{name}: got '{path}', expected a file with a secret on one line ({why})"
    assert "hidden" not in fault


def test_white_space_around_a_secret_is_none_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As editors, `echo … | base64` and Secrets made of such leave it, wherever it comes from."""
    (tmp_path / "token").write_text("s3cret\n")
    monkeypatch.setenv("HEC", "s3cret\n")
    splunk = {"TOKENTAIL_SPLUNK_URL": URL}
    assert told(splunk | {"TOKENTAIL_SPLUNK_TOKEN_FILE": str(tmp_path / "token")}) == []
    assert told(splunk | {"TOKENTAIL_SPLUNK_TOKEN": "env:HEC", "HEC": "s3cret\n"}) == []
    assert Secret(path=str(tmp_path / "token")).read() == Secret("env:HEC").read() == "s3cret"


@pytest.mark.parametrize("held", ["", "\n", "two\nlines"])
def test_a_variable_that_holds_no_secret_is_a_fault(held: str) -> None:
    [fault] = told({"TOKENTAIL_SPLUNK_URL": URL, "TOKENTAIL_SPLUNK_TOKEN": "env:HEC", "HEC": held})
    assert fault.startswith("TOKENTAIL_SPLUNK_TOKEN: got 'env:HEC', expected ")


@pytest.mark.parametrize("section", SECTIONS)
def test_a_header_of_ones_own_does_not_go_beside_credentials(section: str) -> None:
    """Both would be the one header `Authorization`, in whatever case it is written."""
    prefix = f"TOKENTAIL_{section.upper()}_"
    key = "token" if section == "splunk" else "bearer_token"
    given = {f"{prefix}URL": URL, f"{prefix}{key.upper()}": "a", f"{prefix}HEADERS": "authorization=b"}
    [fault] = told(given)
    assert fault == (
        f"{prefix}HEADERS: got Authorization beside {prefix}{key.upper()}, "
        f"expected only one of {section}.{key} and the header Authorization"
    )
    del given[f"{prefix}HEADERS"]
    assert told(given | {f"{prefix}HEADERS": "X-Team=b"}) == []


@pytest.mark.parametrize("section", SECTIONS)
def test_credentials_for_nobody_are_told_and_keep_nobody_from_running(section: str) -> None:
    """To take the address away turns a receiver off; but it may have been forgotten."""
    prefix = f"TOKENTAIL_{section.upper()}_"
    key = "TOKEN" if section == "splunk" else "BEARER_TOKEN"
    found = examine({}, {f"{prefix}{key}": "a"})
    assert found.faults == ()
    [warning] = map(str, found.warnings)
    assert warning == f"{prefix}{key}: got it alone, expected {section}_url with it, or nothing goes there"
    assert examine({f"{section}_url": URL}, {f"{prefix}{key}": "a"}).warnings == ()
