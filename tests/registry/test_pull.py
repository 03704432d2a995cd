from __future__ import annotations

from pathlib import Path

import pytest

import gitreg
from gitreg.errors import GitregError, SetupError, TransferError, UntrustedError
from gitreg.registry.api import Registry
from tests.fixtures import WEIGHTS, Team, freeze, run_git, write

FIRST = b"the first model\n" * 100


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def pull(registry: Registry, out: Path, reference: str = "iris@1.0.0") -> dict[str, bytes]:
    registry[reference].pull(out)
    return freeze(out)


def afar(team: Team) -> Registry:
    return gitreg.open(team.url)


def store_file(home: Path, team: Team, reference: str = "iris@1.0.0") -> Path:
    (artifact, *_) = team.open()[reference].artifacts
    return home / ".cache/gitreg/files" / artifact.sha256[:2] / artifact.sha256[2:]


def spoil(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)


def test_inside_the_repository_dvcs_cache_serves(released: Team, out: Path) -> None:
    released.stored("iris@1.0.0").unlink()
    assert pull(released.open(), out) == {"model.skops": FIRST}


def test_where_the_cache_is_empty_the_dvc_remote_serves(released: Team, out: Path) -> None:
    assert pull(gitreg.open(released.colleague()), out) == {"model.skops": FIRST}


def test_a_bare_repository_and_a_url_serve(released: Team, out: Path) -> None:
    assert pull(gitreg.open(released.origin), out / "a") == {"model.skops": FIRST}
    assert pull(afar(released), out / "b") == {"model.skops": FIRST}


def test_a_folder_comes_file_by_file(released: Team, out: Path) -> None:
    found = pull(afar(released), out, "iris@staging")
    assert found == {
        "model.skops": b"a better model\n" * 100,
        **{f"weights/{name}": data for name, data in WEIGHTS.items()},
    }


def test_a_second_pull_links_and_copies_nothing(released: Team, out: Path, home: Path) -> None:
    pull(afar(released), out / "a")
    stored = store_file(home, released)
    before = stored.stat()
    for file in released.storage.rglob("*"):
        if file.is_file():
            file.unlink()
    assert pull(afar(released), out / "b") == {"model.skops": FIRST}
    after = stored.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert (out / "b/model.skops").stat().st_ino == after.st_ino or after.st_nlink == 1


def test_pulling_into_the_same_folder_again_changes_nothing(released: Team, out: Path) -> None:
    pull(afar(released), out, "iris@1.1.0")
    before = (out / "model.skops").stat()
    pull(afar(released), out, "iris@1.1.0")
    assert (out / "model.skops").stat().st_ino == before.st_ino


def test_a_cut_download_goes_on_where_it_ended(released: Team, out: Path, home: Path) -> None:
    (artifact,) = released.open()["iris@1.0.0"].artifacts
    write(home / ".cache/gitreg/files/partial" / artifact.sha256, FIRST[:700])
    stored = released.stored("iris@1.0.0")
    spoil(stored, b"?" * 700 + FIRST[700:])  # what is here already is not read again
    assert pull(afar(released), out) == {"model.skops": FIRST}
    assert not any((home / ".cache/gitreg/files/partial").iterdir())


@pytest.mark.parametrize("left", [FIRST, FIRST + b"more", b"#" * 1600])
def test_a_partial_file_that_is_too_long_is_begun_anew(
    released: Team, out: Path, home: Path, left: bytes
) -> None:
    (artifact,) = released.open()["iris@1.0.0"].artifacts
    write(home / ".cache/gitreg/files/partial" / artifact.sha256, left)
    assert pull(afar(released), out) == {"model.skops": FIRST}


def test_a_damaged_file_of_the_store_is_fetched_again(
    released: Team, out: Path, home: Path
) -> None:
    pull(afar(released), out / "a")
    stored = store_file(home, released)
    stored.unlink()
    write(stored, b"X" + FIRST[1:])
    assert pull(afar(released), out / "b") == {"model.skops": FIRST}
    assert stored.read_bytes() == FIRST


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"X" + FIRST[1:], UntrustedError),
        (FIRST + b"more", UntrustedError),
        (b"<html>404</html>" * 1000, UntrustedError),
        (FIRST[:-1], TransferError),
        (b"", TransferError),
    ],
)
def test_other_bytes_are_refused_and_nothing_is_placed(
    released: Team, out: Path, home: Path, data: bytes, error: type[GitregError]
) -> None:
    spoil(released.stored("iris@1.0.0"), data)
    with pytest.raises(error) as caught:
        pull(afar(released), out)
    assert caught.value.next_step
    assert freeze(out) == {}
    assert not store_file(home, released).exists()


def test_a_file_that_the_remote_lacks_is_told(released: Team, out: Path) -> None:
    released.stored("iris@1.0.0").unlink()
    with pytest.raises(TransferError, match="does not have"):
        pull(afar(released), out)


def test_wrong_bytes_in_dvcs_cache_are_passed_over(released: Team, out: Path) -> None:
    md5 = released.open()["iris@1.0.0"].artifacts[0].md5
    spoil(released.clone / ".dvc/cache/files/md5" / md5[:2] / md5[2:], b"X" + FIRST[1:])
    assert pull(released.open(), out) == {"model.skops": FIRST}


class TestWhatIsThereAlready:
    def test_a_file_with_other_contents_stops_the_pull(self, released: Team, out: Path) -> None:
        write(out / "model.skops", b"mine")
        with pytest.raises(SetupError, match="with other contents"):
            pull(afar(released), out)
        assert freeze(out) == {"model.skops": b"mine"}

    def test_a_stray_file_in_a_folder_artifact_stops_the_pull(
        self, released: Team, out: Path
    ) -> None:
        write(out / "weights/mine.txt", b"mine")
        with pytest.raises(SetupError, match="is not part of this version"):
            pull(afar(released), out, "iris@1.1.0")
        assert freeze(out) == {"weights/mine.txt": b"mine"}

    def test_a_stray_file_elsewhere_stays(self, released: Team, out: Path) -> None:
        write(out / "mine.txt", b"mine")
        assert set(pull(afar(released), out)) == {"mine.txt", "model.skops"}

    def test_a_link_in_the_place_of_a_folder_stops_the_pull(
        self, released: Team, out: Path, tmp_path: Path
    ) -> None:
        out.mkdir()
        (tmp_path / "elsewhere").mkdir()
        (out / "weights").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(SetupError, match="in the way"):
            pull(afar(released), out, "iris@1.1.0")
        assert freeze(tmp_path / "elsewhere") == {}

    def test_a_link_in_the_place_of_a_file_stops_the_pull(
        self, released: Team, out: Path, tmp_path: Path
    ) -> None:
        out.mkdir()
        (out / "model.skops").symlink_to(write(tmp_path / "same", FIRST))
        with pytest.raises(SetupError, match="other contents"):
            pull(afar(released), out)

    def test_a_file_in_the_place_of_a_folder_stops_the_pull(
        self, released: Team, out: Path
    ) -> None:
        write(out / "weights", b"a file")
        with pytest.raises(SetupError, match="not a folder"):
            pull(afar(released), out, "iris@1.1.0")

    def test_a_file_in_the_place_of_the_output_is_told(self, released: Team, out: Path) -> None:
        write(out, b"a file")
        with pytest.raises((GitregError, OSError)):
            pull(afar(released), out / "below")


def test_a_relative_dvc_remote_means_nothing_outside_a_clone(
    released: Team, out: Path, home: Path
) -> None:
    (home / ".config/dvc/config").unlink()
    with pytest.raises(SetupError, match="relative path"):
        pull(afar(released), out)
    assert pull(gitreg.open(released.colleague()), out) == {"model.skops": FIRST}


def test_the_dvc_remote_is_read_from_the_versions_commit(team: Team, out: Path, home: Path) -> None:
    (home / ".config/dvc/config").unlink()
    write(
        team.clone / ".dvc/config",
        f"[core]\n    remote = s\n['remote \"s\"']\n    url = {team.folder}/absolute\n",
    )
    team.open().register(new="iris", files=[team.model_file], version="1.0.0")
    assert pull(afar(team), out) == {"model.skops": FIRST}


def test_nowhere_to_fetch_from_is_told(repo: Path, alice_key: Path, out: Path) -> None:
    from gitreg.registry.init import init

    init(gitreg.open(repo))
    file = write(repo / "models/iris/m.bin", b"x")
    gitreg.open(repo).register(new="iris", files=[file], version="1.0.0")
    run_git(repo.parent, "clone", "--quiet", str(repo), "clone")
    with pytest.raises(GitregError) as caught:
        pull(gitreg.open(repo.parent / "clone"), out)
    assert caught.value.next_step or "does not have" in caught.value.what
