"""What Splunk refused is told and sent again like what Loki did, each to whom it was meant for."""

from __future__ import annotations

import json
from pathlib import Path

from tailer.ship.deadletter import DeadLetters, Why
from tests.cli.test_deadletters import SOUR, ended, entries, set_aside
from tests.fakehec import FakeHec
from tests.ship.making import NOON_NS

TOKEN = "secret-token"


def set_aside_by_splunk(state: Path, numbers: range) -> None:
    state.mkdir(exist_ok=True)
    why = Why(400, '{"text":"Error in handling indexed fields","code":15}', "invalid_fields")
    DeadLetters(str(state), 10_000_000, sink="splunk").write(entries(numbers), why, NOON_NS)


async def test_the_list_tells_who_refused_what(tmp_path: Path) -> None:
    set_aside_by_splunk(tmp_path / "state", range(3))
    set_aside(tmp_path / "state", [7], SOUR)
    _, out, _ = await ended(tmp_path / "state", "list")
    assert "4 dead letters: 3 invalid_fields, 1 other" in out
    _, out, _ = await ended(tmp_path / "state", "list", "--sink", "splunk", "--format", "json")
    assert {row["sink"] for row in json.loads(out)["rows"]} == {"splunk"}


async def test_what_is_accepted_is_deleted_and_has_the_identity_it_had(tmp_path: Path) -> None:
    set_aside_by_splunk(tmp_path / "state", range(20))
    set_aside(tmp_path / "state", [7], SOUR)
    (tmp_path / "token").write_text(TOKEN)
    settings = tmp_path / "tokentail.yaml"
    async with FakeHec(token=TOKEN, refuse=lambda found: 15 if found["event"]["n"] == 13 else None) as hec:
        settings.write_text(f"splunk:\n  url: {hec.url}\n  token_file: {tmp_path}/token\n")
        status, out, _ = await ended(tmp_path / "state", "resend", "--sink", "splunk", "--config", str(settings))
    assert (status, out) == (1, "19 accepted and deleted, 1 refused again and kept\n")
    assert [event.body["n"] for event in hec.events()] == [it for it in range(20) if it != 13]
    first = hec.events()[0]
    assert first.identity.startswith(f"{NOON_NS}-{0:012x}-")
    (left,) = DeadLetters(str(tmp_path / "state"), 1000, sink="splunk").lines()
    assert json.loads(json.loads(left)["text"])["n"] == 13
    assert len(DeadLetters(str(tmp_path / "state"), 1000).lines()) == 1


async def test_without_a_token_nothing_is_tried(tmp_path: Path) -> None:
    set_aside_by_splunk(tmp_path / "state", range(1))
    status, _, error = await ended(
        tmp_path / "state", "resend", "--sink", "splunk", "--splunk-url", "http://127.0.0.1:9"
    )
    assert status == 2
    assert "splunk.token" in error
