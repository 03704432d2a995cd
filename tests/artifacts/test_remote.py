from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from gitreg.artifacts.remote import (
    LazySources,
    RemoteSource,
    Source,
    read_settings,
    read_user_settings,
    user_config_files,
    work_tree_cache,
    work_tree_settings,
)
from gitreg.errors import GitregError, SetupError, TransferError, UntrustedError
from tests.fixtures import write

MD5 = "ab" + "c" * 30
URL = "s3://bucket/models"


def config(*lines: str, name: str = "storage", url: str | None = URL) -> bytes:
    """A `.dvc/config` whose default remote has these lines."""
    own = [f"    url = {url}"] if url is not None else []
    section = ["[core]", f"    remote = {name}", f"['remote \"{name}\"']", *own]
    return "\n".join([*section, *(f"    {line}" for line in lines), ""]).encode()


def read(
    text: bytes, *, base: Path | None = None, trusted: dict[str, Any] | None = None
) -> dict[str, Any]:
    return read_settings(text, base=base, trusted=trusted or {})


def refuse(text: bytes, **how: Any) -> GitregError:
    with pytest.raises(GitregError) as caught:
        read(text, **how)
    return caught.value


class TestForeignSettings:
    @pytest.mark.parametrize(
        "line",
        [
            "bearer_token_command = touch pwned",
            "ask_password = true",
            "ask_passphrase = true",
            "keyfile = ~/.ssh/id_ed25519",
            "password = secret",
            "passphrase = secret",
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
            "key_path = x",
            "ssl_verify = false",
            "allow_agent = true",
            "gss_auth = true",
            "proxy_command = touch pwned",
            "headers = {'X': 'y'}",
            "custom_auth_header = X",
            "verify = false",
            "made_up = 1",
        ],
    )
    def test_what_could_run_leak_or_weaken_is_dropped(self, line: str) -> None:
        assert read(config(line)) == {"url": URL}

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("region", "eu-central-1"),
            ("endpointurl", "https://minio.example.org"),
            ("port", "2222"),
            ("user", "reader"),
            ("account_name", "models"),
            ("allow_anonymous_login", "true"),
        ],
    )
    def test_plain_addresses_are_taken(self, key: str, value: str) -> None:
        assert read(config(f"{key} = {value}")) == {"url": URL, key: value}

    def test_nothing_is_interpolated(self) -> None:
        text = config("user = %(HOME)s", url="s3://bucket/%(secret)s")
        assert read(text) == {"url": "s3://bucket/%(secret)s", "user": "%(HOME)s"}

    def test_other_remotes_do_not_matter(self) -> None:
        text = config() + b"['remote \"other\"']\n    url = s3://elsewhere\n    user = x\n"
        assert read(text) == {"url": URL}


class TestUserSettings:
    def test_they_win(self) -> None:
        trusted = {'remote "storage"': {"url": "/mnt/models", "password": "mine"}}
        assert read(config("user = theirs"), trusted=trusted) == {
            "url": "/mnt/models",
            "user": "theirs",
            "password": "mine",
        }

    def test_they_choose_the_remote(self) -> None:
        trusted = {"core": {"remote": "own"}, 'remote "own"': {"url": "/mnt/own"}}
        assert read(config(), trusted=trusted) == {"url": "/mnt/own"}

    def test_names_are_told_apart_without_case(self) -> None:
        trusted = {"'remote \"STORAGE\"'": {"user": "me"}}
        assert read(config(), trusted=trusted) == {"url": URL, "user": "me"}

    def test_those_of_other_remotes_do_not_matter(self) -> None:
        trusted = {'remote "storage2"': {"url": "/mnt/models"}}
        assert read(config(), trusted=trusted) == {"url": URL}

    def test_later_files_win_over_earlier_ones(self, tmp_path: Path) -> None:
        one = write(tmp_path / "one", config("user = one", "port = 1"))
        two = write(tmp_path / "two", config("user = two", url="/mnt"))
        merged = read_user_settings([one, tmp_path / "missing", two])
        assert read(b"", trusted=merged) == {"url": "/mnt", "user": "two", "port": "1"}

    def test_they_are_looked_for_where_dvc_keeps_them(self, home: Path) -> None:
        assert user_config_files() == [home / "etc/dvc/config", home / ".config/dvc/config"]


class TestAddresses:
    @pytest.mark.parametrize("url", ["/mnt/models", "https://example.org/x", "ssh://host/x", URL])
    def test_an_absolute_one_stays(self, url: str) -> None:
        assert read(config(url=url))["url"] == url

    def test_a_relative_one_is_relative_to_the_folder_of_the_file(self, tmp_path: Path) -> None:
        settings = read(config(url="../../storage"), base=tmp_path / "repo/.dvc")
        assert settings["url"] == str(tmp_path / "storage")

    def test_a_relative_one_means_nothing_outside_a_clone(self) -> None:
        error = refuse(config(url="../../storage"))
        assert isinstance(error, SetupError)
        assert "'../../storage', which means nothing outside a clone" in error.what
        assert "clone the repository" in str(error.next_step)

    @pytest.mark.parametrize("url", [None, "''", "-oProxyCommand=x", "--upload-pack=x", "a, b"])
    def test_what_is_no_address_is_refused(self, url: str | None, tmp_path: Path) -> None:
        error = refuse(config(url=url), base=tmp_path)
        assert isinstance(error, SetupError)
        assert error.what == "the DVC remote 'storage' has no url"
        assert error.next_step == "dvc remote add -d storage URL"

    def test_one_of_the_user_that_looks_like_an_option_is_refused_too(self) -> None:
        error = refuse(config(), trusted={'remote "storage"': {"url": "-x"}})
        assert isinstance(error, SetupError)


class TestFiles:
    @pytest.mark.parametrize("text", [b"", b"[core]\n    autostage = true\n", b"remote = x\n"])
    def test_one_without_a_default_remote_is_told(self, text: bytes) -> None:
        error = refuse(text)
        assert isinstance(error, SetupError)
        assert error.what == "no DVC remote is configured"
        assert "dvc remote add -d" in str(error.next_step)

    def test_one_whose_default_remote_is_not_described_is_told(self) -> None:
        assert "has no url" in refuse(b"[core]\n    remote = storage\n").what

    @pytest.mark.parametrize("text", [b"[core\n", b"\xff\xfe", b"nonsense\n", b"[a]\n[a]\n"])
    def test_one_that_cannot_be_read_is_told(self, text: bytes) -> None:
        error = refuse(text)
        assert isinstance(error, SetupError)
        assert "cannot be read" in error.what

    def test_one_that_is_too_large_is_not_believed(self) -> None:
        assert isinstance(refuse(b"#" * ((1 << 18) + 1)), UntrustedError)

    @pytest.mark.parametrize("text", [b"core = x\n", b"core = x\n'remote \"a\"' = y\n"])
    def test_a_value_in_the_place_of_a_section_is_none(self, text: bytes) -> None:
        assert "no DVC remote" in refuse(text).what


class TestWorkTrees:
    def test_the_local_settings_are_the_users(self, tmp_path: Path) -> None:
        write(tmp_path / ".dvc/config", config("password = theirs", "user = theirs"))
        write(tmp_path / ".dvc/config.local", b"['remote \"storage\"']\n    password = mine\n")
        settings = work_tree_settings(tmp_path)
        assert settings == {"url": URL, "user": "theirs", "password": "mine"}

    def test_a_work_tree_without_dvc_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(SetupError, match="no DVC remote is configured"):
            work_tree_settings(tmp_path)

    def test_the_cache_lies_in_the_dvc_folder(self, tmp_path: Path) -> None:
        write(tmp_path / ".dvc/cache/files/md5" / MD5[:2] / MD5[2:], b"weights")
        with work_tree_cache(tmp_path).open(MD5, 3) as file:
            assert file.read() == b"ghts"

    def test_the_cache_lies_where_dvc_was_told(self, tmp_path: Path) -> None:
        write(tmp_path / ".dvc/config", b"[cache]\n    dir = ../shared\n")
        write(tmp_path / "shared/files/md5" / MD5[:2] / MD5[2:], b"weights")
        with work_tree_cache(tmp_path).open(MD5, 0) as file:
            assert file.read() == b"weights"

    def test_what_the_cache_lacks_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            work_tree_cache(tmp_path).open(MD5, 0)


class TestRemotes:
    @pytest.mark.parametrize(("offset", "data"), [(0, b"weights"), (3, b"ghts")])
    def test_a_folder_is_read_from_any_offset(
        self, tmp_path: Path, offset: int, data: bytes
    ) -> None:
        write(tmp_path / "files/md5" / MD5[:2] / MD5[2:], b"weights")
        source = RemoteSource({"url": str(tmp_path)})
        assert source.name == f"the DVC remote {tmp_path}"
        with source.open(MD5, offset) as file:
            assert file.read() == data

    def test_what_it_lacks_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            RemoteSource({"url": str(tmp_path)}).open(MD5, 0)

    def test_what_cannot_be_read_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "files/md5" / MD5[:2] / MD5[2:]).mkdir(parents=True)
        with pytest.raises(TransferError, match="could not be read"):
            RemoteSource({"url": str(tmp_path)}).open(MD5, 0)

    @pytest.mark.parametrize("scheme", ["s3", "gs", "azure"])
    def test_what_dvc_needs_more_for_is_told(
        self, scheme: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, f"dvc_{scheme}", None)
        with pytest.raises(SetupError, match=f"support for {scheme}") as caught:
            RemoteSource({"url": f"{scheme}://bucket/x"}).open(MD5, 0)
        assert caught.value.next_step == f"pip install 'dvc[{scheme}]'"

    def test_a_kind_that_dvc_does_not_know_is_told(self) -> None:
        with pytest.raises(GitregError):
            RemoteSource({"url": "gopher://host/x"}).open(MD5, 0)


def test_sources_are_looked_for_once() -> None:
    asked: list[int] = []

    def find() -> list[Source]:
        asked.append(1)
        return [RemoteSource({"url": "/nowhere"})]

    sources = LazySources(find)
    assert asked == []
    assert list(sources) == list(sources)
    assert asked == [1]
