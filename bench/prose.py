"""Text that compresses about as well as what people write: pure, all chance from the given rng."""

from __future__ import annotations

from itertools import accumulate
from random import Random

WORDS = 4000
POOL_CHARS = 2 * 1024 * 1024
SYLLABLES = "ka lo mi ter ran sel in do ver est an qu ol be pra ti gen us mar cho ne fi dal er sto um".split()
ODD_WORDS = ("naïve", "Größe", "señor", "東京", "данные", "✓", '"quoted"', "C:\\logs", "it's")


class Prose:
    """A pool of made-up text, made once; every passage is a piece of it."""

    def __init__(self, rng: Random) -> None:
        words = ["".join(rng.choices(SYLLABLES, k=rng.randint(1, 4))) for _ in range(WORDS)]
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
