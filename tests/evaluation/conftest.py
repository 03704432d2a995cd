from __future__ import annotations

from collections.abc import Iterator

import pytest
import sklearn


@pytest.fixture(autouse=True, scope="session")
def hasty_sklearn() -> Iterator[None]:
    """scikit-learn checks its arguments for longer than it computes on rows as few as these."""
    with sklearn.config_context(skip_parameter_validation=True, assume_finite=True):
        yield
