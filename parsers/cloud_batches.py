"""Output lines of Bedrock's and Vertex AI's batches, each a call of another API at the price of a batch.

Formats: https://docs.aws.amazon.com/bedrock/latest/userguide/batch-inference-results.html and
https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/batch-prediction-gemini. The body in a line has
its own API's totals. Bedrock's lines name no model, but for Claude's bodies: it stands in the job.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers import any_request, aws
from parsers import openai_family as family
from parsers.anthropic import Anthropic
from parsers.base import Call, Parser, Part, Record, Several
from parsers.bedrock_converse import BedrockConverse
from parsers.bedrock_invoke import BedrockInvoke, operation
from parsers.errors import classify, failure_by_status
from parsers.gemini import Gemini
from parsers.openai_chat import OpenAIChat
from parsers.usage import text

TIER = "batch"
VERTEX = "gcp.vertex_ai"
CODE = re.compile(r'"code": ?(\d{3})\b')
"""In the JSON of Google's error, which a batch gives as a text after the name of the status."""


class BedrockBatch:
    """Output lines by what the model was given beside what it made of it, or why it made nothing."""

    name = "bedrock_batch"
    keys = frozenset(("modelInput",))

    def __init__(self) -> None:
        self._inner: Sequence[Parser] = (BedrockInvoke(), OpenAIChat(), Anthropic(), BedrockConverse())

    def matches(self, record: Record) -> bool:
        """Whether the body is a line of a batch's output."""
        body = record.body
        if body is None or not isinstance(body.get("modelInput"), dict):
            return False
        return isinstance(body.get("modelOutput"), dict) or isinstance(body.get("error"), dict)

    def parse(self, record: Record) -> Call | Several | None:
        """Always whole calls, also of a record that the model failed at."""
        line = record.body
        if line is None:
            return None
        made = family.mapping(line.get("modelOutput"))
        failed = failure_by_status(record.status)
        error = line.get("error")
        if isinstance(error, dict):
            code = error.get("errorCode")
            failed = classify(code if type(code) is int else record.status, code, None, error.get("errorMessage"))
        asked = family.mapping(line.get("modelInput")) or {}
        bare = Call(aws.PROVIDER, operation(None, {**asked, **(made or {})}), request_id=text(line.get("recordId")))
        return _batched(_found(self._inner, record._replace(body=made, provider=aws.PROVIDER)), bare, failed)


class VertexBatch:
    """Output lines by the time at which they were made, beside request and response."""

    name = "vertex_batch"
    keys = frozenset(("processed_time",))

    def __init__(self) -> None:
        self._inner: Sequence[Parser] = (Anthropic(), OpenAIChat(), Gemini())

    def matches(self, record: Record) -> bool:
        """Whether the body is a line of a batch's output."""
        body = record.body
        return body is not None and "processed_time" in body and isinstance(body.get("request"), dict)

    def parse(self, record: Record) -> Call | Several | None:
        """Always whole calls; `status` is empty but for a failure, which it describes."""
        line = record.body
        if line is None:
            return None
        asked = family.mapping(line.get("request"))
        failed = failure_by_status(record.status)
        said = text(line.get("status"))
        if said is not None:
            code = CODE.search(said[:500])
            failed = classify(int(code[1]) if code else record.status, None, None, said)
        bare = Call(VERTEX, any_request.operation(record, asked), request_model=family.request_model(record))
        inner = record._replace(body=family.mapping(line.get("response")), request=asked, provider=VERTEX)
        return _batched(_found(self._inner, inner), bare, failed)


def _found(parsers: Sequence[Parser], inner: Record) -> Call | Several | None:
    if inner.body is None:
        return None
    found = next((parser.parse(inner) for parser in parsers if parser.matches(inner)), None)
    return found.call if isinstance(found, Part) else found


def _batched(found: Call | Several | None, bare: Call, failed: str | None) -> Call | Several:
    """What the body in a line says, at the price of a batch; `bare` is what is known where nobody can read it."""
    calls = found.calls if isinstance(found, Several) else (found or bare,)
    priced = [call._replace(error_type=call.error_type or failed, service_tier=TIER, stream=False) for call in calls]
    return Several(tuple(priced)) if len(priced) > 1 else priced[0]
