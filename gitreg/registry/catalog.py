"""The user's catalog: registries by names of their own, each with the root that it was met with.

It is a small YAML file in the user's configuration folder, never in a repository.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gitreg import yaml12
from gitreg.domain.checkpoint import parse_root
from gitreg.domain.names import parse_catalog_name
from gitreg.errors import InvalidError, NotFoundError, SetupError, UsageError
from gitreg.git.remote import Remote, is_url
from gitreg.git.worktree import write_file
from gitreg.ledger.freshness import Trust
from gitreg.locking import locked
from gitreg.places import config_folder
from gitreg.registry.open import Registry, open_registry
from gitreg.value import Value

_FORMAT = 1


class CatalogEntry(Value):
    """A registry's name in the catalog, where it is (a URL or an absolute path), and its root."""

    name: str
    where: str
    root: str

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {"name": self.name, "where": self.where, "root": f"sha256:{self.root}"}


class Catalog(Value):
    """Every registry of the user's catalog, by name."""

    entries: Sequence[CatalogEntry] = ()

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {"registries": [entry.to_dict() for entry in self.entries]}

    def choose(self, names: Sequence[str] = ()) -> Sequence[CatalogEntry]:
        """Return the entries of these names, each once; all of them where none is named.

        Raises: NotFoundError.
        """
        by_name = {entry.name: entry for entry in self.entries}
        for name in names:
            if name not in by_name:
                listed = ", ".join(by_name) or "none: gitreg catalog add NAME URL"
                raise NotFoundError(
                    f"your catalog has no registry {name}", next_step=f"it has {listed}"
                )
        return [by_name[name] for name in dict.fromkeys(names)] if names else self.entries


def catalog_path() -> Path:
    """Return where the catalog is."""
    return config_folder() / "catalog.yaml"


def read_catalog() -> Catalog:
    """Return the user's catalog; without a file it is empty.

    Raises: InvalidError for a file that is no catalog; SetupError.
    """
    path = catalog_path()
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Catalog()
    except OSError as error:
        raise SetupError(
            f"{path} cannot be read: {error.strerror}", next_step="see what it is: ls -l shows it"
        ) from error
    value = yaml12.load(data, name=str(path)).value
    try:
        return _from_value(value)
    except (ValueError, UsageError) as error:
        raise InvalidError(
            f"{path} is not a catalog: {error}", next_step="correct it, or remove it to begin anew"
        ) from error


def add(name: str, where: str, *, root: str | None = None) -> tuple[CatalogEntry, Registry]:
    """Put the registry at a path or a URL into the catalog, once it is verified.

    `root` (`sha256:…`) is the one that it must have; without, that of a known URL is, and a URL
    that was never met is trusted on this first contact. Adding the same again changes nothing.

    Raises: UsageError for a bad name, one that is taken, or a URL with a login in it; as
    `open_registry` and the ledger's reading.
    """
    parse_catalog_name(name)
    if not is_url(where):
        where = str(Path(where).resolve())
    elif Remote(name=name, url=where, push_url=where).public_url != where:
        raise UsageError(
            "the URL has a login or a token in it, which the catalog would keep in plain text",
            next_step="leave it to Git's credential helper: git help credentials",
        )
    known = {entry.name: entry for entry in read_catalog().entries}.get(name)
    _refuse_taken(known, where)
    trust = Trust.parse(root, None) if root or not known else Trust(root=known.root)
    registry = open_registry(where, trust=trust)
    found = registry.ledger.root
    assert found is not None  # noqa: S101 the ledger's reading saw to it
    entry = CatalogEntry(name=name, where=where, root=found)
    with _changing() as entries:
        _refuse_taken(entries.get(name), where, entry.root)
        entries[name] = entry
    return entry, registry


def remove(name: str) -> CatalogEntry:
    """Take a registry out of the catalog, and return what it was.

    The root of a URL stays remembered, as it was before it was in the catalog.

    Raises: NotFoundError; InvalidError; SetupError.
    """
    with _changing() as entries:
        (entry,) = Catalog(entries=list(entries.values())).choose([name])
        del entries[name]
    return entry


def _refuse_taken(known: CatalogEntry | None, where: str, root: str | None = None) -> None:
    """See that a name is free, or that of the very registry which is to be added."""
    if known and (known.where != where or root not in (None, known.root)):
        raise UsageError(
            f"{known.name} is the name of {known.where} already, with the root sha256:{known.root}",
            next_step=f"choose another name, or gitreg catalog remove {known.name} first",
        )


@contextmanager
def _changing() -> Iterator[dict[str, CatalogEntry]]:
    """Yield the entries by name, and write them back; nobody else changes them meanwhile."""
    path = catalog_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"{path.parent} cannot be made: {error.strerror}", next_step="make it writable"
        ) from error
    with locked(path.parent):
        entries = {entry.name: entry for entry in read_catalog().entries}
        yield entries
        value = {
            "gitreg": _FORMAT,
            "registries": {
                name: {"where": entry.where, "root": f"sha256:{entry.root}"}
                for name, entry in sorted(entries.items())
            },
        }
        write_file(path, yaml12.dump(value).encode())


def _from_value(value: Any) -> Catalog:
    """Read the value of the file.

    Raises: ValueError; UsageError.
    """
    if not isinstance(value, Mapping) or set(value) != {"gitreg", "registries"}:
        raise ValueError("it does not have the keys gitreg and registries alone")
    if value["gitreg"] != _FORMAT:
        raise ValueError(f"its format is {value['gitreg']}, and this gitreg reads {_FORMAT}")
    registries = value["registries"]
    if not isinstance(registries, Mapping):
        raise ValueError("registries is not a mapping")
    return Catalog(entries=[_entry(name, registries[name]) for name in sorted(registries)])


def _entry(name: str, said: object) -> CatalogEntry:
    where, root = (said.get("where"), said.get("root")) if isinstance(said, Mapping) else (0, 0)
    if not isinstance(where, str) or not isinstance(root, str) or not where:
        raise ValueError(f"registries.{name} does not have where and root")
    if not is_url(where) and not Path(where).is_absolute():
        raise ValueError(f"registries.{name}.where is neither a URL nor an absolute path")
    return CatalogEntry(name=parse_catalog_name(name), where=where, root=parse_root(root))
