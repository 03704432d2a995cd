"""Bringing back registry tags that somebody deleted or moved, from the ledger's own copies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gitreg.domain.record import Record
from gitreg.git.rejection import PushRejectedError
from gitreg.git.repository import Repository
from gitreg.git.transfer import fetch, list_refs, push
from gitreg.registry.open import Registry
from gitreg.value import Value


class Restored(Value):
    """Tags that were put back here and at the remote, and those whose commit is nowhere."""

    here: tuple[str, ...]
    at_remote: tuple[str, ...]
    skipped: tuple[str, ...]
    remote: str | None

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "here": list(self.here),
            "at_remote": list(self.at_remote),
            "skipped": list(self.skipped),
            "remote": self.remote,
        }


def restore_tags(registry: Registry, *, publish: bool = True) -> Restored:
    """Make every tag of the ledger the object that was signed, byte for byte.

    A tag whose commit is neither here nor at the remote is skipped: without its commit it would
    break the clone. `publish` puts tags back at the remote too.

    Raises: TransferError, also where the remote refuses.
    """
    repository, remote = registry.repository, registry.remote
    signed = {
        f"refs/tags/{item.record.tag_ref}": item.record
        for item in registry.ledger.records
        if item.record.tag_ref is not None
    }
    here = _differing(signed, repository.refs("refs/tags/"))
    there = {}
    if remote is not None and publish:
        there = _differing(signed, list_refs(repository, remote.url, "refs/tags/"))
    if remote is not None and (here or there):
        _bring_commits(repository, remote.url, [signed[ref] for ref in {*here, *there}])
    present = {ref for ref in {*here, *there} if repository.has_commit(signed[ref].object)}
    repository.write([("tag", signed[ref].to_bytes()) for ref in sorted(present)])
    objects = {ref: signed[ref].tag_object_id() for ref in present}
    repository.update_refs(
        [(ref, objects[ref], old or repository.zero) for ref, old in here.items() if ref in present]
    )
    if remote is not None and (back := {ref: there[ref] for ref in there if ref in present}):
        updates = [(ref, objects[ref]) for ref in back]
        try:
            push(repository, remote.push_url, updates, moved=back)
        except PushRejectedError as error:
            raise error.told(remote.name) from error
    return Restored(
        here=_names(ref for ref in here if ref in present),
        at_remote=_names(ref for ref in there if ref in present),
        skipped=_names({*here, *there} - present),
        remote=remote.name if remote and publish else None,
    )


def _differing(signed: Mapping[str, Record], refs: Mapping[str, str]) -> dict[str, str | None]:
    """Return the tags that are not what was signed, with what each is now."""
    return {
        ref: refs.get(ref)
        for ref, record in signed.items()
        if refs.get(ref) != record.tag_object_id()
    }


def _bring_commits(repository: Repository, url: str, records: Sequence[Record]) -> None:
    """Fetch what the versions' tags and the branches of the remote still hold."""
    if all(repository.has_commit(record.object) for record in records):
        return
    versions = {f"refs/tags/{record.model}@v*" for record in records}
    fetch(repository, url, sorted({*versions, "refs/heads/*"}))


def _names(refs: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(ref.removeprefix("refs/tags/") for ref in refs))
