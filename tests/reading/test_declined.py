"""Who is not asked about a failure: a parser that turns its body down by the keys alone."""

from __future__ import annotations

import pytest

from parsers import registry
from parsers.base import NOTHING, Parser, Record
from tailer.reading.declined import declines
from tests.parsers.examples import BY_PARSER
from tests.reading.changes import LIKELY, URLS
from tests.reading.lines import REQUEST

PARSERS = registry.load()
BODIES = [record.body for examples in BY_PARSER.values() for record, _ in examples if record.body is not None]
ERRORS = [{"error": error} for error in LIKELY["error"]]
AROUND = [
    Record(None, request, status, headers, url, None, provider)
    for request in (None, REQUEST)
    for status in (400, 429, 503)
    for url, provider, headers in (
        (None, None, NOTHING),
        *((url, None, NOTHING) for url in URLS),
        *((None, provider, NOTHING) for provider in LIKELY["provider"]),
        (None, None, {"apim-request-id": "h2", "x-amzn-bedrock-input-token-count": "7"}),
    )
]


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_a_parser_that_declines_some_keys_matches_no_record_with_them(parser: Parser) -> None:
    declined = [body for body in [*BODIES, *ERRORS, None] if declines(parser, body)]
    for body in declined:
        for record in AROUND:
            assert not parser.matches(record._replace(body=body)), body


def test_most_parsers_are_not_asked_about_an_error() -> None:
    asked = [parser.name for parser in PARSERS if not declines(parser, ("error",))]
    assert "any_error" in asked
    assert len(asked) < len(PARSERS) / 2
