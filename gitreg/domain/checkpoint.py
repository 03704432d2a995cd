"""A checkpoint: one record of a ledger by index and digest, which a client can pin."""

from __future__ import annotations

from typing import Self

from gitreg.domain.grammar import Grammar
from gitreg.errors import UsageError
from gitreg.value import Value

_DIGEST = Grammar("sha256:([0-9a-f]{64})")
_CHECKPOINT = Grammar("(0|[1-9][0-9]{0,17}):sha256:([0-9a-f]{64})")


class Checkpoint(Value):
    """The valid record `index` had the sha256 `digest`.

    Law: `Checkpoint.parse(str(checkpoint)) == checkpoint`.
    """

    index: int
    digest: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `57:sha256:…`.

        Raises: UsageError.
        """
        match = _CHECKPOINT.fullmatch(text)
        if not match:
            raise UsageError(
                f"{text[:100]!r} is not a checkpoint",
                next_step="copy one from gitreg verify: a record's number, ':sha256:', 64 hex "
                "digits",
            )
        return cls(index=int(match[1]), digest=match[2])

    def __str__(self) -> str:
        return f"{self.index}:sha256:{self.digest}"


def parse_root(text: str) -> str:
    """Return the hex digits of a root, such as `sha256:…`.

    Raises: UsageError.
    """
    match = _DIGEST.fullmatch(text)
    if not match:
        raise UsageError(
            f"{text[:100]!r} is not the root of a registry",
            next_step="copy it from gitreg verify: 'sha256:' and 64 hex digits",
        )
    return match[1]
