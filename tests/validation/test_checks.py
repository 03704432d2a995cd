"""All checks of a version at once, on real models: good ones, bare ones and hostile ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gitreg.errors import RefusedError, SetupError, TransferError
from gitreg.formats.isolated import Limits
from gitreg.validation.checks import CHECKS
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
    pickled,
    verdicts,
    with_examples,
)


def test_a_good_model_passes_everything(tmp_path: Path) -> None:
    inputs, outputs = {"x": X.tolist()}, {"label": Y.tolist()}
    more = with_examples(inputs, outputs, max_latency_p95_ms=1e6, max_memory_mib=1e6)
    more["metadata"]["framework"] = {"name": "scikit-learn", "version": _sklearn()}
    found = check(good_model(tmp_path), **more)
    assert found.findings == ()
    assert found.ok
    assert set(verdicts(found).values()) == {"passed"}
    assert list(verdicts(found)) == [item.NAME for item in CHECKS if item.NAME != "team"]
    assert found.figures["memory_mib"] > 1
    assert found.figures["latency_p95_ms"] > 0


def _sklearn() -> str:
    from importlib.metadata import version

    return version("scikit-learn")


def test_what_cannot_be_checked_is_said_with_what_to_add(tmp_path: Path) -> None:
    found = check(good_model(tmp_path), metadata={})
    assert found.ok
    assert verdicts(found) == {
        "schema": "passed",
        "security": "warned",
        "format": "passed",
        "functional": "not checked",
        "stability": "not checked",
        "performance": "not checked",
    }
    notes = [item for item in found.findings if item.severity == "note"]
    assert all("not checked, because" in item.what and item.next_step for item in notes)
    steps = " ".join(str(item.next_step) for item in notes)
    assert "signature: {inputs:" in steps
    assert "validation: {examples: examples.json}" in steps


def test_bounds_that_nobody_set_are_measured_and_said(tmp_path: Path) -> None:
    found = check(good_model(tmp_path), metadata={"signature": SIGNATURE})
    assert verdicts(found)["performance"] == "partly"
    assert {"latency_p95_ms", "memory_mib"} <= set(found.figures)
    steps = [str(item.next_step) for item in found.findings if item.code == "performance.unchecked"]
    assert steps == [
        "add validation: {max_latency_p95_ms: …}",
        "add validation: {max_memory_mib: …}",
    ]


def test_one_check_that_fails_does_not_stop_another(tmp_path: Path) -> None:
    metadata = {
        "license": "free for all",
        "signature": {**SIGNATURE, "outputs": [{"name": "p", "datatype": "FP32", "shape": [-1]}]},
        "framework": {"name": "scikit-learn", "version": "0.1.0"},
        "validation": {"max_latency_p95_ms": 1e-9, "max_memory_mib": 1, "examples": "gone.json"},
    }
    found = check(good_model(tmp_path), metadata=metadata)
    assert sorted(codes(found, "error", "warning")) == [
        "format.framework",
        "functional.failed",
        "functional.sample",
        "performance.latency_p95_ms",
        "performance.memory_mib",
        "security.licence",
    ]
    assert not found.ok
    assert "gone.json is not in the version's commit" in only(found, "functional.failed").what


@pytest.mark.parametrize(
    ("code", "finding", "what"),
    [
        ("raise ValueError('no')", "functional.failed", "ValueError: no"),
        ("__import__('os')._exit(0)", "functional.failed", "ended its process"),
        ("bytearray(1 << 45)", "functional.failed", "more memory than allowed"),
        ("print('debug me')", "stability.prints", "debug me"),
        (
            "import os, signal; os.fork() or signal.pause()",
            "stability.forks",
            "leaves processes running",
        ),
        ("return np.zeros(3, np.int64)", "functional.sample", r"shape \[3\] for 16 rows"),
        ("return np.zeros((len(x), 2), np.int64)", "functional.sample", r"signature says \[-1\]"),
        ("return np.zeros(len(x))", "functional.sample", "is FP64, and the signature says INT64"),
        ("return x[:, 0] * np.nan", "functional.sample", "16 values that are no finite numbers"),
        ("return np.int64(1)", "functional.sample", r"has the shape \[1\] for 16 rows"),
        ("return {'a': 1}", "functional.sample", "prediction"),
        (
            "return np.random.default_rng().integers(0, 1 << 40, len(x))",
            "stability.repeat",
            "asked the same twice, prediction of row 0",
        ),
        (
            "return np.arange(len(x))",
            "stability.rows",
            "asked for a batch and then row by row, prediction of row 1 is 1, then 0",
        ),
    ],
)
def test_a_model_that_misbehaves_is_told(
    tmp_path: Path, code: str, finding: str, what: str
) -> None:
    found = check(pickled(tmp_path, code))
    assert not found.ok
    assert finding in codes(found)
    said = " ".join(item.what for item in found.findings if item.code == finding)
    assert re.search(what, said), said
    assert finding == "functional.failed" or "functional.failed" not in codes(found)


def test_a_model_without_a_seed_is_told_once(tmp_path: Path) -> None:
    code = "return np.random.default_rng().integers(0, 1 << 40, len(x))"
    found = check(pickled(tmp_path, code), QUICK, "stability")
    assert codes(found, "error", "warning") == ["stability.repeat"]
    assert "because it does not answer the same twice" in only(found, "stability.unchecked").what


def test_what_fails_on_plain_inputs_is_told_once(tmp_path: Path) -> None:
    found = check(pickled(tmp_path, "raise ValueError('no')"))
    assert codes(found) == ["functional.failed"]
    assert "fails on plain inputs" in only(found, "stability.unchecked").what


@pytest.mark.parametrize("code", ["while True: pass", "__import__('signal').pause()"])
def test_a_model_that_hangs_is_asked_once(tmp_path: Path, code: str) -> None:
    found = check(pickled(tmp_path, code), Limits(seconds=1.5))
    assert codes(found) == ["functional.failed"]
    assert "took longer than 1.5 s" in only(found, "functional.failed").what
    assert "did not come back" in only(found, "stability.unchecked").what


def test_a_model_that_cannot_be_loaded_is_told_once(tmp_path: Path) -> None:
    found = check(pickled(tmp_path, at_load="raise ValueError('no')"))
    assert codes(found) == ["format.failed"]
    assert "loading it: ValueError: no" in only(found, "format.failed").what
    assert verdicts(found)["stability"] == "not checked"


def test_a_model_that_answers_nan_or_dies_where_values_are_missing(tmp_path: Path) -> None:
    nan = check(
        pickled(tmp_path, "return np.where(np.isnan(x[:, 0]), x[:, 0], 1.0)"),
        metadata={**GOOD, "signature": {"inputs": SIGNATURE["inputs"]}},
    )
    assert "where values are missing, prediction is NaN" in only(nan, "stability.missing").what
    dies = check(pickled(tmp_path, "np.isnan(x).any() and __import__('os')._exit(1)"))
    assert "missing values: the model" in only(dies, "stability.failed").what


def test_a_model_that_jumps_at_the_smallest_change_is_warned_of(tmp_path: Path) -> None:
    code = "return (x[:, 0] * 1e9 % 2).astype(np.int64)"
    found = check(pickled(tmp_path, code))
    assert "change prediction of" in only(found, "stability.nudge").what
    assert found.ok


def refuse(error: Exception) -> Any:
    def find() -> Any:
        raise error

    return find


def test_what_the_policy_forbids_is_one_error_and_nothing_runs(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    path = pickled(tmp_path, at_load=f"open({str(mark)!r}, 'w')")
    error = RefusedError("loading it would run code", rule="allow-pickle", next_step="use skops")
    found = check(path, find_model=refuse(error), permits_code=False)
    assert codes(found) == ["security.code"]
    assert codes(found, "warning") == ["security.imports"]
    assert not mark.exists()
    assert verdicts(found)["functional"] == "not checked"


def test_artifacts_that_cannot_be_had_are_one_error(tmp_path: Path) -> None:
    error = TransferError("the remote is gone", next_step="ask again")
    path = good_model(tmp_path)
    found = check(path, find_model=refuse(error), find_files=refuse(error))
    assert codes(found) == ["security.failed"]
    assert "the remote is gone" in only(found, "security.failed").what
    assert verdicts(found)["schema"] == "passed"


def test_a_framework_that_is_missing_is_no_error(tmp_path: Path) -> None:
    error = SetupError("loading this model needs x", next_step="pip install 'gitreg[x]'")
    found = check(good_model(tmp_path), find_model=refuse(error))
    assert found.ok
    note = only(found, "stability.unchecked")
    assert "because loading this model needs x" in note.what
    assert note.next_step == "pip install 'gitreg[x]'"


def test_a_signature_of_texts_wants_examples(tmp_path: Path) -> None:
    signature = {"inputs": [{"name": "colour", "datatype": "BYTES", "shape": [-1]}]}
    found = check(good_model(tmp_path), metadata={"signature": signature})
    notes = [item.what for item in found.findings if item.code == "functional.unchecked"]
    assert any("colour is text, which cannot be made up" in what for what in notes)


def test_model_yaml_is_read_from_the_commit(tmp_path: Path) -> None:
    path = good_model(tmp_path)
    bad = b"schema: gitreg/model/v1\nname: Iris\nversion: 1\nlicence: MIT\n"
    found = check(path, files={"model.yaml": bad})
    assert verdicts(found)["schema"] == "failed"
    assert {item.where for item in found.findings if item.code.startswith("schema.")} == {
        f"models/iris/model.yaml:{line}" for line in (2, 3, 4)
    }
    other = make_subject(path, {"license": "MIT"}).read("model.yaml")
    assert codes(check(path, files={"model.yaml": other})) == ["schema.signed"]
    gone = check(path, QUICK, "schema", read=lambda _: None)
    assert verdicts(gone)["schema"] == "partly"
    assert "model.yaml: not checked, because the version's commit" in gone.findings[0].what
