"""A pytest plugin (`-p tests.mutant`) that takes one rule out of the code before tests run."""

from __future__ import annotations

import importlib
import inspect
import os
import textwrap
from types import FunctionType

import pytest

from gitreg.domain import rules
from tests.mutants import MUTANTS, Mutant

VARIABLE = "GITREG_MUTANT"


def pytest_configure() -> None:
    """Apply the mutant whose place in the table the environment names, if any."""
    number = os.environ.get(VARIABLE)
    if number is not None:
        apply(MUTANTS[int(number)])


def apply(mutant: Mutant) -> None:
    """Change the function in place, so that tables and other modules which hold it change too.

    Raises: pytest.UsageError where the code is no longer what the table of mutants says.
    """
    if mutant.place.startswith("table "):
        _blunt(*mutant.place.removeprefix("table ").split("/"))
        return
    function = find_function(mutant.place)
    source = textwrap.dedent(inspect.getsource(function))
    if source.count(mutant.old) != 1:
        raise pytest.UsageError(f"{mutant.place} has not exactly one {mutant.old!r}")
    names: dict[str, FunctionType] = {}
    lines = [line for line in source.splitlines() if not line.startswith("@")]
    changed = "from __future__ import annotations\n" + "\n".join(lines)
    exec(changed.replace(mutant.old, mutant.new), function.__globals__, names)  # noqa: S102
    function.__code__ = names[function.__name__].__code__


def find_function(place: str) -> FunctionType:
    """Return the function at `module:Class.name`."""
    module, _, path = place.partition(":")
    found: object = importlib.import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    unwrapped = inspect.unwrap(getattr(found, "__func__", found))  # type: ignore[arg-type]
    assert isinstance(unwrapped, FunctionType)
    return unwrapped


def _blunt(kind: str, rule: str) -> None:
    """Let the rule of a table pass everything; it keeps its place and its name."""
    table = rules.COMMON if kind == "every record" else rules.ACTIONS[kind]
    blunt = tuple((name, (lambda _: None) if name == rule else check) for name, check in table)
    if kind == "every record":
        rules.COMMON = blunt
    else:
        rules.ACTIONS = {**rules.ACTIONS, kind: blunt}
