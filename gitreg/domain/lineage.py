"""Where a version comes from and what became of it: a graph of nodes and edges.

What is told of it (`findings`) does not change the answer: cycles, parents that nobody registered,
what the bounds left out. `ancestry.py`, `pipeline.py` and `uses.py` fill the graph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from gitreg.domain.entries import VersionEntry
from gitreg.domain.finding import Finding, Severity
from gitreg.domain.moment import iso_time
from gitreg.value import Value

MAX_NODES, MAX_EDGES = 400, 2000
_MAX_CYCLES = 10
_LONGEST = 200  # characters of one value, where it is shown to people
_DIGEST = re.compile(r"[0-9a-f]{32,64}(?:\.dir)?")
DOWNWARD = {"evaluation", "stage", "deployment"}


class Node(Value):
    """One thing, of a kind: version, data, code, file, step, evaluation, stage and so on.

    `details` are values of JSON, in the order in which people read them.
    """

    id: str
    kind: str
    label: str
    details: Mapping[str, Any] = {}

    @property
    def summary(self) -> str:
        """The label and the details in one line of prose."""
        words = [_cut(self.label)]
        for name, value in self.details.items():
            if value is True:
                words.append(name)
            elif value not in (None, False, "", [], {}):
                words.append(f"{name} {_cut(_say(value))}")
        return ", ".join(words)

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "id": self.id,
            "kind": self.kind,
            "label": self.label,
            "details": dict(self.details),
        }


class Edge(Value):
    """`target` came of `source`: a version of its parent, an evaluation of its version."""

    source: str
    target: str
    relation: str

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {"source": self.source, "target": self.target, "relation": self.relation}


class Branch(Value):
    """A part of the tree: how it belongs to what is above it, what it is, and what is below."""

    relation: str
    text: str
    branches: Sequence[Branch] = ()


class Lineage(Value):
    """The lineage of the version whose node is `subject`; nodes and edges as they were met."""

    subject: str
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    findings: Sequence[Finding] = ()

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "subject": self.subject,
            "nodes": [node.to_dict() for node in self.nodes],
            "edges": [edge.to_dict() for edge in self.edges],
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def as_tree(self) -> Branch:
        """Return it as a tree: what the version comes from, then what came of it.

        What is met twice has its branches at the first place only.
        """
        return _Tree(self).root()


class Gathering:
    """A lineage that grows; it takes no more than `MAX_NODES` and `MAX_EDGES`, and tells so."""

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self._edges: dict[Edge, None] = {}
        self._findings: dict[Finding, None] = {}

    def add(self, node: Node) -> str:
        """Take a node in, unless one of that id is there or there are enough; return its id."""
        if len(self._nodes) < MAX_NODES:
            self._nodes.setdefault(node.id, node)
        elif node.id not in self._nodes:
            self._tell_full(f"{MAX_NODES} things")
        return node.id

    def link(self, source: str, target: str, relation: str) -> None:
        """Say that `target` came of `source`; both must have been taken in."""
        edge = Edge(source=source, target=target, relation=relation)
        if len(self._edges) >= MAX_EDGES and edge not in self._edges:
            self._tell_full(f"{MAX_EDGES} relations")
        elif source in self._nodes and target in self._nodes:
            self._edges[edge] = None

    def tell(
        self,
        severity: Severity,
        code: str,
        where: str,
        what: str,
        *,
        next_step: str | None = None,
    ) -> None:
        """Add a finding; the same one is told once."""
        finding = Finding(
            severity=severity,
            code=code,
            where=_cut(where),
            what=" ".join(what.split())[:1000],
            next_step=next_step,
        )
        if len(self._findings) < MAX_NODES:
            self._findings[finding] = None

    def __contains__(self, node_id: str) -> bool:
        return node_id in self._nodes

    def finish(self, subject: str) -> Lineage:
        """Return what was gathered."""
        for cycle in _find_cycles(self._edges):
            names = " <- ".join(self._nodes[node_id].label for node_id in cycle)
            self.tell("warning", "lineage.cycle", self._nodes[cycle[0]].label, f"a cycle: {names}")
        return Lineage(
            subject=subject,
            nodes=tuple(self._nodes.values()),
            edges=tuple(self._edges),
            findings=tuple(self._findings),
        )

    def _tell_full(self, what: str) -> None:
        self.tell(
            "warning",
            "lineage.cut",
            "lineage",
            f"it has more than {what}; the rest is left out",
            next_step="ask for less with --depth, or for a version further along",
        )


def version_id(model: str, version: str) -> str:
    """Return the id of a version's node."""
    return f"version:{model}@{version}"


def version_node(entry: VersionEntry, stages: Sequence[str]) -> Node:
    """Return the node of a registered version that holds `stages`."""
    return Node(
        id=version_id(entry.model, entry.version),
        kind="version",
        label=f"{entry.model}@{entry.version}",
        details={
            "date": iso_time(entry.time)[:10],
            "by": entry.person,
            "record": entry.index,
            "holds": list(stages),
            "deprecated": entry.deprecated is not None,
            "yanked": entry.yanked is not None,
        },
    )


class _Tree:
    """Lays a graph out: each node's branches stand where a walk met it first."""

    def __init__(self, lineage: Lineage) -> None:
        self._subject = lineage.subject
        self._nodes = {node.id: node for node in lineage.nodes}
        self._up: dict[str, list[Edge]] = {}
        self._down: dict[str, list[Edge]] = {}
        self._first_up: dict[str, Edge] = {}
        self._first_down: dict[str, Edge] = {}
        for edge in lineage.edges:
            self._up.setdefault(edge.target, []).append(edge)
            self._down.setdefault(edge.source, []).append(edge)
            self._first_up.setdefault(edge.source, edge)
            self._first_down.setdefault(edge.target, edge)

    def root(self) -> Branch:
        branches = [*self._above(self._subject), *self._below(self._subject)]
        return Branch(relation="", text=self._nodes[self._subject].summary, branches=branches)

    def _above(self, node_id: str) -> Iterator[Branch]:
        for edge in self._up.get(node_id, ()):
            if edge.relation not in DOWNWARD:
                is_first = self._first_up[edge.source] is edge and edge.source != self._subject
                below = list(self._above(edge.source)) if is_first else []
                again = not is_first and edge.source in self._up
                yield self._branch(edge.relation, edge.source, below, again=again)

    def _below(self, node_id: str) -> Iterator[Branch]:
        for edge in self._down.get(node_id, ()):
            relation = "child" if edge.relation == "parent" else edge.relation
            if relation in {"child", *DOWNWARD}:
                is_first = self._first_down[edge.target] is edge and edge.target != self._subject
                below = list(self._below(edge.target)) if is_first else []
                again = not is_first and edge.target in self._down
                yield self._branch(relation, edge.target, below, again=again)

    def _branch(self, relation: str, node_id: str, below: list[Branch], *, again: bool) -> Branch:
        node = self._nodes[node_id]
        text = f"{_cut(node.label)} (shown elsewhere)" if again else node.summary
        return Branch(relation=relation, text=text, branches=below)


def _find_cycles(edges: Mapping[Edge, None]) -> Iterator[list[str]]:
    """Yield cycles of what comes of what, each from a node back to itself; at most ten."""
    before: dict[str, list[str]] = {}
    for edge in edges:
        before.setdefault(edge.target, []).append(edge.source)
    for _ in range(_MAX_CYCLES):
        try:
            TopologicalSorter(before).prepare()
        except CycleError as error:
            cycle: list[str] = error.args[1][::-1]  # from what came of it to what it came of
            yield cycle
            before[cycle[0]].remove(cycle[1])
        else:
            return


def _say(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(
            f"{name}{': ' if isinstance(item, Mapping) else '='}{_say(item)}"
            for name, item in value.items()
        )
    if isinstance(value, list | tuple):
        return " ".join(map(_say, value))
    text = str(value)
    return f"{text[:16]}…" if _DIGEST.fullmatch(text) else text


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
