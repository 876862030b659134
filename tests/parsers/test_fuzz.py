"""Whatever a line holds, no parser raises, and what it gives is sound: properties over bodies near the real ones."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import registry
from parsers.base import PROVIDERS, Call, Part, Record, Several
from parsers.contract import _Checks
from tests.parsers.examples import BY_PARSER

PARSERS = registry.load()
CHECKS = [_Checks(parser, PROVIDERS, ("chat", "text_completion", "embeddings")) for parser in PARSERS]

NAMES = (
    "id object model type status error usage choices data code param message sequence_number response item_id "
    "finish_reason prompt_tokens completion_tokens total_tokens input_tokens output_tokens cached_tokens stream "
    "reasoning_tokens prompt_tokens_details completion_tokens_details input_tokens_details x_groq messages input "
    "prompt prompt_filter_results statusCode innererror provider service_tier incomplete_details"
)
KEYS = NAMES.split()
WORDS = [
    "chat.completion",
    "chat.completion.chunk",
    "text_completion",
    "list",
    "embedding",
    "response",
    "response.completed",
    "response.failed",
    "error",
    "gpt-4o",
]


def members(inner: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(st.sampled_from(KEYS), st.one_of(inner, st.sampled_from(WORDS)), max_size=8)


scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
values = st.recursive(scalars, lambda inner: st.one_of(st.lists(inner, max_size=3), members(inner)), max_leaves=12)

records = st.builds(
    Record,
    body=st.one_of(st.none(), members(values)),
    request=st.one_of(st.none(), members(values)),
    status=st.one_of(st.none(), st.integers(0, 700)),
    headers=st.dictionaries(st.sampled_from(["retry-after", "x-ratelimit-reset-tokens", "apim-request-id"]), st.text()),
    url=st.one_of(st.none(), st.text(), st.just("https://api.openai.com/v1/chat/completions")),
    event=st.sampled_from([None, "error", "ping"]),
    provider=st.sampled_from([None, "", "Azure", "groq", "someone"]),
    timestamp_ns=st.one_of(st.none(), st.integers(0, 2**63)),
)


@settings(max_examples=400)
@given(records)
def test_no_record_breaks_a_parser_or_gives_an_unsound_call(record: Record) -> None:
    for check in CHECKS:
        check.bears("a made-up record", record)


bodies = [
    record
    for given_examples in BY_PARSER.values()
    for record, _ in given_examples
    if record.body and "object" in record.body
]


@given(st.sampled_from(bodies), st.dictionaries(st.sampled_from(KEYS), values, max_size=3))
def test_strange_members_in_a_real_body_never_lose_the_call(record: Record, strange: dict[str, object]) -> None:
    body = record.body or {}
    added = {key: value for key, value in strange.items() if key not in body and key not in ("error", "status")}
    odd = record._replace(body={**body, **added})
    parser = next(parser for parser in PARSERS if parser.matches(odd))
    assert tokens(parser.parse(odd)) == tokens(parser.parse(record))


def tokens(found: Call | Part | Several | None) -> list[tuple[int | None, int | None]]:
    if found is None:
        return []
    calls = found.calls if isinstance(found, Several) else [found.call if isinstance(found, Part) else found]
    return [(call.input_tokens, call.output_tokens) for call in calls]
