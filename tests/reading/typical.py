"""Lines of which there are many in a log: what each provider answers, in the surroundings that applications write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from tests.parsers import bodies, bodies_anthropic, bodies_aws, bodies_vendors, examples_gemini
from tests.reading.exchanges import EXCHANGES, FAILURES, Exchange
from tests.reading.lines import BODY, REQUEST, STREAM, TIME, text

Json = dict[str, Any]
AROUND = {"ts": TIME, "level": "info", "request_id": "r1", "duration_ms": 9}
CALL = {**AROUND, "request": REQUEST, "response": BODY}
OPENAI = "https://api.openai.com/v1/chat/completions"
AZURE = "https://x.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2024-10-21"
CRI = f"{TIME[:-1]}456789Z stdout F ".encode()
WHOLE_EVENTS = [
    bodies.event("response.created", response=bodies.response(status="in_progress", usage=None, output=[], tools=[])),
    bodies.event("response.output_text.delta", item_id="m", output_index=0, content_index=0, delta="Par", logprobs=[]),
    bodies.event("response.output_item.done", output_index=0, item={"type": "message", "content": []}),
    bodies.event("response.completed", response=bodies.response(tools=[])),
]
MESSAGES = [event for event in bodies_anthropic.stream() if event["type"] != "ping"]
MESSAGE = bodies_anthropic.message(content=[{"type": "text", "text": "Hi"}])
CONTENT = examples_gemini.content(candidates=[{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}])
PIECE = {**CONTENT, "candidates": [{"content": {"parts": [{"text": "Hi"}]}}], "usageMetadata": {"promptTokenCount": 9}}
CONVERSE = bodies_aws.converse(output={"message": {"role": "assistant", "content": [{"text": "Hi"}]}})


def typical() -> Iterator[Json]:
    """Lines that are read the typed way once two like them were seen."""
    yield CALL
    yield {**CALL, "request": {**REQUEST, "stream": True}}
    yield {"ts": TIME, "response": BODY}
    yield {**BODY, "ts": TIME}
    for piece in STREAM:
        yield {"ts": TIME, "request_id": "r1", "response": piece}
        yield {**piece, "ts": TIME}
    yield from of_nothing()
    yield {**CALL, "type": "llm_call"}
    yield {**CALL, "team": "a", "scope": {"key": "k"}, "app": "shop"}
    yield from of_providers()
    yield from somewhere()
    yield from refused()
    yield from timeless()
    yield from within()


def of_nothing() -> Iterator[Json]:
    """What else applications log."""
    said: Json = {"time": TIME, "level": "info", "msg": "served"}
    yield {**said, "path": "/", "status": 200, "duration_ms": 7.5}
    yield {**said, "msg": "done", "n": 1}
    yield {"time": TIME, "level": 30, "message": "x", "team": "a", "scope": {"key": "k"}, "app": "x", "trace_id": "t"}
    yield {**said, "type": "http", "status": 200, "request_id": "r1"}
    yield {**said, "object": "invoice", "id": "in_1"}
    yield {**said, "error": None, "exc_info": None, "status": 200}
    yield {**said, "model": "gpt-4o", "n": 1}
    yield {**said, "url": "/orders/7", "status": 200, "method": "GET"}
    yield {**said, "url": None, "type": "x"}
    yield {**said, "context": {"user": "u", "n": 1}, "extra": {"n": 1}}
    yield {**said, "request": None, "response": None}
    yield {"level": "info", "n": 1, "elapsed": 7, "time": 1_795_194_007, "message": "served"}
    yield {"@timestamp": TIME, "log.level": "info", "message": "served", "ecs.version": "1.2.0", "event.duration": 7}
    yield {
        "level": 30, "time": 1_795_194_007_123, "pid": 1, "hostname": "h", "msg": "request completed",
        "req": {"id": 7, "method": "GET", "url": "/orders/7", "headers": {"host": "x"}, "remotePort": 4},
        "res": {"statusCode": 200, "headers": {"content-type": "text/plain"}}, "responseTime": 7,
    }  # fmt: skip


def of_providers() -> Iterator[Json]:
    """The answers of all, within their exchange and by themselves."""
    for name, exchange in EXCHANGES.items():
        if name in ("openai chat", "openai responses"):
            continue  # What a tool is called with there looks like a usage block: that is read in the general way.
        yield {**AROUND, "request": exchange.asked, "response": exchange.answered}
    yield {**AROUND, "request": {"model": "gpt-5", "input": "Hi"}, "response": bodies.response(tools=[])}
    for body in (MESSAGE, bodies_anthropic.plain(), CONTENT, CONVERSE, bodies.response(tools=[]), bodies.completion()):
        yield {**AROUND, "response": body}
    for events in (MESSAGES, WHOLE_EVENTS, bodies_aws.stream(), [PIECE, CONTENT]):
        for event in events:
            yield {"ts": TIME, "trace_id": "t1", "chunk": event}
    yield {"ts": TIME, **MESSAGE}
    yield {"ts": TIME, **CONTENT}
    yield {"ts": TIME, **CONVERSE, "modelId": bodies_aws.CLAUDE}
    yield {"ts": TIME, **bodies.response(tools=[])}
    for name in ("GROQ", "XAI", "OPENROUTER", "DEEPSEEK", "MISTRAL", "ROUTER"):
        answered: Json = getattr(bodies_vendors, name)
        yield {**AROUND, "request": {"model": answered["model"], "messages": []}, "response": answered}


def somewhere() -> Iterator[Json]:
    """Calls whose line tells where they went, and more of what loggers put around."""
    yield {**CALL, "url": OPENAI}
    yield {**CALL, "url": AZURE, "status": 200}
    yield {**CALL, "provider": "azure"}
    yield {**CALL, "http": {"status_code": 200}, "trace": {"id": "t1"}, "span": {"id": "s1"}}
    yield {**CALL, "response_headers": bodies.OPENAI_HEADERS}
    anthropic = EXCHANGES["anthropic"]
    yield {**AROUND, "provider": "bedrock", "request": anthropic.asked, "response": anthropic.answered}
    gemini = EXCHANGES["gemini"]
    host = "https://generativelanguage.googleapis.com"
    yield {**AROUND, "url": host + gemini.path, "request": gemini.asked, "response": gemini.answered}
    converse = EXCHANGES["bedrock converse"]
    yield {**AROUND, "url": bodies_aws.HOST + converse.path, "request": {"messages": []}, "response": converse.answered}


def timeless() -> Iterator[Json]:
    """Lines that do not tell when they were written."""
    yield BODY
    yield {"response": BODY, "request": REQUEST}
    yield {"completion": BODY, "request": REQUEST}
    yield bodies.response(tools=[])
    yield MESSAGE
    yield {"request": EXCHANGES["anthropic"].asked, "response": MESSAGE}
    yield {"level": "info", "msg": "served", "status": 200}
    yield {"ts": None, "level": "info", "msg": "served", "status": 200}


def refused() -> Iterator[Json]:
    """Calls that failed."""
    limited: Json = {"message": "Rate limit reached", "type": "tokens", "param": None, "code": "rate_limit_exceeded"}
    yield {**CALL, "level": "error", "status": 429, "response": {"error": limited}}
    yield {**CALL, "response": {"error": limited}}
    anthropic = EXCHANGES["anthropic"]
    overloaded: Json = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    yield {**AROUND, "status": 529, "request": anthropic.asked, "response": overloaded}
    gemini: Json = {"error": {"code": 503, "message": "Busy", "status": "UNAVAILABLE"}}
    yield {**AROUND, "url": AZURE, "status": 503, "request": REQUEST, "response": gemini}


def within() -> Iterator[Json]:
    """Calls in an object of the line's, or as texts of JSON."""
    for exchange in (EXCHANGES["anthropic"], EXCHANGES["bedrock converse"], Exchange(REQUEST, BODY, AZURE)):
        yield served(exchange)
        yield fielded(exchange.plain)
        yield {**AROUND, **exchange.texts}
    yield fielded(exchange.texts)
    yield {**served(exchange), "res": {"statusCode": 200, "data": BODY, "headers": bodies.OPENAI_HEADERS}}
    yield {**AROUND, "request": REQUEST, "response": text(BODY)}
    yield {**AROUND, "request": text(REQUEST), "response": BODY, "status": 200}
    yield {**fielded({"response": BODY, "team": "a", "level": "warn"}), "status": 200, "trace_id": "t1"}
    yield {**fielded({"chunk": text(STREAM[0]), "trace_id": "t2"}), "scope": {"key": "k"}}
    failed = FAILURES["anthropic"]
    yield served(failed)
    yield {**AROUND, "status": failed.status, **failed.texts}
    yield fielded({**failed.plain, "status": failed.status})


def served(exchange: Exchange) -> Json:
    """As pino-http writes what was asked upstream, with both bodies."""
    req = {"id": "r1", "method": "POST", "url": exchange.path, "body": exchange.asked}
    res = {"statusCode": exchange.status, "headers": {"server": "x"}, "body": exchange.answered}
    said = {"level": 30, "time": 1_795_194_007_123, "msg": "request completed"}
    return {**said, "req": req, "res": res, "responseTime": 7}


def fielded(fields: Json) -> Json:
    """As winston writes a call with its metadata."""
    return {"level": "info", "message": "llm call", "metadata": {**fields, "durationMs": 9}, "timestamp": TIME}


def in_docker(line: bytes) -> bytes:
    """The line as Docker's json-file driver writes it."""
    return orjson.dumps({"log": line.decode() + "\n", "stream": "stdout", "time": f"{TIME[:-1]}456789Z"})


def lines() -> list[bytes]:
    """All of these as they stand in a file, and behind what the kubelet writes."""
    bare = [orjson.dumps(line) for line in typical()]
    return [*bare, *(CRI + line for line in bare), CRI + orjson.dumps(BODY), *map(in_docker, bare)]
