from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from gitreg.artifacts.local import LocalSource
from gitreg.artifacts.remote import open_remote
from gitreg.artifacts.settings import RemoteSettings
from gitreg.artifacts.sources import LazySources, Patient, Source, Stream
from gitreg.artifacts.web import may_follow
from gitreg.errors import SetupError, TransferError
from tests.fixtures import write
from tests.liar import Request, serve_lies

MD5 = "ab" + "c" * 30
PATH = f"files/md5/{MD5[:2]}/{MD5[2:]}"
DATA = bytes(range(256)) * 4000


def settings(url: str, **options: str) -> RemoteSettings:
    return RemoteSettings(name="storage", url=url, options=options)


def read(source: Source, offset: int = 0) -> bytes:
    stream = source.open(MD5, offset)
    found = b"".join(iter(lambda: stream.read(1 << 22), b""))
    stream.close()
    source.close()
    return found


class TestFolders:
    @pytest.mark.parametrize(("offset", "data"), [(0, b"weights"), (3, b"ghts")])
    def test_one_is_read_from_any_offset(self, tmp_path: Path, offset: int, data: bytes) -> None:
        write(tmp_path / PATH, b"weights")
        source = open_remote(settings(str(tmp_path)))
        assert source.name == f"the DVC remote {tmp_path}"
        assert read(source, offset) == data

    def test_what_it_lacks_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            open_remote(settings(str(tmp_path))).open(MD5, 0)

    @pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
    def test_what_is_no_file_is_not_waited_for(
        self, tmp_path: Path, make: Callable[[Path], None]
    ) -> None:
        (tmp_path / PATH).parent.mkdir(parents=True)
        make(tmp_path / PATH)
        with pytest.raises(TransferError, match=r"not a plain file|Is a directory"):
            open_remote(settings(str(tmp_path))).open(MD5, 0)


class TestTheWeb:
    def test_a_file_is_read_from_any_offset(self, tmp_path: Path) -> None:
        write(tmp_path / PATH, DATA)
        with serve_lies(tmp_path) as liar:
            assert read(open_remote(settings(liar.url))) == DATA
            assert read(open_remote(settings(liar.url)), 700_001) == DATA[700_001:]
        assert liar.asked[-1].headers["Range"] == "bytes=700001-"

    @pytest.mark.parametrize(
        "answer",
        [
            lambda request: request.serve(ranges=False),
            lambda request: (
                request.answer(206, {"Content-Range": "bytes 0-9/10"}, DATA[:10])
                if "Range" in request.headers
                else request.serve(ranges=False)
            ),
            lambda request: (
                request.answer(206, {"Content-Range": f"bytes {'7' * 5000}-9/10"}, DATA[:10])
                if "Range" in request.headers
                else request.serve(ranges=False)
            ),
            lambda request: (
                request.answer(416, {})
                if "Range" in request.headers
                else request.serve(ranges=False)
            ),
        ],
    )
    def test_a_server_that_starts_elsewhere_is_read_from_the_beginning(
        self, tmp_path: Path, answer: Callable[[Request], None]
    ) -> None:
        write(tmp_path / PATH, DATA)
        with serve_lies(tmp_path) as liar:
            liar.lie = answer
            assert read(open_remote(settings(liar.url)), 700_001) == DATA[700_001:]

    @pytest.mark.parametrize(
        ("status", "what"), [(401, "let you in"), (403, "let you in"), (500, "answers 500")]
    )
    def test_a_refusal_is_told(self, tmp_path: Path, status: int, what: str) -> None:
        with serve_lies(tmp_path) as liar:
            liar.lie = lambda request: request.answer(status, {}, b"<html>")
            with pytest.raises(TransferError, match=what):
                open_remote(settings(liar.url)).open(MD5, 0)

    def test_what_it_lacks_is_missing(self, tmp_path: Path) -> None:
        with serve_lies(tmp_path) as liar, pytest.raises(FileNotFoundError):
            open_remote(settings(liar.url)).open(MD5, 0)

    def test_a_server_that_is_away_is_told(self) -> None:
        with pytest.raises(TransferError, match="could not be read"):
            open_remote(settings("http://127.0.0.1:1")).open(MD5, 0)

    @pytest.mark.parametrize(
        ("options", "sent"),
        [
            ({"auth": "basic", "user": "me", "password": "x"}, ("Authorization", "Basic bWU6eA==")),
            ({"auth": "custom", "custom_auth_header": "Key", "password": "x"}, ("Key", "x")),
        ],
    )
    def test_the_users_credentials_go_along(
        self, tmp_path: Path, options: dict[str, str], sent: tuple[str, str]
    ) -> None:
        write(tmp_path / PATH, DATA)
        with serve_lies(tmp_path) as liar:
            assert read(open_remote(settings(liar.url, **options))) == DATA
        assert liar.asked[0].headers[sent[0]] == sent[1]

    @pytest.mark.parametrize(
        ("url", "target", "follows"),
        [
            ("http://a/x", "http://b/y", True),
            ("http://a/x", "https://b/y", True),
            ("https://a/x", "https://b/y", True),
            ("https://a/x", "http://a/x", False),
            ("http://a/x", "file:///x", False),
            ("http://a/x", "ftp://a/x", False),
        ],
    )
    def test_no_redirect_leads_out_of_encryption_or_the_web(
        self, url: str, target: str, *, follows: bool
    ) -> None:
        assert may_follow(url, target) == follows

    def test_credentials_that_lack_something_are_told(self) -> None:
        with pytest.raises(SetupError, match="lacks what it needs"):
            open_remote(settings("http://host", auth="basic", user="me")).open(MD5, 0)


@pytest.mark.parametrize(
    ("scheme", "step"),
    [("s3", "'gitreg[s3]'"), ("ssh", "'gitreg[ssh]'"), ("gs", "'dvc[gs]'")],
)
def test_what_a_kind_needs_more_is_told(
    scheme: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, f"dvc_{scheme}", None)
    with pytest.raises(SetupError, match=f"support for {scheme}") as caught:
        open_remote(settings(f"{scheme}://bucket/x")).open(MD5, 0)
    assert caught.value.next_step == f"pip install {step}"


class Trickle:
    """A source whose one file comes until a test has seen enough, and then no more."""

    name = "the slow one"

    def __init__(self) -> None:
        self.enough = Event()
        self.parts = [b"first", b"second"]

    def open(self, md5: str, offset: int) -> Stream:
        assert (md5, offset) == (MD5, 0)
        return self

    def read(self, size: int) -> bytes:
        assert size
        if not self.parts:
            self.enough.wait()
            return b""
        return self.parts.pop(0)

    def close(self) -> None:
        pass


def test_a_source_that_falls_silent_is_left_after_a_while() -> None:
    slow = Trickle()
    stream = Patient(slow, patience=0.01).open(MD5, 0)
    assert [stream.read(3), stream.read(9), stream.read(9)] == [b"fir", b"st", b"second"]
    with pytest.raises(TransferError, match=r"did not answer within 0\.01 seconds"):
        stream.read(9)
    slow.enough.set()


def test_a_source_that_nobody_wants_any_more_is_left_at_once() -> None:
    slow = Trickle()
    slow.parts = [b"first"]
    patient = Patient(slow, patience=1000)
    stream = patient.open(MD5, 0)
    assert stream.read(9) == b"first"
    patient.close()
    with pytest.raises(TransferError, match="did not answer"):
        stream.read(9)
    slow.enough.set()


def test_sources_are_looked_for_once() -> None:
    asked: list[int] = []

    def find() -> list[Source]:
        asked.append(1)
        return [LocalSource(Path("/nowhere"), "nowhere")]

    sources = LazySources(find)
    sources.close()
    assert asked == []
    assert list(sources) == list(sources)
    assert asked == [1]
