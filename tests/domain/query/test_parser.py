from __future__ import annotations

import pytest

from gitreg.domain.query.parser import parse
from gitreg.domain.query.tree import (
    And,
    Comparison,
    Membership,
    Not,
    Or,
    Order,
    Query,
    Words,
)
from gitreg.errors import UsageError

IRIS = Comparison("name", "=", "iris")


def where(text: str) -> object:
    return parse(text).where


def mistake(text: str) -> tuple[str, str]:
    """What is said of a mistake, and the part of the text that the carets stand below."""
    with pytest.raises(UsageError) as caught:
        parse(text)
    line, carets = caught.value.shown
    start = carets.index("^")
    return f"{caught.value.what}; {caught.value.next_step}", line[start : len(carets)]


def test_the_expression_of_the_documents() -> None:
    query = parse(
        "task:tabular-classification and metrics.accuracy >= 0.95 and (tag.domain:botany or "
        "name~iris) and stage:production order by metrics.f1_macro desc limit 20"
    )
    assert query == Query(
        where=And(
            (
                Comparison("task", "=", "tabular-classification"),
                Comparison("metrics.accuracy", ">=", "0.95"),
                Or((Comparison("tag.domain", "=", "botany"), Comparison("name", "~", "iris"))),
                Comparison("stage", "=", "production"),
            )
        ),
        order=(Order("metrics.f1_macro", descending=True),),
        limit=20,
    )


@pytest.mark.parametrize("text", ["", "  \n"])
def test_nothing_asks_for_everything(text: str) -> None:
    assert parse(text) == Query()


def test_words_stand_for_texts_that_have_all_of_them() -> None:
    assert where("flower Species") == And((Words("flower"), Words("Species")))
    assert where("flow* 'tall grass'") == And((Words("flow", prefix=True), Words("tall grass")))


def test_and_binds_stronger_than_or_and_not_stronger_than_both() -> None:
    assert where("a b or not c AND d") == Or(
        (And((Words("a"), Words("b"))), And((Not(Words("c")), Words("d"))))
    )
    assert where("a (b or c)") == And((Words("a"), Or((Words("b"), Words("c")))))


@pytest.mark.parametrize("text", ["name:iris", "name=iris", "name == iris", "Model : 'iris'"])
def test_equality_is_written_in_many_ways(text: str) -> None:
    assert where(text) == IRIS


def test_one_of_several_values() -> None:
    one = Membership("name", ("iris", "a, b"))
    assert where("name in (iris, 'a, b')") == one
    assert where("name NOT IN (iris, 'a, b')") == Not(one)
    assert where("species in pictures") == And((Words("species"), Words("in"), Words("pictures")))


def test_a_value_has_signs_that_a_word_has_not() -> None:
    assert where("registered:2026-03-01T12:00") == Comparison("registered", "=", "2026-03-01T12:00")
    assert where("parent:https://e.org/a=b") == Comparison("parent", "=", "https://e.org/a=b")
    assert where(r"name ~ /a\/b c/") == Comparison("name", "~", r"a\/b c", regex=True)
    assert where('tag."a key" != "say \\"x\\""') == Comparison("tag.a key", "!=", 'say "x"')


def test_words_that_say_how_are_words_to_look_for_elsewhere() -> None:
    assert where("order of size") == And((Words("order"), Words("of"), Words("size")))
    assert where("limit x") == And((Words("limit"), Words("x")))
    assert where("(limit 5)") == And((Words("limit"), Words("5")))
    assert parse("offset 5 order by name, size desc limit 0") == Query(
        order=(Order("name"), Order("size", descending=True)), limit=0, offset=5
    )


@pytest.mark.parametrize(
    ("text", "what", "place"),
    [
        ("metrcs.f1 > 1 a", "no field metrcs.f1; did you mean metrics.f1?", "metrcs.f1"),
        ("a framwork.name:x", "did you mean framework.name?", "framwork.name"),
        ("tg.x:1", "did you mean tag.x?", "tg.x"),
        ("metrics > 1", "name one of them, such as metrics.NAME", "metrics"),
        ("zzz: a", "put quotes around words to look for; the fields are registry,", "zzz"),
        ("order by nme", "did you mean name?", "nme"),
        ("nme in (a)", "did you mean name?", "nme"),
        ("metrics.f1 > high", "'high' is not a number", "high"),
        ("metrics.f1 ~ 1", "compare it with = != < <= > >=", "1"),
        ("metrics.f1 = 1e99999", "is not a number", "1e99999"),
        ("size < 5ib", "'5ib' is not a number of bytes, such as 5000 or 10MiB", "5ib"),
        ("version >= new", "'new' is not a version", "new"),
        ("registered > 2026-02-30", "is not a date", "2026-02-30"),
        ("yanked:maybe", "the field is true or false", "maybe"),
        ("yanked > true", "compared with = and != alone", "true"),
        ("version in (1.0.0, x)", "'x' is not a version", "x"),
        ("name ~ /a(b/", "this ( is not closed", "("),
        (r"name ~ /(a)\1/", r"\1 is not understood here", "\\"),
        ("name ~ /a", "the regular expression is not closed", "/a"),
        ("name ~ /a/i", "the regular expression is not closed", "/a/i"),
        ("name ~ ''", "nothing stands after ~", "''"),
        ("(a or b", "this ( is not closed", "("),
        ("a b ) c", "nothing may stand here", ")"),
        ("a or or b", 'to look for "or", put quotes around it', "or"),
        ("name in (a b)", "a comma or the )", "b"),
        ("flower, grass", "no field stands before ,", ","),
        ("fl*er", "a * may only end a word", "fl*er"),
        ("a '!?'", "no letter or digit", "'!?'"),
        ('a "b', 'this " is not closed', '"'),
        ('"name" = x', "the name of a field", '"name"'),
        ("limit 5 a", "nothing may stand here", "a"),
        ("limit 5 limit 6", "limit is said twice", "limit"),
        ("order by name order by name", "order is said twice", "order"),
        ("name =~ x", "no value begins with ~", "~"),
        ("name = 'a'*", "no letter or digit", "*"),
        ("a and ~ b", "no field stands before ~", "~"),
    ],
)
def test_a_mistake_is_pointed_at(text: str, what: str, place: str) -> None:
    said, pointed = mistake(text)
    assert what in said
    assert pointed == place


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("name = ", "at its end: there is no value"),
        ("a and", "at its end: something to look for is missing"),
        ("order by", "at its end: here must be the name of a field"),
        ("(" * 50, "nested more than 40 deep"),
        ("not " * 50 + "a", "nested more than 40 deep"),
        ("a " * 201, "more than 200 parts"),
        (f"name in ({','.join('a' * 250)})", "more than 200 parts"),
        (f"name ~ {'*a' * 300}", "at most 500 characters"),
        (f"name ~ /{'(a{99}){99}'}/", "the pattern is too large"),
    ],
)
def test_what_is_missing_or_too_much_is_said(text: str, what: str) -> None:
    assert what in mistake(text)[0]


def test_a_query_has_a_longest_length() -> None:
    with pytest.raises(UsageError, match="4001 characters, 4000 are allowed"):
        parse("a" * 4001)


def test_the_place_is_found_in_a_long_query_and_below_wide_letters() -> None:
    with pytest.raises(UsageError) as caught:
        parse(f"{'word ' * 100}nme:x {'word ' * 50}")
    line, carets = caught.value.shown
    assert line[carets.index("^") : len(carets)] == "nme"
    assert line.startswith("…")
    assert line.endswith("…")
    with pytest.raises(UsageError) as caught:
        parse("日本 '\u202ea' nme:x")
    assert caught.value.shown == ("日本 '\\u202ea' nme:x", " " * 15 + "^^^")
