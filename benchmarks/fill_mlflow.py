"""A registry in MLflow's tables: MLFLOW-PYTHON fill_mlflow.py DATABASE < versions.jsonl.

The tables are MLflow's own, made by its stores; the rows go in through its SQLAlchemy models in
bulk, because `create_model_version` would take hours for 10,000. A stage is an alias, a tag a tag;
metrics are those of a run of the version's own, for that is where MLflow has them.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from mlflow.store.model_registry.dbmodels import models as registry
from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore
from mlflow.store.tracking.dbmodels import models as tracking
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as TrackingStore

Row = dict[str, Any]


def main() -> None:
    address = f"sqlite:///{sys.argv[1]}"
    TrackingStore(address, "artifacts")  # makes the experiment 0, in which the runs are
    rows: dict[type, list[Row]] = defaultdict(list)
    for table, row in _rows(json.loads(line) for line in sys.stdin):
        rows[table].append(row)
    with SqlAlchemyStore(address).ManagedSessionMaker() as session:
        for table, added in rows.items():
            session.bulk_insert_mappings(table, added)


def _rows(versions: Iterable[Row]) -> Iterator[tuple[type, Row]]:
    """Yield each row and its table, those that others refer to first."""
    known = set()
    for said in versions:
        name, number, time = said["model"], said["ordinal"], 1000 * said["time"]
        place, run = {"name": name, "version": number}, f"{said['row']:032x}"
        times = {"creation_time": time, "last_updated_time": time}
        if name not in known:
            known.add(name)
            yield registry.SqlRegisteredModel, {"name": name, **times}
        more = {"description": said["description"], "source": f"runs:/{run}", "run_id": run}
        yield registry.SqlModelVersion, {**place, **times, **more}
        for key, value in {**said["tags"], "semver": said["version"]}.items():
            yield registry.SqlModelVersionTag, {**place, "key": key, "value": str(value)}
        for alias in said["stages"]:
            yield registry.SqlRegisteredModelAlias, {**place, "alias": alias}
        yield tracking.SqlRun, _run(run, name, time)
        for key, value in said["metrics"].items():
            figure = {"key": key, "value": value, "timestamp": time, "run_uuid": run}
            yield tracking.SqlMetric, figure
            yield tracking.SqlLatestMetric, {**figure, "step": 0, "is_nan": False}


def _run(run: str, name: str, time: int) -> Row:
    what = {"run_uuid": run, "name": name, "experiment_id": 0, "status": "FINISHED"}
    return {
        **what,
        "user_id": "alice",
        "start_time": time,
        "end_time": time,
        "artifact_uri": f"artifacts/{run}",
    }


if __name__ == "__main__":
    main()
