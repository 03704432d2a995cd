"""A sequence that goes on: what was there, wherever it is kept, and what was appended since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar, overload

T = TypeVar("T")


class Chain(Sequence[T]):
    """The items of `before`, which never change, and those appended here."""

    def __init__(self, before: Sequence[T] = ()) -> None:
        self._before = before
        self._length = len(before)
        self.new: list[T] = []

    def append(self, item: T) -> None:
        """Put an item at the end."""
        self.new.append(item)

    def __len__(self) -> int:
        return self._length + len(self.new)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            start, stop, step = place.indices(len(self))
            if step != 1:
                return [self[number] for number in range(start, stop, step)]
            own = slice(max(start - self._length, 0), max(stop - self._length, 0))
            before = self._before[start : min(stop, self._length)] if start < self._length else ()
            return [*before, *self.new[own]]
        number = place + len(self) if place < 0 else place
        if not 0 <= number < len(self):
            raise IndexError(place)
        return self.new[number - self._length] if number >= self._length else self._before[number]

    def __iter__(self) -> Iterator[T]:
        yield from self._before
        yield from self.new

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # like a list

    def __repr__(self) -> str:
        return f"<Chain of {len(self)}>"
