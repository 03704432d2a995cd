"""What tells versions apart, each against the first of them, section by section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from gitreg.domain.difference import differences, leaves
from gitreg.domain.interface import InterfaceChange, interface_changes
from gitreg.domain.metric import (
    Directions,
    Measurement,
    MetricRow,
    compare_metrics,
    read_claims,
    read_measured,
)
from gitreg.value import Value

SECTIONS = ("metadata", "parameters", "artifacts", "data", "code", "environment", "stages")
# By the beginning of a path in model.json; what is none of these is metadata.
_PLACES = {
    "architecture": "parameters",
    "training.dataset": "data",
    "evaluation": "data",
    "training.code": "code",
    "training.environment": "environment",
    "framework": "environment",
}
_ELSEWHERE = {"schema", "name", "version", "signature", "metrics", "artifacts"}
_OF_ARTIFACT = ("format", "size", "files", "sha256", "role", "entrypoint")


class Subject(Value):
    """A version to compare, and what is known of it.

    `metadata` is its `model.json`; `stages` says of each stage it ever entered whether it holds it
    (`holds` or `held`); `measurements` are in the order of the ledger.
    """

    reference: str
    model: str
    version: str
    commit: str
    path: str
    record: int
    metadata: Mapping[str, Any]
    stages: Mapping[str, str] = {}
    deprecated: bool = False
    yanked: bool = False
    measurements: Sequence[Measurement] = ()

    def to_dict(self) -> dict[str, object]:
        """What `--json` prints of which version it is."""
        return {
            "reference": self.reference,
            "model": self.model,
            "version": self.version,
            "record": self.record,
            "commit": self.commit,
        }


class FieldRow(Value):
    """A field in which versions differ: one value for each, None where it is absent."""

    path: str
    values: tuple[Any, ...]

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {"path": self.path, "values": list(self.values)}


class Comparison(Value):
    """Versions beside each other. `interface` has the changes from the first to each of them.

    Sections hold only what differs; `claimed` and `measured` hold every metric.
    """

    subjects: tuple[Subject, ...]
    sections: Mapping[str, tuple[FieldRow, ...]]
    interface: tuple[tuple[InterfaceChange, ...], ...]
    claimed: tuple[MetricRow, ...]
    measured: tuple[MetricRow, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """What to call the versions: with their model where there are several."""
        alone = len({subject.model for subject in self.subjects}) == 1
        return tuple(
            subject.version if alone else f"{subject.model} {subject.version}"
            for subject in self.subjects
        )

    @property
    def is_breaking(self) -> bool:
        """Whether callers of the first may fail with any of the others."""
        return any(change.breaking for changes in self.interface for change in changes)

    @property
    def differs(self) -> bool:
        """Whether anything at all tells them apart."""
        return (
            any(self.sections.values())
            or any(self.interface)
            or any(_differs(row) for row in (*self.claimed, *self.measured))
        )

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "versions": [subject.to_dict() for subject in self.subjects],
            "differs": self.differs,
            "breaking": self.is_breaking,
            "signature": [[change.to_dict() for change in changes] for changes in self.interface],
            "metrics": {
                "claimed": [row.to_dict() for row in self.claimed],
                "measured": [row.to_dict() for row in self.measured],
            },
            **{name: [row.to_dict() for row in self.sections[name]] for name in SECTIONS},
        }


def _differs(row: MetricRow) -> bool:
    return len({figure and figure.value for figure in row.figures}) > 1


def compare(subjects: Sequence[Subject], directions: Directions) -> Comparison:
    """Compare versions, each with the first.

    `directions` says which way a metric is better, where gitreg knows it by its name.
    """
    sorted_out = [_sort_out(subject) for subject in subjects]
    first = subjects[0].metadata.get("signature")
    return Comparison(
        subjects=tuple(subjects),
        sections={
            name: tuple(_rows([sections[name] for sections in sorted_out])) for name in SECTIONS
        },
        interface=tuple(
            interface_changes(first, subject.metadata.get("signature")) for subject in subjects
        ),
        claimed=compare_metrics([read_claims(item.metadata) for item in subjects], directions),
        measured=compare_metrics(
            read_measured([item.measurements for item in subjects]), directions
        ),
    )


def _rows(sides: Sequence[Mapping[str, Any]]) -> Iterator[FieldRow]:
    first = sides[0]
    paths = {item.path for other in sides[1:] for item in differences(first, other)}
    for path in sorted(paths):
        yield FieldRow(path=path, values=tuple(side.get(path) for side in sides))


def _sort_out(subject: Subject) -> dict[str, dict[str, Any]]:
    """Return the fields of each section by their paths, none of them nested."""
    found: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
    about = {key: value for key, value in subject.metadata.items() if key not in _ELSEWHERE}
    for path, value in leaves(about):
        found[_section_of(path)][path] = value
    found["metadata"] |= {"model": subject.model, "path": subject.path}
    found["metadata"] |= {word: True for word in ("deprecated", "yanked") if getattr(subject, word)}
    found["artifacts"] = dict(_artifact_fields(subject.metadata))
    found["code"]["commit"] = subject.commit
    found["stages"] = dict(subject.stages)
    return found


def _section_of(path: str) -> str:
    places = (section for place, section in _PLACES.items() if f"{path}.".startswith(f"{place}."))
    return next(places, "metadata")


def _artifact_fields(metadata: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    listed = metadata.get("artifacts", ())
    pairs = ([(artifact, key) for key in _OF_ARTIFACT] for artifact in listed)
    for artifact, key in chain.from_iterable(pairs):
        if key in artifact:
            yield f"{artifact['path']}: {key}", artifact[key]
