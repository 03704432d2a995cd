"""Boosters of XGBoost and LightGBM, from their own files: the answers are those of before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.datasets import load_iris

from gitreg.formats import FORMATS, ModelFile

X, Y = load_iris(return_X_y=True)
NAMES = ["sepal length", "sepal width", "petal length", "petal width"]
COLUMNS = {name: X[:, place] for place, name in enumerate(NAMES)}
SHUFFLED = {"other": Y, **{name: COLUMNS[name] for name in reversed(NAMES)}}


def ask(path: Path, form: str, columns: Any = None) -> dict[str, Any]:
    module = FORMATS[form]
    return module.predict(module.load(ModelFile(path=path, format=form)), columns or COLUMNS)


def same(answer: dict[str, Any], estimator: Any) -> None:
    """Check an answer against the estimator that was saved."""
    assert answer["prediction"].tolist() == estimator.predict(X).tolist()
    assert answer["classes"].tolist() == estimator.classes_.tolist()
    np.testing.assert_allclose(answer["score"], estimator.predict_proba(X), atol=1e-6)


@pytest.mark.parametrize("name", ["model.ubj", "model.json"])
@pytest.mark.parametrize("objective", ["multi:softprob", "multi:softmax"])
def test_classes_of_xgboost(tmp_path: Path, name: str, objective: str) -> None:
    model = xgboost.XGBClassifier(n_estimators=3, objective=objective).fit(X, Y)
    model.save_model(tmp_path / name)
    same(ask(tmp_path / name, "xgboost"), model)


@pytest.mark.parametrize("objective", ["binary:logistic", "binary:logitraw", "binary:hinge"])
def test_two_classes_of_xgboost(tmp_path: Path, objective: str) -> None:
    booster = xgboost.train({"objective": objective}, xgboost.DMatrix(X, Y == 1), 3)
    booster.save_model(tmp_path / "model.ubj")
    found = ask(tmp_path / "model.ubj", "xgboost")
    said = booster.predict(xgboost.DMatrix(X))
    chance = 1 / (1 + np.exp(-said)) if objective == "binary:logitraw" else said
    np.testing.assert_allclose(found["score"][:, 1], chance, atol=1e-6)
    assert found["prediction"].tolist() == (chance > 0.5).astype(int).tolist()


@pytest.mark.parametrize("objective", ["reg:squarederror", "count:poisson"])
def test_numbers_of_xgboost(tmp_path: Path, objective: str) -> None:
    model = xgboost.XGBRegressor(n_estimators=3, objective=objective).fit(X, Y)
    model.save_model(tmp_path / "model.ubj")
    found = ask(tmp_path / "model.ubj", "xgboost")
    assert set(found) == {"prediction"}
    np.testing.assert_allclose(found["prediction"], model.predict(X))


def test_trees_after_the_best_do_not_count(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 3, len(Y))
    model = xgboost.XGBClassifier(n_estimators=30, early_stopping_rounds=3)
    model.fit(X, Y, eval_set=[(X, noise)], verbose=False)
    assert model.best_iteration < model.get_booster().num_boosted_rounds() - 1
    model.save_model(tmp_path / "model.ubj")
    same(ask(tmp_path / "model.ubj", "xgboost"), model)


@pytest.mark.parametrize(
    ("objective", "classes"), [("multiclass", 3), ("multiclassova", 3), ("binary", 2)]
)
def test_classes_of_lightgbm(tmp_path: Path, objective: str, classes: int) -> None:
    target = Y if classes == 3 else (Y == 1).astype(int)
    model = lightgbm.LGBMClassifier(n_estimators=3, objective=objective, verbosity=-1)
    model.fit(pd.DataFrame(COLUMNS), target)
    model.booster_.save_model(tmp_path / "model.txt")
    found = ask(tmp_path / "model.txt", "lightgbm")
    frame = pd.DataFrame(COLUMNS)
    np.testing.assert_allclose(found["score"], model.predict_proba(frame))
    assert found["prediction"].tolist() == np.asarray(model.predict(frame)).tolist()
    assert found["classes"].tolist() == list(range(classes))


@pytest.mark.parametrize("objective", ["regression", "cross_entropy"])
def test_numbers_of_lightgbm(tmp_path: Path, objective: str) -> None:
    parameters = {"objective": objective, "verbosity": -1}
    booster = lightgbm.train(parameters, lightgbm.Dataset(X, Y / 2), 3)
    booster.save_model(tmp_path / "model.txt")
    found = ask(tmp_path / "model.txt", "lightgbm")
    assert set(found) == {"prediction"}
    np.testing.assert_allclose(found["prediction"], booster.predict(X))


def named(folder: Path, form: str) -> Path:
    """A model that was trained on a data frame."""
    frame = pd.DataFrame(COLUMNS)
    if form == "xgboost":
        xgboost.XGBRegressor(n_estimators=3).fit(frame, Y).save_model(folder / "m.ubj")
        return folder / "m.ubj"
    data = lightgbm.Dataset(frame, Y)
    lightgbm.train({"verbosity": -1}, data, 3).save_model(folder / "m.txt")
    return folder / "m.txt"


@pytest.mark.parametrize("form", ["xgboost", "lightgbm"])
def test_columns_are_found_by_the_names_of_the_training(tmp_path: Path, form: str) -> None:
    path = named(tmp_path, form)
    expected = ask(path, form)["prediction"].tolist()
    assert ask(path, form, SHUFFLED)["prediction"].tolist() == expected
    with pytest.raises(ValueError, match=r"columns that are missing: petal.width"):
        ask(path, form, {name: COLUMNS[name] for name in NAMES[:3]})


@pytest.mark.parametrize("form", ["xgboost", "lightgbm"])
def test_text_is_no_number(tmp_path: Path, form: str) -> None:
    path = named(tmp_path, form)
    with pytest.raises(ValueError, match=r"the column sepal.width holds no numbers"):
        ask(path, form, COLUMNS | {"sepal width": np.full(len(Y), "wide")})


def test_missing_values_are_what_they_were_in_training(tmp_path: Path) -> None:
    holes = np.where(np.random.default_rng(1).random(X.shape) < 0.2, np.nan, X)
    model = xgboost.XGBRegressor(n_estimators=3).fit(holes, Y)
    model.save_model(tmp_path / "m.ubj")
    columns = {name: holes[:, place] for place, name in enumerate(NAMES)}
    found = ask(tmp_path / "m.ubj", "xgboost", columns)["prediction"]
    np.testing.assert_allclose(found, model.predict(holes))
