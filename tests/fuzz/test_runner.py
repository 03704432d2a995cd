"""The runner finds what is planted for it; it needs the extra `fuzz`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import __main__ as runner
from tests.fuzz import planted


def fuzz(corpus: Path, *words: str) -> int:
    return runner.main(["--table", planted.__name__, "--corpus", str(corpus), *words])


@pytest.mark.parametrize("name", ["crash", "hang", "hoard", "chatter"])
def test_what_does_not_stand_is_found_and_kept(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("atheris", reason="the extra fuzz is not installed")
    assert fuzz(tmp_path, name) == 1
    (finding,) = (tmp_path / name).iterdir()
    assert finding.stat().st_size > 0
    said = capsys.readouterr().out
    assert f"the input: {finding}" in said
    assert f"base64 -d > {finding}" in said
    if name == "crash":
        assert finding.read_bytes().startswith(b"git!")
        assert "ZeroDivisionError" in said


def test_what_stands_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("atheris", reason="the extra fuzz is not installed")
    assert fuzz(tmp_path, "--seconds", "1", "stand") == 0
    assert capsys.readouterr().out.endswith("stood\n")
    assert not list(tmp_path.iterdir())


def test_where_there_is_no_fuzzer_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "find_spec", lambda _: None)
    assert fuzz(tmp_path) == 0
    assert capsys.readouterr().out.startswith("NOT FUZZED: ")


def test_a_target_that_is_none_is_told(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="the extra fuzz is not installed")
    with pytest.raises(SystemExit):
        fuzz(tmp_path, "nonsense")
