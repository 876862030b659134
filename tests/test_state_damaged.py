"""A damaged checkpoint costs no count: the one before it is recounted from the log before anybody sees a number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tailer.statedir import CURRENT, DAMAGED, PREVIOUS
from tests.faults.trial import Trial, trial

Damage = Callable[[bytes], bytes]


def flipped(share: float) -> Damage:
    """One bit changed at this share of its length."""

    def flip(content: bytes) -> bytes:
        at = int(len(content) * share)
        return content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]

    return flip


DAMAGES: dict[str, Damage] = {
    "a bit of the marks": flipped(0.1),
    "cut in half": lambda content: content[: len(content) // 2],
    "nothing but zeros": lambda content: bytes(len(content)),
}
"""Each byte and each length has its turn in `test_state.py`."""


async def two_generations(it: Trial) -> None:
    """Lines counted and shown in both checkpoints, and more in the newest."""
    for lines in (20, 2000):
        it.writer.write(lines)
        await it.counted()
    await it.tailer.kill()


async def test_damage_to_the_newest_costs_no_count_and_no_counter_falls(tmp_path: Path) -> None:
    """The very first scrape after it shows no less than the last one before, or `increase()` would double."""
    async with trial(tmp_path) as it:
        it.has_lost_a_checkpoint = True
        await it.start()
        for name, damage in DAMAGES.items():
            await two_generations(it)
            newest = tmp_path / "state" / CURRENT
            odd = damage(newest.read_bytes())
            newest.write_bytes(odd)
            await it.start()
            await it.scrape()
            assert (tmp_path / "state" / DAMAGED).read_bytes() == odd, name
            assert len(it.said("checkpoint_damaged")) == len(it.said("checkpoint_previous_used")) == 1


async def test_a_kill_while_it_recounts_costs_no_count(tmp_path: Path) -> None:
    async with trial(tmp_path) as it:
        it.has_lost_a_checkpoint = True
        await it.start()
        await two_generations(it)
        (tmp_path / "state" / CURRENT).write_bytes(b"")
        for _ in range(2):
            await it.start()
            await it.tailer.kill()
        await it.start()
        await it.scrape()


async def test_with_both_damaged_the_log_is_counted_anew_and_that_is_said(tmp_path: Path) -> None:
    async with trial(tmp_path) as it:
        it.has_lost_a_checkpoint = True
        await it.start()
        await two_generations(it)
        for generation in (CURRENT, PREVIOUS):
            place = tmp_path / "state" / generation
            place.write_bytes(bytes(place.stat().st_size))
        it.forget_seen()
        await it.start()
        await it.tailer.logged("counting_starts_over")
