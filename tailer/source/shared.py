"""The chunks read last, kept for the consumers that have not read them yet; bounded in bytes."""

from __future__ import annotations

from tailer.reading.chunk import Chunk


class SharedChunks:
    """Holds at most `limit_bytes` beside the newest chunk, the oldest leave first."""

    CHUNK_COST_BYTES = 4096
    """What a chunk counts for beside its bytes: its readings, so that small chunks are bounded too."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._chunks: dict[tuple[int, int], Chunk] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._chunks)

    def get(self, file: int, start: int) -> Chunk | None:
        return self._chunks.get((file, start))

    def add(self, chunk: Chunk) -> None:
        self._drop((chunk.file, chunk.start))
        self._chunks[chunk.file, chunk.start] = chunk
        self._bytes += len(chunk.data) + self.CHUNK_COST_BYTES
        while len(self._chunks) > 1 and self._bytes > self._limit_bytes:
            self._drop(next(iter(self._chunks)))

    def forget(self, file: int, before: int | None = None) -> None:
        """Nobody will ask any more for what the file holds before this offset, or for any of it."""
        for key in [
            key for key, chunk in self._chunks.items() if chunk.file == file and (before is None or chunk.end <= before)
        ]:
            self._drop(key)

    def _drop(self, key: tuple[int, int]) -> None:
        chunk = self._chunks.pop(key, None)
        if chunk is not None:
            self._bytes -= len(chunk.data) + self.CHUNK_COST_BYTES
