"""Which keys of a line hold what surrounds a body: decided once for each set of keys, by names or by configuration."""

from __future__ import annotations

from typing import NamedTuple

from tailer.config import Fields
from tailer.reading.flat import has_counts, may_announce
from tailer.reading.formats import Format, format_of
from tailer.reading.names import (
    GEN_AI,
    INSIDE,
    LOGGER_SIGNS,
    LOGGERS,
    NAMES,
    OWN_MEANING,
    PROMPT_KEYS,
    RECORDS,
    ROLES,
    TYPED,
    USAGE_KEYS,
)
from tailer.reading.paths import path_of
from tailer.reading.thrown import THROWN
from tailer.reading.times import snake, unit_of

RANKS = {role: {name: rank for rank, name in enumerate(names)} for role, names in NAMES.items()}
SIGNS = frozenset({"object", "type", "error", "err", "model"})
WITH_UNITS = frozenset({"duration", "time_to_first_token"})
TOLD = ("model", "input_tokens", "output_tokens", "cached_input_tokens")
"""The fields that are found by configuration only: what makes a call of a line without a provider's body."""


class Place(NamedTuple):
    """Where a value is: a key of the line, the path below it, and the unit its name or the configuration states."""

    key: str
    rest: tuple[str, ...] = ()
    unit: str = "auto"

    @property
    def path(self) -> str:
        """The dotted path, as it would stand in the configuration."""
        return ".".join((self.key, *self.rest))


class Shape(NamedTuple):
    """Where a line with these keys has what; every place's key is present."""

    roles: tuple[tuple[int, tuple[Place, ...]], ...]
    """The index in `ROLES` and the places to look, best first; only roles that have a place."""
    started: tuple[Place, ...]
    ended: tuple[Place, ...]
    request: tuple[Place, ...]
    response: tuple[Place, ...]
    nests: tuple[str, ...]
    typed: bool
    """The line may itself be a body: it has a key of `TYPED`."""
    whole: bool
    """The line is a gateway's or a tracer's record of a call: nothing inside it is the body."""
    usage: bool
    """The line may itself carry the usage: it has a key of `USAGE_KEYS`."""
    failed: bool
    """The line has `error`, `err` or the exception that a logger wrote."""
    asks: bool
    """The line may itself be a request: a model and something said to it."""
    counts: bool
    """The line is itself the usage of a call, in fields of its own."""
    announces: bool
    """The line may say that a request was sent."""
    inert: bool
    """No parser can want the line itself as a body."""
    signs: bool
    """There is something to look at beside `nests`."""
    logger: str | None
    form: Format | None = None
    """The format the line is of, where that has things in places of its own."""
    told: tuple[tuple[str, Place], ...] = ()
    """The configured places of `TOLD` that such a line may have."""


class Shapes:
    """The shapes of all lines seen, by their keys; lines of one log repeat a few."""

    __slots__ = ("_configured", "_known", "_parser_keys", "_told", "_units")

    MOST = 512
    """Shapes kept; a log whose keys are data starts over instead of growing."""
    MOST_KEYS = 64
    MOST_CHARS = 2048

    def __init__(self, fields: Fields, parser_keys: frozenset[str] | None) -> None:
        configured = {role: getattr(fields, role, None) for role in NAMES}
        self._configured = {role: path_of(path) for role, path in configured.items() if path is not None}
        told = {name: getattr(fields, name) for name in TOLD}
        self._told = {name: path_of(path) for name, path in told.items() if path is not None}
        self._units = {"timestamp": fields.timestamp_unit, "duration": fields.duration_unit}
        self._parser_keys = parser_keys
        self._known: dict[tuple[str, ...], Shape] = {}

    def of(self, line: dict[str, object]) -> Shape:
        """The shape of a line."""
        keys = tuple(line)
        shape = self._known.get(keys)
        if shape is None:
            shape = self._plan(keys)
            if len(keys) <= self.MOST_KEYS and sum(map(len, keys)) <= self.MOST_CHARS:
                if len(self._known) >= self.MOST:
                    self._known.clear()
                self._known[keys] = shape
        return shape

    def _plan(self, keys: tuple[str, ...]) -> Shape:
        form = format_of(keys)
        places = {role: self._places(role, keys, form) for role in NAMES}
        if "object" in keys:
            places["provider"] = ()  # OpenRouter's bodies name the vendor behind it there
        if ("text" in keys and "usage" in keys) or "segments" in keys:
            places["duration"] = tuple(p for p in places["duration"] if p.key != "duration")  # length of the audio
        record = record_of(frozenset(keys))
        if record is not None:
            places.update((role, ()) for role in OWN_MEANING if role not in self._configured)
        typed = not TYPED.isdisjoint(keys)
        whole = record is not None or not GEN_AI.isdisjoint(keys)
        own = not USAGE_KEYS.isdisjoint(keys)
        free = self._parser_keys is None or not self._parser_keys.isdisjoint(keys)
        tells_of_failure = bool(places["status"] and (places["url"] or places["provider"]))
        timed = "timestamp" not in self._configured and "duration" not in self._configured
        told = tuple(
            (name, place) for name, path in self._told.items() for place in _configured_place(path, frozenset(keys), "")
        )
        return Shape(
            roles=tuple((index, places[role]) for index, role in enumerate(ROLES) if places[role]),
            started=places["started"] if timed else (),
            ended=places["ended"] if timed else (),
            request=places["request"],
            response=places["response"],
            nests=_nests(places["nest"], keys, form),
            typed=typed,
            whole=whole,
            usage=own,
            failed="error" in keys or "err" in keys or not THROWN.isdisjoint(keys),
            asks="model" in keys and not own and not places["duration"] and not PROMPT_KEYS.isdisjoint(keys),
            counts=has_counts(frozenset(keys)),
            announces=not own and may_announce(frozenset(keys)),
            inert=not (free or tells_of_failure),
            signs=whole
            or own
            or typed
            or not SIGNS.isdisjoint(keys)
            or bool(places["request"] or places["response"] or told)
            or (form is not None and bool(form.paths)),
            logger=record or (form.name if form is not None else logger_of(frozenset(keys))),
            form=form,
            told=told,
        )

    def _places(self, role: str, keys: tuple[str, ...], form: Format | None) -> tuple[Place, ...]:
        unit = self._units.get(role, "auto")
        path = self._configured.get(role)
        if path is not None:
            stated = unit_of(path[-1])[1] if role in WITH_UNITS and unit == "auto" else unit
            return _configured_place(path, frozenset(keys), stated)
        ranks = RANKS[role]
        found = [(-1, place) for place in _given(role, keys, form)]
        # What a format says that a key is, the key is, whatever else its name may mean: AWS' `requestTime` is no span.
        own = {one.path[0] for one in form.given if len(one.path) == 1} if form is not None else ()
        for key in keys:
            if key in own:
                continue
            name, stated = unit_of(key) if role in WITH_UNITS else (snake(key), "auto")
            if stated == "auto" and role in WITH_UNITS and form is not None:
                stated = form.unit
            rank = ranks.get(name)
            if rank is not None:
                found.append((rank, Place(key, (), unit if unit != "auto" else stated)))
            for inner, child in INSIDE.get(key, ()):
                if inner == role:
                    found.append((len(ranks), Place(key, (child,), unit)))
        found.sort(key=lambda ranked: ranked[0])
        return tuple(place for _, place in found)


def _given(role: str, keys: tuple[str, ...], form: Format | None) -> list[Place]:
    given = form.given if form is not None else ()
    return [Place(one.path[0], one.path[1:], one.unit) for one in given if one.role == role and one.path[0] in keys]


def _nests(common: tuple[Place, ...], keys: tuple[str, ...], form: Format | None) -> tuple[str, ...]:
    own = form.nests if form is not None else ()
    return tuple(dict.fromkeys([*(key for key in own if key in keys), *(place.key for place in common)]))


def _configured_place(path: tuple[str, ...], keys: frozenset[str], unit: str) -> tuple[Place, ...]:
    for size in range(len(path), 0, -1):
        key = ".".join(path[:size])
        if key in keys:
            return (Place(key, path[size:], unit),)
    return ()


def record_of(keys: frozenset[str]) -> str | None:
    """Whose record of a call a line with these keys is, None for one of another kind."""
    return next((name for name, signs in RECORDS if signs <= keys), None)


def logger_of(keys: frozenset[str]) -> str | None:
    """The logger that writes such keys, `logger` for one we do not know, None for a bare body."""
    for name, alternatives in LOGGERS:
        if any(signs <= keys for signs in alternatives):
            return name
    return "logger" if not LOGGER_SIGNS.isdisjoint(keys) else None
