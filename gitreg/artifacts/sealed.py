"""DVC's view of a work tree, which is told of the repository's configuration what is harmless.

`dvc.repo.Repo` is not a documented interface; it is opened here and nowhere else.
"""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gitreg.artifacts.layers import Layer, read_repository_layer
from gitreg.errors import TransferError
from gitreg.places import cache_folder

_CACHE = {"dir", "shared"}


@contextlib.contextmanager
def open_repo(root: Path) -> Iterator[Any]:
    """Open DVC's repository at `root`, without Git and without commands of the repository's.

    Raises: TransferError.
    """
    from dvc.config import Config
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    class SealedConfig(Config):  # type: ignore[misc]
        def _load_config(self, level: str) -> dict[str, Any]:
            if level == "repo":
                return _harmless(read_repository_layer(root / ".dvc"))
            found: dict[str, Any] = super()._load_config(level)
            return found

    _quiet_dvc()
    try:
        config = SealedConfig(os.fspath(root / ".dvc"))
        config["core"]["no_scm"] = True  # it would add to .dvc/.gitignore, and may start git
        folder = Path(config["core"].setdefault("site_cache_dir", os.fspath(_state_folder())))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sealed = type("SealedRepo", (Repo,), {"config": config})
        with warnings.catch_warnings(), sealed(os.fspath(root)) as repo:
            warnings.simplefilter("ignore", DeprecationWarning)  # they are for DVC's authors
            yield repo
    except (DvcException, OSError) as error:
        raise TransferError(
            f"DVC: {error}", next_step="dvc doctor shows how DVC is set up"
        ) from error


def _harmless(theirs: Layer) -> dict[str, Any]:
    """Return what a repository may say: where its cache is, and where `remote://` leads."""
    return {
        "cache": {key: value for key, value in theirs.cache.items() if key in _CACHE},
        "remote": {name: {"url": values.get("url", "")} for name, values in theirs.remotes.items()},
    }


def _state_folder() -> Path:
    """Where DVC remembers digests: it loads pickles from there, so it must be the user's alone."""
    return cache_folder() / "dvc"


def _quiet_dvc() -> None:
    os.environ.setdefault("DVC_NO_ANALYTICS", "1")
    logging.getLogger("dvc").setLevel(logging.ERROR)
