"""From a path or a URL to a verified registry, and from a reference to one version."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path

from gitreg import memory
from gitreg.domain.checkpoint import Checkpoint
from gitreg.domain.entries import StageEntry, ValidRecord, VersionEntry
from gitreg.domain.reference import Reference
from gitreg.domain.state import State
from gitreg.domain.version import Version
from gitreg.errors import NotFoundError, SetupError, UntrustedError
from gitreg.git.remote import Remote, check_url, is_url, ledger_remote
from gitreg.git.repository import Repository
from gitreg.ledger.freshness import (
    Trust,
    behind,
    check_given,
    check_pinned,
    check_seen,
    last_seen,
    remember,
    stale_since,
)
from gitreg.ledger.indexed import open_ledger
from gitreg.ledger.tips import fetch_ledger, newest_tip, read_tips
from gitreg.ledger.verified import Ledger
from gitreg.registry.cached import cached_repository


class Registry:
    """A registry: the repository it lives in, and its verified ledger.

    `url` is set where it was opened from afar; `trust` is what the user was told of it. What
    Python code sees is `api.Registry`.
    """

    def __init__(
        self, repository: Repository, *, url: str | None = None, trust: Trust | None = None
    ) -> None:
        self.repository = repository
        self.url = url
        self.trust = trust or Trust()
        self.pinned_now = False

    @cached_property
    def remote(self) -> Remote | None:
        """The remote that shares the ledger, if there is one."""
        if self.url:
            return Remote(name="origin", url=self.url, push_url=self.url)
        return ledger_remote(self.repository)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, verified, and compared with what is known of it from elsewhere.

        Raises: SetupError where the repository has none; UntrustedError.
        """
        return self._compare(lambda: open_ledger(self.repository, self._find_tip))

    @cached_property
    def proof(self) -> Ledger:
        """The same ledger, each record of it verified now, whatever the index remembers.

        Raises: SetupError; UntrustedError.
        """
        from gitreg.ledger.reading import read_ledger

        if "ledger" in self.__dict__:
            return read_ledger(self.repository, self.ledger.tip)
        self.ledger = self._compare(lambda: read_ledger(self.repository, self._find_tip()))
        return self.ledger

    def _compare(self, read: Callable[[], Ledger]) -> Ledger:
        """Read the ledger, and compare it with what is known from elsewhere."""
        ledger = read()
        seen = last_seen(ledger)
        if self.url and behind(ledger, seen):  # another process may have seen more meanwhile
            ledger = read()
        if ledger.root is None:
            raise SetupError(
                f"{self.name} is not a registry yet: its ledger has no valid record",
                next_step="start one with gitreg init",
            )
        check_given(ledger, self.trust, name=self.name)
        if self.url is None:
            if self.remote and self.trust.root is None:
                check_pinned(ledger.root, self.remote.url)
            check_seen(ledger, seen, name=self.name, at_remote=False)
        else:
            self._meet(ledger, seen, self.url)
        return ledger

    def _meet(self, ledger: Ledger, seen: Checkpoint | None, url: str) -> None:
        """Compare what a URL gave with what it gave before, and remember it.

        Raises: UntrustedError.
        """
        if self.trust.root is None:
            check_pinned(ledger.root, url)
        check_seen(ledger, seen, name=url, at_remote=True)
        since = stale_since(ledger, int(time.time()))
        if since is not None:
            raise UntrustedError(
                f"STALE: nothing was recorded in {url} since {_day(since)}, and its policy wants "
                "news within max_age",
                next_step="ask its owners whether it is held back; if not, gitreg beat in a clone",
            )
        remember(ledger, ledger.tip)
        self.pinned_now = memory.pin(url, ledger.root or "") and self.trust.root is None

    def _find_tip(self) -> str | None:
        repository, remote = self.repository, self.remote
        if self.url and remote:
            tip = fetch_ledger(repository, remote, anew=True)
            if tip is None:
                check_pinned(None, self.url)
        else:
            tip = newest_tip(repository, read_tips(repository, remote))
            if tip is None and remote:
                tip = fetch_ledger(repository, remote)  # a single-branch clone has it not
        if tip is None:
            raise SetupError(
                f"{self.name} is not a registry yet: it has no branch gitreg-ledger",
                next_step="start one with gitreg init",
            )
        return tip

    def go_on(self, ledger: Ledger) -> None:
        """See the ledger as it is after a record was written."""
        self.refresh()
        self.ledger = ledger

    def refresh(self) -> None:
        """Forget what was read, so that the next look reads it anew."""
        for name in ("ledger", "proof"):
            self.__dict__.pop(name, None)

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.url or str(self.repository.folder)

    @property
    def root(self) -> Path:
        """The top of the work tree.

        Raises: SetupError for a registry without one.
        """
        if self.url or self.repository.root is None:
            raise SetupError(
                f"{self.name} has no work tree to write in", next_step="clone it and work there"
            )
        return self.repository.root

    @property
    def state(self) -> State:
        """What the valid records established."""
        return self.ledger.state

    def record(self, index: int) -> ValidRecord:
        """Return the valid record of that index."""
        return self.ledger.records[index]

    def __repr__(self) -> str:
        return f"<Registry {self.name}>"


def open_registry(where: str | Path = ".", *, trust: Trust | None = None) -> Registry:
    """Open the registry at a path, or at a URL through a small copy of its ledger.

    Raises: SetupError; UsageError for a URL that is not handed to Git.
    """
    repository, url = locate(where)
    return Registry(repository, url=url, trust=trust)


def locate(where: str | Path) -> tuple[Repository, str | None]:
    """Return the repository at a path, or the one that keeps what was fetched from a URL.

    Raises: SetupError; UsageError; TransferError.
    """
    text = str(where)
    if is_url(text):
        return cached_repository(check_url(text)), text
    return Repository.discover(Path(text).resolve()), None


def resolve(state: State, text: str, *, with_yanked: bool = False) -> VersionEntry:
    """Return the version that a reference names; a yanked one only when asked for exactly.

    Raises: UsageError for a malformed reference; NotFoundError where it names nothing.
    """
    reference = Reference.parse(text)
    if not state.last_ordinal(reference.model):
        raise _nothing(f"there is no model {reference.model}", _known(state))
    if reference.version:
        entry = state.version(reference.model, str(reference.version))
        if entry is None:
            numbers = ", ".join(found.version for found in state.versions(reference.model)[-5:])
            raise _nothing(f"{text} is not registered", f"there are {numbers}")
        if entry.yanked is not None and not with_yanked:
            raise _nothing(f"{text} is yanked (record {entry.yanked})", "choose another version")
        return entry
    if reference.stage:
        return _resolve_stage(state, reference)
    return _resolve_range(state, reference)


def _resolve_range(state: State, reference: Reference) -> VersionEntry:
    fitting = [
        (version, entry)
        for entry in state.versions(reference.model)
        if entry.yanked is None
        and (version := Version.parse(entry.version)).is_release
        and (reference.within is None or reference.within.admits(version))
    ]
    if not fitting:
        raise _nothing(f"no release fits {reference}", "name a version: gitreg history has them")
    return max(fitting, key=lambda pair: pair[0])[1]


def _resolve_stage(state: State, reference: Reference) -> VersionEntry:
    model, stage = reference.model, reference.stage or ""
    changes = state.stage_history(model, stage)
    if not changes:
        policy = state.policy()
        entry = policy.policy.for_model(model) if policy else None
        stages = ", ".join(entry.stages) if entry else "none"
        raise _nothing(f"nothing ever entered {stage} of {model}", f"its stages are {stages}")
    if changes[-1].version is None and not reference.back:
        raise _nothing(
            f"{stage} of {model} is empty (record {changes[-1].index})",
            f"{model}@{stage}~1 held it last",
        )
    back = reference.back - (1 if changes[-1].version is None else 0)
    holder = next(islice(holders_of(state, model, stage), back, None), None)
    if holder is None:
        count = len(list(holders_of(state, model, stage)))
        raise _nothing(f"{reference} goes back too far", f"{count} versions held {stage}")
    version = state.version(model, holder.version or "")
    assert version is not None  # noqa: S101 only registered versions enter a stage
    if version.yanked is not None:
        raise _nothing(f"{reference} is yanked (record {version.yanked})", "choose another version")
    return version


def holders_of(state: State, model: str, stage: str) -> Iterator[StageEntry]:
    """Return the changes that put a version into the stage, newest first, each when asked for."""
    return (change for change in reversed(state.stage_history(model, stage)) if change.version)


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d") if seconds else "ever"


def _known(state: State) -> str:
    models = state.models()
    listed = ", ".join(models[:5]) + (", …" if len(models) > 5 else "")
    return (
        f"the registry has {listed}"
        if models
        else "register one: gitreg register --new NAME --file F"
    )


def _nothing(what: str, next_step: str) -> NotFoundError:
    return NotFoundError(what, next_step=next_step)
