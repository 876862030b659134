"""Lines over which the code that reads them stumbles: told by where it did, so that none can stop all others."""

from __future__ import annotations

import traceback

MOST_TOLD = 64
"""Places of which is remembered that they were told; what stumbles at more of them is told each time."""


class Stumbles:
    """Says of each place in the code once that a line was too much for it, and nothing of what the line held."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def over(self, error: Exception) -> str:
        """What is said of a line beside its outcome. Lack of memory is no line's fault and is raised again."""
        if isinstance(error, MemoryError):
            raise error
        frames = traceback.extract_tb(error.__traceback__)
        at = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
        if at not in self._told:
            if len(self._told) < MOST_TOLD:
                self._told.add(at)
            import structlog  # noqa: PLC0415  # a whole event loop, for who never needs it

            structlog.get_logger("tokentail.reading").error(
                "line_not_read",
                error=type(error).__name__,
                at=at,
                effect="such lines are read in another way, or counted as bad_json; they go where lines go",
                next="`tokentail explain` shows them; it is a fault of tokentail: please report it",
            )
        return f"expected to read it; {type(error).__name__} at {at}, a fault of tokentail"
