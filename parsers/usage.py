"""Reading counts out of a usage block: what cannot be believed becomes a fault with its path, never a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parsers.base import INPUT_DETAILS

MAX_COUNT = 1_000_000_000
"""A single call with more tokens than this is a broken log, not a call."""

MAX_AMOUNT = 1e15
"""Of anything else that is counted; the smallest unit of money in use is 1e-10 USD."""

EXCLUSIVE = (
    ("cached_input", "cache_write"),
    ("cached_audio_input", "cached_image_input", "cached_text_input"),
    ("audio_input", "image_input", "text_input"),
    ("audio_output", "image_output", "text_output"),
    ("accepted_prediction", "rejected_prediction"),
)
"""Details that share no token, so that their sum must fit in the whole too. Others may overlap (cached audio, say)."""

_NO_BLOCK: Mapping[str, object] = {}


def shown(value: object) -> str:
    """A value as a fault may name it: short, and never a long text, which could be somebody's prompt."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= 24 else text[:20] + "…"


def over(details: Mapping[str, int], names: Sequence[str], whole: int) -> bool:
    """Whether these details together are more than the whole they are parts of."""
    return sum(details.get(name, 0) for name in names) > whole


def text(value: object) -> str | None:
    """A string that says something; an empty one (Azure's first chunk) is "not known"."""
    return value if isinstance(value, str) and value else None


class Counts:
    """One usage block: its totals as `input` and `output`, its parts as `details`, its `faults`.

    A count is an integer from 0 to 1e9 (an integral float too: Cohere's are); None and absent are "not known". A bool,
    a string, a negative or a fractional number is a fault. `path` is where the block stands in the body.
    """

    __slots__ = ("details", "faults", "input", "output", "path", "usage")

    def __init__(self, usage: object, path: str = "usage") -> None:
        self.path = path
        self.input: int | None = None
        self.output: int | None = None
        self.details: dict[str, int] = {}
        self.faults: list[str] = []
        self.usage: Mapping[str, object] = _NO_BLOCK
        if isinstance(usage, dict):
            self.usage = usage
        elif usage is not None:
            self.faults.append(f"{path}: expected an object, got {shown(usage)}")

    def count(self, key: str) -> int | None:
        """The count under this key of the block, or None with a fault where it is no count."""
        value = self.usage.get(key)
        if value is None or (type(value) is int and 0 <= value <= MAX_COUNT):
            return value
        return self._doubtful(f"{self.path}.{key}", value)

    def parts(self, key: str, names: Mapping[str, str], whole: int | None) -> None:
        """Put the members of the block `key` into `details` by `names`, each checked against the whole."""
        block = self.usage.get(key)
        if block is None:
            return
        if not isinstance(block, dict):
            self.faults.append(f"{self.path}.{key}: expected an object, got {shown(block)}")
            return
        details = self.details
        limit = -1 if whole is None else whole
        together = 0
        for member, value in block.items():
            name = names.get(member)
            if name is None or value is None:
                continue
            if type(value) is int and 0 <= value <= limit:
                details[name] = value
                together += value
            else:
                self._doubtful_part(f"{self.path}.{key}.{member}", name, value, whole)
                together += details.get(name, 0)
        # Parts that fit all together fit in every combination; only beyond that is it worth asking which overlap.
        if together > limit >= 0:
            self.drop_overlaps(f"{self.path}.{key}", tuple(names.values()), limit)

    def amount(self, key: str) -> float | None:
        """The amount under this key (money, seconds, pages), or None with a fault where it is none."""
        value = self.usage.get(key)
        if value is None:
            return None
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MAX_AMOUNT:
            return value
        self.faults.append(f"{self.path}.{key}: expected an amount, got {shown(value)}")
        return None

    def part(self, key: str, name: str, whole: int | None) -> None:
        """Put a flat member of the block into `details` under `name`, checked against the whole."""
        value = self.usage.get(key)
        if value is not None:
            self._doubtful_part(f"{self.path}.{key}", name, value, whole)

    def drop_overlaps(self, path: str, names: Sequence[str], whole: int) -> None:
        """Drop those groups of exclusive details among `names` whose sum is more than the whole, with a fault each."""
        for group in EXCLUSIVE:
            if group[0] in names and over(self.details, group, whole):
                found = [f"{name} {self.details.pop(name)}" for name in group if name in self.details]
                self.faults.append(f"{path}: {' + '.join(found)} do not fit in {whole} tokens")

    def check_total(self, key: str) -> None:
        """A fault when the provider's own total is not the sum of input and output; nothing is dropped for it."""
        total, given, made = self.count(key), self.input, self.output
        if total is not None and given is not None and made is not None and given + made != total:
            self.faults.append(f"{self.path}.{key}: {total} is not the sum of {given} and {made}")

    def _doubtful_part(self, path: str, name: str, value: object, whole: int | None) -> None:
        count = self._doubtful(path, value)
        if count is None:
            return
        if whole is not None and count <= whole:
            self.details[name] = count
        elif count:
            side = "input" if name in INPUT_DETAILS else "output"
            known = f"{whole} {side} tokens" if whole is not None else f"an unknown number of {side} tokens"
            self.faults.append(f"{path}: {count} does not fit in {known}")

    def _doubtful(self, path: str, value: object) -> int | None:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_COUNT:
            return value
        self.faults.append(f"{path}: expected a count, got {shown(value)}")
        return None
