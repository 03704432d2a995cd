# ruff: noqa: ARG002  a fixture may be there for what it does
from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gitreg
from gitreg.artifacts.tracking import push
from gitreg.domain.canonical import loads
from gitreg.errors import (
    InvalidError,
    RefusedError,
    SetupError,
    TransferError,
    UsageError,
)
from gitreg.registry.init import init
from gitreg.registry.register import Registration, register
from gitreg.registry.registration import Request
from tests.fixtures import (
    Team,
    freeze,
    ledger_length,
    make_repository,
    refs_of,
    run,
    run_git,
    write,
)

FIRST = """\
# What this model is.
schema: gitreg/model/v1
name: iris
version: 1.0.0   # the first one
description: Species from four measurements.
tags:
  domain: botany  # plants
artifacts:
  - {path: model.skops}
"""


def register_new(team: Team, **fields: Any) -> Registration:
    wanted: dict[str, Any] = {"new": "iris", "files": [team.model_file], "version": "1.0.0"}
    return register(team.open(), Request(**wanted | fields))


def register_again(team: Team, publish: bool = True, **fields: Any) -> Registration:  # noqa: FBT001, FBT002
    return register(team.open(), Request(folder=team.iris, **fields), publish=publish)


def signed(team: Team, reference: str = "iris") -> dict[str, Any]:
    return dict(team.open()[reference].metadata)


def commit_files(path: Path, commit: str) -> list[str]:
    return run_git(path, "show", "--format=", "--name-only", commit).splitlines()


class TestANewModel:
    def test_it_is_registered_from_nothing(self, team: Team) -> None:
        done = register_new(team)
        assert (done.model, done.version, done.notes) == ("iris", "1.0.0", ())
        assert team.git("log", "-1", "--format=%H %s") == f"{done.commit} Register iris 1.0.0"
        assert commit_files(team.clone, done.commit) == [
            "dvc.yaml",
            "models/iris/.gitignore",
            "models/iris/model.skops.dvc",
            "models/iris/model.yaml",
        ]
        assert team.git("status", "--porcelain") == ""

    def test_it_is_published_with_ledger_tag_and_artifact(self, team: Team) -> None:
        main = run_git(team.origin, "rev-parse", "main")
        done = register_new(team)
        there = refs_of(team.origin)
        assert there["refs/heads/main"] == main
        assert there["refs/tags/iris@v1.0.0"] == team.git("rev-parse", "iris@v1.0.0")
        assert there["refs/heads/gitreg-ledger"] == team.git("rev-parse", "gitreg-ledger")
        assert run_git(team.origin, "rev-parse", "iris@v1.0.0^{commit}") == done.commit
        assert team.stored("iris").read_bytes() == team.model_file.read_bytes()

    def test_what_is_signed_is_what_model_yaml_says(self, team: Team) -> None:
        register_new(team)
        metadata = signed(team)
        (artifact,) = metadata["artifacts"]
        data = team.model_file.read_bytes()
        assert artifact == {
            "path": "model.skops",
            "role": "model",
            "format": "skops",
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        }
        assert "version: 1.0.0\n" in (team.iris / "model.yaml").read_text()

    def test_it_may_lie_at_the_root_of_the_repository(self, team: Team) -> None:
        write(team.clone / "weights.bin", b"bytes")
        register_new(team, new="solo", files=[team.clone / "weights.bin"])
        assert team.open()["solo"].entry.path == "."
        assert (team.clone / "weights.bin.dvc").is_file()
        assert "/weights.bin\n" in (team.clone / ".gitignore").read_text()

    def test_several_files_and_a_folder_are_its_artifacts(self, team: Team) -> None:
        write(team.iris / "weights/deep/one", b"1")
        write(team.iris / "weights/two", b"22")
        write(team.iris / "labels.txt", b"a\nb\n")
        files = [team.model_file, team.iris / "labels.txt", team.iris / "weights"]
        done = register_new(team, files=files)
        artifacts = signed(team)["artifacts"]
        assert [(item["path"], item["role"]) for item in artifacts] == [
            ("model.skops", "model"),
            ("labels.txt", "file"),
            ("weights", "file"),
        ]
        assert (artifacts[2]["files"], artifacts[2]["size"]) == (2, 3)
        manifest = team.git("show", f"gitreg-ledger:manifest-{artifacts[2]['sha256']}")
        assert [line.split(" ")[3] for line in manifest.splitlines()] == ["deep/one", "two"]
        assert len(done.written.records) == 1
        assert (team.storage / "files/md5" / f"{artifacts[2]['md5'][:2]}").is_dir()

    def test_its_dvc_entry_names_the_model(self, team: Team) -> None:
        register_new(team)
        text = (team.clone / "dvc.yaml").read_text()
        assert "# gitreg keeps the entries" in text
        assert "  iris:\n    path: models/iris/model.skops\n    type: model\n" in text

    def test_a_name_that_exists_is_refused(self, released: Team) -> None:
        write(released.clone / "models/other/model.bin", b"x")
        with pytest.raises(RefusedError, match="iris exists already") as caught:
            register_new(released, files=[released.clone / "models/other/model.bin"], version=None)
        assert caught.value.rule == "new-version"

    def test_a_folder_of_another_model_is_refused(self, released: Team) -> None:
        with pytest.raises(UsageError, match="is of the model iris, not of rose"):
            register_new(released, new="rose", version="1.0.0")

    def test_its_first_version_must_be_given(self, team: Team) -> None:
        before = freeze(team.clone)
        with pytest.raises(UsageError, match="no version yet") as caught:
            register_new(team, version=None, bump="minor")
        assert "--version" in str(caught.value.next_step)
        assert freeze(team.clone) == before

    def test_files_in_several_folders_make_their_common_one_the_models(self, team: Team) -> None:
        write(team.iris / "a/x.bin", b"1")
        write(team.iris / "b/y.bin", b"2")
        register_new(team, files=[team.iris / "a/x.bin", team.iris / "b/y.bin"])
        assert team.open()["iris"].entry.path == "models/iris"
        assert [item["path"] for item in signed(team)["artifacts"]] == ["a/x.bin", "b/y.bin"]


class TestTheNextVersion:
    @pytest.mark.parametrize(
        ("bump", "version"), [("major", "2.0.0"), ("minor", "1.2.0"), ("patch", "1.1.1")]
    )
    def test_it_counts_on_from_the_highest(self, released: Team, bump: str, version: str) -> None:
        released.model_file.write_bytes(b"new bytes")
        assert register_again(released, bump=bump).version == version

    def test_it_may_be_given(self, released: Team) -> None:
        assert register_again(released, version="3.0.0-rc.1").version == "3.0.0-rc.1"

    def test_it_may_stand_in_model_yaml(self, team: Team) -> None:
        write(team.iris / "model.yaml", FIRST)
        assert register_again(team).version == "1.0.0"
        text = (team.iris / "model.yaml").read_text().replace("1.0.0", "1.0.1")
        write(team.iris / "model.yaml", text)
        assert register_again(team).version == "1.0.1"

    def test_it_must_be_told_where_nothing_tells_it(self, released: Team) -> None:
        released.model_file.write_bytes(b"new bytes")
        with pytest.raises(UsageError, match=r"iris 1\.1\.0 is registered: which version"):
            register_again(released)

    def test_a_version_and_a_bump_exclude_each_other(self, released: Team) -> None:
        with pytest.raises(UsageError, match="exclude"):
            register_again(released, version="2.0.0", bump="minor")

    @pytest.mark.parametrize("version", ["v1.2.0", "1.2", "1.2.0+build", "01.2.0", "", "1.2.0-RC"])
    def test_a_version_outside_the_grammar_is_refused(self, released: Team, version: str) -> None:
        before = freeze(released.clone)
        with pytest.raises(UsageError):
            register_again(released, version=version or " ")
        assert freeze(released.clone) == before

    def test_a_registered_version_is_not_registered_anew(self, released: Team) -> None:
        released.model_file.write_bytes(b"other bytes")
        before = freeze(released.clone)
        with pytest.raises(RefusedError) as caught:
            register_again(released, version="1.1.0")
        assert caught.value.rule == "new-version"
        assert freeze(released.clone) == before

    def test_no_number_is_given_twice_even_after_a_yank(self, released: Team) -> None:
        released.open().yank("iris@1.1.0", vacate=True)
        released.model_file.write_bytes(b"other bytes")
        assert register_again(released, bump="patch").version == "1.1.1"

    def test_the_same_command_twice_records_nothing_new(self, released: Team) -> None:
        released.model_file.write_bytes(b"new bytes")
        register_again(released, bump="minor", metrics={"accuracy": 0.99})
        before, shared = freeze(released.clone), freeze(released.origin)
        again = register_again(released, bump="minor", metrics={"accuracy": 0.99})
        assert (again.version, again.written.records) == ("1.2.0", ())
        assert freeze(released.clone) == before
        assert freeze(released.origin) == shared

    def test_a_model_yaml_file_names_its_folder(self, released: Team) -> None:
        done = register(
            released.open(), Request(folder=released.iris / "model.yaml", version="1.2.0")
        )
        assert done.version == "1.2.0"

    def test_dvc_files_stand_for_artifacts_that_model_yaml_does_not_name(self, team: Team) -> None:
        write(team.iris / "model.skops.dvc", "outs: []\n")
        text = FIRST.split("artifacts:", maxsplit=1)[0]
        write(team.iris / "model.yaml", text)
        register_again(team)
        assert [item["path"] for item in signed(team)["artifacts"]] == ["model.skops"]

    def test_old_metrics_beside_new_bytes_are_noted(self, released: Team) -> None:
        released.model_file.write_bytes(b"new bytes")
        (note,) = register_again(released, bump="minor").notes
        assert note.code == "metrics.stale"
        assert "still those of 1.1.0" in note.what

    def test_new_metrics_need_no_note(self, released: Team) -> None:
        released.model_file.write_bytes(b"new bytes")
        assert register_again(released, bump="minor", metrics={"f1": 0.5}).notes == ()
        assert signed(released)["metrics"] == {"f1": 0.5}


class TestWhatIsFilledIn:
    def test_metrics_parameters_and_tags_are(self, team: Team) -> None:
        register_new(
            team,
            metrics={"accuracy": 0.967, "latency_p95_ms": {"value": 1.2, "unit": "ms"}},
            parameters={"C": 1.0, "kernel": "rbf"},
            tags={"domain": "botany"},
        )
        metadata = signed(team)
        assert metadata["metrics"] == {
            "accuracy": 0.967,
            "latency_p95_ms": {"value": 1.2, "unit": "ms"},
        }
        assert metadata["architecture"] == {"hyperparameters": {"C": 1.0, "kernel": "rbf"}}
        assert metadata["tags"] == {"domain": "botany"}

    def test_the_message_is_in_the_commit_and_signed(self, team: Team) -> None:
        done = register_new(team, message="first light")
        assert team.git("log", "-1", "--format=%b", done.commit) == "first light\n"
        assert done.written.records[0].reason == "first light"

    @pytest.mark.parametrize("message", ["", "two\nlines", "bell\a", " spaces "])
    def test_a_message_is_one_plain_line(self, team: Team, message: str) -> None:
        with pytest.raises(UsageError, match="the message must be one printable line"):
            register_new(team, message=message)

    def test_comments_and_order_of_model_yaml_stay(self, team: Team) -> None:
        write(team.iris / "model.yaml", FIRST)
        register_again(team, version="1.0.0", tags={"kind": "demo"}, metrics={"accuracy": 0.9})
        text = (team.iris / "model.yaml").read_text()
        assert text.startswith(
            FIRST.split("tags:", maxsplit=1)[0].replace("   # the first one", text[71:89])
        )
        assert "# What this model is.\n" in text
        assert "  domain: botany  # plants\n  kind: demo\n" in text
        assert text.index("description") < text.index("tags") < text.index("artifacts")

    def test_roles_and_formats_that_a_person_gave_stay(self, team: Team) -> None:
        given = {"role": "weights", "format": "x", "entrypoint": "net.blocks:build"}
        said = ", ".join(f"{key}: {value}" for key, value in given.items())
        text = FIRST.replace("{path: model.skops}", f"{{path: model.skops, {said}}}")
        write(team.iris / "model.yaml", text)
        register_again(team)
        (artifact,) = signed(team)["artifacts"]
        assert given.items() <= artifact.items()

    @pytest.mark.parametrize("said", ["score", "a b:c", "../x:y", "a:b.c", "a::b", "1a:b"])
    def test_an_entrypoint_is_a_module_and_a_function(self, team: Team, said: str) -> None:
        text = FIRST.replace("{path: model.skops}", f"{{path: model.skops, entrypoint: '{said}'}}")
        write(team.iris / "model.yaml", text)
        with pytest.raises(InvalidError, match="entrypoint"):
            register_again(team)

    def test_windows_line_breaks_are_read(self, team: Team) -> None:
        write(team.iris / "model.yaml", FIRST.replace("\n", "\r\n"))
        register_again(team)
        assert signed(team)["description"] == "Species from four measurements."
        assert team.open().verify(deep=True).ok


class TestTheUsersWork:
    def test_staged_unstaged_and_stashed_work_stays(self, team: Team) -> None:
        write(team.clone / "stashed.txt", "later\n")
        team.git("add", "stashed.txt")
        team.git("stash", "push", "--quiet", "--", "stashed.txt")
        stash = team.git("stash", "list")
        write(team.clone / "staged.txt", "staged\n")
        team.git("add", "staged.txt")
        write(team.clone / "README.md", "Unstaged.\n")
        write(team.clone / "untracked.txt", "untracked\n")
        done = register_new(team)
        assert team.git("diff", "--cached", "--name-only") == "staged.txt"
        assert team.git("diff", "--name-only") == "README.md"
        assert team.git("ls-files", "--others", "--exclude-standard") == "untracked.txt"
        assert team.git("stash", "list") == stash
        assert "staged.txt" not in commit_files(team.clone, done.commit)

    def test_changes_of_a_shared_file_stay_uncommitted(self, team: Team) -> None:
        text = (team.clone / "dvc.yaml").read_text()
        write(team.clone / "dvc.yaml", text + "params: [p.yaml]\n")
        team.git("add", "dvc.yaml")
        write(team.clone / "dvc.yaml", text + "params: [p.yaml]\nplots: []\n")
        done = register_new(team)
        assert "params" not in team.git("show", f"{done.commit}:dvc.yaml")
        assert "params" in team.git("show", ":dvc.yaml")
        assert "plots" not in team.git("show", ":dvc.yaml")
        shown = (team.clone / "dvc.yaml").read_text()
        for said in (shown, team.git("show", ":dvc.yaml"), team.git("show", "HEAD:dvc.yaml")):
            assert "models/iris/model.skops" in said
        assert "plots" in shown

    def test_lines_of_gitignore_may_be_in_any_encoding(self, team: Team) -> None:
        write(team.iris / ".gitignore", b"caf\xe9\n")
        register_new(team)
        assert (team.iris / ".gitignore").read_bytes() == b"caf\xe9\n/model.skops\n"

    def test_lines_of_gitignore_stay(self, team: Team) -> None:
        write(team.iris / ".gitignore", "*.tmp")
        register_new(team)
        assert (team.iris / ".gitignore").read_text() == "*.tmp\n/model.skops\n"

    def test_the_artifact_itself_is_not_touched(self, team: Team) -> None:
        before = team.model_file.stat()
        register_new(team)
        after = team.model_file.stat()
        assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)

    def test_a_branch_that_moved_meanwhile_is_left_and_told(
        self, team: Team, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def commit_meanwhile(root: Path, md5s: list[str]) -> None:
            team.git("commit", "--quiet", "--allow-empty", "--message", "Meanwhile")
            push(root, md5s)

        monkeypatch.setattr("gitreg.registry.registration.push", commit_meanwhile)
        done = register_new(team)
        assert team.git("log", "-1", "--format=%s") == "Meanwhile"
        (note,) = done.notes
        assert note.code == "branch.moved"
        assert done.commit[:12] in str(note.next_step)

    def test_an_index_lock_is_told_and_the_same_command_completes(self, team: Team) -> None:
        lock = write(team.clone / ".git/index.lock", "")
        with pytest.raises(SetupError, match="the index could not be updated"):
            register_new(team)
        lock.unlink()
        assert register_new(team).written.records == ()
        assert team.git("status", "--porcelain") == ""

    def test_the_new_dvc_configuration_goes_along(self, team: Team) -> None:
        config = team.clone / ".dvc/config"
        config.write_text(config.read_text() + "# mine\n")
        done = register_new(team)
        assert ".dvc/config" in commit_files(team.clone, done.commit)


Spoil = Callable[[str], str | bytes]
WRONG: dict[str, tuple[Spoil, str, str, str]] = {
    "a missing field": (
        lambda text: text.replace("name: iris\n", ""),
        r"model\.yaml:\d+$",
        "lacks name",
        "add name",
    ),
    "an unknown field": (
        lambda text: text + "flavour: sweet\n",
        r"model\.yaml:10$",
        "flavour is not a field here",
        "extra:",
    ),
    "a field with a typing mistake": (
        lambda text: text.replace("description", "descripton"),
        r"model\.yaml:5$",
        "descripton is not a field here",
        "did you mean description",
    ),
    "a field of the wrong kind": (
        lambda text: text + "framework: sklearn\n",
        r"model\.yaml:10$",
        "framework must be a mapping",
        "write {name: scikit-learn",
    ),
    "a number where a text belongs": (
        lambda text: text.replace("Species from four measurements.", "3"),
        r"model\.yaml:5$",
        "description must be a text, not 3",
        "",
    ),
    "a wrong version": (
        lambda text: text.replace("1.0.0", "1.0"),
        r"model\.yaml:4$",
        "version",
        "write MAJOR.MINOR.PATCH",
    ),
    "a wrong schema": (
        lambda text: text.replace("model/v1", "model/v9"),
        r"model\.yaml:2$",
        "schema is",
        "write schema: gitreg/model/v1",
    ),
    "a duplicate key": (
        lambda text: text + "name: iris\n",
        r"model\.yaml:10$",
        "the key name is there twice",
        "keep one of them",
    ),
    "an alias": (
        lambda text: text + "extra: {a: &x 1, b: *x}\n",
        r"model\.yaml:10$",
        "anchors (&) and aliases (*) are not read",
        "write it out",
    ),
    "a tag": (
        lambda text: text + "extra: !!python/object:os.system x\n",
        r"model\.yaml:10$",
        "is not read",
        "remove it",
    ),
    "bytes that are not UTF-8": (
        lambda text: text.encode() + b"extra: {a: \xff}\n",
        r"model\.yaml:10$",
        "the text is not UTF-8",
        "save the file as UTF-8",
    ),
    "no YAML": (lambda text: text + "extra: [\n", r"model\.yaml:1[01]$", "this is not YAML", ""),
    "no mapping": (lambda _: "- iris\n", r"model\.yaml:1$", "not a mapping", ""),
    "an empty file": (lambda _: "", r"model\.yaml:1$", "not a mapping", ""),
    "a reserved name": (
        lambda text: text.replace("name: iris", "name: refs/iris"),
        r"model\.yaml:3$",
        "name cannot be",
        "choose another name",
    ),
    "a path that leads out": (
        lambda text: text.replace("path: model.skops", "path: ../../x"),
        r"model\.yaml:9$",
        "must stay within",
        "plain relative path",
    ),
    "a metric that is no number": (
        lambda text: text + "metrics: {accuracy: .nan}\n",
        r"model\.yaml:10$",
        "metrics.accuracy cannot be nan",
        "finite",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_model_yaml_gives_one_error_with_file_line_field_and_advice(
    team: Team, kind: str
) -> None:
    spoil, where, what, advice = WRONG[kind]
    spoiled = spoil(FIRST)
    write(team.iris / "model.yaml", spoiled)
    before, shared = freeze(team.clone), freeze(team.origin)
    with pytest.raises(InvalidError) as caught:
        register_again(team)
    (finding,) = caught.value.findings
    assert re.search(where, finding.where), finding.where
    assert finding.where.startswith("models/iris/model.yaml:")
    assert what in finding.what
    assert advice in str(finding.next_step or "")
    assert freeze(team.clone) == before
    assert freeze(team.origin) == shared


def test_all_that_is_wrong_is_told_at_once(team: Team) -> None:
    write(team.iris / "model.yaml", FIRST + "flavour: sweet\nlicense: [MIT]\n")
    with pytest.raises(InvalidError, match="2 fields are wrong") as caught:
        register_again(team)
    assert len(caught.value.findings) == 2


class TestRefusals:
    """Each leaves everything as it was."""

    def refused(self, team: Team, error: type[gitreg.GitregError], match: str, **how: Any) -> str:
        before, shared = freeze(team.clone), freeze(team.origin)
        stored = freeze(team.storage)
        go = register_new if {"new", "files"} & set(how) else register_again
        with pytest.raises(error, match=match) as caught:
            go(team, **how)
        assert freeze(team.clone) == before
        assert freeze(team.origin) == shared
        assert freeze(team.storage) == stored
        assert caught.value.next_step
        return caught.value.next_step

    @pytest.mark.parametrize(
        "name", ["--help", "-x", "$(id)", "${{x}}", "HEAD", "refs/tags/x", "a b", "..", "Iris", ""]
    )
    def test_a_bad_name(self, team: Team, name: str) -> None:
        self.refused(team, UsageError, "is not a model name", new=name)

    def test_a_detached_head(self, team: Team) -> None:
        team.git("checkout", "--quiet", "--detach")
        step = self.refused(team, SetupError, "HEAD is detached", new="iris")
        assert "--detached" in step

    def test_no_dvc_remote_beside_a_git_remote(self, team: Team, home: Path) -> None:
        write(team.clone / ".dvc/config", "")
        (home / ".config/dvc/config").unlink()
        step = self.refused(team, SetupError, "no DVC remote", new="iris")
        assert "dvc remote add" in step

    def test_a_dvc_remote_without_a_url(self, team: Team, home: Path) -> None:
        write(team.clone / ".dvc/config", "[core]\n    remote = gone\n")
        self.refused(team, SetupError, "'gone' has no url", new="iris")

    def test_an_unreachable_origin(self, team: Team) -> None:
        team.git("remote", "set-url", "origin", str(team.folder / "moved.git"))
        self.refused(team, TransferError, "could not be reached", new="iris")

    def test_an_artifact_tracked_by_git(self, team: Team) -> None:
        team.git("add", "--force", "models/iris/model.skops")
        step = self.refused(team, SetupError, "is tracked by Git", new="iris")
        assert "git rm" in step

    def test_an_artifact_that_does_not_exist(self, team: Team) -> None:
        self.refused(team, SetupError, "does not exist", files=[team.iris / "none.bin"])

    def test_an_artifact_outside_the_models_folder(self, team: Team) -> None:
        write(team.iris / "model.yaml", FIRST)
        team.git("add", "models/iris/model.yaml")
        self.refused(
            team, SetupError, "is outside", folder=team.iris, files=[team.clone / "README.md"]
        )

    def test_a_folder_outside_the_repository(self, team: Team) -> None:
        write(team.folder / "elsewhere/m.bin", b"x")
        self.refused(team, SetupError, "outside the repository", new="iris",
                     files=[team.folder / "elsewhere/m.bin"])  # fmt: skip

    def test_a_folder_that_does_not_exist(self, team: Team) -> None:
        self.refused(team, SetupError, "there is no folder", folder=team.clone / "nope", files=[])

    def test_neither_a_folder_nor_a_file(self, team: Team) -> None:
        self.refused(team, UsageError, "which model", files=[])

    def test_a_folder_without_a_model_yaml(self, team: Team) -> None:
        self.refused(team, SetupError, "has no model.yaml")

    def test_a_model_without_artifacts(self, team: Team) -> None:
        write(team.iris / "model.yaml", FIRST.split("artifacts", maxsplit=1)[0])
        self.refused(team, SetupError, "names no artifacts")

    def test_a_name_with_a_line_break(self, team: Team) -> None:
        write(team.iris / "a\nb", b"x")
        self.refused(team, SetupError, "not a name that every system takes",
                     new="iris", files=[team.iris / "a\nb"])  # fmt: skip

    def test_a_folder_with_two_names_that_are_one_elsewhere(self, team: Team) -> None:
        write(team.iris / "w/A", b"x")
        write(team.iris / "w/a", b"y")
        self.refused(team, InvalidError, "one name on some systems",
                     new="iris", files=[team.iris / "w"])  # fmt: skip

    def test_an_empty_folder(self, team: Team) -> None:
        (team.iris / "empty").mkdir()
        self.refused(team, InvalidError, "at least one file",
                     new="iris", files=[team.iris / "empty"])  # fmt: skip

    def test_a_repository_without_dvc(self, team: Team) -> None:
        (team.clone / ".dvc").rename(team.folder / "away")
        self.refused(team, SetupError, "DVC is not set up", new="iris")

    def test_a_dvc_remote_that_cannot_be_written(self, team: Team) -> None:
        team.storage.rmdir()
        team.storage.write_text("a file where the folder was")
        before, shared = freeze(team.clone), freeze(team.origin)
        with pytest.raises(TransferError, match="DVC"):
            register_new(team)
        assert freeze(team.clone) == before
        assert freeze(team.origin) == shared

    def test_a_key_of_nobody(self, team: Team, home: Path, bob_key: Path) -> None:
        for file in (home / ".ssh").iterdir():
            file.unlink()
        step = self.refused(team, SetupError, "no SSH key to sign with", new="iris")
        assert "ssh-keygen" in step
        team.git("config", "gitreg.key", str(bob_key))
        self.refused(team, SetupError, "no key at hand is of a person in the policy", new="iris")

    def test_a_locked_agent(self, team: Team, home: Path, agent: Path, alice_key: Path) -> None:
        run("ssh-add", "-q", str(alice_key))
        alice_key.unlink()
        team.git("config", "gitreg.key", f"{alice_key}.pub")
        lock_agent(home)
        step = self.refused(team, SetupError, "could not sign", new="iris")
        assert "ssh-add -X" in step

    def test_a_wrong_key_file(self, team: Team, tmp_path: Path) -> None:
        team.git("config", "gitreg.key", str(write(tmp_path / "junk.pub", "not a key\n")))
        self.refused(team, SetupError, "is not an SSH public key", new="iris")

    def test_a_repository_that_is_no_registry(self, tmp_path: Path, alice_key: Path) -> None:
        repo = make_repository(tmp_path / "plain")
        file = write(repo / "m/model.bin", b"x")
        before = freeze(repo)
        with pytest.raises(SetupError, match="DVC is not set up") as caught:
            gitreg.open(repo).register(new="m", files=[file], version="1.0.0")
        assert "gitreg init" in str(caught.value.next_step)
        assert freeze(repo) == before

    def test_pending_records(self, team: Team) -> None:
        register_new(team, files=[team.model_file])
        registry = team.open()
        registry.promote("iris", stage="staging", publish=False)
        team.model_file.write_bytes(b"more")
        step = self.refused(team, SetupError, "records are pending", bump="minor")
        assert "gitreg push" in step


def lock_agent(home: Path) -> None:
    """Lock the running agent, as `ssh-add -x` does for a person who types a word."""
    script = write(home / "askpass", "#!/bin/sh\necho secret\n")
    script.chmod(0o755)
    env = {**os.environ, "SSH_ASKPASS": str(script), "SSH_ASKPASS_REQUIRE": "force"}
    subprocess.run(["ssh-add", "-x"], env=env, check=True, capture_output=True)


def test_a_repository_without_a_commit_is_refused(tmp_path: Path, alice_key: Path) -> None:
    run_git(tmp_path, "init", "--quiet", "repo")
    repo = tmp_path / "repo"
    init(gitreg.open(repo))
    run_git(repo, "checkout", "--quiet", "--orphan", "empty")
    file = write(repo / "models/iris/model.skops", b"x")
    with pytest.raises(SetupError, match="no commit yet"):
        gitreg.open(repo).register(new="iris", files=[file], version="1.0.0")


def test_a_detached_head_is_allowed_when_asked_for(team: Team) -> None:
    team.git("checkout", "--quiet", "--detach")
    main, head = team.git("rev-parse", "main"), team.git("rev-parse", "HEAD")
    done = register_new(team, detached=True)
    assert team.git("rev-parse", "main") == main
    assert team.git("rev-parse", "HEAD") == head
    assert run_git(team.origin, "rev-parse", "iris@v1.0.0^{commit}") == done.commit


def test_a_read_only_folder_is_told_before_anything_is_published(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path) != team.iris and real(path, mode)
    )
    before, shared = freeze(team.clone), freeze(team.origin)
    with pytest.raises(SetupError, match="cannot be written") as caught:
        register_new(team)
    assert "writable" in str(caught.value.next_step)
    assert freeze(team.clone) == before
    assert freeze(team.origin) == shared


def test_a_folder_in_the_place_of_a_file_is_told_before_anything_is_published(team: Team) -> None:
    write(team.iris / "model.yaml/inside", "a folder where the file should be")
    before, shared = freeze(team.clone), freeze(team.origin)
    with pytest.raises(SetupError, match=r"model\.yaml cannot be written"):
        register_new(team)
    assert freeze(team.clone) == before
    assert freeze(team.origin) == shared


def test_without_any_remote_the_ledger_here_is_the_registry(repo: Path, alice_key: Path) -> None:
    init(gitreg.open(repo))
    file = write(repo / "models/iris/model.skops", b"x")
    done = register(gitreg.open(repo), Request(new="iris", files=[file], version="1.0.0"))
    assert done.written.remote is None
    assert not done.written.pending
    (note,) = done.notes
    assert note.code == "artifacts.local"
    assert "refs/tags/iris@v1.0.0" in refs_of(repo)


def test_a_version_may_be_kept_here_and_leaves_no_tag(team: Team) -> None:
    shared, local = freeze(team.origin), ledger_length(team.clone)
    done = register(
        team.open(),
        Request(new="iris", files=[team.model_file], version="1.0.0"),
        publish=False,
    )
    assert done.written.pending
    assert freeze(team.origin) == shared
    assert freeze(team.storage) == {}
    assert ledger_length(team.clone) == local
    assert "refs/tags/iris@v1.0.0" not in refs_of(team.clone)
    assert "refs/gitreg/pending" in refs_of(team.clone)


def test_the_ledgers_copy_is_canonical_json(team: Team) -> None:
    register_new(team, metrics={"accuracy": 0.9})
    text = team.git("show", "gitreg-ledger:model.json")
    value = loads(text.encode())
    assert list(value) == sorted(value)
    assert json.loads(text) == value
