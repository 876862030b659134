"""A form to the source of the function that reads such lines: what is the same for all of them is decided here.

The source has names and literals of these tables only, and attributes as `structs.attribute_of` gives them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from parsers.composed import indented, none_if
from tailer.reading.finish import MAX_COST_USD
from tailer.reading.names import ROLES
from tailer.reading.surroundings import DOUBTED, DURATION, UNITLESS_SECONDS
from tailer.reading.typed.plan import Exchange, Form, Held, Role, Source

STRICT = DOUBTED | {DURATION}
"""Roles in which a value that cannot be believed needs a word: the general way has it."""
IDENTITY = ("request_id", "span_id", "trace_id")
BESIDE = ("cost", "timestamp", "duration", "time_to_first_token")

Steps = Iterator[str]
Names = dict[str, str]
"""What stands in the source for each of `ROLES`: a variable of this name, or None where such lines have no place."""


def source_of(form: Form) -> str:
    """The source of `read`, a `plan.Read`; what it calls is in `compiled.KNOWN`."""
    return "\n".join(indented("def read(line, start, end, number, written=None):", _steps(form))) + "\n"


def _steps(form: Form) -> Steps:
    known = {ROLES[role.slot] for role in form.roles} | {"timestamp"}
    names = {role: role if role in known else "None" for role in ROLES}
    if form.zerolog is not None:
        yield from none_if(f"not is_ordered(line, {form.zerolog})")
    yield "found = decode(line)"
    for attribute, rest in form.absent:
        yield from none_if(f"reach(found.{attribute}, {rest!r}) is not None")
    yield from _around(form.roles, names)
    unknown = none_if("timestamp is None") if form.is_timed else []
    yield from indented("if timestamp is None:", ["timestamp = written_ns(written)", *unknown])
    if names["status"] != "None" and not (form.exchange and form.exchange.failed):
        yield from none_if("status is not None and status >= 400")
    dimensions, labels = "()", "()"
    if form.dimensions:
        dimensions = "dimensions"
        yield from _texts(dimensions, form.dimensions)
    if form.labels:
        labels = "labels"
        yield from _texts(labels, form.labels)
    if form.exchange is None:
        yield from _of_nothing(form)
        told, wrapper = '"not_llm", None, None, None', "wrapper"
    else:
        for attribute in form.messages:
            yield f"value = found.{attribute}"
            yield from none_if("value[:1] in OPENINGS and is_opening(value) is None")
        yield from _of_call(form.exchange, names, form.created)
        told, wrapper = "outcome, call, stage, key", "wrapper_plain"
    beside = f"timestamp, {names['level']}, {names['trace_id']}, {dimensions}, {labels}, {wrapper}, parser"
    yield f"return Reading(start, end, number, {told}, {beside})"


def _around(roles: Iterable[Role], names: Names) -> Steps:
    """What surrounds the body, each in a variable of its role's name."""
    if not any(ROLES[role.slot] == "timestamp" for role in roles):
        yield "timestamp = None"
    for slot, places in groupby(sorted(roles, key=attrgetter("slot")), attrgetter("slot")):
        yield from _value(slot, list(places))
    if names["duration"] != "None":
        yield from none_if(f"duration is not None and duration > {UNITLESS_SECONDS}")


def _value(slot: int, places: Sequence[Role]) -> Steps:
    """A role's value is that of the first place that has one."""
    role = ROLES[slot]
    for nth, (_, attribute, rest, unit) in enumerate(places):
        path = f"reach(found.{attribute}, {rest!r})" if rest else f"found.{attribute}"
        steps = [f"value = {path}", f"{role} = to_{role}(value, {unit!r})"]
        if slot in STRICT:
            steps += none_if(f"{role} is None and value is not None")
        yield from indented(f"if {role} is None:", steps) if nth else steps


def _texts(name: str, sources: Sequence[Source]) -> Steps:
    """The configured values."""
    values = ", ".join("None" if source.attribute is None else f"found.{source.attribute}" for source in sources)
    paths = tuple(None if source.attribute is None else source.path for source in sources)
    yield f"{name} = texts({paths!r}, ({values},))"
    yield from none_if(f"{name} is None")


def _of_nothing(form: Form) -> Steps:
    yield "wrapper = wrapper_plain"
    for attribute in form.messages:
        yield f"value = found.{attribute}"
        looked = ["begins = is_opening(value)", *none_if("begins is None")]
        looked += indented("if begins:", ["wrapper = wrapper_opening"])
        yield from indented("if type(value) is not str or value[:1] in OPENINGS:", looked)


def _of_call(exchange: Exchange, names: Names, created: str | None) -> Steps:
    yield from none_if(f"({names['url']}, {names['provider']}) not in addresses")
    yield from ["body = found"] if exchange.body is None else _held("body", exchange.body)
    yield "logged = timestamp"
    if created is not None:
        made = [f"timestamp = to_timestamp(body.{created}, 'auto')", *none_if("timestamp is None")]
        yield from indented("if timestamp is None:", made)
    request = "None"
    if exchange.request is not None:
        request = "request"
        yield from _held(request, exchange.request)
        yield from none_if("not ASKING_KEYS.isdisjoint(request) and not is_plain(request)")
    headers, call_id = "NOTHING", names["request_id"]
    if exchange.metadata or names["headers"] != "None":
        headers, call_id = "headers", "call_id"
        yield from _headers(exchange, names)
    beside = ", ".join([*map(names.__getitem__, BESIDE), call_id])
    status = names["status"] if exchange.failed else "None"
    record = f"(None, {request}, {status}, {headers}, {names['url']}, None, {names['provider']}, logged)"
    if exchange.typical.takes_supplied and headers == "NOTHING" and names["url"] == "None":
        if names["cost"] != "None":
            yield from none_if(f"cost is not None and cost > {MAX_COST_USD}")
        yield from _told(f"call_of(body, make(Record, {record}), ({beside}))")
    else:
        yield from _told(f"call_of(body, make(Record, {record}))")
        yield f"call = supplied(call, {beside})"
        yield from none_if("call.faults")
    # Costs more than all else here that may fail, so it comes last.
    yield from none_if("not is_told_once(line, counts) and tells_twice(line)")
    yield 'outcome = "call" if stage is None or stage is LAST else "part"'
    key = f"join_key(call, stage, {', '.join(map(names.__getitem__, IDENTITY))}, asked={exchange.request is not None})"
    yield f"key = {key}" if names["request_id"] == "None" else f"key = request_id or {key}"


def _held(name: str, held: Held) -> Steps:
    yield f"{name} = found.{held.attribute}"
    if held.decode is not None:
        yield from none_if(f'{name}[:1] != "{{"')
        yield f"{name} = decode_{name}({name})"


def _told(asking: str) -> Steps:
    yield from indented("try:", [f"told = {asking}"])
    # The general way asks the parser again, and has a word for it.
    yield from indented("except Exception:", ["return None"])
    yield from none_if("told is None")
    yield "stage, call = told if isinstance(told, Part) else (None, told)"


def _headers(exchange: Exchange, names: Names) -> Steps:
    """The headers on the line, else those in botocore's account; its status counts where the line has none."""
    yield f"headers, call_id = {names['headers']}, {names['request_id']}"
    if exchange.metadata:
        yield "answer = answer_in({METADATA: body.ResponseMetadata})"
        status = names["status"]
        yield f"status = answer.status if {status} is None else {status}"
        yield from none_if("status is not None and status >= 400")
        yield from indented("if headers is None:", ["headers = answer.headers"])
    yield "headers = NOTHING if headers is None else header_map(headers)"
    yield from none_if("has_telling(headers)")
    yield from indented("if call_id is None:", ["call_id = request_id_in(headers)"])
