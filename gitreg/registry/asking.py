"""Several registries asked at once: those of the user's catalog, or those that are named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from gitreg.errors import GitregError
from gitreg.git.remote import Remote, is_url
from gitreg.ledger.freshness import Trust
from gitreg.registry.catalog import read_catalog
from gitreg.registry.open import Registry, open_registry
from gitreg.value import Value, replace

T = TypeVar("T")


class Answer(Value, Generic[T]):
    """What was read of one registry, or why it could not be.

    `where` is a URL or an absolute path. `root` is None of one that has no name in the catalog and
    could not be read; `registry` of each that could not.
    """

    name: str
    where: str
    root: str | None = None
    registry: Registry | None = None
    value: T | None = None
    error: GitregError | None = None

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints, without the value."""
        return {
            "name": self.name,
            "where": self.where,
            "root": f"sha256:{self.root}" if self.root else None,
            "error": str(self.error) if self.error else None,
        }


def ask_catalog(
    read: Callable[[str, Registry], T], names: Sequence[str] = ()
) -> Iterator[Answer[T]]:
    """Yield what `read` returns of each registry's name and it; an error of one stops no other.

    Raises: NotFoundError for a name that the catalog does not have; InvalidError; SetupError.
    """
    for entry in read_catalog().choose(names):
        asked: Answer[T] = Answer(name=entry.name, where=entry.where, root=entry.root)
        yield _ask(read, asked, entry.where)


def ask_places(
    read: Callable[[str, Registry], T], places: Sequence[str | Path]
) -> Iterator[Answer[T]]:
    """Yield the same of registries at paths and URLs; each is called what it was given as.

    Their roots are those that this machine met them with. One that is given twice is asked once.
    """
    for place in dict.fromkeys(map(str, places)):
        public = (
            Remote(name="origin", url=place, push_url=place).public_url if is_url(place) else ""
        )
        where = public or str(Path(place).resolve())
        yield _ask(read, Answer(name=public or place, where=where), place)


def _ask(read: Callable[[str, Registry], T], asked: Answer[T], where: str) -> Answer[T]:
    try:
        registry = open_registry(where, trust=Trust(root=asked.root))
        value = read(asked.name, registry)
        return replace(asked, root=registry.ledger.root, registry=registry, value=value)
    except GitregError as error:
        return replace(asked, error=error)
