"""Which files stand where: found by what is told of a path without a look at all of them. Opens nothing."""

from __future__ import annotations

from collections.abc import Iterable

from tailer.source.identity import base_name
from tailer.source.tracked import Presence, TrackedFile


class Places:
    """By the names under which a change is announced, and by the last part of the place."""

    def __init__(self) -> None:
        self._by_name: dict[str, list[TrackedFile]] = {}
        self._by_base_name: dict[str, list[TrackedFile]] = {}
        self._off_path: list[TrackedFile] = []

    def add(self, file: TrackedFile) -> None:
        """Takes it in as it stands now. Before that changes it must be taken out."""
        for name in file.names:
            self._by_name.setdefault(name, []).append(file)
        self._by_base_name.setdefault(base_name(file.record.place), []).append(file)
        if file.presence is Presence.OFF_PATH:
            self._off_path.append(file)

    def remove(self, file: TrackedFile) -> None:
        for name in file.names:
            _take_out(self._by_name, name, file)
        _take_out(self._by_base_name, base_name(file.record.place), file)
        if file.presence is Presence.OFF_PATH:
            self._off_path.remove(file)

    def concerned(self, names: Iterable[str]) -> list[TrackedFile]:
        """Whom a change under these names may concern, the oldest first: a file off its path is under no name."""
        found = {file.number: file for file in self._off_path}
        for name in names:
            found.update((file.number, file) for file in self._by_name.get(name, ()))
        return [found[number] for number in sorted(found)]

    def called(self, base_names: Iterable[str]) -> list[TrackedFile]:
        """The files whose name in their directory is one of these, the oldest first."""
        found = [file for name in base_names for file in self._by_base_name.get(name, ())]
        return sorted(found, key=lambda file: file.number)


def _take_out(files: dict[str, list[TrackedFile]], key: str, file: TrackedFile) -> None:
    files[key].remove(file)
    if not files[key]:
        del files[key]
