"""The house: an import goes down or stays in its room, and each room keeps to its trade."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "gitreg"

WORKSHOPS = {
    *("evaluation", "formats", "deploy", "serving", "monitoring", "interop", "similarity", "site")
}
DOORS = {"git", "artifacts", "forge", "schema", "signing", "memory"}
FLOORS = {
    "errors": 1,
    "locking": 1,
    "places": 1,
    "terminal": 1,
    "value": 1,
    "domain": 2,
    "yaml12": 2.5,  # from text to values: it opens nothing, so doors may use it
    **dict.fromkeys(DOORS | WORKSHOPS, 3),
    "ledger": 4,
    "index": 4,
    "validation": 4,
    "registry": 5,
    "cli": 6,
    "gitreg": 7,  # the public face: gitreg/__init__.py and gitreg/__main__.py
}
# What the floors forbid and yet stands, each with its reason.
UPWARD = {
    ("gitreg.errors", "gitreg.domain.finding"): "the type of a field, never imported at run",
    ("gitreg.cli.main", "gitreg"): "the version that --version prints",
    ("gitreg.index.store", "gitreg"): "the version that verified what the index has",
}

# Third-party packages, and the only place that imports them. `dvc` stands for dvc_data and so on.
OWNERS = {
    "git": "gitreg.git",
    "dvc": "gitreg.artifacts",
    "jsonschema": "gitreg.schema",
    "cryptography": "gitreg.signing",
    "yaml": "gitreg.yaml12",
    "click": "gitreg.cli",
    "packaging": "gitreg.validation",
    "distributed": "gitreg.evaluation.engines.dask",
    "pyarrow": "gitreg.evaluation.data",
    "rich": "gitreg.cli.output",
    "matplotlib": "gitreg.site.png",
    "tokenizers": "gitreg.similarity.sentences",
}
PROGRAMS = {"git": "gitreg.git", "ssh-keygen": "gitreg.signing"}
OUTPUT = "gitreg.cli.output"
BOUNDARIES = {"gitreg.cli.boundary", "gitreg.formats.worker"}  # a model raises what it likes
PRINTERS = {"click.echo", "click.secho", "click.echo_via_pager", "click.progressbar"} | {
    f"sys.{stream}.{way}"
    for stream in ("stdout", "stderr")
    for way in ("write", "writelines", "buffer")
}
OUTSIDE_WORLD = {
    *("io", "os", "pathlib", "random", "secrets", "shutil", "socket", "sqlite3"),
    *("subprocess", "tempfile", "time", "urllib"),
}
SHAPELESS = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}

MAX_FILE, MAX_FUNCTION = 300, 40
# Longer than that, `module` or `module.function`, each with its reason.
LONG: dict[str, str] = {}


@dataclass(frozen=True)
class Module:
    name: str
    source: str

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(ast.parse(self.source)))

    def is_in(self, place: str) -> bool:
        return self.name == place or self.name.startswith(f"{place}.")

    def imports(self) -> Iterator[str]:
        """The dotted names that the module imports, at any depth, also by import_module."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                origin = "." * node.level + (node.module or "")
                yield from (f"{origin}.{alias.name}" for alias in node.names)
            elif isinstance(node, ast.Call) and _dotted(node.func).endswith("import_module"):
                yield from map(_text, node.args[:1])


def _text(node: ast.AST) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def _room(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in FLOORS else "gitreg"


MODULES = [
    Module(_name_of(path), path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
]


def find_homeless(module: Module) -> Iterator[str]:
    if _room(module.name) == "gitreg" and module.name not in {"gitreg", "gitreg.__main__"}:
        yield "has no floor"


def find_upward_imports(module: Module) -> Iterator[str]:
    here = _room(module.name)
    for target in module.imports():
        if target.startswith("."):
            yield f"imports {target}: write the full name"
        if not target.startswith("gitreg") or target == "gitreg.__version__":
            continue
        there = _room(target)
        neighbours = FLOORS[there] == FLOORS[here] == FLOORS["ledger"]
        allowed = FLOORS[there] < FLOORS[here] or here == there or neighbours
        known = any(target.startswith(name) for who, name in UPWARD if who == module.name)
        if not allowed and not known:
            yield f"imports {target}"


def find_foreign_packages(module: Module) -> Iterator[str]:
    for target in module.imports():
        top = target.split(".")[0]
        owner = OWNERS.get("dvc" if top.startswith("dvc") else top)
        if owner is not None and not module.is_in(owner):
            yield f"imports {target}, which is for {owner}"


def find_impure_domain(module: Module) -> Iterator[str]:
    if not module.is_in("gitreg.domain") and not module.is_in("gitreg.errors"):
        return
    for target in module.imports():
        top = target.split(".")[0]
        if top in OUTSIDE_WORLD or top not in sys.stdlib_module_names | {"gitreg"}:
            yield f"imports {target}"
    if any(isinstance(node, ast.Call) and _dotted(node.func) == "open" for node in module.nodes):
        yield "opens a file"


def find_programs(module: Module) -> Iterator[str]:
    for node in module.nodes:
        first: list[ast.expr] = []
        if isinstance(node, ast.List | ast.Tuple):
            first = node.elts[:1]
        elif isinstance(node, ast.Call) and _dotted(node.func).endswith("which"):
            first = node.args[:1]
        for item in first:
            owner = PROGRAMS.get(_text(item))
            if owner is not None and not module.is_in(owner):
                yield f"runs {ast.unparse(item)}, which is for {owner} (line {item.lineno})"


def find_prints(module: Module) -> Iterator[str]:
    if module.is_in(OUTPUT):
        return
    yield from (f"imports {name}" for name in module.imports() if name in PRINTERS)
    for node in module.nodes:
        if isinstance(node, ast.Name | ast.Attribute) and _dotted(node) in {"print", *PRINTERS}:
            yield f"prints by {_dotted(node)} (line {node.lineno})"


def find_broad_handlers(module: Module) -> Iterator[str]:
    if module.name in BOUNDARIES:
        return
    for node in module.nodes:
        if isinstance(node, ast.ExceptHandler):
            caught = {_dotted(part) for part in ast.walk(node.type)} if node.type else {"Exception"}
            last = node.body[-1]
            passes_on = isinstance(last, ast.Raise) and last.exc is None
            if "Exception" in caught or ("BaseException" in caught and not passes_on):
                yield f"catches everything (line {node.lineno})"


def find_shapeless_names(module: Module) -> Iterator[str]:
    if SHAPELESS & set(module.name.split(".")):
        yield "is named for no word of the domain"


def find_long_files(module: Module) -> Iterator[str]:
    lines = len(module.source.splitlines())
    if lines > MAX_FILE and module.name not in LONG:
        yield f"has {lines} lines"


def find_long_functions(module: Module) -> Iterator[str]:
    for node in module.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = _lines(node) - (_lines(node.body[0]) if ast.get_docstring(node) else 0)
            if lines > MAX_FUNCTION and f"{module.name}.{node.name}" not in LONG:
                yield f"{node.name} has {lines} lines"


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


Check = Callable[[Module], Iterator[str]]
CHECKS: list[Check] = [
    find_homeless,
    find_upward_imports,
    find_foreign_packages,
    find_impure_domain,
    find_programs,
    find_prints,
    find_broad_handlers,
    find_shapeless_names,
    find_long_files,
    find_long_functions,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_house(check: Check) -> None:
    found = [f"{module.name} {what}" for module in MODULES for what in check(module)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("check", "name", "source"),
    [
        (find_homeless, "gitreg.attic", ""),
        (find_upward_imports, "gitreg.domain.tag", "def f():\n    import gitreg.signing"),
        (find_upward_imports, "gitreg.git.refs", "from gitreg import signing"),
        (find_upward_imports, "gitreg.git.refs", "from gitreg.schema import check"),
        (find_upward_imports, "gitreg.formats.onnx", "from gitreg.serving import x"),
        (find_upward_imports, "gitreg.formats.onnx", "from gitreg import schema"),
        (find_upward_imports, "gitreg.ledger", "from gitreg.registry import open"),
        (find_upward_imports, "gitreg.registry.show", "import_module('gitreg.cli.show')"),
        (find_upward_imports, "gitreg.registry.show", "from .diff import x"),
        (find_upward_imports, "gitreg.errors", "from gitreg.domain import names"),
        (find_foreign_packages, "gitreg.ledger", "from git import Repo"),
        (find_foreign_packages, "gitreg.registry.pull", "import dvc_data.hashfile"),
        (find_foreign_packages, "gitreg.cli.show", "from rich.table import Table"),
        (find_foreign_packages, "gitreg.registry.show", "import click"),
        (find_impure_domain, "gitreg.domain.tag", "import numpy"),
        (find_impure_domain, "gitreg.domain.tag", "from os import path"),
        (find_impure_domain, "gitreg.domain.tag", "open('x')"),
        (find_programs, "gitreg.ledger", "run(['git', 'log'])"),
        (find_programs, "gitreg.git.tags", "run(('ssh-keygen', *args))"),
        (find_programs, "gitreg.cli.init", "shutil.which('ssh-keygen')"),
        (find_prints, "gitreg.cli.show", "print('x')"),
        (find_prints, "gitreg.cli.show", "click.echo('x')"),
        (find_prints, "gitreg.cli.show", "from click import secho"),
        (find_prints, "gitreg.serving.http", "sys.stderr.write('x')"),
        (find_broad_handlers, "gitreg.ledger", "try: x\nexcept (OSError, Exception): pass"),
        (find_broad_handlers, "gitreg.ledger", "try: x\nexcept: pass"),
        (find_broad_handlers, "gitreg.ledger", "try: x\nexcept BaseException: pass"),
        (find_shapeless_names, "gitreg.deploy.utils", ""),
        (find_long_files, "gitreg.ledger", "x = 1\n" * 301),
        (find_long_functions, "gitreg.ledger", "def f():\n" + "    x = 1\n" * 40),
    ],
)
def test_a_check_finds_what_it_is_for(check: Check, name: str, source: str) -> None:
    assert list(check(Module(name, source)))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("gitreg", "from gitreg.registry import open_registry"),
        ("gitreg.__main__", "from gitreg.cli.main import main"),
        ("gitreg.cli.main", "from gitreg import __version__\nimport click"),
        ("gitreg.cli.output", "from rich.table import Table\nprint('x')"),
        ("gitreg.cli.boundary", "try: x\nexcept Exception: pass"),
        ("gitreg.index", "from gitreg.ledger import read\nsys.stderr.isatty()"),
        ("gitreg.index", "try: x\nexcept BaseException:\n    y()\n    raise"),
        ("gitreg.git.refs", "from gitreg.git.process import run\nrun(['git', 'log'])"),
        ("gitreg.ledger", 'def f():\n    """' + "text\n" * 60 + '"""\n' + "    x = 1\n" * 39),
    ],
)
def test_a_check_leaves_the_rest_alone(name: str, source: str) -> None:
    assert not [what for check in CHECKS for what in check(Module(name, source))]


def test_no_exception_outlives_its_reason() -> None:
    sources = {module.name: module for module in MODULES}
    for who, target in UPWARD:
        assert any(name.startswith(target) for name in sources[who].imports()), (who, target)
    for name in LONG:
        assert name in sources or name.rpartition(".")[0] in sources, name


@pytest.mark.parametrize(
    "modules", ["gitreg", "gitreg.registry.pre_receive, gitreg.registry.pre_push"]
)
def test_what_everybody_waits_for_is_imported_cheaply(modules: str) -> None:
    """`import gitreg`, and the hooks of pushes that do not concern the registry."""
    heavy = {*OWNERS, "numpy"}
    script = f"import sys, {modules}; print(*({heavy!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    assert not done.stdout.strip()
