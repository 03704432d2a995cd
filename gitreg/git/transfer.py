"""Fetching and pushing: the user's and the system's configuration apply, the repository's does not.

A network command runs in a scratch Git directory that borrows the repository's objects, so
`core.sshCommand`, `credential.helper`, `url.…insteadOf` and hooks of the repository are never
read. The repository gives a URL alone, and that is checked.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from gitreg.domain.grammar import Grammar
from gitreg.errors import TransferError
from gitreg.git.process import GitProcessError, read_lines, run_git
from gitreg.git.rejection import PushRejectedError
from gitreg.git.remote import SCHEMES, check_url, local_path
from gitreg.git.repository import Repository

_MISSING = Grammar(r"couldn't find remote ref (\S+)")
# At a path the other side runs here, by that repository's configuration: nor does it fetch.
_LOCAL_UPLOAD = "--upload-pack=GIT_ALLOW_PROTOCOL=none git-upload-pack"


@contextmanager
def _scratch(
    repository: Repository, refs: Iterable[tuple[str, str]] = ()
) -> Iterator[tuple[Path, dict[str, str]]]:
    """Yield a Git directory with no configuration over the repository's objects.

    `refs` are all that it has, as pairs of a name and an object.
    """
    folder = Path(tempfile.mkdtemp(prefix="gitreg-"))
    try:
        (folder / "refs").mkdir()
        (folder / "objects").mkdir()
        (folder / "HEAD").write_text("ref: refs/heads/none\n")
        config = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n"
        config += f"[extensions]\n\tobjectformat = {repository.object_format}\n"
        (folder / "config").write_text(config)
        lines = [f"{object_id} {name}\n" for name, object_id in sorted(refs)]
        (folder / "packed-refs").write_text("# pack-refs with: sorted \n" + "".join(lines))
        shallow = repository.common_dir / "shallow"
        if shallow.exists():
            shutil.copy(shallow, folder / "shallow")
        extra = {
            "GIT_DIR": str(folder),
            "GIT_OBJECT_DIRECTORY": str(repository.common_dir / "objects"),
            "GIT_ALLOW_PROTOCOL": ":".join(sorted(SCHEMES)),
        }
        yield folder, extra
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fetch(
    repository: Repository,
    url: str,
    refs: Sequence[str],
    *,
    known: Sequence[str] = (),
    snapshot: str | None = None,
) -> dict[str, str]:
    """Fetch full ref names from `url` into the repository's objects; no ref is changed.

    A name may end in `*`. Returns what the remote has of them, by the remote's ref names.
    `known` are commits to tell the remote that they are here. A `snapshot` comes without history,
    and without what it says in the words of `git fetch --filter`, where the remote can do that.

    Raises: TransferError.
    """
    wanted = list(refs)
    options = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"]
    if snapshot:
        options += ["--depth=1", f"--filter={snapshot}"]
    named = ((f"refs/known/{number:07d}", commit) for number, commit in enumerate(known))
    with _scratch(repository, named) as (folder, extra):
        while wanted:
            specs = [f"+{ref}:refs/fetched/{ref.removeprefix('refs/')}" for ref in wanted]
            arguments = ["fetch", *options, *_uploader(url), "--", check_url(url), *specs]
            try:
                run_git(arguments, folder=folder, extra=extra)
                break
            except GitProcessError as error:
                absent = _MISSING.search(error.stderr)
                if absent and absent[1] in wanted:
                    wanted.remove(absent[1])
                    continue
                if error.status == 1 and not error.stderr:
                    return {}  # with --depth Git calls it a failure that a pattern has no match
                raise _unreachable(url, error) from error
        output = run_git(
            ["for-each-ref", "--format=%(objectname) %(refname)", "refs/fetched/"],
            folder=folder,
            extra=extra,
        )
    pairs = (line.split(" ", 1) for line in read_lines(output))
    return {"refs/" + name.removeprefix("refs/fetched/"): object_id for object_id, name in pairs}


def list_refs(repository: Repository, url: str, prefix: str) -> dict[str, str]:
    """Return the object names of the refs at `url` that begin with `prefix`, by full ref name.

    Raises: TransferError.
    """
    output = _ls_remote(repository, url, "--refs", pattern=f"{prefix}*")
    pairs = (line.split("\t", 1) for line in read_lines(output))
    return {name: object_id for object_id, name in pairs if name.startswith(prefix)}


def default_branch(repository: Repository, url: str) -> str | None:
    """Return the full name of the branch that HEAD is at `url`; None where it says none.

    Raises: TransferError.
    """
    output = _ls_remote(repository, url, "--symref", pattern="HEAD")
    first = next(iter(read_lines(output)), "")
    found = re.fullmatch(r"ref: (refs/heads/\S+)\tHEAD", first)
    return found[1] if found else None


def _ls_remote(repository: Repository, url: str, option: str, *, pattern: str) -> bytes:
    arguments = ["ls-remote", option, *_uploader(url), "--", check_url(url), pattern]
    with _scratch(repository) as (folder, extra):
        try:
            return run_git(arguments, folder=folder, extra=extra)
        except GitProcessError as error:
            raise _unreachable(url, error) from error


def push(
    repository: Repository,
    url: str,
    updates: Sequence[tuple[str, str]],
    *,
    moved: Mapping[str, str | None] | None = None,
) -> None:
    """Set `(ref, object)` pairs at `url`, all or none.

    Forward only, but for refs in `moved`, which are set back from exactly what is named there.

    Raises: PushRejectedError where the remote has moved on or refuses; TransferError.
    """
    # By a pattern, for Git takes a full name too for the end of another: the branch
    # refs/heads/refs/heads/gitreg-ledger would stop every push.
    named = [(f"refs/push/{ref.removeprefix('refs/')}", object_id) for ref, object_id in updates]
    leases = [f"--force-with-lease={ref}:{old or ''}" for ref, old in (moved or {}).items()]
    options = ["--porcelain", "--atomic", "--no-verify", *leases]
    with _scratch(repository, named) as (folder, extra):
        try:
            run_git(
                ["push", *options, "--", check_url(url), "refs/push/*:refs/*"],
                folder=folder,
                extra=extra,
            )
        except GitProcessError as error:
            refusals = [line for line in error.stdout.splitlines() if line.startswith("!")]
            if not refusals:
                raise _unreachable(url, error) from error
            said = [line.rstrip() for line in error.stderr.splitlines()]
            raise PushRejectedError(
                _reason(refusals),
                [line[8:] for line in said if line.startswith("remote: ")],
            ) from error


def _uploader(url: str) -> list[str]:
    return [] if local_path(url) is None else [_LOCAL_UPLOAD]


def _reason(refusals: Sequence[str]) -> str:
    reasons = [line.split("\t")[-1] for line in refusals]
    real = [reason for reason in reasons if "atomic" not in reason] or reasons
    return "; ".join(dict.fromkeys(real))


def _unreachable(url: str, error: GitProcessError) -> TransferError:
    lines = [line for line in error.stderr.splitlines() if line.strip()]
    detail = next(
        (line for line in lines if line.startswith(("fatal:", "ERROR:"))), lines[0] if lines else ""
    )
    return TransferError(
        f"{url} could not be reached: {detail.removeprefix('fatal: ')}",
        next_step="check the address, your network and your access: git ls-remote " + url,
    )
