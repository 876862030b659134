"""What lies under a key for responses or requests: a body, an HTTP exchange around one, a stream, or nothing of use."""

from __future__ import annotations

import msgspec

from tailer.reading.names import (
    COHERE_EVENTS,
    EVENT_KEYS,
    EVENT_PREFIXES,
    EVENT_TYPES,
    INTERACTION_EVENTS,
    INTERACTION_KEYS,
    NUMBERED_PREFIXES,
    OBJECTS,
    USAGE_KEYS,
)
from tailer.reading.stream import Event, decoded, is_sse, json_lines, listed_events, sse_events
from tailer.reading.surroundings import status_code

Object = dict[str, object]
BESIDE = ("modelId", "model_id", "model")
"""How a line names the model beside a body that does not."""
NAMING = frozenset({*BESIDE, "object", "type", "error", "modelVersion", "model_version"})
NAMELESS = USAGE_KEYS | {
    "metadata", "embedding", "embeddings", "generations", "images", "ResponseMetadata", "data", "task",
}  # fmt: skip
"""Keys of bodies that may name no model."""
METRICS = "amazon-bedrock-invocationMetrics"
FAILED = frozenset({"error", "message", "Error"})
HTTP_BODIES = ("body", "data", "json", "Body")
HTTP_STATUSES = ("status_code", "statusCode", "status", "StatusCode")
ASKING_KEYS = frozenset({"body", "json", "Body", "url", "uri"})
STREAM = "stream"
"""Where boto3 has the events of ConverseStream, beside its own account of the answer."""
METADATA = "ResponseMetadata"
"""Where boto3 says over HTTP what came back."""
HTTP_KEYS = frozenset({*HTTP_BODIES, *HTTP_STATUSES, STREAM, "headers", METADATA})


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What was found: a body, or the events of a stream and its end mark, and the status and headers beside it."""

    body: Object | None = None
    events: list[Event] | None = None
    done: bool = False
    status: int | None = None
    headers: object = None
    text: bool = False
    """It was JSON in a text."""

    @property
    def settles(self) -> bool:
        """Whether it is more than a status."""
        return self.body is not None or self.events is not None or self.done


NO_ANSWER = Answer()


def is_body(value: Object) -> bool:
    """Whether an object says itself that it is a provider's response or stream event."""
    kind = value.get("object")
    if type(kind) is str and kind in OBJECTS:
        return True
    kind = value.get("type")
    if type(kind) is not str:
        return _is_untyped_body(value)
    if kind in COHERE_EVENTS:
        return type(value.get("delta")) is dict or "index" in value
    if kind in EVENT_TYPES:
        return "content" in value or "error" in value or kind != "message"
    if not kind.startswith(EVENT_PREFIXES):
        return False
    # An application may name its own event `response.received` and put a chat completion beside it.
    inner = value.get("response")
    if type(inner) is dict:
        return inner.get("object") in ("response", "realtime.response")
    return not kind.startswith(NUMBERED_PREFIXES) or not EVENT_KEYS.isdisjoint(value)


def _is_untyped_body(value: Object) -> bool:
    """Ollama's, whose `response` is what was written; Cohere's with `meta`; Vertex AI's; events by `event_type`."""
    if type(value.get("done")) is bool and type(value.get("model")) is str:
        is_own = "created_at" in value or "total_duration" in value or "done_reason" in value
        return is_own and type(value.get("response", "")) is str
    meta = value.get("meta")
    if type(meta) is dict and type(meta.get("billed_units")) is dict:
        return True
    predictions = value.get("predictions")
    if type(predictions) is list and predictions:
        return type(predictions[0]) is dict and "embeddings" in predictions[0]
    event = value.get("event_type")
    if type(event) is not str:
        return False
    if event.startswith(INTERACTION_EVENTS):
        return not INTERACTION_KEYS.isdisjoint(value)
    return type(value.get("is_finished")) is bool


def is_question(request: Object | None) -> bool:
    """Whether what stands under a key for requests is one to a model; what was said to it may have been left out."""
    return request is not None and (type(request.get("model")) is str or type(request.get("modelId")) is str)


def is_provider_error(error: object) -> bool:
    """Whether an `error` has the form of the providers, not of an exception of the application's own."""
    inner = error.get("error") if type(error) is dict and error.get("type") == "error" else None
    if type(inner) is dict:
        # Anthropic's, of which the whole body stands there.
        return type(inner.get("type")) is str and type(inner.get("message")) is str
    if type(error) is not dict or type(error.get("message")) is not str or "stack" in error:
        return False
    if type(error.get("code")) is int and type(error.get("status")) is str:
        return True  # Google's
    return "param" in error or ("type" in error and "code" in error)


def answer_in(value: object) -> Answer:
    """What a value under a key for responses holds."""
    if type(value) is dict:
        return _answer_of(value)
    if type(value) is str:
        return _answer_in_text(value)
    if type(value) is list and is_event_list(value):
        return Answer(None, *listed_events(value))
    return NO_ANSWER


def is_event_list(values: list[object]) -> bool:
    """Whether a list is a stream: objects that are events, objects around them, or their texts."""
    first = values[0] if values else None
    if type(first) is str:
        return is_sse(first) or first[:1] == "{"
    last = values[-1] if values else None
    if type(last) is dict and METRICS in last:
        return True  # Bedrock's, whatever form the model's own events have.
    return type(first) is dict and (
        is_body(first)
        or not USAGE_KEYS.isdisjoint(first)
        or ("data" in first and "event" in first)
        or (len(first) == 1 and is_provider_error(first.get("error")))
    )


def _answer_in_text(text: str) -> Answer:
    start = text[:1]
    if start in ("{", '"', "[", " ", "\n", "d", "e"):
        if is_sse(text):
            return Answer(None, *sse_events(text), text=True)
        if text == "[DONE]":
            return Answer(done=True)
        value = decoded(text)
        if value is not None:
            return msgspec.structs.replace(answer_in(value), text=True)
        lines = json_lines(text)
        if lines and is_event_list(lines):
            return Answer(None, *listed_events(lines), text=True)
    return NO_ANSWER


def _answer_of(value: Object) -> Answer:
    kind = value.get("object")
    if (type(kind) is str and kind in OBJECTS) or HTTP_KEYS.isdisjoint(value):
        return Answer(value)
    headers = value.get("headers") or value.get("Headers") or value.get("Header")
    status = next((code for key in HTTP_STATUSES if (code := status_code(value.get(key))) is not None), None)
    botocore = value.get(METADATA)
    if type(botocore) is dict:
        headers = headers or botocore.get("HTTPHeaders")
        status = status or status_code(botocore.get("HTTPStatusCode"))
    if is_body(value) or not USAGE_KEYS.isdisjoint(value):
        return Answer(value, status=status, headers=headers)
    listed = value.get(STREAM)
    if type(listed) is list and is_event_list(listed):
        return Answer(None, *listed_events(listed), status=status, headers=headers)
    for key in HTTP_BODIES:
        inner = value.get(key)
        if type(inner) is dict:
            return Answer(inner, status=status, headers=headers)
        if type(inner) is list and not is_event_list(inner):
            continue  # Images, say: the body itself has such a key.
        if type(inner) is str or type(inner) is list:
            answer = answer_in(inner)
            if answer.settles or type(botocore) is not dict:
                return msgspec.structs.replace(answer, status=status, headers=headers)
    # Of what boto3 gives back the headers alone may count the tokens: its body is a stream, which no log can hold.
    body = value if status is None or type(botocore) is dict or not FAILED.isdisjoint(value) else None
    return Answer(body, status=status, headers=headers)


def of_session(body: Object, line: Object) -> Object:
    """An event of a Realtime session, none of which names its model, with the model that the line names beside it."""
    return _named(body, line) if "event_id" in body and "model" not in body else body


def named_beside(line: Object) -> str | None:
    """The model that a line names beside a body."""
    return next((name for key in BESIDE if type(name := line.get(key)) is str and name), None)


def _named(body: Object, line: Object) -> Object:
    model = named_beside(line)
    return body if model is None else {**body, "model": model}


def may_be_named(body: Object) -> bool:
    """Whether a body leaves it to the line around it to name its model."""
    if "event_id" in body:
        return "model" not in body
    return not NAMELESS.isdisjoint(body) and NAMING.isdisjoint(body)


def with_model(answer: Answer, line: Object) -> Answer:
    """The answer with the model that the line names beside it, where its body (of AWS, say) names none itself."""
    body = answer.events[0].data if answer.events else answer.body
    if body is None:
        return answer
    named = of_session(body, line)
    if named is body and not NAMELESS.isdisjoint(body) and NAMING.isdisjoint(body):
        named = _named(body, line)
    if named is body:
        return answer
    if answer.events:
        rest = [Event(event.name, of_session(event.data, line)) for event in answer.events[1:]]
        events = [Event(answer.events[0].name, named), *rest]
        return msgspec.structs.replace(answer, events=events)
    return msgspec.structs.replace(answer, body=named)


def asked_in(value: object) -> tuple[Object | None, str | None]:
    """The request body under a key for requests, and the URL beside it."""
    if type(value) is str:
        value = decoded(value) if value[:1] == "{" else None
    if type(value) is not dict:
        return None, None
    url = value.get("url") or value.get("uri")
    if type(url) is not str:
        url = None
    if "model" in value or "modelId" in value or ASKING_KEYS.isdisjoint(value):
        return value, url
    inner = value.get("body") or value.get("json") or value.get("Body")
    if type(inner) is str:
        inner = decoded(inner)
    return inner if type(inner) is dict else None, url
