"""Many entries, kept by column: who ships them goes down the columns, and an entry is made where one is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self, overload

from tailer.reading.chunk import Reading
from tailer.ship.entry import Entry
from tailer.ship.metadata import Own, Pairs, Shared, pairs

Place = Reading | Entry
"""Who knows `start`, `end`, `number` and `midway` of a line."""

# Time, lengths and tags of an entry on the wire, and what its own metadata mostly take.
_FRAME_BYTES = 24
_OWN_BYTES = 128


class Entries(Sequence[Entry]):
    """A sequence of entries as columns of one length; grows only by `extend`."""

    __slots__ = ("files", "labels", "own", "places", "shared", "texts", "times_ns")

    def __init__(  # noqa: PLR0913, PLR0917  # the columns
        self,
        files: list[int],
        places: list[Place],
        labels: list[Pairs],
        times_ns: list[int],
        texts: list[bytes],
        shared: list[Shared],
        own: list[Own | None],
    ) -> None:
        self.files = files
        self.places = places
        self.labels = labels
        self.times_ns = times_ns
        self.texts = texts
        self.shared = shared
        self.own = own

    @classmethod
    def of(cls, entries: Iterable[Entry] = ()) -> Entries:
        """These entries; the same object where they are kept by column already."""
        if isinstance(entries, Entries):
            return entries
        places = list[Place](made := list(entries))
        return cls(
            [entry.file for entry in made],
            places,
            [entry.labels for entry in made],
            [entry.timestamp_ns for entry in made],
            [entry.text for entry in made],
            [Shared(entry.metadata) for entry in made],
            [None] * len(made),
        )

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, index: int) -> Entry: ...

    @overload
    def __getitem__(self, index: slice) -> Self: ...

    def __getitem__(self, index: int | slice) -> Entry | Self:
        if isinstance(index, slice):
            return type(self)(*[column[index] for column in self._columns()])
        place = self.places[index]
        return Entry(
            self.files[index],
            place.start,
            place.end,
            place.number,
            self.labels[index],
            self.times_ns[index],
            self.texts[index],
            pairs(self.shared[index], self.own[index]),
            place.midway,
        )

    def extend(self, others: Entries) -> None:
        for column, more in zip(self._columns(), others._columns(), strict=True):
            column.extend(more)

    def sizes(self) -> list[int]:
        """About what each takes on the wire before compression, in bytes."""
        columns = zip(self.texts, self.shared, self.own, strict=True)
        return [
            len(text) + shared.size_bytes + (_FRAME_BYTES if own is None else _FRAME_BYTES + _OWN_BYTES)
            for text, shared, own in columns
        ]

    def streams(self) -> dict[Pairs, Entries]:
        """The entries by their stream's labels, streams and entries in the order in which they came."""
        if self and self.labels.count(self.labels[0]) == len(self):
            return {self.labels[0]: self}
        found: dict[Pairs, list[int]] = {}
        for index, labels in enumerate(self.labels):
            found.setdefault(labels, []).append(index)
        return {labels: self._picked(indices) for labels, indices in found.items()}

    def ends(self) -> Iterator[tuple[int, Place]]:
        """Of each file the last line after which a mark may stand."""
        left = set(self.files)
        for file, place in zip(reversed(self.files), reversed(self.places), strict=True):
            if file in left and not place.midway:
                left.remove(file)
                yield file, place
                if not left:
                    return

    def _picked(self, indices: Sequence[int]) -> Entries:
        return Entries(*[[column[index] for index in indices] for column in self._columns()])

    def _columns(self) -> tuple[list[Any], ...]:
        return self.files, self.places, self.labels, self.times_ns, self.texts, self.shared, self.own
