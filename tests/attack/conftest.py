"""Keys and repositories of a team of many (see crew.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attack.crew import KEYS, Crew, start_crew
from tests.fixtures import Cli, make_key


@pytest.fixture(scope="session")
def crew_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the private and public keys of everybody."""
    folder = tmp_path_factory.mktemp("crew-keys")
    for name in KEYS:
        make_key(folder / name, comment=name)
    return folder


@pytest.fixture(scope="session")
def started_crew(tmp_path_factory: pytest.TempPathFactory, crew_keys: Path) -> Crew:
    """What `crew` copies."""
    from tests.conftest import _seal

    with pytest.MonkeyPatch.context() as patch:
        _seal(tmp_path_factory.mktemp("home"), patch)
        crew = Crew(tmp_path_factory.mktemp("started-crew"), crew_keys)
        start_crew(crew)
    return crew


@pytest.fixture
def crew(tmp_path: Path, home: Path, started_crew: Crew) -> Crew:
    """A team whose iris 1.0.0 is in production, and 1.1.0 in staging, measured."""
    return Crew.copy(started_crew, tmp_path / "crew")


@pytest.fixture
def victim(crew: Crew, cli: Cli) -> Cli:
    """The command line in Dave's clone."""
    cli.folder = crew.dave
    return cli
