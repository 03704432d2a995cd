from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from gitreg.site.checks import LIMIT, render_checks

HOSTILE = "`$(id)` <img src=x onerror=alert(1)> | @alice [x](https://evil.example) #1\n## ${{ x }}"


def version(**others: Any) -> dict[str, Any]:
    names = {"model": "iris", "version": "1.2.0", "ok": True, "report": None}
    return {**names, "outcomes": [], "findings": [], "notes": [], "reviews": [], **others}


def check(*versions: dict[str, Any], ok: bool = True, **others: Any) -> dict[str, Any]:
    return {"ok": ok, "versions": list(versions), "findings": [], "policy": [], **others}


def test_the_verdict_comes_first() -> None:
    assert render_checks([check()], commit="a" * 40).startswith(
        "### gitreg: merging aaaaaaaaaaaa: nothing would be refused\n"
    )
    assert "something would be refused" in render_checks([check(), check(ok=False)])
    assert "something would be refused" in render_checks([], unread=["x.check.json"])
    assert "asks for nothing" in render_checks([])


def test_the_figures_stand_beside_the_champions() -> None:
    report = {
        "data": {"name": "holdout", "sha256": "ab" * 32},
        "metrics": {
            "accuracy": {"value": 0.95},
            "latency_p95_ms": {"value": 0.5, "unit": "ms"},
            "f1": {"value": None},
        },
        "champion": {"version": "1.1.0", "metrics": {"accuracy": 0.9}},
    }
    lines = render_checks([check(version(report=report))]).splitlines()
    (accuracy,) = (line for line in lines if line.startswith("| accuracy"))
    assert [cell.strip() for cell in accuracy.split("|")][2::2] == ["0.95", "0.9", "+0.05"]
    (latency,) = (line for line in lines if line.startswith("| latency"))
    assert [cell.strip() for cell in latency.split("|")][2:] == ["0.5", "", "", "", "", ""]


def test_gates_steps_findings_and_the_policy_are_there() -> None:
    gate = {"gate": "accuracy >= 0.9", "passed": False, "note": "it is 0.8"}
    step = {"action": "promote", "stage": "production", "verdict": "refused", "what": "a gate"}
    finding = {"severity": "error", "where": "model.yaml", "what": "bad", "next": "mend it"}
    found = version(
        outcomes=[step], reviews=[{"stage": "production", "gates": [gate]}], findings=[finding]
    )
    text = unescape(render_checks([check(found, policy=["carol becomes a reviewer"])]))
    assert "| promote to production | would be refused | a gate |" in text
    assert "| FAILS | it is 0.8 |" in text
    assert "- **error** model.yaml: bad. Next: mend it" in text
    assert "- carol becomes a reviewer" in text


@pytest.mark.parametrize("place", ["model", "version", "note", "finding", "gate", "data", "file"])
def test_hostile_text_is_no_markup(place: str) -> None:
    report = {"data": {"name": HOSTILE, "sha256": "0" * 64}, "metrics": {HOSTILE: 1.0}}
    gate = {"gate": HOSTILE, "passed": True, "note": HOSTILE}
    finding = {"severity": "note", "where": HOSTILE, "what": HOSTILE, "next": HOSTILE}
    others: dict[str, Any] = {
        "model": {"model": HOSTILE},
        "version": {"version": HOSTILE},
        "note": {"notes": [HOSTILE]},
        "finding": {"findings": [finding]},
        "gate": {"reviews": [{"stage": HOSTILE, "gates": [gate]}]},
        "data": {"report": report},
        "file": {},
    }
    unread = [HOSTILE] if place == "file" else []
    text = render_checks([check(version(**others[place]))], unread=unread)
    for mark in ("`$", "<img", "@alice", "](https", "${{", "\n## ", "evil.example"):
        assert mark not in text
    assert "onerror" in text


def test_a_page_is_linked_without_what_would_end_the_link() -> None:
    text = render_checks([], page="https://git.example.org/t/m/actions/runs/1) <b>")
    assert "[the run](https://git.example.org/t/m/actions/runs/1b)" in text


def test_what_does_not_fit_is_counted() -> None:
    many = [version(version=f"1.{number}.0", notes=["words " * 600]) for number in range(40)]
    text = render_checks([check(*many)])
    assert len(text) <= LIMIT
    shown = len(re.findall("^#### iris", text, flags=re.MULTILINE))
    assert 0 < shown < 40
    assert f"{40 - shown} more would not fit here" in text
    assert "What binds is judged again" in text
