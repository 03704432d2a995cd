from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.forge_server import ForgeServer, serve_forge


@pytest.fixture
def server() -> Iterator[ForgeServer]:
    """A forge of this test's own."""
    with serve_forge() as running:
        yield running
