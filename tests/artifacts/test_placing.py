from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from gitreg.artifacts import placing
from gitreg.artifacts.placing import check_free, place, remove_leftovers
from gitreg.domain.canonical import sha256
from gitreg.errors import SetupError, UntrustedError
from tests.fixtures import write

DATA = b"weights\n"
DIGEST = sha256(DATA)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = write(tmp_path / "store" / DIGEST, DATA)
    path.chmod(0o444)
    return path


class TestChecking:
    @pytest.mark.parametrize(
        "path",
        ["../evil", "a/../../evil", "/etc/evil", "a//b", "./a", "a/.", "", "..", "a\\..\\b",
         ".git/hooks/pre-commit", "a/.GIT/config", "a\nb", "a\0b"],
    )  # fmt: skip
    def test_a_path_that_could_leave_the_output_is_untrusted(self, out: Path, path: str) -> None:
        with pytest.raises(UntrustedError, match="not a plain relative path"):
            check_free(out, {"good": DIGEST, path: DIGEST}, [])

    def test_an_output_that_is_not_there_yet_is_free(self, out: Path) -> None:
        check_free(out, {"a/b/c": DIGEST}, ["a"])
        assert not out.exists()

    def test_the_same_file_may_be_there_already(self, out: Path) -> None:
        write(out / "a/b", DATA)
        check_free(out, {"a/b": DIGEST}, ["a"])

    def test_another_file_is_in_the_way(self, out: Path) -> None:
        write(out / "a/b", b"other")
        with pytest.raises(SetupError, match="is there already, with other contents") as caught:
            check_free(out, {"a/b": DIGEST}, [])
        assert "pull into another folder" in str(caught.value.next_step)

    def test_a_folder_in_the_place_of_a_file_is_in_the_way(self, out: Path) -> None:
        (out / "a").mkdir(parents=True)
        with pytest.raises(SetupError, match="is there already"):
            check_free(out, {"a": DIGEST}, [])

    @pytest.mark.parametrize("exists", [True, False])
    def test_a_link_in_the_place_of_a_file_is_in_the_way(
        self, out: Path, tmp_path: Path, *, exists: bool
    ) -> None:
        target = tmp_path / "target"
        if exists:
            write(target, DATA)
        out.mkdir()
        (out / "a").symlink_to(target)
        with pytest.raises(SetupError, match="is there already"):
            check_free(out, {"a": DIGEST}, [])

    @pytest.mark.parametrize("place", ["a", "a/b"])
    def test_a_link_on_the_way_is_in_the_way(self, out: Path, tmp_path: Path, place: str) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (out / place).parent.mkdir(parents=True)
        (out / place).symlink_to(elsewhere)
        with pytest.raises(SetupError, match="is in the way: it is not a folder"):
            check_free(out, {"a/b/c": DIGEST}, [])

    def test_a_file_on_the_way_is_in_the_way(self, out: Path) -> None:
        write(out / "a", DATA)
        with pytest.raises(SetupError, match="is in the way: it is not a folder"):
            check_free(out, {"a/b": DIGEST}, [])

    @pytest.mark.parametrize("stray", ["a/stray", "a/deep/stray", "a/.hidden"])
    def test_a_stray_file_in_a_folder_artifact_is_in_the_way(self, out: Path, stray: str) -> None:
        write(out / stray, b"")
        with pytest.raises(SetupError, match="is not part of this version"):
            check_free(out, {"a/b": DIGEST}, ["a"])

    def test_a_stray_link_in_a_folder_artifact_is_in_the_way(self, out: Path) -> None:
        (out / "a").mkdir(parents=True)
        (out / "a/stray").symlink_to("nowhere")
        with pytest.raises(SetupError, match="is not part of this version"):
            check_free(out, {"a/b": DIGEST}, ["a"])

    def test_a_stray_file_elsewhere_stays(self, out: Path) -> None:
        write(out / "notes.txt", b"")
        check_free(out, {"a/b": DIGEST}, ["a"])


class TestPlacing:
    def test_a_file_comes_with_its_folders(self, out: Path, source: Path) -> None:
        place(out, "a/b/c", source)
        assert (out / "a/b/c").read_bytes() == DATA
        assert names(out / "a/b") == ["c"]

    def test_a_file_that_is_there_is_left_alone(self, out: Path, source: Path) -> None:
        write(out / "a", b"mine")
        place(out, "a", source)
        assert (out / "a").read_bytes() == b"mine"

    def test_a_link_that_came_meanwhile_is_not_followed(
        self, out: Path, source: Path, tmp_path: Path
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        out.mkdir()
        (out / "a").symlink_to(elsewhere)
        with pytest.raises(SetupError, match="is in the way"):
            place(out, "a/b", source)
        assert names(elsewhere) == []

    def test_a_folder_that_cannot_be_made_is_told(self, out: Path, source: Path) -> None:
        write(out, b"a file")
        with pytest.raises(SetupError, match="could not be written") as caught:
            place(out, "a", source)
        assert "make its folder writable" in str(caught.value.next_step)

    def test_a_full_disk_leaves_nothing_behind(
        self, out: Path, source: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(source: Path, target: Path) -> None:
            target.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(placing, "_link", full)
        with pytest.raises(SetupError, match="No space left on device"):
            place(out, "a", source)
        assert names(out) == []


class TestWays:
    @pytest.fixture(autouse=True)
    def no_reflinks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> None:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")

        monkeypatch.setattr("fcntl.ioctl", refuse)

    def test_a_hard_link_stands_in_for_a_reflink(self, out: Path, source: Path) -> None:
        place(out, "a", source)
        assert (out / "a").samefile(source)

    def test_a_copy_stands_in_for_a_hard_link(
        self, out: Path, source: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise OSError(errno.EXDEV, "Invalid cross-device link")

        monkeypatch.setattr(os, "link", refuse)
        place(out, "a", source)
        assert (out / "a").read_bytes() == DATA
        assert not (out / "a").samefile(source)


def test_a_reflink_comes_first(out: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def clone(target: int, request: int, original: int) -> int:
        assert request == 0x40049409
        os.write(target, os.pread(original, 999, 0))
        return 0

    monkeypatch.setattr("fcntl.ioctl", clone)
    place(out, "a", source)
    assert (out / "a").read_bytes() == DATA
    assert not (out / "a").samefile(source)


def test_what_a_killed_pull_left_is_removed_and_nothing_else(out: Path) -> None:
    write(out / f"a/.gitreg-{'0f' * 8}", b"half")
    for name in ("a/.gitreg-notes", f"a/.gitreg-{'0f' * 9}", f"b/.gitreg-{'0f' * 8}", "a/file"):
        write(out / name, b"mine")
    remove_leftovers(out, ["a/file"])
    assert names(out / "a") == [f".gitreg-{'0f' * 9}", ".gitreg-notes", "file"]
    assert names(out / "b") == [f".gitreg-{'0f' * 8}"]
