"""Commands that start at once: one process a worker has imported gitreg and DVC, and forks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.warm import CommandLine


@pytest.fixture(scope="session")
def command_line() -> Iterator[CommandLine]:
    """The real command line, warm."""
    line = CommandLine()
    yield line
    line.close()
