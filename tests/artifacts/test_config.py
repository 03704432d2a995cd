from __future__ import annotations

import io
from typing import Any

import pytest
from configobj import ConfigObj
from hypothesis import given
from hypothesis import strategies as st

from gitreg.artifacts.config import parse_config


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("url = s3://bucket/models", "s3://bucket/models"),
        ("URL=s3://bucket  # ours", "s3://bucket"),
        ("'url' = \"a, b # c\"  # ours", "a, b # c"),
        ("url = '''it's \"here\"'''", 'it\'s "here"'),
        ("url = a = b", "a = b"),
        ("url =", ""),
    ],
)
def test_a_value_is_read_as_dvc_reads_it(line: str, value: str) -> None:
    text = f"\ufeff# ours\n\n['Remote \"A\"']  # x\n    {line}\n"
    assert parse_config(text) == {'remote "a"': {"url": value}}
    (section,) = ConfigObj(io.BytesIO(text.encode()), encoding="utf-8").dict().values()
    assert list(section.values()) == [value]


# ConfigObj itself writes no value that has both triple quotes.
words = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=12)


@given(words.map(str.strip).filter(lambda text: not {'"""', "'''"} & {text[:3], text[-3:]}))
def test_what_dvc_writes_is_read_as_it_was(value: str) -> None:
    config: Any = ConfigObj(encoding="utf-8")
    config['remote "storage"'] = {"url": value, "port": "1"}
    file = io.BytesIO()
    config.write(file)
    found = parse_config(file.getvalue().decode())
    assert found == {'remote "storage"': {"url": value, "port": "1"}}


def test_lists_and_what_stands_in_no_section_are_left_out() -> None:
    assert parse_config('x = 1\n[cache]\n  type = reflink,copy\n  a = "b", "c"\n') == {"cache": {}}


@pytest.mark.parametrize(
    "text",
    [
        "[a",
        "[a] b",
        "[[a]]",
        "[]",
        "['a' b]",
        "['a",
        "a",
        "= 1",
        'a = "b',
        "a = 1\nA = 2",
        "[a]\n[A]",
        "a = \0",
        "a = \x1b[2J",
    ],
)
def test_what_is_no_configuration_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"line [23] "):
        parse_config(f"# first\n{text}\n")


@pytest.mark.parametrize("item", ['"" , ', '"",', "a ,  ", "'' ,"])
def test_a_line_that_keeps_patterns_busy_is_read_at_once(item: str) -> None:
    parse_config(f'[core]\nremote = {item * 50_000}"x" y\n')
