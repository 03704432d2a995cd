"""Graphs for Graphviz and Mermaid, in which what strangers wrote is text and nothing else."""

from __future__ import annotations

import html
import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.domain.lineage import Gathering, Lineage, Node
from gitreg.site.graph import render_dot, render_mermaid

HOSTILE = [
    '"]; evil [label="x',
    "a\\",
    'a\\"]; evil -> evil; //',
    "\\N \\G \\l",
    "<b>bold</b><script>alert(1)</script>",
    "line\nbreak\r\n%% comment\nclick n0 call evil()",
    "%%{init: {'theme': 'dark'}}%%",
    "`**markdown**` $$x^2$$ fa:fa-bomb ::: end subgraph",
    '#quot; #35; &lt; &amp;quot; "; }',
    "]]) }} >] (( [( --> -- x --",
    "\u202egnp.exe\x1b[31m",
]


def lineage_of(*texts: str) -> Lineage:
    gathering = Gathering()
    kinds = ("version", "data", "missing", "stage", "step")
    for number, text in enumerate(texts):
        kind = kinds[number % len(kinds)]
        gathering.add(Node(id=str(number), kind=kind, label=text, details={"uri": text}))
        gathering.link(str(number), "0", "data")
    return gathering.finish("0")


def check_dot(graph: str) -> None:
    string = r'"(?:[^"\\\n]|\\.)*"'
    node = rf"n\d+ \[label={string}, shape=[a-z]+(, style=\"[a-z,]+\")?\];"
    edge = rf"n\d+ -> n\d+ \[label={string}\];"
    head, direction, *lines, tail, end = graph.split("\n")
    assert (head, direction, tail, end) == ("digraph lineage {", "  rankdir=LR;", "}", "")
    for line in lines:
        assert re.fullmatch(f"  (?:{node}|{edge})", line), line


def check_mermaid(chart: str) -> None:
    label = r'"(?:[\w ,+=().-]|#\d+;|<br/>)*"'
    brackets = r"\[\(?|>|\{\{|\("
    node = rf"n\d+(?:{brackets}){label}[\]\)\}}]{{1,2}}"
    edge = rf"n\d+ -- {label} --> n\d+"
    head, *lines, style, end = chart.split("\n")
    assert (head, style, end) == ("flowchart LR", "  style n0 stroke-width:3px", "")
    for line in lines:
        assert re.fullmatch(f"  (?:{node}|{edge})", line), line


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_inside_its_label(text: str) -> None:
    lineage = lineage_of("iris@1.0.0", text, text, text, text)
    check_dot(render_dot(lineage))
    check_mermaid(render_mermaid(lineage))


@given(st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_any_text_stays_inside_its_label(texts: list[str]) -> None:
    lineage = lineage_of(*texts)
    check_dot(render_dot(lineage))
    check_mermaid(render_mermaid(lineage))


def test_the_labels_say_what_the_text_said() -> None:
    chart = render_mermaid(lineage_of('a "quoted" <b> & #1; 50%'))
    label = chart.split('"')[1].replace("<br/>", " ")
    assert html.unescape(label.replace("#", "&#")).startswith('version a "quoted" <b> & #1; 50%')


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not here")
@pytest.mark.parametrize("text", HOSTILE)
def test_graphviz_draws_just_our_nodes(text: str) -> None:
    graph = render_dot(lineage_of("iris@1.0.0", text))
    done = subprocess.run(
        ["dot", "-Tsvg"], input=graph, capture_output=True, check=True, encoding="utf-8"
    )
    assert done.stderr == ""
    assert done.stdout.count('class="node"') == 2
    assert "<script" not in done.stdout
    assert "evil" not in re.sub("<text.*?</text>", "", done.stdout)
