"""Merging, sharding and sending measurements; resamples; what a measurement refuses."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gitreg.errors import GitregError, InvalidError, UsageError
from gitreg.evaluation.metrics import (
    METRICS,
    Figure,
    Measurement,
    Resampling,
    Task,
    find_classes,
    find_metric,
    list_names,
    read_batch,
)
from gitreg.evaluation.metrics.task import KINDS, Kind
from tests.evaluation.metrics.measuring import Array, draw_weight, measure, through_json

ROWS = 600
RESAMPLING = Resampling(replicates=20, seed=7)
TASKS: dict[Kind, Task] = {
    "binary": Task(kind="binary", classes=("no", "yes")),
    "multiclass": Task(kind="multiclass", classes=(0, 1, 2), top_k=2),
    "multilabel": Task(kind="multilabel", classes=("a", "b")),
    "regression": Task(kind="regression"),
    "ranking": Task(kind="ranking"),
}


def draw(kind: Kind, generator: np.random.Generator) -> dict[str, Array | None]:
    weight = draw_weight(generator, ROWS)
    target: Array
    score: Array | None = generator.random(ROWS)
    prediction: Array | None = None
    if kind == "binary":
        target = generator.choice(["no", "yes"], ROWS)
    elif kind == "multiclass":
        target, score = generator.integers(0, 3, ROWS), generator.dirichlet(np.ones(3), ROWS)
    elif kind == "multilabel":
        target, prediction, score = *generator.integers(0, 2, (2, ROWS, 2)), None
    elif kind == "regression":
        target, prediction, score = *generator.normal(1, 1, (2, ROWS)), None
    else:
        target, score = generator.integers(0, 3, (ROWS, 4)), generator.random((ROWS, 4)).round(1)
    return {"target": target, "prediction": prediction, "score": score, "weight": weight}


def alike(one: Figure, two: Figure) -> bool:
    pairs = [(one.value, two.value), (one.low, two.low), (one.high, two.high)]
    return one.reason == two.reason and all(
        a == b or (a is not None and b is not None and abs(a - b) <= 1e-12 * max(abs(a), 1))
        for a, b in pairs
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_shards_merged_in_any_order_are_the_single_run(kind: Kind, seed: int) -> None:
    generator = np.random.default_rng(seed)
    columns, task, names = draw(kind, generator), TASKS[kind], list_names(kind)
    groups = {"g": generator.choice(["x", "y", "z"], ROWS)}
    whole = measure(task, names, columns, groups=groups, resampling=RESAMPLING)
    edges = [0, *sorted(generator.integers(0, ROWS, 4).tolist()), ROWS]
    shards = []
    for start, stop in pairwise(edges):
        part: dict[str, Any] = {
            name: column[start:stop] for name, column in columns.items() if column is not None
        }
        part["groups"] = {"g": groups["g"][start:stop]}
        empty = Measurement.start(task, names, RESAMPLING)
        shards.append(through_json(empty.update(read_batch(**part, first_row=start))))
    merged = shards[0]
    for shard in np.array(shards[1:], dtype=object)[generator.permutation(len(shards) - 1)]:
        merged = shard.merge(merged)
    assert merged.rows == whole.rows == ROWS
    for name, figure in whole.figures().items():
        assert alike(merged.figures()[name], figure), name
    for name, gap in whole.gaps("g").items():
        assert alike(merged.gaps("g")[name], gap), name
    if kind == "binary" and columns["weight"] is None:
        np.testing.assert_array_equal(merged.confusion(), whole.confusion())
        assert merged.figures()["roc_auc"] == whole.figures()["roc_auc"]


def test_a_measurement_does_not_grow_with_the_rows() -> None:
    sizes = []
    task = Task(kind="regression")
    for rows in (1_000, 100_000):
        column = np.arange(rows) % 100
        measured = measure(task, ["mae"], {"target": column, "prediction": column + 1})
        sizes.append(len(json.dumps(measured.to_dict())))
    assert sizes[1] <= sizes[0] + 10


def test_resamples_depend_on_the_rows_numbers_alone() -> None:
    resampling = Resampling(replicates=40, seed=3)
    whole = resampling.draw(0, 1000)
    np.testing.assert_array_equal(whole[300:700], resampling.draw(300, 400))
    assert (whole != Resampling(replicates=40, seed=4).draw(0, 1000)).any()
    assert whole.shape == (1000, 40)


def test_rows_count_as_often_as_poisson_has_it() -> None:
    counts = np.bincount(Resampling(replicates=160).draw(0, 5000).astype(int).ravel())
    share = counts / counts.sum()
    expected = [0.36788, 0.36788, 0.18394, 0.06131, 0.01533, 0.00307]
    np.testing.assert_allclose(share[:6], expected, atol=0.002)


def test_a_resample_is_the_figure_of_rows_that_count_as_often_as_drawn() -> None:
    generator = np.random.default_rng(0)
    target, prediction = generator.integers(0, 2, (2, 300))
    weight, numbers = generator.random(300) + 0.1, generator.normal(0, 1, 300)
    weights = RESAMPLING.draw(0, 300) * weight[:, np.newaxis]
    columns = {"target": target, "prediction": prediction, "weight": weight}
    measured = measure(Task(kind="binary"), ["accuracy"], columns, resampling=RESAMPLING)
    expected = (weights * (target == prediction)[:, np.newaxis]).sum(0) / weights.sum(0)
    np.testing.assert_allclose(measured.read("accuracy").values[1:], expected, rtol=1e-12)
    columns = {"target": numbers * 0, "prediction": numbers, "weight": weight}
    measured = measure(Task(kind="regression"), ["mse"], columns, resampling=RESAMPLING)
    expected = (weights * (numbers**2)[:, np.newaxis]).sum(0) / weights.sum(0)
    np.testing.assert_allclose(measured.read("mse").values[1:], expected, rtol=1e-12)


def test_intervals_are_as_wide_as_theory_says() -> None:
    generator = np.random.default_rng(0)
    rows = 4000
    target = generator.integers(0, 2, rows)
    prediction = np.where(generator.random(rows) < 0.8, target, 1 - target)
    error = generator.normal(0, 2, rows)
    resampling = Resampling(replicates=400)
    figure = measure(
        Task(kind="binary"),
        ["accuracy"],
        {"target": target, "prediction": prediction},
        resampling=resampling,
    ).figures()["accuracy"]
    assert (figure.high or 0) - (figure.low or 0) == pytest.approx(
        2 * 1.96 * np.sqrt(0.8 * 0.2 / rows), rel=0.15
    )
    figures = measure(
        Task(kind="regression"),
        ["mse", "median_absolute_error"],
        {"target": np.zeros(rows), "prediction": error},
        resampling=resampling,
    ).figures()
    for name, deviation in (
        ("mse", np.std(error**2)),
        ("median_absolute_error", 2 * 1.2533 * 0.6283),  # 1 / (2 f(m)) of |N(0, 2)|
    ):
        figure = figures[name]
        width = (figure.high or 0) - (figure.low or 0)
        assert width == pytest.approx(2 * 1.96 * deviation / np.sqrt(rows), rel=0.2), name


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    names, held = ["accuracy", "roc_auc", "pr_auc"], np.zeros(3)
    truth = [0.691462, 0.760250, None]  # Φ(1/2) and Φ(1/√2)
    for seed in range(150):
        generator = np.random.default_rng(seed)
        target = generator.integers(0, 2, 400)
        score = generator.normal(target, 1) - 0.5
        task = Task(kind="binary", threshold=0)
        measured = measure(
            task,
            names,
            {"target": target, "score": score},
            resampling=Resampling(replicates=100),
        )
        figures = measured.figures()
        for i, name in enumerate(names):
            figure, true = figures[name], truth[i] or 0.7592
            held[i] += (figure.low or 0) <= true <= (figure.high or 0)
    assert (held / 150 > 0.89).all(), held


def test_models_measured_on_the_same_rows_are_compared_by_pairs() -> None:
    generator = np.random.default_rng(0)
    target = generator.integers(0, 2, 2000)
    champion = np.where(generator.random(2000) < 0.8, target, 1 - target)
    challenger = np.where(generator.random(2000) < 0.05, target, champion)
    one, two = (
        measure(
            Task(kind="binary"),
            ["accuracy", "roc_auc"],
            {"target": target, "prediction": prediction, "score": prediction},
            resampling=Resampling(replicates=200),
        )
        for prediction in (challenger, champion)
    )
    change, alone = one.compare(two)["accuracy"], one.figures()["accuracy"]
    assert change.value == (challenger == target).mean() - (champion == target).mean()
    assert (change.high or 0) - (change.low or 0) < 0.6 * ((alone.high or 0) - (alone.low or 0))
    assert one.compare(two)["roc_auc"].low is None


def test_undefined_figures_have_an_undefined_change() -> None:
    columns = {"target": np.array([0, 0]), "prediction": np.array([0, 0])}
    measured = measure(Task(kind="binary"), ["recall"], columns)
    assert measured.compare(measured)["recall"].reason == "no row is positive"


def test_figures_that_hardly_any_resample_has_get_no_interval() -> None:
    columns = {"target": np.array([1, 0]), "prediction": np.array([1, 0])}
    measured = measure(
        Task(kind="binary"), ["mcc", "accuracy"], columns, resampling=Resampling(replicates=64)
    )
    figures = measured.figures()
    assert (figures["mcc"].value, figures["mcc"].low) == (1, None)
    assert figures["accuracy"].low == 1


def test_measurements_of_different_things_do_not_merge() -> None:
    one = Measurement.start(Task(kind="binary"), ["accuracy"])
    for other in (
        Measurement.start(Task(kind="binary"), ["f1"]),
        Measurement.start(Task(kind="binary", classes=(1, 0)), ["accuracy"]),
        Measurement.start(Task(kind="binary"), ["accuracy"], Resampling(seed=1)),
    ):
        with pytest.raises(InvalidError, match="not of the same"):
            one.merge(other)


BAD: dict[str, dict[str, Any]] = {
    "target is nan in row 12, the first of 2": {"target": [0, np.nan, np.nan]},
    "target is None in row 11": {"target": [None, 0, 1]},
    "prediction is nan in row 13": {"prediction": [0, 1, np.nan]},
    "score is inf in row 11": {"score": [np.inf, 0, 0]},
    "score is text": {"score": ["a", "b", "c"]},
    "weight is -1.0 in row 12": {"weight": [1, -1, 1]},
    "weight is nan in row 11": {"weight": [np.nan, 1, 1]},
    "weight has more than one dimension": {"weight": np.ones((3, 1))},
    "prediction has 2 rows, the target 3": {"prediction": [0, 1]},
    "region has 1 rows, the target 3": {"groups": {"region": ["a"]}},
    "target mixes text and numbers": {"target": np.array([1, "a", 0], dtype=object)},
    "target has rows of different lengths": {"target": [[1], [1, 2], [1]]},
    "target is an array of complex128": {"target": [1j, 1, 1]},
    "target is a single value": {"target": 1},
    "target is 2 in row 13, which is no class: 0, 1": {"target": [0, 1, 2]},
    "prediction is x in row 11, which is no class": {"prediction": ["x", "0", "1"]},
    "prediction is 0.5 in row 12, which is no class": {"prediction": [0, 0.5, 1]},
    "target has more than one column": {"target": np.zeros((3, 1))},
    r"score has the shape \(3, 3\), and the task 2 classes": {"score": np.zeros((3, 3))},
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_in_a_batch_is_named_with_its_row(what: str) -> None:
    columns = {"target": [0, 1, 1], "score": [0.1, 0.2, 0.3], **BAD[what]}
    with pytest.raises(InvalidError, match=what) as caught:
        Measurement.start(Task(kind="binary"), ["accuracy"]).update(
            read_batch(**columns, first_row=11)
        )
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("kind", "metric", "columns"),
    [
        ("binary", "accuracy", {}),
        ("binary", "log_loss", {"prediction": [0, 1]}),
        ("binary", "roc_auc", {"prediction": [0, 1]}),
        ("regression", "mae", {}),
        ("regression", "median_absolute_error", {}),
        ("multilabel", "f1_micro", {}),
        ("ranking", "ndcg", {}),
    ],
)
def test_a_column_that_a_metric_needs_is_missed(
    kind: Kind, metric: str, columns: dict[str, Any]
) -> None:
    with pytest.raises(InvalidError):
        Measurement.start(
            TASKS[kind] if kind != "binary" else Task(kind="binary"), [metric]
        ).update(read_batch(target=[0, 1], **columns))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda d: d.pop("rows"),
        lambda d: d.update(task={}),
        lambda d: d["task"].update(kind="x"),
        lambda d: d["task"].update(colour=1),
        lambda d: d.update(resampling={"x": 1}),
        lambda d: d["states"].update(nonsense={}),
        lambda d: d["states"]["confusion"].update(sums=[]),
        lambda d: d["states"]["confusion"]["sums"].update(shape=[3, 3]),
        lambda d: d["states"]["confusion"]["sums"].update(float64="?"),
        lambda d: d["states"]["confusion"]["sums"].update(shape=[-1, -4]),
        lambda d: d["states"]["confusion"].update(resampled=None),
        lambda d: d["states"]["scores"].pop("classes"),
    ],
)
def test_what_is_no_measurement_is_refused(wrong: Any) -> None:
    data = json.loads(
        json.dumps(Measurement.start(Task(kind="binary"), ["accuracy", "roc_auc"]).to_dict())
    )
    Measurement.from_dict(data)
    wrong(data)
    with pytest.raises(GitregError):
        Measurement.from_dict(data)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "clustering"},
        {"kind": "binary", "classes": (1,)},
        {"kind": "binary", "classes": (1, 1)},
        {"kind": "multiclass"},
        {"kind": "multiclass", "classes": (1, "1", 2)},
        {"kind": "regression", "classes": (1, 2)},
        {"kind": "ranking", "cutoff": 0},
    ],
)
def test_a_task_that_cannot_be_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Task(**fields)


@pytest.mark.parametrize("fields", [{"replicates": -1}, {"seed": -1}, {"level": 1.0}])
def test_a_resampling_that_cannot_be_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Resampling(**fields)


def test_an_unknown_metric_is_told_with_the_nearest() -> None:
    with pytest.raises(
        UsageError, match="no metric of a binary task is called 'acuracy'"
    ) as caught:
        find_metric("binary", "acuracy")
    assert "accuracy" in (caught.value.next_step or "")


def test_the_table_says_what_every_metric_is() -> None:
    for (kind, name), metric in METRICS.items():
        assert (metric.kind, metric.name) == (kind, name)
        assert metric.better == ("lower" if metric.high is None or name in LOSSES else "higher")
        assert metric.state.NAME


LOSSES = {"brier", "hamming_loss"}


def test_every_figure_lies_in_its_metrics_range() -> None:
    for kind in KINDS:
        measured = measure(TASKS[kind], list_names(kind), draw(kind, np.random.default_rng(1)))
        for name, figure in measured.figures().items():
            metric = METRICS[kind, name]
            assert figure.value is not None, name
            assert metric.low is None or figure.value >= metric.low, name
            assert metric.high is None or figure.value <= metric.high, name


def test_classes_are_found_and_whole_numbers_are_the_same_in_any_type() -> None:
    assert find_classes(np.array(["b", "a"]), np.array(["c"])) == ("a", "b", "c")
    for target in (
        np.array([True, False]),
        np.array([1, 0], dtype=np.int8),
        np.array([1.0, 0.0]),
        np.array([1, 0], dtype=object),
    ):
        columns = {"target": target, "prediction": np.array([1, 0])}
        figures = measure(Task(kind="binary"), ["accuracy"], columns).figures()
        assert figures["accuracy"].value == 1


def test_classes_far_apart_and_in_any_order_are_told_apart() -> None:
    classes = (10**12, -5, 7)
    column = np.array([7, -5, 10**12, 7])
    measured = measure(
        Task(kind="multiclass", classes=classes),
        ["accuracy"],
        {"target": column, "prediction": column},
    )
    np.testing.assert_array_equal(measured.confusion(), np.diag([1, 1, 2]))


def test_a_binary_score_may_have_a_column_of_each_class() -> None:
    generator = np.random.default_rng(0)
    target, score = generator.integers(0, 2, 50), generator.random(50)
    one, two = (
        measure(Task(kind="binary"), list_names("binary"), {"target": target, "score": scores})
        for scores in (score, np.stack([1 - score, score], axis=1))
    )
    assert one.figures() == two.figures()


@pytest.mark.parametrize("kind", KINDS)
def test_no_rows_change_nothing(kind: Kind) -> None:
    columns = {n: c for n, c in draw(kind, np.random.default_rng(0)).items() if c is not None}
    whole = measure(TASKS[kind], list_names(kind), columns, resampling=RESAMPLING)
    none: dict[str, Any] = {name: column[:0] for name, column in columns.items()}
    again = whole.update(read_batch(**none, first_row=ROWS))
    assert again.figures() == whole.figures()


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_which_none_has_weight_are_no_rows(kind: Kind) -> None:
    columns = {**draw(kind, np.random.default_rng(0)), "weight": np.zeros(ROWS)}
    measured = measure(TASKS[kind], list_names(kind), columns, resampling=RESAMPLING)
    assert all(figure.value is None and figure.reason for figure in measured.figures().values())


def test_one_group_has_no_gap() -> None:
    columns = {"target": np.array([0, 1]), "prediction": np.array([0, 1])}
    measured = measure(
        Task(kind="binary"), ["accuracy"], columns, groups={"g": np.array(["a", "a"])}
    )
    assert measured.gaps("g")["accuracy"].reason == "there are fewer than two groups"


def test_a_figure_leaves_out_what_it_does_not_have() -> None:
    assert Figure(value=1.0).to_dict() == {"value": 1.0}
    full = Figure(value=None, reason="x", error=0.5).to_dict()
    assert full == {"value": None, "reason": "x", "error": 0.5}
