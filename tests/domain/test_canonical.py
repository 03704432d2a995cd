from __future__ import annotations

import math
from typing import Any

import pytest

from gitreg.domain.canonical import dumps, git_object_id, loads, read_json, sha256


def nest(levels: int) -> Any:
    value: Any = 0
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


# RFC 8785, appendix B, and the places where the standard library writes otherwise.
NUMBERS = [
    (0.0, "0"),
    (-0.0, "0"),
    (5e-324, "5e-324"),
    (-5e-324, "-5e-324"),
    (1.7976931348623157e308, "1.7976931348623157e+308"),
    (9007199254740992.0, "9007199254740992"),
    (295147905179352830000.0, "295147905179352830000"),
    (9.999999999999997e22, "9.999999999999997e+22"),
    (1e23, "1e+23"),
    (1e21, "1e+21"),
    (1e20, "100000000000000000000"),
    (999999999999999700000.0, "999999999999999700000"),
    (9.999999999999997e-7, "9.999999999999997e-7"),
    (1e-6, "0.000001"),
    (1e-7, "1e-7"),
    (333333333.3333332, "333333333.3333332"),
    (1.0, "1"),
    (-1.5, "-1.5"),
    (0.1, "0.1"),
    (100, "100"),
    (2**53, "9007199254740992"),
]


@pytest.mark.parametrize(("value", "text"), NUMBERS)
def test_a_number_is_written_as_ecmascript_writes_it(value: float, text: str) -> None:
    assert dumps(value) == text.encode()
    assert loads(text.encode()) == value


def test_a_value_is_written_without_spaces_in_the_order_of_its_keys() -> None:
    value = {"b": [True, False, None, (1, 'é\n\x1f\x7f"\\')], "a": {}}
    assert dumps(value) == '{"a":{},"b":[true,false,null,[1,"é\\n\\u001f\x7f\\"\\\\"]]}'.encode()


def test_keys_are_ordered_by_utf_16() -> None:
    text = '{"\U0001f600":1,"\ufb33":2}'  # by code points, it would be the other way round
    assert dumps({"\ufb33": 2, "\U0001f600": 1}) == text.encode()
    assert loads(text.encode()) == {"\ufb33": 2, "\U0001f600": 1}
    with pytest.raises(ValueError, match="canonical form"):
        loads('{"\ufb33":2,"\U0001f600":1}'.encode())


@pytest.mark.parametrize(
    "text",
    [
        *(' {"a":1}', '{"a":1}\n', '{"a": 1}', '{"b":1,"a":2}', '{"a":1,"a":1}', '"\\u0041"'),
        *("1.0", "1e2", "-0", "-0.0", "0.10", "1E5", "1e-07", "1e21", "0.0000001", '"\\/"'),
        *("NaN", "Infinity", "-Infinity", "1e999", "9007199254740993", "1" * 30, "1" * 5000),
        *('"\\ud800"', "", "{", "01", "nul", '"a', "[1,]", "\ufeff1", "\u00a01", '"\x01"'),
    ],
)
def test_another_text_of_a_value_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        loads(text.encode())


def test_what_is_not_utf_8_is_refused() -> None:
    for read in (loads, read_json):
        with pytest.raises(ValueError, match="utf-8"):
            read(b'"\xff"')


@pytest.mark.parametrize(
    "value",
    [
        *(math.nan, math.inf, -math.inf, 2**53 + 1, -(2**53) - 1, 10**5000),
        *({1, 2}, b"a", object(), {1: 2}, {None: 1}, {"a": 1, 2: 3}, "\ud800", {"\ud800": 1}),
        *([[{1: 2}]], nest(65), nest(3000)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_does_not_have_is_not_written(value: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        dumps(value)


def test_nesting_is_bounded_whoever_calls() -> None:
    assert loads(dumps(nest(64))) == nest(64)
    with pytest.raises(ValueError, match="nested"):
        read_json(b'[{"a":' * 33 + b"0" + b"}]" * 33)
    for levels in (65, 600, 100_000):
        for read in (loads, read_json):
            with pytest.raises(ValueError, match="nested"):
                read(b"[" * levels + b"]" * levels)


def test_many_siblings_are_no_nesting() -> None:
    value = [{"a": [index]} for index in range(100)]
    assert loads(dumps(value)) == value


def test_any_json_is_read_where_its_bytes_need_not_be_canonical() -> None:
    value = read_json(b' {"b" : 1.50, "a": [1e2, 9007199254740993, -0]} ')
    assert value == {"b": 1.5, "a": [100.0, 2**53 + 1, 0]}
    assert read_json(b"9" * 400) == 10**400 - 1


@pytest.mark.parametrize(
    "text",
    ['{"a":1,"a":2}', "NaN", "-Infinity", "[1e999]", "1" * 401, "9" * 5000, "", "{]", "\ufeff1"],
)
def test_ambiguous_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_json(text.encode())


def test_digests_are_those_of_sha256sum_and_git() -> None:
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert git_object_id("blob", b"", like="0" * 40) == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert (
        git_object_id("blob", b"", like="0" * 64)
        == "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"
    )
