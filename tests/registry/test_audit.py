from __future__ import annotations

import zlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import gitreg
from gitreg.domain.audit import Audit
from gitreg.domain.moment import iso_time
from gitreg.errors import NotFoundError, SetupError, UntrustedError, UsageError
from gitreg.ledger import BRANCH
from gitreg.registry.audit import write_html
from gitreg.registry.policy import apply_policy
from tests.fixtures import Team, add_junk, run_git, write


def today() -> date:
    return datetime.now(UTC).date()


def held(audit: Audit) -> dict[str, list[str]]:
    return {
        stage: [tenure.version for tenure in tenures]
        for (_, stage), tenures in audit.stages.items()
    }


def test_an_audit_tells_what_was_held_and_which_bytes(released: Team) -> None:
    registry = released.open()
    audit = registry.audit(model="iris", since=date(2020, 1, 1))
    assert held(audit) == {"production": ["1.0.0"], "staging": ["1.0.0", "1.1.0"]}
    newest = audit.stages["iris", "staging"][-1]
    entry = registry.state.version("iris", "1.1.0")
    assert entry is not None
    assert newest.artifacts == tuple(registry["iris@1.1.0"].artifacts)
    assert (newest.commit, newest.manifest) == (entry.commit, entry.manifest)
    assert {artifact.path for artifact in newest.artifacts} == {"model.skops", "weights"}


def test_an_audit_names_the_registry_and_the_last_record(released: Team) -> None:
    registry = released.open()
    proof = registry.verify()
    audit = registry.audit()
    assert (audit.root, audit.registry) == (proof.root, proof.registry)
    assert str(audit.checkpoint) == f"{proof.head_index}:sha256:{proof.head}"
    assert audit.findings == []
    assert audit.source is None  # a path here says nothing to others


def test_a_policy_comes_with_the_text_that_was_signed(released: Team) -> None:
    text = (released.clone / "gitreg.yaml").read_text()
    (policy,) = released.open().audit().policies
    assert (policy.text, policy.signed.person) == (text, "alice")


def test_the_state_goes_by_a_day_or_by_a_record(released: Team) -> None:
    registry = released.open()
    assert held(registry.audit(at=today())) == {"production": ["1.0.0"], "staging": ["1.1.0"]}
    assert held(registry.audit(at_record=3)) == {"production": ["1.0.0"], "staging": ["1.0.0"]}
    assert held(registry.audit(at="2020-01-01")) == {}


def test_a_url_needs_no_clone_and_its_login_is_not_told(released: Team) -> None:
    audit = gitreg.open(released.url).audit(stage="production")
    assert held(audit) == {"production": ["1.0.0"]}
    assert audit.source == released.url
    released.git("remote", "set-url", "origin", "https://ci:secret@git.example.org/x.git")
    assert released.open().audit().source == "https://git.example.org/x.git"


def test_void_records_are_listed_where_they_stand_and_change_nothing(released: Team) -> None:
    before = released.open().audit()
    add_junk(released.clone)
    registry = released.open()
    audit = registry.audit()
    assert audit.tenures == before.tenures
    (void,) = audit.void
    assert (void.after, void.rule) == (len(registry.ledger.records) - 1, "commit")
    assert registry.audit(until_record=3).void == []
    assert registry.audit(since="2999-01-01").void == [void]


def test_a_void_record_from_before_the_span_is_not_of_it(released: Team) -> None:
    add_junk(released.clone)
    registry = released.open()
    registry.deprecate("iris@1.0.0", publish=False)
    released.git("update-ref", BRANCH, run_git(released.clone, "rev-parse", "refs/gitreg/pending"))
    again = released.open()
    last = again.ledger.records[-1].record.tagger.time
    assert len(again.audit(since=iso_time(last)).void) == 1
    assert again.audit(since=iso_time(last + 1)).void == []


def test_a_clone_that_is_behind_says_so_unless_the_span_is_over(released: Team) -> None:
    old = released.git("rev-parse", BRANCH)
    registry = released.open()
    registry.deprecate("iris@1.0.0")
    for ref in (BRANCH, "refs/remotes/origin/gitreg-ledger"):
        released.git("update-ref", ref, old)
    behind = released.open()
    assert [finding.code for finding in behind.audit().findings] == ["behind"]
    assert behind.audit(until="2020-01-01").findings == []
    assert behind.audit(at_record=3).findings == []


@pytest.mark.parametrize(
    ("asked", "said", "next_step"),
    [
        ({"model": "irsi"}, "there is no model irsi", "gitreg list"),
        ({"model": "fraud/*"}, "there is no model fraud/", "gitreg list"),
        ({"stage": "prod"}, "there never was a stage prod of any model", "staging, production"),
        ({"model": "iris", "stage": "prod"}, "a stage prod of iris", "staging, production"),
        ({"at_record": 99}, "there is no record 99", "records 0 to 5"),
        ({"until_record": -1}, "there is no record -1", "records 0 to 5"),
    ],
)
def test_a_name_that_was_never_there_is_no_empty_answer(
    released: Team, asked: dict[str, str], said: str, next_step: str
) -> None:
    with pytest.raises(NotFoundError, match=said) as caught:
        released.open().audit(**asked)  # type: ignore[arg-type]
    assert next_step in str(caught.value.next_step)


def test_a_stage_that_a_later_policy_took_away_can_still_be_asked_for(released: Team) -> None:
    file = released.clone / "gitreg.yaml"
    file.write_text(file.read_text().replace("      staging: ", "      trial: "))
    file.write_text(file.read_text().replace("after: staging, ", ""))
    apply_policy(released.open())
    audit = released.open().audit(stage="staging")
    assert held(audit) == {"staging": ["1.0.0", "1.1.0"]}
    assert any("staging" in line for line in audit.policies[-1].changes)


def test_what_makes_no_sense_is_refused(released: Team) -> None:
    with pytest.raises(UsageError):
        released.open().audit(at="2026-01-01", since="2025-01-01")


@pytest.mark.parametrize("data", [None, b"{}"])
def test_what_changed_on_disk_since_it_was_verified_is_not_told(
    released: Team, data: bytes | None
) -> None:
    registry = released.open()
    commit = registry.proof.records[1].commit
    blob = released.git("rev-parse", f"{commit}:model.json")
    file = released.clone / ".git/objects" / blob[:2] / blob[2:]
    file.unlink()
    if data is not None:
        file.write_bytes(zlib.compress(b"blob %d\0%b" % (len(data), data)))
    with pytest.raises(UntrustedError, match=r"model\.json of record 1 is not what was signed"):
        registry.audit()


class TestReport:
    def test_the_same_question_gives_the_same_bytes(self, released: Team, tmp_path: Path) -> None:
        first, second = tmp_path / "new/first.html", tmp_path / "second.html"
        write_html(released.open().audit(), first)
        write_html(gitreg.open(released.clone).audit(), second)
        assert first.read_bytes() == second.read_bytes()
        assert b"iris 1.1.0 in staging" in first.read_bytes()

    def test_a_report_is_written_whole_or_not_at_all(
        self, released: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        page = write(tmp_path / "page.html", "the last one")
        audit = released.open().audit()

        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", fail)
        with pytest.raises(SetupError, match="No space left"):
            write_html(audit, page)
        assert page.read_text() == "the last one"
        assert list(tmp_path.glob("*page*")) == [page]

    @pytest.mark.parametrize("name", ["", "/dev/null"])
    def test_what_is_no_file_is_left_alone(self, released: Team, tmp_path: Path, name: str) -> None:
        with pytest.raises(SetupError, match="is not a file"):
            write_html(released.open().audit(), tmp_path / name)
        assert Path("/dev/null").is_char_device()
