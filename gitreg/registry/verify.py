"""Proving a registry: the ledger re-derived, tags compared, and on demand commits and bytes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from gitreg import yaml12
from gitreg.artifacts.download import check_file
from gitreg.domain.canonical import dumps, sha256
from gitreg.domain.entries import VersionEntry
from gitreg.domain.finding import Finding, Severity
from gitreg.domain.tag import owner_of
from gitreg.errors import InvalidError, UntrustedError
from gitreg.git.worktree import read_at
from gitreg.ledger.freshness import behind, last_seen, stale_since
from gitreg.registry.metadata import read_artifacts
from gitreg.registry.open import Registry
from gitreg.registry.pull import SignedFile, bring_commit, remote_source, signed_files
from gitreg.value import Value


class Verification(Value):
    """What was proven, and what speaks against it; index and head can be pinned as a checkpoint."""

    root: str
    registry: str
    head: str
    head_index: int
    valid: int
    void: int
    models: int
    versions: int
    people: dict[str, int]
    deep: bool
    artifacts: int | None
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether no finding is an error."""
        return all(finding.severity != "error" for finding in self.findings)

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "ok": self.ok,
            "root": f"sha256:{self.root}",
            "registry": self.registry,
            "checkpoint": f"{self.head_index}:sha256:{self.head}",
            "records": {"valid": self.valid, "void": self.void},
            "models": self.models,
            "versions": self.versions,
            "people": self.people,
            "deep": self.deep,
            "artifacts": self.artifacts,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def verify(
    registry: Registry,
    *,
    deep: bool = False,
    artifacts: bool = False,
    begin: Callable[[int], Callable[[int], object]] = lambda _: lambda _: None,
) -> Verification:
    """Re-derive the whole state and compare everything with it.

    `deep` also reads each version's commit; `artifacts` also every byte in the DVC remote, with
    `begin` told of all bytes.

    Raises: SetupError; UntrustedError where the history itself cannot be read.
    """
    ledger, state = registry.proof, registry.proof.state
    findings = [
        *_void_findings(registry),
        *age_findings(registry),
        *_tag_findings(registry),
    ]
    if deep:
        findings += _commit_findings(registry)
    checked = None
    if artifacts:
        checked, found = _artifact_findings(registry, begin)
        findings += found
    people: dict[str, int] = {}
    for item in ledger.records:
        people[item.person] = people.get(item.person, 0) + 1
    policy, last = state.policy(), ledger.records[-1]
    return Verification(
        root=ledger.root or "",
        registry=policy.registry if policy else "",
        head=last.digest,
        head_index=last.record.index,
        valid=len(ledger.records),
        void=len(ledger.void),
        models=len(state.models()),
        versions=sum(state.last_ordinal(model) for model in state.models()),
        people=dict(sorted(people.items())),
        deep=deep,
        artifacts=checked,
        findings=tuple(findings),
    )


def _void_findings(registry: Registry) -> Iterator[Finding]:
    for void in registry.proof.void:
        yield Finding(
            severity="warning",
            code=f"void.{void.rule}",
            where=f"ledger commit {void.commit[:12]}",
            what=f"it changes nothing: {void.what}",
            next_step="nothing depends on it; see who pushed it",
        )


def age_findings(registry: Registry) -> Iterator[Finding]:
    """Yield where a clone is not the newest there is; from a URL that is an error before."""
    missing = 0 if registry.url else behind(registry.ledger, last_seen(registry.ledger))
    if missing:
        yield Finding(
            severity="warning",
            code="behind",
            where="the ledger here",
            what=f"it lacks {missing} of the records that were seen at a remote",
            next_step="git fetch",
        )
    since = stale_since(registry.ledger, int(time.time()))
    if since is not None:
        yield Finding(
            severity="warning",
            code="stale",
            where="the ledger here",
            what="its newest record is older than the max_age of its policy",
            next_step="git fetch; if nothing comes, ask whether it is held back, or gitreg beat",
        )


def _tag_findings(registry: Registry) -> Iterator[Finding]:
    """Compare tag refs with the ledger; those of other packages are none of its business."""
    if registry.url:
        return  # only the ledger was fetched
    refs = registry.repository.refs("refs/tags/")
    expected = {
        str(item.record.tag_ref): item
        for item in registry.proof.records
        if item.record.tag_ref is not None
    }
    for name, item in expected.items():
        found = refs.get(f"refs/tags/{name}")
        where = f"tag {name}"
        if found is None:
            severity: Severity = "error" if registry.repository.root is None else "warning"
            yield Finding(
                severity=severity,
                code="tag.missing",
                where=where,
                what=f"record {item.record.index} has this tag, and it is not here",
                next_step="gitreg tags restore brings it back, byte for byte",
            )
        elif found != item.record.tag_object_id():
            yield Finding(
                severity="error",
                code="tag.moved",
                where=where,
                what=f"it is not the object that record {item.record.index} signed",
                next_step="see who moved it; gitreg tags restore puts the signed one back",
            )
    models = set(registry.proof.state.models())
    for ref in refs:
        name = ref.removeprefix("refs/tags/")
        if name not in expected and owner_of(name) in models:
            yield Finding(
                severity="error",
                code="tag.unknown",
                where=f"tag {name}",
                what="it looks like the registry's, and the ledger does not have it",
                next_step=f"see who made it; git tag -d {name} removes it here",
            )


def _commit_findings(registry: Registry) -> Iterator[Finding]:
    """See that each version's commit says in `model.yaml` what was signed."""
    state = registry.proof.state
    for model in state.models():
        for version in state.versions(model):
            where = f"{model} {version.version}, commit {version.commit[:12]}"
            what = _compare_commit(registry, version)
            if what:
                yield Finding(
                    severity="error",
                    code="commit.differs",
                    where=where,
                    what=what,
                    next_step=f"git show {version.commit[:12]} shows the commit; trust the record",
                )


def _compare_commit(registry: Registry, version: VersionEntry) -> str | None:
    repository = registry.repository
    if not bring_commit(registry, version):
        return "the commit is not here; git fetch --tags brings it if the remote has it"
    path = str(PurePosixPath(version.path) / "model.yaml")
    data = read_at(repository, version.commit, path)
    if data is None:
        return f"the commit has no {path}"
    try:
        said = sha256(dumps(yaml12.load(data, name=path).value))
    except (InvalidError, ValueError) as error:
        return f"{path} cannot be read: {error}"
    return None if said == version.manifest else f"{path} does not say what was signed"


def _artifact_findings(
    registry: Registry, begin: Callable[[int], Callable[[int], object]]
) -> tuple[int, list[Finding]]:
    """Read every file of every version from the DVC remote, each content once."""
    findings: list[Finding] = []
    files: dict[str, tuple[SignedFile, VersionEntry]] = {}
    state = registry.proof.state
    for model in state.models():
        for version in state.versions(model):
            artifacts = read_artifacts(registry.repository, registry.proof, version)
            try:
                for file in signed_files(registry, version, artifacts):
                    files.setdefault(file.sha256, (file, version))
            except UntrustedError as error:
                where = f"{model} {version.version}"
                findings.append(
                    Finding(severity="error", code="manifest", where=where, what=error.what)
                )
    advance = begin(sum(file.size for file, _ in files.values()))
    source = None
    for file, version in files.values():
        source = source or remote_source(registry, version)
        what = check_file(source, sha256=file.sha256, md5=file.md5, size=file.size, advance=advance)
        if what:
            findings.append(
                Finding(
                    severity="error",
                    code="artifact.differs",
                    where=f"{version.model} {version.version}, {file.path}",
                    what=f"in {source.name} {what}",
                    next_step="find who changed it; dvc push brings back the originals",
                )
            )
    if source:
        source.close()
    return len(files), findings
