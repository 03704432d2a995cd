"""The function that a version's own code brings: `module:function`, from the model's folder.

The code must import its own modules at its head, not later: several versions may be loaded in
one process, each with a module of the same name, so that none stays known by its name.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from gitreg.errors import InvalidError
from gitreg.formats.bytecode import without_bytecode
from gitreg.formats.file import ModelFile


def find_function(file: ModelFile) -> Callable[..., Any]:
    """Import the entrypoint's module from the model's folder, or from beside its file.

    Raises: InvalidError where there is no such module or function; and what the code raises.
    """
    folder = file.path if file.path.is_dir() else file.path.parent
    if file.entrypoint is None:
        raise _wrong(f"{file.path.name} is of the format {file.format} and names no entrypoint")
    name, _, function = file.entrypoint.partition(":")
    if PathFinder.find_spec(name.partition(".")[0], [str(folder)]) is None:
        raise _wrong(f"the version has no module {name}, which its entrypoint names")
    with _importing(folder):
        found = getattr(importlib.import_module(name), function, None)
    if not callable(found):
        raise _wrong(f"{name} has no function {function}, which the entrypoint names")
    return found  # type: ignore[no-any-return]


def _wrong(what: str) -> InvalidError:
    return InvalidError(
        what,
        next_step="write entrypoint: module:function beside the artifact's path in model.yaml, "
        "and have the module in the artifact's folder",
    )


@contextmanager
def _importing(folder: Path) -> Iterator[None]:
    """Have the modules of `folder` found first, and forgotten afterwards."""
    own = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    others = {name: module for name, module in sys.modules.items() if _top(name) in own}
    for name in others:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        with without_bytecode():
            yield
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if _top(name) in own]:
            del sys.modules[name]
        sys.modules.update(others)


def _top(name: str) -> str:
    return name.partition(".")[0]
