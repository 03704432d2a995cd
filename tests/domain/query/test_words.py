from __future__ import annotations

from gitreg.domain.query.words import mark_phrase, mark_words, split_words, write_texts


def test_words_are_runs_of_letters_and_digits_without_case_and_accents() -> None:
    assert split_words("Müller's IRIS_v2, 3.5 日本") == [
        "muller",
        "s",
        "iris",
        "v2",
        "3",
        "5",
        "日本",
    ]


def count(texts: list[str], *phrase: str, prefix: bool = False) -> int:
    marked = mark_words(write_texts([split_words(text) for text in texts]))
    return marked.count(mark_phrase(phrase, prefix=prefix))


def test_a_phrase_is_words_next_to_each_other() -> None:
    assert count(["a flower of a flower"], "a", "flower") == 2
    assert count(["a flower", "a flow"], "a", "flow") == 1
    assert count(["a flower", "a flow"], "a", "flow", prefix=True) == 2


def test_a_phrase_does_not_reach_from_one_text_into_the_next() -> None:
    assert count(["iris", "a flower"], "iris", "a") == 0
    assert count(["iris", "", "a flower"], "iris", "a") == 0


def test_occurrences_do_not_overlap() -> None:
    assert count(["a a a"], "a", "a") == 1
    assert count(["a a a a"], "a", "a") == 2
