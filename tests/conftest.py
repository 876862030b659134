"""What every test starts with."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def log_as_by_default() -> Iterator[None]:
    """A test that ran a command has set up the log of the whole process."""
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
