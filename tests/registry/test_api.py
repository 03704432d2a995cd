from __future__ import annotations

import gitreg
from tests.fixtures import Team


def test_a_registry_is_a_collection_of_models(released: Team) -> None:
    registry = released.open()
    assert (list(registry), len(registry)) == (["iris"], 1)
    assert "iris" in registry
    assert "rose" not in registry
    assert 3 not in registry
    assert [item.version for item in registry.versions("iris")] == ["1.0.0", "1.1.0"]


def test_every_verb_is_a_method(released: Team) -> None:
    registry = released.open()
    released.model_file.write_bytes(b"third")
    version = registry.register(released.iris, bump="minor", metrics={"accuracy": 0.98})
    assert (version.version, version.metrics) == ("1.2.0", {"accuracy": 0.98})
    registry.promote("iris@1.2.0", stage="staging", publish=False)
    assert [record.action for record in registry.push().records] == ["promote"]
    registry.rollback("iris", stage="staging")
    registry.vacate("iris", stage="staging")
    registry.deprecate("iris@1.2.0")
    registry.yank("iris@1.2.0")
    assert registry.verify(deep=True, artifacts=True).ok


def test_a_notebook_shows_a_table(released: Team) -> None:
    shown = released.open()._repr_html_()
    assert shown.startswith("<table><thead><tr><th>model</th><th>newest</th><th>staging</th>")
    assert "<tr><td>iris</td><td>1.1.0</td><td>1.1.0</td><td>1.0.0</td></tr>" in shown


def test_an_empty_registry_shows_an_empty_table(team: Team) -> None:
    assert "<tbody></tbody>" in team.open()._repr_html_()


def test_the_package_offers_open_search_and_its_error() -> None:
    assert set(gitreg.__all__) == {"GitregError", "open", "search"}
    assert gitreg.__version__
