from __future__ import annotations

from pathlib import Path

import pytest

from gitreg import formats
from gitreg.errors import SetupError


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
        ("m.h5", None),
        ("skops", None),
    ],
)
def test_a_name_suggests_a_format(path: str, name: str | None) -> None:
    assert formats.guess(Path(path)) == name


def test_a_format_is_found_by_its_name() -> None:
    assert formats.find("skops", "m").NAME == "skops"
    with pytest.raises(SetupError, match="which gitreg does not load"):
        formats.find("keras", "m.h5")


def test_every_format_says_whether_it_runs_code() -> None:
    assert {name: form.RUNS_CODE for name, form in formats.FORMATS.items()} == {
        "skops": False,
        "onnx": False,
        "xgboost": False,
        "lightgbm": False,
        "joblib": True,
        "pickle": True,
    }


def test_a_framework_that_is_missing_is_told_with_its_extra() -> None:
    with pytest.raises(SetupError, match="needs no_such_framework") as caught:
        formats.require("no_such_framework", "sklearn")
    assert caught.value.next_step == "pip install 'gitreg[sklearn]'"
