"""A push that a remote did not take: why, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Sequence

from gitreg.errors import TransferError
from gitreg.git.repository import find_blocking


class PushRejectedError(Exception):
    """The remote has moved on, or refuses; nothing was changed there.

    `reason` is Git's own; `said` is what the server said beside it, line by line.
    """

    def __init__(self, reason: str, said: Sequence[str] = ()) -> None:
        super().__init__("; ".join([reason, *said]))
        self.reason = reason
        self.said = tuple(said)

    @property
    def declined(self) -> bool:
        """Whether the server refused it for good, and no race was lost."""
        return "declined" in self.reason or find_blocking(str(self)) is not None

    def told(self, name: str) -> TransferError:
        """Return what to tell a person about a refusal of the remote `name`."""
        if blocking := find_blocking(str(self)):
            return TransferError(
                f"{blocking[0]} is in the way of {blocking[1]} at {name}: Git cannot have both",
                next_step=f"remove it there, or ask who put it: git push {name} :{blocking[0]}",
            )
        if self.declined:
            next_step = "do what the server says, or ask who runs it"
        else:
            next_step = (
                "run the same command again. If it says that a lock exists, a killed Git left it "
                "there: remove it. If a tag of that name is there already, see what it is: "
                f"git ls-remote --tags {name}"
            )
        return TransferError(
            f"{name} refuses the new refs: {self.reason}", said=self.said, next_step=next_step
        )
