"""What Google bills for searching: the queries of an answer to `web_searches`; it reads no tokens.

Formats: https://ai.google.dev/gemini-api/docs/google-search and the Interactions API's `grounding_tool_count`. Gemini 3
and later pay for every query, earlier models for every prompt that was grounded, however many queries it took.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers.base import NO_UNITS
from parsers.usage import MAX_COUNT

PAID_BY_PROMPT = ("gemini-1.", "gemini-2.")
"""How the names of models begin that pay once for a grounded prompt."""
GROUNDING = ("groundingMetadata", "grounding_metadata")
QUERIES = ("webSearchQueries", "web_search_queries")
TOOL_COUNTS = ("grounding_tool_count", "groundingToolCount")
SEARCH = "google_search"


def of_candidates(candidates: object, model: str | None) -> Mapping[str, float]:
    """The searches of `candidates` (or of one Live message), counted as they are billed for this model."""
    queries: set[str] = set()
    for candidate in candidates if isinstance(candidates, list) else ():
        grounding = _member(candidate, GROUNDING)
        found = _member(grounding, QUERIES)
        # Equal and empty queries are not billed.
        queries |= {query for query in found if isinstance(query, str) and query} if isinstance(found, list) else set()
    return _units(len(queries), model)


def of_tool_counts(usage: Mapping[str, object], model: str | None) -> Mapping[str, float]:
    """The searches that an interaction's usage counts."""
    total = 0
    counts = _member(usage, TOOL_COUNTS)
    for entry in counts if isinstance(counts, list) else ():
        if isinstance(entry, dict) and str(entry.get("type")).lower() == SEARCH:
            count = entry.get("count")
            total += count if type(count) is int and 0 <= count <= MAX_COUNT else 0
    return _units(total, model)


def _units(searches: int, model: str | None) -> Mapping[str, float]:
    if not searches:
        return NO_UNITS
    by_prompt = model is not None and model.startswith(PAID_BY_PROMPT)
    return {"web_searches": 1.0 if by_prompt else float(searches)}


def _member(holder: object, names: tuple[str, ...]) -> object:
    return next((holder[name] for name in names if name in holder), None) if isinstance(holder, dict) else None
