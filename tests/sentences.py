"""The sentence model of the extra `embeddings`, for tests that need it."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

needs_model = pytest.mark.skipif(
    find_spec("wordllama") is None, reason="wordllama is not installed"
)
