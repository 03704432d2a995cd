"""A repository with files named like libraries: none is imported by whoever works there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures import Team, write

NAMES = ("yaml", "click", "json", "platformdirs", "dvc", "git", "sitecustomize", "rich/__init__")


@pytest.fixture
def hostile(released: Team, tmp_path: Path) -> Team:
    for name in NAMES:
        write(released.clone / f"{name}.py", f"open({str(tmp_path / 'pwned')!r}, 'w')")
    return released


def run_in(team: Team, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=team.clone, capture_output=True, check=False, text=True)


@pytest.mark.parametrize(
    "command",
    [
        (str(Path(sys.executable).parent / "gitreg"),),
        (sys.executable, "-P", "-m", "gitreg"),
        (sys.executable, "-I", "-m", "gitreg"),
    ],
    ids=["gitreg", "-P", "-I"],
)
def test_the_command_imports_what_is_installed(
    hostile: Team, tmp_path: Path, command: tuple[str, ...]
) -> None:
    done = run_in(hostile, *command, "list")
    assert (done.returncode, done.stderr) == (0, "")
    assert "iris" in done.stdout
    assert not (tmp_path / "pwned").exists()


def test_python_m_alone_goes_no_further(hostile: Team, tmp_path: Path) -> None:
    done = run_in(hostile, sys.executable, "-m", "gitreg", "list")
    assert done.returncode == 1
    assert "next: run gitreg, or python -P -m gitreg" in done.stderr
    assert not (tmp_path / "pwned").exists()
