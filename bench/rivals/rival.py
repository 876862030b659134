"""What another program is to the bench: its name, what it does of the work, how it is configured."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Literal, NamedTuple

Ship = Literal["http", "tcp", "nothing"]
MAX_LINE_BYTES = 32 * 1024 * 1024
"""What each of them is told to read whole, so that no line of a corpus is cut."""


class Place(NamedTuple):
    """What a configuration needs to know: a directory to write into, the log, the ports of the sink."""

    directory: str
    log: str
    http_port: int
    tcp_port: int

    def write(self, name: str, text: str) -> str:
        """A file of this text in the directory; returns its path."""
        path = os.path.join(self.directory, name)
        with open(path, "w") as file:
            file.write(text)
        return path


class Rival(NamedTuple):
    """One way to run another program. `configure` writes files and returns the command.

    Who ships is done when the sink has heard all; with `ships="nothing"` it has to end by itself.
    """

    name: str
    program: str
    work: str
    configure: Callable[[Place], list[str]]
    ships: Ship = "http"


def free_port() -> int:
    """A port of this machine that nobody listens on just now, for those that cannot choose one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
