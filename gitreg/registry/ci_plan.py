"""`gitreg ci plan`: what the tree at HEAD asks for, and the ledger lacks.

The same question serves a pull request ("what would merging this do?"), a push to the default
branch, and a run that was missed: all that counts is the difference between tree and ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from gitreg import schema, yaml12
from gitreg.domain.canonical import dumps, sha256
from gitreg.domain.entries import VersionEntry
from gitreg.domain.finding import Finding
from gitreg.domain.model import ModelDocument
from gitreg.domain.state import State
from gitreg.domain.wanted import WantedStage, WantedVersion, find_missing
from gitreg.errors import InvalidError, SetupError
from gitreg.git.objects import ObjectReader
from gitreg.git.repository import Repository
from gitreg.git.worktree import Head
from gitreg.registry.document import FILE
from gitreg.registry.numbering import UNSET
from gitreg.registry.open import Registry
from gitreg.registry.policy import diff_policy
from gitreg.validation import read_model, refuse
from gitreg.value import Value

STAGES = "stages.yaml"
_LARGEST = 1 << 20  # bytes of a file of the registry
_MARK = b"gitreg/model/"  # other tools have files called model.yaml too
_PLAIN = (b"100644", b"100755")
_FURTHEST = 1000  # commits of one file that are looked at for versions that were missed


class Plan(Value):
    """What is still to be done so that the ledger has what the commit has.

    `policy` says in words what `gitreg.yaml` would change; that is signed by people, never by CI.
    """

    commit: str
    versions: tuple[WantedVersion, ...] = ()
    stages: tuple[WantedStage, ...] = ()
    findings: tuple[Finding, ...] = ()
    policy: tuple[str, ...] = ()

    @property
    def models(self) -> list[str]:
        """The models that something is asked for, in order."""
        asked = [item.model for item in self.versions] + [item.model for item in self.stages]
        return sorted(set(asked))

    def of(self, models: Sequence[str]) -> Plan:
        """Return the part that is about some models; all of it where none is named."""
        if not models:
            return self
        return Plan(
            commit=self.commit,
            versions=tuple(item for item in self.versions if item.model in models),
            stages=tuple(item for item in self.stages if item.model in models),
            findings=self.findings,
            policy=self.policy,
        )

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "commit": self.commit,
            "models": self.models,
            "registrations": [item.to_dict() for item in self.versions],
            "promotions": [item.to_dict() for item in self.stages],
            "findings": [finding.to_dict() for finding in self.findings],
            "policy": list(self.policy),
        }


def find_plan(registry: Registry) -> Plan:
    """Return what HEAD asks of the registry; what cannot be read is a finding.

    Raises: SetupError where there is no commit; UntrustedError.
    """
    repository, state = registry.repository, registry.state
    commit = Head.read(repository).commit
    if commit is None:
        raise SetupError("there is no commit yet", next_step="git commit, or check one out")
    with repository.reader() as reader:
        tree = _Tree(repository, reader, state)
        tree.read(commit)
    missing, notes = find_missing(state, tree.stages)
    return Plan(
        commit=commit,
        versions=tuple(tree.versions),
        stages=missing,
        findings=(*tree.findings, *notes),
        policy=_policy_changes(registry, tree.findings),
    )


class _Tree:
    """The files of a commit that are the registry's, read one after the other."""

    def __init__(self, repository: Repository, reader: ObjectReader, state: State) -> None:
        self.repository, self.reader, self.state = repository, reader, state
        self.versions: list[WantedVersion] = []
        self.stages: list[WantedStage] = []
        self.findings: list[Finding] = []
        self._folders: dict[str, str] = {}

    def read(self, commit: str) -> None:
        """Read every `model.yaml` that is not as it was registered, then every `stages.yaml`."""
        files = dict(_find_files(self.repository, commit))
        self._skip_unchanged(files)
        for name, take in ((FILE, self._take_model), (STAGES, self._take_stages)):
            for path in files:
                if path.name != name or (name == FILE and str(path.parent) in self._folders):
                    continue
                try:
                    take(commit, path)
                except InvalidError as error:
                    self.findings += error.findings or [_broken(path, error)]

    def _skip_unchanged(self, files: Mapping[PurePosixPath, str]) -> None:
        """Take those for read that are, byte for byte, what their folder was registered with last.

        Git tells by their names, which takes a hundredth of the time of reading thousands.
        """
        last: dict[str, VersionEntry] = {}
        for model in self.state.models():
            entry = self.state.versions(model)[-1]
            last[entry.path] = entry
        known = [entry for entry in last.values() if _file_of(entry) in files]
        names = [f"{entry.commit}:{_file_of(entry)}" for entry in known]
        for entry, blob in zip(known, self.reader.ids(names), strict=True):
            if blob == files[_file_of(entry)]:
                self._folders[entry.path] = entry.model

    def _take_model(self, commit: str, path: PurePosixPath) -> None:
        data = self._bytes(commit, path)
        if _MARK not in data and path.parts[0] != "models":
            return
        value = read_model(data, name=str(path)).value
        model, version, folder = value["name"], value["version"], str(path.parent)
        other = next((place for place, name in self._folders.items() if name == model), None)
        if other is not None:
            raise InvalidError(
                f"{path} is of the model {model}, and so is {other}/{FILE}",
                next_step="name one of them otherwise",
            )
        self._folders[folder] = model
        known = self.state.version(model, version)
        if known is not None:
            if _digest(value) not in (None, known.manifest):
                self.findings.append(_changed(path, model, version))
            return
        if version != UNSET:
            self._find_unregistered(commit, path, model)

    def _find_unregistered(self, commit: str, path: PurePosixPath, model: str) -> None:
        """Go back to the newest version that is registered, or to the file's beginning."""
        asked: dict[str, WantedVersion] = {}
        options = ("--first-parent", f"--max-count={_FURTHEST}", "--format=%H", commit)
        for place in self.repository.git("log", *options, "--", str(path)).decode().split():
            try:
                value = read_model(self._bytes(place, path), name=str(path)).value
            except InvalidError:
                continue  # that of HEAD was read before: an older one was mended since
            version = value["version"]
            if value["name"] != model or self.state.version(model, version):
                break
            if version in asked or version == UNSET:
                continue
            if _digest(value) is None:
                if not asked:
                    self.findings.append(_unprepared(path, model, version))
                    return
                continue
            asked[version] = WantedVersion(
                model=model, version=version, path=str(path.parent), commit=place
            )
        self.versions += reversed(asked.values())

    def _take_stages(self, commit: str, path: PurePosixPath) -> None:
        model = self._folders.get(str(path.parent))
        document = yaml12.load(self._bytes(commit, path), name=str(path))
        if document.value is None and model:
            return  # begun, and empty
        findings = schema.check(document, schema="stages.v1", name=str(path))
        refuse(str(path), findings)
        if model is None:
            raise InvalidError(
                f"{path} has no {FILE} beside it", next_step="put it into the model's folder"
            )
        for stage, entry in document.value.items():
            self.stages.append(
                WantedStage(
                    model=model,
                    version=entry["version"],
                    stage=stage,
                    seq=entry["seq"],
                    where=f"{path}:{document.line((stage,))}",
                )
            )

    def _bytes(self, commit: str, path: PurePosixPath) -> bytes:
        found = self.reader.read_one(f"{commit}:{path}", limit=_LARGEST)
        if found is None or found.data is None:
            raise InvalidError(f"{path} is missing, or larger than any {path.name}")
        return found.data


def _file_of(entry: VersionEntry) -> PurePosixPath:
    return PurePosixPath(entry.path, FILE)


def _find_files(repository: Repository, commit: str) -> Iterator[tuple[PurePosixPath, str]]:
    """Yield the plain files of a commit that may be the registry's, each with its blob."""
    for line in repository.git("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0"):
        facts, _, name = line.partition(b"\t")
        path = PurePosixPath(name.decode(errors="surrogateescape"))
        if path.name in (FILE, STAGES) and facts[:6] in _PLAIN and str(path).isprintable():
            yield path, facts.split()[2].decode()


def _digest(value: dict[str, Any]) -> str | None:
    """Return the digest of a `model.yaml` that is filled in, None for one that is not."""
    try:
        ModelDocument.from_dict(value)
        return sha256(dumps(value))
    except ValueError:
        return None


def _policy_changes(registry: Registry, findings: list[Finding]) -> tuple[str, ...]:
    """Say what `gitreg.yaml` would change; a file that cannot be in force is a finding."""
    try:
        diff = diff_policy(registry)
    except InvalidError as error:
        findings += error.findings
        return ()
    except SetupError:
        return ()  # the file is not there: the policy in force is
    return diff.changes


def _changed(path: PurePosixPath, model: str, version: str) -> Finding:
    return Finding(
        severity="warning",
        code="model.changed",
        where=str(path),
        what=f"it is not what {model} {version} was registered with",
        next_step="nothing if it is the next version's; that needs another number",
    )


def _unprepared(path: PurePosixPath, model: str, version: str) -> Finding:
    return Finding(
        severity="warning",
        code="model.unprepared",
        where=str(path),
        what=f"{model} {version} is not filled in, so it is not registered yet",
        next_step=f"gitreg register {path.parent} --prepare",
    )


def _broken(path: PurePosixPath, error: InvalidError) -> Finding:
    return Finding(
        severity="error",
        code="file.invalid",
        where=str(path),
        what=error.what,
        next_step=error.next_step,
    )
