from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.errors import UsageError
from gitreg.similarity.evidence import Evidence
from gitreg.similarity.needs import Need

BOTH = Evidence(
    measured={"accuracy": Decimal("0.9")},
    claimed={"accuracy": Decimal("0.99"), "latency_p95_ms": Decimal(20)},
)


@pytest.mark.parametrize(
    ("text", "met_by"),
    [
        ("metrics.accuracy >= 0.9", "measured"),
        ("metrics.accuracy > 0.9", None),
        ("measured.accuracy=0.90", "measured"),
        ("claimed.accuracy > 0.98", "claimed"),
        ("claimed.accuracy < 0.98", None),
        ("  metrics.latency_p95_ms<=2e1 ", "claimed"),
        ("metrics.latency_p95_ms < 20", None),
        ("metrics.latency_p95_ms != 20.0", None),
        ("measured.latency_p95_ms <= 20", None),
        ("metrics.f1@k:2/a-b <= 1", None),
    ],
)
def test_a_need_is_met_by_what_was_measured_else_by_what_is_claimed(
    text: str, met_by: str | None
) -> None:
    found = Need.parse(text).find(BOTH)
    assert (found[1] if found else None) == met_by


def test_figures_are_compared_as_they_were_written() -> None:
    exact = Evidence(measured={}, claimed={"x": Decimal("0.30000000000000001")})
    assert Need.parse("claimed.x > 0.3").find(exact) is not None
    assert Need.parse("claimed.x = 0.3").find(exact) is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "accuracy >= 0.9", "metrics. >= 1", "metrics.accuracy", "metrics.accuracy >= high"),
        *("metrics.accuracy >= nan", "metrics.accuracy == 1", "metrics.accuracy ~ 1"),
        *("metrics.accuracy >= 1 and metrics.x < 2", "params.C = 1", "metrics.a >= 1e9999"),
        *("metrics.accuracy >= inf", "metrics.a\x1b[31m < 1", f"metrics.{'a' * 999} < 1"),
    ],
)
def test_what_is_no_comparison_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        Need.parse(text)
    assert "latency_p95_ms <= 20" in (refused.value.next_step or "")


@given(
    st.sampled_from(
        [("<", operator.lt), ("<=", operator.le), (">", operator.gt), (">=", operator.ge)]
    ),
    st.integers(-99, 99),
    st.integers(-99, 99),
)
def test_a_comparison_is_the_one_of_numbers(
    comparison: tuple[str, Callable[[int, int], bool]], figure: int, bound: int
) -> None:
    sign, compare = comparison
    evidence = Evidence(measured={"x": Decimal(figure)}, claimed={})
    need = Need.parse(f"metrics.x {sign} {bound}")
    assert (need.find(evidence) is not None) == compare(figure, bound)
    assert str(need) == f"metrics.x {sign} {bound}"


@given(st.text(max_size=60) | st.text("metricslad.<>=! 019eE+-", max_size=40))
def test_no_text_raises_anything_else(text: str) -> None:
    with contextlib.suppress(UsageError):
        Need.parse(text)
