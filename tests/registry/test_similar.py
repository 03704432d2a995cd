from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gitreg.errors import NotFoundError, UsageError
from gitreg.registry.candidates import read_evidence
from gitreg.registry.metadata import read_metadata
from gitreg.registry.similar import Similar, _describe
from gitreg.similarity.features import Profile
from gitreg.similarity.sentences import SentenceModel, load_model
from gitreg.similarity.space import METRICS, Space, parse_metric, read_blocks
from tests.candidates import list_candidates, meaning_of
from tests.cli.test_json_shapes import check_shape
from tests.fixtures import Cli, Team
from tests.sentences import needs_model
from tests.shelves import BOTANY, fill, let_evaluate, measure, register


@pytest.fixture
def shelf(team: Team, alice_key: Path) -> Team:
    fill(team, alice_key)
    return team


def names(team: Team, reference: str, **options: object) -> list[str]:
    found = team.open().similar(reference, **options)
    return [f"{item.entry.model} {item.entry.version}" for item in found.versions]


def test_of_each_other_model_the_newest_release_is_compared(shelf: Team, alice_key: Path) -> None:
    register(shelf, alice_key, "lily", "2.1.0-rc.1", **BOTANY)
    register(shelf, alice_key, "lily", "1.9.0", **BOTANY)
    register(shelf, alice_key, "draft", "0.1.0-rc.1", **BOTANY)
    for metric in ("cosine", "euclidean"):
        assert sorted(names(shelf, "iris@1.2.0", metric=metric)) == [
            *("draft 0.1.0-rc.1", "fraud 0.1.0", "lily 2.0.0", "rose 1.0.0")
        ]
    found = shelf.open().similar("iris@1.2.0")
    assert (found.compared, found.to_dict()["compared"]) == (4, 4)


def test_all_versions_are_compared_where_asked_for_but_never_the_version_itself(
    shelf: Team,
) -> None:
    found = names(shelf, "iris@1.2.0", all_versions=True)
    assert found[:2] == ["iris 1.0.0", "lily 2.0.0"]
    assert sorted(found)[:2] == ["fraud 0.1.0", "iris 1.0.0"]
    assert "iris 1.2.0" not in found
    assert names(shelf, "iris@1.2.0", top=1) == ["lily 2.0.0"]


def test_two_versions_are_as_near_among_all_as_among_the_newest(shelf: Team) -> None:
    newest, every = (
        {item.entry.model: item.neighbour.score for item in found.versions}
        for found in (
            shelf.open().similar("iris@1.2.0"),
            shelf.open().similar("iris@1.2.0", all_versions=True),
        )
    )
    assert {"iris": every["iris"], **newest} == every


def test_a_yanked_version_is_not_there_and_a_deprecated_one_is_marked(
    shelf: Team, alice_key: Path
) -> None:
    register(shelf, alice_key, "lily", "2.2.0", **BOTANY)
    registry = shelf.open()
    registry.yank("lily@2.2.0")
    registry.deprecate("lily@2.0.0")
    found = shelf.open().similar("iris@1.2.0", all_versions=True)
    marked = {item.entry.model: item.to_dict()["deprecated"] for item in found.versions}
    assert marked == {"lily": True, "iris": False, "rose": False, "fraud": False}
    with pytest.raises(NotFoundError, match="yanked"):
        shelf.open().similar("lily@2.2.0")


def test_each_says_why(shelf: Team) -> None:
    nearest = shelf.open().similar("iris@1.2.0").versions[0]
    said = {
        (term.block, term.name): nearest.fields.get(term.name) for term in nearest.neighbour.terms
    }
    assert said["architecture", "logisticregression"] is None
    assert said["text", "measurements"] == ["description"]
    assert sum(nearest.neighbour.blocks.values()) == pytest.approx(nearest.neighbour.score)


def test_equally_near_ones_are_ordered_by_name_and_version(team: Team, alice_key: Path) -> None:
    for model, version in (("b", "1.9.0"), ("b", "1.10.0"), ("a", "1.0.0"), ("c", "1.0.0")):
        register(team, alice_key, model, version, **BOTANY)
    assert names(team, "c", all_versions=True) == ["a 1.0.0", "b 1.10.0", "b 1.9.0"]


def test_a_version_that_states_nothing_has_no_direction(team: Team, alice_key: Path) -> None:
    register(team, alice_key, "empty", "1.0.0")
    register(team, alice_key, "iris", "1.0.0", **BOTANY)
    with pytest.raises(NotFoundError, match=r"empty 1\.0\.0 states nothing") as refused:
        team.open().similar("empty")
    assert "--metric euclidean" in (refused.value.next_step or "")
    assert names(team, "empty", metric="euclidean") == ["iris 1.0.0"]


def test_what_measures_nothing_is_refused(shelf: Team) -> None:
    with pytest.raises(UsageError, match="nothing is measured by 'manhattan'"):
        shelf.open().similar("iris", metric="manhattan")


def test_measured_figures_go_before_claimed_ones(shelf: Team, alice_key: Path) -> None:
    let_evaluate(shelf)
    before = distance_of_metrics(shelf)
    measure(shelf, alice_key, "lily", "2.0.0", accuracy=0.96)
    entry = shelf.open().state.version("lily", "2.0.0")
    assert entry is not None
    metrics = read_evidence(shelf.open().state, entry).metrics
    assert {name: float(value) for name, value in metrics.items()} == {
        "accuracy": 0.96,
        "latency_p95_ms": 9,
    }
    assert distance_of_metrics(shelf) < before


def test_one_registry_answers_anew_after_each_record(shelf: Team, alice_key: Path) -> None:
    let_evaluate(shelf)
    registry = shelf.open()
    for _ in range(2):
        assert registry.similar("iris@1.2.0", top=1).versions[0].entry.model == "lily"
    registry.yank("lily@2.0.0")
    assert registry.similar("iris@1.2.0", top=1).versions[0].entry.model == "fraud"
    measure(shelf, alice_key, "rose", "1.0.0", accuracy=0.97)
    registry.refresh()
    for metric in ("cosine", "euclidean"):
        found, anew = (
            opened.similar("iris@1.2.0", metric=metric, all_versions=True).to_dict()
            for opened in (registry, shelf.open())
        )
        assert found == anew == plainly(shelf, "iris", "1.2.0", metric)


def plainly(
    team: Team, model: str, version: str, metric: str, sentences: SentenceModel | None = None
) -> dict[str, object]:
    """The same answer from the ledger's own files, all read and compared at once."""
    registry, chosen = team.open(), parse_metric(metric)
    entries = list_candidates(registry.state)
    documents = [read_metadata(registry.repository, registry.ledger, item) for item in entries]
    space = Space(
        read_blocks(
            Profile(metadata=metadata, metrics=read_evidence(registry.state, entry).metrics)
            for entry, metadata in zip(entries, documents, strict=True)
        ),
        meaning_of(documents) if sentences else None,
    )
    (own,) = (n for n, e in enumerate(entries) if (e.model, e.version) == (model, version))
    others = np.array([number for number in range(len(entries)) if number != own])
    found = space.find_nearest(own, others, metric=chosen, top=10, order=sorted)
    versions = _describe(
        registry,
        entries[own],
        [((entries[n.place].model, entries[n.place].version), n) for n in found],
        sentences if metric == "cosine" else None,
    )
    return Similar(
        entry=entries[own],
        metric=chosen,
        compared=len(others),
        versions=versions,
        embeddings=sentences.name if sentences else None,
    ).to_dict()


@needs_model
class TestByEmbeddings:
    @pytest.fixture
    def garden(self, shelf: Team, alice_key: Path) -> Team:
        """Beside the rest: one text that shares words with that of iris, and one its meaning."""
        said = {"description": "Estimates the prices of a house."}
        register(shelf, alice_key, "house", "1.0.0", **said)
        register(
            shelf,
            alice_key,
            "petal",
            "1.0.0",
            description="Recognises garden plants by their petals.",
        )
        return shelf

    def test_what_means_the_same_is_nearer_and_the_words_say_so(self, garden: Team) -> None:
        plain = names(garden, "iris@1.2.0")
        assert plain.index("house 1.0.0") < plain.index("petal 1.0.0")
        found = garden.open().similar("iris@1.2.0", embeddings=True)
        near = {item.entry.model: item for item in found.versions}
        assert list(near).index("petal") < list(near).index("house")
        terms = [term for term in near["petal"].neighbour.terms if term.block == "text"]
        assert {term.name for term in terms} == {"plants", "garden", "petals"}
        assert near["petal"].fields["petals"] == ["description"]
        for item in found.versions:
            said = sum(term.contribution for term in item.neighbour.terms)
            assert said + item.neighbour.others == pytest.approx(item.neighbour.score, abs=1e-6)

    def test_cold_warm_and_without_an_index_they_are_the_same(
        self, garden: Team, alice_key: Path
    ) -> None:
        for metric in METRICS:
            expected = plainly(garden, "iris", "1.2.0", metric, load_model())
            asked = {"metric": metric, "all_versions": True, "embeddings": True}
            for _ in range(2):
                assert garden.open().similar("iris@1.2.0", **asked).to_dict() == expected
        registry = garden.open()
        before = registry.similar("iris@1.2.0", embeddings=True).to_dict()
        by_words = registry.similar("iris@1.2.0", all_versions=True).to_dict()
        assert by_words == plainly(garden, "iris", "1.2.0", "cosine")
        register(garden, alice_key, "tulip", "1.0.0", description="Which flower is it?")
        registry.refresh()
        after = registry.similar("iris@1.2.0", embeddings=True)
        assert after.to_dict() != before
        assert "tulip" in [item.entry.model for item in after.versions]

    def test_the_command_says_why_and_json_has_its_shape(self, garden: Team, cli: Cli) -> None:
        cli.folder = garden.clone
        said = " ".join(cli.ok("similar", "petal", "--embeddings", "--top", "1").out.split())
        assert "iris 1.2.0" in said
        assert "flower" in said
        for metric in METRICS:
            asked = ["similar", "iris", "--metric", metric, "--embeddings", "--json"]
            shown = cli.ok(*asked).json
            check_shape("similar", shown)
            assert shown["embeddings"] == load_model().name
            assert any(item["terms"] for item in shown["versions"]) == (metric == "cosine")


def test_embeddings_need_their_extra(
    shelf: Team, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitreg.registry.similar.load_model", load_model.__wrapped__)
    monkeypatch.setattr("importlib.util.find_spec", {}.get)
    cli.folder = shelf.clone
    said = cli.no("similar", "iris", "--embeddings")
    assert "sentence embeddings need wordllama" in said
    assert "pip install 'gitreg[embeddings]'" in said


def distance_of_metrics(team: Team) -> float:
    found = team.open().similar("iris@1.2.0", metric="euclidean").versions
    return next(item.neighbour.blocks["metrics"] for item in found if item.entry.model == "lily")


def test_none_is_no_number_of_versions_to_show(shelf: Team) -> None:
    with pytest.raises(UsageError, match="0 versions"):
        shelf.open().similar("iris", top=0)


class TestTheCommand:
    def test_it_says_why_and_fits_the_terminal(self, shelf: Team, cli: Cli) -> None:
        cli.folder = shelf.clone
        ran = cli.ok("similar", "iris@1.2.0")
        assert max(map(len, ran.out.splitlines())) <= 80
        assert ran.out.splitlines()[0].split() == ["model", "version", "cosine", "why"]
        said = " ".join(ran.out.split())
        assert "(four, measurements, classification)" in said
        for word in ("architecture 0.15", "logisticregression", "missing: architecture, hyper"):
            assert word in said
        assert ran.err == ""

    def test_a_distance_is_told_by_block(self, shelf: Team, cli: Cli) -> None:
        cli.folder = shelf.clone
        said = " ".join(
            cli.ok("similar", "iris", "--metric", "euclidean", "--top", "1").out.split()
        )
        assert said.startswith("model version distance why lily 2.0.0")
        assert "architecture 0.000; hyperparameters 0.000; signature 0.000;" in said

    def test_json_has_its_shape(self, shelf: Team, cli: Cli) -> None:
        cli.folder = shelf.clone
        for metric in ("cosine", "euclidean"):
            shown = cli.ok("similar", "iris", "--metric", metric, "--all-versions", "--json").json
            check_shape("similar", shown)
            assert (shown["metric"], shown["compared"]) == (metric, 4)
        check_shape("similar", cli.ok("similar", "iris", "--json").json)

    def test_it_says_what_a_registry_of_one_model_lacks(self, released: Team, cli: Cli) -> None:
        cli.folder = released.clone
        ran = cli.ok("similar", "iris@1.0.0")
        assert ran.out == ""
        assert "there is nothing to compare it with" in ran.err
        assert "1.0.0" in cli.ok("similar", "iris@1.1.0", "--all-versions").out

    def test_what_a_stranger_wrote_cannot_steer_the_terminal(
        self, team: Team, alice_key: Path, cli: Cli
    ) -> None:
        odd = {"architecture": {"family": "x\x1b[31m\u202e", "hyperparameters": {"\x07": "\n"}}}
        register(team, alice_key, "a", "1.0.0", **odd)
        register(team, alice_key, "b", "1.0.0", **odd)
        cli.folder = team.clone
        ran = cli.ok("similar", "a")
        for sign in ("\x1b", "\u202e", "\x07"):
            assert sign not in ran.out
        assert "x\\x1b[31m\\u202e" in ran.out
