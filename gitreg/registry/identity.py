"""Who is writing: which key, out of those at hand, and the name that Git shows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from gitreg.domain.policy import Policy
from gitreg.errors import SetupError
from gitreg.git.repository import Repository
from gitreg.ledger.appending import Signer
from gitreg.registry.committing import Author
from gitreg.signing import Key, agent_keys, read_public_key

DEFAULT_KEY = "~/.ssh/id_ed25519"


def candidate_keys(repository: Repository, chosen: Path | None = None) -> Iterator[Key]:
    """Yield the keys at hand: `--key` alone, else `gitreg.key`, Git's, the agent's, the file's.

    Raises: SetupError where a key that was named cannot be read.
    """
    if chosen is not None:
        yield _from_file(chosen, f"{chosen}, named with --key")
        return
    config = repository.config
    if own := config.get("gitreg.key"):
        yield _from_file(_expand(own), f"{own}, remembered as gitreg.key in .git/config")
    if config.get("gpg.format") == "ssh" and (signing := config.get("user.signingkey")):
        yield _from_setting(signing)
    held = agent_keys()
    for public in held:
        yield Key(
            public=public,
            path=None,
            origin="the agent's, since Git has no user.signingkey of gpg.format ssh",
        )
    default = _expand(DEFAULT_KEY)
    if default.is_file():
        why = "since Git has no user.signingkey of gpg.format ssh and no agent holds a key"
        yield _from_file(default, f"{DEFAULT_KEY}, {why}")


def find_signer(
    repository: Repository,
    policy: Policy,
    chosen: Path | None = None,
    *,
    proposed: Policy | None = None,
) -> Signer:
    """Return the first key at hand that is a person's in `policy`, or in a `proposed` one.

    Raises: SetupError where there is none.
    """
    tried = []
    for key in candidate_keys(repository, chosen):
        if policy.person_of(key.public) or (proposed and proposed.person_of(key.public)):
            return make_signer(repository, key)
        tried.append(f"{key.fingerprint}, {key.origin}")
    if not tried:
        raise SetupError(
            "there is no SSH key to sign with",
            next_step="make one with ssh-keygen -t ed25519, or name one with --key FILE",
        )
    raise SetupError(
        f"no key at hand is of a person in the policy; tried {'; '.join(tried)}",
        next_step="name another with --key FILE, or ask a root person to add yours to gitreg.yaml",
    )


def make_signer(repository: Repository, key: Key) -> Signer:
    """Return the signer that writes with `key` and Git's user.name and user.email.

    Raises: SetupError where Git does not know them.
    """
    author = find_author(repository)
    return Signer(key=key, name=author.name, email=author.email, clock=author.clock)


def find_author(repository: Repository) -> Author:
    """Return who Git says commits here.

    Raises: SetupError where Git does not know.
    """
    name = repository.config.get("user.name", "").strip()
    email = repository.config.get("user.email", "").strip()
    if not name or not email:
        raise SetupError(
            "Git does not know your name and e-mail, which it shows beside what you do",
            next_step='git config --global user.name "Your Name"; '
            "git config --global user.email you@example.org",
        )
    clean = "".join(letter for letter in name if letter not in "<>\n" and letter.isprintable())
    return Author(name=clean.strip(), email=email, clock=lambda: int(time.time()))


def _from_setting(setting: str) -> Key:
    """Read `user.signingkey`: a file, or a public key as `key::ssh-ed25519 AAAA…`."""
    literal = setting.removeprefix("key::")
    if literal != setting or setting.startswith("ssh-"):
        public = " ".join(literal.split()[:2])
        return Key(public=public, path=None, origin="Git's user.signingkey, held by your SSH agent")
    return _from_file(_expand(setting), f"{setting}, Git's user.signingkey of gpg.format ssh")


def _from_file(path: Path, origin: str) -> Key:
    """Prefer a private file; a public one alone means that the agent signs."""
    public = read_public_key(path)
    private = path.with_suffix("") if path.suffix == ".pub" else path
    return Key(public=public, path=private if private.is_file() else None, origin=origin)


def _expand(text: str) -> Path:
    return Path(text).expanduser()
