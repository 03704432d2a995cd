from __future__ import annotations

from pathlib import Path

import pytest

import gitreg
from gitreg.domain.canonical import dumps, sha256
from gitreg.domain.finding import Finding
from gitreg.ledger.appending import Draft
from gitreg.registry.api import Registry
from tests.fixtures import Team, add_junk, forge, freeze, run_git


def findings(registry: Registry, **how: bool) -> list[tuple[str, str]]:
    return [(item.severity, item.code) for item in registry.verify(**how).findings]


def test_a_sound_registry_has_no_findings(released: Team) -> None:
    proven = released.open().verify(deep=True, artifacts=True)
    assert proven.ok
    assert proven.findings == ()
    assert (proven.valid, proven.void, proven.models, proven.versions) == (6, 0, 1, 2)
    assert proven.people == {"alice": 6}
    assert proven.artifacts == 4
    assert proven.head_index == 5
    assert proven.root == released.open().ledger.root


def test_verifying_changes_nothing(released: Team) -> None:
    before = freeze(released.clone)
    released.open().verify(deep=True, artifacts=True)
    assert freeze(released.clone) == before


class TestTags:
    def test_a_deleted_one_is_a_warning_in_a_clone(self, released: Team) -> None:
        released.git("tag", "-d", "iris@v1.0.0")
        proven = released.open().verify()
        assert proven.ok
        assert [item.code for item in proven.findings] == ["tag.missing"]

    def test_a_deleted_one_is_an_error_on_a_server(self, released: Team) -> None:
        run_git(released.origin, "tag", "-d", "iris@v1.0.0")
        assert findings(gitreg.open(released.origin)) == [("error", "tag.missing")]

    def test_a_moved_one_is_an_error(self, released: Team) -> None:
        released.git("tag", "-f", "-a", "-m", "moved", "iris@v1.0.0", "main")
        assert findings(released.open()) == [("error", "tag.moved")]

    def test_a_lightweight_one_is_an_error(self, released: Team) -> None:
        released.git("tag", "-f", "iris@v1.0.0", "iris@v1.0.0^{commit}")
        assert findings(released.open()) == [("error", "tag.moved")]

    def test_a_copied_tag_object_is_an_error(self, released: Team) -> None:
        released.git("update-ref", "refs/tags/iris#production#8", "iris#production#1")
        (finding,) = released.open().verify().findings
        assert (finding.severity, finding.code) == ("error", "tag.unknown")
        assert "iris#production#8" in finding.where

    @pytest.mark.parametrize("name", ["iris@v9.9.9", "iris#staging#7", "iris#staging", "iris@x"])
    def test_an_unknown_one_of_a_model_is_an_error(self, released: Team, name: str) -> None:
        released.git("tag", name)
        assert findings(released.open()) == [("error", "tag.unknown")]

    @pytest.mark.parametrize("name", ["otherpkg@v3.0.0", "v1.0.0", "iris", "iris-2@v1.0.0"])
    def test_those_of_other_packages_are_left_alone(self, released: Team, name: str) -> None:
        released.git("tag", name)
        assert findings(released.open()) == []

    def test_a_branch_named_like_one_changes_nothing(self, released: Team) -> None:
        released.git("branch", "iris@v1.0.0")
        released.git("branch", "iris@v7.0.0")
        assert findings(released.open()) == []

    def test_they_are_not_compared_where_only_the_ledger_was_fetched(self, released: Team) -> None:
        run_git(released.origin, "tag", "-d", "iris@v1.0.0")
        assert findings(gitreg.open(released.url)) == []


class TestVoidRecords:
    def test_junk_is_reported_and_stops_nobody(self, released: Team) -> None:
        add_junk(released.origin)
        registry = released.open()
        (record,) = registry.deprecate("iris@1.0.0").records
        assert record.index == 6
        proven = released.open().verify()
        assert (proven.ok, proven.valid, proven.void) == (True, 7, 1)
        (finding,) = proven.findings
        assert (finding.severity, finding.code) == ("warning", "void.commit")

    def test_a_strangers_record_is_reported_and_changes_nothing(
        self, released: Team, bob_key: Path
    ) -> None:
        entry = released.open()["iris@1.0.0"].entry
        fields = {"model": "iris", "version": "1.0.0"}
        forge(released.origin, Draft(action="yank", object=entry.commit, fields=fields), bob_key)
        registry = released.open()
        registry.deprecate("iris@1.1.0")
        registry = released.open()
        assert registry["iris@production"].version == "1.0.0"
        (finding,) = registry.verify().findings
        assert finding.code == "void.signer"

    def test_a_record_that_breaks_a_rule_is_void(self, released: Team, alice_key: Path) -> None:
        entry = released.open()["iris@1.0.0"].entry
        fields = {"model": "iris", "version": "1.0.0"}
        forge(released.origin, Draft(action="yank", object=entry.commit, fields=fields), alice_key)
        released.git("fetch", "--quiet")
        assert findings(released.open()) == [("warning", "void.free")]

    def test_a_record_in_a_commit_of_another_shape_is_void(self, released: Team) -> None:
        tree = run_git(released.origin, "rev-parse", "gitreg-ledger^{tree}")
        commit = run_git(released.origin, "commit-tree", tree, "-p", "gitreg-ledger", "-m", "again")
        run_git(released.origin, "update-ref", "refs/heads/gitreg-ledger", commit)
        released.git("fetch", "--quiet")
        assert findings(released.open()) == [("warning", "void.commit")]

    def test_a_record_replaced_by_a_wrong_signature_is_void(self, released: Team) -> None:
        from gitreg.git.repository import Repository
        from tests.fixtures import store_tree

        repository = Repository.discover(released.origin)
        record = run_git(released.origin, "show", "gitreg-ledger:record") + "\n"
        swapped = record.replace("Deprecate", "Depreciate").replace("alice@", "malice@")
        tree = store_tree(repository, {"record": swapped.encode()})
        commit = run_git(released.origin, "commit-tree", tree, "-p", "gitreg-ledger", "-m", "x")
        run_git(released.origin, "update-ref", "refs/heads/gitreg-ledger", commit)
        released.git("fetch", "--quiet")
        assert findings(released.open()) == [("warning", "void.signature")]


class TestCommits:
    def register_forged(self, team: Team, key: Path, path: str, *, commit: str) -> None:
        value = {
            "schema": "gitreg/model/v1",
            "name": "iris",
            "version": "1.0.0",
            "artifacts": [
                {"path": "m", "role": "model", "sha256": "a" * 64, "md5": "b" * 32, "size": 1}
            ],
        }
        data = dumps(value)
        fields = {"model": "iris", "version": "1.0.0", "path": path, "manifest": sha256(data)}
        draft = Draft(action="register", object=commit, fields=fields, files={"model.json": data})
        forge(team.clone, draft, key)
        tag = team.open().record(1).record.tag_object_id()
        team.git("update-ref", "refs/tags/iris@v1.0.0", tag)

    def only(self, team: Team) -> Finding:
        assert team.open().verify().ok
        (finding,) = team.open().verify(deep=True).findings
        assert (finding.severity, finding.code) == ("error", "commit.differs")
        return finding

    def test_one_without_a_model_yaml_differs(self, team: Team, alice_key: Path) -> None:
        self.register_forged(team, alice_key, "models/iris", commit=team.git("rev-parse", "main"))
        assert "has no models/iris/model.yaml" in self.only(team).what

    @pytest.mark.parametrize(
        ("text", "what"),
        [("name: rose\n", "does not say what was signed"), ("a: [\n", "cannot be read")],
    )
    def test_one_that_says_something_else_differs(
        self, team: Team, alice_key: Path, text: str, what: str
    ) -> None:
        (team.clone / "model.yaml").write_text(text)
        team.git("add", "model.yaml")
        team.git("commit", "--quiet", "--message", "Say something else")
        self.register_forged(team, alice_key, ".", commit=team.git("rev-parse", "main"))
        assert what in self.only(team).what

    def test_one_that_is_not_here_is_told(self, released: Team) -> None:
        run_git(released.folder, "clone", "--quiet", "--no-tags", "--single-branch", "--branch",
                "gitreg-ledger", released.url, "narrow")  # fmt: skip
        registry = gitreg.open(released.folder / "narrow")
        codes = [item.code for item in registry.verify(deep=True).findings]
        assert codes.count("commit.differs") == 2

    def test_they_are_fetched_for_a_registry_opened_from_a_url(self, released: Team) -> None:
        assert gitreg.open(released.url).verify(deep=True).findings == ()

    def test_one_that_the_remote_lacks_is_told(self, released: Team) -> None:
        for tag in run_git(released.origin, "tag").splitlines():
            run_git(released.origin, "tag", "-d", tag)
        codes = findings(gitreg.open(released.url), deep=True)
        assert codes == [("error", "commit.differs")] * 2


class TestArtifacts:
    def what(self, team: Team) -> str:
        (finding,) = team.open().verify(artifacts=True).findings
        assert (finding.severity, finding.code) == ("error", "artifact.differs")
        assert "iris 1.0.0, model.skops" in finding.where
        return finding.what

    @pytest.mark.parametrize(
        ("change", "what"),
        [
            (lambda data: b"X" + data[1:], "its sha256 is not the signed one"),
            (lambda data: data + b"more", "it has more than the 1600 signed bytes"),
            (lambda data: data[:-9], "it has 1591 of the 1600 signed bytes"),
            (lambda _: b"", "it has 0 of the 1600 signed bytes"),
        ],
    )
    def test_other_bytes_are_an_error(self, released: Team, change: object, what: str) -> None:
        stored = released.stored("iris@1.0.0")
        stored.chmod(0o644)
        stored.write_bytes(change(stored.read_bytes()))  # type: ignore[operator]
        assert what in self.what(released)

    def test_missing_bytes_are_an_error(self, released: Team) -> None:
        released.stored("iris@1.0.0").unlink()
        assert "it is missing" in self.what(released)

    def test_a_registry_afar_reads_them_too(self, released: Team) -> None:
        assert gitreg.open(released.url).verify(artifacts=True).artifacts == 4

    def test_a_registry_without_artifacts_reads_none(self, team: Team) -> None:
        assert team.open().verify(artifacts=True).artifacts == 0
