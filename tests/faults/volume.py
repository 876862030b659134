"""Real volumes for a test: small ones that fill up, that go and come back, that refuse to be written. Needs root."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Volume:
    """A tmpfs that lives as long as this does, mounted at `place` or not; at `home` it always is."""

    def __init__(self, place: Path, size: str) -> None:
        self.place = place
        self.home = place.with_name(f"{place.name}-at-home")
        for path in (self.place, self.home):
            path.mkdir()
        _mount("-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(self.home))
        self.mount()

    def mount(self) -> None:
        _mount("--bind", str(self.home), str(self.place))

    def unmount(self) -> None:
        """As `umount -l` does it: whoever has a file open keeps it, the paths are gone."""
        subprocess.run(["umount", "-l", str(self.place)], check=True)

    def remount(self, how: str) -> None:
        """`ro` or `rw`, for all that is written by a path of `place`."""
        _mount("-o", f"remount,bind,{how}", str(self.place))

    def fill(self) -> Path:
        """Takes all the room there is; the file that does, to be deleted."""
        path = self.home / "ballast"
        try:
            with path.open("wb", buffering=0) as file:
                while file.write(bytes(4096)):
                    pass
        except OSError:
            return path
        raise AssertionError("the volume has no end")


@contextmanager
def volume(place: Path, size: str = "4m") -> Iterator[Volume]:
    made = Volume(place, size)
    try:
        yield made
    finally:
        for path in (made.place, made.home):
            subprocess.run(["umount", "-l", str(path)], check=False, capture_output=True)


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"needs the right to mount a volume: {done.stderr.strip()} (uid {os.getuid()})")
