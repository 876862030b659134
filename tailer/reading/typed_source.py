"""A form to the source of the function that reads such lines: what is the same for all of them is decided here.

The source has names and literals of these tables only, and attributes as `typed_struct.attribute_of` gives them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from tailer.reading.names import ROLES
from tailer.reading.surroundings import DOUBTED, DURATION, UNITLESS_SECONDS
from tailer.reading.typed_plan import Exchange, Form, Role, Source

Steps = Iterator[str]

STRICT = DOUBTED | {DURATION}
"""Roles in which a value that cannot be believed needs a word: the general way has it."""
INDENT = "    "


def source_of(form: Form) -> str:
    """The source of `read`, a `typed_plan.Read`; what it calls is in `typed_compiled.KNOWN`."""
    lines = ["def read(line, start, end, number, written=None):", *_indented(_steps(form))]
    return "\n".join(lines) + "\n"


def _steps(form: Form) -> Steps:
    known = {ROLES[role.slot] for role in form.roles} | {"timestamp"}
    values = {role: role if role in known else "None" for role in ROLES}
    if form.zerolog is not None:
        yield from _none_if(f"not is_ordered(line, {form.zerolog})")
    yield "found = decode(line)"
    for attribute, rest in form.absent:
        yield from _none_if(f"reach(found.{attribute}, {rest!r}) is not None")
    yield from _around(form.roles, known)
    yield from _texts("dimensions", form.dimensions)
    yield from _texts("labels", form.labels)
    if form.exchange is None:
        yield from _of_nothing(form)
        told = '"not_llm", None, None, None'
    else:
        yield from _of_call(form, form.exchange, values)
        told = "outcome, call, stage, key"
    yield "return Reading("
    yield f"{INDENT}start, end, number, {told}, timestamp, {values['level']}, {values['trace_id']},"
    yield f"{INDENT}dimensions, labels, wrapper, {form.parser!r},"
    yield ")"


def _around(roles: Iterable[Role], known: set[str]) -> Steps:
    """What surrounds the body, each in a variable of its role's name."""
    if not any(role.slot == 0 for role in roles):
        yield "timestamp = None"
    for slot, places in groupby(sorted(roles, key=attrgetter("slot")), attrgetter("slot")):
        yield from _value(slot, list(places))
    yield "if timestamp is None:"
    yield from _indented(["timestamp = written_ns(written)", *_none_if("timestamp is None")])
    if "duration" in known:
        yield from _none_if(f"duration is not None and duration > {UNITLESS_SECONDS}")
    if "status" in known:
        yield from _none_if("status is not None and status >= 400")


def _value(slot: int, places: Sequence[Role]) -> Steps:
    """A role's value is that of the first place that has one."""
    role = ROLES[slot]
    for nth, (_, attribute, rest, unit) in enumerate(places):
        path = f"reach(found.{attribute}, {rest!r})" if rest else f"found.{attribute}"
        steps = [f"value = {path}", f"{role} = to_{role}(value, {unit!r})"]
        if slot in STRICT:
            steps += _none_if(f"{role} is None and value is not None")
        yield from [f"if {role} is None:", *_indented(steps)] if nth else steps


def _texts(name: str, sources: Sequence[Source]) -> Steps:
    """The configured values, which are none where none are configured."""
    if not sources:
        yield f"{name} = ()"
        return
    values = ", ".join("None" if source.attribute is None else f"found.{source.attribute}" for source in sources)
    paths = tuple(None if source.attribute is None else source.path for source in sources)
    yield f"{name} = texts({paths!r}, ({values},))"
    yield from _none_if(f"{name} is None")


def _of_nothing(form: Form) -> Steps:
    plain, opening = form.wrappers
    yield f"wrapper = {plain!r}"
    for attribute in form.messages:
        yield f"value = found.{attribute}"
        yield "if type(value) is not str or value[:1] in OPENINGS:"
        yield from _indented([
            "begins = is_opening(value)",
            *_none_if("begins is None"),
            "if begins:",
            f"{INDENT}wrapper = {opening!r}",
        ])  # fmt: skip


def _of_call(form: Form, exchange: Exchange, values: dict[str, str]) -> Steps:
    address = f"({values['url']}, {values['provider']})"
    yield from _none_if(f"{address} not in addresses")
    yield "request = " + ("None" if exchange.request is None else f"found.{exchange.request}")
    if exchange.request is not None:
        yield from _none_if("request is not None and not ASKING_KEYS.isdisjoint(request) and not is_plain(request)")
    yield "body = " + ("found" if exchange.body is None else f"found.{exchange.body}")
    headers, call_id = "NOTHING", values["request_id"]
    if exchange.metadata or values["headers"] != "None":
        headers, call_id = "headers", "call_id"
        yield from _headers(exchange, values)
    yield "try:"
    record = f"(None, request, None, {headers}, {values['url']}, None, {values['provider']}, timestamp)"
    yield f"{INDENT}told = call_of(body, make(Record, {record}))"
    yield "except Exception:"  # The general way asks the parser again, and has a word for it.
    yield f"{INDENT}return None"
    yield from _none_if("told is None")
    yield "stage, call = told if isinstance(told, Part) else (None, told)"
    supplied = ", ".join(values[role] for role in ("cost", "timestamp", "duration", "time_to_first_token"))
    yield f"call = supplied(call, {supplied}, {call_id})"
    yield from _none_if("call.faults")
    yield from _none_if(f"counts_in(line) != {form.counts} and may_be_doubled(line)")
    yield 'outcome = "call" if stage is None or stage is LAST else "part"'
    identity = f"{values['request_id']}, {values['span_id']}, {values['trace_id']}"
    yield f"key = join_key(call, stage, {identity}, asked={exchange.request is not None})"
    yield f"wrapper = {form.wrappers[0]!r}"


def _headers(exchange: Exchange, values: dict[str, str]) -> Steps:
    """The headers on the line, else those in botocore's account; its status counts where the line has none."""
    yield f"headers, call_id = {values['headers']}, {values['request_id']}"
    if exchange.metadata:
        yield "answer = answer_in({METADATA: body.ResponseMetadata})"
        status = values["status"]
        yield f"status = answer.status if {status} is None else {status}"
        yield from _none_if("status is not None and status >= 400")
        yield "if headers is None:"
        yield f"{INDENT}headers = answer.headers"
    yield "headers = NOTHING if headers is None else header_map(headers)"
    yield from _none_if("has_telling(headers)")
    yield "if call_id is None:"
    yield f"{INDENT}call_id = request_id_in(headers)"


def _none_if(condition: str) -> list[str]:
    return [f"if {condition}:", f"{INDENT}return None"]


def _indented(steps: Iterable[str]) -> list[str]:
    return [INDENT + step for step in steps]
