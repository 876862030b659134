"""The files of the page at `/`, as they come with the package. Read once, when they are asked for."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import NamedTuple

from aiohttp import web

FILES = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/charts.js": ("charts.js", "text/javascript; charset=utf-8"),
    "/tables.js": ("tables.js", "text/javascript; charset=utf-8"),
    "/words.js": ("words.js", "text/javascript; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
"""The files may be kept, but it is asked each time whether they are still those of the version that runs."""


class File(NamedTuple):
    """What is sent, and its name for who has it already."""

    body: bytes
    tag: str
    content_type: str


@cache
def file_at(path: str) -> File:
    """KeyError for a path that is none of the page's. Blocks for a moment the first time."""
    name, content_type = FILES[path]
    body = files("tailer.web").joinpath("static", name).read_bytes()
    return File(body, f'"{blake2b(body, digest_size=12).hexdigest()}"', content_type)


def answer(request: web.BaseRequest, headers: dict[str, str]) -> web.Response:
    """A file of the page, or 304 for who has it."""
    file = file_at(request.path)
    given = ",".join(request.headers.getall("If-None-Match", ()))
    headers = {**headers, "ETag": file.tag}
    if file.tag in (tag.strip().removeprefix("W/") for tag in given.split(",")):
        return web.Response(status=304, headers=headers)
    return web.Response(body=file.body, headers={**headers, "Content-Type": file.content_type})
