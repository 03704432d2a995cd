from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable

import pytest

from gitreg.domain.names import (
    is_folder,
    is_model_pattern,
    is_path,
    is_text,
    parse_model,
    parse_person,
    parse_stage,
    parse_text,
)
from gitreg.errors import UsageError

HOSTILE = [
    *("", "--help", "-x", "$(id)", "${{x}}", "HEAD", "refs/tags/x", "a b", "a\nb", "a\n", "\na"),
    *("..", "a..", ".lock", "a.lock/", "a/", "/a", "Iris", "a\u202eb", "\uff41", "é", "a" * 300),
    *("a@b", "a#b", "a~1", "a^b", "a:b", "a?b", "a*b", "a[b", "a\\b", "a\0b", "a\x7fb", "٣"),
]


@pytest.mark.parametrize("parse", [parse_model, parse_stage, parse_person])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_refused_with_what_to_write(
    parse: Callable[[str], str], text: str
) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.next_step


@pytest.mark.parametrize("name", ["iris", "fraud/scorer", "a/b/c-d_e", "9", "a" * 100, "refsx"])
def test_a_model_has_words_with_slashes_between_teams(name: str) -> None:
    assert parse_model(name) == name


@pytest.mark.parametrize(
    "name", ["refs", "gitreg", "gitreg/x", "a//b", "a/-b", "a-/b", "a.b", "a" * 101]
)
def test_a_model_has_no_reserved_or_broken_words(name: str) -> None:
    with pytest.raises(UsageError):
        parse_model(name)


@pytest.mark.parametrize("name", ["production", "p", "eu-west_2", "a" * 40])
def test_a_stage_begins_with_a_letter(name: str) -> None:
    assert parse_stage(name) == name


@pytest.mark.parametrize("name", ["1st", "a/b", "a.b", "a-", "a" * 41])
def test_a_stage_has_one_word(name: str) -> None:
    with pytest.raises(UsageError):
        parse_stage(name)


@pytest.mark.parametrize("name", ["alice", "a.b-c_d", "007", "a" * 64])
def test_a_person_may_have_dots(name: str) -> None:
    assert parse_person(name) == name


@pytest.mark.parametrize("name", ["a/b", "a.", "a" * 65])
def test_a_person_has_one_short_word(name: str) -> None:
    with pytest.raises(UsageError):
        parse_person(name)


@pytest.mark.parametrize("pattern", ["*", "iris", "fraud/*", "fraud-*", "iris*", "a/b_*"])
def test_a_model_pattern_is_a_name_or_a_beginning_of_some(pattern: str) -> None:
    assert is_model_pattern(pattern)


@pytest.mark.parametrize("pattern", ["", "**", "*a", "a*b", "/*", "-*", "Iris*", "refs/*"])
def test_what_no_model_begins_with_is_no_pattern(pattern: str) -> None:
    assert not is_model_pattern(pattern)


@pytest.mark.parametrize("text", ["a", "Größe 3 → 5", "日本語", "a: b", "x" * 1000, "a\u00a0b"])
def test_one_printable_line_is_text(text: str) -> None:
    assert is_text(text)
    assert parse_text(text, field="the reason") == text


@pytest.mark.parametrize(
    "text",
    [
        *("", " a", "a ", "a\nb", "a\tb", "a\x00b", "a\x1b[31mb", "a\x7fb", "a\x85b", "a\u2028b"),
        *("a\u202eb", "a\u200bb", "a\u2066b", "a\ud800b", "a\ue000b", "a\U000e0041b", "\u00a0a"),
        *("a\ufeffb", "a\U0010ffffb", "x" * 1001),
    ],
)
def test_what_could_deceive_or_break_a_line_is_no_text(text: str) -> None:
    assert not is_text(text)
    with pytest.raises(UsageError, match="the reason must be one printable line"):
        parse_text(text, field="the reason")


def test_no_control_format_or_private_character_is_text() -> None:
    letters = map(chr, range(sys.maxunicode + 1))
    unsafe = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert not [
        letter
        for letter in letters
        if unicodedata.category(letter) in unsafe and is_text(f"a{letter}b")
    ]


@pytest.mark.parametrize("letter", ["\U0001fae8", "\U0001fae9", "\U00010d50"])
def test_a_letter_newer_than_this_python_is_text(letter: str) -> None:
    assert is_text(letter)  # else two readers would judge one record differently


@pytest.mark.parametrize("path", ["a", "a/b.txt", "models/iris", ".gitignore", "a b/c", "日本/語"])
def test_a_plain_relative_path_is_a_path(path: str) -> None:
    assert is_path(path)
    assert is_folder(path)


@pytest.mark.parametrize(
    "path",
    [
        *("", "/a", "a/", "a//b", "..", "../x", "a/../b", "a/.", "./a", "a\\b", "a\nb", " a"),
        *(".git", ".GIT/hooks/post-checkout", "a/.git/config", "a\x00b", "x" * 1001),
    ],
)
def test_what_leaves_its_folder_or_enters_gits_is_no_path(path: str) -> None:
    assert not is_path(path)
    assert not is_folder(path)


def test_the_repository_itself_is_a_folder() -> None:
    assert is_folder(".")
    assert not is_path(".")
