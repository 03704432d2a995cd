"""Where data sets are found: in the repository, with DVC, at addresses, by the policy's name."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import gitreg
from gitreg.domain.canonical import sha256
from gitreg.errors import (
    GitregError,
    InvalidError,
    SetupError,
    TransferError,
    UntrustedError,
    UsageError,
)
from gitreg.evaluation.data import read_chunks
from gitreg.registry.dataset import Dataset, find_dataset
from gitreg.registry.open import resolve
from gitreg.registry.policy import apply_policy
from tests.fixtures import Team, run, write
from tests.liar import serve_lies
from tests.remotes import ACCESS, log_in_to_aws
from tests.servers import SFTP, serve_ssh

DVC = (sys.executable, "-m", "dvc")
DATA = b"a,b\n1,2\n"
DIGEST = sha256(DATA)
OTHER = "cd" * 32


def find(team: Team, asked: str | Path | None = None, **evaluation: str) -> Dataset:
    registry = team.open()
    return find_dataset(registry, resolve(registry.state, "iris@1.0.0"), asked, evaluation)


def check(found: Dataset, name: str = "test.csv") -> None:
    assert (found.name, found.sha256) == (name, DIGEST)
    [chunk] = read_chunks(found.path)
    assert chunk.columns["b"].tolist() == [2]
    found.check_unchanged()


@pytest.fixture
def data(released: Team) -> Path:
    """A file that DVC tracks, here and at the remote."""
    path = write(released.clone / "data/test.csv", DATA)
    run(*DVC, "add", "--quiet", str(path), folder=released.clone)
    run(*DVC, "push", "--quiet", folder=released.clone)
    return path


def stored(folder: Path, data: Path) -> Path:
    [md5] = [
        line.split(": ")[1]
        for line in Path(f"{data}.dvc").read_text().splitlines()
        if "md5: " in line
    ]
    return folder / "files/md5" / md5[:2] / md5[2:]


@pytest.mark.parametrize("expected", [{}, {"sha256": DIGEST}])
def test_what_dvc_tracks_is_found_without_a_checkout(
    released: Team, data: Path, expected: dict[str, str]
) -> None:
    data.unlink()
    check(find(released, dataset="data/test.csv", **expected))
    shutil.rmtree(released.clone / ".dvc/cache")
    check(find(released, dataset="data/test.csv", **expected))
    check(find(released, data))
    assert not data.exists()


def test_a_link_of_dvc_whose_end_is_gone_is_not_checked_out(released: Team, data: Path) -> None:
    data.unlink()
    data.symlink_to(released.clone / ".dvc/cache/files/md5/gone")
    check(find(released, dataset="data/test.csv"))


def test_another_file_at_the_remote_is_refused(released: Team, data: Path) -> None:
    data.unlink()
    shutil.rmtree(released.clone / ".dvc/cache")
    there = stored(released.storage, data)
    there.chmod(0o644)
    there.write_bytes(b"a,b\n1,3\n")
    with pytest.raises(InvalidError, match="has other bytes"):
        find(released, dataset="data/test.csv")
    there.unlink()
    with pytest.raises(TransferError, match="does not have the data set"):
        find(released, dataset="data/test.csv", sha256=DIGEST)


def test_a_damaged_cache_is_passed_over(released: Team, data: Path) -> None:
    data.unlink()
    there = stored(released.clone / ".dvc/cache", data)
    there.chmod(0o644)
    there.write_bytes(b"")
    check(find(released, dataset="data/test.csv"))


def test_tracked_data_of_another_digest_are_refused(released: Team, data: Path) -> None:
    for _ in range(2):
        with pytest.raises(InvalidError, match=f"sha256:{OTHER}"):
            find(released, dataset="data/test.csv", sha256=OTHER)
        data.unlink(missing_ok=True)


@pytest.mark.parametrize(
    "text",
    [
        "outs:\n- {md5: ../../../../etc/passwd, path: test.csv}\n",
        "outs:\n- {md5: 0123456789abcdef0123456789abcdef.dir, path: test.csv}\n",
        "outs:\n- {md5: 0123456789abcdef0123456789abcdef, path: other.csv}\n",
        "outs: []\n",
        "[]\n",
        "",
    ],
)
def test_a_dvc_file_that_stands_for_no_file_is_refused(released: Team, text: str) -> None:
    write(released.clone / "test.csv.dvc", text)
    with pytest.raises(InvalidError):
        find(released, dataset="test.csv")


def test_nothing_outside_of_the_repository_is_read(released: Team, tmp_path: Path) -> None:
    write(tmp_path / "secret.csv.dvc", "outs: []\n")
    (released.clone / "linked.csv.dvc").symlink_to(tmp_path / "secret.csv.dvc")
    for name in ("linked.csv", "../secret.csv", str(tmp_path / "secret.csv"), ".git/config"):
        with pytest.raises(UntrustedError, match="outside of the repository"):
            find(released, dataset=name)


Place = tuple[str, Callable[[bytes], object]]


@pytest.fixture(params=["http", "ssh", "s3"])
def place(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    home: Path,
    s3_server: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Place]:
    """The address of a file, and what puts other bytes there."""
    root = tmp_path / "served"
    file = write(root / "data/test.csv", DATA)
    if request.param == "s3":
        yield _bucket(s3_server, home, monkeypatch)
    elif request.param == "http":
        with serve_lies(root) as liar:
            yield f"{liar.url}/data/test.csv", file.write_bytes
    else:
        with serve_ssh(tmp_path / "ssh", home / ".ssh/id_ed25519", options=SFTP) as ssh:
            shutil.copy(ssh.known_hosts, home / ".ssh/known_hosts")
            yield ssh.url(file), file.write_bytes


def _bucket(address: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    import secrets

    import botocore.session

    log_in_to_aws(home, monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    keys = {f"aws_{name}": value for name, value in ACCESS.items()}
    client = botocore.session.Session().create_client("s3", **keys)
    name = f"data-{secrets.token_hex(8)}"
    client.create_bucket(Bucket=name)

    def put(data: bytes) -> object:
        return client.put_object(Bucket=name, Key="data/test.csv", Body=data)

    put(DATA)
    return f"s3://{name}/data/test.csv", put


def test_a_file_at_an_address_is_fetched_and_held_to_its_digest(
    released: Team, place: Place
) -> None:
    address, put = place
    check(find(released, dataset=address, sha256=DIGEST))
    check(find(released, address))
    put(b"a,b\n1,3\n")
    check(find(released, dataset=address, sha256=DIGEST))  # from the user's cache
    with pytest.raises(InvalidError, match=f"should have sha256:{OTHER}"):
        find(released, dataset=address, sha256=OTHER)
    assert find(released, address).sha256 == sha256(b"a,b\n1,3\n")
    with pytest.raises(TransferError, match="does not have the data set"):
        find(released, address.replace("test.csv", "none.csv"))


def test_an_address_of_a_version_needs_a_digest(released: Team) -> None:
    with pytest.raises(UntrustedError, match="not its sha256"):
        find(released, dataset="https://example.org/test.csv")


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("file:///etc/passwd", UsageError),
        ("ext::sh://x/test.csv", UsageError),
        ("http://example.org", UsageError),
        ("http://example.org/..", UsageError),
        ("http://[/test.csv", UsageError),
        ("http://example.org/test.csv?x", UsageError),
        ("ssh://-oProxyCommand=x/test.csv", UntrustedError),
        ("http://alice:secret@example.org/test.csv", UntrustedError),
        ("http://alice@example.org/test.csv", UntrustedError),
    ],
)
def test_what_is_no_plain_address_is_refused(
    released: Team, address: str, error: type[GitregError]
) -> None:
    with pytest.raises(error):
        find(released, dataset=address, sha256=DIGEST)


def test_no_secret_goes_to_an_address_of_the_repository(
    released: Team, home: Path, tmp_path: Path
) -> None:
    write(tmp_path / "served/test.csv", DATA)
    with serve_lies(tmp_path / "served") as liar:
        secrets = "    auth = basic\n    user = alice\n    password = hers\n"
        with (home / ".config/dvc/config").open("a", encoding="utf-8") as file:
            file.write(f"['remote \"data\"']\n    url = {liar.url}\n{secrets}")
        (home / ".netrc").write_text("machine 127.0.0.1 login alice password hers\n")
        check(find(released, dataset=f"{liar.url}/test.csv", sha256=DIGEST))
        [asked] = liar.asked
        assert not {"authorization", "cookie"} & {name.lower() for name in asked.headers}


def test_a_server_without_an_end_is_left(
    released: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitreg.artifacts.address._LARGEST", 4)
    write(tmp_path / "served/test.csv", DATA)
    with (
        serve_lies(tmp_path / "served") as liar,
        pytest.raises(TransferError, match="sends more than"),
    ):
        find(released, f"{liar.url}/test.csv")


def name_in_policy(team: Team, **fields: str) -> None:
    file = team.clone / "gitreg.yaml"
    said = ", ".join(f'{key}: "{value}"' for key, value in {"sha256": DIGEST, **fields}.items())
    file.write_text(
        file.read_text().replace("models:", f"datasets: {{holdout: {{{said}}}}}\nmodels:", 1)
    )
    apply_policy(team.open())


def test_a_data_set_of_the_policy_is_found_by_its_name(
    released: Team, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_in_policy(released, uri="data/test.csv")
    check(find(released, "holdout"))
    data.write_bytes(b"a,b\n1,3\n")
    with pytest.raises(InvalidError, match="has changed"):
        find(released, "holdout")
    monkeypatch.chdir(released.clone)
    write(released.clone / "holdout", b"")
    assert find(released, "holdout").sha256 == sha256(b"")  # a file comes first


def test_a_data_set_of_the_policy_may_have_an_address(released: Team, tmp_path: Path) -> None:
    write(tmp_path / "served/test.csv", DATA)
    with serve_lies(tmp_path / "served") as liar:
        name_in_policy(released, uri=f"{liar.url}/test.csv")
        check(find(released, "holdout"))


def test_what_is_nowhere_is_told(released: Team) -> None:
    with pytest.raises(SetupError, match="there is no file holdout"):
        find(released, "holdout")
    name_in_policy(released)
    with pytest.raises(SetupError, match="does not say where its data set holdout is"):
        find(released, "holdout")
    with pytest.raises(UsageError, match="no data set is named"):
        find(released)


def test_without_a_work_tree_it_is_what_the_version_was_registered_with(
    released: Team, data: Path
) -> None:
    write(released.clone / "plain.csv", DATA)
    released.git("add", "plain.csv", "data")
    released.git("commit", "-qm", "Bring data")
    released.model_file.write_bytes(b"another model\n")
    released.open().register(released.iris, version="1.2.0")
    registry = gitreg.open(released.url, root=f"sha256:{released.open().ledger.root}")
    version = resolve(registry.state, "iris@1.2.0")

    def found(name: str, **more: str) -> Dataset:
        return find_dataset(registry, version, None, {"dataset": name, **more})

    check(found("plain.csv"), "plain.csv")
    check(found("data/test.csv", sha256=DIGEST))
    with pytest.raises(InvalidError, match="has changed"):
        found("plain.csv", sha256=OTHER)
    for name in ("none.csv", "../plain.csv", "/etc/passwd"):
        with pytest.raises(SetupError, match="the version's commit has no"):
            found(name)
