"""Where a version comes from and what became of it, from the ledger and the version's commit."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from gitreg.domain.ancestry import DEPTH, MAX_DEPTH, add_family, parents_of
from gitreg.domain.entries import VersionEntry
from gitreg.domain.lineage import Gathering, Lineage, Node, version_id
from gitreg.domain.model import Artifact, ModelDocument
from gitreg.domain.pipeline import File
from gitreg.domain.uses import add_uses
from gitreg.errors import TransferError, UsageError
from gitreg.index.children import read_children
from gitreg.index.rows import read_place
from gitreg.index.store import Store
from gitreg.ledger.indexed import settle
from gitreg.registry.metadata import read_metadata
from gitreg.registry.open import Registry, resolve
from gitreg.registry.pipeline import Pipelines
from gitreg.registry.pull import bring_commit
from gitreg.registry.show import newest_outcomes


def lineage(registry: Registry, reference: str, *, depth: int = DEPTH) -> Lineage:
    """Return the lineage of a version, with at most `depth` generations before and after it.

    What cannot be read of its commit is told in `findings`, and no error. A yanked version has
    one too, when asked for exactly.

    Raises: UsageError; NotFoundError where the reference names nothing.
    """
    if not 0 <= depth <= MAX_DEPTH:
        raise UsageError(
            f"the depth is {depth}", next_step=f"give a number of generations, 0 to {MAX_DEPTH}"
        )
    state = registry.state
    entry = resolve(state, reference, with_yanked=True)
    gathering = Gathering()
    with registry.repository.reader() as reader:
        registered = _Registered(registry)
        subject = add_family(gathering, entry, registered, depth=depth)
        metadata = registered.metadata(entry)
        pipelines = None
        if _has_commit(gathering, registry, entry):
            pipelines = Pipelines(registry.repository, reader, entry, gathering)
        for artifact in ModelDocument.from_dict(metadata).artifacts:
            made = _add_artifact(gathering, entry, artifact)
            if pipelines:
                pipelines.add(made, depth=depth)
    changes = [
        change
        for stage in state.stages(entry.model)
        for change in state.stage_history(entry.model, stage)
        if entry.version in (change.version, change.replaces)
    ]
    add_uses(
        gathering,
        entry,
        metadata,
        reports=state.reports(entry.model, entry.version),
        changes=changes,
        deploys=newest_outcomes(state, entry),
    )
    return gathering.finish(subject)


class _Registered:
    """The look-ups of `ancestry.Registered`, in the ledger."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.version = registry.state.version
        self.held_stages = registry.state.held_stages

    def metadata(self, entry: VersionEntry) -> Mapping[str, Any]:
        """What the version said of itself."""
        return read_metadata(self._registry.repository, self._registry.ledger, entry)

    def children(self, entry: VersionEntry) -> Sequence[VersionEntry]:
        """The versions that name this one as a parent, in the order of their registration."""
        name = (entry.model, entry.version)
        spellings = (f"{entry.model}@{entry.version}", f"{entry.model}@v{entry.version}")
        rows = sorted({row for spelling in spellings for row in self._children.get(spelling, ())})
        places = self._store.run(lambda asked: [read_place(asked, row) for row in rows])
        found = filter(None, (self.version(*place) for place in places))
        # The address of something outside may look like the name of a version.
        return [
            child
            for child in found
            if name in {parent.split() for parent in parents_of(self.metadata(child))}
        ]

    @cached_property
    def _store(self) -> Store:
        return settle(self._registry.repository, self._registry.ledger)

    @cached_property
    def _children(self) -> Mapping[str, Sequence[int]]:
        return self._store.run(read_children)


def _add_artifact(gathering: Gathering, entry: VersionEntry, artifact: Artifact) -> File:
    """Take in an artifact, and return the file that it is in the version's commit."""
    path = posixpath.normpath(posixpath.join(entry.path, artifact.path))
    details = {"format": artifact.format, "sha256": artifact.sha256, "md5": artifact.md5}
    made = File(path=path, md5=artifact.md5)
    gathering.add(Node(id=made.id, kind="artifact", label=path, details=details))
    gathering.link(made.id, version_id(entry.model, entry.version), "artifact")
    return made


def _has_commit(gathering: Gathering, registry: Registry, entry: VersionEntry) -> bool:
    """Whether the version's commit is here, or could be fetched; tell where it is not."""
    try:
        is_here = bring_commit(registry, entry)
    except TransferError as error:
        is_here, why = False, str(error)
    else:
        why = "it is not in this clone"
    if not is_here:
        gathering.tell(
            "warning",
            "lineage.no-commit",
            f"commit {entry.commit[:12]}",
            f"what DVC's files in it say is left out: {why}",
            next_step="git fetch --tags brings it",
        )
    return is_here
