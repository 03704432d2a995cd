"""Compare versions of any models: what tells each from the first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gitreg.domain.canonical import loads
from gitreg.domain.comparison import Comparison, Subject, compare
from gitreg.domain.entries import VersionEntry
from gitreg.domain.state import State
from gitreg.errors import UsageError
from gitreg.git.worktree import write_file
from gitreg.registry.measured import find_measured, read_measurements
from gitreg.registry.metadata import read_signed
from gitreg.registry.open import Registry, resolve
from gitreg.site.comparison import render_comparison


def diff(registry: Registry, references: Sequence[str]) -> Comparison:
    """Compare each version with the first; a yanked one is compared when asked for exactly.

    Raises: UsageError; NotFoundError where a reference names nothing; UntrustedError.
    """
    from gitreg.evaluation.metrics.table import find_direction

    if len(references) < 2:
        raise UsageError(
            "a comparison needs two versions", next_step="gitreg diff iris@production iris"
        )
    entries = [resolve(registry.state, text, with_yanked=True) for text in references]
    return compare(_read_subjects(registry, references, entries), find_direction)


def write_html(found: Comparison, path: Path) -> None:
    """Write a comparison as a page, whole or not at all.

    Raises: SetupError.
    """
    write_file(path, render_comparison(found).encode())


def _read_subjects(
    registry: Registry, references: Sequence[str], entries: Sequence[VersionEntry]
) -> list[Subject]:
    state = registry.state
    signed = {entry.index: entry.manifest for entry in entries}
    files = read_signed(registry.repository, registry.ledger, "model.json", signed)
    unique = {entry.index: entry for entry in entries}.values()  # who names one twice measures once
    measured = find_measured(state, unique)
    return [
        Subject(
            reference=reference,
            model=entry.model,
            version=entry.version,
            commit=entry.commit,
            path=entry.path,
            record=entry.index,
            metadata=loads(files[entry.index]),
            stages=_stages(state, entry),
            deprecated=entry.deprecated is not None,
            yanked=entry.yanked is not None,
            measurements=read_measurements(
                registry, measured.get((entry.model, entry.version), ())
            ),
        )
        for reference, entry in zip(references, entries, strict=True)
    ]


def _stages(state: State, entry: VersionEntry) -> dict[str, str]:
    held = state.held_stages(entry.model, entry.version)
    return {
        stage: "holds" if stage in held else "held"
        for stage in state.stages(entry.model)
        if state.has_held(entry.model, entry.version, stage)
    }
