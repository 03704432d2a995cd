from __future__ import annotations

import pytest

from gitreg.domain.query.automaton import make_glob
from gitreg.domain.query.regex import PatternError, make_regex


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("species", "many SPECIES", True),
        ("^iris$", "iris", True),
        ("^iris$", "iris-2", False),
        (r"v\d+\.\d{2,3}", "V1.55", True),
        ("[^a-c]", "ABC", False),
        ("a|^$", "", True),
        ("$^", "", True),
        ("$^", "a", False),
        ("x{2}", "x", False),
        ("(?:ab)+?c", "ababc", True),
        ("[a-]", "-", True),
        (r"[\]\d]", "]", True),
        (r"\n", "a\nb", True),
        ("a.b", "a\nb", False),
        ("STRASSE|ß", "ß", True),
    ],
)
def test_what_fits(pattern: str, text: str, *, expected: bool) -> None:
    assert make_regex(pattern).is_in(text) is expected


@pytest.mark.parametrize(
    ("pattern", "at"),
    [
        (r"(a)\1", 3),
        ("a(?=b)", 1),
        ("a**", 2),
        ("*", 0),
        ("^*", 1),
        ("a)", 1),
        ("a(b", 1),
        ("a[b", 1),
        ("[]", 0),
        ("[b-a]", 1),
        ("a{", 1),
        ("a{3,2}", 1),
        ("a{101}", 1),
        ("a\\", 2),
        (r"a\b", 1),
        ("(" * 21 + ")" * 21, 20),
    ],
)
def test_what_is_refused_and_where(pattern: str, at: int) -> None:
    with pytest.raises(PatternError) as caught:
        make_regex(pattern)
    assert caught.value.at == at


@pytest.mark.parametrize(
    "pattern",
    ["(a*)*b", "(a|a)*b", "(a+a+)+b", ".*.*.*.*.*.*.*.*b", "(a?){99}a{99}b", "((a*)*)*$b"],
)
def test_patterns_that_hang_others_do_not_hang(pattern: str) -> None:
    assert not make_regex(pattern).is_in("a" * 20_000)


@pytest.mark.parametrize("pattern", ["((a{99}){99}){99}", "((((){99}){99}){99}){99}{9}"])
def test_patterns_that_would_be_huge_are_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        make_regex(pattern)


def test_repeating_nothing_takes_no_time() -> None:
    assert make_regex("((((){99}){99}){99}){99}").is_in("")


def test_what_was_forgotten_is_found_anew() -> None:
    letters = "".join(map(chr, range(0x4E00, 0x4E00 + 20_500)))
    assert make_regex("^.*ab$").is_in(f"{letters}aab")
    assert not make_regex("^.*ab$").is_in(f"{letters}aac")


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("iris*", "Iris-small", True),
        ("iris", "iris-small", False),
        ("i?is", "iris", True),
        ("*.skops", "a.b.skops", True),
        ("*.skops", "askops", False),
        ("*" * 400 + "b", "a" * 5000, False),
    ],
)
def test_a_glob_fits_a_whole_text(pattern: str, text: str, *, expected: bool) -> None:
    assert make_glob(pattern).is_in(text) is expected
