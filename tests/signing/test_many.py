"""Many signatures at once: the outcome is that of each alone, whoever verifies them."""

from __future__ import annotations

import base64
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gitreg.signing import SignatureError, Verified, Verifier, many
from tests.signing.test_sshsig import PAYLOAD, build, raw, signed_bytes, text

ROOT = Path(__file__).parent.parent.parent
COUNTS = (0, 5, 99, 100, 131, 7)


class Pile:
    """Signatures by three keys in turn; each fifth does not fit what it is said to be over."""

    def __init__(self, count: int, *, wrong: bytes = b"!") -> None:
        keys = [Ed25519PrivateKey.generate() for _ in range(3)]
        blobs = [text(b"ssh-ed25519") + text(raw(key)) for key in keys]
        names = [f"ssh-ed25519 {base64.b64encode(blob).decode()}" for blob in blobs]
        self.signed, self.expected = [], []
        for place in range(count):
            key, blob = keys[place % 3], blobs[place % 3]
            armour = build(blob, text(b"ssh-ed25519") + text(key.sign(signed_bytes())))
            is_wrong = place % 5 == 4
            self.signed.append((PAYLOAD + wrong * is_wrong, armour))
            self.expected.append(None if is_wrong else names[place % 3])

    def check(self, found: Verified) -> None:
        errors = [item.what for item in found if isinstance(item, SignatureError)]
        assert set(errors) <= {"the signature does not fit the signed bytes"}
        assert [item if isinstance(item, str) else None for item in found] == self.expected


def set_cores(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(count)), raising=False)


def forks() -> int:
    return len(multiprocessing.active_children())


def tell(story: Callable[[], None], *, status: int = 0) -> None:
    """Run a function of this module in a process where no thread of the test's runner runs."""
    code = f"from {__name__} import {story.__name__} as story; story()"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.stderr, done.returncode) == ("", status)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("cores", [1, 2, 7])
def test_threads_verify_many_as_each_is(
    count: int, cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_cores(monkeypatch, cores)
    monkeypatch.setattr(many, "_may_fork", lambda: False)
    pile = Pile(count)
    with Verifier() as verifier:
        pile.check(verifier.start(pile.signed)())


def test_where_the_number_of_cores_is_not_told_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    for count in (None, 2):
        monkeypatch.setattr(os, "cpu_count", lambda count=count: count)
        pile = Pile(120)
        with Verifier() as verifier:
            pile.check(verifier.start(pile.signed)())


linux = pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")


@linux
def test_a_fork_verifies_many_as_each_is() -> None:
    tell(verify_by_a_fork)


def verify_by_a_fork() -> None:
    os.sched_getaffinity = lambda _: {0, 1}
    piles = [Pile(count) for count in COUNTS]
    piles.append(Pile(100, wrong=b"!" * (1 << 16)))  # more than the pipe holds
    with Verifier() as verifier:
        waiting = [verifier.start(pile.signed) for pile in piles]
        assert forks() == 1
        for pile, wait in zip(piles, waiting, strict=True):
            pile.check(wait())
    assert forks() == 0


@linux
def test_a_fork_that_is_killed_is_not_needed() -> None:
    tell(verify_though_the_fork_is_killed)


def verify_though_the_fork_is_killed() -> None:
    os.sched_getaffinity = lambda _: {0, 1}
    pile = Pile(100)
    with Verifier() as verifier:
        before = verifier.start(pile.signed)
        (fork,) = multiprocessing.active_children()
        fork.kill()
        fork.join()
        after = verifier.start(pile.signed)
        pile.check(before())
        pile.check(after())


@linux
def test_an_owner_that_is_killed_leaves_no_fork_behind() -> None:
    """The fork has the owner's output too, which would not end before it does."""
    tell(be_killed, status=-signal.SIGKILL)


def be_killed() -> None:
    os.sched_getaffinity = lambda _: {0, 1}
    with Verifier() as verifier:
        verifier.start(Pile(100).signed)()
        os.kill(os.getpid(), signal.SIGKILL)


@linux
def test_an_owner_that_fails_ends_its_fork() -> None:
    tell(fail)


def fail() -> None:
    os.sched_getaffinity = lambda _: {0, 1}
    with pytest.raises(KeyError):
        start_and_fail()
    assert forks() == 0


def start_and_fail() -> None:
    with Verifier() as verifier:
        verifier.start(Pile(2000, wrong=b"!" * (1 << 14)).signed)
        raise KeyError


@linux
def test_beside_another_thread_and_in_a_pool_nothing_is_forked() -> None:
    tell(verify_where_no_fork_may_be)


def verify_where_no_fork_may_be() -> None:
    os.sched_getaffinity = lambda _: {0, 1}
    daemon = multiprocessing.get_context("fork").Process(target=verify_without_a_fork, daemon=True)
    daemon.start()
    daemon.join()
    assert daemon.exitcode == 0
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    verify_without_a_fork()
    done.set()
    other.join()


def verify_without_a_fork() -> None:
    pile = Pile(100)
    with Verifier() as verifier:
        wait = verifier.start(pile.signed)
        assert forks() == 0
        pile.check(wait())
