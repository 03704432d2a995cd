"""Versions to be checked, made of one real file each."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from sklearn.linear_model import LogisticRegression

from gitreg import yaml12
from gitreg.domain.finding import Finding
from gitreg.formats import ModelFile, guess
from gitreg.formats.isolated import Limits
from gitreg.validation.checks import CHECKS, run_checks
from gitreg.validation.outcome import Validation
from gitreg.validation.subject import Subject
from gitreg.value import replace

X = np.array([[0.0, 0.5], [1.0, 1.0], [4.0, 4.5], [5.0, 5.0]])
Y = np.array([0, 0, 1, 1])
QUICK = Limits(seconds=10.0)
SIGNATURE = {
    "inputs": [{"name": "x", "datatype": "FP64", "shape": [-1, 2]}],
    "outputs": [{"name": "label", "datatype": "INT64", "shape": [-1]}],
}
GOOD: dict[str, Any] = {
    "license": "Apache-2.0",
    "signature": SIGNATURE,
    "validation": {"max_latency_p95_ms": 1e6, "max_memory_mib": 1e6},
}


def fitted() -> LogisticRegression:
    return LogisticRegression(C=100.0).fit(X, Y)


def good_model(folder: Path) -> Path:
    skops.io.dump(fitted(), folder / "model.skops")
    return folder / "model.skops"


class Says:
    """A pickle whose loading makes a model that predicts by running `code`."""

    def __init__(self, code: str, at_load: str = "") -> None:
        self.code, self.at_load = code, at_load

    def __reduce__(self) -> Any:
        source = (
            f"import numpy as np\n{self.at_load}\n"
            "class Model:\n"
            "    def predict(self, x):\n"
            f"        {self.code}\n"
            "        return (x[:, 0] > 2).astype(np.int64)\n"
        )
        return eval, (f"(lambda s: (exec({source!r}, s), s['Model']())[1])({{}})",)


def pickled(folder: Path, code: str = "pass", at_load: str = "") -> Path:
    path = folder / "model.pkl"
    path.write_bytes(pickle.dumps(Says(code, at_load)))
    return path


def make_subject(
    model: Path, metadata: Mapping[str, Any] = GOOD, files: Mapping[str, bytes] = {}, **more: Any
) -> Subject:
    """A version whose commit has `files` beside its `model.yaml`."""
    form = more.pop("form", guess(model))
    artifact = {"path": model.name, "role": "model", "format": form, "size": 1}
    head = {"schema": "gitreg/model/v1", "name": "iris", "version": "1.0.0"}
    digests = {"sha256": "a" * 64, "md5": "b" * 32}
    value = {**head, **metadata, "artifacts": [{**artifact, **digests}]}
    committed = {"model.yaml": yaml12.dump(value).encode(), **files}
    subject = Subject(
        model="iris",
        version="1.0.0",
        file="models/iris/model.yaml",
        metadata=value,
        signed=value,
        read=committed.get,
        find_files=lambda: {model.name: model},
        find_model=lambda: ModelFile(path=model, format=form or ""),
        permits_code=True,
        write_code=lambda _: [],
    )
    return replace(subject, **more)


def with_examples(inputs: object, outputs: object, **validation: Any) -> dict[str, Any]:
    """What `make_subject` is given for golden examples."""
    text = json.dumps({"inputs": inputs, "outputs": outputs})
    metadata = {**GOOD, "validation": {"examples": "examples.json", **validation}}
    return {"metadata": metadata, "files": {"examples.json": text.encode()}}


def check(model: Path, limits: Limits = QUICK, *names: str, **more: Any) -> Validation:
    """Run all checks, or those of these names."""
    chosen = [item for item in CHECKS if not names or item.NAME in names]
    return run_checks(make_subject(model, **more), limits, checks=chosen)


def codes(found: Validation, *severities: str) -> list[str]:
    wanted: Sequence[str] = severities or ("error",)
    return [finding.code for finding in found.findings if finding.severity in wanted]


def only(found: Validation, code: str) -> Finding:
    (finding,) = [finding for finding in found.findings if finding.code == code]
    return finding


def verdicts(found: Validation) -> dict[str, str]:
    return {outcome.name: outcome.verdict for outcome in found.checks}
