"""Regular expressions that are compiled when they are first used: a command uses few of many."""

from __future__ import annotations

import re
from functools import cached_property


class Grammar:
    """What `re.compile` gives, for the ways in which names are read."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Match all of `text`."""
        return self._compiled.fullmatch(text)

    def match(self, text: str) -> re.Match[str] | None:
        """Match the beginning of `text`."""
        return self._compiled.match(text)

    def search(self, text: str) -> re.Match[str] | None:
        """Match anything in `text`."""
        return self._compiled.search(text)
