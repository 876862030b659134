"""Keys, tokens and addresses in a text are replaced, whatever the text is; pure, and linear in its length.

Source of the forms: the providers' own documents and the public rules of secret scanners.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from tailer.config.schema import Privacy
from tailer.reading.chunk import Reading

# A match starts only where a word does: a long run of letters is tried once, not at each of them.
_START = r"(?<![A-Za-z0-9_-])"
_KEYS = (
    r"(?:sk|rk)[-_](?:[A-Za-z0-9]{2,12}[-_]){0,3}[A-Za-z0-9_-]{12,}",
    r"(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{12,}",
    r"ABSK[A-Za-z0-9+/=]{40,}",
    r"AIza[A-Za-z0-9_-]{20,}",
    r"ya29\.[A-Za-z0-9_.-]{20,}",
    r"(?:xai|pplx|nvapi|glpat|tvly|dapi)-[A-Za-z0-9_-]{16,}",
    r"(?:gsk|hf|r8|lsv2|fw)_[A-Za-z0-9_]{16,}",
    r"(?:gh[pousr]_|github_pat_)[A-Za-z0-9_]{16,}",
    r"xox[abeoprs]-[A-Za-z0-9-]{10,}",
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s\\]{0,20000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?",
)
BUILT_IN: Mapping[str, tuple[str, ...]] = {
    "keys": (
        rf"{_START}(?:{'|'.join(_KEYS[:-1])})",
        _KEYS[-1],
        r"(?<=[?&])(?:api[-_]?key|key|subscription-key|access_token|token|sig|signature|X-Amz-Signature)=[^&\s\"'#]{4,}",
    ),
    "tokens": (
        rf"(?i:{_START}(?:bearer|basic)\s{{1,4}}[A-Za-z0-9._~+/=-]{{8,}})",
        rf"{_START}eyJ[A-Za-z0-9_-]{{8,}}\.[A-Za-z0-9_-]{{4,}}(?:\.[A-Za-z0-9_-]{{0,}})?",
    ),
    "emails": (r"(?<![\w.+%-])[\w.+%-]{1,64}?(?:@|%40)(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z])",),
}
"""What can be named in `privacy.mask`."""
ALL = tuple(BUILT_IN)


class Masks:
    """Replaces what the named built-in patterns and the user's own find by `[masked:NAME]`. `patterns` have been
    checked with the configuration.
    """

    __slots__ = ("_patterns",)

    def __init__(self, names: Iterable[str], patterns: Mapping[str, str]) -> None:
        built_in = [(name, pattern) for name in names for pattern in BUILT_IN[name]]
        self._patterns = [(f"[masked:{name}]", re.compile(found)) for name, found in [*patterns.items(), *built_in]]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def readings(self, readings: Sequence[Reading]) -> list[Reading]:
        """The same with the values of their dimensions masked: these become labels of metrics."""
        return [replace(it, dimensions=tuple(map(self.apply, it.dimensions))) for it in readings]

    def apply(self, text: str) -> str:
        """The text without what they find."""
        for shown, pattern in self._patterns:
            text = pattern.sub(lambda _, shown=shown: shown, text)  # type: ignore[misc]
        return text


def masks_in(options: Privacy) -> Masks:
    """Those of the configuration: all that are built in, unless it names them."""
    return Masks(ALL if options.mask is None else options.mask, options.mask_patterns)
