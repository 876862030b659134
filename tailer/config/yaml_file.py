"""A YAML file to plain values: finds keys given twice and says line and column, never what stood there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tailer.config.faults import Fault

if TYPE_CHECKING:
    import yaml


def read_yaml(path: str) -> tuple[object, list[Fault]]:
    """The values of the file (None when it cannot be read) and what is wrong with it as YAML."""
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8-sig")
    except (OSError, ValueError) as error:
        return None, [Fault(path or "--config", _why(error), "a readable YAML file in UTF-8")]
    return parse_yaml(text, path)


def parse_yaml(text: str, name: str) -> tuple[object, list[Fault]]:
    """The same for text that is already there; `name` stands in the messages."""
    import yaml  # noqa: PLC0415 (only a configuration with a file pays for it)

    class Loader(yaml.SafeLoader):
        """Dates stay text: a label value `2026-01-31` is meant as it is written."""

        yaml_implicit_resolvers = {  # noqa: RUF012 (PyYAML's own way to say it; never changed afterwards)
            first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    try:
        loader = Loader(text)
        node = loader.get_single_node()
        if node is None:
            return {}, []
        twice = _given_twice(node, name, "", set())
        return loader.construct_document(node), twice
    except yaml.MarkedYAMLError as error:
        return None, [_syntax_fault(error, name)]
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        # A character YAML does not allow, a value that its explicit tag does not fit, a nesting beyond all reason.
        return None, [Fault(name, f"a {type(error).__name__}", "YAML")]


def _given_twice(node: yaml.Node, name: str, prefix: str, seen: set[int]) -> list[Fault]:
    """PyYAML lets the last of two equal keys win in silence; the first is then configured and without effect."""
    faults: list[Fault] = []
    if id(node) in seen or not isinstance(node.value, list):
        return faults
    seen.add(id(node))
    lines: dict[str, int] = {}
    for child in node.value:
        if not isinstance(child, tuple):
            faults += _given_twice(child, name, prefix, seen)
            continue
        key, value = child
        word = str(key.value) if isinstance(key.value, str) else "?"
        line = key.start_mark.line + 1
        if word in lines and word != "<<":
            faults.append(Fault(f"{name}: {prefix}{word}", f"it on lines {lines[word]} and {line}", "it once"))
        lines.setdefault(word, line)
        faults += _given_twice(value, name, f"{prefix}{word}.", seen)
    return faults


def _syntax_fault(error: yaml.MarkedYAMLError, name: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark is not None else name
    # The problem may quote a word of the file (an alias, a tag), and that word may be a password that needed quotes.
    problem = re.sub(r"'(?!<[a-z ]+>')[^'\n]{2,}'", "'…'", error.problem or error.context or "a syntax error")
    return Fault(place, problem, "YAML")


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or type(error).__name__).lower()
    return "bytes that are not UTF-8" if isinstance(error, UnicodeDecodeError) else "a name no file can have"
