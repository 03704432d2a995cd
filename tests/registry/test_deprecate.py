from __future__ import annotations

import pytest

from gitreg.errors import NotFoundError, UsageError
from tests.fixtures import Team


def test_a_version_is_deprecated_and_still_resolves(released: Team) -> None:
    registry = released.open()
    (record,) = registry.deprecate("iris@1.0.0", reason="old labels").records
    assert (record.action, record.reason, record.tag_ref) == ("deprecate", "old labels", None)
    assert registry["iris@1.0.0"].entry.deprecated == record.index


def test_a_deprecated_version_is_not_deprecated_again(released: Team) -> None:
    registry = released.open()
    registry.deprecate("iris@1.0.0")
    assert registry.deprecate("iris@1.0.0").records == ()


def test_what_does_not_exist_is_not_deprecated(released: Team) -> None:
    registry = released.open()
    with pytest.raises(NotFoundError, match="not registered"):
        registry.deprecate("iris@9.0.0")
    with pytest.raises(UsageError, match="the reason"):
        registry.deprecate("iris", reason=" x")
