from __future__ import annotations

import itertools

import pytest

from gitreg.domain.version import Part, Version
from gitreg.errors import UsageError

# The order of SemVer 2.0.0, section 11, and its neighbours.
ASCENDING = [
    "0.0.1",
    "0.1.0",
    "1.0.0-0",
    "1.0.0-2",
    "1.0.0-10",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.2.0",
    "1.10.0",
    "2.0.0",
]


def test_versions_are_ordered_as_semver_orders_them() -> None:
    versions = [Version.parse(text) for text in ASCENDING]
    for one, other in itertools.combinations(versions, 2):
        assert one < other
        assert other > one
        assert one != other


@pytest.mark.parametrize("text", [*ASCENDING, "1.0.0---", "1.0.0-0a.-", "999999999.0.0"])
def test_a_version_is_written_as_it_was_read(text: str) -> None:
    assert str(Version.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "1.2", "v1.2.0", "1.2.0.0", "01.2.0", "1.02.0", "1.2.0-", "1.2.0-01"),
        *("1.2.0-a..b", "1.2.0+build", "1.2.0-RC.1", " 1.2.0", "1.2.0\n", "-1.2.0", "1.2.x"),
        *("1.2.0-a_b", "1.2.0-é", "1.2.٣", "1000000000.0.0", "1.2.0-" + "a" * 59, "--help"),
    ],
)
def test_what_is_no_version_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Version.parse(text)
    assert "1.2.0" in str(caught.value.next_step)


@pytest.mark.parametrize(
    ("before", "major", "minor", "patch"),
    [("1.2.3", "2.0.0", "1.3.0", "1.2.4"), ("1.2.3-rc.1", "2.0.0", "1.3.0", "1.2.3")],
)
def test_a_bump_is_a_release_above(before: str, major: str, minor: str, patch: str) -> None:
    version = Version.parse(before)
    assert str(version.bump("major")) == major
    assert str(version.bump("minor")) == minor
    assert str(version.bump("patch")) == patch


@pytest.mark.parametrize("part", ["major", "minor", "patch"])
def test_where_numbers_end_a_bump_says_what_to_do(part: Part) -> None:
    last = Version.parse("999999999.999999999.999999999")
    with pytest.raises(UsageError, match=f"no {part} version follows 999999999.") as caught:
        last.bump(part)
    assert "--version" in str(caught.value.next_step)
    assert str(Version.parse(f"{last}-rc.1").bump("patch")) == str(last)


def test_a_pre_release_is_no_release() -> None:
    assert Version.parse("1.0.0").is_release
    assert not Version.parse("1.0.0-rc.1").is_release
