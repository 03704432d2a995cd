from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

import gitreg
from gitreg.errors import RefusedError, SetupError, UntrustedError
from gitreg.registry.init import init
from gitreg.signing import read_public_key
from tests.fixtures import WEIGHTS, Team, run_git, write


def train() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])


def test_a_version_tells_what_was_signed(released: Team) -> None:
    version = released.open()["iris@production"]
    assert (version.model, version.version) == ("iris", "1.0.0")
    assert version.metadata["tags"] == {"domain": "botany"}
    assert version.metrics == {"accuracy": 0.95}
    assert version.stages == ("production",)
    assert [artifact.path for artifact in version.artifacts] == ["model.skops"]
    assert repr(version) == "<ModelVersion iris@1.0.0>"


def test_its_path_is_that_of_verified_bytes(released: Team) -> None:
    registry = released.open()
    assert registry["iris@1.0.0"].path().read_bytes() == b"the first model\n" * 100
    weights = registry["iris@1.1.0"].path("weights")
    assert {name: (weights / name).read_bytes() for name in WEIGHTS} == WEIGHTS


def test_an_artifact_that_it_has_not_is_told(released: Team) -> None:
    with pytest.raises(SetupError, match=r"no artifact onnx") as caught:
        released.open()["iris"].path("onnx")
    assert caught.value.next_step == "it has model.skops, weights"


def test_a_version_without_a_model_loads_nothing(team: Team) -> None:
    text = "schema: gitreg/model/v1\nname: iris\nversion: 1.0.0\n"
    write(team.iris / "model.yaml", text + "artifacts: [{path: model.skops, role: data}]\n")
    version = team.open().register(team.iris)
    with pytest.raises(SetupError, match="with the role model"):
        version.load()


def test_a_skops_model_is_pulled_verified_and_predicts(team: Team) -> None:
    import skops.io

    skops.io.dump(train(), team.model_file)
    version = team.open().register(new="iris", files=[team.model_file], version="1.0.0")
    assert version.load().predict([[0.0], [3.0]]).tolist() == [0, 1]
    assert gitreg.open(team.url)["iris"].load().predict([[3.0]]).tolist() == [1]


def test_a_skops_file_with_types_that_nobody_vouches_for_is_refused(team: Team) -> None:
    import skops.io

    skops.io.dump({"path": Path("x"), "odd": Odd()}, team.model_file)
    version = team.open().register(new="iris", files=[team.model_file], version="1.0.0")
    with pytest.raises(UntrustedError, match="does not trust"):
        version.load()


class Odd:
    """A type that skops does not know."""


class Trap:
    """What a pickle could do when it is loaded."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (pytest.fail, ("the pickle was loaded",))


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "model.pickle"])
def test_a_pickle_is_refused_before_anything_of_it_is_loaded(team: Team, name: str) -> None:
    file = write(team.iris / name, pickle.dumps(Trap()))
    version = team.open().register(new="iris", files=[file], version="1.0.0")
    with pytest.raises(RefusedError, match="would run code") as caught:
        version.load()
    assert caught.value.rule == "allow-pickle"
    assert "skops" in str(caught.value.next_step)


def test_pickles_load_where_the_policy_allows_them(repo: Path, alice_key: Path) -> None:
    import joblib

    write(
        repo / "gitreg.yaml",
        f"""\
gitreg: 1
people: {{alice: {{keys: ["{read_public_key(alice_key)}"]}}}}
root: {{by: [alice], threshold: 1}}
models: {{"*": {{register: [alice], allow_pickle: true, stages: {{}}}}}}
""",
    )
    init(gitreg.open(repo))
    registry = gitreg.open(repo)
    file = write(repo / "models/one/model.pkl", pickle.dumps({"weights": [1, 2]}))
    version = registry.register(new="one", files=[file], version="1.0.0")
    assert version.load() == {"weights": [1, 2]}
    other = write(repo / "models/two/model.joblib", b"")
    joblib.dump({"weights": [3]}, other)
    version = registry.register(new="two", files=[other], version="1.0.0")
    assert version.load() == {"weights": [3]}
    assert run_git(repo, "status", "--porcelain") == ""


def test_an_unknown_format_is_left_to_the_user(team: Team) -> None:
    file = write(team.iris / "model.h5", b"h5")
    version = team.open().register(new="iris", files=[file], version="1.0.0")
    with pytest.raises(SetupError, match=r"model\.h5 is of the format unknown") as caught:
        version.load()
    assert ".path()" in str(caught.value.next_step)
    assert version.path().read_bytes() == b"h5"
