from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from gitreg.similarity.features import (
    Profile,
    find_fields,
    read_architecture,
    read_hyperparameters,
    read_metrics,
    read_signature,
    read_texts,
    read_words,
    split_words,
)
from gitreg.similarity.space import BLOCKS, read_blocks
from tests.property import strategies as words
from tests.similarity.profiles import Json, profile


def test_words_are_of_two_letters_at_least_and_in_lower_case() -> None:
    assert split_words("A Flower's Species: k-means_2 ÜBER 3 42") == [
        *("flower", "species", "means_2", "über", "42")
    ]


def test_text_is_description_task_tags_and_card() -> None:
    document = {
        "name": "iris",
        "description": "Flowers",
        "task": "tabular-classification",
        "tags": {"domain": "botany", "reviewed": True, "empty": None, "odd": ["x"]},
        "card": {"intended_use": "gardens", "ethics": 3},
    }
    assert read_texts(document) == {
        "description": "Flowers",
        "task": "tabular-classification",
        "tags.domain": "domain botany",
        "tags.empty": "empty",
        "tags.odd": "odd",
        "tags.reviewed": "reviewed True",
        "card.intended_use": "gardens",
    }


def test_a_word_is_found_in_its_fields() -> None:
    document: Json = {"description": "a flower", "card": {"limitations": "no Flower, no leaf"}}
    assert find_fields(document, "flower") == ("description", "card.limitations")
    assert find_fields(document, "flow") == ()
    assert read_words(profile(**document)).marks == {"flower": 2, "no": 2, "leaf": 1}


def test_hyperparameters_are_marks_by_name_and_figures_or_marks_by_value() -> None:
    given_ = {"C": 1, "kernel": "rbf", "fit": {"intercept": True, "l1": 0.5}, "layers": [3, 4]}
    found = read_hyperparameters(profile(architecture={"hyperparameters": given_}))
    assert found.figures == {"C (value)": 1, "fit.l1 (value)": 0.5}
    assert set(found.marks) == {
        *("C", "kernel", "fit.intercept", "fit.l1", "layers"),
        *("kernel = rbf", "fit.intercept = true", "layers = [3, 4]"),
    }


def test_architecture_is_its_family_however_it_is_spelled() -> None:
    for family in ("LogisticRegression", "logisticregression"):
        found = read_architecture(profile(architecture={"family": family}))
        assert found.marks == {"logisticregression": 1}


def test_a_signature_is_its_tensors_names_and_kinds() -> None:
    tensor = {"datatype": "FP64", "shape": [-1]}
    inputs = [{"name": "x", **tensor}, {"name": "y", **tensor}]
    found = read_signature(profile(signature={"inputs": inputs}))
    assert found.marks == {"inputs: x": 1, "inputs: y": 1, "inputs: FP64 [-1]": 2}


def test_metrics_are_figures() -> None:
    assert read_metrics(profile({"accuracy": 0.5})).figures == {"accuracy": 0.5}


def test_a_metric_that_is_larger_than_any_double_is_passed_over() -> None:
    versions = [
        Profile(metadata={}, metrics={"x": Decimal(10) ** power, "y": Decimal(power)})
        for power in (1, 2, 400)
    ]
    assert read_metrics(versions[2]).figures == {"y": 400}
    stated = read_blocks(versions)["metrics"]
    assert [len(stated.row(place)[0]) for place in range(3)] == [2, 2, 1]


@pytest.mark.parametrize("odd", [3, "text", [1], {"family": 3, "inputs": 3, "x": {}}, None])
def test_what_is_of_another_type_than_it_should_be_is_passed_over(odd: object) -> None:
    fields = ("description", "task", "tags", "card", "architecture", "signature")
    for block in BLOCKS:
        block.read(Profile(metadata=dict.fromkeys(fields, odd), metrics={}))
    assert read_architecture(profile(architecture=odd)).marks == {}


@given(words.json_values, words.json_values)
def test_no_document_is_too_odd_to_be_read(one: Any, other: Any) -> None:
    names = ("description", "task", "tags", "card", "architecture", "signature")
    odd = {**dict.fromkeys(names, one), "architecture": {"hyperparameters": other}}
    for block in BLOCKS:
        block.read(Profile(metadata=odd, metrics={"x": Decimal(1)}))
