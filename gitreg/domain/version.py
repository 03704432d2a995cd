"""Semantic versions, without build metadata and in lower case: `1.2.0`, `2.0.0-rc.1`.

The order is that of SemVer 2.0.0, section 11.
"""

from __future__ import annotations

from functools import total_ordering
from typing import Literal, Self

from gitreg.domain.grammar import Grammar
from gitreg.errors import UsageError
from gitreg.value import Value

_NUMBER = r"(?:0|[1-9][0-9]{0,8})"
_PART = rf"(?:{_NUMBER}|[0-9]*[a-z-][0-9a-z-]*)"
VERSION = Grammar(
    rf"(?=.{{5,64}}\Z)({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-({_PART}(?:\.{_PART})*))?"
)

Part = Literal["major", "minor", "patch"]


@total_ordering
class Version(Value, kw_only=False):
    """One version. Law: `Version.parse(str(v)) == v`."""

    major: int
    minor: int
    patch: int
    pre: tuple[int | str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `1.2.0` or `1.2.0-rc.1`.

        Raises: UsageError, saying what to write instead.
        """
        match = VERSION.fullmatch(text)
        if not match:
            raise UsageError(
                f"{text!r} is not a version",
                next_step="write MAJOR.MINOR.PATCH such as 1.2.0 or 1.2.0-rc.1: "
                "no 'v' in front, no '+build', lower case",
            )
        pre = match[4].split(".") if match[4] else []
        return cls(
            int(match[1]),
            int(match[2]),
            int(match[3]),
            tuple(int(part) if part.isdigit() else part for part in pre),
        )

    @property
    def is_release(self) -> bool:
        """Whether this is no pre-release."""
        return not self.pre

    @property
    def newness(self) -> tuple[bool, Version]:
        """By what the newest of a model is found: releases come after all pre-releases."""
        return self.is_release, self

    def bump(self, part: Part) -> Self:
        """Return the next version; a pre-release bumps to a release above it.

        Raises: UsageError where a number would have more digits than a version may.
        """
        if part == "major":
            bumped = type(self)(self.major + 1, 0, 0)
        elif part == "minor":
            bumped = type(self)(self.major, self.minor + 1, 0)
        else:
            bumped = type(self)(self.major, self.minor, self.patch + (0 if self.pre else 1))
        if VERSION.fullmatch(str(bumped)) is None:
            raise UsageError(
                f"no {part} version follows {self}: a number has at most nine digits",
                next_step="name the version: --version X.Y.Z",
            )
        return bumped

    def __str__(self) -> str:
        core = f"{self.major}.{self.minor}.{self.patch}"
        return f"{core}-{'.'.join(map(str, self.pre))}" if self.pre else core

    def __lt__(self, other: Version) -> bool:
        return self._key() < other._key()

    def _key(self) -> tuple[object, ...]:
        pre = tuple((0, part, "") if isinstance(part, int) else (1, 0, part) for part in self.pre)
        return (self.major, self.minor, self.patch, not self.pre, pre)
