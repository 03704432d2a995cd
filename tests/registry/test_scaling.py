"""Shards on a real Dask cluster: the figures of a single run, and files that all agree on."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gitreg.errors import InvalidError, SetupError, TransferError, UsageError
from gitreg.evaluation.data import read_chunks
from gitreg.evaluation.engines import open_engine
from gitreg.formats import ModelFile
from gitreg.registry.evaluate import Request, evaluate
from gitreg.registry.scaling import Task, cut_rows
from gitreg.registry.shards import Plan, Shard
from gitreg.value import replace
from tests.evaluation.cluster import serve_dask
from tests.fixtures import Cli, Team, write
from tests.registry.test_evaluate import BAD, GOOD, data, register

__all__ = ["data"]


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve_dask(tmp_path_factory.mktemp("dask")) as address:
        yield address


@pytest.fixture
def request_(team: Team, data: Path, scheduler: str) -> Request:
    """A request for the cluster: 75 rows, twenty at a time."""
    register(team, GOOD, "1.0.0")
    return Request(
        data=data,
        target="species",
        metrics=["accuracy", "f1_macro", "mcc", "log_loss", "roc_auc_macro"],
        slices=["site"],
        replicates=20,
        rows=20,
        engine="dask",
        scheduler=scheduler,
    )


def of_machine(name: str) -> bool:
    return name.startswith("latency") or name in {"throughput", "memory_mib"}


def check_close(one: Any, two: Any) -> None:
    """See that two values of JSON are the same, floats to 1e-12."""
    if isinstance(one, dict):
        keys = {key for key in one if not of_machine(key)}
        assert keys == {key for key in two if not of_machine(key)}
        for key in keys:
            check_close(one[key], two[key])
    elif isinstance(one, list):
        assert len(one) == len(two)
        for left, right in zip(one, two, strict=True):
            check_close(left, right)
    elif isinstance(one, float):
        assert one == pytest.approx(two, abs=1e-12)
    else:
        assert one == two


def test_the_figures_are_those_of_a_single_run(team: Team, request_: Request) -> None:
    team.open().promote("iris@1.0.0", stage="staging")
    register(team, BAD, "1.1.0")
    asked = replace(request_, stage="staging")
    here = evaluate(team.open(), "iris", replace(asked, engine="local", scheduler=None))
    there = evaluate(team.open(), "iris", asked)
    assert there.report["champion"]["version"] == "1.0.0"
    engine = there.report["extra"].pop("engine")
    assert engine["name"] == "dask"
    assert engine["workers"] == 2
    assert "one of 2 workers" in engine["note"]
    for name in ("accuracy", "f1_macro", "mcc"):  # counts are exact
        assert here.report["metrics"][name] == there.report["metrics"][name]
    assert here.report["extra"]["confusion"] == there.report["extra"]["confusion"]
    check_close(here.report, there.report)
    assert {"latency_p95_ms", "throughput", "memory_mib"} <= there.report["metrics"].keys()


def test_one_chunk_is_one_shard(team: Team, request_: Request) -> None:
    found = evaluate(team.open(), "iris", replace(request_, rows=1000))
    assert found.report["extra"]["rows"] == 75


def test_what_fails_on_a_worker_is_told_here(team: Team, request_: Request) -> None:
    with pytest.raises(InvalidError, match="could not convert string to float"):
        evaluate(team.open(), "iris", replace(request_, slices=[]))
    with pytest.raises(InvalidError, match="has no column"):
        evaluate(team.open(), "iris", replace(request_, slices=["other"]))


def test_a_metric_on_whole_columns_is_refused(
    team: Team, request_: Request, tmp_path: Path
) -> None:
    write(tmp_path / "costs.py", "def cost(*columns): return 1.0")
    own = replace(request_, metrics=["costs:cost"], code=tmp_path)
    with pytest.raises(UsageError, match="whole columns, which shards cannot be merged into"):
        evaluate(team.open(), "iris", own)


def test_the_command_runs_on_the_cluster(team: Team, request_: Request, cli: Cli) -> None:
    cli.folder = team.clone
    words = ["evaluate", "iris", "--data", "test.csv", "--target", "species"]
    words += ["--slice", "site", "--engine", "dask", "--scheduler", str(request_.scheduler)]
    ran = cli.ok(*words, "--report", "report.json")
    assert "latency, throughput and memory are those of one of 2 workers" in ran.err
    engine = json.loads((team.clone / "report.json").read_text())["extra"]["engine"]
    assert engine["workers"] == 2


@pytest.mark.parametrize(
    ("name", "scheduler", "error"),
    [
        ("spark", None, UsageError),
        ("local", "tcp://127.0.0.1:1", UsageError),
        ("dask", None, UsageError),
        ("dask", "127.0.0.1:8786", UsageError),
        ("dask", "tcp://127.0.0.1:1", TransferError),
    ],
)
def test_an_engine_that_is_not_there_is_told(
    name: str, scheduler: str | None, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitreg.evaluation.engines.dask._PATIENCE", 0.5)
    with pytest.raises(error):
        open_engine(name, scheduler)


def test_a_worker_that_dies_is_told_and_then_that_there_is_none(tmp_path: Path) -> None:
    with serve_dask(tmp_path, workers=1) as address:
        engine = open_engine("dask", address)
        with closing(engine), pytest.raises(TransferError, match="lost a shard"):
            list(engine.run(os._exit, [1]))
        with pytest.raises(SetupError, match="has no worker"):
            open_engine("dask", address)


def test_without_dask_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SetupError) as caught:
        open_engine("dask", "tcp://127.0.0.1:1")
    assert caught.value.next_step == "pip install 'gitreg[dask]'"


def test_answers_come_in_order_and_errors_as_they_are(scheduler: str) -> None:
    with closing(open_engine("dask", scheduler)) as engine:
        assert list(engine.run(len, ["a", "", "bb"])) == [1, 0, 2]
        with pytest.raises(ValueError, match="invalid literal"):
            list(engine.run(int, ["1", "x"]))


def make_task(tmp_path: Path, **changes: Any) -> Task:
    path = write(tmp_path / "data.csv", "a,b\n1,2\n")
    plan = Plan(data=path, target="b")
    return Task(
        **{"plan": plan, "model": ModelFile(path=path, format="skops"), "files": {}, **changes}
    )


def test_a_worker_with_another_file_or_software_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "data.csv", tmp_path / "none.csv"):
        with pytest.raises(SetupError, match="has not the same file"):
            make_task(tmp_path, files={path: "ab" * 32}).run()
    with pytest.raises(SetupError, match=r"and not gitreg 0\.0\.0"):
        make_task(tmp_path, software="gitreg 0.0.0").run()


@pytest.mark.parametrize("rows", [1, 7, 8, 9, 16, 17, 1000])
@pytest.mark.parametrize("slots", [1, 2, 5])
def test_each_row_is_in_one_shard(tmp_path: Path, rows: int, slots: int) -> None:
    path = tmp_path / "data.npy"
    np.save(path, np.arange(rows, dtype=np.int64).reshape(rows, 1))
    [column] = next(read_chunks(path)).columns
    shards = list(cut_rows(Plan(data=path, target=column, rows=8), slots))
    assert shards[0] == Shard(stop=8)
    assert len(shards) <= 1 + 4 * slots
    seen = [
        value
        for shard in shards
        for chunk in shard.cut(read_chunks(path, rows=8))
        for value in chunk.columns[column].tolist()
    ]
    assert seen == list(range(rows))


def test_a_shard_may_begin_and_end_within_a_chunk(tmp_path: Path) -> None:
    path = tmp_path / "data.npy"
    np.save(path, np.arange(20, dtype=np.int64).reshape(20, 1))
    chunks = list(Shard(start=3, stop=13).cut(read_chunks(path, rows=8)))
    assert [(chunk.first_row, len(chunk)) for chunk in chunks] == [(3, 5), (8, 5)]
