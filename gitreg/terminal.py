"""Whether somebody is there to answer: without a terminal nothing ever waits."""

from __future__ import annotations

import sys


def has_terminal() -> bool:
    """Whether a person could answer a question."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
