"""The corpora are what the bench says they are, and the same for every run with one seed."""

from __future__ import annotations

import itertools
from pathlib import Path
from random import Random

import orjson
import pytest

from bench.corpora import CORPORA, chat, chat_line, embeddings, plain
from bench.generate import write


@pytest.mark.parametrize("name", CORPORA)
def test_a_seed_gives_the_same_file_again(tmp_path: Path, name: str) -> None:
    """Numbers of two runs can only be compared over equal bytes."""
    for file, seed in (("a", 7), ("b", 7), ("c", 8)):
        write(name, str(tmp_path / file), 100_000, seed)
    first, second, other = ((tmp_path / file).read_bytes() for file in "abc")
    assert first == second != other
    assert len(first) >= 100_000
    assert first.endswith(b"\n")


def test_chat_pairs_have_the_promised_sizes() -> None:
    """0.35 to 30 KB, 1.6 KB on average."""
    sizes = [len(line) for line in itertools.islice(chat(Random(1)), 20_000)]
    assert 300 <= min(sizes) < 500
    assert 25_000 < max(sizes) < 32_000
    assert 1_450 < sum(sizes) / len(sizes) < 1_750


def test_embeddings_hold_1536_floats() -> None:
    """Each line is one whole response."""
    for line in itertools.islice(embeddings(Random(1)), 5):
        assert len(orjson.loads(line)["response"]["data"][0]["embedding"]) == 1536


def test_plain_lines_are_short_and_no_calls() -> None:
    """None of them could be mistaken for a call by its members."""
    for line in itertools.islice(plain(Random(1)), 2_000):
        assert 50 < len(line) < 250
        assert b"usage" not in line
        assert b"model" not in line


def test_a_long_line_is_one_chat_pair_of_that_size() -> None:
    """At most the size asked for, so that 16 MiB stays below the tailer's own limit."""
    line = chat_line(Random(1), 1_000_000)
    assert 900_000 < len(line) <= 1_000_000
    assert b"\n" not in line
    assert orjson.loads(line)["response"]["object"] == "chat.completion"
