from __future__ import annotations

import unicodedata

import pytest

from gitreg.domain.canonical import sha256
from gitreg.domain.manifest import Manifest, ManifestFile, check_paths

SHA, MD5 = "0a" * 32, "0b" * 16
COMPOSED = unicodedata.normalize("NFC", "é")
DECOMPOSED = unicodedata.normalize("NFD", "é")


def manifest(*paths: str) -> Manifest:
    return Manifest.of(ManifestFile(SHA, MD5, 5, path) for path in paths)


def test_files_are_listed_in_the_order_of_their_paths() -> None:
    listed = manifest("b", "a/c", "a b")
    assert listed.to_bytes().decode() == (
        f"{SHA} {MD5} 5 a b\n{SHA} {MD5} 5 a/c\n{SHA} {MD5} 5 b\n"
    )
    assert Manifest.parse(listed.to_bytes()) == listed
    assert listed.size == 15
    assert listed.digest() == sha256(listed.to_bytes())


LINE = f"{SHA} {MD5} 5 a\n"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "line 1"),
        ("\n", "line 1"),
        (LINE + "\n", "line 2"),
        (LINE.rstrip("\n"), "line break"),
        (LINE + LINE, "one name"),
        (LINE.replace(" a", " b") + LINE, "sorted"),
        (LINE.replace(" 5 ", " 05 "), "line 1"),
        (LINE.replace(" 5 ", " -5 "), "line 1"),
        (LINE.replace(" 5 ", f" {10**18} "), "line 1"),
        (LINE.replace("0a", "0A", 1), "line 1"),
        (LINE.replace(MD5, MD5 + ".dir"), "line 1"),
        (LINE.replace(" a\n", " \n"), "line 1"),
        (LINE.replace(" a\n", "  a\n"), "plain relative path"),
        (LINE.replace("\n", "\r\n"), "plain relative path"),
        (LINE.replace(" a\n", " ../x\n"), "plain relative path"),
        (LINE.replace(" a\n", " .git/hooks/post-checkout\n"), "plain relative path"),
    ],
)
def test_another_list_is_refused(text: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        Manifest.parse(text.encode())


def test_what_is_not_utf_8_is_refused() -> None:
    with pytest.raises(ValueError, match="utf-8"):
        Manifest.parse(LINE.encode().replace(b" a", b" \xff"))


def test_a_folder_has_a_file() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Manifest.of([])


@pytest.mark.parametrize(
    ("paths", "what"),
    [
        (["a", "a"], "one name"),
        (["A", "a"], "one name"),
        (["STRASSE", "straße"], "one name"),
        ([COMPOSED, DECOMPOSED], "one name"),
        (["a", "a/b"], "within"),
        (["a/b/c", "A"], "within"),
        (["a/b/c", "a/B"], "within"),
        (["a/b", "A/c"], "folders"),
        (["x/a/b/1", "x/A/c/2"], "folders"),
        (["/etc/passwd"], "plain relative path"),
        (["a/../../b"], "plain relative path"),
    ],
)
def test_paths_that_could_meet_are_refused(paths: list[str], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        check_paths(paths)
    with pytest.raises(ValueError, match=what):
        manifest(*paths)


@pytest.mark.parametrize("paths", [["a/b", "a-/x", "A/c"], ["x/a/1", "x/a.b", "x/a/b/c", "x/A/2"]])
def test_folders_meet_whatever_else_lies_there(paths: list[str]) -> None:
    with pytest.raises(ValueError, match="folders"):
        check_paths(paths)


def test_letters_that_a_newer_unicode_brings_are_judged_alike_by_every_python() -> None:
    later = "\ua7cb"  # of Unicode 16; its small letter is another one
    check_paths([later, "\u0264"])
    check_paths(["\u10d5", "\u1c95"])  # Georgian, whose capitals came with Unicode 11


def test_the_folders_of_deep_paths_are_not_kept() -> None:
    """Two bytes a folder would become a path each, and the list's size squared."""
    import tracemalloc

    paths = [f"{number}" + "/a" * 495 for number in range(200)]
    tracemalloc.start()
    check_paths(paths)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10 * sum(map(len, paths))


def test_neighbours_may_lie_in_one_folder() -> None:
    check_paths(["a/b", "a/c", "a/d/e", "a/d/f", "ab", "a.b"])
