"""Models in a process of their own: what they may do, and what they may not."""

from __future__ import annotations

import os
import pickle
import select
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from gitreg.errors import InvalidError
from gitreg.formats import ModelFile
from gitreg.formats.isolated import IsolatedModel, Limits

QUICK = Limits(seconds=20.0)
COLUMNS = {"length": np.array([0.0, 1.0, 4.0, 5.0]), "width": np.array([0.0, 1.0, 4.0, 5.0])}


class Says:
    """A hostile pickle: runs `code` when it is loaded, or when it predicts."""

    def __init__(self, at_load: str = "", at_predict: str = "") -> None:
        self.at_load, self.at_predict = at_load, at_predict

    def __reduce__(self) -> Any:
        source = (
            f"{self.at_load}\n"
            "class Model:\n"
            "    def predict(self, x):\n"
            f"        {self.at_predict or 'pass'}\n"
            "        return x[:, 0]\n"
        )
        return eval, (f"(lambda s: (exec({source!r}, s), s['Model']())[1])({{}})",)


def pickled(folder: Path, **code: str) -> ModelFile:
    path = folder / "model.pkl"
    path.write_bytes(pickle.dumps(Says(**code)))
    return ModelFile(path=path, format="pickle")


@pytest.fixture(scope="module")
def fitted() -> LogisticRegression:
    x = np.column_stack(list(COLUMNS.values()))
    return LogisticRegression().fit(x, np.array(["low", "low", "high", "high"]))


def test_a_model_answers_as_it_would_here(tmp_path: Path, fitted: LogisticRegression) -> None:
    skops.io.dump(fitted, tmp_path / "model.skops")
    x = np.column_stack(list(COLUMNS.values()))
    with IsolatedModel(ModelFile(path=tmp_path / "model.skops", format="skops")) as model:
        for _ in range(2):
            answer = model.predict(COLUMNS)
            assert answer["prediction"].tolist() == fitted.predict(x).tolist()
            assert answer["classes"].tolist() == ["high", "low"]
            np.testing.assert_array_equal(answer["score"], fitted.predict_proba(x))
        assert model.seconds > 0
        assert model.left_running() == 0
        assert model.close() > 1 << 20


def test_text_and_numbers_reach_the_model(tmp_path: Path) -> None:
    path = pickled(
        tmp_path, at_predict="return __import__('numpy').char.upper(x[:, 0].astype(str))"
    )
    with IsolatedModel(path, QUICK) as model:
        answer = model.predict({"name": np.array(["ä", "bcd"], dtype=object)})
    assert answer["prediction"].tolist() == ["Ä", "BCD"]


def test_a_large_batch_does_not_block(tmp_path: Path) -> None:
    with IsolatedModel(pickled(tmp_path), QUICK) as model:
        column = np.arange(3e6)
        assert model.predict({"x": column})["prediction"].tolist() == column.tolist()


def test_what_it_prints_stays_out_of_its_answers(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = pickled(tmp_path, at_load="print('hello')", at_predict="print('x' * 100000)")
    with IsolatedModel(path, QUICK) as model:
        assert model.predict(COLUMNS)["prediction"].tolist() == [0, 1, 4, 5]
        assert model.printed.endswith("x" * 1000)
    assert model.printed == ""
    assert capfd.readouterr().out == ""


def test_it_sees_no_secret_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    code = "import os; return __import__('numpy').array([str(sorted(os.environ))])"
    with IsolatedModel(pickled(tmp_path, at_predict=code), QUICK) as model:
        (names,) = model.predict(COLUMNS)["prediction"]
    assert "PATH" in names
    assert "GITHUB_TOKEN" not in names


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ({"at_predict": "raise ValueError('no')"}, "ValueError: no"),
        ({"at_load": "raise ValueError('no')"}, "loading it: ValueError: no"),
        ({"at_predict": "__import__('os')._exit(0)"}, "ended its process"),
        (
            {"at_predict": "print('last words', flush=True); __import__('os')._exit(0)"},
            "last words",
        ),
        ({"at_predict": "bytearray(1 << 40)"}, "more memory than allowed"),
        ({"at_predict": "return x[:, 0] * 1j"}, "complex128 cannot be handed over"),
        ({"at_predict": "__import__('os').write(__import__('glob') and 5, b'junk' * 9)"}, "failed"),
    ],
)
def test_what_goes_wrong_is_told(tmp_path: Path, code: dict[str, str], what: str) -> None:
    with (
        IsolatedModel(pickled(tmp_path, **code), QUICK) as model,
        pytest.raises(InvalidError, match=what),
    ):
        model.predict(COLUMNS)


@pytest.mark.parametrize("code", ["while True: pass", "__import__('signal').pause()"])
def test_a_model_that_hangs_is_ended(tmp_path: Path, code: str) -> None:
    path = pickled(tmp_path, at_predict=code)
    with IsolatedModel(path, Limits(seconds=1.5)) as model:
        with pytest.raises(InvalidError, match=r"took longer than 1\.5 s"):
            model.predict(COLUMNS)
        assert model.ended


def test_a_model_that_raises_may_be_asked_again(tmp_path: Path) -> None:
    path = pickled(tmp_path, at_predict="if len(x) == 1: raise ValueError('no')")
    with IsolatedModel(path, QUICK) as model:
        with pytest.raises(InvalidError):
            model.predict({"length": np.zeros(1)})
        assert not model.ended
        assert model.predict(COLUMNS)["prediction"].tolist() == [0, 1, 4, 5]


def test_a_model_that_cannot_be_loaded_is_over(tmp_path: Path) -> None:
    path = pickled(tmp_path, at_load="raise ValueError('no')")
    with IsolatedModel(path, QUICK) as model:
        with pytest.raises(InvalidError, match="loading it"):
            model.load()
        assert model.ended


def test_requests_of_one_row_are_timed_apart(tmp_path: Path) -> None:
    with IsolatedModel(pickled(tmp_path), QUICK) as model:
        model.predict(COLUMNS)
        before = model.seconds
        assert len(model.time_single(COLUMNS)) == 100
        assert model.seconds == before


def test_what_it_forks_ends_with_it(tmp_path: Path) -> None:
    code = (
        "import os, signal; child = os.fork()\n"
        "        if not child: signal.pause()\n"
        "        return __import__('numpy').array([child])"
    )
    with IsolatedModel(pickled(tmp_path, at_predict=code), QUICK) as model:
        child = os.pidfd_open(int(model.predict(COLUMNS)["prediction"][0]))
        assert select.select([child], [], [], 0)[0] == []
        assert model.left_running() == 1
    assert select.select([child], [], [], 30)[0] == [child]  # it has ended
    os.close(child)
