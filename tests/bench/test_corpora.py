"""The corpora are what the bench says they are, and the same for every run with one seed."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from random import Random

import orjson
import pytest

from bench.corpora import CORPORA, chat, chat_line, cri, embeddings, images, mix, plain, tenants
from bench.generate import write
from tests.reading.lines import read

PROVIDERS = {
    "openai", "azure.ai.openai", "anthropic", "gcp.gemini", "aws.bedrock", "mistral_ai", "cohere", "deepseek", "groq",
    "openrouter", "ollama",
}  # fmt: skip


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


def test_pictures_make_a_line_of_a_megabyte() -> None:
    """On average, and what stands for a picture does not compress."""
    lines = list(itertools.islice(images(Random(1)), 40))
    assert 700_000 < sum(map(len, lines)) / len(lines) < 1_400_000
    parts = orjson.loads(lines[0])["request"]["messages"][0]["content"]
    assert parts[1]["image_url"]["url"].startswith("data:image/jpeg;base64,")


def test_pieces_of_a_container_line_make_it_whole_again() -> None:
    """No piece is longer than what a runtime keeps together, and some lines are cut into several."""
    kept, whole, cut = b"", 0, 0
    for line in itertools.islice(cri(Random(1)), 5_000):
        stamp, stream, tag, piece = line.split(b" ", 3)
        assert (len(stamp), stream) == (30, b"stdout")
        assert len(piece) <= 16 * 1024
        kept += piece
        cut += tag == b"P"
        if tag == b"F":
            assert "response" in orjson.loads(kept)
            kept, whole = b"", whole + 1
    assert 0.01 < cut / whole < 0.1


def test_every_line_of_the_mix_is_of_a_call_and_all_providers_are_in_it() -> None:
    """What no parser knew would be measured as cheap; a request without a model on a line of its own is no call."""
    readings = [read(orjson.loads(line)) for line in itertools.islice(mix(Random(1)), 3_000)]
    outcomes = Counter(reading.outcome for reading in readings)
    assert set(outcomes) == {"call", "part", "not_llm"}
    assert outcomes["not_llm"] < 0.02 * outcomes.total()
    assert {reading.call.provider for reading in readings if reading.call} >= PROVIDERS
    assert not [reading.warnings for reading in readings if reading.warnings]


def test_every_tenant_has_its_turn() -> None:
    """So the number of series is known after that many lines."""
    seen = Counter(orjson.loads(line)["tenant"] for line in itertools.islice(tenants(Random(1), 50), 150))
    assert set(seen.values()) == {3}
    assert len(seen) == 50
