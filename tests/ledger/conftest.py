from __future__ import annotations

import pytest

from gitreg.git.remote import Remote, ledger_remote
from gitreg.git.repository import Repository
from tests.fixtures import Team


@pytest.fixture
def repository(released: Team) -> Repository:
    return Repository.discover(released.clone)


@pytest.fixture
def remote(repository: Repository) -> Remote:
    found = ledger_remote(repository)
    assert found
    return found
