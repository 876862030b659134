"""Gemini's generateContent, its stream chunks, Live messages, embeddings, Imagen, Google's errors; also Vertex AI's.

Formats: https://ai.google.dev/api/generate-content#UsageMetadata, https://ai.google.dev/api/live, Vertex AI's reference
of GenerateContentResponse, and https://google.aip.dev/193 for errors; the same in the snake case of the Python SDK.
`promptTokenCount` includes cached tokens but not those of tool-use prompts, `candidatesTokenCount` excludes thoughts:
input and output here are the sums. Zero counts are left out by the API. Usage on stream chunks is cumulative.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import gemini_typical, google_errors, google_grounding, google_usage, vendor
from parsers import openai_family as family
from parsers.base import NO_COUNTS, NO_UNITS, Call, Part, Record, Stage
from parsers.errors import failure_by_status
from parsers.limits import rate_limit
from parsers.typical import Typical
from parsers.usage import Counts, text

Body = Mapping[str, object]

USAGE = ("usageMetadata", "usage_metadata")
FEEDBACK = ("promptFeedback", "prompt_feedback")
LIVE = ("serverContent", "server_content", "setupComplete", "setup_complete", "toolCall", "tool_call")
MODELS = ("modelVersion", "model_version", "model")
IDS = ("responseId", "response_id")
BLOCKED = ("blockReason", "block_reason")
FINISH = ("finishReason", "finish_reason")
UNSPECIFIED = "_UNSPECIFIED"
STREAMING = ":streamGenerateContent"

FINISH_NUMBERS = {1: "STOP", 2: "MAX_TOKENS", 3: "SAFETY", 4: "RECITATION", 5: "OTHER"}
"""Finish reasons as the older Python SDKs dump them."""

VERTEX_KEYS = ("createTime", "create_time")
"""Beside `trafficType`: what only Vertex AI puts in a body."""


class Gemini:
    """Gemini and Vertex AI by the usage metadata, the candidates, the feedback on the prompt, or Google's error."""

    name = "gemini"
    keys = frozenset(
        (*USAGE, *FEEDBACK, "candidates", "predictions", "embedding", "embeddings", "error")
    )  # fmt: skip

    def typical(self, body: Mapping[str, object]) -> Typical | None:
        """How to read the usual bodies with these keys."""
        return gemini_typical.form(self, body)

    def matches(self, record: Record) -> bool:
        """Whether the body is an answer of these APIs, or Google's error on a line that shows a model was asked."""
        body = record.body
        if body is None:
            return False
        for key in USAGE:
            if key in body:
                return _is_usage(body, body[key])
        if "candidates" in body:
            return _are_candidates(body)
        if _block_reason(body) is not None:
            return True
        if "error" in body:
            return google_errors.is_error(record, body["error"])
        return google_usage.is_embedding(record, body) or google_usage.images(body) > 0

    def parse(self, record: Record) -> Call | Part | None:
        """A body is a call; a chunk whose candidates are not finished is a part; a Live message is one turn's call."""
        body = record.body
        if body is None:
            return None
        usage = _first(body, USAGE)
        if google_usage.is_embedding(record, body):
            return _call(record, body, google_usage.embedding_counts(body, usage), "embeddings")
        if made := google_usage.images(body):
            return _call(record, body, None, "image_generation")._replace(units={"images": float(made)})
        error = body.get("error")
        if isinstance(error, dict) and usage is None and "candidates" not in body:
            return google_errors.failed(record, error)
        return _generated(record, body, usage)


def _generated(record: Record, body: Body, usage: object) -> Call | Part:
    candidates, found = body.get("candidates"), google_usage.counts(usage)
    finish, blocked = _finish_reason(candidates), _block_reason(body)
    failed = failure_by_status(record.status) or (None if blocked is None else "content_filter")
    is_live = any(key in body for key in LIVE)
    is_done = finish is not None or failed is not None or is_live
    is_asked_for = _method(record, STREAMING)
    # The first chunks of Vertex AI have no candidates yet and of the usage only the type of traffic.
    is_piece = not is_done and (bool(candidates) or found is None or found.input is None or is_asked_for)
    is_stream = is_live or is_piece or is_asked_for or family.streamed(record)
    made = _call(record, body, found, "generate_content", failed=failed, finish=finish or blocked, stream=is_stream)
    # A line that holds its request as well holds the whole exchange.
    if record.request is not None or _method(record, ":generateContent"):
        return made
    if is_piece:
        return Part(Stage.PIECE, made)
    return Part(Stage.LAST, made) if is_asked_for else made


def _call(  # noqa: PLR0913 - where an answer and what else there is have what differs
    record: Record,
    body: Body,
    found: Counts | None,
    operation: str,
    *,
    failed: str | None = None,
    finish: str | None = None,
    stream: bool = False,
) -> Call:
    model = google_usage.model_name(_first(body, MODELS))
    asked = google_usage.model_name(family.request_model(record))
    grounded = body.get("candidates") or [_first(body, LIVE[:2])]
    return Call(
        provider=_provider(record, body, model or asked),
        operation=operation,
        model=model,
        request_model=asked,
        error_type=failed or failure_by_status(record.status),
        input_tokens=found.input if found else None,
        output_tokens=found.output if found else None,
        details=found.details if found else NO_COUNTS,
        units=google_grounding.of_candidates(grounded, model or asked),
        response_id=text(_first(body, IDS)),
        stream=stream,
        service_tier=_tier(record, _first(body, USAGE)),
        rate_limit=rate_limit(record.headers, record.timestamp_ns) if record.headers else NO_UNITS,
        finish_reason=finish,
        faults=tuple(found.faults) if found else (),
    )


def _is_usage(body: Body, usage: object) -> bool:
    """Google's counts: LangChain has a `usage_metadata` of its own, and a cache that was created has only a total."""
    if isinstance(usage, dict) and not google_usage.COUNTS.isdisjoint(usage):
        return True
    if usage is not None and not isinstance(usage, dict):
        return "candidates" in body or text(_first(body, MODELS[:2])) is not None
    if isinstance(usage, dict) and "input_tokens" in usage:
        return False
    return _are_candidates(body) or _block_reason(body) is not None


def _are_candidates(body: Body) -> bool:
    candidates = body.get("candidates")
    if not isinstance(candidates, list):
        return False
    if any(key in body for key in (*MODELS[:2], *IDS[:1], *FEEDBACK)):
        return True
    first = candidates[0] if candidates else None
    return isinstance(first, dict) and "content" in first and (_first(first, FINISH) is not None or "index" in first)


def _block_reason(body: Body) -> str | None:
    """Why the prompt was blocked; None for one that was not."""
    feedback = _first(body, FEEDBACK)
    reason = text(_first(feedback, BLOCKED)) if isinstance(feedback, dict) else None
    return None if reason is None or reason.endswith(UNSPECIFIED) else _bare(reason)


def _finish_reason(candidates: object) -> str | None:
    """Why the first finished candidate ended; None while none has."""
    if not isinstance(candidates, list):
        return None
    for candidate in candidates:
        reason = _first(candidate, FINISH) if isinstance(candidate, dict) else None
        if type(reason) is int:
            reason = FINISH_NUMBERS.get(reason)
        if isinstance(reason, str) and reason and not reason.endswith(UNSPECIFIED):
            return _bare(reason)
    return None


def _method(record: Record, method: str) -> bool:
    return record.url is not None and method in record.url


def _provider(record: Record, body: Body, model: str | None) -> str | None:
    """Vertex AI where the body proves it: `google` and `gemini`, as logs name the provider, stand for both."""
    known = vendor.provider(record, model, "gcp.gemini")
    if known != "gcp.gemini":
        return known
    usage = _first(body, USAGE)
    is_vertex = isinstance(usage, dict) and _first(usage, google_usage.TRAFFIC) is not None
    if is_vertex or any(key in body for key in VERTEX_KEYS) or "predictions" in body:
        return "gcp.vertex_ai"
    return known


def _tier(record: Record, usage: object) -> str | None:
    """The service tier as served: Vertex AI's type of traffic, the Gemini API's tier, else its header."""
    found = None
    if isinstance(usage, dict):
        found = text(_first(usage, google_usage.TRAFFIC)) or text(_first(usage, google_usage.TIERS))
    if found is None and record.headers:
        header = record.headers.get("x-gemini-service-tier")
        found = header if header in google_usage.HEADER_TIERS else None
    if found is None:
        return None
    tier = _bare(found).lower()
    return None if tier.endswith("unspecified") else tier


def _first(holder: Body, names: tuple[str, ...]) -> object:
    """The first of these members that is there and not null."""
    for name in names:
        value = holder.get(name)
        if value is not None:
            return value
    return None


def _bare(name: str) -> str:
    """`FinishReason.STOP`, as Python writes its enumerations, → `STOP`."""
    return name.rpartition(".")[2] or name
