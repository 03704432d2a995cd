from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gitreg.artifacts.layers import Layer, read_user_layer, user_config_files
from gitreg.artifacts.settings import (
    RemoteSettings,
    choose_remote,
    has_remote,
    work_tree_cache,
    work_tree_remote,
)
from gitreg.errors import GitregError, SetupError, UntrustedError
from tests.fixtures import write

URL = "s3://bucket/models"


def config(*lines: str, name: str = "storage", url: str | None = URL) -> bytes:
    """A `.dvc/config` whose default remote has these lines."""
    own = [f"    url = {url}"] if url is not None else []
    section = ["[core]", f"    remote = {name}", f"['remote \"{name}\"']", *own]
    return "\n".join([*section, *(f"    {line}" for line in lines), ""]).encode()


def mine(name: str = "storage", **settings: str) -> Layer:
    """What the user says of a remote."""
    return Layer(remotes={name: settings})


def read(text: bytes, *, base: Path | None = None, own: Layer | None = None) -> RemoteSettings:
    return choose_remote(Layer.parse(text), own or Layer(), base=base)


def refuse(text: bytes, **how: Any) -> GitregError:
    with pytest.raises(GitregError) as caught:
        read(text, **how)
    assert caught.value.next_step
    return caught.value


class TestWhatTheRepositorySays:
    @pytest.mark.parametrize(
        "line",
        [
            "bearer_token_command = touch pwned",
            "ask_password = true",
            "ask_passphrase = true",
            "keyfile = ~/.ssh/id_ed25519",
            "password = secret",
            "access_key_id = key",
            "secret_access_key = secret",
            "session_token = token",
            "credentialpath = ../credentials",
            "configpath = ../aws",
            "profile = production",
            "gdrive_service_account_json_file_path = x.json",
            "connection_string = x",
            "sas_token = x",
            "cert_path = x",
            "ssl_verify = false",
            "gss_auth = true",
            "proxy_command = touch pwned",
            "custom_auth_header = X",
            "made_up = 1",
        ],
    )
    def test_what_could_run_leak_or_weaken_is_dropped(self, line: str) -> None:
        assert read(config(line)) == RemoteSettings(name="storage", url=URL)

    @pytest.mark.parametrize(
        ("url", "key", "value"),
        [
            (URL, "region", "eu-central-1"),
            (URL, "endpointurl", "https://minio.example.org:9000"),
            (URL, "allow_anonymous_login", "true"),
            ("ssh://host/x", "port", "2222"),
            ("ssh://host/x", "user", "reader"),
            ("https://host/x", "method", "PUT"),
            ("azure://container/x", "account_name", "models"),
        ],
    )
    def test_plain_addresses_are_taken(self, url: str, key: str, value: str) -> None:
        assert read(config(f"{key} = {value}", url=url)).options == {key: value}

    @pytest.mark.parametrize(
        ("url", "line"),
        [
            (URL, "endpointurl = file:///etc"),
            (URL, "endpointurl = https://user:password@host"),
            (URL, "region = eu/../x"),
            ("ssh://host/x", "user = -oProxyCommand=x"),
            ("ssh://host/x", "port = 22x"),
        ],
    )
    def test_plain_settings_that_are_not_plain_are_refused(self, url: str, line: str) -> None:
        assert "is not plain" in refuse(config(line, url=url)).what

    @pytest.mark.parametrize("url", ["gdrive://x", "webdav://h/x", "hdfs://h/x", "git://h/x"])
    def test_unusual_kinds_are_the_users_to_choose(self, url: str) -> None:
        error = refuse(config(url=url))
        assert "yours to choose" in error.what
        assert f"dvc remote modify --local storage url {url}" in str(error.next_step)
        assert read(config(url=url), own=mine(url=url)).url == url

    @pytest.mark.parametrize(
        "url", ["ssh://$(id)/x", "ssh://a;b/x", "https:///x", "ssh://host:port/x", "s3://"]
    )
    def test_an_address_without_a_plain_host_is_refused(self, url: str) -> None:
        assert "no plain host" in refuse(config(url=url)).what

    @pytest.mark.parametrize("url", ["ssh://[x", "https://a]b/x", "https://\u2100/x"])
    def test_an_address_that_is_none_is_refused(self, url: str) -> None:
        assert "is not that of a folder" in refuse(config(url=url)).what
        assert "is not that of a folder" in refuse(config(), own=mine(url=url)).what

    def test_a_folder_of_somebody_unknown_is_refused(self, tmp_path: Path) -> None:
        error = refuse(config(url="~nobody-of-this-name/x"), base=tmp_path)
        assert "is another folder for everybody" in error.what

    def test_a_path_through_links_in_a_circle_is_one_all_the_same(self, tmp_path: Path) -> None:
        (tmp_path / "a").symlink_to(tmp_path / "a")
        assert read(config(url="a"), base=tmp_path).url == str(tmp_path / "a")

    @pytest.mark.parametrize("url", ["https://me:secret@host/x", "https://me@host/x"])
    def test_an_address_with_a_password_in_it_is_refused(self, url: str) -> None:
        assert "holds a user or a password" in refuse(config(url=url)).what

    def test_nothing_is_interpolated(self) -> None:
        assert read(config(url="/mnt/%(secret)s")).url == "/mnt/%(secret)s"

    @pytest.mark.parametrize("line", ["worktree = true", "version_aware = true"])
    def test_a_remote_laid_out_otherwise_is_told(self, line: str) -> None:
        assert "no names of their own" in refuse(config(line)).what

    def test_a_remote_that_refers_to_another_is_told(self) -> None:
        assert "does not follow" in refuse(config(url="remote://other/x")).what


class TestWhatTheUserSays:
    def test_an_address_of_theirs_brings_its_secrets_and_nothing_of_the_repositorys(self) -> None:
        own = mine(url="https://mine", password="mine", user="me")
        found = read(config("user = theirs", "method = PUT", url="https://evil"), own=own)
        assert (found.url, found.options) == ("https://mine", {"password": "mine", "user": "me"})

    def test_secrets_do_not_go_to_an_address_of_the_repositorys(self) -> None:
        error = refuse(config(url="https://evil"), own=mine(password="mine", user="me"))
        assert error.what == (
            "your password, user of the DVC remote 'storage' stay here, for the repository chose "
            "where it is: https://evil"
        )
        assert str(error.next_step).endswith("dvc remote modify --local storage url https://evil")

    def test_what_tells_nobody_anything_goes_anywhere(self) -> None:
        assert read(config(), own=mine(jobs="4")).options == {"jobs": "4"}

    def test_they_choose_the_remote(self) -> None:
        own = Layer(core={"remote": "own"}, remotes={"own": {"url": "/mnt/own"}})
        assert read(config(), own=own).url == "/mnt/own"

    def test_those_of_other_remotes_do_not_matter(self) -> None:
        assert read(config(), own=mine("storage2", url="/mnt")).url == URL

    def test_later_files_win_over_earlier_ones(self, home: Path, tmp_path: Path) -> None:
        system, user = user_config_files()
        assert (system, user) == (home / "etc/dvc/config", home / ".config/dvc/config")
        write(system, config("user = one", "port = 1"))
        write(user, config("user = two", url="/mnt"))
        write(tmp_path / "config.local", b"['remote \"STORAGE\"']\n    keyfile = key\n")
        assert read_user_layer(tmp_path).remotes["storage"] == {
            "url": "/mnt",
            "user": "two",
            "port": "1",
            "keyfile": str(tmp_path / "key"),
        }


class TestAddresses:
    @pytest.mark.parametrize("url", ["/mnt/models", "https://example.org/x", "ssh://host/x", URL])
    def test_an_absolute_one_stays(self, url: str) -> None:
        assert read(config(url=url)).url == url

    def test_a_relative_one_is_relative_to_the_folder_of_the_file(self, tmp_path: Path) -> None:
        found = read(config(url="../../storage"), base=tmp_path / "repo/.dvc")
        assert found.url == str(tmp_path / "storage")

    def test_a_relative_one_means_nothing_outside_a_clone(self) -> None:
        assert "means nothing outside a clone" in refuse(config(url="../../storage")).what

    def test_one_in_everybodys_home_is_told(self) -> None:
        assert "another folder for everybody" in refuse(config(url="~/storage")).what

    @pytest.mark.parametrize("url", [None, "''", "-oProxyCommand=x", "--upload-pack=x", "a, b"])
    def test_what_is_no_address_is_refused(self, url: str | None, tmp_path: Path) -> None:
        error = refuse(config(url=url), base=tmp_path)
        assert error.what == "the DVC remote 'storage' has no url"

    def test_one_of_the_user_that_looks_like_an_option_is_refused_too(self) -> None:
        assert "has no url" in refuse(config(), own=mine(url="-x")).what

    @pytest.mark.parametrize("url", ["https://host/x?y", "s3://b/x?versionId=1", "ssh://host/a b"])
    def test_one_that_is_no_folders_is_refused(self, url: str) -> None:
        assert "not that of a folder" in refuse(config(url=url)).what

    def test_a_message_has_no_password(self) -> None:
        found = RemoteSettings(name="x", url="https://me:secret@host/x@y")
        assert found.label == "the DVC remote https://host/x@y"


class TestFiles:
    @pytest.mark.parametrize("text", [b"", b"[core]\n    autostage = true\n", b"remote = x\n"])
    def test_one_without_a_default_remote_is_told(self, text: bytes) -> None:
        assert refuse(text).what == "no DVC remote is configured"

    @pytest.mark.parametrize("text", [b"[core\n", b"\xff\xfe", b"nonsense\n", b"[a]\n[a]\n"])
    def test_one_that_cannot_be_read_is_told(self, text: bytes) -> None:
        error = refuse(text)
        assert isinstance(error, SetupError)
        assert "cannot be read" in error.what

    def test_one_that_is_too_large_is_not_believed(self) -> None:
        assert isinstance(refuse(b"#" * ((1 << 18) + 1)), UntrustedError)

    def test_a_value_in_the_place_of_a_section_is_none(self) -> None:
        assert "no DVC remote" in refuse(b"core = x\n").what

    def test_one_that_is_a_folder_is_told(self, tmp_path: Path) -> None:
        (tmp_path / ".dvc/config").mkdir(parents=True)
        with pytest.raises(SetupError, match="cannot be read"):
            work_tree_remote(tmp_path)


class TestWorkTrees:
    def test_config_local_is_the_users(self, tmp_path: Path) -> None:
        write(tmp_path / ".dvc/config", config("user = theirs", url="https://theirs"))
        local = b"['remote \"storage\"']\n    url = https://mine\n    password = mine\n"
        write(tmp_path / ".dvc/config.local", local)
        found = work_tree_remote(tmp_path)
        assert (found.url, found.options) == ("https://mine", {"password": "mine"})

    def test_one_without_dvc_has_no_remote(self, tmp_path: Path) -> None:
        assert not has_remote(tmp_path)

    def test_one_whose_remote_cannot_be_opened_has_one(self, tmp_path: Path) -> None:
        write(tmp_path / ".dvc/config", config(url="gdrive://x"))
        assert has_remote(tmp_path)

    def test_the_cache_lies_in_the_dvc_folder(self, tmp_path: Path) -> None:
        assert work_tree_cache(tmp_path) == tmp_path / ".dvc/cache"

    def test_the_cache_lies_where_dvc_was_told(self, tmp_path: Path) -> None:
        write(tmp_path / ".dvc/config", b"[cache]\n    dir = ../shared\n")
        assert work_tree_cache(tmp_path) == tmp_path / ".dvc/../shared"
