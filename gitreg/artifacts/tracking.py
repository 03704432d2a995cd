"""Giving files to DVC: into its cache and to its remote, without a change to the work tree.

`dvc.repo.Repo` is not a documented interface; it is used here and nowhere else. What DVC does in
`dvc add` is done with the same library calls, and the `.dvc` file's text is returned instead of
written, so that a version is committed first and shown in the work tree last.
"""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gitreg import yaml12
from gitreg.artifacts.hashing import hash_file
from gitreg.domain.manifest import Manifest, ManifestFile
from gitreg.errors import InvalidError, SetupError, TransferError


@dataclass(frozen=True, kw_only=True, slots=True)
class Tracked:
    """What DVC knows of a file or folder after it is in its cache; `manifest` is a folder's.

    `lock` is the `dvc.lock` that has it where a DVC pipeline makes it; else a `.dvc` file will.
    """

    md5: str
    size: int
    sha256: str
    manifest: Manifest | None = None
    lock: Path | None = None

    def dvc_file(self, name: str) -> bytes:
        """The text of the `.dvc` file that stands for `name` (DVC 3's format)."""
        out: dict[str, object] = {"md5": self.md5, "size": self.size}
        if self.manifest:
            out["nfiles"] = len(self.manifest.files)
        return yaml12.dump({"outs": [{**out, "hash": "md5", "path": name}]}).encode()


def _quiet_dvc() -> None:
    os.environ.setdefault("DVC_NO_ANALYTICS", "1")
    logging.getLogger("dvc").setLevel(logging.ERROR)


@contextlib.contextmanager
def _open_repo(root: Path) -> Iterator[Any]:
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    _quiet_dvc()
    try:
        with warnings.catch_warnings(), Repo(os.fspath(root)) as repo:
            warnings.simplefilter("ignore", DeprecationWarning)  # they are for DVC's authors
            yield repo
    except (DvcException, OSError) as error:
        raise TransferError(
            f"DVC: {error}", next_step="dvc doctor shows how DVC is set up"
        ) from error


def setup_files(*, with_git: bool) -> dict[str, bytes]:
    """Return what `dvc init` writes, by path; `.dvc/config`, which tells that all is there, last.

    `with_git` is false where DVC cannot read its Git (SHA-256). DVC itself would stage the files
    too, and leave Git's index locked if it was killed meanwhile.
    """
    return {
        ".dvcignore": b"# Add patterns of files dvc should ignore, which could improve\n"
        b"# the performance. Learn more at\n# https://dvc.org/doc/user-guide/dvcignore\n",
        ".dvc/.gitignore": b"/config.local\n/tmp\n/cache\n",
        ".dvc/config": b"" if with_git else b"[core]\n    no_scm = True\n",
    }


def track(root: Path, path: Path, *, advance: Callable[[int], object]) -> Tracked:
    """Copy a file or folder into DVC's cache, and return how it is known there.

    The sha256 is taken from the cached copy, so that it is that of the bytes that are pushed.

    Raises: InvalidError for names that cannot be placed; SetupError where DVC tracks it otherwise;
    TransferError.
    """
    with _open_repo(root) as repo:
        from dvc_data.hashfile.build import build
        from dvc_data.hashfile.transfer import transfer

        local = repo.cache.local
        built: Any
        staging, _, built = build(local, os.fspath(path), local.fs, "md5", ignore=repo.dvcignore)
        transfer(staging, local, {built.hash_info}, shallow=False)
        md5 = str(built.hash_info.value)
        lock = _find_lock(repo, path, md5)
        if not built.hash_info.isdir:
            cached = Path(local.oid_to_path(md5))
            size = cached.stat().st_size
            return Tracked(md5=md5, size=size, sha256=hash_file(cached, advance=advance), lock=lock)
        files = []
        for key, _, info in built:
            cached = Path(local.oid_to_path(info.value))
            sha256 = hash_file(cached, advance=advance)
            files.append(ManifestFile(sha256, info.value, cached.stat().st_size, "/".join(key)))
    try:
        manifest = Manifest.of(files)
    except ValueError as error:
        raise InvalidError(f"{path}: {error}", next_step="rename the file") from error
    return Tracked(
        md5=md5, size=manifest.size, sha256=manifest.digest(), manifest=manifest, lock=lock
    )


def _find_lock(repo: Any, path: Path, md5: str) -> Path | None:
    """Return the `dvc.lock` of the pipeline that makes `path`, None where no pipeline does.

    Raises: SetupError where DVC tracks a folder around it, or the pipeline made other bytes.
    """
    from dvc.exceptions import OutputNotFoundError

    if path.with_name(f"{path.name}.dvc").is_file():
        return None  # the usual case, without reading every pipeline of the repository
    try:
        (out,) = repo.find_outs_by_path(os.fspath(path), strict=False)
    except OutputNotFoundError:
        return None
    stage = out.stage
    if out.fs_path != os.fspath(path):
        raise SetupError(
            f"{path.name} lies in {out}, which DVC tracks as a whole ({stage.addressing})",
            next_step=f"register {out} as one folder, or dvc remove {stage.addressing}",
        )
    if stage.is_data_source:
        return None
    if out.hash_info.value != md5:
        raise SetupError(
            f"{out} is not what the pipeline stage {stage.addressing} made",
            next_step=f"dvc repro {stage.addressing}, or dvc commit {stage.addressing}",
        )
    return Path(stage.path).with_name("dvc.lock")


def push(root: Path, md5s: Sequence[str]) -> None:
    """Copy what DVC's cache has under `md5s` to the default DVC remote, which must take it all.

    A folder's files are named beside the folder itself.

    Raises: TransferError.
    """
    with _open_repo(root) as repo:
        from dvc_data.hashfile.hash_info import HashInfo

        try:
            missing = set(md5s)
            for _ in range(2):  # what a killed push left damaged is removed when it is looked at
                repo.cloud.push([HashInfo("md5", md5) for md5 in md5s])
                remote = repo.cloud.get_remote_odb()
                missing -= set(remote.oids_exist(list(missing)))
                if not missing:
                    break
        except (OSError, RuntimeError) as error:
            raise TransferError(
                f"DVC could not push: {error}",
                next_step="check the address and your access: dvc remote list",
            ) from error
    if missing:
        raise TransferError(
            f"{len(missing)} files did not reach the DVC remote, such as {min(missing)}",
            next_step="dvc status --cloud shows what is missing where",
        )
