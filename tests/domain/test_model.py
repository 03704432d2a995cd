from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest

from gitreg.domain.model import SCHEMA, Artifact, ModelDocument, decimal_of, read_metrics

SHA, MD5 = "0a" * 32, "0b" * 16
FILE: dict[str, Any] = {
    "path": "model.skops",
    "role": "model",
    "format": "skops",
    "size": 5312,
    "sha256": SHA,
    "md5": MD5,
}
FOLDER = FILE | {"path": "tokens", "md5": f"{MD5}.dir", "files": 3}


class NumpyFloat(float):
    """As numpy's float64: a float that spells itself otherwise."""

    def __repr__(self) -> str:
        return f"np.float64({float(self)})"


def document(**fields: object) -> dict[str, Any]:
    base = {"schema": SCHEMA, "name": "iris", "version": "1.2.0", "artifacts": [FILE]}
    return base | fields


def deep(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "entry",
    [
        FILE,
        FOLDER,
        {**FILE, "size": 0, "role": "tokenizer"},
        {**FILE, "entrypoint": "scorer:score"},
    ],
)
def test_an_artifact_is_written_as_it_was_read(entry: dict[str, Any]) -> None:
    artifact = Artifact.from_dict(entry)
    assert artifact.to_dict() == entry
    assert artifact.is_folder is ("files" in entry)


def test_an_artifact_is_a_model_unless_it_says_otherwise() -> None:
    assert Artifact.from_dict({k: v for k, v in FILE.items() if k != "role"}).role == "model"


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        *(("path", path, "plain relative") for path in ("", "..", "/etc/passwd", ".git/x", "a\nb")),
        *(("path", path, "path is not a text") for path in (None, 1, ["a"], deep(3000))),
        *(("sha256", digest, "64 hex") for digest in ("", SHA.upper(), SHA + "0", f"{SHA}\n")),
        *(
            ("sha256", digest, "sha256 is not a text")
            for digest in (None, int("1" * 64), deep(3000))
        ),
        *(("md5", digest, "DVC's") for digest in ("", f"{MD5}.dir", f"{MD5}.DIR", MD5[:-1])),
        ("files", 3, "DVC's"),
        *(("size", size, "count") for size in (None, -1, 1.0, True, "5", math.nan, 10**18)),
        *(("role", role, "role or the format") for role in (None, 1, ["model"])),
        *(("format", kind, "role or the format") for kind in (1, ["skops"])),
        *(("entrypoint", name, "entrypoint of model.skops is not a text") for name in (1, ["a:b"])),
    ],
)
def test_another_artifact_is_refused(field: str, value: object, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        Artifact.from_dict(FILE | {field: value})


@pytest.mark.parametrize("files", [-1, True, 1.5, "3", 10**18])
def test_the_files_of_a_folder_are_counted(files: object) -> None:
    with pytest.raises(ValueError, match="count"):
        Artifact.from_dict(FOLDER | {"files": files})


def test_a_document_is_read_with_everything_it_says() -> None:
    data = document(metrics={"accuracy": 0.95}, artifacts=[FILE, FOLDER], extra={"a": [1]})
    read = ModelDocument.from_dict(data)
    assert (read.name, read.version) == ("iris", "1.2.0")
    assert read.metrics == {"accuracy": Decimal("0.95")}
    assert [artifact.path for artifact in read.artifacts] == ["model.skops", "tokens"]
    assert read.metadata is data


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (None, "schema"),
        ([], "schema"),
        ({}, "schema"),
        (document(schema="gitreg/model/v2"), "schema"),
        (document(schema=[SCHEMA]), "schema"),
        (document(artifacts=None), "list of mappings"),
        (document(artifacts={"a": FILE}), "list of mappings"),
        (document(artifacts=[FILE, "model.pkl"]), "list of mappings"),
        (document(artifacts=[FILE, FILE]), "one name"),
        (document(artifacts=[FILE, FILE | {"path": "Model.skops"}]), "one name"),
        (document(artifacts=[FOLDER, FILE | {"path": "tokens/a"}]), "within"),
        (document(name=None), "name is not a text"),
        (document(name=5), "name is not a text"),
        (document(name=deep(3000)), "name is not a text"),
        (document(version=1.0), "version is not a text"),
        (document(metrics=[0.95]), "metrics is not a mapping"),
        (document(metrics={"accuracy": "0.95"}), "accuracy is not a finite number"),
    ],
)
def test_another_document_is_refused(data: object, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        ModelDocument.from_dict(data)


def test_many_artifacts_are_read() -> None:
    entries = [FILE | {"path": f"{'a/' * 20}{number}"} for number in range(2000)]
    assert len(ModelDocument.from_dict(document(artifacts=entries)).artifacts) == 2000


def test_metrics_are_numbers_bare_or_with_their_unit() -> None:
    metrics = read_metrics({"accuracy": 0.95, "latency_p95_ms": {"value": 12, "unit": "ms"}})
    assert metrics == {"accuracy": Decimal("0.95"), "latency_p95_ms": Decimal(12)}
    assert read_metrics(None) == {}


def test_decimals_hold_what_was_written() -> None:
    assert decimal_of("a", 0.95) - decimal_of("a", 0.96) == Decimal("-0.01")
    assert decimal_of("a", 1e-7) == Decimal("1e-7")
    assert decimal_of("a", NumpyFloat(0.5)) == Decimal("0.5")
    assert decimal_of("a", 10**5000) == Decimal(10) ** 5000


@pytest.mark.parametrize(
    "value", [None, True, False, "1", math.nan, math.inf, -math.inf, [1], {}, {"unit": "ms"}, 1j]
)
def test_what_is_no_finite_number_is_no_metric(value: object) -> None:
    with pytest.raises(ValueError, match="accuracy is not a finite number"):
        read_metrics({"accuracy": value})


@pytest.mark.parametrize("name", [1, None, True, 1.5, ("a",)])
def test_a_metric_has_a_name(name: object) -> None:
    with pytest.raises(ValueError, match="name of a metric"):
        read_metrics({name: 1})
