"""Files and folders of this machine, which are opened as plain files or not at all.

A pipe or a device would keep its reader waiting, or never end.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO

from gitreg.artifacts.sources import stored_path
from gitreg.errors import SetupError, TransferError


class LocalSource:
    """A folder laid out as DVC's: its cache in a work tree, or a remote on this machine."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._folder = folder

    def open(self, md5: str, offset: int) -> IO[bytes]:
        """Open a file at `offset` (bytes).

        Raises: FileNotFoundError; TransferError.
        """
        path = self._folder / stored_path(md5)
        try:
            file = open_plain(path)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise TransferError(
                f"{self.name} could not be read: {error.strerror}: {path}",
                next_step="check the folder and its permissions",
            ) from error
        file.seek(offset)
        return file

    def close(self) -> None:
        """Nothing is held open."""


def open_plain(path: Path) -> IO[bytes]:
    """Open a plain file for reading, without waiting for anything.

    Raises: OSError, also for what is no plain file.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(0, "it is not a plain file")
    return os.fdopen(handle, "rb", buffering=0)


def read_small(path: Path, limit: int) -> bytes:
    """Return at most `limit` bytes of a plain file; a missing one is empty.

    Raises: SetupError.
    """
    try:
        with open_plain(path) as file:
            return file.read(limit)
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        raise SetupError(
            f"{path} cannot be read: {error.strerror}", next_step="see what it is: ls -l shows it"
        ) from error
