"""Golden examples as arrays, and what is wrong with files that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gitreg.errors import InvalidError
from gitreg.validation.examples import parse_examples, read_examples
from tests.validation.subjects import (
    GOOD,
    QUICK,
    SIGNATURE,
    X,
    Y,
    check,
    codes,
    good_model,
    make_subject,
    only,
    with_examples,
)

SUBJECT = make_subject(Path("model.skops"), {**GOOD, "validation": {"examples": "examples.json"}})


def parse(inputs: Any, outputs: Any) -> Any:
    return parse_examples(
        json.dumps({"inputs": inputs, "outputs": outputs}).encode(), SUBJECT.signature("inputs")
    )


def test_columns_become_arrays_of_the_types_that_the_signature_has() -> None:
    found = parse({"x": [[1, 2], [3, None]], "name": ["a", "bc"]}, {"label": [0, 1]})
    assert found.rows == 2
    assert found.inputs["x"].dtype == np.float64
    assert np.isnan(found.inputs["x"][1, 1])
    assert found.inputs["name"].tolist() == ["a", "bc"]
    assert found.outputs["label"].dtype == np.int64


def test_what_the_signature_does_not_have_is_taken_as_it_is() -> None:
    found = parse({"a": [1, 2], "b": [1, 2.5], "c": [None, 1], "d": [True, False]}, {"p": [1, 2]})
    kinds = {name: array.dtype.kind for name, array in found.inputs.items()}
    assert kinds == {"a": "i", "b": "f", "c": "f", "d": "b"}


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"junk", "JSON|Expecting"),
        (b"[]", "just inputs and outputs"),
        (b'{"inputs": {}}', "just inputs and outputs"),
        (b'{"inputs": [], "outputs": {}}', "are not mappings"),
        (b'{"inputs": {}, "outputs": {}}', "equally many rows"),
        (b'{"inputs": {"x": []}, "outputs": {"p": []}}', "equally many rows"),
        (b'{"inputs": {"a": [1, 2]}, "outputs": {"p": [1]}}', "equally many rows"),
        (b'{"inputs": {"a": 1}, "outputs": {"p": [1]}}', "a is not a list"),
        (b'{"inputs": {"a": [{}]}, "outputs": {"p": [1]}}', "neither a number nor a text"),
        (b'{"inputs": {"a": [1, "b"]}, "outputs": {"p": [1, 2]}}', "a mixes numbers"),
        (b'{"inputs": {"a": [true, 2]}, "outputs": {"p": [1, 2]}}', "a mixes numbers"),
        (b'{"inputs": {"a": [null, "b"]}, "outputs": {"p": [1, 2]}}', "texts that are missing"),
        (b'{"inputs": {"x": ["1"]}, "outputs": {"p": [1]}}', "the signature wants float64"),
        (b'{"inputs": {"a": [[1], [2, 3]]}, "outputs": {"p": [1, 2]}}', "a: "),
        (b'{"inputs": {"a": [1e400]}, "outputs": {"p": [1]}}', "not a JSON number"),
        (b'{"inputs": {"a": [%d]}, "outputs": {"p": [1]}}' % 10**30, "too large"),
        (b'{"inputs": {"a": ["%s"]}, "outputs": {"p": [1]}}' % (b"x" * 100_000), "too large"),
        (
            b'{"inputs": {"a": ["%s"%s]}, "outputs": {"p": [1]}}' % (b"x" * 9999, b', ""' * 9999),
            "far longer than the others",
        ),
        (b'{"inputs": {"a": [1]}, "inputs": {"a": [1]}, "outputs": {"p": [1]}}', "repeats a key"),
    ],
)
def test_what_makes_no_sense_is_told(data: bytes, what: str) -> None:
    with pytest.raises(InvalidError, match=what) as caught:
        read_examples(data, file="examples.json", signature=SUBJECT.signature("inputs"))
    assert caught.value.what.startswith("examples.json: ")
    assert str(caught.value.next_step).startswith('it is {"inputs"')


def golden(tmp_path: Path, outputs: Any, **more: Any) -> Any:
    examples = with_examples({"x": X.tolist()}, outputs, **more)
    return check(good_model(tmp_path), QUICK, "functional", **examples)


def test_scores_are_compared_too(tmp_path: Path) -> None:
    from tests.validation.subjects import fitted

    score = fitted().predict_proba(X)
    assert codes(golden(tmp_path, {"prediction": Y.tolist(), "score": score.tolist()})) == []
    found = golden(tmp_path, {"score": (score + 1e-3).tolist()})
    assert "score of row 0 is [" in only(found, "functional.examples").what
    assert codes(golden(tmp_path, {"score": (score + 1e-3).tolist()}, tolerance=0.01)) == []


def test_outputs_that_the_model_lacks_are_told(tmp_path: Path) -> None:
    found = golden(tmp_path, {"other": Y.tolist()})
    assert "the model answers no other" in only(found, "functional.examples").what


def test_examples_of_texts_reach_the_model(tmp_path: Path) -> None:
    import skops.io
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    colours = [["red"], ["blue"], ["red"], ["blue"]]
    model = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(colours, [1, 0, 1, 0])
    skops.io.dump(model, tmp_path / "model.skops")
    signature = {"inputs": [{"name": "colour", "datatype": "BYTES", "shape": [-1]}]}
    more = with_examples({"colour": ["red", "blue"]}, {"prediction": [1, 0]})
    more["metadata"]["signature"] = {**signature, "outputs": SIGNATURE["outputs"]}
    found = check(tmp_path / "model.skops", QUICK, "functional", "stability", **more)
    assert codes(found, "error", "warning") == []
    assert any("reproduces 2" in seen.what for item in found.checks for seen in item.seen)
