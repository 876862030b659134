"""The files of the page: what comes with them, and that a browser may run nothing else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path

import pytest

from tailer.web.page import FILES
from tests.web.port import Port, basic, hashed, serving

STATIC = Path(str(files("tailer.web").joinpath("static")))


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    async with serving() as port:
        yield port


@pytest.mark.parametrize("path", FILES)
async def test_every_file_comes_with_a_strict_policy(port: Port, path: str) -> None:
    status, body, headers = await port.ask(path)
    assert (status, body) == (200, (STATIC / FILES[path][0]).read_bytes())
    policy = dict(part.split(maxsplit=1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy.pop("default-src") == "'none'"
    assert {name for name, value in policy.items() if value == "'self'"} == {
        "script-src",
        "style-src",
        "connect-src",
        "img-src",
    }
    assert set(policy.values()) == {"'self'", "'none'"}
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
    assert "Set-Cookie" not in headers


async def test_who_has_a_file_is_not_sent_it_again(port: Port) -> None:
    _, body, headers = await port.ask("/page.js")
    tag = headers["ETag"]
    for given in (tag, f"W/{tag}", f'"other", {tag}'):
        status, nothing, again = await port.ask("/page.js", If_None_Match=given)
        assert (status, nothing, again["ETag"], again["Cache-Control"]) == (304, b"", tag, "no-cache")
    assert (await port.ask("/page.js", If_None_Match='"other"'))[:2] == (200, body)


def test_all_that_the_page_asks_for_is_served_and_nothing_else_lies_about() -> None:
    html = (STATIC / "page.html").read_text()
    asked = set(re.findall(r'(?:href|src)="(/[^"]*)"', html)) - {"/metrics", "/healthz", "/readyz"}
    for script in STATIC.glob("*.js"):
        asked |= {f"/{name}" for name in re.findall(r'from "\./([\w.]+)"', script.read_text())}
    assert asked | {"/"} == set(FILES)
    assert {path.name for path in STATIC.iterdir()} == {name for name, _ in FILES.values()}


def test_nothing_is_inline_and_no_markup_is_made_of_text() -> None:
    """Names come from the log: whatever they hold, they are text."""
    html = (STATIC / "page.html").read_text()
    assert not re.search(r"<style|style=|\son\w+=|javascript:|<script(?![^>]*src=)", html)
    for script in STATIC.glob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|https?://(?!www\.w3\.org)", script.read_text()
        )


async def test_the_page_is_behind_the_same_guard(tmp_path: Path) -> None:
    file = tmp_path / "web.yml"
    file.write_text(f"basic_auth_users:\n  ops: {hashed('secret')}\n")

    async def look() -> dict[str, object]:
        raise AssertionError("nobody was let in")

    async with serving(file, look=look) as port:
        assert [(await port.ask(path))[0] for path in (*FILES, "/events")] == [401] * (len(FILES) + 1)
        assert (await port.ask("/", Authorization=basic("ops", "secret")))[0] == 200
