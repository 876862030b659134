"""The few bytes that every message in protobuf's wire format is made of; pure.

Source: the encoding guide of Protocol Buffers.
"""

from __future__ import annotations

_ONE_BYTE = tuple(bytes((value,)) for value in range(128))


def varint(value: int) -> bytes:
    """A non-negative number in protobuf's variable length."""
    if value < 128:
        return _ONE_BYTE[value]
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number: int, content: bytes) -> bytes:
    """A text, or a message within a message, under a field number below 16."""
    return b"".join((_ONE_BYTE[number << 3 | 2], varint(len(content)), content))
