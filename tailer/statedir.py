"""The directory of one process's checkpoints: locked, written atomically, the newest that can be read. Blocks."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress
from hashlib import blake2b

import msgspec
import structlog

from tailer.meter.joiner import SavedJoiner
from tailer.meter.ledger import SavedLedger
from tailer.ship.stamps import SenderState
from tailer.source.marks import SavedJournal
from tailer.tally import SavedTally

VERSION = 1
MAGIC = b"tokentail-checkpoint"
CURRENT, PREVIOUS, DAMAGED = "checkpoint", "checkpoint.previous", "checkpoint.damaged"

PASSING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
"""Why nothing can be read at present, whatever the file: no reason to count from an older one."""

log = structlog.get_logger("tokentail.state")


class LockError(OSError):
    """The file system of the directory has no locks."""


class StateError(Exception):
    """The state directory cannot be used; the message says why and what to do."""


class Snapshot(msgspec.Struct):
    """Everything that must survive a kill, as of one instant."""

    journal: SavedJournal = msgspec.field(default_factory=SavedJournal)
    ledger: SavedLedger = msgspec.field(default_factory=SavedLedger)
    joiner: SavedJoiner = msgspec.field(default_factory=SavedJoiner)
    telemetry: SavedTally = msgspec.field(default_factory=SavedTally)
    senders: dict[str, SenderState] = {}
    is_behind: bool = False
    """The counters are lower than what a scrape may have shown: what a lost checkpoint had is still being recounted."""
    started_ns: int = 0
    """When this directory began and all counters stood at zero; 0 where a checkpoint of before that does not say."""
    pushed_ms: dict[str, int] = {}
    """The time of the newest push of metrics, for each receiver that may have had one."""


class StateDirectory:
    """The directory of one process's checkpoints, locked against any other process."""

    def __init__(self, path: str) -> None:
        """Makes and locks the directory; StateError when it cannot be, or another process has it."""
        self.path = path
        self.is_behind = False
        """Whether `load` found no more than the checkpoint before the newest."""
        try:
            self._descriptor = _locked(path)
        except BlockingIOError as error:
            taken = "another tokentail uses it; give each process a --state-dir of its own"
            raise StateError(f"state directory {path}: {taken}") from error
        except LockError as error:
            local = "it must be on a file system with locks, such as a local disk"
            raise StateError(f"state directory {path}: cannot be locked: {error.strerror}: {local}") from error
        except OSError as error:
            raise StateError(f"state directory {path}: {os.strerror(error.errno or 0)}") from error

    def close(self) -> None:
        os.close(self._descriptor)

    def load(self) -> tuple[Snapshot, float]:
        """The newest checkpoint that can be read and when it was written (0 when there is none).

        StateError when there is one that the disk does not give: counting from zero would overwrite it.
        """
        damaged, unreadable = False, ""
        for name in (CURRENT, PREVIOUS):
            place = os.path.join(self.path, name)
            try:
                content, written = _content(place)
            except FileNotFoundError:
                continue
            except OSError as error:
                unreadable = f"checkpoint {place} cannot be read: {os.strerror(error.errno or 0)}"
                log.error("checkpoint_cannot_be_read", path=place, reason=os.strerror(error.errno or 0))  # noqa: TRY400  # a traceback tells an operator nothing
                continue
            snapshot = _decode(content, place)
            if snapshot is not None:
                self._say_if_behind(name, place)
                return snapshot, written
            log.error("checkpoint_damaged", path=place, bytes=len(content))
            with suppress(OSError):
                os.replace(place, os.path.join(self.path, DAMAGED))
            damaged = True
        if unreadable:
            raise StateError(f"{unreadable}: if it is lost, delete it, and counting starts over")
        if damaged:
            log.error("counting_starts_over", path=self.path, effect="counters at zero, all files read again")
        return Snapshot(), 0.0

    def is_in_place(self) -> bool:
        """Whether the path leads to this directory; OSError when that cannot be told. Blocks."""
        try:
            return os.path.samestat(os.stat(self.path), os.fstat(self._descriptor))
        except FileNotFoundError:
            return False

    def write(self, content: bytes) -> None:
        """Replaces the current checkpoint, keeping the one before. Blocks; OSError when it is not durable."""
        current, previous = os.path.join(self.path, CURRENT), os.path.join(self.path, PREVIOUS)
        fresh = f"{current}.new"
        if not self.is_in_place():
            self._make_again()
        try:
            _write_durably(fresh, content)
            if os.path.exists(current):
                _keep(current, previous)
            os.replace(fresh, current)
            os.fsync(self._descriptor)
        except OSError:
            with suppress(OSError):
                os.unlink(fresh)
            raise

    def _say_if_behind(self, name: str, place: str) -> None:
        self.is_behind = name == PREVIOUS
        if self.is_behind:
            log.error("checkpoint_previous_used", path=place, effect="what came after it is read again")

    def _make_again(self) -> None:
        """The directory was deleted or its volume has gone or come back: what it held is all still here."""
        descriptor = _locked(self.path)
        os.close(self._descriptor)
        self._descriptor = descriptor
        log.warning("state_directory_made_again", path=self.path)


def peek(path: str) -> Snapshot:
    """The newest checkpoint in a directory, which another process may have: takes no lock, changes nothing.

    StateError when there is none, or it is damaged: an older one would be other numbers than it shows.
    """
    for name in (CURRENT, PREVIOUS):
        place = os.path.join(path, name)
        try:
            content, _ = _content(place)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StateError(f"checkpoint {place} cannot be read: {os.strerror(error.errno or 0)}") from error
        snapshot = _decode(content, place)
        if snapshot is None:
            raise StateError(f"checkpoint {place} is damaged: `tokentail run` with this directory recovers what it can")
        return snapshot
    raise StateError(f"state directory {path}: expected a checkpoint, found none")


def _content(place: str) -> tuple[bytes, float]:
    """What a checkpoint holds and when it was written; OSError, StateError when every other would fail like it."""
    try:
        with open(place, "rb") as file:
            return file.read(), os.fstat(file.fileno()).st_mtime
    except PermissionError as error:
        raise StateError(f"checkpoint {place}: permission denied: it belongs to another user") from error
    except OSError as error:
        if error.errno in PASSING:
            raise StateError(f"checkpoint {place}: {error.strerror}") from error
        raise


def _locked(path: str) -> int:
    """A descriptor of the directory, made when it is not there, with its lock; OSError, BlockingIOError when taken."""
    os.makedirs(path, mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    except OSError as error:
        os.close(descriptor)
        raise LockError(error.errno, error.strerror) from error
    return descriptor


def encoded(body: bytes) -> bytes:
    return b"%s %d %s\n%s" % (MAGIC, VERSION, _digest(VERSION, body), body)


def _digest(version: int, body: bytes) -> bytes:
    return blake2b(b"%d %s" % (version, body), digest_size=16).hexdigest().encode()


def _decode(content: bytes, place: str) -> Snapshot | None:
    """The snapshot, or None when the file is damaged; StateError when it is whole but of another version."""
    head, _, body = content.partition(b"\n")
    match head.split(b" "):
        case [magic, number, digest] if magic == MAGIC and number.isdigit() and len(number) < 9:
            version = int(number)
        case _:
            return None
    if digest != _digest(version, body):
        return None
    if version != VERSION:
        raise StateError(
            f"checkpoint {place} is of version {version}, this tokentail knows {VERSION}: run the one that wrote it"
        )
    try:
        return msgspec.json.decode(body, type=Snapshot)
    except msgspec.DecodeError as error:
        raise StateError(f"checkpoint {place}: {error}: it was written by another build of this version") from error


def _write_durably(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep(current: str, previous: str) -> None:
    """The current checkpoint becomes the previous one, without a moment in which there is no current one."""
    spare = f"{previous}.new"
    with suppress(FileNotFoundError):
        os.unlink(spare)
    try:
        os.link(current, spare)
    except OSError:
        os.replace(current, previous)  # No hard links here: `load` copes with a missing current one.
    else:
        os.replace(spare, previous)
