"""Which parsers there are and in which order; and that a wrong one is named with its place."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

from parsers import registry
from parsers.base import Call, Record
from parsers.registry import BUILT_IN, GROUP, RegistryError

PARSER = """
from __future__ import annotations

from dataclasses import dataclass

from parsers.base import Call, Record
from parsers.openai_chat import OpenAIChat


@dataclass
class Acme:
    name: str = "{name}"

    def matches(self, record: Record) -> bool:
        return record.body is not None and "acme" in record.body

    def parse(self, record: Record) -> Call:
        return Call(provider="acme")
"""


def written(folder: Path, text: str, name: str = "acme.py") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def test_our_own_parsers_come_through_the_entry_points_in_their_order() -> None:
    assert tuple(parser.name for parser in registry.load()) == BUILT_IN


def test_a_users_file_is_asked_first_and_gives_only_its_own_classes(tmp_path: Path) -> None:
    parsers = registry.load([written(tmp_path, PARSER.format(name="acme"))])
    assert tuple(parser.name for parser in parsers) == ("acme", *BUILT_IN)
    assert parsers[0].parse(Record({"acme": 1})) == Call(provider="acme")


def test_files_are_asked_in_the_order_given(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    files = [
        written(tmp_path, PARSER.format(name="zebra")),
        written(tmp_path / "other", PARSER.format(name="ant")),
    ]
    assert [parser.name for parser in registry.load(files)][:2] == ["zebra", "ant"]


def test_a_list_named_parsers_decides_what_and_in_which_order(tmp_path: Path) -> None:
    text = PARSER.format(name="acme") + "\n\nPARSERS = [Acme('second'), Acme]\n"
    assert [parser.name for parser in registry.from_file(written(tmp_path, text))] == ["second", "acme"]


def test_other_distributions_come_before_ours_by_name() -> None:
    own = list(entry_points(group=GROUP))
    foreign = [
        EntryPoint("zeta", "tests.parsers.test_registry:Zeta", GROUP),
        EntryPoint("alpha", "tests.parsers.test_registry:Alpha", GROUP),
    ]
    found = registry.from_entry_points([*own, *foreign, *own])
    assert tuple(parser.name for _, parser in found) == ("alpha", "zeta", *BUILT_IN)


class Alpha:
    name = "alpha"

    def matches(self, record: Record) -> bool:
        return False

    def parse(self, record: Record) -> None:
        return None


class Zeta(Alpha):
    name = "zeta"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "expected a class with name, matches and parse, or a list PARSERS; found none"),
        ("PARSERS = 7\n", "PARSERS: expected a list of parsers, got int"),
        ("PARSERS = [7]\n", "int: expected name, matches(record) and parse(record)"),
        ("def broken(:\n", "cannot be loaded: SyntaxError"),
        ("import nothing_of_that_name\n", "cannot be loaded: ModuleNotFoundError"),
        (PARSER.format(name="Acme 1"), "name: expected lower-case letters, digits and underscores, got 'Acme 1'"),
        (PARSER.format(name="openai_chat"), "the name openai_chat is taken by"),
        (PARSER.replace('= "{name}"', ""), "cannot be made without arguments"),
    ],
)
def test_a_file_that_holds_no_usable_parser_is_named_with_what_was_expected(
    tmp_path: Path, text: str, message: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(RegistryError) as caught:
        registry.load([path])
    assert message in str(caught.value)
    assert path in str(caught.value)


@pytest.mark.parametrize("name", ["absent.py", "parser.txt"])
def test_a_file_that_cannot_be_run_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(RegistryError, match=name):
        registry.load([str(tmp_path / name)])


def test_a_foreign_entry_point_that_cannot_be_loaded_is_named() -> None:
    broken = EntryPoint("acme", "acme_of_no_such_name:Acme", GROUP)
    with pytest.raises(RegistryError, match="entry point acme = acme_of_no_such_name:Acme: cannot be loaded"):
        registry.from_entry_points([*entry_points(group=GROUP), broken])


def test_an_installation_without_our_entry_points_says_so() -> None:
    with pytest.raises(RegistryError, match=r"openai_chat, .*install tokentail again"):
        registry.from_entry_points([])
