"""Targets that do not stand their input: they show that the runner finds what it is there for."""

from __future__ import annotations

from tests.fuzz.target import Target


def crash(data: bytes) -> None:
    """Fail on an input that only coverage leads to."""
    if data[:1] == b"g" and data[1:2] == b"i" and data[2:3] == b"t" and data[3:4] == b"!":
        raise ZeroDivisionError


def hang(data: bytes) -> None:
    """Never end."""
    while data:
        pass


def hoard(data: bytes) -> None:
    """Hold more than the input explains."""
    held = bytes(1 << 21) if data else b""
    assert len(held) >= len(data)


def chatter(data: bytes) -> None:
    """Refuse in far too many words."""
    raise ValueError("no " * 50_000 if data else "no")


def stand(data: bytes) -> None:
    """Refuse everything, as documented."""
    raise ValueError


TARGETS = {
    "crash": Target(check=crash),
    "hang": Target(check=hang, seconds=1),
    "hoard": Target(check=hoard),
    "chatter": Target(check=chatter, refusals=(ValueError,)),
    "stand": Target(check=stand, refusals=(ValueError,)),
}
