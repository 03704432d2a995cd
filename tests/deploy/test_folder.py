"""The target `folder`: what stands there after trials fail, processes die and others interfere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gitreg.artifacts.placing import find_change
from gitreg.deploy import TARGETS, Release
from gitreg.domain.target import TargetSettings
from gitreg.errors import InvalidError, SetupError
from tests.deploying import in_use, names
from tests.fixtures import write

FOLDER = TARGETS["folder"]
FILES: Mapping[str, Mapping[str, bytes]] = {
    version: {"model.bin": version.encode(), "words/a.txt": b"a" + version.encode()}
    for version in ("1.0.0", "1.1.0", "1.2.0")
}


class Trials:
    """Trials that pass, but for those whose number (from 0) is in `fails`."""

    def __init__(self, *fails: int, do: Callable[[Path], object] = lambda _: None) -> None:
        self.fails, self.do = fails, do
        self.seen: list[Path] = []

    def __call__(self, folder: Path) -> None:
        self.seen.append(folder)
        self.do(folder)
        if len(self.seen) - 1 in self.fails:
            raise InvalidError("it answers nonsense")


def release(version: str, trials: Trials | None = None, *, model: str = "iris") -> Release:
    """Return a version that came after all lower ones."""

    def place(folder: Path) -> None:
        for path, data in FILES[version].items():
            write(folder / path, data)

    def change(name: str, folder: Path) -> str | None:
        files = {path: hashlib.sha256(data).hexdigest() for path, data in FILES[name].items()}
        return find_change(folder, files)

    return Release(
        model=model,
        version=version,
        order=[name for name in sorted(FILES, reverse=True) if name <= version],
        known=frozenset(FILES),
        place=place,
        find_change=change,
        try_out=trials or Trials(),
    )


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return tmp_path / "srv"


def at(path: Path, keep: int = 2) -> TargetSettings:
    return TargetSettings(name="shelf", kind="folder", options={"path": str(path), "keep": keep})


def deploy(path: Path, version: str, trials: Trials | None = None, **more: str) -> None:
    FOLDER.deploy(at(path), release(version, trials, **more))


def test_a_version_is_tried_before_it_is_used_and_through_the_link(shelf: Path) -> None:
    used: list[str | None] = []
    trials = Trials(do=lambda _: used.append(in_use(shelf)))
    deploy(shelf, "1.0.0", trials)
    assert used == [None, "1.0.0"]
    assert trials.seen == [shelf / "iris/.gitreg-new", shelf / "iris/current"]
    assert {path: (shelf / "iris/current" / path).read_bytes() for path in FILES["1.0.0"]} == FILES[
        "1.0.0"
    ]


def test_a_version_that_fails_before_is_never_used(shelf: Path) -> None:
    deploy(shelf, "1.0.0")
    with pytest.raises(InvalidError, match="nonsense"):
        deploy(shelf, "1.1.0", Trials(0))
    assert (in_use(shelf), "1.1.0" in names(shelf)) == ("1.0.0", False)


def test_a_version_that_fails_after_gives_way_to_the_one_before(shelf: Path) -> None:
    deploy(shelf, "1.0.0")
    with pytest.raises(InvalidError, match=r"nonsense; current leads to 1\.0\.0 again"):
        deploy(shelf, "1.1.0", Trials(1))
    assert in_use(shelf) == "1.0.0"


def test_the_first_version_that_fails_after_leaves_nothing_in_use(shelf: Path) -> None:
    with pytest.raises(InvalidError, match="current is taken away"):
        deploy(shelf, "1.0.0", Trials(1))
    assert in_use(shelf) is None


def test_a_version_that_was_switched_to_and_not_proven_is_not_gone_back_to(shelf: Path) -> None:
    deploy(shelf, "1.0.0")
    kill = Trials(do=lambda folder: 1 / (folder.name != "current"))
    with pytest.raises(ZeroDivisionError):  # as if the process had ended there
        deploy(shelf, "1.1.0", kill)
    assert in_use(shelf) == "1.1.0"
    with pytest.raises(InvalidError, match=r"current leads to 1\.0\.0 again"):
        deploy(shelf, "1.2.0", Trials(1))
    assert in_use(shelf) == "1.0.0"


def test_one_that_is_used_and_fails_its_trial_now_stays(shelf: Path) -> None:
    deploy(shelf, "1.0.0")
    with pytest.raises(InvalidError, match="current leads to it as before"):
        deploy(shelf, "1.0.0", Trials(0))
    assert in_use(shelf) == "1.0.0"


def test_one_that_was_changed_is_not_gone_back_to(shelf: Path) -> None:
    deploy(shelf, "1.0.0")
    (shelf / "iris/1.0.0/model.bin").write_bytes(b"planted")
    with pytest.raises(InvalidError, match="current is taken away"):
        deploy(shelf, "1.1.0", Trials(1))
    assert in_use(shelf) is None


def test_a_model_that_changes_its_own_files_is_not_used(shelf: Path) -> None:
    with pytest.raises(InvalidError, match=r"extra\.bin is not part of this version, once it"):
        deploy(shelf, "1.0.0", Trials(do=lambda folder: write(folder / "extra.bin", b"x")))
    assert names(shelf) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "model.bin").write_bytes(b"planted"),
        lambda folder: (folder / "model.bin").unlink(),
        lambda folder: write(folder / "words/b.txt", b"one more"),
        lambda folder: (folder / "empty").mkdir(),
        lambda folder: (folder / "link").symlink_to("model.bin"),
        lambda folder: (folder / "words").rename(folder.parent / "aside"),
        lambda folder: (
            (folder / "words").rename(folder / "words2") and write(folder / "words", b"")
        ),
        lambda folder: (folder / "model.bin").unlink() or (folder / "model.bin").mkdir(),
    ],
    ids=[
        "other",
        "missing",
        "more",
        "folder",
        "link",
        "gone",
        "file-for-folder",
        "folder-for-file",
    ],
)
def test_a_folder_that_is_not_as_it_was_signed_is_replaced(
    shelf: Path, spoil: Callable[[Path], object]
) -> None:
    deploy(shelf, "1.0.0")
    spoil(shelf / "iris/1.0.0")
    assert FOLDER.look(at(shelf), release("1.0.0")).change
    deploy(shelf, "1.0.0")
    assert in_use(shelf) == "1.0.0+2"
    assert "1.0.0" not in names(shelf)
    assert FOLDER.look(at(shelf), release("1.0.0")).change is None


def test_a_file_that_is_a_link_to_the_same_bytes_is_no_file(shelf: Path, tmp_path: Path) -> None:
    deploy(shelf, "1.0.0")
    file = shelf / "iris/1.0.0/model.bin"
    file.rename(tmp_path / "theirs")
    file.symlink_to(tmp_path / "theirs")
    deploy(shelf, "1.0.0")
    assert not (shelf / "iris/current/model.bin").is_symlink()
    assert (tmp_path / "theirs").exists()


def test_a_version_that_was_there_is_tried_before_it_is_used_again(shelf: Path) -> None:
    deploy(shelf, "1.0.0")
    deploy(shelf, "1.1.0")
    with pytest.raises(InvalidError):
        deploy(shelf, "1.0.0", Trials(0))
    assert in_use(shelf) == "1.1.0"


def test_what_is_gone_back_to_is_the_last_that_passed(shelf: Path) -> None:
    deploy(shelf, "1.0.0")
    deploy(shelf, "1.1.0")
    with pytest.raises(InvalidError, match=r"current leads to 1\.1\.0 again"):
        deploy(shelf, "1.2.0", Trials(1))


def test_a_link_to_a_folder_with_the_very_bytes_is_no_version(shelf: Path, tmp_path: Path) -> None:
    for path, data in FILES["1.0.0"].items():
        write(tmp_path / "theirs" / path, data)
    (shelf / "iris").mkdir(parents=True)
    (shelf / "iris/1.0.0").symlink_to(tmp_path / "theirs")
    deploy(shelf, "1.0.0")
    assert in_use(shelf) == "1.0.0+2"


def test_what_a_killed_run_left_is_taken_away(shelf: Path) -> None:
    write(shelf / "iris/.gitreg-new/half", b"")
    write(shelf / "iris/.gitreg-old/half", b"")
    (shelf / "iris/.gitreg-link").symlink_to("1.0.0")
    deploy(shelf, "1.0.0")
    assert names(shelf) == [".gitreg-proven", "1.0.0", "current"]


@pytest.mark.parametrize("name", [".gitreg-new", ".gitreg-old", ".gitreg-link", "1.0.0"])
def test_a_planted_link_is_not_followed(shelf: Path, tmp_path: Path, name: str) -> None:
    victim = write(tmp_path / "victim/model.bin", b"precious")
    (shelf / "iris").mkdir(parents=True)
    (shelf / "iris" / name).symlink_to(victim.parent)
    deploy(shelf, "1.0.0")
    deploy(shelf, "1.1.0")
    assert [path.name for path in victim.parent.iterdir()] == ["model.bin"]
    assert victim.read_bytes() == b"precious"
    assert (shelf / "iris/current/model.bin").read_bytes() == b"1.1.0"


@pytest.mark.parametrize("lead", ["../../victim", "/etc", ".", "..", "nowhere", "1.0.0/words"])
def test_a_planted_current_is_replaced_and_told(shelf: Path, tmp_path: Path, lead: str) -> None:
    victim = write(tmp_path / "victim/model.bin", b"precious")
    deploy(shelf, "1.0.0")
    link = shelf / "iris/current"
    link.unlink()
    link.symlink_to(lead)
    placed = FOLDER.deploy(at(shelf), release("1.0.0"))
    assert placed.before is None
    assert placed.notes == (f"current led to {lead!r}, which is no version here",)
    assert in_use(shelf) == "1.0.0"
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("part", ["fraud", "fraud/scorer"])
def test_a_link_on_the_way_stops_all(shelf: Path, tmp_path: Path, part: str) -> None:
    (tmp_path / "victim").mkdir()
    (shelf / part).parent.mkdir(parents=True, exist_ok=True)
    (shelf / part).symlink_to(tmp_path / "victim")
    with pytest.raises(SetupError, match="is in the way: it is not a folder"):
        deploy(shelf, "1.0.0", model="fraud/scorer")
    with pytest.raises(SetupError, match="is in the way: it is not a folder"):
        FOLDER.withdraw(at(shelf), "fraud/scorer")
    assert not list((tmp_path / "victim").iterdir())


def test_models_whose_names_are_of_one_place_do_not_mix(shelf: Path) -> None:
    deploy(shelf, "1.0.0", model="fraud")
    deploy(shelf, "1.1.0", model="fraud/scorer")
    assert (shelf / "fraud/current/model.bin").read_bytes() == b"1.0.0"
    assert (shelf / "fraud/scorer/current/model.bin").read_bytes() == b"1.1.0"
    with pytest.raises(SetupError, match="current is in the way: it is not a folder"):
        deploy(shelf, "1.0.0", model="fraud/current")
    deploy(shelf, "1.0.0", model="iris/current")
    with pytest.raises(SetupError, match="current is in the way: it is not a link"):
        deploy(shelf, "1.0.0", model="iris")


def test_a_folder_that_cannot_be_written_is_told(shelf: Path, tmp_path: Path) -> None:
    write(tmp_path / "srv", b"a file")
    with pytest.raises(SetupError, match=r"srv.* exists|Not a directory"):
        deploy(shelf, "1.0.0")


def test_withdrawing_leaves_the_versions_and_forgets_what_was_used(shelf: Path) -> None:
    assert not FOLDER.withdraw(at(shelf), "iris").changed
    assert not shelf.exists()
    deploy(shelf, "1.0.0")
    placed = FOLDER.withdraw(at(shelf), "iris")
    assert (placed.changed, placed.before) == (True, "1.0.0")
    assert names(shelf) == ["1.0.0"]
    with pytest.raises(InvalidError, match="current is taken away"):
        deploy(shelf, "1.1.0", Trials(1))


@pytest.mark.parametrize(("keep", "kept"), [(1, []), (2, ["1.1.0"]), (3, ["1.0.0", "1.1.0"])])
def test_so_many_versions_are_kept(shelf: Path, keep: int, kept: list[str]) -> None:
    write(shelf / "iris/notes.txt", b"of the administrator")
    for version in FILES:
        FOLDER.deploy(at(shelf, keep), release(version))
    assert names(shelf) == [".gitreg-proven", *kept, "1.2.0", "current", "notes.txt"]
