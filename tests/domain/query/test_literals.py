from __future__ import annotations

from decimal import Decimal

import pytest

from gitreg.domain.query.fields import Kind
from gitreg.domain.query.literals import Comparable, make_test, release_key
from gitreg.domain.query.tree import Operator
from gitreg.domain.version import Version

NOON = 12 * 60 * 60


@pytest.mark.parametrize(
    ("kind", "own", "sign", "value", "expected"),
    [
        (Kind.TEXT, "Apache-2.0", "=", "apache-2.0", True),
        (Kind.TEXT, "Straße", "=", "STRASSE", True),
        (Kind.NUMBER, Decimal("0.30"), "=", "0.3", True),
        (Kind.NUMBER, Decimal("0.95"), ">", "0.949999999999999999999", True),
        (Kind.NUMBER, Decimal("1e308"), "<", "1e9999", True),
        (Kind.BYTES, Decimal(10240), "=", "10KiB", True),
        (Kind.BYTES, Decimal(10240), "<", "10.3 kB", True),
        (Kind.BYTES, Decimal(7), "=", "7b", True),
        (Kind.VERSION, Version(1, 10, 0), ">", "1.9", True),
        (Kind.VERSION, Version(2, 0, 0, ("rc", 1)), "<", "v2.0.0", True),
        (Kind.VERSION, Version(2, 0, 0), "=", "2", True),
        (Kind.VERSION, Version(2, 1, 0), "~", "2.*", True),
        (Kind.RELEASE, "1.10", ">", "1.9.9", True),
        (Kind.RELEASE, "2.0rc1", "<", "2.0", True),
        (Kind.RELEASE, "2.4.0+cu118", "=", "2.4", True),
        (Kind.TIME, NOON, "=", "1970-01-01", True),
        (Kind.TIME, NOON, ">", "1970-01-01", False),
        (Kind.TIME, NOON, "<=", "1970-01-01", True),
        (Kind.TIME, NOON, ">=", "1970-01-01T12:00", True),
        (Kind.TIME, NOON, "<", "1970-01-01T12:00", False),
        (Kind.FLAG, False, "=", "no", True),
        (Kind.ANY, Decimal(10), ">", "9", True),
        (Kind.ANY, "95", ">", "9", False),
        (Kind.ANY, "10", "=", "10", True),
        (Kind.ANY, Decimal(10), "=", "ten", False),
        (Kind.ANY, True, "=", "true", True),
        (Kind.ANY, True, ">", "false", False),
        (Kind.ANY, "b", ">", "A", True),
        (Kind.ANY, True, "~", "tru*", True),
    ],
)
def test_a_comparison(
    kind: Kind, own: Comparable, sign: Operator, value: str, *, expected: bool
) -> None:
    assert make_test(kind, sign, value)(own) is expected


def test_versions_of_packages_are_ordered_by_their_numbers() -> None:
    ordered = ["1.0a1", "1.0rc2", "1.0", "1.0.1", "1.9", "1.10", "2"]
    assert [*map(release_key, ordered)] == sorted(map(release_key, set(ordered)))
