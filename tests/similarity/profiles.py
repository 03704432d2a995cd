"""Random versions: few words and names, so that they often share some; and what is no shape."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from gitreg.similarity.features import Profile

Json = dict[str, Any]

_words = st.sampled_from(["flower", "flowers", "species", "fraud", "cards", "of", "a", "Ünïcode"])
texts = st.lists(_words, max_size=8).map(" ".join)
_numbers = st.sampled_from([0, 1, 0.1, 0.5, 2.5, -3, 1e300, 1e-300]) | st.integers(-9, 9)
_names = st.sampled_from(["C", "kernel", "depth"])
_values = _numbers | st.sampled_from(["rbf", "linear", True, None]) | st.just([1, "a"])
_tensors = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["x", "y"]),
        "datatype": st.sampled_from(["FP64", "INT64"]),
        "shape": st.sampled_from([[-1], [-1, 4]]),
    }
)
_metrics = st.dictionaries(st.sampled_from(["accuracy", "rmse"]), _numbers)

documents: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {},
    optional={
        "description": texts,
        "task": st.sampled_from(["tabular-classification", "tabular-regression"]),
        "tags": st.dictionaries(_words, _words | _numbers, max_size=2),
        "card": st.fixed_dictionaries({}, optional={"intended_use": texts, "ethics": texts}),
        "architecture": st.fixed_dictionaries(
            {},
            optional={
                "family": st.sampled_from(["LogisticRegression", "SVC"]),
                "hyperparameters": st.dictionaries(
                    _names, _values | st.dictionaries(_names, _values, max_size=2), max_size=3
                ),
            },
        ),
        "signature": st.fixed_dictionaries(
            {}, optional={"inputs": st.lists(_tensors, max_size=3), "outputs": st.just([])}
        ),
    },
)


def profile(metrics: Mapping[str, float] | None = None, /, **document: Any) -> Profile:
    """A version that states this."""
    figures = {name: Decimal(repr(value)) for name, value in (metrics or {}).items()}
    return Profile(metadata=document, metrics=figures)


profiles = st.builds(lambda document, metrics: profile(metrics, **document), documents, _metrics)
