"""How two documents differ, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitreg.domain.canonical import dumps
from gitreg.value import Value


class Difference(Value):
    """The field at `path` (`training.dataset.rows`) was `before` and is `after`; None is absent."""

    path: str
    before: Any
    after: Any

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {"path": self.path, "before": self.before, "after": self.after}


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], *, within: str = ""
) -> Iterator[Difference]:
    """Yield what differs between two JSON objects, sorted by path; a list is one value."""
    for key in sorted({*before, *after}):
        old, new, path = before.get(key), after.get(key), f"{within}{key}"
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from differences(old, new, within=f"{path}.")
        elif dumps(old) != dumps(new):  # to Python, true is 1
            yield Difference(path=path, before=old, after=new)


def leaves(document: Mapping[str, Any], *, within: str = "") -> Iterator[tuple[str, Any]]:
    """Yield path and value of all that is no mapping, or an empty one, in a JSON object.

    A key with a point or a quotation mark in it is quoted, so that no two paths are the same.
    """
    for key, value in document.items():
        path = within + (f'"{key}"' if "." in key or '"' in key else key)
        if isinstance(value, Mapping) and value:
            yield from leaves(value, within=f"{path}.")
        else:
            yield path, value
