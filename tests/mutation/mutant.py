"""A mutant: gitreg with one clause of its rules taken out, in this process only."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
import textwrap
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from gitreg.domain import rules

TABLE = "table "
Swap = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """What is taken out, and the `test` that must fail then, as a node id of pytest.

    Each of `swaps` is a place (`module:name` or `module:Class.name`), the code there, and what
    comes instead: an expression or statements, however they are laid out. Where the place is
    `table KIND/RULE`, that rule of the tables in `rules.py` lets everything pass.
    """

    what: str
    swaps: tuple[Swap, ...]
    test: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """A sentence of the design under its rule, with a mutant for each of its clauses."""

    rule: str
    text: str
    mutants: tuple[Mutant, ...]


def sentence(rule: str, text: str, *mutants: Mutant) -> Sentence:
    """Return a row of the table."""
    return Sentence(rule=rule, text=text, mutants=mutants)


def cut(what: str, place: str, old: str, new: str, test: str) -> Mutant:
    """Return the mutant without `what`; `place` is below `gitreg`, `test` below `tests/`."""
    return cut_all(what, test, (place, old, new))


def cut_all(what: str, test: str, *swaps: Swap) -> Mutant:
    """Return the mutant without `what`, which more than one place sees to."""
    below = tuple((f"gitreg.{place}", old, new) for place, old, new in swaps)
    return Mutant(what=what, swaps=below, test=f"tests/{test}")


class StaleMutantError(Exception):
    """The code is no longer what the table of mutants says."""


def apply(mutant: Mutant) -> None:
    """Change functions in place, so that tables and other modules which hold them change too.

    Raises: StaleMutantError.
    """
    for place, *_ in mutant.swaps:
        if place.startswith(TABLE):
            _blunt(*place.removeprefix(TABLE).split("/"))
    for function, code in mutated_code(mutant).items():
        function.__code__ = code
    _forget_what_was_computed()


def mutated_code(mutant: Mutant) -> dict[FunctionType, CodeType]:
    """Return the functions that the mutant changes, each with the code it has then.

    Raises: StaleMutantError.
    """
    sources: dict[FunctionType, ast.Module] = {}
    for place, old, new in mutant.swaps:
        if place.startswith(TABLE):
            continue
        function = find_function(place)
        if function not in sources:
            sources[function] = ast.parse(textwrap.dedent(inspect.getsource(function)))
        swap = _Swap(old, new)
        swap.visit(sources[function])
        if swap.count != 1:
            raise StaleMutantError(f"{place} has {old!r} {swap.count} times, not once")
    return {function: _compile(function, source) for function, source in sources.items()}


def _compile(function: FunctionType, source: ast.Module) -> CodeType:
    (definition,) = source.body
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    ast.fix_missing_locations(source)
    flags = annotations.compiler_flag  # as in every module of gitreg
    code = compile(source, function.__code__.co_filename, "exec", flags, dont_inherit=True)
    names: dict[str, FunctionType] = {}
    exec(code, function.__globals__, names)  # noqa: S102
    return names[function.__name__].__code__


def find_function(place: str) -> FunctionType:
    """Return the function at `module:name` or `module:Class.name`.

    Raises: StaleMutantError.
    """
    module, _, path = place.partition(":")
    found: object = importlib.import_module(module)
    for name in path.split("."):
        found = inspect.getattr_static(found, name, None)
        found = getattr(found, "fget", getattr(found, "func", found))  # a property
        found = getattr(found, "__func__", found)  # a class method
    unwrapped = inspect.unwrap(found) if callable(found) else found
    if not isinstance(unwrapped, FunctionType):
        raise StaleMutantError(f"there is no function {place}")
    return unwrapped


class _Swap(ast.NodeTransformer):
    def __init__(self, old: str, new: str) -> None:
        before, after = ast.parse(old).body, ast.parse(new).body
        of_values = isinstance(before[0], ast.Expr) and isinstance(after[0], ast.Expr)
        olds, self.news = [
            [node.value if of_values and isinstance(node, ast.Expr) else node for node in body]
            for body in (before, after)
        ]
        self.old, self.count = ast.dump(olds[0]), 0

    def visit(self, node: ast.AST) -> Any:
        """Replace the node if it is the old one; else go on below it."""
        if ast.dump(node) != self.old:
            return self.generic_visit(node)
        self.count += 1
        return self.news[0] if len(self.news) == 1 else self.news


def _blunt(kind: str, rule: str) -> None:
    """Let the rule of a table pass everything; it keeps its place and its name."""
    table = rules.COMMON if kind == "every record" else rules.ACTIONS[kind]
    blunt = tuple((name, (lambda _: None) if name == rule else check) for name, check in table)
    if kind == "every record":
        rules.COMMON = blunt
    else:
        rules.ACTIONS = {**rules.ACTIONS, kind: blunt}


def _forget_what_was_computed() -> None:
    """Empty the caches, which hold what the code answered before it changed."""
    modules = [module for name, module in sys.modules.items() if name.startswith("gitreg.")]
    for module in modules:
        for value in vars(module).values():
            if clear := getattr(value, "cache_clear", None):
                clear()
