"""A version on its way into the registry: artifacts, `model.yaml`, commit and draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gitreg import yaml12
from gitreg.artifacts.settings import has_remote, work_tree_remote
from gitreg.artifacts.tracking import Tracked, push, track
from gitreg.domain.canonical import dumps, sha256
from gitreg.domain.entries import VersionEntry
from gitreg.domain.finding import Finding
from gitreg.domain.model import Artifact
from gitreg.domain.names import parse_model
from gitreg.domain.version import Part
from gitreg.errors import RefusedError, SetupError
from gitreg.git.repository import Repository
from gitreg.git.worktree import Head, check_writable, read_at
from gitreg.ledger.appending import Draft
from gitreg.ledger.verified import Ledger
from gitreg.registry import document
from gitreg.registry.committing import Change, make_commit, read_head
from gitreg.registry.document import ModelFolder
from gitreg.registry.dvc_folder import check_dvc_folder
from gitreg.registry.identity import candidate_keys, find_author, find_signer
from gitreg.registry.metadata import read_metadata
from gitreg.registry.numbering import choose_version, highest
from gitreg.registry.open import Registry
from gitreg.registry.version_files import version_files
from gitreg.signing import Key
from gitreg.validation import check_complete, display_name, read_model
from gitreg.value import Value


class Request(Value):
    """What a user asks `register` for; paths are as they typed them."""

    folder: Path | None = None
    new: str | None = None
    files: Sequence[Path] = ()
    version: str | None = None
    bump: Part | None = None
    metrics: Mapping[str, Any] | None = None
    parameters: Mapping[str, Any] = {}
    tags: Mapping[str, Any] = {}
    message: str | None = None
    detached: bool = False


class Registering:
    """One registration under way; `plan` may run again when somebody else was faster."""

    def __init__(self, registry: Registry, request: Request, key: Path | None) -> None:
        self.registry = registry
        self.request = request
        self.key = key
        self.repository: Repository = registry.repository
        if request.new is not None:
            parse_model(request.new)
        self.folder = document.find_folder(registry.root, request.folder, request.files)
        self.head: Head = read_head(self.repository, detached=request.detached)
        if self.head.commit is None:
            raise SetupError(
                "there is no commit yet to register a version on",
                next_step="gitreg init makes the first one, or git commit",
            )
        text = document.read_text(self.folder, request.new)
        self.text = document.fill_in(
            text, metrics=request.metrics, parameters=request.parameters, tags=request.tags
        )
        self.tracked: list[tuple[Artifact, Tracked]] = []
        self.notes: list[Finding] = []
        self.model = self.version = self.commit = ""
        self.changes: dict[str, Change] = {}

    def prepare(self, advance: Callable[[int], object], *, publish: bool) -> None:
        """Check the text and the remote, then copy the artifacts into DVC's cache."""
        name = display_name(self.folder.file, self.folder.root)
        value = read_model(self.text.encode(), name=name).value
        self.model = value["name"]
        entries = document.wanted_artifacts(self.folder, value, self.request.files)
        self._refuse_git_tracked([entry["path"] for entry in entries])
        if not (self.registry.root / ".dvc").is_dir():
            raise SetupError("DVC is not set up in this repository", next_step="gitreg init")
        check_dvc_folder(self.repository)
        self.has_storage = publish and self._check_storage()
        for entry in entries:
            found = track(self.registry.root, self.folder.absolute / entry["path"], advance=advance)
            artifact = Artifact(
                path=entry["path"],
                role=entry["role"],
                format=entry["format"],
                entrypoint=entry.get("entrypoint"),
                sha256=found.sha256,
                md5=found.md5,
                size=found.size,
                files=len(found.manifest.files) if found.manifest else None,
            )
            self.tracked.append((artifact, found))

    def _check_storage(self) -> bool:
        """Whether there is a DVC remote; a shared registry needs one."""
        if has_remote(self.registry.root):
            work_tree_remote(self.registry.root)  # what is wrong with it is said now
            return True
        if self.registry.remote is None:
            self.notes.append(_kept_here())
            return False
        raise SetupError(
            "no DVC remote is configured, so nobody else could fetch the artifacts",
            next_step="dvc remote add -d storage URL-or-PATH, or keep the version here "
            "for now with --no-push",
        )

    def _refuse_git_tracked(self, paths: Sequence[str]) -> None:
        names = [self.folder.inside(path) for path in paths]
        listed = self.repository.git("ls-files", "-z", "--", *names).decode().rstrip("\0")
        if listed:
            first = listed.split("\0")[0]
            raise SetupError(
                f"{first} is tracked by Git, and artifacts are tracked by DVC",
                next_step=f"git rm -r --cached {first}, and commit that",
            )

    def plan(self, ledger: Ledger) -> list[Draft]:
        """Return the registration's draft on this ledger; none where it is registered already."""
        value = self._settle(ledger)
        state = ledger.state
        same = state.version(self.model, self.version)
        if same and sha256(dumps(value)) == same.manifest:
            self.commit = self._finish(same)
            return []
        policy = state.policy()
        assert policy is not None  # noqa: S101 record_drafts saw to it
        signer = find_signer(self.repository, policy.policy, self.key)
        self._commit(f"Register {self.model} {self.version}", signer.key)
        tracked = [found for _, found in self.tracked]
        reason = self.request.message
        return [draft_registration(value, self.folder.path, self.commit, tracked, reason=reason)]

    def _settle(self, ledger: Ledger) -> Mapping[str, Any]:
        """Find the version on this ledger, and the files that belong to it; return its document."""
        state = ledger.state
        if self.request.new and state.last_ordinal(self.model) and not self.request.version:
            raise _exists(self.model, self.folder)
        self.version = choose_version(
            model=self.model,
            asked=self.request.version,
            bump=self.request.bump,
            written=str(yaml12.load(self.text.encode(), name=document.FILE).value["version"]),
            state=state,
            is_same=lambda entry: self._is_same(entry, ledger),
        )
        text = document.complete(
            self.text, version=self.version, artifacts=[artifact for artifact, _ in self.tracked]
        )
        name = display_name(self.folder.file, self.folder.root)
        value: dict[str, Any] = read_model(text.encode(), name=name).value
        check_complete(value, name=name)
        self.changes = version_files(self.registry, self.head, self.folder, text, self.tracked)
        for path in self.changes:
            check_writable(self.registry.root / path)
        same = state.version(self.model, self.version)
        if same is None or sha256(dumps(value)) != same.manifest:
            self._note_stale_metrics(ledger, value)
        return value

    def propose(self, ledger: Ledger) -> bool:
        """Commit what `plan` would, without a draft; whether HEAD did not have it yet.

        Raises: RefusedError where that version is registered; SetupError.
        """
        self._settle(ledger)
        known = ledger.state.version(self.model, self.version)
        if known is not None:
            raise RefusedError(
                f"{self.model} {self.version} is registered already (record {known.index})",
                rule="new-version",
                next_step="take the next one: --bump patch",
            )
        committed = (
            read_at(self.repository, self.head.commit, path) == change.committed
            for path, change in self.changes.items()
        )
        if all(committed):
            self.commit = self.head.commit or ""
            return False
        key = next(candidate_keys(self.repository, self.key), None)
        self._commit(f"Prepare {self.model} {self.version}", key)
        return True

    def _commit(self, message: str, key: Key | None) -> None:
        if self.request.message:
            message += f"\n\n{self.request.message}"
        author = find_author(self.repository)
        self.commit = make_commit(
            self.repository, self.head, self.changes, message, author, key=key
        )

    def _is_same(self, newest: VersionEntry, ledger: Ledger) -> bool:
        artifacts = [artifact for artifact, _ in self.tracked]
        text = document.complete(self.text, version=newest.version, artifacts=artifacts)
        value = yaml12.load(text.encode(), name=document.FILE).value
        return document.same_content(value, read_metadata(self.repository, ledger, newest))

    def _finish(self, entry: VersionEntry) -> str:
        """Complete what an interrupted run left: the branch follows if it did not move on."""
        with self.repository.reader() as reader:
            found = reader.read_one(entry.commit)
        header = ((found.data if found else None) or b"").split(b"\n\n", 1)[0].decode()
        if f"\nparent {self.head.commit}" in header or entry.commit == self.head.commit:
            return entry.commit
        self.head = Head(branch=None, commit=self.head.commit)  # leave branch and index alone
        return entry.commit

    def _note_stale_metrics(self, ledger: Ledger, value: Mapping[str, Any]) -> None:
        entry = highest(ledger.state, self.model)
        if entry is None or self.request.metrics is not None or not value.get("metrics"):
            return
        before = read_metadata(self.repository, ledger, entry)
        changed = value["artifacts"] != before.get("artifacts")
        if changed and value["metrics"] == before.get("metrics"):
            self.notes.append(
                Finding(
                    severity="warning",
                    code="metrics.stale",
                    where=self.folder.inside(document.FILE),
                    what=f"the artifacts changed, the metrics are still those of {entry.version}",
                    next_step="give the new ones with --metrics FILE",
                )
            )

    def push_artifacts(self) -> None:
        """Bring to the DVC remote what the version needs."""
        if self.has_storage:
            md5s = [md5 for _, tracked in self.tracked for md5 in md5s_of(tracked)]
            push(self.registry.root, md5s)


def draft_registration(
    value: Mapping[str, Any],
    path: str,
    commit: str,
    tracked: Sequence[Tracked],
    *,
    reason: str | None = None,
    on_behalf: str | None = None,
) -> Draft:
    """Return the draft that registers a filled-in `model.yaml`, found in the folder `path`."""
    data = dumps(value)
    files = {"model.json": data}
    for found in tracked:
        if found.manifest:
            files[f"manifest-{found.sha256}"] = found.manifest.to_bytes()
    fields = {
        "model": value["name"],
        "version": value["version"],
        "path": path,
        "manifest": sha256(data),
        "reason": reason,
        "on_behalf": on_behalf,
    }
    return Draft(action="register", object=commit, fields=fields, files=files)


def md5s_of(tracked: Tracked) -> list[str]:
    """Return DVC's names of a file, or of a folder and all its files."""
    files = tracked.manifest.files if tracked.manifest else ()
    return [*(file.md5 for file in files), tracked.md5]


def _exists(model: str, folder: ModelFolder) -> RefusedError:
    return RefusedError(
        f"{model} exists already",
        rule="new-version",
        next_step=f"register its next version: gitreg register {folder.path} --bump minor",
    )


def _kept_here() -> Finding:
    return Finding(
        severity="warning",
        code="artifacts.local",
        where=".dvc/config",
        what="no DVC remote is configured, so the artifacts are on this machine alone",
        next_step="dvc remote add -d storage URL-or-PATH, then gitreg push",
    )
