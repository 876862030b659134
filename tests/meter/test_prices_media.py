"""What calls of other kinds than chats cost, worked out by hand from the prices the vendors publish."""

from __future__ import annotations

import pytest

from parsers import registry
from parsers.base import Call, Part, Record
from tailer.meter.prices import Prices
from tests.parsers import bodies_media as media
from tests.parsers import bodies_vendors as vendors

PRICES = Prices.load()
PARSERS = registry.load()
SPOKEN = media.realtime_event("response.done", response=media.realtime_response())


def call_of(record: Record) -> Call:
    found = next(parser for parser in PARSERS if parser.matches(record)).parse(record)
    call = found.call if isinstance(found, Part) else found
    assert isinstance(call, Call)
    return call


@pytest.mark.parametrize(
    ("record", "usd", "source"),
    [
        # 19 of text at $5, 4344 of an image at $8, 4160 made at $32.
        (Record(media.images(), media.IMAGE_REQUEST), (19 * 5 + 4344 * 8 + 4160 * 32) / 1e6, "estimated"),
        # 4 of text at $1.25, 10 of audio at $3, 45 written at $5.
        (Record(media.transcription(), media.TRANSCRIPTION_REQUEST), (4 * 1.25 + 10 * 3 + 45 * 5) / 1e6, "estimated"),
        # 9 seconds at $0.006 a minute.
        (Record(media.VERBOSE, {"model": "whisper-1"}), 9 * 0.006 / 60, "estimated"),
        # 12 characters at $15 a million.
        (Record(None, media.SPEECH_REQUEST, 200), 12 * 15 / 1e6, "estimated"),
        (Record(media.MODERATION), 0, "estimated"),
        # 55 + 64 cached of text at $4 and $0.40, 240 + 768 cached of audio at $32 and $0.40; 30 at $16, 118 at $64.
        (
            Record(SPOKEN, url=media.REALTIME_URL),
            (55 * 4 + 64 * 0.4 + 240 * 32 + 768 * 0.4 + 30 * 16 + 118 * 64) / 1e6,
            "estimated",
        ),
        # Half of 1523 at $2.50 and 212 at $10: a batch has no lower price for cached input.
        (Record(media.batch_line()), (1523 * 2.5 + 212 * 10) / 2e6, "estimated"),
        # 29 pages at $2 a thousand.
        (Record(media.OCR), 29 * 2 / 1000, "estimated"),
        # 203 seconds at $0.003 a minute.
        (Record(media.VOXTRAL), 203 * 0.003 / 60, "estimated"),
        (Record(vendors.XAI), 318_319_000 / 1e10, "reported"),
        (Record(vendors.OPENROUTER), 0.000612, "reported"),
        (Record(vendors.PERPLEXITY), 0.59962, "reported"),
        (Record(vendors.GROQ), (18 * 0.59 + 556 * 0.79) / 1e6, "estimated"),
    ],
)
def test_a_call_costs_what_its_vendor_would_charge(record: Record, usd: float, source: str) -> None:
    cost = PRICES.cost(call_of(record))
    assert cost is not None
    assert cost[0] / 1e12 == pytest.approx(usd, abs=1e-12)
    assert cost[1] == source
