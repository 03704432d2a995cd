"""MLflow's half of lookups.py: its SQLAlchemy stores over the SQLite file that fill_mlflow.py made.

Model versions have no metrics in MLflow, their runs do: who filters by one asks for runs, then for
the versions of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from mlflow.entities import ViewType
from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as TrackingStore
from questions import PAGE, Lookup, Question, run

_MOST = 200_000  # versions that MLflow returns at once


def open_half(where: str) -> Mapping[str, Lookup]:
    """Return the lookups in a database."""
    address = f"sqlite:///{where}"
    store = SqlAlchemyStore(address)
    return {
        "resolve a stage": lambda asked: _version(
            store.get_model_version_by_alias(asked["holder"], asked["stage"])
        ),
        "get a version": lambda asked: _version(
            store.get_model_version(asked["model"], asked["ordinal"])
        ),
        "list a model's versions": lambda asked: len(
            store.search_model_versions("name = '{model}'".format(**asked), max_results=_MOST)
        ),
        "filter by tag": lambda asked: len(
            store.search_model_versions("tags.{tag} = '{value}'".format(**asked), max_results=PAGE)
        ),
        "filter by metric": lambda asked: _filter_by_metric(store, address, asked),
    }


def _version(found: object) -> str:
    """Return the SemVer of a version, which MLflow only numbers."""
    return str(found.tags["semver"])  # type: ignore[attr-defined]


def _filter_by_metric(store: SqlAlchemyStore, address: str, asked: Question) -> int:
    runs = _open_runs(address).search_runs(
        ["0"],
        "metrics.{metric} >= {floor}".format(**asked),
        ViewType.ACTIVE_ONLY,
        max_results=PAGE,
        order_by=["metrics.{metric} DESC".format(**asked)],
    )
    names = ", ".join(f"'{run.info.run_id}'" for run in runs)
    return len(store.search_model_versions(f"run_id IN ({names})", max_results=PAGE))


@cache
def _open_runs(address: str) -> TrackingStore:
    """Return the store of runs, opened when the first lookup needs it."""
    return TrackingStore(address, "artifacts")


if __name__ == "__main__":
    run(open_half)
