"""What every test starts with."""

from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

# What these find wrong they tell with the values, as a test does.
pytest.register_assert_rewrite("tests.e2e.exact")

# A busy machine is no fault of the code; a hang is caught by the timeout of every test. Everybody runs the same
# examples, so that a failure is everybody's; new ones are looked for with --hypothesis-profile=explore, and twenty
# times as many by the models of `make soak`.
settings.register_profile("explore", deadline=None, print_blob=True)
settings.register_profile("soak", deadline=None, print_blob=True, max_examples=2_000)
settings.register_profile("tokentail", deadline=None, derandomize=True)
settings.load_profile("tokentail")


@pytest.fixture(autouse=True)
def log_as_by_default() -> Iterator[None]:
    """A test that ran a command has set up the log of the whole process."""
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
