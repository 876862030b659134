"""The suite that every parser passes, ours and a third party's: standard library only, no test framework.

from parsers.contract import check_parser

def test_contract():
    check_parser(MyParser(), [(Record({"object": "my.answer", ...}), Call(provider="my", ...))])
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from math import isfinite

from parsers.base import (
    DETAILS,
    ERROR_TYPES,
    INPUT_DETAILS,
    OPERATIONS,
    PROVIDERS,
    UNITS,
    Call,
    Parser,
    Part,
    Record,
    Several,
    Stage,
    UsageError,
)
from parsers.contract_cases import FOREIGN, NOT_LLM, spoilt, surroundings
from parsers.limits import KEYS
from parsers.registry import is_name
from parsers.usage import EXCLUSIVE, MAX_COUNT, over

Example = tuple[Record, Call | Part | Several | None]

TEXTS = (
    "provider", "operation", "model", "request_model", "error_type", "request_id", "response_id", "service_tier",
    "region",
)  # fmt: skip
NUMBERS = ("cost_usd", "duration_seconds", "time_to_first_token_seconds")


def check_parser(
    parser: Parser,
    examples: Iterable[Example],
    *,
    providers: Collection[str] = PROVIDERS,
    operations: Collection[str] = OPERATIONS,
) -> None:
    """Check a parser on real records with what they should give, on foreign ones, and on spoilt copies of all of them.

    `providers` and `operations` are the values that it may give; a provider may also be the record's own hint. Raises
    AssertionError that names the parser, the case and what is wrong.
    """
    check = _Checks(parser, providers, operations)
    check.demand(isinstance(parser, Parser), "the parser", "expected name, matches and parse")
    check.demand(isinstance(parser.name, str) and is_name(parser.name), "name", f"{parser.name!r} is no plain name")
    given = list(examples)
    check.demand(bool(given), "examples", "none given")
    for number, (record, expected) in enumerate(given, 1):
        check.example(f"example {number}", record, expected)
    for number, record in enumerate(NOT_LLM, 1):
        check.stranger(f"log line {number} that is no call", record)
    for number, record in enumerate(FOREIGN, 1):
        check.bears(f"foreign record {number}", record)


class _Checks:
    """The checks of one parser; each raises at the first fault."""

    def __init__(self, parser: Parser, providers: Collection[str], operations: Collection[str]) -> None:
        self.parser = parser
        self.providers = providers
        self.operations = operations

    def demand(self, fulfilled: bool, case: str, message: str) -> None:
        if not fulfilled:
            raise AssertionError(f"{getattr(self.parser, 'name', self.parser)}: {case}: {message}")

    def example(self, case: str, record: Record, expected: Call | Part | Several | None) -> None:
        """It matches, gives what is expected, and bears every spoilt copy."""
        got = self.bears(case, record)
        self.demand(self.parser.matches(record), case, "matches() is not True for it")
        self.demand(got == expected, case, f"expected\n  {expected}\ngot\n  {got}")
        for spoiling, copied in (*spoilt(record), *surroundings(record)):
            self.bears(f"{case} with {spoiling}", copied)

    def stranger(self, case: str, record: Record) -> None:
        """It gives nothing for a line that is no call."""
        self.demand(self.bears(case, record) is None, case, "it is counted as a call")

    def bears(self, case: str, record: Record) -> Call | Part | Several | None:
        """It raises nothing but UsageError, says the same twice, changes nothing, and what it gives is well formed."""
        before = repr(record)
        first, second = self._run(case, record), self._run(case, record)
        self.demand(repr(first) == repr(second), case, "two runs differ")
        self.demand(repr(record) == before, case, "the record was changed")
        if isinstance(first, Part):
            self.demand(isinstance(first.stage, Stage), case, f"stage: {first.stage!r} is no Stage")
            self.demand(isinstance(first.call, Call), case, "a Part holds a Call")
            self._call(case, record, first.call)
        elif isinstance(first, Several):
            for call in first.calls:
                self.demand(isinstance(call, Call), case, "Several holds Calls")
                self._call(case, record, call)
        elif first is not None:
            self.demand(isinstance(first, Call), case, f"parse() gave {type(first).__name__}")
            self._call(case, record, first)
        return first

    def _run(self, case: str, record: Record) -> Call | Part | Several | None:
        try:
            matched = self.parser.matches(record)
            self.demand(isinstance(matched, bool), case, f"matches() gave {matched!r}, not a bool")
            return self.parser.parse(record) if matched else None
        except UsageError as error:
            self.demand(": " in str(error), case, f"UsageError without the path of the fault: {error}")
            return None
        except AssertionError:
            raise
        except Exception as error:
            raise AssertionError(f"{self.parser.name}: {case}: raised {type(error).__name__}: {error}") from error

    def _call(self, case: str, record: Record, call: Call) -> None:
        for field in TEXTS:
            value = getattr(call, field)
            self.demand(value is None or (isinstance(value, str) and value != ""), case, f"{field}: {value!r}")
        hint = (record.provider or "").strip().lower().replace("-", "_").replace(" ", "_")
        known = call.provider in self.providers or call.provider == hint
        self.demand(call.provider is None or known, case, f"provider: {call.provider!r} is not known")
        self.demand(call.operation is None or call.operation in self.operations, case, f"operation: {call.operation!r}")
        self.demand(call.error_type is None or call.error_type in ERROR_TYPES, case, f"error_type: {call.error_type!r}")
        failed = record.status is not None and record.status >= 400
        self.demand(not failed or call.status == "error", case, f"a success with status {record.status}")
        self.demand(call.stream in (None, True, False), case, f"stream: {call.stream!r}")
        faults = isinstance(call.faults, tuple) and all(
            isinstance(fault, str) and ": " in fault for fault in call.faults
        )
        self.demand(faults, case, f"faults: {call.faults!r} are not texts with a path")
        self._counts(case, call)
        self._numbers(case, call)

    def _counts(self, case: str, call: Call) -> None:
        for field, value in (("input_tokens", call.input_tokens), ("output_tokens", call.output_tokens)):
            self.demand(value is None or _is_count(value), case, f"{field}: {value!r} is no count")
        for name, value in call.details.items():
            self.demand(name in DETAILS, case, f"details: {name!r} is no known detail")
            self.demand(_is_count(value), case, f"details.{name}: {value!r} is no count")
            whole = call.input_tokens if name in INPUT_DETAILS else call.output_tokens
            self.demand(whole is not None and value <= whole, case, f"details.{name}: {value} of {whole} tokens")
        for group in EXCLUSIVE:
            whole = (call.input_tokens if group[0] in INPUT_DETAILS else call.output_tokens) or 0
            self.demand(not over(call.details, group, whole), case, f"details: {group} together exceed {whole}")
        hour, all_writes = call.details.get("cache_write_1h", 0), call.details.get("cache_write", 0)
        self.demand(hour <= all_writes, case, f"details.cache_write_1h: {hour} of {all_writes} tokens")

    def _numbers(self, case: str, call: Call) -> None:
        values = {field: getattr(call, field) for field in NUMBERS}
        for name in call.units:
            self.demand(name in UNITS, case, f"units: {name!r} is no known unit")
        values |= {f"units.{name}": value for name, value in call.units.items()}
        values |= {f"rate_limit.{name}": value for name, value in call.rate_limit.items()}
        for field, value in values.items():
            self.demand(value is None or _is_amount(value), case, f"{field}: {value!r} is no finite amount")
        for name in call.rate_limit:
            self.demand(name in KEYS, case, f"rate_limit: {name!r} is no known key")


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_COUNT


def _is_amount(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value) and value >= 0
