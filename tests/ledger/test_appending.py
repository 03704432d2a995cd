from __future__ import annotations

from pathlib import Path

import pytest

from gitreg.domain.canonical import dumps, sha256
from gitreg.errors import InvalidError, RefusedError
from gitreg.git.repository import Repository
from gitreg.ledger.appending import Appended, Draft, append
from gitreg.ledger.reading import read_ledger
from gitreg.ledger.verified import Ledger
from gitreg.value import replace
from tests.fixtures import Team, freeze, run_git, signer_of

TIME = 1_800_000_000


@pytest.fixture
def repository(team: Team) -> Repository:
    return Repository.discover(team.clone)


@pytest.fixture
def ledger(repository: Repository, team: Team) -> Ledger:
    return read_ledger(repository, team.git("rev-parse", "gitreg-ledger"))


def register(team: Team, *, model: str = "iris", version: str = "1.0.0") -> Draft:
    artifact = {"path": "m", "role": "model", "sha256": "a" * 64, "md5": "b" * 32, "size": 1}
    value = {
        "schema": "gitreg/model/v1",
        "name": model,
        "version": version,
        "artifacts": [artifact],
    }
    data = dumps(value)
    return Draft(
        action="register",
        object=team.git("rev-parse", "main"),
        fields={
            "model": model,
            "version": version,
            "path": f"models/{model}",
            "manifest": sha256(data),
        },
        files={"model.json": data},
    )


def test_a_record_continues_the_ledger(
    team: Team, repository: Repository, ledger: Ledger, alice_key: Path
) -> None:
    tip, root = ledger.tip, ledger.root
    appended = append(repository, ledger, register(team), signer_of(alice_key))
    assert (appended.record.index, appended.record.prev) == (1, root)
    assert ledger.tip == appended.commit
    assert run_git(team.clone, "rev-parse", f"{appended.commit}^@") == tip


def test_a_reader_accepts_what_was_written(
    team: Team, repository: Repository, ledger: Ledger, alice_key: Path
) -> None:
    for version in ("1.0.0", "1.1.0"):
        append(repository, ledger, register(team, version=version), signer_of(alice_key))
    read = read_ledger(repository, ledger.tip)
    assert read.records == ledger.records
    assert read.void == []


def test_no_ref_changes(
    team: Team, repository: Repository, ledger: Ledger, alice_key: Path
) -> None:
    before = freeze(team.clone)
    append(repository, ledger, register(team), signer_of(alice_key))
    assert freeze(team.clone) == before


def test_its_objects_are_sound(
    team: Team, repository: Repository, ledger: Ledger, alice_key: Path
) -> None:
    appended = append(repository, ledger, register(team), signer_of(alice_key))
    team.git("fsck", "--strict", appended.commit, appended.tag_object)
    assert team.git("ls-tree", "--name-only", appended.commit).split() == ["model.json", "record"]
    assert team.git("cat-file", "-t", appended.tag_object) == "tag"


def test_the_tag_and_the_record_are_the_same_bytes(
    team: Team, repository: Repository, ledger: Ledger, alice_key: Path
) -> None:
    appended = append(repository, ledger, register(team), signer_of(alice_key))
    tag = team.git("cat-file", "tag", appended.tag_object)
    assert tag == team.git("cat-file", "blob", f"{appended.commit}:record")
    assert appended.tag_ref == "refs/tags/iris@v1.0.0"


def test_a_record_without_a_tag_stores_none(
    team: Team, repository: Repository, ledger: Ledger, alice_key: Path
) -> None:
    draft = register(team)
    append(repository, ledger, draft, signer_of(alice_key))
    fields = {"model": "iris", "version": "1.0.0"}
    deprecated = Draft(action="deprecate", object=draft.object, fields=fields)
    appended = append(repository, ledger, deprecated, signer_of(alice_key))
    assert appended.tag_ref is None
    with repository.reader() as reader:
        assert reader.read_one(appended.tag_object) is None


class TestTime:
    def written(
        self, team: Team, ledger: Ledger, key: Path, *, time: int, model: str = "iris"
    ) -> Appended:
        version = f"1.{len(ledger.records)}.0"
        draft = register(team, model=model, version=version)
        repository = Repository.discover(team.clone)
        return append(repository, ledger, draft, signer_of(key, time=time))

    def test_it_is_the_clocks(self, team: Team, ledger: Ledger, alice_key: Path) -> None:
        appended = self.written(team, ledger, alice_key, time=TIME)
        assert appended.record.tagger.time == TIME

    def test_a_clock_that_went_back_does_not_reorder_a_model(
        self, team: Team, ledger: Ledger, alice_key: Path
    ) -> None:
        self.written(team, ledger, alice_key, time=TIME)
        later = self.written(team, ledger, alice_key, time=TIME - 999)
        assert later.record.tagger.time == TIME + 1

    def test_another_models_records_do_not_matter(
        self, team: Team, ledger: Ledger, alice_key: Path
    ) -> None:
        self.written(team, ledger, alice_key, time=TIME)
        other = self.written(team, ledger, alice_key, time=TIME - 999, model="rose")
        assert other.record.tagger.time == TIME - 999


class TestRefusals:
    def test_a_rule_is_named_with_what_to_do(
        self, team: Team, repository: Repository, ledger: Ledger, alice_key: Path
    ) -> None:
        append(repository, ledger, register(team), signer_of(alice_key))
        with pytest.raises(RefusedError) as caught:
            append(repository, ledger, register(team), signer_of(alice_key))
        assert caught.value.rule == "new-version"
        assert caught.value.next_step == "take the next one: --bump patch"

    def test_a_strangers_key_is_refused(
        self, team: Team, repository: Repository, ledger: Ledger, bob_key: Path
    ) -> None:
        with pytest.raises(RefusedError, match="nobody in the policy") as caught:
            append(repository, ledger, register(team), signer_of(bob_key))
        assert caught.value.rule == "signer"
        assert "--key FILE" in str(caught.value.next_step)

    def test_a_refusal_leaves_the_ledger_as_it_was(
        self, team: Team, repository: Repository, ledger: Ledger, bob_key: Path
    ) -> None:
        tip, records, before = ledger.tip, list(ledger.records), team.git("count-objects")
        with pytest.raises(RefusedError):
            append(repository, ledger, register(team), signer_of(bob_key))
        assert (ledger.tip, list(ledger.records)) == (tip, records)
        assert team.git("count-objects") == before

    def test_a_file_that_no_reader_takes_is_refused(
        self, team: Team, repository: Repository, ledger: Ledger, alice_key: Path
    ) -> None:
        draft = replace(register(team), files={"model.json": bytes((1 << 20) + 1)})
        with pytest.raises(InvalidError, match="a record carries at most"):
            append(repository, ledger, draft, signer_of(alice_key))
