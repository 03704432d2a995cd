"""What it means to stand an input: nothing but documented errors, and no more memory and words
than it explains."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

_FLOOR = 1 << 20  # bytes that any input may take
_WORDS = 100_000  # characters of an error, and ten for each byte of the input


class UnboundedError(Exception):
    """A reader took more than its input explains."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A reader of bytes from outside, and the laws that hold for what it accepts.

    `check` may raise `refusals` and nothing else. While it runs it holds at most 1 MiB and
    `per_byte` bytes for each byte of the input; the fuzzer ends it after `seconds`. Inputs have up
    to `longest` bytes; `words` are worth trying.
    """

    check: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...] = ()
    per_byte: int = 100
    seconds: int = 10
    longest: int = 4096
    words: tuple[str, ...] = ()

    def run(self, data: bytes) -> bool:
        """Check one input, and return whether it was accepted.

        Raises: UnboundedError; AssertionError where a law is broken; what nobody foresaw.
        """
        accepted, peak = self._measure(data)
        if peak > self._limit(data):  # the first time it may have imported a module
            accepted, peak = self._measure(data)
        if peak > self._limit(data):
            raise UnboundedError(f"{peak} bytes are held for an input of {len(data)}")
        return accepted

    def _limit(self, data: bytes) -> int:
        return _FLOOR + self.per_byte * len(data)

    def _measure(self, data: bytes) -> tuple[bool, int]:
        was_tracing = tracemalloc.is_tracing()
        if not was_tracing:
            tracemalloc.start()
        try:
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            accepted = self._is_accepted(data)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            if not was_tracing:
                tracemalloc.stop()
        return accepted, peak - before

    def _is_accepted(self, data: bytes) -> bool:
        try:
            self.check(data)
        except self.refusals as error:
            said = str(error) + "".join(map(str, getattr(error, "findings", ())))
            if len(said) > _WORDS + 10 * len(data):
                raise UnboundedError(f"the refusal has {len(said)} characters") from error
            return False
        return True
