"""What applications log, made up: line after line, pure, all chance from the given rng; `bench.generate` writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from bench.corpora.kubelet import cri
from bench.corpora.mixture import mix
from bench.corpora.others import plain
from bench.corpora.pairs import chat, chat_line
from bench.corpora.pictures import images
from bench.corpora.tenants import tenants
from bench.corpora.vectors import embeddings

TENANTS = (10, 100, 1000, 10_000)
CORPORA: dict[str, Callable[[Random], Iterator[bytes]]] = {
    "chat": chat,
    "embeddings": embeddings,
    "images": images,
    "plain": plain,
    "cri": cri,
    "mix": mix,
    **{f"tenants-{count}": partial(tenants, count=count) for count in TENANTS},
}
"""Endless lines, without their line endings, by the name of a corpus."""

__all__ = ["CORPORA", "TENANTS", "chat", "chat_line", "cri", "embeddings", "images", "mix", "plain", "tenants"]
