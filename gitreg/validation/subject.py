"""The version that is checked, as the checks see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from gitreg.domain.finding import Finding, Severity
from gitreg.formats import ModelFile
from gitreg.validation.examples import TOLERANCE
from gitreg.value import Value


class Subject(Value):
    """One version.

    `signed` is all of its `model.json`, and `metadata` what of it is valid and can be relied on.
    `file` is how messages name its `model.yaml`, whose bytes at the version's commit `read`
    returns, as it does those of any file of the model's folder there; None for one that is not
    there. `find_files` returns the verified artifacts on this machine, by their paths; `find_model`
    the one to load, and refuses as the policy does. `permits_code` says
    whether code that comes with the version may run, which `write_code` puts into a folder,
    returning those to import from. `own_checks` are a user's, imported from `own_folder`.
    """

    model: str
    version: str
    file: str
    metadata: Mapping[str, Any]
    read: Callable[[str], bytes | None]
    find_files: Callable[[], Mapping[str, Path]]
    find_model: Callable[[], ModelFile]
    permits_code: bool
    signed: Mapping[str, Any]
    write_code: Callable[[Path], Sequence[Path]]
    own_checks: Sequence[str] = ()
    own_folder: Path = Path()

    @property
    def name(self) -> str:
        """How messages name the version."""
        return f"{self.model} {self.version}"

    @property
    def wanted(self) -> Mapping[str, Any]:
        """What `model.yaml` says under `validation:`."""
        wanted: Mapping[str, Any] = self.metadata.get("validation", {})
        return wanted

    @property
    def examples_file(self) -> str | None:
        """How messages name the file of the golden examples."""
        path = self.wanted.get("examples")
        return str(PurePosixPath(self.file).parent / path) if path else None

    @property
    def tolerance(self) -> float:
        """How far two numbers may lie apart that should be the same, relative to them or to 1."""
        return float(self.wanted.get("tolerance", TOLERANCE))

    def signature(self, side: str) -> Sequence[Mapping[str, Any]]:
        """Return the `inputs` or the `outputs` of the signature."""
        found: Sequence[Mapping[str, Any]] = self.metadata.get("signature", {}).get(side, ())
        return found

    @property
    def fixes_rows(self) -> bool:
        """Whether the signature takes just so many rows at once."""
        return any(item["shape"][:1] != [-1] for item in self.signature("inputs"))

    def find(
        self,
        severity: Severity,
        code: str,
        what: str,
        *,
        next_step: str | None = None,
        where: str | None = None,
    ) -> Finding:
        """Return a finding about the version, or about its file `where`."""
        return Finding(
            severity=severity,
            code=code,
            where=where or self.name,
            what=what,
            next_step=next_step,
        )
