"""What a sample suggests, as YAML with comments: it can be given to `--config` as it is; pure."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from tailer.cli.plain import number_of, plain
from tailer.cli.sample import Suggested, Yield


def section(suggested: Suggested) -> Iterator[str]:
    """The lines to print: a `fields:` section, and what it gives."""
    yield f"# {number_of(suggested.lines, 'line')} read"
    if suggested.fields:
        yield from yaml.safe_dump({"fields": dict(suggested.fields)}, sort_keys=False).splitlines()
        yield f"# without it: {_given(suggested.before)}"
        yield f"# with it: {_given(suggested.after)}"
        if "duration_unit" in suggested.fields:
            yield "# the unit is the one in which the calls take a believable time: please check it"
    elif suggested.before.measured:
        yield f"# nothing to configure: {_given(suggested.before)}"
    else:
        yield from _nothing(suggested)


def _given(given: Yield) -> str:
    if not given.measured:
        return "no calls"
    shares = {"duration": given.timed, "request id": given.named, "asked model": given.asked}
    facts = ", ".join(f"{name} of {count:,}" for name, count in shares.items())
    return f"{number_of(given.measured, 'call')} with tokens; {facts}; {number_of(given.dated, 'line')} with a time"


def _nothing(suggested: Suggested) -> Iterator[str]:
    if not suggested.seen:
        yield "# nothing in there looks like a call to a model"
        return
    seen = ", ".join(f"a {one.role} at {plain(one.path) or 'the top'}" for one in suggested.seen[:4])
    yield f"# it looks as if there were {seen}"
    yield "# but no parser knows its form: a parser of your own can read it, see --parsers"
