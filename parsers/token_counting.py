"""Counting tokens is free: the endpoints that only count a request's tokens, so that nobody takes them for calls.

Formats: Anthropic's https://docs.anthropic.com/en/api/messages-count-tokens, Google's
https://ai.google.dev/api/tokens, Bedrock's CountTokens, OpenAI's `/v1/responses/input_tokens`, Cohere's `/v1/tokenize`.
Nothing is generated, so there is no call; a failure there is none either.
"""

from __future__ import annotations

from parsers.base import Record

ENDINGS = (
    "/messages/count_tokens",
    "/models/count-tokens:rawPredict",
    "/count-tokens",
    ":countTokens",
    ":computeTokens",
    "/responses/input_tokens",
    "/tokenize",
    "/detokenize",
)
"""How the paths of these endpoints end."""

OBJECT = "response.input_tokens"
BESIDE = frozenset(("context_management", "ResponseMetadata", "$metadata", "object"))
"""What may stand beside Anthropic's, Bedrock's and OpenAI's one count."""
GOOGLE = frozenset(
    (
        "totalTokens", "totalBillableCharacters", "promptTokensDetails", "cachedContentTokenCount",
        "cacheTokensDetails", "total_tokens", "total_billable_characters", "prompt_tokens_details",
        "cached_content_token_count", "cache_tokens_details", "sdkHttpResponse", "sdk_http_response",
    )
)  # fmt: skip


class TokenCounting:
    """Answers that are a count and nothing else, and whatever was sent to an endpoint that counts."""

    name = "token_counting"
    keys = frozenset(("input_tokens", "inputTokens", "totalTokens", "total_tokens", "tokensInfo", "token_strings"))

    def matches(self, record: Record) -> bool:
        """Whether tokens were only counted: by the address, or by a body that holds nothing but the count."""
        if record.url is not None and record.url.partition("?")[0].rstrip("/").endswith(ENDINGS):
            return True
        body = record.body
        if body is None:
            return False
        if body.get("object") == OBJECT:
            return True
        for count in ("input_tokens", "inputTokens"):
            if count in body:
                return "model" not in body and BESIDE.issuperset(key for key in body if key != count)
        # A total alone is anybody's.
        return ("totalTokens" in body or "total_tokens" in body) and len(body) > 1 and GOOGLE.issuperset(body)

    def parse(self, record: Record) -> None:
        """No call."""
