"""The page on threats and the tests of attacks name each other, and neither leaves out any."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`(test_\w+)`", PAGE))
FILES = set(re.findall(r"`(tests/\w[\w/]*\.py)`", PAGE))
NUMBERS = range(1, 31)  # of the list that the tests of attacks are named after
OUTCOMES = ("prevented", "detected", "out of reach")


def names_in(file: Path) -> Iterator[str]:
    """The names of the tests in a file, those of classes too."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name


def stands_for(name: str, test: str) -> bool:
    """Whether a name on the page means a test: its own, or the number of its attack."""
    return test == name or (
        re.fullmatch(r"test_\d\d", name) is not None and test.startswith(f"{name}_")
    )


EVERYWHERE = {test for file in ROOT.glob("tests/**/test_*.py") for test in names_in(file)}
OF_ATTACKS = {
    (file.name, test)
    for file in Path(__file__).parent.glob("test_*.py")
    if file != Path(__file__)
    for test in names_in(file)
}


def claims() -> list[tuple[str, str, str]]:
    """What each attacker tries, what happens, and the tests that show it."""
    rows, inside = [], False
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        inside = line.startswith("|") and (inside or cells[0] == "tries")
        if inside and cells[0] != "tries" and set(cells[0]) != {"-"}:
            tried, outcome, tests = cells
            rows.append((tried, outcome, tests))
    return rows


@pytest.mark.parametrize("name", sorted(NAMED | FILES))
def test_what_the_page_names_is_there(name: str) -> None:
    if name in FILES:
        assert list(names_in(ROOT / name))
    else:
        assert any(stands_for(name, test) for test in EVERYWHERE)


def test_every_test_of_an_attack_is_on_the_page() -> None:
    missing = {
        (file, test)
        for file, test in OF_ATTACKS
        if f"tests/attack/{file}" not in FILES and not any(stands_for(name, test) for name in NAMED)
    }
    assert missing == set()


@pytest.mark.parametrize("number", NUMBERS)
def test_every_attack_of_the_list_has_tests_and_a_claim(number: int) -> None:
    name = f"test_{number:02}"
    tests = {test for _, test in OF_ATTACKS if stands_for(name, test)}
    assert tests
    assert name in NAMED or tests <= NAMED


@pytest.mark.parametrize("claim", claims(), ids=lambda claim: claim[0])
def test_every_claim_says_what_happens_and_shows_it(claim: tuple[str, str, str]) -> None:
    tried, outcome, tests = claim
    said = set(re.findall(r"\*\*([^*]+)\*\*", outcome))
    assert tried
    assert said
    assert said <= set(OUTCOMES)
    assert said == {"out of reach"} or re.search("`test", tests)


def test_every_attacker_has_a_row_in_sight_and_claims() -> None:
    glance = re.findall(r"^\| \[[^]]+\]\(#([a-z-]+)\)", PAGE, flags=re.MULTILINE)
    sections = re.findall(r"^## (.+)\n(?:\n[^|#]+\n)?\n\| tries \|", PAGE, flags=re.MULTILINE)
    anchors = [re.sub(r"[^a-z -]", "", title.lower()).replace(" ", "-") for title in sections]
    assert glance == anchors
