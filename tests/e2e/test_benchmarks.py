"""The benchmarks run; what they measure is for people to read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gitreg.registry.open import open_registry
from gitreg.registry.verify import verify
from tests.fixtures import refs_of, run

ROOT = Path(__file__).parent.parent.parent


def test_verifying_is_measured_on_a_ledger_that_is_kept(tmp_path: Path) -> None:
    script = str(ROOT / "benchmarks/verify.py")
    how = ("--records", "40", "--runs", "1", "--cache", str(tmp_path / "cache"))
    first = run(sys.executable, script, *how)
    ledger = tmp_path / "cache" / "ledger-40"
    made = ledger.stat().st_mtime_ns
    again = run(sys.executable, script, *how)
    assert ledger.stat().st_mtime_ns == made
    for output in (first, again):
        *_, headings, _, row = output.splitlines()
        assert row.startswith("| 40 | ")
        assert headings.count("|") == row.count("|")


def test_commands_are_measured_and_their_growth_is_drawn(tmp_path: Path) -> None:
    sizes = ("--versions", "20,40", "--shapes", "wide", "--gto", "0")
    kept = ("--cache", str(tmp_path), "--plot", str(tmp_path / "growth.svg"))
    how = ("--runs", "1", "--cold-runs", "1", "--only", "list")
    output = run(sys.executable, str(ROOT / "benchmarks/commands.py"), *sizes, *how, *kept)
    of_each, of_growth = output.split("\n\n")[1:]
    for table in (of_each, of_growth):
        assert len({line.count("|") for line in table.splitlines()}) == 1
    assert "| wide | `gitreg list, cold` | 20 → 40 | " in of_growth
    assert (tmp_path / "growth.svg").stat().st_size


@pytest.mark.parametrize("shape", ["wide", "deep"])
def test_registries_to_measure_on_are_valid_and_always_the_same(shape: str, tmp_path: Path) -> None:
    script = str(ROOT / "benchmarks/registries.py")
    for name in ("one", "other"):
        run(sys.executable, script, shape, "60", str(tmp_path / name))
    assert refs_of(tmp_path / "one") == refs_of(tmp_path / "other")
    found = verify(open_registry(tmp_path / "one"), deep=True)
    assert (found.versions, found.void, found.findings) == (60, 0, ())
