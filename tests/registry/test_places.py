"""Registries in unusual places, and under unusual configurations of Git."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import gitreg
from gitreg.errors import UntrustedError
from gitreg.registry.init import init
from tests.fixtures import Team, freeze, make_repository, run_git, write


def use(folder: Path, *, model: str = "rose") -> None:
    """Register, promote, verify and pull, as in any other place."""
    registry = gitreg.open(folder)
    file = write(folder / "models" / model / "model.bin", f"the {model}".encode())
    registry.register(new=model, files=[file], version="1.0.0")
    registry.promote(model, stage="staging")
    assert gitreg.open(folder).verify(deep=True).findings == ()
    assert registry[f"{model}@staging"].path().read_bytes() == f"the {model}".encode()
    assert run_git(folder, "status", "--porcelain", "--", f"models/{model}", "dvc.yaml") == ""


def test_a_path_with_spaces_and_other_letters(team: Team, tmp_path: Path) -> None:
    place = tmp_path / "Ünser Ordner 模型 'x'"
    place.mkdir()
    moved = Team(Path(shutil.move(team.folder, place)))
    moved.git("remote", "set-url", "origin", str(moved.origin))
    use(moved.clone)
    file = write(moved.clone / "modèles/é è/poids ß.bin", b"x")
    version = moved.open().register(new="accents", files=[file], version="1.0.0")
    assert version.entry.path == "modèles/é è"
    assert version.path().name == "poids ß.bin"


def test_a_linked_worktree(team: Team) -> None:
    team.git("worktree", "add", "--quiet", "-b", "side", str(team.folder / "side"))
    main = team.git("rev-parse", "main")
    use(team.folder / "side")
    assert team.git("rev-parse", "main") == main
    assert team.git("log", "-1", "--format=%s", "side") == "Register rose 1.0.0"


def test_a_submodule(team: Team, tmp_path: Path) -> None:
    outer = make_repository(tmp_path / "outer")
    run_git(outer, "submodule", "--quiet", "add", str(team.origin), "inner")
    inner = outer / "inner"
    run_git(inner, "checkout", "--quiet", "main")
    write(inner / ".dvc/config", f"[core]\n remote = s\n['remote \"s\"']\n url = {team.storage}\n")
    use(inner)


@pytest.mark.parametrize("depth", ["1", "3"])
def test_a_shallow_ledger_is_refused_and_how_to_deepen_it_is_told(
    released: Team, depth: str
) -> None:
    run_git(released.folder, "clone", "--quiet", "--depth", depth, "--no-single-branch",
            released.url, "shallow")  # fmt: skip
    with pytest.raises(UntrustedError, match="this clone is shallow") as caught:
        _ = gitreg.open(released.folder / "shallow").ledger
    assert "--unshallow" in str(caught.value.next_step)
    run_git(released.folder / "shallow", "fetch", "--quiet", "--unshallow")
    assert gitreg.open(released.folder / "shallow").verify().ok


def test_a_clone_of_main_alone_reads_and_writes(released: Team) -> None:
    run_git(
        released.folder, "clone", "--quiet", "--single-branch", "--no-tags", released.url, "narrow"
    )
    registry = gitreg.open(released.folder / "narrow")
    registry.promote("iris@1.1.0", stage="production")
    assert released.open().push().records == ()


def test_a_shallow_clone_of_main_reads_and_writes(released: Team) -> None:
    run_git(released.folder, "clone", "--quiet", "--depth", "1", released.url, "shallow")
    folder = released.folder / "shallow"
    registry = gitreg.open(folder)
    assert registry["iris@production"].version == "1.0.0"
    registry.promote("iris@1.1.0", stage="production")
    assert released.open().push().records == ()


@pytest.mark.parametrize(
    "settings",
    [
        {"core.autocrlf": "true"},
        {"core.autocrlf": "input", "core.safecrlf": "true"},
        {"commit.gpgsign": "true", "tag.gpgsign": "true"},
        {"commit.gpgsign": "1", "gpg.program": "/bin/false", "gpg.ssh.program": "/bin/false"},
        {"core.hooksPath": "hooks"},
        {"core.fsmonitor": "./hooks/pre-commit", "core.sshCommand": "false"},
        {"core.quotePath": "false", "log.showSignature": "true", "push.followTags": "true"},
        {"push.gpgSign": "if-asked", "fetch.prune": "true", "transfer.fsckObjects": "true"},
        {"color.ui": "always", "core.pager": "false", "column.ui": "always"},
        {"tag.sort": "-version:refname", "core.commentChar": "g", "i18n.commitEncoding": "latin1"},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_settings_of_the_user_do_not_get_in_the_way(team: Team, settings: dict[str, str]) -> None:
    hooks = team.folder / "hooks"
    for name in ("pre-commit", "commit-msg", "pre-push", "post-checkout"):
        write(hooks / name, f"#!/bin/sh\ntouch '{team.folder}/a-hook-ran'\nexit 1\n").chmod(0o755)
    for key, value in settings.items():
        said = str(hooks) if key == "core.hooksPath" else value
        team.git("config", "--global", key, said)
    gitreg.open(team.clone).register(new="iris", files=[team.model_file], version="1.0.0")
    assert gitreg.open(team.clone).verify(deep=True, artifacts=True).findings == ()
    assert not (team.folder / "a-hook-ran").exists()


def test_a_signed_commit_is_made_where_the_user_signs_commits(
    team: Team, home: Path, alice_key: Path
) -> None:
    team.git("config", "commit.gpgsign", "true")
    public = alice_key.with_suffix(".pub").read_text()
    signers = write(home / "allowed", f"alice@example.org {public}")
    team.git("config", "gpg.ssh.allowedSignersFile", str(signers))
    team.open().register(new="iris", files=[team.model_file], version="1.0.0")
    team.git("verify-commit", "HEAD")


def test_a_file_with_windows_line_breaks_is_registered_as_it_stands(team: Team) -> None:
    team.git("config", "core.autocrlf", "true")
    text = "schema: gitreg/model/v1\r\nname: iris\r\nversion: 1.0.0\r\n"
    write(team.iris / "model.yaml", text + "artifacts: [{path: model.skops}]\r\n")
    team.open().register(team.iris)
    assert "\r" not in team.git("show", "HEAD:models/iris/model.yaml")
    assert team.open().verify(deep=True).ok


def test_a_sha256_repository(tmp_path: Path, alice_key: Path) -> None:
    run_git(tmp_path, "init", "--quiet", "--bare", "--object-format=sha256", "origin.git")
    run_git(tmp_path, "init", "--quiet", "--object-format=sha256", "clone")
    clone = tmp_path / "clone"
    run_git(clone, "remote", "add", "origin", str(tmp_path / "origin.git"))
    init(gitreg.open(clone))
    with (clone / ".dvc/config").open("a") as file:
        file.write(f"    remote = s\n['remote \"s\"']\n    url = {tmp_path}/storage\n")
    use(clone)
    afar = gitreg.open((tmp_path / "origin.git").as_uri())
    assert afar["rose"].path().read_bytes() == b"the rose"


def test_tags_are_not_fetched_or_pruned_by_a_write(released: Team) -> None:
    run_git(released.origin, "tag", "somebody-elses", "main")
    before = set(freeze(released.clone))
    released.open().deprecate("iris@1.0.0")
    assert set(freeze(released.clone)) - before <= {".git/packed-refs"}


def test_replace_refs_and_grafts_are_not_believed(released: Team) -> None:
    first = released.git("rev-parse", "gitreg-ledger~2")
    second = released.git("rev-parse", "gitreg-ledger~1")
    released.git("replace", second, first)
    proven = released.open().verify(deep=True)
    assert (proven.ok, proven.valid) == (True, 6)


def test_hooks_of_the_clone_are_not_run(released: Team, tmp_path: Path) -> None:
    hook = released.clone / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    released.open().deprecate("iris@1.0.0")
    assert not (tmp_path / "ran").exists()
    run_git(released.clone, "tag", "by-hand")
    assert (tmp_path / "ran").exists()


def test_variables_that_point_elsewhere_are_not_followed(
    released: Team, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(repo / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(repo / "index"))
    assert released.open()["iris@production"].version == "1.0.0"
