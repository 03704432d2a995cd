from __future__ import annotations

import pytest

from gitreg.domain.tag import StageTag, VersionTag, owner_of, parse_tag


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("iris@v1.2.0", VersionTag("iris", "1.2.0")),
        ("fraud/scorer@v2.0.0-rc.1", VersionTag("fraud/scorer", "2.0.0-rc.1")),
        ("iris#production#3", StageTag("iris", "production", 3)),
        ("iris#production!#4", StageTag("iris", "production", 4, vacates=True)),
    ],
)
def test_a_tag_is_read_as_gto_reads_it(text: str, tag: VersionTag | StageTag) -> None:
    assert parse_tag(text) == tag
    assert str(tag) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "iris",
            "v1.2.0",
            "iris@1.2.0",
            "iris@v1.2",
            "iris@v1.2.0+x",
            "Iris@v1.2.0",
            "@v1.0.0",
        ),
        *("iris#production", "iris#production#", "iris#production#0", "iris#production#01"),
        *("iris#production#1#2", "iris##1", "iris#!#1", "iris#production!!#1", "#production#1"),
        *("iris#Production#1", "iris#production#x", "iris#production#1\n", "iris!#production#1"),
    ],
)
def test_another_tag_is_left_alone(text: str) -> None:
    assert parse_tag(text) is None


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("iris@v1.2.0", "iris"),
        ("iris#anything", "iris"),
        ("fraud/scorer#production#3#x", "fraud/scorer"),
        ("iris@1.0.0#a", "iris"),
        ("v1.0.0", None),
        ("iris", None),
        ("@v1.0.0", None),
        ("Iris@v1.0.0", None),
    ],
)
def test_a_registry_shaped_tag_belongs_to_a_model(text: str, model: str | None) -> None:
    assert owner_of(text) == model
