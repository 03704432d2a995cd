"""Code that comes with a version: which function is found, and what it leaves behind."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from gitreg import yaml12
from gitreg.errors import InvalidError
from gitreg.formats import ModelFile, python
from gitreg.formats.entrypoint import find_function
from tests.fixtures import freeze, write

COLUMNS = {"x": np.array([1.0, 2.0])}
CODE = """\
from parts.weights import factor


def score(columns):
    return factor * columns["x"]
"""


def version(folder: Path, factor: int) -> ModelFile:
    """A folder of code whose modules have the same names in every version."""
    write(folder / "scorer.py", CODE)
    write(folder / "parts/weights.py", f"factor = {factor}\n")
    return ModelFile(path=folder, format="python", entrypoint="scorer:score")


def test_two_versions_in_one_process_keep_to_their_own_code(tmp_path: Path) -> None:
    first, second = (python.load(version(tmp_path / str(n), n)) for n in (2, 3))
    assert first(COLUMNS).tolist() == [2.0, 4.0]
    assert second(COLUMNS).tolist() == [3.0, 6.0]


def test_nothing_of_the_code_stays_known_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file = version(tmp_path, 2)
    before, path, modules = freeze(tmp_path), list(sys.path), set(sys.modules)
    find_function(file)
    assert freeze(tmp_path) == before
    assert sys.path == path
    assert set(sys.modules) == modules
    assert not sys.dont_write_bytecode


def test_a_module_of_ours_with_the_same_name_stays(tmp_path: Path) -> None:
    write(tmp_path / "gitreg.py", "def score(columns): return columns['x']")
    ours = sys.modules["gitreg"]
    find_function(ModelFile(path=tmp_path, format="python", entrypoint="gitreg:score"))
    assert sys.modules["gitreg"] is ours
    assert sys.modules["gitreg.formats.python"] is python


def test_a_function_may_lie_deeper(tmp_path: Path) -> None:
    write(tmp_path / "net/blocks.py", "def build(): return 7")
    file = ModelFile(path=tmp_path, format="safetensors", entrypoint="net.blocks:build")
    assert find_function(file)() == 7


@pytest.mark.parametrize(
    ("entrypoint", "what"),
    [
        (None, "of the format python and names no entrypoint"),
        ("os:system", "the version has no module os"),
        ("json:loads", "the version has no module json"),
        ("scorer:nothing", "scorer has no function nothing"),
        ("parts.weights:factor", "has no function factor"),
    ],
)
def test_an_entrypoint_that_leads_nowhere_is_told(
    tmp_path: Path, entrypoint: str | None, what: str
) -> None:
    version(tmp_path, 2)
    with pytest.raises(InvalidError, match=what) as caught:
        find_function(ModelFile(path=tmp_path, format="python", entrypoint=entrypoint))
    assert "module:function" in str(caught.value.next_step)


def test_an_entrypoint_is_looked_for_beside_a_file(tmp_path: Path) -> None:
    version(tmp_path, 2)
    file = ModelFile(path=tmp_path / "scorer.py", format="python", entrypoint="scorer:score")
    assert python.predict(python.load(file), COLUMNS)["prediction"].tolist() == [2.0, 4.0]


def test_the_example_of_the_page_on_formats_answers(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/formats.md").read_text(encoding="utf-8")
    *_, said = re.findall("```yaml\n(.*?)```", page, re.DOTALL)
    (code,) = re.findall("```python\n(.*?)```", page, re.DOTALL)
    ((artifact,),) = yaml12.load(said.encode(), name="formats.md").value.values()
    path = write(tmp_path / artifact["path"], code)
    file = ModelFile(path=path, format=artifact["format"], entrypoint=artifact["entrypoint"])
    answer = python.predict(python.load(file), {"length": np.array([2.0, 3.0])})
    assert answer["prediction"].tolist() == [0, 1]
