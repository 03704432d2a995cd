"""Starting a registry: a policy of one, a folder for models, DVC, and record 0 of the ledger."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

from gitreg.artifacts.tracking import setup_files
from gitreg.domain.canonical import sha256
from gitreg.errors import SetupError
from gitreg.git.worktree import Head, check_writable, read_at, staged_id, write_file
from gitreg.ledger.appending import Appended, Draft, Signer, append
from gitreg.ledger.sharing import write
from gitreg.ledger.verified import Ledger
from gitreg.locking import locked
from gitreg.registry.committing import Change, make_commit, read_head, show_commit
from gitreg.registry.identity import DEFAULT_KEY, candidate_keys, find_author, make_signer
from gitreg.registry.open import Registry
from gitreg.registry.policy import check_policy, policy_in_force
from gitreg.signing import Key, create_key
from gitreg.value import Value

_POLICY = """\
# Who may do what. In force once signed into the ledger: edit, then gitreg policy apply.
gitreg: 1
people:
  {person}: {{keys: ["{key}"]}}
roles:
  maintainers: [{person}]
root: {{by: [maintainers], threshold: 1}}
models:
  "*":
    register: [maintainers]
    evaluate: [maintainers]
    deploy: [maintainers]
    yank: [maintainers]
    allow_pickle: false
    stages:
      staging:
        promote: [maintainers]
      production:
        promote: [maintainers]
        # after: staging              # only versions that held staging before
        # approve: {{by: [maintainers], count: 1}}
        # gates: [{{metric: accuracy, min: 0.9}}]
"""
_PIPELINE = (
    "# gitreg keeps the entries of artifacts: so that `dvc artifacts get` works.\nartifacts: {}\n"
)
_DVC_FILES = (".dvc/.gitignore", ".dvc/config", ".dvcignore")
_FILES = (*_DVC_FILES, "gitreg.yaml", "dvc.yaml", "models/.gitkeep")


class Initialized(Value):
    """What `init` found or made: the pinned root, the key and why it, and the files it added."""

    root: str
    person: str | None
    key: str
    key_origin: str
    created: tuple[str, ...]
    started: bool
    remote: str | None

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "root": f"sha256:{self.root}",
            "person": self.person,
            "key": self.key,
            "key_origin": self.key_origin,
            "created": list(self.created),
            "started": self.started,
            "remote": self.remote,
        }


def init(registry: Registry, *, key: Path | None = None, make_key: bool = False) -> Initialized:
    """Start a registry in a repository, or complete one; a second call changes nothing.

    `make_key` makes a new key where there is none at hand.

    Raises: SetupError; InvalidError for a `gitreg.yaml` that cannot be in force.
    """
    with locked(registry.repository.git_dir):
        return _init(registry, key, make_key=make_key)


def _init(registry: Registry, key: Path | None, *, make_key: bool) -> Initialized:
    repository, root = registry.repository, registry.root
    head = read_head(repository)
    for path in _FILES:
        if not (root / path).exists():
            check_writable(root / path)
    chosen = find_key(registry, key, make_key=make_key)
    signer = make_signer(repository, chosen)
    ledger, _ = write(repository, registry.remote, lambda _: [])
    started = ledger.root is None
    policy = root / "gitreg.yaml"
    if started:
        data = policy.read_bytes() if policy.is_file() else _first_policy(signer)
        ledger = _start(registry, data, signer)
    else:
        data = policy_in_force(registry, ledger)
    if key is not None:
        repository.set_config("gitreg.key", str(key.expanduser().resolve()))
    created = _complete_files(registry, data)
    _commit_files(registry, head, signer)
    in_force = ledger.state.policy()
    return Initialized(
        root=ledger.root or "",
        person=in_force.policy.person_of(chosen.public) if in_force else None,
        key=chosen.fingerprint,
        key_origin=chosen.origin,
        created=created,
        started=started,
        remote=registry.remote.name if registry.remote else None,
    )


def _commit_files(registry: Registry, head: Head, signer: Signer) -> None:
    """Commit the files that HEAD lacks, and stage those that the index lacks."""
    repository, root = registry.repository, registry.root
    files = {
        path: Change.same((root / path).read_bytes()) for path in _FILES if (root / path).is_file()
    }
    missing = {
        path: files[path] for path in files if read_at(repository, head.commit, path) is None
    }
    if missing:
        message = "Start a gitreg registry"
        author = find_author(repository)
        commit = make_commit(repository, head, missing, message, author, key=signer.key)
        show_commit(repository, head, commit, missing)
        return
    unstaged = {path: files[path] for path in files if staged_id(repository, path) is None}
    if unstaged and head.commit:  # an earlier run was killed after it had moved the branch
        show_commit(repository, head, head.commit, unstaged)


def find_key(registry: Registry, key: Path | None, *, make_key: bool) -> Key:
    """Return the first key at hand, or a new one where `make_key` allows it.

    Raises: SetupError.
    """
    found = next(candidate_keys(registry.repository, key), None)
    if found is not None:
        return found
    path = Path(DEFAULT_KEY).expanduser()
    if make_key:
        create_key(path, comment=registry.repository.config.get("user.email", "gitreg"))
        return next(candidate_keys(registry.repository))
    raise SetupError(
        "there is no SSH key to sign with: Git has no user.signingkey of gpg.format ssh, "
        f"no agent holds one, and {DEFAULT_KEY} does not exist",
        next_step=f"ssh-keygen -t ed25519 -f {path}, or name a key with --key FILE",
    )


def _first_policy(signer: Signer) -> bytes:
    word = re.sub(r"[^a-z0-9]+", "-", signer.name.lower()).strip("-").split("-")[0]
    return _POLICY.format(person=word or "me", key=signer.key.public).encode()


def _start(registry: Registry, data: bytes, signer: Signer) -> Ledger:
    policy = check_policy(data)
    if policy.person_of(signer.key.public) not in policy.root.by:
        raise SetupError(
            f"gitreg.yaml has no root person with the key {signer.key.fingerprint} "
            f"({signer.key.origin})",
            next_step="name that person's key with --key FILE, or correct gitreg.yaml",
        )
    digest = sha256(data)
    draft = Draft(
        action="policy",
        object=None,
        fields={"new_policy": digest, "registry": str(uuid.uuid4())},
        files={"policy.yaml": data},
    )
    repository = registry.repository

    def build(ledger: Ledger) -> list[Appended]:
        return [] if ledger.root else [append(repository, ledger, draft, signer)]

    ledger, _ = write(repository, registry.remote, build)
    return ledger


def _complete_files(registry: Registry, policy: bytes) -> tuple[str, ...]:
    """Write the files that are not there yet, and return their paths."""
    root = registry.root
    files: dict[str, bytes] = {}
    if not (root / ".dvc" / "config").exists():
        files |= setup_files(with_git=registry.repository.object_format == "sha1")
    files |= {"gitreg.yaml": policy, "dvc.yaml": _PIPELINE.encode()}
    if not list((root / "models").glob("[!.]*")):
        files["models/.gitkeep"] = b""
    created = [path for path in files if not (root / path).exists()]
    for path in created:
        write_file(root / path, files[path])
    return tuple(path for path in _FILES if path in created)
