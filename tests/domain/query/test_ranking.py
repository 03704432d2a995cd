from __future__ import annotations

import math

import pytest

from gitreg.domain.query.ranking import Texts, split_words
from gitreg.domain.query.tree import Words

TEXTS = Texts([["iris", "a flower"], ["flower flower power"], ["fraud"]])


def test_words_are_runs_of_letters_and_digits_without_case_and_accents() -> None:
    assert split_words("Müller's IRIS_v2, 3.5 日本") == [
        "muller",
        "s",
        "iris",
        "v2",
        "3",
        "5",
        "日本",
    ]


def test_a_score_is_that_of_the_formula() -> None:
    found = TEXTS.find(Words("flower"))
    assert found == {0: 1, 1: 2}
    idf, average = math.log(1 + 1.5 / 2.5), 7 / 3
    expected = {
        0: idf * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 3 / average)),
        1: idf * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / average)),
    }
    assert TEXTS.score([found]) == pytest.approx(expected)


def test_a_phrase_does_not_reach_from_one_text_into_the_next() -> None:
    assert TEXTS.find(Words("iris a")) == {}
    assert TEXTS.find(Words("A Flower")) == {0: 1}
    assert TEXTS.find(Words("flower pow", prefix=True)) == {1: 1}
    assert TEXTS.find(Words("flower pow")) == {}


def test_nothing_scores_where_there_is_nothing() -> None:
    assert Texts([]).score([Texts([]).find(Words("a"))]) == {}
    assert Texts([[]]).score([{}]) == {}
