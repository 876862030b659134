"""A level of a line and what was found on it become what the line holds: an answer, a failure, or a question."""

from __future__ import annotations

from msgspec.structs import replace

from tailer.reading.access import NONE, failure
from tailer.reading.answer import Answer, Object, is_body, is_provider_error, is_question, with_model
from tailer.reading.flat import announced, usage_body
from tailer.reading.paths import reach
from tailer.reading.shape import Place
from tailer.reading.surroundings import Surroundings
from tailer.reading.thrown import exception_of
from tailer.reading.unwrapped import Level, Unwrapped, in_text


def answered(level: Level, request: Object | None, answer: Answer, own: bool) -> Unwrapped:
    """A level with its answer; with `own` the usage is beside it."""
    answer = with_model(answer, level.line)
    body = answer.body
    if own and body is not None and "usage" not in body:
        # The application moved the usage beside the response.
        beside = level.line if level.shape.usage else usage_body(level.line)
        body = {**body, "usage": beside.get("usage")} if "id" in body or is_body(body) else beside
    found = Unwrapped(
        with_http(level.around, answer) if answer.status is not None or answer.headers is not None else level.around,
        (level.line,),
        body,
        request,
        answer.events,
        answer.done,
        wrapper=level.wrapper,
    )
    return in_text(found) if answer.text else found


def unanswered(level: Level, request: Object | None) -> Unwrapped | None:
    """A failure, or a question whose answer is on another line."""
    line, shape = level.line, level.shape
    asked = request if is_question(request) else None
    if asked is None and level.around.request_id is not None:
        asked = line if shape.asks else announced(line) if shape.announces else None
    if shape.failed:
        error = line.get("error")
        if error is not None and (asked is not None or is_provider_error(error)):
            return Unwrapped(level.around, (line,), line, request, wrapper=level.wrapper)
        thrown = line.get("err")
        inner = thrown.get("error", thrown) if type(thrown) is dict else thrown
        if inner is not None and (asked is not None or is_provider_error(inner)):
            return Unwrapped(level.around, (line,), {"error": inner}, request, wrapper=level.wrapper)
        if asked is not None and (exception := exception_of(line)) is not None:
            return Unwrapped(level.around, (line,), {"error": exception}, asked, wrapper=level.wrapper)
    if shape.form is not None and shape.form.paths and (flagged := failure(line)) is not None:
        # The status that the proxy gave is its own, not the provider's.
        return Unwrapped(replace(level.around, status=None), (line,), flagged, asked, wrapper=level.wrapper)
    if asked is None or any(not _is_missing(value_at(line, place)) for place in shape.response):
        return None
    return Unwrapped(level.around, (line,), None, asked, wrapper=level.wrapper)


def value_at(line: Object, place: Place) -> object:
    """What a line has at a place."""
    return reach(line[place.key], place.rest) if place.rest else line[place.key]


def _is_missing(value: object) -> bool:
    """Access logs have a dash or an empty text where there is nothing."""
    return value is None or (type(value) is str and value in NONE)


def with_http(around: Surroundings, answer: Answer) -> Surroundings:
    """What surrounds an answer, with the status and the headers that were logged with it."""
    return replace(
        around,
        status=answer.status if around.status is None else around.status,
        headers=answer.headers if around.headers is None else around.headers,
    )
