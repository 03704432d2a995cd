from __future__ import annotations

import re
from pathlib import Path

import pytest

from gitreg import formats
from gitreg.errors import SetupError
from tests.fixtures import write


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/model.skops", "skops"),
        ("m.JOBLIB", "joblib"),
        ("m.pkl", "pickle"),
        ("m.pickle", "pickle"),
        ("m.onnx", "onnx"),
        ("m.ubj", "xgboost"),
        ("m.json", None),
        ("m.txt", None),
        ("m.pt", "torchscript"),
        ("m.safetensors", "safetensors"),
        ("scorer.py", "python"),
        ("m.h5", None),
        ("skops", None),
    ],
)
def test_a_name_suggests_a_format(path: str, name: str | None) -> None:
    assert formats.guess(Path(path)) == name


@pytest.mark.parametrize(
    ("name", "form"), [("MLmodel", "mlflow"), ("saved_model.pb", "tensorflow"), ("x.pkl", None)]
)
def test_a_folder_suggests_a_format_by_its_files(
    tmp_path: Path, name: str, form: str | None
) -> None:
    write(tmp_path / name, b"")
    assert formats.guess(tmp_path) == form


def test_a_format_is_found_by_its_name() -> None:
    assert formats.find("skops", "m").NAME == "skops"
    with pytest.raises(SetupError, match="which gitreg does not load"):
        formats.find("keras", "m.h5")


def test_every_format_says_whether_it_runs_code() -> None:
    harmless = {name for name, form in formats.FORMATS.items() if not form.RUNS_CODE}
    assert harmless == {"skops", "onnx", "xgboost", "lightgbm"}


def test_every_format_is_documented_with_what_it_runs() -> None:
    page = Path(__file__).parents[2] / "docs/formats.md"
    rows = re.findall(
        r"^\| `(\w+)` \|.*\| (no|yes|as the format in it)\b", page.read_text(), re.MULTILINE
    )
    runs = {name: "yes" if form.RUNS_CODE else "no" for name, form in formats.FORMATS.items()}
    assert dict(rows) == runs | {"mlflow": "as the format in it"}


def test_a_framework_that_is_missing_is_told_with_its_extra() -> None:
    with pytest.raises(SetupError, match="needs no_such_framework") as caught:
        formats.require("no_such_framework", "sklearn")
    assert caught.value.next_step == "pip install 'gitreg[sklearn]'"
