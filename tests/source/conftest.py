"""What most tests of the room begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.source.tailed import Tailed


@pytest.fixture
def tailed(tmp_path: Path) -> Tailed:
    """A log `app.log` and who reads it, for the meter and for a sender."""
    return Tailed(tmp_path)
