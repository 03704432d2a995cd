from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.errors import UsageError
from gitreg.similarity.features import Profile
from gitreg.similarity.space import (
    BLOCKS,
    METRICS,
    Metric,
    Neighbour,
    Space,
    parse_metric,
    read_blocks,
)
from tests.similarity.profiles import profile, profiles
from tests.similarity.reference import cosine, distance, vectors_of

FLOWERS = profile(
    {"accuracy": 0.95},
    description="predicts the species of a flower",
    architecture={"family": "LogisticRegression", "hyperparameters": {"C": 1.0}},
    signature={"inputs": [{"name": "x", "datatype": "FP64", "shape": [-1, 4]}]},
)
NEAR = profile({"accuracy": 0.94}, description="the species of flowers, predicted")
FAR = profile(
    {"accuracy": 0.5},
    description="scores payments",
    architecture={"family": "SVC", "hyperparameters": {"kernel": "rbf"}},
    signature={"inputs": [{"name": "amount", "datatype": "FP32", "shape": [-1]}]},
)
SILENT = profile()


def space_of(versions: Sequence[Profile]) -> Space:
    return Space(read_blocks(versions))


def find(
    space: Space, candidates: Sequence[int], *, place: int = 0, metric: Metric, top: int = 99
) -> list[Neighbour]:
    """The neighbours of a version; equally near ones keep the order in which they are given."""

    def order(found: list[int]) -> list[int]:
        return sorted(found, key=list(candidates).index)

    return space.find_nearest(place, np.array(candidates), metric=metric, top=top, order=order)


def nearest(*versions: Profile, metric: Metric = "cosine", top: int = 99) -> list[Neighbour]:
    """The neighbours of the first of the versions."""
    return find(space_of(versions), list(range(1, len(versions))), metric=metric, top=top)


@given(st.lists(profiles, min_size=2, max_size=7))
def test_nearness_is_what_plain_arithmetic_says(versions: list[Profile]) -> None:
    own, *others = vectors_of(versions)
    for metric, measure in (("cosine", cosine), ("euclidean", distance)):
        found = {item.place: item for item in nearest(*versions, metric=parse_metric(metric))}
        for place, other in enumerate(others, start=1):
            assert found[place].score == pytest.approx(measure(own, other), abs=2e-7)


@given(st.lists(profiles, min_size=2, max_size=7))
def test_what_is_said_of_a_neighbour_adds_up_to_its_score(versions: list[Profile]) -> None:
    for item in nearest(*versions):
        assert sum(item.blocks.values()) == pytest.approx(item.score, abs=1e-7)
        terms = sum(term.contribution for term in item.terms)
        assert terms + item.others == pytest.approx(item.score, abs=1e-7)
        for block in {term.block for term in item.terms}:
            assert block not in item.missing
    for item in nearest(*versions, metric="euclidean"):
        assert math.sqrt(sum(item.blocks.values())) == pytest.approx(item.score, abs=1e-4)
        assert item.terms == ()


@given(st.lists(profiles, min_size=1, max_size=5))
def test_an_equal_version_is_nearest_of_all(versions: list[Profile]) -> None:
    space = space_of([*versions, versions[0]])
    twin = len(versions)
    (first,) = find(space, [twin], metric="euclidean")
    assert first.score == 0.0
    (first,) = find(space, [twin], metric="cosine")
    assert first.score == (1.0 if space.has_direction(0) else 0.0)


@given(st.lists(profiles, min_size=2, max_size=5), st.sampled_from(METRICS))
def test_two_versions_are_as_near_whichever_is_asked_about(
    versions: list[Profile], metric: Metric
) -> None:
    space = space_of(versions)
    (there,) = find(space, [1], metric=metric)
    (back,) = find(space, [0], place=1, metric=metric)
    assert there.score == pytest.approx(back.score, abs=1e-7)


@pytest.mark.parametrize("metric", METRICS)
def test_the_nearest_comes_first(metric: Metric) -> None:
    assert [item.place for item in nearest(FLOWERS, FAR, NEAR, metric=metric)] == [2, 1]
    assert [item.place for item in nearest(FLOWERS, FAR, NEAR, metric=metric, top=1)] == [2]


@pytest.mark.parametrize("metric", METRICS)
def test_equally_near_ones_keep_the_order_in_which_they_were_given(metric: Metric) -> None:
    space = space_of([FLOWERS, NEAR, FAR, NEAR, NEAR])
    for top in range(1, 5):
        found = find(space, [4, 2, 1, 3], metric=metric, top=top)
        assert [item.place for item in found] == [4, 1, 3, 2][:top]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("words", range(3, 12))
def test_what_only_rounding_tells_apart_is_equally_near(metric: Metric, words: int) -> None:
    said = [f"word{number}" for number in range(words)]
    rising, falling = (
        profile(
            description=" ".join(
                f"{word} " * count for word, count in zip(said, counts, strict=True)
            )
        )
        for counts in (range(1, words + 1), range(words, 0, -1))
    )
    space = space_of([profile(description=" ".join(said)), rising, falling, rising])
    for order in ([1, 2, 3], [2, 1, 3], [3, 2, 1]):
        found = find(space, order, metric=metric)
        assert [item.place for item in found] == order


def test_what_is_not_stated_makes_a_version_neither_near_nor_far() -> None:
    same, silent, other = nearest(FLOWERS, FLOWERS, SILENT, FAR, metric="euclidean")
    assert (same.place, silent.place, other.place) == (1, 2, 3)
    for block in ("text", "architecture", "signature"):
        assert same.blocks[block] == 0
        assert silent.blocks[block] == pytest.approx(other.blocks[block] / 2)
    assert silent.missing == tuple(block.name for block in BLOCKS)
    assert other.missing == ()
    (by_angle,) = nearest(FLOWERS, SILENT)
    assert set(by_angle.blocks.values()) == {0.0}


def test_a_figure_that_is_not_stated_counts_as_the_average() -> None:
    low, middle, high = (profile({"accuracy": value}) for value in (0.5, 0.75, 1.0))
    found = find(space_of([low, middle, high, SILENT]), [1, 2, 3], metric="euclidean")
    scores = {item.place: item.score for item in found}
    assert scores[1] == scores[3] < scores[2]


def test_the_terms_name_what_is_shared_the_rarest_word_first() -> None:
    one, other = profile(description="the alpine rose"), profile(description="the alpine lily")
    common = [profile(description="the") for _ in range(5)]
    near = nearest(one, other, *common)[0]
    assert near.place == 1
    assert [term.name for term in near.terms] == ["alpine", "the"]
    assert {term.block for term in near.terms} == {"text"}


def test_a_figure_on_the_other_side_of_the_average_counts_against() -> None:
    good = profile({"accuracy": 0.9}, description="flower")
    bad = profile({"accuracy": 0.1}, description="flower")
    (found,) = nearest(good, bad)
    assert found.blocks["metrics"] < 0 < found.blocks["text"]
    assert {term.name: term.contribution > 0 for term in found.terms} == {
        "flower": True,
        "accuracy": False,
    }


def test_what_counts_against_is_told_before_what_hardly_counts() -> None:
    figures = {"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0}
    average = profile(dict.fromkeys(figures, 0.0))
    far = profile({**dict.fromkeys(figures, 1.0), "d": -3.0})
    found = next(item for item in nearest(profile(figures), far, average) if item.place == 1)
    assert "d" in {term.name for term in found.terms}
    assert len(found.terms) == 3


def test_a_parameter_that_both_have_is_shared_whatever_its_value() -> None:
    one, same, other = (
        profile(architecture={"hyperparameters": {"kernel": kernel}})
        for kernel in ("rbf", "rbf", "linear")
    )
    found = {item.place: item for item in nearest(one, same, other)}
    assert found[1].score == 1.0
    assert found[2].score == pytest.approx(0.5)
    assert [term.name for term in found[2].terms] == ["kernel"]


def test_there_is_no_direction_where_nothing_tells_apart() -> None:
    space = space_of([SILENT, profile({"accuracy": 0.9}), profile({"accuracy": 0.9})])
    assert [space.has_direction(place) for place in range(3)] == [False, False, False]


def test_the_largest_figures_there_are_do_no_harm() -> None:
    large = [profile({"x": value}) for value in (1.7e308, -1.7e308, 1.6e308, 5e-324)]
    scores = [item.score for item in nearest(*large, metric="euclidean")]
    assert all(math.isfinite(score) for score in scores)
    assert scores == sorted(scores)
    assert json.dumps(scores, allow_nan=False)


def test_the_weights_are_the_whole() -> None:
    assert sum(block.weight for block in BLOCKS) == pytest.approx(1)


def test_what_nothing_is_measured_by_is_refused() -> None:
    assert [parse_metric(name) for name in get_args(Metric)] == ["cosine", "euclidean"]
    with pytest.raises(UsageError, match="nothing is measured by 'manhattan'"):
        parse_metric("manhattan")
