"""The papers say what the code does: every rule, trailer and action is there, and no other."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitreg.domain.record import parse_record
from gitreg.domain.rules import ACTIONS, COMMON
from gitreg.domain.tag import parse_tag
from gitreg.domain.trailer import COMMON as COMMON_TRAILERS
from gitreg.domain.trailer import OPTIONAL, TRAILERS, own_trailers

ROOT = Path(__file__).parent.parent
PAPERS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def _rows(page: str, head: str) -> Iterator[list[str]]:
    """The cells of every table in docs/`page` whose first column is called `head`."""
    inside = False
    for line in (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[0] == head:
            inside = True
        elif inside and set(cells[0]) != {"-"}:
            yield cells


def _quoted(cell: str) -> tuple[str, ...]:
    return tuple(re.findall("`([^`]+)`", cell))


def test_every_rule_is_documented_and_no_other() -> None:
    rules = [rule for table in (COMMON, *ACTIONS.values()) for rule, _ in table]
    documented = [name for row in _rows("rules.md", "rule") for name in _quoted(row[0])]
    assert sorted(documented) == sorted(set(rules))


def test_rules_are_documented_in_their_order() -> None:
    documented = [name for row in _rows("rules.md", "rule") for name in _quoted(row[0])]
    assert documented[: len(COMMON)] == [rule for rule, _ in COMMON]
    actions = {_quoted(row[0])[0]: _quoted(row[1]) for row in _rows("rules.md", "action")}
    assert actions == {name: tuple(rule for rule, _ in table) for name, table in ACTIONS.items()}


def test_every_trailer_is_documented_in_its_order() -> None:
    rows = list(_rows("record.md", "trailer"))
    assert sorted(_quoted(row[0])[0] for row in rows) == sorted(TRAILERS)
    where = {
        kind: tuple(_quoted(row[0])[0] for row in rows if row[1] == kind)
        for kind in ("common", "own", "optional")
    }
    assert where["common"] == COMMON_TRAILERS
    assert where["optional"] == OPTIONAL


def test_every_action_is_documented_with_its_trailers_and_tag() -> None:
    rows = list(_rows("record.md", "action"))
    assert {_quoted(row[0])[0] for row in rows} == set(ACTIONS) - {"approve policy"}
    for name, trailers, tag in rows:
        action, first, of_policy = _quoted(name)[0], name.endswith("0"), name.endswith("policy")
        assert _quoted(trailers) == own_trailers(action, first=first, of_policy=of_policy), name
        assert tag == "none" or parse_tag(*_quoted(tag)), name


def test_the_example_of_a_record_is_one() -> None:
    page = (ROOT / "docs/record.md").read_text(encoding="utf-8")
    example = page.split("```\n")[1].replace("<64 hex digits>", "0" * 64).replace("…", "AAAA")
    record = parse_record(example.encode())
    assert record.title == "Promote iris v1.2.0 to production"
    assert record.to_bytes() == example.encode()


def test_every_field_of_the_policy_is_documented() -> None:
    schema = json.loads((ROOT / "gitreg/schemas/policy.v1.json").read_text(encoding="utf-8"))
    page = (ROOT / "docs/policy.md").read_text(encoding="utf-8")
    prose = re.sub("```.*?```", "", page, flags=re.DOTALL)
    assert set(_fields(schema)) - set(_quoted(prose)) == set()


def _fields(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from _fields(part)


def test_every_refusal_of_the_hooks_is_documented_and_no_other() -> None:
    server, clone = _refusals("pre_receive"), _refusals("pre_push")
    said = {_quoted(row[0])[0]: row[1] for row in _rows("hosting.md", "rule")}
    assert said == {
        code: "both" if code in server & clone else "server" if code in server else "clone"
        for code in server | clone
    }


def _refusals(hook: str) -> set[str]:
    """The codes of the judgements that the hook asks for, and of what those ask in turn."""
    rules = ast.parse((ROOT / "gitreg/domain/push_rules.py").read_text(encoding="utf-8"))
    bodies = {node.name: node for node in rules.body if isinstance(node, ast.FunctionDef)}
    asked = ast.parse((ROOT / f"gitreg/registry/{hook}.py").read_text(encoding="utf-8"))
    names = [node.id for node in ast.walk(asked) if isinstance(node, ast.Name)]
    codes, seen = set(), {"_refuse"}
    while names:
        if (name := names.pop()) not in bodies or name in seen:
            continue
        seen.add(name)
        calls = [node for node in ast.walk(bodies[name]) if isinstance(node, ast.Call)]
        for call in calls:
            called = call.func.id if isinstance(call.func, ast.Name) else ""
            names.append(called)
            if called == "_refuse":
                words = [
                    node.value for node in ast.walk(call.args[1]) if isinstance(node, ast.Constant)
                ]
                codes |= {word for word in words if isinstance(word, str)}
    return codes


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(paper: Path) -> None:
    text = paper.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    assert [target for target in targets if not (paper.parent / target).exists()] == []


def test_adrs_are_short_and_numbered() -> None:
    adrs = sorted(ROOT.glob("docs/adr/*.md"))
    assert [int(path.name[:4]) for path in adrs] == list(range(1, len(adrs) + 1))
    for path in adrs:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 60, path.name
