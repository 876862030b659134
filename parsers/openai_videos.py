"""OpenAI's video jobs, also Azure's: a job is one call, counted when it has ended; billed by the second, no tokens.

Format: https://developers.openai.com/api/docs/guides/video-generation. A job is asked for, looked up until it is
`completed` or `failed` (Azure: `succeeded`), and its file fetched elsewhere; a body still queued or in progress has
nothing to count yet. `seconds` is the length of the video as a text, Azure's `n_seconds` a number, for each of
`n_variants`. Failed jobs are not billed.
"""

from __future__ import annotations

from parsers import openai_family as family
from parsers.base import NO_UNITS, Call, Part, Record
from parsers.usage import Counts, text

OPERATION = "video_generation"
KINDS = ("video", "video.generation.job")
ENDED = ("completed", "succeeded", "failed", "cancelled")
FAILURES = {"failed": "unknown", "cancelled": "cancelled"}
"""A status that is an error by itself → its error type when nothing more exact is said."""


class OpenAIVideos:
    """Video jobs by their `object` beside a status; other things that are called a video have no model."""

    name = "openai_videos"
    keys = frozenset(("object",))

    def matches(self, record: Record) -> bool:
        """Whether the body is a video job in any state."""
        body = record.body
        if body is None or body.get("object") not in KINDS:
            return False
        return isinstance(body.get("model"), str) and isinstance(body.get("status"), str)

    def parse(self, record: Record) -> Call | Part | None:
        """A job that has ended is a call."""
        body = record.body
        status = body.get("status") if body is not None else None
        if body is None or status not in ENDED:
            return None
        error = body.get("error") or ({"message": reason} if (reason := text(body.get("failure_reason"))) else None)
        made = family.call(
            record,
            body,
            OPERATION,
            family.CHAT,
            usage=None,
            error=error,
            finish=text(status),
            stream=False,
        )
        kind = made.error_type or FAILURES.get(str(status))
        if kind is not None:
            return made._replace(error_type=kind)
        lengths = Counts({key: _number(body.get(key)) for key in ("seconds", "n_seconds", "n_variants")}, "body")
        seconds = lengths.amount("seconds") or lengths.amount("n_seconds")
        length = seconds * (lengths.count("n_variants") or 1) if seconds else None
        return made._replace(
            units={"video_seconds": length} if length else NO_UNITS, faults=(*made.faults, *lengths.faults)
        )


def _number(value: object) -> object:
    """OpenAI writes the seconds as a text."""
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) <= 6 else value
