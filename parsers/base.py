"""What a parser gets and what it gives: standard library only, so a third party's parser needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple, Protocol, runtime_checkable

NOTHING: Mapping[str, str] = {}
NO_COUNTS: Mapping[str, int] = {}
NO_UNITS: Mapping[str, float] = {}

ERROR_TYPES = (
    "rate_limit",
    "quota_exceeded",
    "authentication",
    "permission",
    "invalid_request",
    "context_length",
    "content_filter",
    "not_found",
    "timeout",
    "overloaded",
    "server_error",
    "connection",
    "cancelled",
    "unknown",
)
"""The closed set of `error_type` values."""

PROVIDERS = (
    "openai",
    "azure.ai.openai",
    "anthropic",
    "gcp.gemini",
    "gcp.vertex_ai",
    "aws.bedrock",
    "mistral_ai",
    "cohere",
    "deepseek",
    "groq",
    "x_ai",
    "together",
    "openrouter",
    "ollama",
    "vllm",
    "huggingface",
    "perplexity",
    "ibm.watsonx.ai",
    "azure.ai.inference",
    "cerebras",
    "cloudflare",
    "fireworks",
    "moonshot_ai",
)
"""The known values of `Call.provider`: OpenTelemetry's `gen_ai.provider.name`, own names where it has none."""

OPERATIONS = (
    "chat",
    "text_completion",
    "embeddings",
    "generate_content",
    "image_generation",
    "transcription",
    "speech",
    "moderation",
    "rerank",
    "classification",
    "ocr",
    "video_generation",
)
"""The known values of `Call.operation`: OpenTelemetry's `gen_ai.operation.name`, own names where it has none."""

LIMIT_SUBJECTS = ("requests", "tokens", "input_tokens", "output_tokens")
"""What a provider limits; the keys of `Call.rate_limit` are made of them."""

INPUT_DETAILS = (
    "cached_input",
    "cached_audio_input",
    "cached_image_input",
    "cached_text_input",
    "cache_write",
    "cache_write_1h",
    "audio_input",
    "image_input",
    "video_input",
    "document_input",
    "text_input",
    "tool_input",
)
OUTPUT_DETAILS = (
    "reasoning",
    "audio_output",
    "image_output",
    "video_output",
    "text_output",
    "accepted_prediction",
    "rejected_prediction",
)
DETAILS = INPUT_DETAILS + OUTPUT_DETAILS
"""The closed set of keys of `Call.details`. `cache_write_1h` is the part of `cache_write` kept for an hour."""

UNITS = (
    "web_searches",
    "web_fetches",
    "searches",
    "storage_searches",
    "sources",
    "audio_seconds",
    "video_seconds",
    "characters",
    "images",
    "pages",
    "classifications",
)
"""The closed set of keys of `Call.units`: what is billed by other measures than tokens."""


class Record(NamedTuple):
    """One log line freed of its wrapper.

    `body` is the decoded response, error or stream event, or the whole line where nothing surrounded it; None on a line
    that carries only a request. Header names are lower case with dashes, each value one string.
    """

    body: Mapping[str, object] | None
    request: Mapping[str, object] | None = None
    status: int | None = None
    headers: Mapping[str, str] = NOTHING
    url: str | None = None
    event: str | None = None
    provider: str | None = None
    timestamp_ns: int | None = None


class Span(NamedTuple):
    """By which marks another line is known to tell of the same call: of such lines the first counts."""

    own: tuple[str, ...]
    around: tuple[str, ...] = ()
    """Marks of what encloses the call and repeats its usage."""


class Call(NamedTuple):
    """What is known of one call to a provider; None is "not known", never zero.

    `input_tokens` includes cached and cache-write tokens, `output_tokens` includes reasoning, whatever the provider's
    own convention; `details` are parts of the two. `units` are billed things that are no tokens (`web_searches`,
    `audio_seconds`, `images`, `pages`). `cost_usd` is set only where the line itself reports it. `rate_limit` has the
    keys of the contract (`limit_requests`, `remaining_tokens`, `reset_requests_seconds`, `retry_after_seconds`).
    `faults` names every value that could not be believed, with its path. `region` is where the call was served, only
    where that may change its price (Anthropic's `us`, a location of Google Cloud). `span` is set only where several
    records of one call are usual (OpenTelemetry).
    """

    provider: str | None = None
    operation: str | None = None
    model: str | None = None
    request_model: str | None = None
    error_type: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    details: Mapping[str, int] = NO_COUNTS
    units: Mapping[str, float] = NO_UNITS
    cost_usd: float | None = None
    timestamp_ns: int | None = None
    duration_seconds: float | None = None
    time_to_first_token_seconds: float | None = None
    request_id: str | None = None
    response_id: str | None = None
    stream: bool | None = None
    service_tier: str | None = None
    rate_limit: Mapping[str, float] = NO_UNITS
    finish_reason: str | None = None
    faults: tuple[str, ...] = ()
    region: str | None = None
    span: Span | None = None

    @property
    def status(self) -> str:
        """`error` when an error type is known, else `success`."""
        return "success" if self.error_type is None else "error"


class Stage(Enum):
    """How far a part takes its call."""

    REQUEST = "request"
    """Only what was asked: the answer is on another line."""
    PIECE = "piece"
    """A piece of a stream: more may follow."""
    FINISHED = "finished"
    """The provider has stopped generating, but a usage chunk may still follow."""
    LAST = "last"
    """Nothing that counts can follow: the call is complete."""
    FAILURE = "failure"
    """Something failed under the key of a request: the call's end if one was asked for, else no call at all."""


class Part(NamedTuple):
    """A line that is only a part of a call. Values are cumulative: a later part's value replaces an earlier one's."""

    stage: Stage
    call: Call


class Several(NamedTuple):
    """A line that tells of more calls than one: each is counted, none is joined with other lines.

    A cost, a duration or a time to first token that the line tells beside them is of all of them together and counted
    once, at the first; set a call's own where the line tells them apart.
    """

    calls: tuple[Call, ...]


class UsageError(ValueError):
    """A usage block that cannot be believed; the message starts with the path of the fault."""


@runtime_checkable
class Parser(Protocol):
    """One provider API. Synchronous, deterministic, without I/O or a clock.

    It may have an attribute `keys: frozenset[str]`: of these a body must have one to be this parser's, and where the
    line has none it is not even asked, but for a line with a status of 400 or more, or with a request that nobody else
    takes. Without it every line is put to `matches`. And it may have a method `typical`: see `parsers.typical`.
    """

    name: str

    def matches(self, record: Record) -> bool:
        """Whether this record is of this API, decided cheaply by distinctive keys."""

    def parse(self, record: Record) -> Call | Part | Several | None:
        """What the record says: a whole call, a part of one, several calls, or None when there is nothing to count.

        Raises `UsageError` when the usage block is beyond belief; the call is then counted with its usage missing.
        """
