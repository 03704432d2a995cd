"""What can go wrong, as one short tree. Exit codes: docs/adr/0004."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gitreg.domain.finding import Finding


class GitregError(Exception):
    """An error a user can act on: what happened, and what to do next."""

    def __init__(self, what: str, *, next_step: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step


class UsageError(GitregError):
    """The command or call itself is wrong: a bad name, version or reference.

    `shown` are lines that point at the place, to be printed as they are.
    """

    def __init__(
        self, what: str, *, shown: Sequence[str] = (), next_step: str | None = None
    ) -> None:
        super().__init__(what, next_step=next_step)
        self.shown = tuple(shown)


class InvalidError(GitregError):
    """A file that a person writes does not say what it should; carries every finding."""

    def __init__(
        self, what: str, *, findings: Sequence[Finding] = (), next_step: str | None = None
    ) -> None:
        super().__init__(what, next_step=next_step)
        self.findings = tuple(findings)


class RefusedError(GitregError):
    """The state machine refuses the action; `rule` names the rule (docs/rules.md)."""

    def __init__(self, what: str, *, rule: str, next_step: str | None = None) -> None:
        super().__init__(what, next_step=next_step)
        self.rule = rule


class NotFoundError(GitregError):
    """A reference names nothing that can be used."""


class UntrustedError(GitregError):
    """Bytes or history that are not what was signed."""


class SetupError(GitregError):
    """Something gitreg needs is missing here: a repository, a key, a remote, an extra."""


class TransferError(GitregError):
    """A remote could not be reached, or did not take or give what was asked.

    `said` is what it answered to that, line by line.
    """

    def __init__(
        self, what: str, *, said: Sequence[str] = (), next_step: str | None = None
    ) -> None:
        super().__init__(what, next_step=next_step)
        self.said = tuple(said)

    def __str__(self) -> str:
        return "; ".join([self.what, *(line.strip() for line in self.said)])
