"""Attacks 20 to 24 and 27: remotes that lie, and repositories that want what is the user's.

They come from whoever controls the DVC remote, and from whoever may send a pull request.
"""

from __future__ import annotations

import gzip
import json
import os
import pickle
from collections.abc import Callable, Iterator
from hashlib import md5
from pathlib import Path

import pytest

import gitreg
from gitreg.artifacts import sources
from gitreg.domain.canonical import dumps, sha256
from gitreg.errors import RefusedError
from gitreg.ledger.appending import Draft
from tests.attack.crew import Crew
from tests.fixtures import WEIGHTS, Cli, Team, forge, freeze, run_git, write
from tests.liar import Liar, Request, serve_lies
from tests.remotes import KINDS, Remote, log_in_to_aws, serve_remote

FIRST = b"the first model\n" * 100
HALF = len(FIRST) // 2
PULL = ("pull", "iris@1.0.0", "-o", "out")


def use_remote(home: Path, text: str) -> None:
    """Let the user's own configuration say where the DVC remote is."""
    write(home / ".config/dvc/config", text)


@pytest.fixture
def liar(released: Team, home: Path) -> Iterator[Liar]:
    """A web server over the DVC remote, which the victim reads it from."""
    with serve_lies(released.storage) as liar:
        use_remote(home, f"['remote \"storage\"']\n    url = {liar.url}\n")
        yield liar


@pytest.fixture
def victim(released: Team, cli: Cli, tmp_path: Path, home: Path) -> Iterator[Cli]:
    """Somebody with nothing but a URL; whatever happens, nothing unverified has its final name."""
    cli.folder = write(tmp_path / "victim/.keep", "").parent
    yield cli
    stored = [path for path in (home / ".cache/gitreg/files").glob("??/*") if path.is_file()]
    assert all(sha256(path.read_bytes()) == path.parent.name + path.name for path in stored)


def refused(victim: Cli, team: Team) -> str:
    """See that a pull is refused and places nothing; return what is said."""
    said = victim.no(*PULL, "--repo", team.url)
    assert "error: " in said
    assert freeze(victim.folder / "out") == {}
    return said


# 20


def test_20_a_model_yaml_at_the_commit_that_is_not_what_was_signed(crew: Crew, cli: Cli) -> None:
    honest = crew.registration("2.0.0")
    tree = crew._tree({"models/iris/model.yaml": b"schema: gitreg/model/v1\nname: other\n"})
    crew.write(
        "alice",
        crew.registration(
            "2.0.0", object=run_git(crew.origin, "commit-tree", tree, "-m", "iris 2.0.0")
        ),
    )
    cli.folder = crew.folder
    said = cli("verify", "--repo", crew.origin.as_uri(), "--deep")
    assert said.code == 1
    assert "iris 2.0.0" in said.out + said.err
    assert "does not say what was signed" in said.out + said.err
    shown = cli.ok("show", "iris@2.0.0", "--repo", crew.origin.as_uri(), "--json").json
    assert shown["manifest"] == f"sha256:{honest.fields['manifest']}"


# 21


def send_endlessly(request: Request) -> None:
    request.begin()
    while not request.gone:
        request.send(b"\0" * (1 << 16))


def send_nothing(request: Request) -> None:
    request.begin(Content_Length=str(len(FIRST)))
    request.send(FIRST[:10])
    request.hang()


LIES: dict[str, Callable[[Request], None]] = {
    "other bytes": lambda request: request.answer(200, {}, b"X" + FIRST[1:]),
    "fewer bytes": lambda request: request.answer(200, {}, FIRST[:-1]),
    "no bytes": lambda request: request.answer(200, {}),
    "more bytes": lambda request: request.answer(200, {}, FIRST + b"more"),
    "an endless stream": send_endlessly,
    "an error page": lambda request: request.answer(200, {}, b"<html>Sign in</html>" * 999),
    "a short error page": lambda request: request.answer(200, {}, b"<html>"),
    "an endless error page": lambda request: request.answer(500, {}, b"<html>" * (1 << 20)),
    "a bomb": lambda request: request.answer(
        200, {"Content-Encoding": "gzip"}, gzip.compress(FIRST)
    ),
    "other bytes from somewhere": lambda request: request.answer(
        206, {"Content-Range": "bytes 5-9/10"}, FIRST
    ),
    "a file here": lambda request: request.answer(302, {"Location": "file:///etc/passwd"}),
    "a circle": lambda request: request.answer(302, {"Location": request.path}),
    "an address that is none": lambda request: request.answer(302, {"Location": "http://["}),
    "nothing": lambda request: request.answer(204, {}),
}


@pytest.mark.parametrize("lie", LIES)
def test_21_a_web_server_gives(lie: str, victim: Cli, released: Team, liar: Liar) -> None:
    liar.lie = LIES[lie]
    refused(victim, released)
    liar.lie = None  # what a lie leaves behind does not stop the truth
    victim.ok(*PULL, "--repo", released.url)
    assert (victim.folder / "out/model.skops").read_bytes() == FIRST


def test_21_a_web_server_that_falls_silent_is_left(
    victim: Cli, released: Team, liar: Liar, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "PATIENCE", 0.1)
    # The limit of the socket begins anew with each byte, so it is not what is relied on.
    use_remote(home, f"['remote \"storage\"']\n    url = {liar.url}\n    read_timeout = 1000\n")
    liar.lie = send_nothing
    assert "did not answer within 0.1 seconds" in " ".join(refused(victim, released).split())


@pytest.mark.parametrize(
    "secret",
    [
        "auth = basic\n    user = me\n    password = secret",
        "auth = custom\n    custom_auth_header = X-Key\n    password = secret",
    ],
)
def test_21_a_redirect_to_another_host_gets_no_secret(
    victim: Cli, released: Team, liar: Liar, home: Path, secret: str
) -> None:
    with serve_lies(home / "nothing") as other:
        settings = f"['remote \"storage\"']\n    url = {liar.url}\n    {secret}\n"
        use_remote(home, settings)
        liar.lie = lambda request: request.answer(302, {"Location": other.url + request.path})
        other.lie = lambda request: request.answer(200, {}, FIRST)
        victim.ok(*PULL, "--repo", released.url)
        assert {"Authorization", "X-Key"} & set(liar.asked[0].headers)
        assert not {"Authorization", "X-Key", "Cookie"} & set(other.asked[0].headers)


@pytest.fixture(params=KINDS)
def remote(
    request: pytest.FixtureRequest,
    released: Team,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    s3_server: str,
) -> Iterator[Remote]:
    """The DVC remote of the team behind each kind of server."""
    log_in_to_aws(home, monkeypatch)
    folder, root = released.folder / "remote", released.storage
    with serve_remote(request.param, folder, home, root=root, s3=s3_server) as remote:
        use_remote(home, remote.config())
        yield remote


def test_21_a_remote_of_any_kind_has_other_fewer_or_more_bytes(
    victim: Cli, released: Team, remote: Remote
) -> None:
    name = released.open()["iris@1.0.0"].artifacts[0].md5
    for data in (b"X" + FIRST[1:], FIRST + b"more", b"<html>" * 999, FIRST[:HALF], b""):
        remote.files.put(name, data)
        refused(victim, released)
    remote.files.remove(name)
    assert "does not have" in refused(victim, released)
    remote.files.put(name, FIRST)
    victim.ok(*PULL, "--repo", released.url)
    assert (victim.folder / "out/model.skops").read_bytes() == FIRST


def test_21_an_endpoint_that_lies_as_s3(
    victim: Cli, released: Team, liar: Liar, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in_to_aws(home, monkeypatch)
    settings = f"url = s3://bucket/x\n    endpointurl = {liar.url}\n    region = us-east-1\n"
    use_remote(home, f"['remote \"storage\"']\n    {settings}")
    for lie in ("an endless stream", "an endless error page", "a file here", "more bytes"):
        liar.lie = LIES[lie]
        refused(victim, released)
    assert "hers-alone" not in str([(asked.path, str(asked.headers)) for asked in liar.asked])


# 22

OUTSIDE = ("../../x", "../.git/hooks/post-checkout", "/tmp/gitreg-attack", ".git/config")  # noqa: S108 a name that is refused


def test_22_a_listing_of_dvcs_is_never_read(victim: Cli, released: Team, tmp_path: Path) -> None:
    listing = released.stored("iris@1.1.0", "weights")
    entries = json.loads(listing.read_bytes())
    listing.chmod(0o644)
    listing.write_text(
        json.dumps(
            [
                entry | {"relpath": name}
                for entry in entries
                for name in (*OUTSIDE, "A.bin", "a.bin")
            ]
        )
    )
    before = freeze(tmp_path)
    victim.ok("pull", "iris@1.1.0", "--repo", released.url, "-o", "out")
    after = freeze(tmp_path)
    new = {name.removeprefix("victim/out/") for name in after.keys() - before.keys()}
    assert new == {"model.skops", *(f"weights/{name}" for name in WEIGHTS)}


@pytest.mark.parametrize(
    "names", [*((name,) for name in OUTSIDE), ("A.bin", "a.bin"), ("a", "a/b")]
)
def test_22_a_signed_manifest_with(
    victim: Cli, released: Team, tmp_path: Path, alice_key: Path, names: tuple[str, ...]
) -> None:
    data = b"payload"
    write(released.storage / "files/md5" / _md5(data)[:2] / _md5(data)[2:], data)
    lines = [f"{sha256(data)} {_md5(data)} {len(data)} {name}\n" for name in sorted(names)]
    manifest = "".join(lines).encode()
    artifact = {"path": "weights", "role": "model", "sha256": sha256(manifest), "md5": "a" * 32}
    artifact |= {"size": len(data) * len(names), "files": len(names)}  # type: ignore[dict-item]
    document = {"schema": "gitreg/model/v1", "name": "iris", "version": "9.0.0"}
    model = dumps(document | {"artifacts": [artifact]})
    commit = run_git(released.origin, "rev-parse", "main")
    fields = {"model": "iris", "version": "9.0.0", "path": "models/iris", "manifest": sha256(model)}
    files = {"model.json": model, f"manifest-{sha256(manifest)}": manifest}
    forge(
        released.origin,
        Draft(action="register", object=commit, fields=fields, files=files),
        alice_key,
    )
    before = freeze(tmp_path)
    victim.no("pull", "iris@9.0.0", "--repo", released.url, "-o", "out")
    assert freeze(tmp_path) == before


def _md5(data: bytes) -> str:
    return md5(data, usedforsecurity=False).hexdigest()


def test_22_a_symlink_on_the_way(victim: Cli, released: Team, tmp_path: Path) -> None:
    (victim.folder / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (victim.folder / "out/weights").symlink_to(tmp_path / "elsewhere")
    said = victim.no("pull", "iris@1.1.0", "--repo", released.url, "-o", "out")
    assert "in the way" in said
    assert freeze(tmp_path / "elsewhere") == {}


# 23; a kill and a full disk are in tests/e2e/test_disk_full.py and test_crash_safety.py


def cut(request: Request) -> None:
    request.begin(Content_Length=str(len(FIRST)))
    request.send(FIRST[:HALF])


def test_23_a_download_cut_off_in_the_middle_goes_on(
    victim: Cli, released: Team, liar: Liar
) -> None:
    liar.lie = cut
    assert "run the same command again" in refused(victim, released)
    liar.lie = None
    victim.ok(*PULL, "--repo", released.url)
    assert liar.asked[-1].headers["Range"] == f"bytes={HALF}-"
    assert (victim.folder / "out/model.skops").read_bytes() == FIRST


# 24


class Touch:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("suffix", ["pkl", "pickle", "joblib", "pt"])
def test_24_a_pickle_where_the_policy_does_not_allow_it(
    team: Team, tmp_path: Path, suffix: str, cli: Cli
) -> None:
    model = write(team.iris / f"m.{suffix}", pickle.dumps(Touch(tmp_path / "pwned")))
    cli.folder = team.clone
    cli.ok("register", "--new", "iris", "--file", model, "--version", "1.0.0")
    cli.ok("verify", "--artifacts", "--deep")
    cli.ok(*PULL, "--repo", team.url)
    with pytest.raises(gitreg.GitregError) as caught:
        gitreg.open(team.url)["iris@1.0.0"].load()
    assert isinstance(caught.value, RefusedError) or suffix == "pt"  # of which none is loaded
    assert not (tmp_path / "pwned").exists()


# 27: what a pull request brings along


def as_merged(team: Team, **files: str) -> None:
    """Commit files of somebody's pull request to main."""
    for name, text in files.items():
        write(team.clone / name, text)
    team.git("add", "--force", "--", *files)
    team.git("commit", "--quiet", "--message", "Improve the configuration")
    team.git("push", "--quiet")


def try_all(cli: Cli, team: Team) -> None:
    """Do what a colleague does in a clone, and with a URL, whatever comes of it."""
    (team.iris / "model.skops").write_bytes(b"the colleague's model\n")
    for folder in (team.clone, team.folder):
        cli.folder = folder
        where = () if folder == team.clone else ("--repo", team.url)
        for words in (("verify", "--artifacts"), ("pull", "iris@1.1.0", "-o", "pulled"), ("list",)):
            assert cli(*words, *where).code in (0, 1)
    cli.folder = team.clone
    assert cli("register", "models/iris", "--bump", "major").code in (0, 1)


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "webdav://{host}/x", "bearer_token_command": "touch {pwned}"},
        {"url": "webdav://{host}/x", "ask_password": "true", "user": "me"},
        {
            "url": "s3://b/x",
            "endpointurl": "http://{host}",
            "region": "us-east-1",
            "configpath": "evil",
            "profile": "evil",
        },
        {"url": "s3://b/x", "endpointurl": "http://{host}", "credentialpath": "evil"},
        {"url": "ssh://{host}/x", "keyfile": "{secret}", "ask_passphrase": "true"},
        {"url": "http://{host}/x", "auth": "basic", "user": "me", "ask_password": "true"},
        {"url": "http://{host}/x", "auth": "custom", "custom_auth_header": "X", "password": "x"},
        {"url": "http://{host}/x", "session_cookie": "x", "made_up": "1"},
        {"url": "gdrive://x", "gdrive_service_account_json_file_path": "{secret}"},
    ],
    ids="-".join,
)
def test_27_a_dvc_config_with(
    released: Team, cli: Cli, home: Path, tmp_path: Path, settings: dict[str, str]
) -> None:
    (home / ".config/dvc/config").unlink()
    pwned, secret = tmp_path / "pwned", write(tmp_path / "secret", "hers-alone")
    with serve_lies(released.storage) as liar:
        host = liar.url.removeprefix("http://")
        lines = [
            f"    {key} = {value.format(host=host, pwned=pwned, secret=secret)}\n"
            for key, value in settings.items()
        ]
        evil = f"[profile evil]\ncredential_process = touch {pwned}\n[default]\n"
        config = "[core]\n    remote = storage\n['remote \"storage\"']\n" + "".join(lines)
        as_merged(released, **{".dvc/config": config, ".dvc/evil": evil})
        read = secret.stat().st_atime_ns
        try_all(cli, released)
        heard = str([(asked.path, str(asked.headers)) for asked in liar.asked])
        assert "hers-alone" not in heard
        assert not {"X", "Authorization"} & {name for one in liar.asked for name in one.headers}
    assert not pwned.exists()
    assert secret.stat().st_atime_ns == read


def test_27_a_dvc_config_that_says_where_dvcs_pickles_are(
    released: Team, cli: Cli, tmp_path: Path
) -> None:
    planted = tmp_path / "planted"
    text = (released.clone / ".dvc/config").read_text(encoding="utf-8")
    text = text.replace("[core]", f"[core]\n    site_cache_dir = {planted}")
    as_merged(released, **{".dvc/config": text})
    try_all(cli, released)
    assert not planted.exists()


def test_27_the_users_secrets_do_not_follow_a_remotes_name(
    released: Team, cli: Cli, home: Path
) -> None:
    with serve_lies(released.storage) as liar:
        own = "auth = basic\n    user = alice\n    password = hers-alone\n"
        use_remote(home, f"['remote \"storage\"']\n    {own}")
        config = f"[core]\n    remote = storage\n['remote \"storage\"']\n    url = {liar.url}\n"
        as_merged(released, **{".dvc/config": config})
        try_all(cli, released)
        cli.folder = released.folder
        said = " ".join(cli.no("pull", "iris@1.0.0", "--repo", released.url, "-o", "o").split())
        assert "your auth, password, user of the DVC remote 'storage' stay here" in said
        assert liar.asked == []


@pytest.mark.parametrize("host", ["-oProxyCommand=touch%20pwned", "$(touch pwned)", "`id`", "a;b"])
def test_27_a_host_that_is_a_command(released: Team, cli: Cli, home: Path, host: str) -> None:
    (home / ".config/dvc/config").unlink()
    write(home / ".ssh/config", f"Host *\n    ProxyCommand touch {home}/pwned-%h\n")
    config = f'[core]\n    remote = s\n[\'remote "s"\']\n    url = "ssh://{host}/x"\n'
    as_merged(released, **{".dvc/config": config})
    try_all(cli, released)
    assert not list(home.glob("pwned*"))


def test_27_a_host_that_the_users_ssh_does_not_know(
    released: Team, cli: Cli, home: Path, tmp_path: Path
) -> None:
    with serve_remote("ssh", tmp_path / "remote", home, root=released.storage) as remote:
        use_remote(home, remote.config())
        (home / ".ssh/known_hosts").unlink()
        cli.folder = tmp_path
        said = cli.no(*PULL, "--repo", released.url)
        assert "is not in your known_hosts" in " ".join(said.split())
        assert "ssh -p" in said


def plant(team: Team, link: str, target: Path) -> None:
    """Let a pull request put a link in the place of something."""
    path = team.clone / link
    if path.is_dir() and not path.is_symlink():
        path.rename(path.with_name("moved"))
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    if link.startswith(".dvc"):
        team.git("rm", "-r", "--cached", "--quiet", link)
        team.git("add", "--force", link)
        team.git("commit", "--quiet", "--message", "Tidy up")


@pytest.mark.parametrize(
    "link",
    [
        "models/iris/model.skops",
        "models/iris/weights",
        "models/iris/weights/a.bin",
        "models/iris/weights/more",
        "models/iris/.gitignore",
        ".dvc/config",
        ".dvc",
    ],
)
@pytest.mark.parametrize("inside", [True, False])
def test_27_a_link_of_a_pull_request_to_a_secret(
    released: Team, cli: Cli, home: Path, link: str, *, inside: bool
) -> None:
    secret = released.clone / "vault/token" if inside else home / ".aws/token"
    text = b"[core]\n    secret = hers-alone\n"
    write(secret, text)
    to_folder = link in {".dvc", "models/iris/weights", "models/iris/weights/more"}
    plant(released, link, secret.parent if to_folder else secret)
    before = set(released.storage.rglob("*"))
    cli.folder = released.clone
    if not released.model_file.is_symlink():
        released.model_file.write_bytes(b"better\n" * 9)
    said = cli.no("register", "models/iris", "--bump", "minor")
    assert "link" in said or "Git tracks" in said
    assert set(released.storage.rglob("*")) == before


def test_27_a_link_of_a_pull_request_on_the_way_to_an_artifact(released: Team, cli: Cli) -> None:
    write(released.clone / "vault/token", b"hers-alone")
    (released.iris / "more").symlink_to("../../vault")
    file = released.iris / "model.yaml"
    text = file.read_text(encoding="utf-8").replace("path: weights\n", "path: more/token\n")
    as_merged(released, **{"models/iris/model.yaml": text})
    released.git("add", "models/iris/more")
    released.git("commit", "--quiet", "--message", "Link it")
    before = set(released.storage.rglob("*"))
    cli.folder = released.clone
    assert "more is a link" in " ".join(
        cli.no("register", "models/iris", "--bump", "minor").split()
    )
    assert set(released.storage.rglob("*")) == before


@pytest.mark.parametrize("name", [".dvc/config.local", ".dvc/tmp/x", ".dvc/cache/files/md5/aa/bb"])
def test_27_what_git_tracks_in_the_place_of_the_users_own(
    released: Team, cli: Cli, name: str
) -> None:
    as_merged(released, **{name: "['remote \"storage\"']\n    url = /tmp/elsewhere\n"})
    cli.folder = released.clone
    assert f"Git tracks {name}" in " ".join(
        cli.no("register", "models/iris", "--bump", "minor").split()
    )


def test_27_a_planted_copy_under_the_md5_of_a_model(released: Team, cli: Cli) -> None:
    data = b"what alice means to sign\n"
    released.model_file.write_bytes(data)
    name = _md5(data)
    copy = write(
        released.clone / "planted/files/md5" / name[:2] / name[2:], b"what mallory wants\n"
    )
    copy.chmod(0o444)
    config = (released.clone / ".dvc/config").read_text(encoding="utf-8")
    as_merged(released, **{".dvc/config": config + "[cache]\n    dir = ../planted\n"})
    cli.folder = released.clone
    said = cli.no("register", "models/iris", "--bump", "minor")
    assert "has other bytes" in " ".join(said.split())


# 27: what a clone that somebody handed over brings along


def test_27_programs_that_a_clone_names_in_its_git_config(
    released: Team, cli: Cli, tmp_path: Path
) -> None:
    run = f"touch {tmp_path / 'pwned'}; false"
    script = write(tmp_path / "evil.sh", f"#!/bin/sh\n{run}\n")
    script.chmod(0o755)
    named = (
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "core.askPass",
        "gpg.program",
        "gpg.ssh.program",
        "gpg.ssh.defaultKeyCommand",
        "diff.external",
        "diff.x.textconv",
        "filter.x.clean",
        "filter.x.smudge",
        "filter.x.process",
        "merge.x.driver",
        "uploadpack.packObjectsHook",
        "remote.origin.uploadpack",
        "remote.origin.receivepack",
        "core.gitProxy",
        "sequence.editor",
    )
    for name in named:
        released.git("config", name, str(script))
    released.git("config", "credential.helper", f"!{script}")
    released.git("config", "commit.gpgsign", "true")
    released.git("config", "protocol.ext.allow", "always")
    for hook in (
        "pre-commit",
        "pre-push",
        "post-checkout",
        "reference-transaction",
        "post-index-change",
    ):
        write(released.clone / ".git/hooks" / hook, script.read_text()).chmod(0o755)
    write(released.clone / ".git/info/attributes", "* filter=x diff=x merge=x\n")
    try_all(cli, released)
    for words in (
        ("show", "iris"),
        ("history", "iris"),
        ("promote", "iris@1.1.0", "--stage", "production"),
        ("push",),
        ("tags", "restore"),
    ):
        assert cli(*words).code in (0, 1)
    assert not (tmp_path / "pwned").exists()
