"""One version as Python code holds it: `registry["iris@production"]`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from gitreg import formats
from gitreg.domain.entries import VersionEntry
from gitreg.domain.model import Artifact
from gitreg.domain.names import is_path
from gitreg.errors import RefusedError, SetupError
from gitreg.formats import Format, ModelFile
from gitreg.git.worktree import read_all_at, read_at
from gitreg.places import cache_folder
from gitreg.registry.metadata import read_artifacts, read_metadata
from gitreg.registry.open import Registry
from gitreg.registry.pull import Pulled, bring_commit, pull

_LARGEST_CODE = 1 << 20  # bytes of one Python file


class ModelVersion:
    """A registered version; nothing is fetched before `path()` or `load()`."""

    def __init__(self, registry: Registry, entry: VersionEntry) -> None:
        self._registry = registry
        self.entry = entry

    @property
    def model(self) -> str:
        """The model's name."""
        return self.entry.model

    @property
    def version(self) -> str:
        """The version, such as `1.2.0`."""
        return self.entry.version

    @cached_property
    def metadata(self) -> Mapping[str, Any]:
        """All of `model.yaml`, as it was signed."""
        return read_metadata(self._registry.repository, self._registry.ledger, self.entry)

    @property
    def metrics(self) -> dict[str, float]:
        """The claimed metrics, by name."""
        return {name: float(value) for name, value in self.entry.metrics.items()}

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that the version holds now."""
        return tuple(self._registry.state.held_stages(self.model, self.version))

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """What the version consists of."""
        registry = self._registry
        return tuple(read_artifacts(registry.repository, registry.ledger, self.entry))

    @property
    def permits_code(self) -> bool:
        """Whether the policy in force lets code run that comes with the version."""
        policy = self._registry.state.policy()
        entry = policy.policy.for_model(self.model) if policy else None
        return bool(entry and entry.allow_pickle)

    def read(self, name: str) -> bytes | None:
        """Return a file of the model's folder as the version's commit has it, or None.

        Raises: TransferError.
        """
        if not is_path(name) or not bring_commit(self._registry, self.entry):
            return None
        path = str(PurePosixPath(self.entry.path) / name)
        return read_at(self._registry.repository, self.entry.commit, path)

    def code(self) -> dict[str, bytes]:
        """Return the Python files of the version's commit, by their paths in the repository.

        Raises: SetupError where the commit is not here; TransferError.
        """
        if not bring_commit(self._registry, self.entry):
            raise SetupError("the version's commit is not here", next_step="git fetch --tags")
        found = read_all_at(
            self._registry.repository, self.entry.commit, ".py", limit=_LARGEST_CODE
        )
        return {path: data for path, data in found if is_path(path)}

    def pull(self, output: str | Path) -> Pulled:
        """Put the verified artifacts below `output`.

        Raises: UntrustedError; SetupError; TransferError.
        """
        return pull(self._registry, f"{self.model}@{self.version}", output=Path(output))

    def path(self, name: str | None = None) -> Path:
        """Return the verified artifact `name`, or the model itself, in this user's cache.

        Raises: as `pull`; SetupError where there is no such artifact.
        """
        artifact = self._artifact(name)
        return self._cached().folder / artifact.path

    def files(self) -> dict[Path, str]:
        """Return all verified files of the version in this user's cache, with their sha256.

        Raises: as `pull`.
        """
        pulled = self._cached()
        return {pulled.folder / file.path: file.sha256 for file in pulled.files}

    def _cached(self) -> Pulled:
        cache = cache_folder() / "versions"
        return self.pull(cache / self.entry.manifest)

    def load(self) -> Any:
        """Load the model, verified first.

        Raises: as `loadable`.
        """
        file = self.loadable()
        return formats.FORMATS[file.format].load(file)

    def loadable(self, folder: Path | None = None) -> ModelFile:
        """Return the verified model, with the format to load it by.

        It is in `folder`, where somebody has put the verified files, else in this user's cache. An
        MLflow folder is judged by the model in it, once that is here.

        Raises: RefusedError for a format that runs code where the policy does not allow it;
        SetupError for one that gitreg does not load; InvalidError for an MLflow folder that leads
        nowhere; and as `pull`.
        """
        artifact = self._artifact(None)
        form = formats.find(artifact.format or formats.guess(Path(artifact.path)), artifact.path)
        if form.NAME != "mlflow":
            self._refuse_code(form, artifact)
        path = folder / artifact.path if folder else self.path()
        file = ModelFile(path=path, format=form.NAME, entrypoint=artifact.entrypoint)
        found = formats.resolve(file)
        self._refuse_code(formats.FORMATS[found.format], artifact)
        return found

    def _refuse_code(self, form: Format, artifact: Artifact) -> None:
        if form.RUNS_CODE and not self.permits_code:
            raise RefusedError(
                f"loading {artifact.path} would run code from it: its format is {form.NAME}",
                rule="allow-pickle",
                next_step="store it in a format that runs none, such as skops, or set "
                "allow_pickle: true in gitreg.yaml",
            )

    def _artifact(self, name: str | None) -> Artifact:
        artifacts = self.artifacts
        for artifact in artifacts:
            if artifact.path == name or (name is None and artifact.role == "model"):
                return artifact
        listed = ", ".join(artifact.path for artifact in artifacts)
        raise SetupError(
            f"{self.model} {self.version} has no artifact {name or 'with the role model'}",
            next_step=f"it has {listed}",
        )

    def __repr__(self) -> str:
        return f"<ModelVersion {self.model}@{self.version}>"
