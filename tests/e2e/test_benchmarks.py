"""The benchmarks run; what they measure is for people to read."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.fixtures import run

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
