from __future__ import annotations

from pathlib import Path

from tests.fixtures import Cli, run_git


def test_the_demo_builds_a_registry_to_explore(home: Path, cli: Cli, tmp_path: Path) -> None:
    cli.folder = tmp_path
    told = cli.ok("demo").out
    for command in ("gitreg register", "gitreg rollback", "gitreg verify", "python predict.py"):
        assert f"$ {command}" in told
    assert "verified" in told
    assert "[5.1, 3.5, 1.4, 0.2] -> setosa" in told
    assert not (home / ".cache/gitreg").exists()  # caches of its own
    folder = tmp_path / "gitreg-demo"
    cli.folder = folder / "work"
    assert cli.ok("show", "iris@production", "--json").json["version"] == "1.0.0"
    assert run_git(folder / "work", "status", "--porcelain").split() == [
        "??",
        "metrics.json",
        "??",
        "train.py",
    ]
    cli.folder = tmp_path
    assert "exists already" in cli.no("demo")


def test_without_frameworks_the_demo_names_its_extra(home: Path, cli: Cli, tmp_path: Path) -> None:
    from unittest import mock

    cli.folder = tmp_path
    with mock.patch("gitreg.registry.demo.find_spec", return_value=None):
        assert "pip install 'gitreg[demo]'" in cli.no("demo")
    assert not (tmp_path / "gitreg-demo").exists()
