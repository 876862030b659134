"""How a sink answers."""

from __future__ import annotations

from typing import Literal

Mood = Literal["take", "hang", "refuse"]
MOODS: tuple[Mood, ...] = ("take", "hang", "refuse")


def mood_named(name: str) -> Mood:
    """The mood of that name; ValueError for any other."""
    for mood in MOODS:
        if mood == name:
            return mood
    raise ValueError(f"mood: expected one of {', '.join(MOODS)}, got {name!r}")
