from __future__ import annotations

import errno
import io
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from gitreg.artifacts.download import check_file, ensure_file
from gitreg.artifacts.sources import LazySources, Source
from gitreg.artifacts.store import Store
from gitreg.domain.canonical import sha256
from gitreg.errors import GitregError, SetupError, TransferError, UntrustedError
from tests.fixtures import write

DATA = b"the signed weights\n" * 1000
SIZE, DIGEST, MD5 = len(DATA), sha256(DATA), "c" * 32
PAGE = b"<!doctype html><title>Sign in</title>"


class Endless(io.RawIOBase):
    """A stream that never ends, and counts what was taken of it."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        self.taken += size
        return bytes(size)


class Broken(io.BytesIO):
    """A stream that breaks after its first chunk."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError(errno.ECONNRESET, "Connection reset by peer")
        return super().read(min(size or 0, 100))


class FakeSource:
    """Gives the bytes it was made with, from the offset asked for."""

    def __init__(self, data: bytes | None, *, name: str = "the fake") -> None:
        self.name = name
        self.data = data
        self.offsets: list[int] = []

    def open(self, md5: str, offset: int) -> IO[bytes]:
        assert md5 == MD5
        self.offsets.append(offset)
        if self.data is None:
            raise FileNotFoundError(md5)
        file = io.BytesIO(self.data)
        file.seek(offset)
        return file

    def close(self) -> None:
        pass


class StreamSource(FakeSource):
    """Gives one stream, whatever the offset."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(b"")
        self.stream = stream

    def open(self, md5: str, offset: int) -> IO[bytes]:
        self.offsets.append(offset)
        assert md5 == MD5
        return self.stream


class Down(FakeSource):
    def open(self, md5: str, offset: int) -> IO[bytes]:
        raise TransferError(f"{self.name} is down, no {md5} from {offset}")


class Progress:
    def __init__(self) -> None:
        self.done = 0

    def __call__(self, count: int) -> None:
        self.done += count


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def get(store: Store, *sources: Source, advance: Callable[[int], object] = lambda _: None) -> Path:
    return ensure_file(store, sources, sha256=DIGEST, md5=MD5, size=SIZE, advance=advance)


def refuse(store: Store, *sources: Source) -> GitregError:
    """What is said where no source has the file; nothing gets its name."""
    with pytest.raises(GitregError) as caught:
        get(store, *sources)
    assert not store.path(DIGEST).exists()
    return caught.value


class TestOneSource:
    def test_the_signed_bytes_are_kept(self, store: Store) -> None:
        progress = Progress()
        path = get(store, FakeSource(DATA), advance=progress)
        assert path == store.path(DIGEST)
        assert path.read_bytes() == DATA
        assert not store.partial(DIGEST).exists()
        assert progress.done == SIZE

    def test_an_empty_file_is_kept_too(self, store: Store) -> None:
        path = ensure_file(
            store, [FakeSource(b"")], sha256=sha256(b""), md5=MD5, size=0, advance=Progress()
        )
        assert path.read_bytes() == b""

    def test_fewer_bytes_are_told_and_stay_for_the_next_time(self, store: Store) -> None:
        error = refuse(store, FakeSource(DATA[:500]))
        assert isinstance(error, TransferError)
        assert f"gave 500 of {SIZE} bytes" in error.what
        assert "goes on from there" in str(error.next_step)
        assert store.partial(DIGEST).read_bytes() == DATA[:500]

    @pytest.mark.parametrize(
        "data", [DATA + b"x", DATA * 3, b"x" * SIZE, DATA[:-1] + b"x", PAGE * 999]
    )
    def test_other_bytes_are_untrusted_and_thrown_away(self, store: Store, data: bytes) -> None:
        error = refuse(store, FakeSource(data))
        assert isinstance(error, UntrustedError)
        assert "has other bytes" in error.what
        assert error.next_step
        assert not store.partial(DIGEST).exists()

    def test_an_endless_stream_is_left_one_byte_after_the_end(self, store: Store) -> None:
        stream = Endless()
        error = refuse(store, StreamSource(stream))  # type: ignore[arg-type]
        assert isinstance(error, UntrustedError)
        assert stream.taken == SIZE + 1
        assert stream.closed

    def test_a_short_page_of_a_portal_never_becomes_the_file(self, store: Store) -> None:
        assert isinstance(refuse(store, FakeSource(PAGE)), TransferError)
        assert get(store, FakeSource(DATA)).read_bytes() == DATA

    def test_a_missing_file_is_told(self, store: Store) -> None:
        error = refuse(store, FakeSource(None))
        assert isinstance(error, TransferError)
        assert error.what == f"the fake does not have {MD5}"

    def test_a_connection_that_breaks_is_told_and_what_came_stays(self, store: Store) -> None:
        error = refuse(store, StreamSource(Broken(DATA)))
        assert isinstance(error, TransferError)
        assert "Connection reset by peer" in error.what
        assert store.partial(DIGEST).read_bytes() == DATA[:100]
        assert get(store, FakeSource(DATA)).read_bytes() == DATA


class TestGoingOn:
    def test_it_starts_where_the_last_one_ended(self, store: Store) -> None:
        store.partial(DIGEST).write_bytes(DATA[:700])
        source, progress = FakeSource(DATA), Progress()
        assert get(store, source, advance=progress).read_bytes() == DATA
        assert source.offsets == [700]
        assert progress.done == SIZE

    def test_a_whole_partial_file_needs_no_source(self, store: Store) -> None:
        store.partial(DIGEST).write_bytes(DATA)
        source = FakeSource(None)
        assert get(store, source).read_bytes() == DATA
        assert source.offsets == []

    @pytest.mark.parametrize("left", [DATA + b"more", b"x" * SIZE])
    def test_what_cannot_become_the_file_is_begun_anew(self, store: Store, left: bytes) -> None:
        store.partial(DIGEST).write_bytes(left)
        source, progress = FakeSource(DATA), Progress()
        assert get(store, source, advance=progress).read_bytes() == DATA
        assert source.offsets == [0]
        assert progress.done == SIZE

    def test_a_wrong_start_is_found_at_the_end_and_begun_anew(self, store: Store) -> None:
        store.partial(DIGEST).write_bytes(b"wrong")
        source, progress = FakeSource(DATA), Progress()
        assert get(store, source, advance=progress).read_bytes() == DATA
        assert source.offsets == [5, 0]
        assert progress.done == SIZE

    def test_another_source_goes_on_with_what_the_first_gave(self, store: Store) -> None:
        other = FakeSource(DATA)
        assert get(store, FakeSource(DATA[:300]), other).read_bytes() == DATA
        assert other.offsets == [300]


class TestSeveralSources:
    @pytest.mark.parametrize("first", [FakeSource(None), FakeSource(b"x" * SIZE), Down(b"")])
    def test_the_next_one_is_asked(self, store: Store, first: FakeSource) -> None:
        assert get(store, first, FakeSource(DATA)).read_bytes() == DATA

    def test_other_bytes_weigh_more_than_none(self, store: Store) -> None:
        evil = FakeSource(b"x" * SIZE, name="the changed one")
        error = refuse(store, evil, FakeSource(None), Down(b""))
        assert isinstance(error, UntrustedError)
        assert "the changed one" in error.what

    def test_no_source_at_all_is_told(self, store: Store) -> None:
        error = refuse(store)
        assert isinstance(error, SetupError)
        assert "dvc remote add" in str(error.next_step)

    def test_they_are_looked_for_once_and_only_if_need_be(self, store: Store) -> None:
        asked = []

        def find() -> list[Source]:
            asked.append(1)
            return [FakeSource(DATA)]

        sources = LazySources(find)
        write(store.path(DIGEST), DATA)
        ensure_file(store, sources, sha256=DIGEST, md5=MD5, size=SIZE, advance=Progress())
        assert asked == []
        store.path(DIGEST).unlink()
        ensure_file(store, sources, sha256=DIGEST, md5=MD5, size=SIZE, advance=Progress())
        assert len(list(sources)) == len(asked) == 1


class TestStored:
    def test_a_file_of_the_store_needs_no_source(self, store: Store) -> None:
        get(store, FakeSource(DATA))
        source, progress = FakeSource(None), Progress()
        assert get(store, source, advance=progress).read_bytes() == DATA
        assert source.offsets == []
        assert progress.done == SIZE

    @pytest.mark.parametrize("damaged", [b"x" * SIZE, DATA[:-1], DATA + b"x", b""])
    def test_a_damaged_one_is_fetched_again(self, store: Store, damaged: bytes) -> None:
        write(store.path(DIGEST), damaged)
        assert get(store, FakeSource(DATA)).read_bytes() == DATA

    def test_a_damaged_one_is_never_handed_out(self, store: Store) -> None:
        write(store.path(DIGEST), b"x" * SIZE)
        assert isinstance(refuse(store, FakeSource(None)), TransferError)

    def test_a_store_that_cannot_be_written_to_is_told(self, tmp_path: Path) -> None:
        write(tmp_path / "store/partial" / DIGEST / "in-the-way", b"")
        error = refuse(Store(tmp_path / "store"), FakeSource(DATA))
        assert isinstance(error, TransferError)
        assert "could not be copied" in error.what


class TestChecking:
    def check(self, source: Source) -> str | None:
        return check_file(source, sha256=DIGEST, md5=MD5, size=SIZE, advance=Progress())

    def test_the_signed_bytes_are_right(self) -> None:
        assert self.check(FakeSource(DATA)) is None

    @pytest.mark.parametrize(
        ("data", "what"),
        [
            (None, "it is missing"),
            (DATA[:9], f"it has 9 of the {SIZE} signed bytes"),
            (DATA + b"x", f"it has more than the {SIZE} signed bytes"),
            (b"x" * SIZE, "its sha256 is not the signed one"),
        ],
    )
    def test_what_is_wrong_is_told(self, data: bytes | None, what: str) -> None:
        assert self.check(FakeSource(data)) == what

    def test_an_endless_stream_is_left(self) -> None:
        stream = Endless()
        assert "more than" in str(self.check(StreamSource(stream)))  # type: ignore[arg-type]
        assert stream.closed

    def test_a_source_that_is_down_is_told(self) -> None:
        with pytest.raises(TransferError, match="is down"):
            self.check(Down(b""))
