from __future__ import annotations

from pathlib import Path

import pytest

import gitreg
from gitreg.errors import NotFoundError, RefusedError, UsageError
from gitreg.registry.init import init
from gitreg.signing import read_public_key
from tests.fixtures import Team, freeze, refs_of, run_git, write


def test_a_version_enters_a_stage_and_its_tag_is_published(released: Team) -> None:
    done = released.open().promote("iris@1.1.0", stage="production", reason="better, é")
    (record,) = done.records
    assert (record.seq, record.replaces, record.reason) == (2, "1.0.0", "better, é")
    assert done.remote == "origin"
    tag = refs_of(released.origin)["refs/tags/iris#production#2"]
    assert tag == released.git("rev-parse", "iris#production#2")
    assert "Reason: better, é\n" in released.git("cat-file", "tag", tag)
    assert run_git(released.origin, "rev-parse", "iris#production#2^{commit}") == released.git(
        "rev-parse", "iris@v1.1.0^{commit}"
    )


def test_a_version_that_holds_the_stage_is_not_promoted_again(released: Team) -> None:
    before = freeze(released.clone)
    assert released.open().promote("iris@1.0.0", stage="production").records == ()
    assert freeze(released.clone) == before


def test_a_stage_comes_after_another(released: Team) -> None:
    released.model_file.write_bytes(b"third")
    registry = released.open()
    registry.register(released.iris, bump="minor")
    before, shared = freeze(released.clone), freeze(released.origin)
    with pytest.raises(RefusedError, match="staging") as caught:
        registry.promote("iris@1.2.0", stage="production")
    assert (caught.value.rule, caught.value.next_step) == ("after", "promote it there first")
    assert freeze(released.clone) == before
    assert freeze(released.origin) == shared


@pytest.mark.parametrize("stage", ["Production", "a b", "--help", "", "3", "x" * 41])
def test_a_stage_outside_the_grammar_is_refused(released: Team, stage: str) -> None:
    with pytest.raises(UsageError, match="not a stage name"):
        released.open().promote("iris", stage=stage)


def test_a_stage_that_the_policy_does_not_have_is_refused(released: Team) -> None:
    with pytest.raises(RefusedError) as caught:
        released.open().promote("iris", stage="moon")
    assert caught.value.rule in {"stage", "right"}


def test_a_reason_is_one_plain_line(released: Team) -> None:
    with pytest.raises(UsageError, match="the reason"):
        released.open().promote("iris", stage="production", reason="a\nb")


def test_a_yanked_version_enters_no_stage(released: Team) -> None:
    registry = released.open()
    registry.yank("iris@1.1.0", vacate=True)
    with pytest.raises(NotFoundError, match="is yanked"):
        registry.promote("iris@1.1.0", stage="staging")


def test_a_rollback_gives_the_stage_back(released: Team) -> None:
    registry = released.open()
    registry.promote("iris@1.1.0", stage="production")
    (record,) = registry.rollback("iris", stage="production", reason="drift").records
    assert (record.version, record.replaces, record.seq) == ("1.0.0", "1.1.0", 3)
    assert registry["iris@production"].version == "1.0.0"


def test_a_rollback_needs_an_earlier_holder(released: Team) -> None:
    with pytest.raises(RefusedError, match=r"before 1\.0\.0") as caught:
        released.open().rollback("iris", stage="production")
    assert caught.value.rule == "rollback"
    assert "gitreg vacate" in str(caught.value.next_step)


def test_an_empty_stage_is_not_rolled_back(released: Team) -> None:
    registry = released.open()
    registry.vacate("iris", stage="production")
    with pytest.raises(RefusedError, match="is empty"):
        registry.rollback("iris", stage="production")
    with pytest.raises(RefusedError, match="is empty"):
        registry.rollback("iris", stage="canary")


def test_a_stranger_may_not_promote(released: Team, bob_key: Path) -> None:
    with pytest.raises(gitreg.GitregError, match="no key at hand is of a person"):
        released.open().promote("iris@1.1.0", stage="production", key=bob_key)


def test_a_person_without_the_right_is_told_who_has_it(
    repo: Path, alice_key: Path, bob_key: Path
) -> None:
    text = f"""\
gitreg: 1
people:
  alice: {{keys: ["{read_public_key(alice_key)}"]}}
  bob: {{keys: ["{read_public_key(bob_key)}"]}}
root: {{by: [alice], threshold: 1}}
models:
  "*": {{register: [alice], stages: {{staging: {{promote: [bob], gates:
    [{{metric: accuracy, min: 0.9}}]}}}}}}
"""
    write(repo / "gitreg.yaml", text)
    init(gitreg.open(repo))
    registry = gitreg.open(repo)
    file = write(repo / "models/m/m.bin", b"x")
    registry.register(new="m", files=[file], version="1.0.0", metrics={"accuracy": 0.5})
    with pytest.raises(RefusedError) as caught:
        registry.promote("m", stage="staging")
    assert caught.value.rule == "right"
    with pytest.raises(RefusedError, match="accuracy") as gated:
        registry.promote("m", stage="staging", key=bob_key)
    assert gated.value.rule == "gates"


def test_a_decision_that_somebody_overtook_is_off(
    released: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gitreg.ledger import sharing

    other = gitreg.open(released.colleague())
    real = sharing.publish
    raced: list[bool] = []

    def publish(*arguments: object) -> None:
        if not raced:
            raced.append(True)
            monkeypatch.setattr(sharing, "publish", real)
            other.promote("iris@1.1.0", stage="production")
        real(*arguments)  # type: ignore[arg-type]

    registry = released.open()
    released.model_file.write_bytes(b"third")
    registry.register(released.iris, bump="minor")
    registry.promote("iris@1.2.0", stage="staging")
    other.refresh()
    monkeypatch.setattr(sharing, "publish", publish)
    with pytest.raises(RefusedError, match=r"meanwhile 1\.1\.0 was given the stage") as caught:
        registry.promote("iris@1.2.0", stage="production")
    assert caught.value.rule == "replaces"
    assert released.open().verify().ok


def test_another_record_that_came_first_does_not_stop_a_promotion(
    released: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gitreg.ledger import sharing

    other = gitreg.open(released.colleague())
    real = sharing.publish

    def publish(*arguments: object) -> None:
        monkeypatch.setattr(sharing, "publish", real)
        other.deprecate("iris@1.0.0")
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sharing, "publish", publish)
    (record,) = released.open().promote("iris@1.1.0", stage="production").records
    assert record.index == 7
    assert [item.record.action for item in released.open().ledger.records[6:]] == [
        "deprecate",
        "promote",
    ]


def test_a_version_whose_commit_is_not_here_is_promoted_too(released: Team) -> None:
    other = gitreg.open(released.colleague())
    released.model_file.write_bytes(b"third")
    released.open().register(released.iris, bump="minor")
    done = other.promote("iris@1.2.0", stage="staging")
    assert done.remote == "origin"
    assert other.vacate("iris", stage="staging").records
    run_git(released.folder / "colleague", "fsck", "--connectivity-only")
    assert gitreg.open(released.origin).verify(deep=True).findings == ()
