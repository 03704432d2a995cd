"""The table of mutants fits the code and the tests; what it proves is for `.ci/run` to see."""

from __future__ import annotations

import ast
import builtins
import dis
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest

from tests.mutation.mutant import Mutant, StaleMutantError, cut, mutated_code
from tests.mutation.table import SENTENCES

TOP = Path(__file__).parents[2]
MUTANTS = [mutant for each in SENTENCES for mutant in each.mutants]


def names_in(code: CodeType) -> Iterator[str]:
    """The names that code looks up in its module."""
    for step in dis.get_instructions(code):
        if step.opname == "LOAD_GLOBAL":
            yield step.argval
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from names_in(inner)


def has_test(mutant: Mutant) -> bool:
    """Whether the file has a function, or a class with a method, of the test's name."""
    file, *names = mutant.test.partition("[")[0].split("::")
    node: ast.AST | None = ast.parse((TOP / file).read_text(encoding="utf-8"))
    for name in names:
        inner = ast.iter_child_nodes(node) if node else iter(())
        node = next((each for each in inner if getattr(each, "name", None) == name), None)
    return node is not None


def test_each_mutant_finds_the_code_that_it_takes_out() -> None:
    for mutant in MUTANTS:
        for function, code in mutated_code(mutant).items():
            assert code != function.__code__, mutant.what
            known = function.__globals__.keys() | vars(builtins).keys()
            assert set(names_in(code)) <= known, mutant.what


def test_each_mutant_names_a_test_that_exists() -> None:
    assert [mutant.test for mutant in MUTANTS if not has_test(mutant)] == []


def test_each_rule_has_a_mutant_for_every_sentence() -> None:
    assert {str(number) for number in range(1, 11)} <= {each.rule for each in SENTENCES}
    for each in SENTENCES:
        assert each.mutants, each.text
        assert len({mutant.what for mutant in each.mutants}) == len(each.mutants), each.text
    assert len(set(MUTANTS)) == len(MUTANTS)


@pytest.mark.parametrize(
    ("place", "old", "what"),
    [
        ("domain.rules:check_chain", "record.index == index", "0 times, not once"),
        ("domain.rules:check_chain", "record", "times, not once"),
        ("domain.rules:check_chains", "record", "there is no function"),
    ],
)
def test_a_mutant_that_does_not_fit_is_an_error(place: str, old: str, what: str) -> None:
    with pytest.raises(StaleMutantError, match=what):
        mutated_code(cut("what is not there", place, old, "False", ""))


CHAIN = "domain/test_rules.py::test_a_record_has_the_next_index"
TRIED = f"""
import sys
from tests.mutation import __main__ as program
from tests.mutation.mutant import cut, sentence

place, old = "domain.rules:check_chain", "record.index != index"
program.SENTENCES = (
    sentence(
        "1",
        "Index continues",
        cut("killed", place, old, "False", "{CHAIN}"),
        cut("alive", place, old, "not record.index == index", "{CHAIN}[3]"),
        cut("ended", place, old, "__import__('os')._exit(7)", "{CHAIN}[1]"),
    ),
)
sys.exit(program.main([]))
"""


def test_who_survives_is_told() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TRIED], cwd=TOP, capture_output=True, text=True, check=False
    )
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("    ")]
    assert [line[:2] for line in lines] == [
        ["killed", f"tests/{CHAIN}[0]"],
        ["alive", "SURVIVED"],
        ["ended", "SURVIVED"],
    ]
    assert done.stdout.count("its process ended with 7") == 1
    assert "1 of 3 mutants killed" in done.stdout
    assert done.returncode == 1
