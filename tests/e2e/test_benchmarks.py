"""The benchmarks run; what they measure is for people to read."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from gitreg.registry.open import open_registry
from gitreg.registry.verify import verify
from tests.fixtures import Team, refs_of, run, write
from tests.servers import require_program

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


def test_what_moves_over_http_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_program("lighttpd")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    script = str(ROOT / "benchmarks/network.py")
    output = run(sys.executable, script, "--versions", "20", "--runs", "1")
    rows = [[cell.strip() for cell in line.split("|")] for line in output.splitlines()]
    received = {row[1]: float(row[3]) for row in rows[2:]}
    of_model = received["curl of the artifact"]
    assert 20 < of_model < received["gitreg pull, after show"] < received["git clone"]


@pytest.mark.parametrize(
    ("lookup", "answer"),
    [("resolve a stage", "1.1.0"), ("get a version", "1.0.0"), ("filter by metric", 1)],
)
def test_lookups_are_asked_again_and_again(
    released: Team, tmp_path: Path, lookup: str, answer: object
) -> None:
    question = {
        "model": "iris",
        "version": "1.0.0",
        "holder": "iris",
        "stage": "staging",
        "metric": "accuracy",
        "floor": 0.96,
    }
    asked = write(tmp_path / "asked.json", json.dumps([question] * 3))
    half = (str(ROOT / "benchmarks/ask_gitreg.py"), str(released.clone), str(asked))
    found = json.loads(run(sys.executable, *half, lookup, "again"))
    assert found["answers"] == [answer] * 3
    assert len(found["seconds"]) == 2


@pytest.mark.parametrize("shape", ["wide", "deep"])
def test_registries_to_measure_on_are_valid_and_always_the_same(shape: str, tmp_path: Path) -> None:
    script = str(ROOT / "benchmarks/registries.py")
    for name in ("one", "other"):
        run(sys.executable, script, shape, "60", str(tmp_path / name))
    assert refs_of(tmp_path / "one") == refs_of(tmp_path / "other")
    found = verify(open_registry(tmp_path / "one"), deep=True)
    assert (found.versions, found.void, found.findings) == (60, 0, ())
