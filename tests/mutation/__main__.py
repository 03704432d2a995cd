"""Prove by removal that each rule of the design is held by a test.

`python -m tests.mutation [RULE…]` takes one clause after another out of the code. The test that
belongs to it must pass with the clause, and fail without. Ends with 1 where one does not.
"""

# ruff: noqa: T201

from __future__ import annotations

import os
import sys
import time

import pytest

from tests.mutation.table import SENTENCES
from tests.mutation.trial import Outcome, Trial

# Without terminal and workers of its own: what is told here is about mutants.
_PYTEST = [
    *("-c", "pyproject.toml", "-o", "addopts=", "--capture=sys"),
    *("-p", "no:terminal", "-p", "no:xdist", "-p", "no:cacheprovider"),
]


def main(asked: list[str]) -> int:
    """Try the mutants of the rules asked for, or all; return the exit code."""
    rules = list(dict.fromkeys(each.rule for each in SENTENCES))
    if not set(asked) <= set(rules):
        print(f"there are the rules {', '.join(rules)}")
        return 2
    heads = {
        each.mutants[0]: f"\n{each.rule}: {each.text}"
        for each in SENTENCES
        if not asked or each.rule in asked
    }
    mutants = [mutant for each in SENTENCES if each.mutants[0] in heads for mutant in each.mutants]
    alive: list[Outcome] = []

    def tell(outcome: Outcome) -> None:
        head, mutant = heads.get(outcome.mutant), outcome.mutant
        told = outcome.killer or f"SURVIVED {mutant.test} {outcome.said}"
        lines = [*([head] if head else []), f"    {mutant.what:<42}{told}"]
        print("\n".join(lines), file=sys.__stdout__, flush=True)  # pytest has the other one
        if outcome.killer is None:
            alive.append(outcome)

    begun = time.monotonic()
    trial = Trial(mutants, at_once=os.cpu_count() or 1, tell=tell)
    code = pytest.main([*_PYTEST, *trial.tests], plugins=[trial])
    for name, said in trial.broken:
        print(f"\nfails without any mutant: {name}\n{said}")
    if code or trial.broken:
        return 1
    count, seconds = len(mutants), time.monotonic() - begun
    print(f"\n{count - len(alive)} of {count} mutants killed in {seconds:.0f} s")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
