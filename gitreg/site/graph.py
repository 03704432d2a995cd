"""Lineages as graphs for other programs: Graphviz and Mermaid, in which nothing is markup.

Formats: "The DOT Language" of Graphviz (quoted strings, escString); "Flowcharts" of Mermaid (entity
codes, such as `#35;`).
"""

from __future__ import annotations

from collections.abc import Callable

from gitreg.domain.lineage import Lineage, Node
from gitreg.domain.printable import clean
from gitreg.site.markdown import inert

# Shapes of Graphviz, and Mermaid's brackets.
_SHAPES = {
    "version": ("box", "[", "]"),
    "data": ("cylinder", "[(", ")]"),
    "evaluation": ("note", ">", "]"),
    "stage": ("house", "{{", "}}"),
    "deployment": ("house", "{{", "}}"),
    "missing": ("box", "(", ")"),
}
_PLAIN = ("ellipse", "(", ")")


def render_dot(lineage: Lineage) -> str:
    """Return a lineage as a graph in Graphviz' language; the subject is drawn bold."""
    names = _name_nodes(lineage)
    lines = ["digraph lineage {", "  rankdir=LR;"]
    for node in lineage.nodes:
        styles = ["bold"] if node.id == lineage.subject else []
        styles += ["dashed"] if node.kind == "missing" else []
        style = f', style="{",".join(styles)}"' if styles else ""
        label = _label(node, _escape_dot, "\\n")
        shape = _SHAPES.get(node.kind, _PLAIN)[0]
        lines.append(f'  {names[node.id]} [label="{label}", shape={shape}{style}];')
    for edge in lineage.edges:
        source, target = names[edge.source], names[edge.target]
        lines.append(f'  {source} -> {target} [label="{_escape_dot(edge.relation)}"];')
    return "\n".join([*lines, "}", ""])


def render_mermaid(lineage: Lineage) -> str:
    """Return a lineage as a Mermaid flowchart; the subject is drawn bold."""
    names = _name_nodes(lineage)
    lines = ["flowchart LR"]
    for node in lineage.nodes:
        _, start, end = _SHAPES.get(node.kind, _PLAIN)
        label = _label(node, _escape_mermaid, "<br/>")
        lines.append(f'  {names[node.id]}{start}"{label}"{end}')
    for edge in lineage.edges:
        relation = _escape_mermaid(edge.relation)
        lines.append(f'  {names[edge.source]} -- "{relation}" --> {names[edge.target]}')
    lines.append(f"  style {names[lineage.subject]} stroke-width:3px")
    return "\n".join([*lines, ""])


def _name_nodes(lineage: Lineage) -> dict[str, str]:
    """Return a name of gitreg's own for each node."""
    return {node.id: f"n{number}" for number, node in enumerate(lineage.nodes)}


def _label(node: Node, escape: Callable[[str], str], line_break: str) -> str:
    """Return the kind, then the summary, broken where it is long."""
    lines = [node.kind, ""]
    for word in node.summary.split(" "):
        if lines[-1] and len(lines[-1]) + len(word) > 40:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return line_break.join(map(escape, lines))


def _escape_dot(text: str) -> str:
    """Return text for a quoted string: a backslash begins nothing, nor does an entity."""
    text = clean(text).replace("&", "&amp;")
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _escape_mermaid(text: str) -> str:
    """Return text for a quoted label; `%%` would begin a comment, and `#` is Mermaid's `&#`."""
    return inert(text).replace("&#", "#").replace("%", "#37;")
