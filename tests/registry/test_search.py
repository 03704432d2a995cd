from __future__ import annotations

import pytest

from gitreg.errors import UsageError
from gitreg.registry.search import search
from tests.fixtures import Team, write

EXAMPLE = (
    "task:tabular-classification and metrics.accuracy >= 0.95 and (tag.domain:botany or name~iris) "
    "and stage:production order by metrics.f1_macro desc limit 20"
)


def found(team: Team, query: str) -> list[str]:
    return [hit.document.reference for hit in search(team.open(), query)]


def test_versions_are_found_by_what_they_say_and_what_was_signed_of_them(released: Team) -> None:
    assert found(released, "iris") == ["iris@1.1.0", "iris@1.0.0"]
    assert found(released, "metrics.accuracy >= 0.96") == ["iris@1.1.0"]
    assert found(released, "stage:production") == ["iris@1.0.0"]
    assert found(released, "held:staging order by metrics.accuracy") == ["iris@1.0.0", "iris@1.1.0"]
    assert found(released, "newest:true and by:alice and size > 1KB") == ["iris@1.1.0"]
    assert found(released, "botany format:skops limit 1") == ["iris@1.1.0"]
    assert found(released, EXAMPLE) == []


def test_the_expression_of_the_documents_finds_what_it_describes(released: Team) -> None:
    registry = released.open()
    yaml = released.iris / "model.yaml"
    yaml.write_text(yaml.read_text() + "task: tabular-classification\n")
    released.model_file.write_bytes(b"the best model\n")
    registry.register(released.iris, bump="minor", metrics={"accuracy": 0.98, "f1_macro": 0.9})
    registry.promote("iris@1.2.0", stage="staging")
    registry.promote("iris@1.2.0", stage="production")
    page = registry.search(EXAMPLE)
    assert [hit.document.reference for hit in page] == ["iris@1.2.0"]
    assert page.notes == []


def test_a_yanked_version_is_found_only_when_asked_for(released: Team) -> None:
    registry = released.open()
    registry.yank("iris@1.1.0", vacate=True)
    registry.deprecate("iris@1.0.0")
    assert found(released, "iris") == ["iris@1.0.0"]
    assert found(released, "yanked:true") == ["iris@1.1.0"]
    assert found(released, "newest:true deprecated:true held:production") == ["iris@1.0.0"]


def test_what_a_caller_says_of_the_page_wins(released: Team) -> None:
    page = released.open().search("iris limit 5", limit=1, offset=1)
    assert [str(hit.document.version) for hit in page] == ["1.0.0"]
    assert (page.total, page.to_dict()["query"]) == (2, "iris limit 1 offset 1")


def test_a_registry_without_models_has_nothing_to_find(team: Team) -> None:
    assert search(team.open(), "iris").total == 0


def test_a_model_of_another_name_is_another_line(released: Team) -> None:
    file = write(released.clone / "models/fraud/model.bin", b"x")
    released.open().register(new="fraud/scorer", files=[file], version="0.1.0-rc.1")
    assert found(released, "") == ["fraud/scorer@0.1.0-rc.1", "iris@1.1.0", "iris@1.0.0"]
    assert found(released, "newest:true") == ["fraud/scorer@0.1.0-rc.1", "iris@1.1.0"]
    assert found(released, "scorer") == ["fraud/scorer@0.1.0-rc.1"]


def test_a_mistake_is_told_before_anything_is_read(team: Team) -> None:
    with pytest.raises(UsageError, match="no field nme"):
        search(team.open(), "nme:x")
