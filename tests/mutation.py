"""Prove by removal that each rule of DESIGN.md, section 5, is held by a test.

`python -m tests.mutation [RULE…]` runs the tests that belong to a mutant once without it, where
they must pass, and once with it, where one must fail. It names the survivors and ends with 1.
"""

# ruff: noqa: T201

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from tests.mutant import VARIABLE
from tests.mutants import MUTANTS

AT_ONCE = 2


def run_tests(tests: Iterable[str], number: int | None) -> tuple[int, str]:
    """Return pytest's exit code and output, with the mutant of that number where one is given."""
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    if number is not None:
        environment[VARIABLE] = str(number)
    plain = ["-n", "0", "-p", "no:cacheprovider", "-p", "tests.mutant", "--tb=no", "-rfE"]
    with tempfile.TemporaryDirectory() as folder:
        # Of its own: runs at once would clean up each other's.
        plain.append(f"--basetemp={folder}/tests")
        command = [sys.executable, "-m", "pytest", "-x", *plain, *tests]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def find_killer(number: int) -> str | None:
    """Return the test that noticed the mutant, None where none did.

    Raises: RuntimeError where the tests could not be run.
    """
    code, output = run_tests(MUTANTS[number].tests, number)
    killer = re.search(r"^(?:FAILED|ERROR) tests/(.+?)(?: - .*)?$", output, re.MULTILINE)
    if code == 1 and killer:
        return killer[1]
    if code == 0:
        return None
    raise RuntimeError(f"{MUTANTS[number].what}: pytest ended with {code}\n{output[-2000:]}")


def main(asked: list[str]) -> int:
    """Try the mutants of the rules asked for, or all; return the exit code."""
    chosen = [n for n, mutant in enumerate(MUTANTS) if not asked or mutant.rule in asked]
    if not chosen:
        print(f"rules: {', '.join(dict.fromkeys(mutant.rule for mutant in MUTANTS))}")
        return 2
    code, output = run_tests(sorted({test for n in chosen for test in MUTANTS[n].tests}), None)
    if code:
        print(f"the tests fail without any mutant\n{output}")
        return 1
    survivors = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number, killer in zip(chosen, pool.map(find_killer, chosen), strict=True):
            mutant = MUTANTS[number]
            print(f"{mutant.rule:>9}  {mutant.what}: {killer or 'SURVIVED'}", flush=True)
            if killer is None:
                survivors.append(mutant)
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} mutants were noticed")
    for mutant in survivors:
        print(f"survived: rule {mutant.rule}, {mutant.what} ({mutant.place})")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
