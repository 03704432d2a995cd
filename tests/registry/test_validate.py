"""Validation of registered versions: examples and checks as their commit has them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gitreg import yaml12
from gitreg.domain.model import ModelDocument
from gitreg.errors import NotFoundError
from gitreg.formats import ModelFile
from gitreg.formats.isolated import Limits
from gitreg.registry.policy import apply_policy
from gitreg.registry.validate import Request, validate, validate_version
from gitreg.validation.outcome import Validation
from tests.cli.test_json_shapes import check_shape
from tests.fixtures import Cli, Team
from tests.validation.subjects import X, Y, good_model, only, pickled, verdicts

QUICK = Request(limits=Limits(seconds=20.0))
_MODEL = """\
schema: gitreg/model/v1
name: iris
version: 0.0.0
license: Apache-2.0
signature:
  inputs: [{name: x, datatype: FP64, shape: [-1, 2]}]
  outputs: [{name: label, datatype: INT64, shape: [-1]}]
"""
_EXAMPLES = {"inputs": {"x": X.tolist()}, "outputs": {"label": Y.tolist()}}
_CHECKS = """\
from shared import limit

def few(predict, inputs, metadata):
    labels = predict(inputs)["prediction"]
    if labels.max() < limit:
        return [f"{metadata['name']} has {len(labels)} labels below {limit}"]
"""


def register(team: Team, validation: str, *, examples: object = _EXAMPLES) -> None:
    """Commit examples and checks, then register a model that names them."""
    (team.iris / "examples.json").write_text(json.dumps(examples))
    (team.iris / "team_checks.py").write_text(_CHECKS)
    (team.clone / "shared.py").write_text("limit = 2\n")
    team.git("add", "models/iris/examples.json", "models/iris/team_checks.py", "shared.py")
    team.git("commit", "--quiet", "--message", "Add examples")
    good_model(team.iris)
    (team.iris / "model.yaml").write_text(f"{_MODEL}validation: {validation}\n")
    team.open().register(team.iris, files=[team.model_file], version="1.0.0")


def allow_code(team: Team) -> None:
    file = team.clone / "gitreg.yaml"
    file.write_text(file.read_text().replace("    yank:", "    allow_pickle: true\n    yank:"))
    apply_policy(team.open())


def found_in(team: Team, **request: Any) -> Validation:
    limits = Limits(seconds=20.0)
    return validate(team.open(), "iris@1.0.0", Request(limits=limits, **request))


def test_examples_are_those_of_the_commit(team: Team) -> None:
    register(team, "{examples: examples.json}")
    (team.iris / "examples.json").write_text("junk")
    found = found_in(team)
    assert found.ok
    assert verdicts(found)["functional"] == "passed"
    (functional,) = [check for check in found.checks if check.name == "functional"]
    assert "reproduces 4 golden examples" in [seen.what for seen in functional.seen]


def test_examples_that_are_not_reproduced_are_told(team: Team) -> None:
    wrong = {"inputs": {"x": X.tolist()}, "outputs": {"label": [0, 1, 1, 0]}}
    register(team, "{examples: examples.json}", examples=wrong)
    finding = only(found_in(team), "functional.examples")
    assert finding.where == "models/iris/examples.json"
    assert "prediction" not in finding.what
    assert "label of row 1 is 1, then 0, and 1 more of 4 rows" in finding.what


def test_checks_of_a_version_run_only_where_the_policy_lets_code_run(team: Team) -> None:
    register(team, "{checks: ['team_checks:few']}")
    refused = found_in(team)
    assert refused.ok
    assert "the policy lets no code of iris run" in only(refused, "team.unchecked").what
    assert verdicts(refused)["team"] == "not checked"
    allow_code(team)
    (team.clone / "shared.py").write_text("limit = 0\n")
    (team.iris / "team_checks.py").unlink()
    found = found_in(team)
    assert not found.ok
    assert only(found, "team.found").what == "team_checks:few: iris has 16 labels below 2"


def test_a_user_may_name_checks_of_their_own(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(team, "{}")
    (tmp_path / "mine.py").write_text(
        "def steady(predict, inputs, metadata):\n"
        "    yield {'severity': 'warning', 'what': 'odd', 'next': 'look'}\n"
    )
    found = found_in(team, checks=["mine:steady", "mine:gone"], folder=tmp_path)
    assert only(found, "team.found").next_step == "look"
    assert "has no attribute 'gone'" in only(found, "team.failed").what
    monkeypatch.chdir(tmp_path)
    again = team.open().validate("iris", checks=["mine:steady"])
    assert verdicts(again)["team"] == "warned"


def test_what_the_policy_forbids_is_refused_and_listed(team: Team) -> None:
    path = pickled(team.iris)
    team.open().register(new="iris", files=[path], version="1.0.0")
    found = found_in(team)
    assert "would run code" in only(found, "security.code").what
    assert only(found, "security.imports").where == "iris 1.0.0, model.pkl"
    assert verdicts(found)["stability"] == "not checked"
    allow_code(team)
    assert found_in(team).ok


def test_files_of_a_folder_are_looked_into(team: Team) -> None:
    good_model(team.iris)
    (team.iris / "more").mkdir()
    pickled(team.iris / "more")
    files = [team.model_file, team.iris / "more"]
    team.open().register(new="iris", files=files, version="1.0.0")
    assert only(found_in(team), "security.imports").where == "iris 1.0.0, more/model.pkl"


def test_a_version_of_another_place_is_validated_from_its_url(team: Team, tmp_path: Path) -> None:
    import gitreg

    register(team, "{examples: examples.json, checks: ['team_checks:few']}")
    allow_code(team)
    found = validate(gitreg.open(team.url), "iris", QUICK)
    assert only(found, "team.found").what == "team_checks:few: iris has 4 labels below 2"
    assert verdicts(found)["functional"] == "passed"
    assert verdicts(found)["schema"] == "passed"


class Unregistered:
    """What `validate_version` reads of a version, for one that is no record yet."""

    model, version, permits_code = "iris", "1.0.0", False
    entry = SimpleNamespace(path="models/iris")

    def __init__(self, model: Path, metadata: dict[str, Any]) -> None:
        self._model = model
        artifact = {"path": model.name, "size": 1, "sha256": "a" * 64, "md5": "b" * 32}
        head = {"schema": "gitreg/model/v1", "name": "iris", "version": "1.0.0"}
        self.metadata = {**head, **metadata, "artifacts": [artifact]}
        self.artifacts = ModelDocument.from_dict(self.metadata).artifacts

    def read(self, name: str) -> bytes | None:
        return yaml12.dump(self.metadata).encode() if name == "model.yaml" else None

    def code(self) -> dict[str, bytes]:
        return {}

    def path(self, name: str) -> Path:
        return self._model.with_name(name)

    def loadable(self) -> ModelFile:
        return ModelFile(path=self._model, format="skops")


def unregistered(folder: Path, **metadata: Any) -> Validation:
    version: Any = Unregistered(good_model(folder), metadata)
    return validate_version(version, QUICK)


def test_a_version_need_not_be_registered(tmp_path: Path) -> None:
    found = unregistered(tmp_path, license="MIT")
    assert verdicts(found)["schema"] == "passed"
    assert verdicts(found)["format"] == "passed"


@pytest.mark.parametrize(
    "metadata",
    [
        {"validation": "all", "signature": 7, "framework": [], "license": {}},
        {"validation": {"examples": 7, "checks": {"a": 1}, "max_memory_mib": "x"}},
        {"signature": {"inputs": [{"name": "x", "datatype": "FP65", "shape": "wide"}]}},
        {"signature": {"inputs": {"x": 1}, "outputs": None}},
    ],
)
def test_a_signed_document_that_no_schema_allows_is_told(
    tmp_path: Path, metadata: dict[str, Any]
) -> None:
    found = unregistered(tmp_path, **metadata)
    assert verdicts(found)["schema"] == "failed"
    assert verdicts(found)["format"] == "passed"
    assert any(item.where.startswith("model.json of iris 1.0.0") for item in found.findings)


def test_a_version_that_is_not_there_is_no_finding(team: Team) -> None:
    with pytest.raises(NotFoundError):
        validate(team.open(), "iris@1.0.0")


def test_the_command_shows_and_says_by_its_exit_code(team: Team, cli: Cli) -> None:
    register(team, "{examples: examples.json, max_memory_mib: 1}")
    cli.folder = team.clone
    ran = cli("validate", "iris")
    assert ran.code == 1
    assert "not valid: 1 error, 0 warnings, 1 note" in ran.out
    assert "functional   passed" in ran.out
    assert ran.err.startswith("error: iris 1.0.0: memory:")
    assert all(len(line) <= 80 for line in ran.out.splitlines())
    as_json = cli("validate", "iris", "--json")
    assert as_json.code == 1
    check_shape("validate", as_json.json)
    assert as_json.json["measured"]["memory_mib"] > 1
    assert cli("validate", "iris", "--check", "no function").code == 2


def test_warnings_count_where_the_user_is_strict(team: Team, cli: Cli) -> None:
    good_model(team.iris)
    team.open().register(new="iris", files=[team.model_file], version="1.0.0")
    cli.folder = team.clone
    assert "valid: 0 errors, 1 warning" in cli.ok("validate", "iris").out
    assert cli("validate", "iris", "--strict").code == 1
