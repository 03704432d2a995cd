"""Whose the `.dvc` folder of a work tree is: what lies in it beside `config` must be the user's."""

from __future__ import annotations

from gitreg.errors import UntrustedError
from gitreg.git.repository import Repository

_OWN = (".dvc", ".dvc/config.local", ".dvc/cache", ".dvc/tmp")


def check_dvc_folder(repository: Repository) -> None:
    """See that neither Git nor a link brings what gitreg takes for this user's own.

    Raises: UntrustedError.
    """
    names = repository.git("ls-files", "-z").decode(errors="surrogateescape").split("\0")
    for name in names:
        folded = name.casefold()  # some file systems take .DVC for .dvc
        if folded in _OWN or folded.startswith(tuple(f"{own}/" for own in _OWN[2:])):
            raise UntrustedError(
                f"Git tracks {name}, so what stands there is not your own",
                next_step=f"see who committed it, then git rm --cached {name} and commit that",
            )
    root = repository.root
    for link in (".dvc", ".dvc/config"):
        if root is not None and (root / link).is_symlink():
            raise UntrustedError(
                f"{root / link} is a link, and what it leads to is not the registry's",
                next_step="see who made it, and put the file itself in its place",
            )
