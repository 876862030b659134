"""Each answer means what Loki means by it, and what is not known to be final is tried again."""

from __future__ import annotations

import pytest

from tailer.outbound.answer import Accepted, Answer, Refused, Reply, Retry, TooLarge, retry_after_seconds
from tailer.ship import refusal
from tailer.ship.loki import judge
from tests.ship.making import NOON_NS, entry

OLD = "entry for stream '{job=\"t\"}' has timestamp too old: x, oldest acceptable timestamp is: 2026-05-28T20:26:41Z"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(204, ""), Accepted()),
        (Reply(200, ""), Accepted()),
        (Reply(200, "<html>", "text/html; charset=utf-8"), Retry("not_loki", None, "HTTP 200")),
        (Reply(260, "ingestion blocked"), Retry("unexpected_status", None, "HTTP 260")),
        (Reply(302, ""), Retry("redirect", None, "HTTP 302")),
        (Reply(400, OLD), Refused(400, OLD)),
        (Reply(400, "<html>plain HTTP to an HTTPS port", "text/html"), Retry("not_loki", None, "HTTP 400")),
        (Reply(400, "message size too large"), TooLarge(400, "message size too large")),
        (Reply(400, "structured metadata too large"), Refused(400, "structured metadata too large")),
        (Reply(400, "but this feature is disallowed."), Retry("disallowed", None, "HTTP 400")),
        (Reply(401, ""), Retry("unauthorized", None, "HTTP 401")),
        (Reply(403, ""), Retry("unauthorized", None, "HTTP 403")),
        (Reply(404, ""), Retry("not_found", None, "HTTP 404")),
        (Reply(413, "", "text/html"), TooLarge(413, "")),
        (Reply(429, "", "", "7"), Retry("rate_limited", 7.0, "HTTP 429", divide=True)),
        (Reply(400, "missing required labels cluster for user 1"), Retry("disallowed", None, "HTTP 400")),
        (Reply(500, "", "text/html"), Retry("server_error", None, "HTTP 500")),
        (Reply(500, "message larger than max (9 vs. 4)"), TooLarge(500, "message larger than max (9 vs. 4)")),
        (Reply(503, "", "", "2"), Retry("server_error", 2.0, "HTTP 503")),
        (Reply(418, ""), Retry("unexpected_status", None, "HTTP 418")),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_an_answer_means(reply: Reply, expected: Answer) -> None:
    assert judge(reply, NOON_NS) == expected


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("Thu, 28 May 2026 20:27:40 GMT", 60.0),
        ("Thu, 28 May 2026 20:26:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOON_NS) == seconds


def test_lokis_words_tell_the_kind_of_a_refusal() -> None:
    assert refusal.kind(OLD) == "too_old"
    assert refusal.kind("max entry size '262144' bytes exceeded for stream") == "line_too_long"
    assert refusal.kind("Max entry size '262144' bytes exceeded for stream") == "line_too_long"
    assert refusal.kind("stream '{}' has too many structured metadata labels: '200', limit: '128'") == "metadata"
    assert refusal.kind("stream '{}' has label name too long: 'x'") == "labels"
    assert refusal.kind("stream '{}' has duplicate label name: 'x'") == "labels"
    assert refusal.kind("entry with timestamp x ignored, reason: 'entry out of order' for stream: {}") == "out_of_order"
    assert refusal.kinds(f"3 errors like: Max entry size '9' bytes exceeded; 1 errors like: {OLD}") == [
        "too_old",
        "line_too_long",
    ]
    assert refusal.kind("has 16 label names; limit 15") == "labels"
    assert refusal.kind("undecodable") == "other"
    assert refusal.took_the_rest(OLD)
    assert not refusal.took_the_rest("undecodable")


def test_the_oldest_acceptable_time_parts_the_doomed_from_the_others() -> None:
    """The cutoff is NOON plus a second: entries one second apart on both sides of it."""
    entries = [entry(second * 10**9) for second in (0, 0, 1, 2, 0, 3)]
    doomed = refusal.doomed(entries, OLD)
    assert doomed == [True, True, False, False, True, False]
    runs = refusal.runs(entries, doomed)
    assert [(run.hopeless, len(run.entries)) for run in runs] == [(True, 2), (False, 2), (True, 1), (False, 1)]
    assert [found for run in runs for found in run.entries] == entries


def test_a_time_too_new_dooms_all_that_are_later_by_more_than_its_second() -> None:
    """Loki tells whole seconds: of the second named nothing is known."""
    text = "entry for stream '{}' has timestamp too new: 2026-05-28T20:26:41Z"
    entries = [entry(int(second * 10**9)) for second in (0, 1, 1.9, 2, 3600)]
    assert refusal.doomed(entries, text) == [False, False, False, True, True]


def test_lokis_limit_dooms_all_that_are_longer() -> None:
    text = "Max entry size '4' bytes exceeded for stream '{}' while adding an entry with length '5' bytes"
    entries = [entry(number, text=b"x" * size) for number, size in enumerate((4, 5, 6, 3))]
    assert refusal.doomed(entries, text) == [False, True, True, False]


def test_too_far_behind_is_a_matter_of_one_stream() -> None:
    text = "reason: 'entry too far behind, oldest acceptable timestamp is: 2026-05-28T20:26:41Z'"
    one, other = entry(0), entry(0, labels=(("job", "u"),))
    assert refusal.doomed([one, other], text) == [False, False]
    assert refusal.doomed([one, one], text) == [True, True]


def test_when_loki_says_it_ignored_all_it_is_believed() -> None:
    text = "entry with timestamp x ignored, reason: 'y', user 'z', total ignored: 3 out of 3 for stream: {}"
    assert refusal.doomed([entry(1), entry(2), entry(3)], text) == [True, True, True]
    assert refusal.doomed([entry(1), entry(2)], text) == [False, False]


@pytest.mark.parametrize(
    "text", ["", "oldest acceptable timestamp is: yesterday", "oldest acceptable timestamp is: 2026-99-99T00:00:00Z"]
)
def test_words_that_say_nothing_doom_nothing(text: str) -> None:
    assert refusal.doomed([entry(1), entry(2)], text) == [False, False]


def test_too_many_changes_of_fate_are_left_to_halving() -> None:
    entries = [entry(second % 2 * 10 * 10**9) for second in range(40)]
    assert refusal.runs(entries, refusal.doomed(entries, OLD)) == []
