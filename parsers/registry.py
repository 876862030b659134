"""The parsers in the order they are asked: found once at the start, never while lines are read.

Finding them costs about 15 ms with some 60 distributions installed, and importing `importlib.metadata` as much again.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

from parsers.base import Parser

GROUP = "tokentail.parsers"

BUILT_IN = (
    "token_counting",
    "litellm",
    "otel_genai",
    "kong",
    "cloudflare",
    "apisix",
    "langchain",
    "bedrock_log",
    "bedrock_batch",
    "vertex_batch",
    "bedrock_invoke",
    "openai_batch",
    "openai_realtime",
    "openai_moderations",
    "openai_images",
    "openai_videos",
    "openai_audio",
    "mistral",
    "openai_chat",
    "openai_responses",
    "openai_embeddings",
    "openai_completions",
    "anthropic",
    "bedrock_converse",
    "bedrock_attempt",
    "gemini",
    "gemini_interactions",
    "cohere",
    "ollama",
    "any_error",
    "any_request",
)
"""Our own by entry-point name, in the order they are asked: what is distinctive first, what takes the rest last."""


class RegistryError(ValueError):
    """A parser that cannot be used; the message names where it comes from and what was expected."""


def load(files: Sequence[str] = ()) -> tuple[Parser, ...]:
    """All parsers: those of `files` in their order, then other distributions' by entry-point name, then our own.

    Raises `RegistryError` for a parser that cannot be loaded, that is none, or whose name is taken.
    """
    found: list[tuple[str, Parser]] = []
    for path in files:
        found += [(path, parser) for parser in from_file(path)]
    found += from_entry_points(entry_points(group=GROUP))
    _check_names(found)
    return tuple(parser for _, parser in found)


def from_entry_points(points: Iterable[EntryPoint]) -> list[tuple[str, Parser]]:
    """The parsers of these entry points with their sources: foreign ones by name, then ours in `BUILT_IN`'s order."""
    # The same distribution can be found twice on the path; its entry is one all the same.
    unique = {(point.name, point.value): point for point in points}
    missing = [name for name in BUILT_IN if not any(known == name for known, _ in unique)]
    if missing:
        raise RegistryError(f"entry points {GROUP}: {', '.join(missing)} not found; install tokentail again")
    ranks = {name: rank for rank, name in enumerate(BUILT_IN)}
    ordered = sorted(unique.values(), key=lambda point: (ranks.get(point.name, -1), point.name, point.value))
    return [(f"entry point {point.name} = {point.value}", _from_entry_point(point)) for point in ordered]


def from_file(path: str) -> list[Parser]:
    """The parsers of a Python file: its list `PARSERS` (classes or instances), else the parser classes it defines."""
    module = _run(path)
    listed = getattr(module, "PARSERS", None)
    if listed is None:
        listed = [value for value in vars(module).values() if _is_own_parser_class(value, module)]
        if not listed:
            raise RegistryError(f"{path}: expected a class with name, matches and parse, or a list PARSERS; found none")
    if not isinstance(listed, (list, tuple)):
        raise RegistryError(f"{path}: PARSERS: expected a list of parsers, got {type(listed).__name__}")
    return [_made(f"{path}: {_called(item)}", item) for item in listed]


def _from_entry_point(point: EntryPoint) -> Parser:
    source = f"entry point {point.name} = {point.value}"
    try:
        item = point.load()
    except Exception as error:  # A third party's module can raise anything while it is imported.
        raise RegistryError(f"{source}: cannot be loaded: {type(error).__name__}: {error}") from error
    return _made(source, item)


def _run(path: str) -> ModuleType:
    # Named by its place: two files of the same name stay two modules, and the same file one.
    name = f"tokentail_parsers_{path.encode().hex()}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise RegistryError(f"{path}: expected a Python file, its name ending in .py")
    module = importlib.util.module_from_spec(spec)
    # Data classes look their module up by name while they are made.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # A user's file can raise anything while it runs.
        del sys.modules[name]
        raise RegistryError(f"{path}: cannot be loaded: {type(error).__name__}: {error}") from error
    return module


def _is_own_parser_class(value: object, module: ModuleType) -> bool:
    if not isinstance(value, type) or value.__module__ != module.__name__:
        return False
    # The name may be given only when it is made.
    return hasattr(value, "matches") and hasattr(value, "parse")


def _made(source: str, item: object) -> Parser:
    """An instance of a parser class, or the instance given; checked."""
    if isinstance(item, type):
        try:
            item = item()
        except Exception as error:  # As above: a third party's code.
            raise RegistryError(f"{source}: cannot be made without arguments: {error}") from error
    if not isinstance(item, Parser) or not callable(item.matches) or not callable(item.parse):
        raise RegistryError(f"{source}: expected name, matches(record) and parse(record)")
    if not isinstance(item.name, str) or not is_name(item.name):
        raise RegistryError(f"{source}: name: expected lower-case letters, digits and underscores, got {item.name!r}")
    return item


def is_name(name: str) -> bool:
    """Whether a parser may be called so: it is a value in reports, and it is typed by people."""
    return name.isascii() and name.isidentifier() and name == name.lower() and len(name) <= 60


def _check_names(found: Sequence[tuple[str, Parser]]) -> None:
    sources: dict[str, str] = {}
    for source, parser in found:
        if parser.name in sources:
            raise RegistryError(f"{source}: the name {parser.name} is taken by {sources[parser.name]}")
        sources[parser.name] = source


def _called(item: object) -> str:
    return getattr(item, "__name__", type(item).__name__)
