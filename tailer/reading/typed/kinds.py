"""Lines by what stands around their JSON: bare ones, the kubelet's and Docker's. Each kind has plans of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

from parsers.base import Parser
from tailer.reading.answer import Object
from tailer.reading.asking import Asking
from tailer.reading.chunk import Reading
from tailer.reading.partial import DOCKER_HEAD
from tailer.reading.surroundings import Notes
from tailer.reading.typed import docker, seen
from tailer.reading.typed.learner import Learner
from tailer.reading.typed.plans import Plans
from tailer.reading.unwrapped import Unwrapped
from tailer.reading.wrapper import Unwrapper

CRI = re.compile(rb"(\d[^ ]*) std(?:out|err) F (?={)")
"""What the kubelet writes before a whole line: its time, as `text.open_odd` reads it."""
LONGEST_LEARNT_BYTES = 64 * 1024
"""A plan is tried on the line it was learnt from, which should not take long."""
Path = tuple[str, ...]


class Typed:
    """Reads typical lines: bare ones, and those of the kubelet and of Docker, which come from files of their own.

    `dimensions` and `labels` are configured paths.
    """

    __slots__ = ("_bare", "_cri", "_docker", "_unwrapper")

    def __init__(
        self,
        parsers: Sequence[Parser],
        unwrapper: Unwrapper,
        asking: Asking,
        dimensions: Sequence[Path],
        labels: Sequence[Path],
    ) -> None:
        def unwrap(line: Object) -> Unwrapped:
            return unwrapper.unwrap(line, Notes())

        learner = Learner(parsers, unwrapper, asking, dimensions, labels)
        self._unwrapper = unwrapper
        self._bare = Plans(learner, unwrap)
        self._cri = Plans(learner, unwrap)
        inside = partial(docker.unwrapped_in, unwrapper)
        self._docker = Plans(learner, inside) if docker.is_told_apart(unwrapper, (*dimensions, *labels)) else None

    @property
    def lines(self) -> int:
        """How many have been read so."""
        return sum(plans.lines for plans in (self._bare, self._cri, self._docker) if plans is not None)

    def reader(self, data: bytes) -> Callable[[bytes, int, int, int], Reading | None]:
        """Who reads the typical lines of a chunk of valid UTF-8 that begins so; it gives None for any other."""
        if data[:1] != b"{":
            self._cri.rank()
            return self._read_cri
        self._bare.rank()
        if self._docker is None or not (self._docker.knows_any or data.startswith(DOCKER_HEAD)):
            return self._bare.read
        self._docker.rank()
        return self._read_docker

    def _read_cri(self, line: bytes, start: int, end: int, number: int) -> Reading | None:
        head = CRI.match(line)
        return None if head is None else self._cri.read(line[head.end() :], start, end, number, head[1])

    def _read_docker(self, line: bytes, start: int, end: int, number: int) -> Reading | None:
        said = docker.text_in(line)
        if said is None or self._docker is None:
            return self._bare.read(line, start, end, number)
        return self._docker.read(said.line, start, end, number, said.written)

    def learn(self, line: bytes, value: object, unwrapped: Unwrapped, reading: Reading, outer: str | None) -> None:
        """Takes note of a line that was read in the general way, and of all that this made of it.

        `outer` is what the text around its JSON is called.
        """
        if type(value) is not dict or len(line) > LONGEST_LEARNT_BYTES:
            return
        known = seen.of(value, unwrapped, reading, self._unwrapper.shape, outer)
        if line[:1] != b"{":
            if (head := CRI.match(line)) is not None:
                self._cri.learn(line[head.end() :], known, head[1])
        elif self._docker is None or (said := docker.text_in(line)) is None:
            self._bare.learn(line, known)
        elif (inner := docker.inner(known, self._unwrapper)) is not None:
            self._docker.learn(said.line, inner, said.written)
