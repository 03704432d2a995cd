"""What a user writes to name a version: `iris`, `iris@1.2.0`, `iris@^1.2`, `iris@production~1`."""

from __future__ import annotations

from typing import Self

from gitreg.domain.grammar import Grammar
from gitreg.domain.names import STAGE, parse_model
from gitreg.domain.version import Version
from gitreg.errors import UsageError
from gitreg.value import Value

_CARET = Grammar(r"\^(0|[1-9][0-9]{0,8})(?:\.(0|[1-9][0-9]{0,8}))?(?:\.(0|[1-9][0-9]{0,8}))?")
_BACK = Grammar(r"[1-9][0-9]{0,5}")


class Caret(Value, kw_only=False):
    """`^1.2`: at least 1.2.0 and below the next change of the left-most non-zero number."""

    major: int
    minor: int | None = None
    patch: int | None = None

    def admits(self, version: Version) -> bool:
        """Whether `version` is a release within the range."""
        low = Version(self.major, self.minor or 0, self.patch or 0)
        if self.major or self.minor is None:
            high = Version(self.major + 1, 0, 0)
        elif self.minor or self.patch is None:
            high = Version(0, self.minor + 1, 0)
        else:
            high = Version(0, 0, self.patch + 1)
        return version.is_release and low <= version < high

    def __str__(self) -> str:
        parts = [part for part in (self.major, self.minor, self.patch) if part is not None]
        return "^" + ".".join(map(str, parts))


class Reference(Value):
    """A parsed reference; at most one of `version`, `within` and `stage` is set.

    Law: `Reference.parse(str(reference)) == reference`.
    """

    model: str
    version: Version | None = None
    within: Caret | None = None
    stage: str | None = None
    back: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a reference.

        Raises: UsageError.
        """
        name, at, rest = text.partition("@")
        model = parse_model(name)
        if not at:
            return cls(model=model)
        if rest[:1] == "^" and (caret := _CARET.fullmatch(rest)):
            numbers = [int(part) for part in caret.groups() if part is not None]
            return cls(model=model, within=Caret(*numbers))
        stage, tilde, back = rest.partition("~")
        if STAGE.fullmatch(stage) and (not tilde or _BACK.fullmatch(back)):
            return cls(model=model, stage=stage, back=int(back or 0))
        number = rest[1:] if rest[:1] == "v" else rest  # as in the tag's name, iris@v1.2.0
        if number[:1].isdigit():
            return cls(model=model, version=Version.parse(number))
        raise UsageError(
            f"{text!r} is not a reference to a version",
            next_step="write iris, iris@1.2.0, iris@^1.2, iris@production or iris@production~1",
        )

    def __str__(self) -> str:
        if self.version:
            return f"{self.model}@{self.version}"
        if self.within:
            return f"{self.model}@{self.within}"
        if self.stage:
            return f"{self.model}@{self.stage}{f'~{self.back}' if self.back else ''}"
        return self.model
