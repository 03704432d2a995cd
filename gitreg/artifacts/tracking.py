"""Giving files to DVC: into its cache and to its remote, without a change to the work tree.

What DVC does in `dvc add` is done with the same library calls, and the `.dvc` file's text is
returned instead of written, so that a version is committed first and shown in the work tree last.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gitreg import yaml12
from gitreg.artifacts.hashing import hash_file
from gitreg.artifacts.library import Errors, close_library, connect_library, errors_of, explain
from gitreg.artifacts.sealed import open_repo
from gitreg.artifacts.settings import work_tree_cache, work_tree_remote
from gitreg.domain.manifest import Manifest, ManifestFile
from gitreg.errors import InvalidError, SetupError, UntrustedError
from gitreg.value import Value


class Tracked(Value):
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

    Raises: InvalidError for names that cannot be placed, and for links; SetupError where DVC tracks
    it otherwise; UntrustedError for a planted copy; TransferError.
    """
    refuse_links(root, path)
    with open_repo(root) as repo:
        from dvc_data.hashfile.build import build
        from dvc_data.hashfile.transfer import transfer

        local = repo.cache.local
        built: Any
        staging, _, built = build(local, os.fspath(path), local.fs, "md5", ignore=repo.dvcignore)
        md5, is_folder = str(built.hash_info.value), built.hash_info.isdir
        found = [(key, str(info.value)) for key, _, info in built] if is_folder else [((), md5)]
        copies = [_Copy(path.joinpath(*key), Path(local.oid_to_path(name))) for key, name in found]
        transfer(staging, local, {built.hash_info}, shallow=False)
        lock = _find_lock(repo, path, md5)
        files = [
            ManifestFile(copy.hash(advance), name, copy.cached.stat().st_size, "/".join(key))
            for copy, (key, name) in zip(copies, found, strict=True)
        ]
    if not is_folder:
        return Tracked(md5=md5, size=files[0].size, sha256=files[0].sha256, lock=lock)
    try:
        manifest = Manifest.of(files)
    except ValueError as error:
        raise InvalidError(f"{path}: {error}", next_step="rename the file") from error
    return Tracked(
        md5=md5, size=manifest.size, sha256=manifest.digest(), manifest=manifest, lock=lock
    )


class _Copy:
    """A file and its copy in DVC's cache, which may have been there under that md5 before."""

    def __init__(self, file: Path, cached: Path) -> None:
        self.file, self.cached = file, cached
        self._was_there = cached.exists()

    def hash(self, advance: Callable[[int], object]) -> str:
        """Return the sha256 of the copy, for it is what is pushed.

        Raises: UntrustedError where it was there before and is not the file.
        """
        sha256 = hash_file(self.cached, advance=advance)
        if self._was_there and hash_file(self.file) != sha256:
            raise UntrustedError(
                f"DVC's cache has other bytes for {self.file} under the same md5",
                next_step=f"see who put them there, and remove {self.cached}",
            )
        return sha256


def refuse_links(root: Path, path: Path) -> None:
    """See that an artifact is what it seems: DVC reads what links lead to, such as a secret.

    DVC's own links into its cache are no such thing.

    Raises: InvalidError.
    """
    root = root.resolve()
    cache = (work_tree_cache(root) / "files" / "md5").resolve()
    way = [path, *path.relative_to(root).parents]
    inside = [Path(at, name) for at, folders, files in os.walk(path) for name in folders + files]
    for found in [*(root / part for part in way), *inside]:
        if found.is_symlink() and not (found.is_file() and found.resolve().is_relative_to(cache)):
            raise InvalidError(
                f"{found} is a link, to {found.readlink()}",
                next_step="put the file itself in its place",
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

    Raises: SetupError; TransferError.
    """
    settings = work_tree_remote(root)
    failures: Errors = (OSError, RuntimeError, *errors_of(settings.scheme))
    with open_repo(root) as repo:
        import dvc_data.hashfile.db as stores
        from dvc_data.hashfile.hash_info import HashInfo

        filesystem, path = connect_library(settings)
        try:
            folder = filesystem.join(path, "files", "md5")
            there: Any = stores.get_odb(  # type: ignore[no-untyped-call]
                filesystem, folder, hash_name="md5"
            )
            missing = set(md5s)
            for _ in range(2):  # what a killed push left damaged is removed when it is looked at
                repo.cloud.push([HashInfo("md5", md5) for md5 in md5s], odb=there)
                missing -= set(there.oids_exist(list(missing)))
                if not missing:
                    break
        except failures as error:
            raise explain(settings, error) from error
        finally:
            close_library(filesystem)
    if missing:
        raise explain(
            settings, OSError(f"{len(missing)} files did not reach it, such as {min(missing)}")
        )
