"""What a sample suggests, as YAML with comments: it can be given to `--config` as it is; pure."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from parsers.base import Call
from tailer.cli.candidates import signs
from tailer.cli.explain_text import gist
from tailer.cli.plain import number_of
from tailer.cli.sample import Suggested, Yield

DOUBTS = {
    "input_tokens": "input_tokens must hold the tokens from a cache too, output_tokens those of reasoning",
    "cached_input_tokens": "cached_input_tokens is taken as a part of input_tokens",
    "duration_unit": "the unit is the one in which the calls take a believable time",
}
"""What the sample cannot show, by the key that it is about."""


def section(suggested: Suggested) -> Iterator[str]:
    """The lines to print: a `fields:` section, and what it gives."""
    yield f"# {number_of(suggested.lines, 'line')} read"
    if suggested.fields:
        yield from yaml.safe_dump({"fields": dict(suggested.fields)}, sort_keys=False).splitlines()
        yield f"# without it: {_given(suggested.before)}"
        yield f"# with it: {_given(suggested.after)}"
        yield from _example(suggested.example)
        yield from (f"# please check: {doubt}" for key, doubt in DOUBTS.items() if key in suggested.fields)
    elif suggested.before.measured:
        yield f"# nothing to configure: {_given(suggested.before)}"
        yield from _example(suggested.example)
    else:
        yield from _nothing(suggested)


def _given(given: Yield) -> str:
    if not given.measured:
        return "no calls with tokens"
    shares = {
        "a model": given.modelled,
        "a duration": given.timed,
        "a request id": given.named,
        "a request's model": given.asked,
    }
    facts = ", ".join(f"{count:,} with {name}" for name, count in shares.items() if count)
    none = ", ".join(name for name, count in shares.items() if not count and name != "a request's model")
    lines = f"{number_of(given.dated, 'line')} with a time" + (f", {given.stated:,} with a status" * bool(given.stated))
    return f"{number_of(given.measured, 'call')} with tokens: {facts}{f', none with {none}' * bool(none)}; {lines}"


def _example(call: Call | None) -> Iterator[str]:
    """So that a look at the log shows whether each value is what it is taken for."""
    if call is not None:
        yield f"# the last of them: {', '.join(gist(call))}"


def _nothing(suggested: Suggested) -> Iterator[str]:
    if not suggested.seen:
        yield "# nothing in there looks like a call to a model"
        return
    yield f"# it looks as if there were {signs(suggested.seen)}"
    yield "# but no parser knows its form: a parser of your own can read it, see --parsers"
