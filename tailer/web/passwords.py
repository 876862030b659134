"""Passwords against bcrypt hashes: off the event loop, one at a time, bounded. Keeps none, not even a wrong one."""

from __future__ import annotations

import asyncio
import hmac
import os
import time
from collections import Counter, OrderedDict
from collections.abc import Mapping
from enum import Enum

REMEMBERED = 128
"""How many answers are kept of each kind, right and wrong."""
MAX_WAITING = 16
MAX_WAITING_OF_ONE = 2
"""Of one client's address: a flood of wrong passwords must leave room for the right one from elsewhere."""
REST_FACTOR, MAX_REST_SECONDS = 3, 1.0
"""After a wrong password the next check waits this many times what it took: guessing gets a quarter of one core."""
_NOBODYS = "abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"
"""Salt and digest of a hash that was never made from a password."""


class Verdict(Enum):
    RIGHT = "right"
    WRONG = "wrong"
    BUSY = "busy"
    """Too many are waiting to be checked."""


class Passwords:
    """Remembers by a keyed digest of user, hash and password, so a changed hash is checked anew."""

    def __init__(self) -> None:
        self._key = os.urandom(32)
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self._wrong: OrderedDict[bytes, None] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()
        self._waiting: Counter[str] = Counter()

    async def check(self, users: Mapping[str, str], user: str, password: bytes, address: str) -> Verdict:
        """Whether this is the user's password. An unknown user takes as long as a known one."""
        hashed = users.get(user) or decoy(users)
        digest = self._digest(user, hashed, password)
        if digest in self._right:
            self._right.move_to_end(digest)
            return Verdict.RIGHT
        if digest in self._wrong:
            return Verdict.WRONG
        if self._waiting[address] >= MAX_WAITING_OF_ONE or self._waiting.total() >= MAX_WAITING:
            return Verdict.BUSY
        self._waiting[address] += 1
        try:
            is_right = await self._compare(hashed, password) and user in users
        finally:
            self._waiting[address] -= 1
            if not self._waiting[address]:
                del self._waiting[address]
        remembered = self._right if is_right else self._wrong
        remembered[digest] = None
        if len(remembered) > REMEMBERED:
            remembered.popitem(last=False)
        return Verdict.RIGHT if is_right else Verdict.WRONG

    async def _compare(self, hashed: str, password: bytes) -> bool:
        async with self._one_at_a_time:
            started = time.monotonic()
            is_right = await asyncio.to_thread(matches, hashed, password)
            if not is_right:
                await asyncio.sleep(min(MAX_REST_SECONDS, REST_FACTOR * (time.monotonic() - started)))
        return is_right

    def _digest(self, user: str, hashed: str, password: bytes) -> bytes:
        name = user.encode(errors="surrogateescape")
        lengths = b"%d %d " % (len(name), len(hashed))
        return hmac.digest(self._key, lengths + name + hashed.encode() + password, "sha256")


def decoy(users: Mapping[str, str]) -> str:
    """A hash that no password has, and that takes as long as the costliest one of the users."""
    cost = max((hashed[4:6] for hashed in users.values()), default="10")
    return f"$2b${cost}${_NOBODYS}"


def matches(hashed: str, password: bytes) -> bool:
    """bcrypt's own answer; it looks at 72 bytes and no more, as it does everywhere. Blocks, without the GIL."""
    import bcrypt  # noqa: PLC0415  # only a port with users pays for it

    try:
        return bcrypt.checkpw(password[:72], hashed.encode())
    except ValueError:  # A salt or a password that it does not take is no match.
        return False
