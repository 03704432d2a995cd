"""The family of a version: parents and theirs, children and theirs, with the data and code of each.

What a version says of itself was signed, not checked: any field may be missing or of another type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from gitreg.domain.entries import VersionEntry
from gitreg.domain.lineage import MAX_NODES, Gathering, Node, version_id, version_node
from gitreg.domain.reference import Reference
from gitreg.errors import UsageError
from gitreg.value import Value

DEPTH = 5  # generations
MAX_DEPTH = 100


class Parent(Value):
    """What a version names as its parent: a version such as `iris@1.1.0`, or a thing outside."""

    name: str | None = None
    uri: str | None = None
    sha256: str | None = None

    def split(self) -> tuple[str, str] | None:
        """Return model and version, None where the name is that of no version."""
        try:
            found = Reference.parse(self.name or "")
        except UsageError:
            return None
        return (found.model, str(found.version)) if found.version else None


class Registered(Protocol):
    """The look-ups that a family needs."""

    def version(self, model: str, version: str) -> VersionEntry | None:
        """One version."""

    def held_stages(self, model: str, version: str) -> Sequence[str]:
        """The stages that the version holds now."""

    def metadata(self, entry: VersionEntry) -> Mapping[str, Any]:
        """What the version said of itself."""

    def children(self, entry: VersionEntry) -> Sequence[VersionEntry]:
        """The versions that name this one as a parent, in the order of their registration."""


def parents_of(metadata: Mapping[str, Any]) -> Iterator[Parent]:
    """Yield what `training.parents` names, passing over what names nothing."""
    parents = _mapping(metadata.get("training")).get("parents")
    for item in parents if isinstance(parents, list) else ():
        if isinstance(item, str):
            yield Parent(name=item)
        elif isinstance(item, Mapping) and isinstance(uri := item.get("uri"), str):
            yield Parent(uri=uri, sha256=_text(item, "sha256"))


def add_family(
    gathering: Gathering, subject: VersionEntry, registered: Registered, *, depth: int
) -> str:
    """Take in a version, `depth` generations before it and as many after; return its node's id."""
    node = gathering.add(
        version_node(subject, registered.held_stages(subject.model, subject.version))
    )
    _Family(gathering, registered, depth).follow(subject)
    return node


class _Family:
    """Walks over generations, each version once, so that a cycle ends where it began."""

    def __init__(self, gathering: Gathering, registered: Registered, depth: int) -> None:
        self._gathering = gathering
        self._registered = registered
        self._depth = depth

    def follow(self, subject: VersionEntry) -> None:
        """Take in the generations before, then those after."""
        for step in (self._add_parents, self._add_children):
            level, seen = [subject], {_id(subject)}
            for generation in range(self._depth + 1):
                level = [entry for one in level for entry in step(one, generation)]
                level = [entry for entry in _once(level) if _id(entry) not in seen]
                seen |= {_id(entry) for entry in level}

    def _add_parents(self, entry: VersionEntry, generation: int) -> Iterator[VersionEntry]:
        metadata = self._registered.metadata(entry)
        self._add_origin(entry, metadata)
        for number, parent in enumerate(parents_of(metadata)):
            if generation == self._depth or number == MAX_NODES:
                self._tell_cut(entry, "has parents that are not shown")
                return
            if parent.name is None:
                self._add_outside(entry, parent)
            elif found := self._find(entry, parent):
                self._take(found)
                self._gathering.link(_id(found), _id(entry), "parent")
                if _id(found) in self._gathering:
                    yield found

    def _find(self, entry: VersionEntry, parent: Parent) -> VersionEntry | None:
        """Return the parent, or None and tell that there is none."""
        name, where = parent.split(), f"{entry.model}@{entry.version}"
        found = self._registered.version(*name) if name else None
        if found is None:
            node = Node(
                id=f"missing:{parent.name}",
                kind="missing",
                label=parent.name or "",
                details={"not registered here": True},
            )
            self._gathering.add(node)
            self._gathering.link(node.id, _id(entry), "parent")
            self._gathering.tell(
                "warning",
                "lineage.missing-parent",
                where,
                f"its parent {parent.name} is not registered here",
                next_step="if it is outside of this registry, name it by uri and sha256",
            )
        elif found.index > entry.index:
            self._gathering.tell(
                "warning",
                "lineage.later-parent",
                where,
                f"its parent {parent.name} was registered after it (record {found.index})",
            )
        return found

    def _add_outside(self, entry: VersionEntry, parent: Parent) -> None:
        uri = parent.uri or ""
        details = {"sha256": parent.sha256}
        node = Node(id=f"outside:{uri}@{parent.sha256}", kind="outside", label=uri, details=details)
        self._gathering.add(node)
        self._gathering.link(node.id, _id(entry), "parent")

    def _add_children(self, entry: VersionEntry, generation: int) -> Iterator[VersionEntry]:
        for child in self._registered.children(entry):
            if generation == self._depth:
                self._tell_cut(entry, "has children that are not shown")
                return
            self._take(child)
            self._gathering.link(_id(entry), _id(child), "parent")
            if _id(child) in self._gathering:
                yield child

    def _take(self, entry: VersionEntry) -> None:
        stages = self._registered.held_stages(entry.model, entry.version)
        self._gathering.add(version_node(entry, stages))

    def _add_origin(self, entry: VersionEntry, metadata: Mapping[str, Any]) -> None:
        """Take in the data and the code of a version."""
        training = _mapping(metadata.get("training"))
        data, code = (_mapping(training.get(key)) for key in ("dataset", "code"))
        own = Node(
            id=f"code:{entry.commit}",
            kind="code",
            label=entry.path,
            details={"commit": entry.commit},
        )
        nodes = [own]
        if data:
            details = {key: data.get(key) for key in ("uri", "rows", "sha256")}
            label = _text(data, "name") or _text(data, "uri") or "unnamed"
            nodes.insert(0, _stated("data", label, details))
        if code:
            details = {key: code.get(key) for key in ("repository", "commit")}
            nodes.append(_stated("code", _text(code, "entrypoint") or "training code", details))
        for node in nodes:
            self._gathering.add(node)
            self._gathering.link(node.id, _id(entry), node.kind)

    def _tell_cut(self, entry: VersionEntry, what: str) -> None:
        self._gathering.tell(
            "note",
            "lineage.depth",
            f"{entry.model}@{entry.version}",
            what,
            next_step=f"--depth N shows more generations than {self._depth}",
        )


def _id(entry: VersionEntry) -> str:
    return version_id(entry.model, entry.version)


def _stated(kind: str, label: str, details: Mapping[str, Any]) -> Node:
    """Return a node of what a version says: the same one where another says just the same."""
    said = " ".join([label, *map(str, details.values())])
    return Node(id=f"{kind}:{said}", kind=kind, label=label, details=details)


def _once(entries: Sequence[VersionEntry]) -> list[VersionEntry]:
    return list({_id(entry): entry for entry in entries}.values())


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    return value if isinstance(value, str) else None
