from __future__ import annotations

import pytest

from gitreg.domain.reference import Caret, Reference
from gitreg.domain.version import Version
from gitreg.errors import UsageError


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("iris", Reference(model="iris")),
        ("iris@1.2.0", Reference(model="iris", version=Version(1, 2, 0))),
        ("iris@2.0.0-rc.1", Reference(model="iris", version=Version(2, 0, 0, ("rc", 1)))),
        ("iris@^1", Reference(model="iris", within=Caret(1))),
        ("iris@^1.2", Reference(model="iris", within=Caret(1, 2))),
        ("fraud/scorer@^0.0.3", Reference(model="fraud/scorer", within=Caret(0, 0, 3))),
        ("iris@production", Reference(model="iris", stage="production")),
        ("iris@production~1", Reference(model="iris", stage="production", back=1)),
        ("iris@v1", Reference(model="iris", stage="v1")),
    ],
)
def test_a_reference_names_a_version_a_range_or_a_stage(text: str, reference: Reference) -> None:
    assert Reference.parse(text) == reference
    assert str(reference) == text


def test_a_tags_name_is_a_reference_too() -> None:
    assert Reference.parse("iris@v1.2.0") == Reference.parse("iris@1.2.0")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "@1.2.0",
            "Iris",
            "iris@",
            "iris@^",
            "iris@^1.2.3.4",
            "iris@^01",
            "iris@^x",
            "iris@v1.",
        ),
        *("iris@1.2", "iris@v1.2", "iris@production~0", "iris@production~", "iris@production~x"),
        *(
            "iris@~1",
            "iris@Production",
            "iris@latest!",
            "iris@1.2.0@2",
            "iris@--help",
            "iris @1.0.0",
        ),
    ],
)
def test_what_is_no_reference_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Reference.parse(text)
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("caret", "inside", "outside"),
    [
        (Caret(1), ["1.0.0", "1.9.9"], ["0.9.9", "2.0.0", "1.5.0-rc.1"]),
        (Caret(1, 2), ["1.2.0", "1.3.0"], ["1.1.9", "2.0.0"]),
        (Caret(1, 2, 3), ["1.2.3", "1.9.0"], ["1.2.2", "2.0.0"]),
        (Caret(0), ["0.0.0", "0.9.0"], ["1.0.0"]),
        (Caret(0, 2), ["0.2.0", "0.2.9"], ["0.1.9", "0.3.0"]),
        (Caret(0, 2, 3), ["0.2.3", "0.2.9"], ["0.2.2", "0.3.0"]),
        (Caret(0, 0), ["0.0.0", "0.0.9"], ["0.1.0"]),
        (Caret(0, 0, 3), ["0.0.3"], ["0.0.2", "0.0.4"]),
    ],
)
def test_a_caret_admits_releases_up_to_the_next_breaking_one(
    caret: Caret, inside: list[str], outside: list[str]
) -> None:
    assert all(caret.admits(Version.parse(text)) for text in inside)
    assert not any(caret.admits(Version.parse(text)) for text in outside)
