"""Text that compresses about as well as what people write: pure, all chance from the given rng."""

from __future__ import annotations

from itertools import accumulate
from random import Random

WORDS = 12_000
POOL_CHARS = 2 * 1024 * 1024
CONSONANTS, VOWELS, ENDINGS = "bcdfghklmnprstvw", "aeiou", ("", "", "", "n", "s", "r", "t", "l")
ODD_WORDS = ("naïve", "Größe", "señor", "東京", "данные", "✓", '"quoted"', "C:\\logs", "it's")


class Prose:
    """A pool of made-up text, made once; every passage is a piece of it."""

    def __init__(self, rng: Random) -> None:
        words = [_word(rng) for _ in range(WORDS)]
        # Word frequencies fall like 1/rank, as in any language; the odd ones are rare, but met on most pages.
        weights = list(accumulate([1 / (rank + 3) for rank in range(WORDS)] + [0.004] * len(ODD_WORDS)))
        chosen = rng.choices(words + list(ODD_WORDS), cum_weights=weights, k=POOL_CHARS // 6)
        for place in range(9, len(chosen), 11):
            chosen[place] += ".\n\n" if place % 7 == 0 else "."
        self._pool = " ".join(chosen)

    def passage(self, rng: Random, chars: int) -> str:
        """Text of this many characters, at most the whole pool."""
        start = rng.randrange(max(1, len(self._pool) - chars))
        return self._pool[start : start + chars]


def _word(rng: Random) -> str:
    syllables = rng.choice((1, 1, 2, 2, 3))
    return "".join(rng.choice(CONSONANTS) + rng.choice(VOWELS) + rng.choice(ENDINGS) for _ in range(syllables))
