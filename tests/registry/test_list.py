from __future__ import annotations

from gitreg.registry.list import list_models
from tests.fixtures import Team, write


def test_an_empty_registry_lists_nothing(team: Team) -> None:
    assert list_models(team.open()).models == []


def test_a_model_is_listed_with_its_newest_version_and_its_stages(released: Team) -> None:
    (iris,) = list_models(released.open()).models
    assert iris.to_dict() == {
        "name": "iris",
        "newest": "1.1.0",
        "versions": 2,
        "stages": {"staging": "1.1.0", "production": "1.0.0"},
    }


def test_an_empty_stage_and_a_yanked_version_are_not_listed(released: Team) -> None:
    registry = released.open()
    registry.yank("iris@1.1.0", vacate=True)
    (iris,) = list_models(registry).models
    assert (iris.newest, iris.versions) == ("1.0.0", 2)
    assert iris.stages == {"staging": None, "production": "1.0.0"}


def test_models_are_listed_by_name(released: Team) -> None:
    registry = released.open()
    file = write(released.clone / "models/fraud/model.bin", b"x")
    registry.register(new="fraud/scorer", files=[file], version="0.1.0")
    names = [model.name for model in list_models(registry).models]
    assert names == ["fraud/scorer", "iris"]


def test_the_index_knows_the_same_of_all_models_as_the_records_themselves(released: Team) -> None:
    registry = released.open()
    registry.yank("iris@1.1.0", vacate=True)
    for model in ("fraud/scorer", "rose"):
        file = write(released.clone / f"models/{model}/model.bin", b"x")
        registry.register(new=model, files=[file], version="0.1.0-rc.1")
    registry.yank("rose@0.1.0-rc.1")
    looked_up, proved = released.open().state, registry.proof.state
    assert looked_up.overview() == proved.overview()
    for version in ("1.0.0", "1.1.0"):
        changes = looked_up.changes_of("iris", version)
        assert changes == proved.changes_of("iris", version) != []
