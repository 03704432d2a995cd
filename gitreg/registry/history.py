"""What happened to a model, newest first, and how a metric of it went."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

from gitreg.domain.canonical import loads
from gitreg.domain.entries import VersionEntry
from gitreg.domain.metric import (
    Figure,
    find_direction,
    read_claims,
    read_measurement,
    shared_data,
)
from gitreg.domain.metric_history import MetricHistory, Point
from gitreg.domain.names import parse_model
from gitreg.domain.state import State
from gitreg.errors import NotFoundError, UsageError
from gitreg.git.worktree import write_file
from gitreg.registry.measured import Measured, Versions, find_measured, read_measurements
from gitreg.registry.metadata import read_signed
from gitreg.registry.open import Registry
from gitreg.registry.statement import Statement, statements
from gitreg.site.chart import render_svg
from gitreg.value import Value


class History(Value):
    """Every record about one model, newest first."""

    model: str
    statements: Sequence[Statement]

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {"model": self.model, "records": [item.to_dict() for item in self.statements]}


def history(registry: Registry, model: str) -> History:
    """Return the history of a model.

    Raises: UsageError; NotFoundError where there is no such model.
    """
    parse_model(model)
    found = statements(registry, model)
    if not found:
        raise _no_model(model)
    return History(model=model, statements=found[::-1])


def metric_history(
    registry: Registry, model: str, metric: str, *, data: str | None = None
) -> MetricHistory:
    """Return how a metric went over the versions of a model.

    `data` is the name of a data set in the policy, or the beginning of a sha256; without it, it is
    what most versions were measured on.

    Raises: UsageError; NotFoundError where there is no such model, metric or data; UntrustedError.
    """
    from gitreg.evaluation.metrics import table

    parse_model(model)
    state = registry.state
    entries = state.versions(model)
    if not entries:
        raise _no_model(model)
    parts = _find_parts(state, entries, metric)
    chosen = _choose_data(registry, parts, data)
    newest = {version: _newest(items, chosen) for version, items in parts.items()}
    claimed = _read_claimed(registry, entries, metric)
    measured = _read_measured(registry, newest, metric)
    figures = [*claimed.values(), *measured.values()]
    return MetricHistory(
        model=model,
        metric=metric,
        better=find_direction(metric, figures, table.find_direction),
        data=chosen,
        elsewhere=sum(bool(items) and newest[version] is None for version, items in parts.items()),
        points=[
            Point(
                version=entry.version,
                record=entry.index,
                time=entry.time,
                stages=tuple(state.held_stages(model, entry.version)),
                yanked=entry.yanked is not None,
                claimed=claimed.get(entry.version),
                measured=measured.get(entry.version),
            )
            for entry in entries
        ],
    )


def _find_parts(
    state: State, entries: Sequence[VersionEntry], metric: str
) -> dict[str, list[Measured]]:
    """Return where each version's metric was measured, oldest first."""
    every = find_measured(state, entries)
    parts = {
        entry.version: [
            item
            for item in every.get((entry.model, entry.version), ())
            if metric in item.figures.metrics
        ]
        for entry in entries
    }
    if not any(parts.values()) and not any(metric in entry.metrics for entry in entries):
        raise _no_metric(metric, entries, every)
    return parts


def write_plot(found: MetricHistory, path: Path) -> None:
    """Write a metric's history as a picture, SVG or PNG by the name of the file.

    Raises: UsageError; SetupError where it cannot be written, or PNG cannot be drawn here.
    """
    form = path.suffix.lower()
    if form == ".svg":
        write_file(path, render_svg(found).encode())
    elif form == ".png":
        from gitreg.site.png import render_png

        write_file(path, render_png(found))
    else:
        raise UsageError(f"{path.name} is no kind of picture", next_step="name a .svg or a .png")


def _choose_data(
    registry: Registry, parts: Mapping[str, Sequence[Measured]], data: str | None
) -> str | None:
    if data is None:
        return shared_data(parts.values())
    policy = registry.state.policy()
    wanted = (policy.policy.datasets.get(data) if policy else None) or data
    known = {item.data for items in parts.values() for item in items}
    found = [digest for digest in sorted(known) if digest.startswith(wanted)]
    if len(found) != 1:
        listed = ", ".join(digest[:16] for digest in sorted(known)[:5])
        raise NotFoundError(
            f"{data} names {len(found) or 'no'} data that was measured on",
            next_step=f"there is {listed or 'none'}",
        )
    return found[0]


def _newest(items: Sequence[Measured], data: str | None) -> Measured | None:
    return next((item for item in reversed(items) if item.data == data), None)


def _read_claimed(
    registry: Registry, entries: Sequence[VersionEntry], metric: str
) -> dict[str, Figure]:
    claiming = {entry.index: entry for entry in entries if metric in entry.metrics}
    signed = {index: entry.manifest for index, entry in claiming.items()}
    files = read_signed(registry.repository, registry.ledger, "model.json", signed)
    return {
        claiming[index].version: read_claims(loads(data))[metric] for index, data in files.items()
    }


def _read_measured(
    registry: Registry, newest: Mapping[str, Measured | None], metric: str
) -> dict[str, Figure]:
    wanted = {version: item for version, item in newest.items() if item is not None}
    found = read_measurements(registry, list(wanted.values()))
    return {
        version: read_measurement(item)[metric] for version, item in zip(wanted, found, strict=True)
    }


def _no_model(model: str) -> NotFoundError:
    return NotFoundError(f"there is no model {model}", next_step="gitreg list shows them")


def _no_metric(metric: str, entries: Sequence[VersionEntry], measured: Versions) -> NotFoundError:
    names = {name for entry in entries for name in entry.metrics}
    names |= {
        name for items in measured.values() for item in items for name in item.figures.metrics
    }
    near = difflib.get_close_matches(metric, sorted(names)) or sorted(names)[:5]
    return NotFoundError(
        f"no version of {entries[0].model} has the metric {metric}",
        next_step=f"there is {', '.join(near)}" if near else "register or evaluate one with it",
    )
