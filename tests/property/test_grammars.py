"""The laws of the grammars: what is written is read back as it was, and nothing else is."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from gitreg.domain import canonical
from gitreg.domain.manifest import Manifest
from gitreg.domain.names import MODEL, PERSON, STAGE, is_path, is_text
from gitreg.domain.record import Record, Tagger, parse_record
from gitreg.domain.reference import Caret, Reference
from gitreg.domain.tag import StageTag, VersionTag, owner_of, parse_tag
from gitreg.domain.version import Version
from gitreg.errors import UsageError
from tests.property import strategies as words

ANY_TEXT = st.text(max_size=30) | st.text("iris@v1.2.0-rc#production!3~^/", max_size=30)


@given(words.versions)
def test_a_version_is_read_as_written(version: Version) -> None:
    assert Version.parse(str(version)) == version


@given(st.lists(words.versions, max_size=6))
def test_versions_have_one_order(versions: list[Version]) -> None:
    for low, high in pairwise(sorted(versions)):
        assert low == high or (low < high and not high < low)


@given(words.versions, st.sampled_from(["major", "minor", "patch"]))
def test_a_bump_is_a_release_above(version: Version, part: str) -> None:
    bumped = version.bump(part)  # type: ignore[arg-type]
    assert bumped.is_release
    assert bumped > version


@given(words.tags)
def test_a_tag_is_read_as_written(tag: VersionTag | StageTag) -> None:
    assert parse_tag(str(tag)) == tag
    assert owner_of(str(tag)) == tag.model


@given(words.references)
def test_a_reference_is_read_as_written(reference: Reference) -> None:
    assert Reference.parse(str(reference)) == reference


@given(words.carets, words.versions)
def test_a_caret_admits_what_lies_between_its_ends(caret: Caret, version: Version) -> None:
    low = Version(caret.major, caret.minor or 0, caret.patch or 0)
    assert caret.admits(low)
    if caret.admits(version):
        assert version.is_release
        assert version >= low
        assert version.major == caret.major


@given(words.taggers)
def test_a_tagger_is_read_as_written(tagger: Tagger) -> None:
    assert Tagger.parse(str(tagger)) == tagger


@given(words.records())
@settings(max_examples=200)
def test_a_record_is_read_as_written(record: Record) -> None:
    assert parse_record(record.to_bytes()) == record


@given(words.manifests)
@settings(max_examples=50)
def test_a_manifest_is_read_as_written(manifest: Manifest) -> None:
    assert Manifest.parse(manifest.to_bytes()) == manifest
    assert Manifest.of(reversed(manifest.files)) == manifest


@given(words.json_values)
def test_a_value_is_read_as_written(value: object) -> None:
    text = canonical.dumps(value)
    assert canonical.loads(text) == value
    assert canonical.dumps(canonical.loads(text)) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=300)
def test_every_double_has_one_text(value: float) -> None:
    text = canonical.dumps(value)
    assert float(text) == value
    assert canonical.loads(text) == value


@given(ANY_TEXT)
@settings(max_examples=300)
def test_any_other_text_is_refused_and_never_taken_for_something_else(text: str) -> None:
    tag = parse_tag(text)
    assert tag is None or str(tag) == text
    for parse in (Version.parse, Reference.parse):
        try:
            parsed = parse(text)
        except UsageError:
            continue
        assert str(parsed) == text.replace("@v", "@", 1) or str(parsed) == text


@given(ANY_TEXT | st.text("abcAB/.-_@#\n é", max_size=9))
@settings(max_examples=300)
def test_names_are_plain(text: str) -> None:
    for grammar in (MODEL, STAGE, PERSON):
        if grammar.fullmatch(text):
            assert text.isascii()
            assert text == text.lower()
            assert not set(text) & set(" \n@#~^:?*[\\'\"$()`;&|<>")
            assert not text.startswith(("-", ".", "/"))
            assert not text.endswith(("-", ".", "/"))
    if is_path(text):
        assert is_text(text)
        assert not text.startswith("/")
        assert ".." not in text.split("/")
