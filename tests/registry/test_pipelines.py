from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gitreg.errors import SetupError
from tests.fixtures import Team, run, write

DVC = (sys.executable, "-m", "dvc")
PIPELINE = """\
stages:
  train:
    cmd: cp data models/iris/model.bin
    outs:
    - models/iris/model.bin
"""


@pytest.fixture
def trained(team: Team, monkeypatch: pytest.MonkeyPatch) -> Team:
    """A model that a DVC pipeline made, with pipeline and lock committed."""
    monkeypatch.chdir(team.clone)
    write(team.clone / "data", b"made by a pipeline")
    write(team.clone / "dvc.yaml", PIPELINE)
    run(*DVC, "repro", "--quiet", folder=team.clone)
    team.git("add", "dvc.yaml", "dvc.lock", "models/iris/.gitignore")
    team.git("commit", "--quiet", "--message", "Train with a pipeline")
    return team


def register(team: Team, path: Path, version: str = "1.0.0") -> None:
    team.open().register(new="iris", files=[path], version=version)


def test_what_a_pipeline_makes_gets_no_second_owner(trained: Team, tmp_path: Path) -> None:
    register(trained, trained.iris / "model.bin")
    assert not (trained.iris / "model.bin.dvc").exists()
    assert "up to date" in run(*DVC, "status", folder=trained.clone)
    got = tmp_path / "got"
    run(*DVC, "artifacts", "get", ".", "iris", "-o", str(got), folder=trained.clone)
    assert got.read_bytes() == b"made by a pipeline"
    assert trained.open().verify(deep=True, artifacts=True).ok


def test_other_bytes_than_the_pipeline_made_are_refused(trained: Team) -> None:
    (trained.iris / "model.bin").write_bytes(b"made by hand")
    with pytest.raises(SetupError, match="not what the pipeline stage train made"):
        register(trained, trained.iris / "model.bin")


def test_a_lock_that_is_not_committed_is_refused(trained: Team) -> None:
    write(trained.clone / "data", b"newer data")
    run(*DVC, "repro", "--quiet", "--force", folder=trained.clone)
    with pytest.raises(SetupError, match=r"dvc\.lock is not committed as it is"):
        register(trained, trained.iris / "model.bin")


def test_a_part_of_a_folder_that_dvc_tracks_is_refused(team: Team) -> None:
    write(team.clone / "big/part", b"data")
    run(*DVC, "add", "--quiet", "big", folder=team.clone)
    with pytest.raises(SetupError, match="lies in big, which DVC tracks as a whole"):
        register(team, team.clone / "big/part")


def test_a_file_that_dvc_tracks_already_is_registered_as_it_is(team: Team) -> None:
    run(*DVC, "add", "--quiet", "models/iris/model.skops", folder=team.clone)
    register(team, team.model_file)
    assert "up to date" in run(*DVC, "status", folder=team.clone)
