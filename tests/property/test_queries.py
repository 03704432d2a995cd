from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gitreg.domain.query import tree
from gitreg.domain.query.parser import parse
from gitreg.domain.query.regex import PatternError, make_regex
from gitreg.domain.query.words import split_words
from gitreg.errors import UsageError
from gitreg.index.search import search
from tests.documents_to_find import queries

_any_text = st.text(max_size=12) | st.text("ab\"'\\*/.!=~() ,:\n", max_size=8)
_words = st.builds(tree.Words, _any_text.filter(split_words), st.booleans())
_texts = st.builds(tree.Comparison, st.just("name"), st.sampled_from(["=", "!=", "<"]), _any_text)
_members = _any_text.filter(bool).map("tag.{}".format)
_memberships = st.builds(
    tree.Membership, _members, st.lists(_any_text, min_size=1, max_size=3).map(tuple)
)
_odd_leaves = _words | _texts | _memberships
_odd = st.recursive(
    _odd_leaves,
    lambda parts: (
        st.builds(tree.Not, parts)
        | st.builds(tree.And, st.lists(parts, min_size=2, max_size=3).map(tuple))
        | st.builds(tree.Or, st.lists(parts, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=5,
)
_PIECES = (
    *("name", "metrics.f1", "tag.", "version", "order by ", "limit ", "offset ", " in (", "not "),
    *(" and ", " or ", "(", ")", ",", ":", "=", "!=", "<=", "~", "!~", "/a+/", '"', "'", "\\", "*"),
    *("5", "1.2.0", "2026-01-01", "0.95", "iris", "\u202e", "日本", "\0", "/(((", "[", "{9}"),
)


@given(queries)
def test_a_query_is_read_as_it_is_written(query: tree.Query) -> None:
    assert parse(str(query)) == query


@given(_odd)
def test_any_text_is_quoted_so_that_it_is_read_again(where: tree.Expression) -> None:
    assert parse(str(tree.Query(where=where))) == tree.Query(where=where)


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join) | st.text(max_size=40))
@example("(" * 3000)
@example("not " * 900)
@example("name ~ /" + "(" * 400)
@example("name ~ /" + "((((){99}){99}){99}){99}/")
@example("name ~ /" + "(a{99}){99}/")
@example("metrics.a = " + "9" * 3000)
@example("limit " + "9" * 3000)
@example("tag.a ~ " + "*a" * 1500)
def test_whatever_is_typed_is_a_query_or_a_mistake_that_is_pointed_at(text: str) -> None:
    found = parse_or_mistake(text)
    if isinstance(found, tree.Query):
        assert parse(str(found)) == found
        search([], found).to_dict()
    else:
        assert found.next_step
        line, carets = found.shown
        assert carets.strip(" ").strip("^") == ""
        assert len(line) < 10 * 80


def parse_or_mistake(text: str) -> tree.Query | UsageError:
    try:
        return parse(text)
    except UsageError as error:
        return error


_atoms = st.sampled_from(
    ["a", "b", "A", ".", "[ab]", "[^a]", "[a-c]", r"\d", r"\W", "^", "$", "()"]
)
_regexes = st.recursive(
    _atoms,
    lambda parts: (
        st.builds("{}{}".format, parts, parts)
        | st.builds("{}|{}".format, parts, parts)
        | st.builds(
            "({}){}".format, parts, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{2,}", "*?"])
        )
        | st.builds("(?:{})".format, parts)
    ),
    max_leaves=6,
)


@given(_regexes, st.text("abcAC1 -", max_size=8))
def test_regular_expressions_fit_what_python_says(pattern: str, text: str) -> None:
    expected = re.search(pattern.replace("$", r"\Z"), text, re.IGNORECASE) is not None
    assert make_regex(pattern).is_in(text) is expected


@pytest.mark.filterwarnings("ignore:Possible (nested set|set difference):FutureWarning")
@given(st.text("ab(|)[]^$*+?{,}\\d1-.:", max_size=15))
def test_a_regular_expression_that_is_understood_is_one_of_pythons(pattern: str) -> None:
    with contextlib.suppress(PatternError):
        make_regex(pattern)
        re.compile(pattern)
