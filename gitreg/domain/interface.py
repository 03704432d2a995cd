"""How what a model takes and gives changed, and what that does to its callers.

A change is breaking where a caller written for the one version may fail with the other. So what is
taken may widen and what is given may narrow: an input whose size may now be any still takes what it
took, and an output whose size was any and is now known still is what was promised.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from gitreg.domain.canonical import dumps
from gitreg.value import Value

Side = Literal["input", "output"]
Tensors = Mapping[str, Mapping[str, Any]]

_SIDES: tuple[tuple[Side, str], ...] = (("input", "inputs"), ("output", "outputs"))
_LOST: Mapping[Side, str] = {
    "input": "callers still send it",
    "output": "callers still read it",
}


class InterfaceChange(Value):
    """One change of an input or an output called `name`; None is absent.

    `kind` is added, removed, renamed, retyped, reshaped, reordered, described or unstated; `why`
    says what makes it breaking, or not.
    """

    side: Side
    name: str
    kind: str
    breaking: bool
    why: str
    before: Any = None
    after: Any = None

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "side": self.side,
            "name": self.name,
            "kind": self.kind,
            "breaking": self.breaking,
            "why": self.why,
            "before": self.before,
            "after": self.after,
        }


def interface_changes(before: object, after: object) -> tuple[InterfaceChange, ...]:
    """Return what changed from one `signature:` of a `model.json` to another, breaking ones first.

    One that is absent or malformed promises nothing.
    """
    changes = [
        change
        for side, key in _SIDES
        for change in _side_changes(side, _tensors(before, key), _tensors(after, key))
    ]
    return tuple(sorted(changes, key=lambda change: not change.breaking))


def _tensors(signature: object, key: str) -> dict[str, Mapping[str, Any]]:
    listed = signature.get(key) if isinstance(signature, Mapping) else None
    found: dict[str, Mapping[str, Any]] = {}
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, Mapping):
            name = str(entry.get("name"))
            found[name if name not in found else f"{name} ({len(found) + 1})"] = entry
    return found


def _side_changes(side: Side, before: Tensors, after: Tensors) -> Iterator[InterfaceChange]:
    if not before and not after:
        return
    if not before or not after:
        yield _unstated(side, before, after)
        return
    renamed = _find_renamed(before, after)
    for name, entry in before.items():
        if name in after:
            yield from _tensor_changes(side, name, entry, after[name])
        elif name in renamed:
            why = f"{_LOST[side]} by its old name"
            yield InterfaceChange(
                side=side,
                name=name,
                kind="renamed",
                breaking=True,
                why=why,
                before=name,
                after=renamed[name],
            )
        else:
            yield _whole(side, name, "removed", entry, breaking=True, why=_LOST[side])
    for name, entry in after.items():
        if name not in before and name not in renamed.values():
            yield _added(side, name, entry)
    if list(before) != list(after) and set(before) == set(after):
        yield InterfaceChange(
            side=side,
            name=f"all {side}s",
            kind="reordered",
            breaking=False,
            why="they go by name",
            before=list(before),
            after=list(after),
        )


def _unstated(side: Side, before: Tensors, after: Tensors) -> InterfaceChange:
    lost = bool(before)
    return InterfaceChange(
        side=side,
        name=f"all {side}s",
        kind="unstated" if lost else "added",
        breaking=lost,
        why="nothing promises them any more" if lost else "nothing was promised before",
        before=list(before) or None,
        after=list(after) or None,
    )


def _added(side: Side, name: str, entry: Mapping[str, Any]) -> InterfaceChange:
    takes = side == "input"
    why = "callers do not send it yet" if takes else "callers that do not know it need not read it"
    return _whole(side, name, "added", entry, breaking=takes, why=why)


def _whole(
    side: Side, name: str, kind: str, entry: Mapping[str, Any], *, breaking: bool, why: str
) -> InterfaceChange:
    value = _about(entry)
    return InterfaceChange(
        side=side,
        name=name,
        kind=kind,
        breaking=breaking,
        why=why,
        before=value if kind == "removed" else None,
        after=value if kind == "added" else None,
    )


def _about(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: entry.get(key) for key in ("datatype", "shape")}


def _find_renamed(before: Tensors, after: Tensors) -> dict[str, str]:
    """Pair what is gone with what is new at the same place, of the same type and shape."""
    return {
        old: new
        for (old, was), (new, entry) in zip(before.items(), after.items(), strict=False)
        if old not in after and new not in before and dumps(_about(was)) == dumps(_about(entry))
    }


def _tensor_changes(
    side: Side, name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[InterfaceChange]:
    found: tuple[tuple[str, str, bool, str], ...] = (
        ("datatype", "retyped", True, "bytes of another type are refused or misread"),
        ("shape", "reshaped", *_judge_shape(side, before.get("shape"), after.get("shape"))),
        ("description", "described", False, "words promise no bytes"),
    )
    for key, kind, breaking, why in found:
        old, new = before.get(key), after.get(key)
        if dumps(old) != dumps(new):
            yield InterfaceChange(
                side=side, name=name, kind=kind, breaking=breaking, why=why, before=old, after=new
            )


def _judge_shape(side: Side, before: object, after: object) -> tuple[bool, str]:
    if side == "input" and _admits(after, before):
        return False, "it takes every shape that it took"
    if side == "output" and _admits(before, after):
        return False, "its shape is one that was promised"
    return True, f"callers {'send' if side == 'input' else 'expect'} another shape"


def _admits(wide: object, narrow: object) -> bool:
    """Whether every shape that `narrow` stands for is one of `wide`; -1 stands for any size."""
    if not isinstance(wide, Sequence) or not isinstance(narrow, Sequence):
        return False
    pairs = zip(wide, narrow, strict=False)
    return len(wide) == len(narrow) and all(one in (-1, other) for one, other in pairs)
