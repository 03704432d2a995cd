"""Before a merge: what would become of it, told without a key and without a trace."""

from __future__ import annotations

import shutil
from pathlib import Path

import joblib
from sklearn.base import BaseEstimator, ClassifierMixin

import gitreg
from gitreg.registry.ci_check import check
from gitreg.registry.ci_sync import sync
from gitreg.registry.policy import apply_policy
from tests.fixtures import Cli, Team, ledger_length, refs_of, write
from tests.merging import (
    BETTER,
    GOOD,
    ci_clone,
    commit,
    prepare_iris,
    push,
    want,
)


def test_a_stranger_without_a_key_is_told_what_the_bot_would_do(
    merging: Team, cli: Cli, home: Path
) -> None:
    prepare_iris(merging, GOOD, "1.0.0")
    want(merging, "production", "1.0.0", 1)
    push(merging)
    shutil.rmtree(home / ".ssh")
    cli.folder = ci_clone(merging)
    origin, clone = refs_of(merging.origin), refs_of(cli.folder)

    ran = cli.ok("ci", "check")

    assert "register iris 1.0.0: would be done" in ran.out
    assert "promote iris 1.0.0 to production: would be done" in ran.out
    assert (refs_of(merging.origin), refs_of(cli.folder)) == (origin, clone)


def test_a_look_leaves_the_registry_as_it_was(merging: Team) -> None:
    prepare_iris(merging, GOOD, "1.0.0")
    registry, length = merging.open(), ledger_length(merging.clone)
    found = check(registry)
    assert [item.verdict for item in found.versions[0].outcomes] == ["done", "done"]
    assert len(registry) == 0
    assert ledger_length(merging.clone) == length
    assert gitreg.open(merging.clone).verify(deep=True).ok


def test_the_rights_of_the_person_named_count(merging: Team, cli: Cli, bob_key: Path) -> None:
    file = merging.clone / "gitreg.yaml"
    bob = bob_key.with_suffix(".pub").read_text().strip()
    file.write_text(file.read_text().replace("people:\n", f'people:\n  bob: {{keys: ["{bob}"]}}\n'))
    apply_policy(merging.open())
    prepare_iris(merging, GOOD, "1.0.0")
    cli.folder = merging.clone
    cli.ok("ci", "check", "--as", "alice")
    ran = cli("ci", "check", "--as", "bob")
    assert ran.code == 1
    assert "would be refused: bob may not register iris" in ran.out
    assert "the policy has no person carol" in cli.no("ci", "check", "--as", "carol")


def test_only_the_models_that_are_named_are_checked(merging: Team, cli: Cli) -> None:
    prepare_iris(merging, GOOD, "1.0.0")
    cli.folder = merging.clone
    assert len(cli.ok("ci", "check", "iris", "--json").json["versions"]) == 1
    assert cli.ok("ci", "check", "other", "--json").json["versions"] == []


def test_a_model_without_a_data_set_is_registered_unmeasured(merging: Team) -> None:
    text = (merging.iris / "model.yaml").read_text()
    write(merging.iris / "model.yaml", text.replace("  dataset: data/test.csv\n", ""))
    prepare_iris(merging, GOOD, "1.0.0")
    found = check(merging.open())
    assert found.ok
    assert [item.code for item in found.versions[0].findings][-1] == "evaluate.none"


def test_a_data_set_that_is_not_the_one_of_model_yaml_fails(merging: Team) -> None:
    text = (merging.iris / "model.yaml").read_text()
    digest = f"  dataset: data/test.csv\n  sha256: {'ab' * 32}\n"
    write(merging.iris / "model.yaml", text.replace("  dataset: data/test.csv\n", digest))
    prepare_iris(merging, GOOD, "1.0.0")
    found = check(merging.open())
    assert not found.ok
    assert "has changed" in found.versions[0].findings[-1].what


def test_two_versions_of_one_change_are_each_measured(merging: Team) -> None:
    prepare_iris(merging, GOOD, "1.0.0")
    prepare_iris(merging, BETTER, "1.1.0")
    want(merging, "production", "1.1.0", 1)
    found = check(merging.open())
    assert [(item.version, item.evaluation is not None) for item in found.versions] == [
        ("1.0.0", True),
        ("1.1.0", True),
    ]
    assert sync(merging.open()).outcomes[0].verdict == "done"


class Bad(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A model that fails when it is asked."""

    classes_ = (0, 1, 2)

    def predict(self, _rows: object) -> object:
        raise RuntimeError("no flower")


def test_a_model_that_fails_is_a_finding_and_nothing_is_signed(merging: Team) -> None:
    file = merging.clone / "gitreg.yaml"
    file.write_text(
        file.read_text().replace("    register:", "    allow_pickle: true\n    register:")
    )
    apply_policy(merging.open())
    joblib.dump(Bad(), merging.iris / "model.joblib")
    text = (merging.iris / "model.yaml").read_text()
    text = text.replace("model.skops, role: model, format: skops", "model.joblib, role: model")
    write(merging.iris / "model.yaml", text.replace("0.0.0", "1.0.0"))
    commit(merging, "A bad one")
    merging.git("rm", "--quiet", "--cached", "models/iris/model.joblib")
    prepare_iris(merging, GOOD, "1.0.0")

    found = check(merging.open())

    assert not found.ok
    (version,) = found.versions
    (failed,) = [item for item in version.findings if item.code == "evaluate.failed"]
    assert "no flower" in failed.what
    assert version.evaluation is None
    assert [item.action for item in version.outcomes] == ["register"]
