"""Fetching and pushing: the user's and the system's configuration apply, the repository's does not.

A network command runs in a scratch Git directory that borrows the repository's objects, so
`core.sshCommand`, `credential.helper`, `url.…insteadOf` and hooks of the repository are never
read. The repository gives a URL alone, and that is checked.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from gitreg.domain.grammar import Grammar
from gitreg.errors import SetupError, TransferError, UntrustedError, UsageError
from gitreg.git.process import GitProcessError, read_lines, run_git
from gitreg.git.rejection import PushRejectedError
from gitreg.git.repository import Repository
from gitreg.value import Value

_SCHEME = Grammar(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SCP = Grammar(r"[A-Za-z0-9][A-Za-z0-9._@-]*:(?!:)[^\0\n]+")
_MISSING = Grammar(r"couldn't find remote ref (\S+)")
_SCHEMES = {"file", "git", "http", "https", "ssh"}
# At a path the other side runs here, by that repository's configuration: nor does it fetch.
_LOCAL_UPLOAD = "--upload-pack=GIT_ALLOW_PROTOCOL=none git-upload-pack"


class Remote(Value):
    """A remote by its name and checked URLs."""

    name: str
    url: str
    push_url: str

    @property
    def public_url(self) -> str | None:
        """The URL without a password or a token; None for a path, which means nothing elsewhere."""
        if not is_url(self.url):
            return None
        scheme = _SCHEME.match(self.url)
        start = scheme.end() if scheme else 0
        host, slash, path = self.url[start:].partition("/")
        login, _, host = host.rpartition("@")
        user = login.partition(":")[0] if scheme is None or scheme[1].lower() == "ssh" else ""
        return f"{self.url[:start]}{user}{'@' if user else ''}{host}{slash}{path}"


def check_url(url: str) -> str:
    """Return `url` if Git can be handed it without running anything.

    Raises: UsageError for transports such as `ext::` and for what looks like an option.
    """
    scheme = _SCHEME.match(url)
    plain = not url.startswith("-") and "::" not in url.split("/", 1)[0] and url.isprintable()
    if plain and (scheme is None or scheme[1].lower() in _SCHEMES) and url:
        host = url[scheme.end() :] if scheme else url
        if not host.startswith("-"):
            return url
    raise UsageError(
        f"{url!r} is not a URL that gitreg hands to Git",
        next_step=f"use a path, host:path, or one of {', '.join(sorted(_SCHEMES))}",
    )


def is_url(text: str) -> bool:
    """Whether `text` names another machine or a `file://`, rather than a path here."""
    if _SCHEME.match(text) or "::" in text:
        return True
    if not _SCP.fullmatch(text):
        return False
    try:
        return not Path(text).exists()
    except OSError:
        return True  # longer than any name of a file


def ledger_remote(repository: Repository) -> Remote | None:
    """Return the remote that holds the shared ledger: `gitreg.remote`, `origin`, or the only one.

    Raises: SetupError where several remotes leave it open; UntrustedError; UsageError.
    """
    config = repository.config
    names = [key[7:-4] for key in config if key.startswith("remote.") and key.endswith(".url")]
    chosen = config.get("gitreg.remote")
    if chosen is None:
        if not names:
            return None
        if len(names) > 1 and "origin" not in names:
            raise SetupError(
                f"there are several remotes and none is origin: {', '.join(names)}",
                next_step=f"say which has the ledger: git config gitreg.remote {names[0]}",
            )
        chosen = "origin" if "origin" in names else names[0]
    if chosen not in names:
        raise SetupError(
            f"gitreg.remote names {chosen!r}, and there is no such remote",
            next_step="git config gitreg.remote NAME, or git config --unset gitreg.remote",
        )
    url = _checked(config[f"remote.{chosen}.url"], chosen, repository)
    pushed = config.get(f"remote.{chosen}.pushurl")
    push_url = _checked(pushed, chosen, repository) if pushed else url
    return Remote(name=chosen, url=url, push_url=push_url)


def _checked(url: str, name: str, repository: Repository) -> str:
    """Return a remote's URL, a relative path resolved against the repository: Git runs elsewhere.

    A repository that came inside of this one would run its hooks on a push.

    Raises: UntrustedError; UsageError.
    """
    path = local_path(check_url(url))
    if path is None:
        return url
    place = repository.folder / path
    for inside in (Path(os.path.normpath(place)), place.resolve()):
        if any(inside.is_relative_to(top) for top in (repository.folder, repository.common_dir)):
            raise UntrustedError(
                f"the remote {name} lies inside this repository: {url}",
                next_step=f"say where it is shared: git remote set-url {name} URL-or-PATH",
            )
    return url if is_url(url) or path.is_absolute() else str(place.resolve())


def local_path(url: str) -> Path | None:
    """Return the path that Git makes of `url`, None where that is on another machine."""
    if _SCHEME.match(url) is None:
        return None if is_url(url) else Path(url)
    scheme, _, rest = url.partition("://")
    return Path("/" + unquote(rest).partition("/")[2]) if scheme.lower() == "file" else None


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
            "GIT_ALLOW_PROTOCOL": ":".join(sorted(_SCHEMES)),
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
