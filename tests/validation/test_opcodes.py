"""What pickles import, read without loading them."""

from __future__ import annotations

import os
import pickle
import pickletools
import zipfile
from pathlib import Path
from typing import Any

import joblib
import pytest
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from gitreg.validation.opcodes import Name, read_opcodes
from tests.validation.subjects import (
    GOOD,
    QUICK,
    X,
    Y,
    check,
    codes,
    fitted,
    good_model,
    only,
    pickled,
)


class Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_imports_are_listed_and_nothing_is_run(tmp_path: Path, protocol: int) -> None:
    mark, path = tmp_path / "mark", tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps([fitted(), Evil(mark)], protocol))
    found = read_opcodes(path)
    assert found.whole
    assert found.unusual == [f"{os.system.__module__}.system"]
    assert Name("sklearn.linear_model._logistic", "LogisticRegression") in found.names
    assert not mark.exists()


def test_a_name_from_the_memo_is_followed(tmp_path: Path) -> None:
    twice = pickle.dumps([Evil(tmp_path), Evil(tmp_path)], 4)
    memoised = pickletools.optimize(twice)
    for data in (twice, memoised):
        (tmp_path / "m").write_bytes(data)
        assert read_opcodes(tmp_path / "m").unusual == ["posix.system"]


def test_a_name_that_is_put_together_is_told(tmp_path: Path) -> None:
    data = b"\x80\x04\x8c\x02os" + b"\x8c\x03get\x85" + b"\x93."
    (tmp_path / "m").write_bytes(data)
    assert read_opcodes(tmp_path / "m").unusual == [
        "a name that is put together while it is loaded"
    ]


def test_a_second_pickle_behind_the_first_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(pickle.dumps({}) + pickle.dumps(Evil(tmp_path)))
    assert read_opcodes(tmp_path / "m").unusual == ["posix.system"]


def test_pickles_in_a_zip_are_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.pt", "w") as archive:
        archive.writestr("m/data.pkl", pickle.dumps(Evil(tmp_path)))
    assert read_opcodes(tmp_path / "m.pt").unusual == ["posix.system"]


@pytest.mark.parametrize(
    "data", [b"", b"\x80", b"\x80\x04\x95", b"junk", b"\x80\x04\x93.", b"(((("]
)
def test_what_is_damaged_ends_the_reading(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "m").write_bytes(data)
    assert read_opcodes(tmp_path / "m").whole == (data in (b"", b"\x80\x04\x93."))


def test_the_framework_that_wrote_it_is_read(tmp_path: Path) -> None:
    import sklearn

    (tmp_path / "m").write_bytes(pickle.dumps(fitted()))
    assert list(read_opcodes(tmp_path / "m").versions) == [sklearn.__version__]


def test_imports_are_advice_and_no_error(tmp_path: Path) -> None:
    found = check(pickled(tmp_path), QUICK, "security")
    assert only(found, "security.imports").what == "loading it imports builtins.eval"
    assert found.ok


def test_what_joblib_wrote_is_read_as_far_as_its_arrays(tmp_path: Path) -> None:
    joblib.dump(fitted(), tmp_path / "model.joblib")
    found = check(tmp_path / "model.joblib", QUICK, "security")
    assert "because arrays lie between its opcodes" in only(found, "security.unchecked").what
    assert found.ok


def test_one_that_joblib_compressed_is_not_called_free_of_pickles(tmp_path: Path) -> None:
    joblib.dump(fitted(), tmp_path / "model.joblib", compress=3)
    found = check(tmp_path / "model.joblib", QUICK, "security")
    assert "because it is compressed" in only(found, "security.unchecked").what


def test_a_pickle_beside_the_model_is_looked_into(tmp_path: Path) -> None:
    model, other = good_model(tmp_path), tmp_path / "vectorizer.bin"
    other.write_bytes(pickle.dumps(Evil(tmp_path)))
    files = {"model.skops": model, "vectorizer.bin": other}
    found = check(model, QUICK, "security", find_files=lambda: files)
    assert only(found, "security.imports").where == "iris 1.0.0, vectorizer.bin"


def test_all_that_picklescan_calls_dangerous_is_unusual() -> None:
    from picklescan.scanner import _unsafe_globals

    names = [
        Name(module, "anything" if name == "*" else name)
        for module, listed in _unsafe_globals.items()
        for name in listed
    ]
    assert len(names) > 100
    assert [str(name) for name in names if name.usual] == []


@pytest.mark.parametrize(
    ("module", "name", "usual"),
    [
        ("sklearn.tree._tree", "Tree", True),
        ("sklearn._loss.link", "__pyx_unpickle_LogitLink", True),
        ("numpy.core.multiarray", "_reconstruct", True),
        ("builtins", "set", True),
        ("__torch__.torch.nn.modules.linear", "Linear", True),
        ("torch.jit._pickle", "build_intlist", True),
        ("builtins", "getattr", False),
        ("joblib", "load", False),
        ("numpy", "os.system", False),
        ("numpy", "Os.system", False),
        ("sklearnx", "Tree", False),
        ("builtins.x", "set", False),
        ("mine", "Model", False),
    ],
)
def test_classes_of_usual_packages_are_usual(module: str, name: str, usual: bool) -> None:  # noqa: FBT001
    assert Name(module, name).usual == usual


@pytest.mark.parametrize("model", [RandomForestClassifier, GradientBoostingRegressor, SVC])
def test_models_of_scikit_learn_import_nothing_unusual(tmp_path: Path, model: Any) -> None:
    pipeline = make_pipeline(StandardScaler(), model()).fit(X, Y)
    (tmp_path / "m").write_bytes(pickle.dumps(pipeline))
    assert read_opcodes(tmp_path / "m").unusual == []
    (tmp_path / "m").write_bytes(pickle.dumps(pipeline, 2))
    assert read_opcodes(tmp_path / "m").unusual == []


def test_a_zip_that_hangs_on_to_a_pickle_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(pickle.dumps(Evil(tmp_path)))
    with zipfile.ZipFile(tmp_path / "m", "a") as archive:
        archive.writestr("m/data.pkl", pickle.dumps({}))
    assert read_opcodes(tmp_path / "m").unusual == ["posix.system"]


def test_a_zip_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m", "w") as archive:
        archive.writestr("m/data.pkl", pickle.dumps(Evil(tmp_path)))
    data = bytearray((tmp_path / "m").read_bytes())
    data[data.index(b"PK\x01\x02") + 10] = 99  # a method of compression that nobody knows
    (tmp_path / "m").write_bytes(data)
    assert not read_opcodes(tmp_path / "m").whole


def test_a_pickle_that_claims_more_than_there_is_takes_no_room(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"\x80\x05\x96" + (1 << 60).to_bytes(8, "little") + b"x.")
    assert not read_opcodes(tmp_path / "m").whole


@pytest.mark.parametrize(
    ("licence", "said"),
    [
        ("Apache-2.0", []),
        ("MIT OR LicenseRef-Ours", []),
        ("Apache 2.0", ["security.licence"]),
        ("proprietary", ["security.licence"]),
        (None, ["security.licence"]),
    ],
)
def test_a_licence_is_an_spdx_expression(
    tmp_path: Path, licence: str | None, said: list[str]
) -> None:
    metadata = {**GOOD, "license": licence}
    if licence is None:
        del metadata["license"]
    assert (
        codes(check(good_model(tmp_path), QUICK, "security", metadata=metadata), "warning") == said
    )
