"""What was pulled stays what was signed: importing code from it writes nothing beside it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_bytecode() -> Iterator[None]:
    """Have Python write no `__pycache__` meanwhile."""
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before
