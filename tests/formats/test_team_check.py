"""A team's check in a process of its own, which asks the model in its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gitreg.errors import InvalidError
from gitreg.formats.isolated import Limits
from gitreg.formats.team_check import IsolatedCheck

INPUTS = {"length": np.array([0.0, 1.0]), "name": np.array(["a", "b"])}
QUICK = Limits(seconds=20.0)


def double(columns: Mapping[str, Any]) -> dict[str, Any]:
    if "length" not in columns:
        raise InvalidError("it wants length")
    return {"prediction": columns["length"] * 2}


def run(folder: Path, body: str, limits: Limits = QUICK) -> list[dict[str, Any]]:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    (folder / "team.py").write_text(f"def check(predict, inputs, metadata):\n{lines}")
    with IsolatedCheck("team:check", [folder], limits) as check:
        return check.run(double, INPUTS, {"name": "iris"})


@pytest.mark.parametrize("body", ["return None", "return []", "if False: yield", "print('hello')"])
def test_a_check_may_find_nothing(tmp_path: Path, body: str) -> None:
    assert run(tmp_path, body) == []


def test_it_asks_the_model_as_often_as_it_likes(tmp_path: Path) -> None:
    body = (
        "for factor in (1, 10):\n"
        "    answer = predict({'length': inputs['length'] * factor})['prediction']\n"
        "    yield f\"{metadata['name']} {inputs['name'][1]} {answer.tolist()}\""
    )
    assert [item["what"] for item in run(tmp_path, body)] == [
        "iris b [0.0, 2.0]",
        "iris b [0.0, 20.0]",
    ]


def test_findings_are_texts_or_say_how_bad_they_are(tmp_path: Path) -> None:
    body = (
        "return ['one', {'severity': 'warning', 'what': 'two', 'next': 'mend it'}, "
        "{'severity': 'fatal', 'what': 'x' * 9000}]"
    )
    one, two, three = run(tmp_path, body)
    assert one == {"severity": "error", "what": "one", "next": None}
    assert two == {"severity": "warning", "what": "two", "next": "mend it"}
    assert (three["severity"], len(three["what"])) == ("error", 500)
    assert run(tmp_path, "return 'alone'")[0]["what"] == "alone"
    assert len(run(tmp_path, "return map(str, range(1000))")) == 100


def test_what_the_model_refuses_is_raised_in_the_check(tmp_path: Path) -> None:
    body = (
        "try: predict({'width': inputs['length']})\nexcept ValueError as error: return str(error)"
    )
    assert run(tmp_path, body)[0]["what"] == "it wants length"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("assert inputs['length'].min() > 0, 'no length is 0'", "AssertionError: no length is 0"),
        ("return 7", "TypeError"),
        ("return [{'what': object()}]", "TypeError"),
        ("__import__('os')._exit(0)", "ended its process"),
        ("return bytearray(1 << 45)", "more memory than allowed"),
        ("raise SystemExit", "ended its process"),
    ],
)
def test_a_check_that_fails_is_told(tmp_path: Path, body: str, what: str) -> None:
    with pytest.raises(InvalidError, match=what) as caught:
        run(tmp_path, body)
    assert caught.value.what.startswith("the check team:check failed")


def test_a_check_has_one_limit_for_all_its_questions(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match=r"took longer than 1\.5 s"):
        run(tmp_path, "while True: predict(inputs)", Limits(seconds=1.5))


@pytest.mark.parametrize("name", ["other:check", "team:other"])
def test_a_check_that_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "team.py").write_text("def check(predict, inputs, metadata): pass\n")
    with (
        IsolatedCheck(name, [tmp_path], QUICK) as check,
        pytest.raises(InvalidError, match="other"),
    ):
        check.run(double, INPUTS, {})
