"""Whose turn it is: different logs one after the other, of a rotated log the oldest file first. Reads nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Container

from tailer.source.tracked import TrackedFile


class Turns:
    """The files in which a consumer may have something to read: the others cost nothing, however many they are."""

    def __init__(self) -> None:
        self._logs: OrderedDict[str, dict[int, TrackedFile]] = OrderedDict()
        self._family: dict[int, str] = {}

    def __bool__(self) -> bool:
        return bool(self._family)

    def offer(self, file: TrackedFile) -> None:
        self._family[file.number] = file.family
        self._logs.setdefault(file.family, {})[file.number] = file

    def forget(self, number: int) -> None:
        family = self._family.pop(number, None)
        if family is not None:
            del self._logs[family][number]
            if not self._logs[family]:
                del self._logs[family]

    def take(self, has_unread: Callable[[TrackedFile], bool], tried: Container[int]) -> TrackedFile | None:
        """The next file with something to read that has not been tried; forgets those on the way that have nothing."""
        for _ in range(len(self._logs)):
            family, files = next(iter(self._logs.items()))
            self._logs.move_to_end(family)
            for number in sorted(files):
                file = files[number]
                if not has_unread(file):
                    self.forget(number)
                elif number not in tried:
                    return file
        return None
