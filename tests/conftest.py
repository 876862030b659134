"""What every test starts with."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from tailer.reading.unread import Stumbles

# What these find wrong they tell with the values, as a test does.
pytest.register_assert_rewrite("tests.e2e.exact")

# A busy machine is no fault of the code; a hang is caught by the timeout of every test. Everybody runs the same
# examples, so that a failure is everybody's; new ones are looked for with --hypothesis-profile=explore, and twenty
# times as many of the models and of the longest properties by `make soak`.
settings.register_profile("explore", deadline=None, print_blob=True)
settings.register_profile("soak", deadline=None, print_blob=True, max_examples=2_000)
settings.register_profile("tokentail", deadline=None, derandomize=True)
settings.load_profile("tokentail")

HERE = Path(__file__).parent
WAITING = (HERE / "e2e", HERE, HERE / "deploy", HERE / "bench", HERE / "cli")
"""Where tests start processes and wait for them, the longest first: at the end one of them would run alone."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Twice the processors where these are few: more than half of the time of the longest tests is waiting."""
    processors = len(os.sched_getaffinity(0))
    return max(processors, min(2 * processors, 8))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {place: number for number, place in enumerate(WAITING)}
    items.sort(key=lambda item: places.get(item.path.parent, len(places)))


@pytest.fixture(autouse=True)
def no_line_is_too_much(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that stumbles over a line is at fault, though a tailer would go on."""

    def over(_: Stumbles, error: Exception) -> str:
        raise error

    if request.node.get_closest_marker("stumbles") is None:
        monkeypatch.setattr(Stumbles, "over", over)


@pytest.fixture(autouse=True)
def log_as_by_default() -> Iterator[None]:
    """A test that ran a command has set up the log of the whole process."""
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
