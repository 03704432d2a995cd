from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from gitreg.errors import UsageError
from gitreg.registry.recommend import Recommendation
from gitreg.similarity.sentences import load_model
from tests.candidates import recommend_plainly
from tests.cli.test_json_shapes import check_shape
from tests.fixtures import Cli, Team
from tests.sentences import needs_model
from tests.shelves import BOTANY, fill, let_evaluate, measure, register


@pytest.fixture
def shelf(team: Team, alice_key: Path) -> Team:
    fill(team, alice_key)
    return team


def recommend(team: Team, **wanted: Any) -> Recommendation:
    return team.open().recommend(**wanted)


def names(found: Recommendation) -> list[str]:
    return [f"{item.entry.model} {item.entry.version}" for item in found.versions]


def test_what_is_of_another_task_or_does_not_meet_a_need_is_ruled_out(shelf: Team) -> None:
    found = recommend(shelf, task="tabular-classification", needs=["metrics.latency_p95_ms <= 20"])
    assert names(found) == ["lily 2.0.0"]
    assert dict(found.passed) == {
        "task = tabular-classification": 4,
        "metrics.latency_p95_ms <= 20": 1,
    }
    assert found.compared == 5
    both = ["metrics.latency_p95_ms <= 20", "claimed.accuracy > 0.95"]
    assert names(recommend(shelf, needs=both)) == []


def test_a_version_that_does_not_state_a_figure_does_not_meet_a_need_of_it(shelf: Team) -> None:
    assert names(recommend(shelf, needs=["metrics.latency_p95_ms != 1"])) == [
        *("fraud 0.1.0", "lily 2.0.0")
    ]
    assert names(recommend(shelf, needs=["measured.accuracy > 0"])) == []


def test_what_is_most_like_the_words_comes_first(shelf: Team) -> None:
    found = recommend(shelf, like="predicts flower species")
    assert names(found)[0] == "iris 1.2.0"
    fit = found.versions[0].parts[0]
    assert (fit.name, fit.because) == ("fit", "flower, predicts, species")
    assert names(recommend(shelf, like="card payments"))[0] == "fraud 0.1.0"


def test_measured_evidence_and_a_stage_put_a_version_before_its_likes(
    shelf: Team, alice_key: Path
) -> None:
    let_evaluate(shelf)
    assert names(recommend(shelf, like="flower species"))[0] == "iris 1.2.0"
    measure(shelf, alice_key, "iris", "1.0.0", accuracy=0.93)
    found = recommend(shelf, like="flower species", needs=["metrics.accuracy >= 0.9"])
    assert names(found)[0] == "iris 1.0.0"
    assert found.versions[0].parts[1].because == "accuracy 0.93 measured"
    shelf.open().promote("iris@1.2.0", stage="staging")
    shelf.open().promote("iris@1.2.0", stage="production")
    found = recommend(shelf, like="flower species", needs=["metrics.accuracy >= 0.9"])
    assert names(found)[0] == "iris 1.2.0"
    assert [part.because for part in found.versions[0].parts][1:] == [
        *("accuracy 0.96 claimed", "production")
    ]


def test_a_stage_further_on_counts_more(shelf: Team) -> None:
    shelf.open().promote("lily@2.0.0", stage="staging")
    values = {item.entry.model: item.parts[-1].value for item in recommend(shelf).versions}
    assert values == {"lily": 0.5, "iris": 0, "rose": 0, "fraud": 0}
    shelf.open().promote("lily@2.0.0", stage="production")
    (lily, *_) = recommend(shelf).versions
    assert (lily.parts[-1].value, lily.parts[-1].because) == (1.0, "production")


def test_of_each_model_it_is_the_best_alone_unless_all_are_asked_for(shelf: Team) -> None:
    assert names(recommend(shelf)) == ["fraud 0.1.0", "iris 1.2.0", "lily 2.0.0", "rose 1.0.0"]
    every = recommend(shelf, all_versions=True)
    assert names(every)[1:3] == ["iris 1.2.0", "iris 1.0.0"]
    assert names(recommend(shelf, all_versions=True, top=2)) == names(every)[:2]


def test_a_release_goes_before_a_pre_release_that_is_as_good(team: Team, alice_key: Path) -> None:
    register(team, alice_key, "iris", "1.0.0", **BOTANY)
    register(team, alice_key, "iris", "2.0.0-rc.1", **BOTANY)
    assert names(recommend(team, like="flower")) == ["iris 1.0.0"]


def test_a_deprecated_version_comes_last_and_a_yanked_one_not_at_all(shelf: Team) -> None:
    registry = shelf.open()
    registry.deprecate("iris@1.2.0")
    found = recommend(shelf, like="flower species")
    assert names(found)[0] == "iris 1.0.0"
    registry.deprecate("iris@1.0.0")
    found = recommend(shelf, like="flower species")
    assert names(found)[-1] == "iris 1.2.0"
    assert [item.to_dict()["deprecated"] for item in found.versions] == [False] * 3 + [True]
    registry.yank("iris@1.2.0")
    assert names(recommend(shelf, all_versions=True))[-1] == "iris 1.0.0"


def test_all_versions_at_once_are_judged_as_each_is_alone(shelf: Team, alice_key: Path) -> None:
    let_evaluate(shelf)
    register(shelf, alice_key, "iris", "2.0.0-rc.1", **BOTANY, metrics={"accuracy": 0.96})
    measure(shelf, alice_key, "iris", "1.0.0", accuracy=0.93, latency_p95_ms=5)
    measure(shelf, alice_key, "iris", "1.0.0", accuracy=0.94)
    measure(shelf, alice_key, "rose", "1.0.0", accuracy=0.96)
    registry = shelf.open()
    registry.promote("iris@1.2.0", stage="staging")
    registry.promote("lily@2.0.0", stage="staging")
    registry.promote("lily@2.0.0", stage="production")
    registry.deprecate("fraud@0.1.0")
    register(shelf, alice_key, "zinnia", "1.0.0", **BOTANY)
    shelf.open().yank("zinnia@1.0.0")
    registry = shelf.open()
    for like, task, needs, all_versions in product(
        (None, "flower species", "whales", "scores of lilies"),
        (None, "tabular-classification", "none"),
        (
            (),
            ("metrics.accuracy >= 0.94",),
            ("claimed.accuracy != 0.96", "metrics.latency_p95_ms < 9.0"),
        ),
        (False, True),
    ):
        asked: dict[str, Any] = {
            "like": like,
            "task": task,
            "needs": needs,
            "all_versions": all_versions,
        }
        for top in (1, 3, 10):
            found = registry.recommend(**asked, top=top).to_dict()
            assert found == recommend_plainly(registry, **asked, top=top)


@needs_model
class TestByEmbeddings:
    def test_what_means_it_fits_without_a_word_in_common(self, shelf: Team) -> None:
        assert not recommend(shelf, like="recognises plants").words_known
        found = recommend(shelf, like="recognises plants", embeddings=True)
        assert names(found)[0] == "iris 1.2.0"
        fit = found.versions[0].parts[0]
        assert fit.value > 0.2
        assert {"flower", "species"} <= set(fit.because.split(", "))
        assert found.embeddings == load_model().name

    def test_what_is_unlike_says_so(self, shelf: Team, alice_key: Path) -> None:
        register(shelf, alice_key, "silent", "1.0.0")
        found = recommend(shelf, like="flowers", embeddings=True)
        fits = {item.entry.model: item.parts[0] for item in found.versions}
        assert (fits["silent"].value, fits["silent"].because) == (0.0, "nothing like it")

    def test_all_versions_at_once_are_judged_as_each_is_alone(self, shelf: Team) -> None:
        shelf.open().yank("rose@1.0.0")
        for like in ("flower species", "scores of lilies"):
            asked: dict[str, Any] = {"like": like, "all_versions": True, "embeddings": True}
            expected = recommend_plainly(shelf.open(), **asked)
            for _ in range(2):
                assert recommend(shelf, **asked).to_dict() == expected

    def test_the_command_says_why_and_json_has_its_shape(self, shelf: Team, cli: Cli) -> None:
        cli.folder = shelf.clone
        asked = ["recommend", "--like", "recognises plants", "--embeddings"]
        assert "flower" in cli.ok(*asked, "--top", "1").out
        shown = cli.ok(*asked, "--json").json
        check_shape("recommend", shown)
        assert shown["embeddings"] == load_model().name

    def test_an_empty_registry_has_nothing_that_fits(self, team: Team, cli: Cli) -> None:
        cli.folder = team.clone
        said = cli.ok("recommend", "--like", "flowers", "--embeddings").err
        assert "nothing fits, of 0 versions" in said
        assert "no version means anything like it" in said


def test_embeddings_have_nothing_to_compare_without_words(shelf: Team) -> None:
    with pytest.raises(UsageError, match="nothing to compare by embeddings") as refused:
        recommend(shelf, embeddings=True)
    assert "--like" in (refused.value.next_step or "")


@pytest.mark.parametrize("like", ["", "?!", "a b c"])
def test_what_has_no_word_is_refused(shelf: Team, like: str) -> None:
    with pytest.raises(UsageError, match="there is no word in"):
        recommend(shelf, like=like)


def test_none_is_no_number_of_versions_to_show(shelf: Team) -> None:
    with pytest.raises(UsageError, match="0 versions"):
        recommend(shelf, top=0)


class TestTheCommand:
    def test_it_shows_what_the_score_is_made_of_and_fits_the_terminal(
        self, shelf: Team, cli: Cli
    ) -> None:
        cli.folder = shelf.clone
        ran = cli.ok("recommend", "--like", "predicts flower species", "--top", "1")
        assert max(map(len, ran.out.splitlines())) <= 80
        said = " ".join(ran.out.split())
        assert said.startswith("model version score why iris 1.2.0 0.42")
        assert "(flower, predicts, species); evidence 0.50 (metrics claimed); stage 0.00" in said

    def test_a_deprecated_version_is_marked(self, shelf: Team, cli: Cli) -> None:
        cli.folder = shelf.clone
        cli.ok("deprecate", "rose@1.0.0")
        for command in (["recommend"], ["similar", "iris"]):
            assert "1.0.0 deprecated" in " ".join(cli.ok(*command).out.split())

    def test_where_nothing_fits_it_says_which_condition_left_how_many(
        self, shelf: Team, cli: Cli
    ) -> None:
        cli.folder = shelf.clone
        needs = ["--needs", "metrics.accuracy >= 0.9", "--needs", "metrics.latency_p95_ms < 5"]
        ran = cli.ok("recommend", *needs, "--like", "whales")
        assert ran.out == ""
        for said in (
            *("nothing fits, of 5 versions", "metrics.accuracy >= 0.9: 3 left"),
            *("metrics.latency_p95_ms < 5: 0 left", "no version says any of these words"),
        ):
            assert said in ran.err

    def test_a_need_that_is_no_comparison_ends_with_2(self, shelf: Team, cli: Cli) -> None:
        cli.folder = shelf.clone
        ran = cli("recommend", "--needs", "latency < 20")
        assert ran.code == 2
        assert "write it as 'metrics.latency_p95_ms <= 20'" in ran.err

    def test_json_has_its_shape(self, shelf: Team, cli: Cli) -> None:
        cli.folder = shelf.clone
        options = ["--task", "tabular-classification", "--needs", "claimed.accuracy > 0.9"]
        for asked in ([], options, [*options, "--like", "whales"], ["--task", "none"]):
            check_shape("recommend", cli.ok("recommend", "--json", *asked).json)

    def test_an_empty_registry_has_nothing_that_fits(self, team: Team, cli: Cli) -> None:
        cli.folder = team.clone
        assert "nothing fits, of 0 versions" in cli.ok("recommend", "--like", "flowers").err
