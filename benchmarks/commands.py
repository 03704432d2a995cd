"""Whole commands beside Git's and GTO's, on registries of several sizes and shapes.

    python benchmarks/commands.py --versions 1000,10000,100000 --plot growth.svg

Prints Markdown: a table of medians in seconds and of peaks of memory, with ratios, and one of how
they grow. On a machine that is busy with other work, the seconds of its processors (CPU) tell more
than those of a clock. `cold` runs begin without anything that gitreg keeps about the registry; all
others have run before. `--cache FOLDER` keeps the registries for next time.

The floor of a command is what it cannot do without: Python and click, rich where it draws a table,
Git reading the ledger's objects where nothing is known of them. GTO has neither search nor a
history of all that was signed: those are compared with `gto show`, which reads as much. Where gto
is not installed, it is put into an environment of its own, by `python -m venv` and pip.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from growth import plot_growth, tell_growth
from measuring import Command, Taken, measure, run
from registries import SHAPES, name_models
from sealed import BIN, seal

_LARGE = 100_000  # versions from which cold runs are few
_CLICK, _RICH, _BOTH = "import click", "import click, rich.table", "import click, git"
_CAT_FILE, _FOR_EACH_REF = "git cat-file --batch, the ledger", "git for-each-ref"
_GTO_SHOW, _GTO_STAGE, _GTO_REGISTER = "gto show", "gto show M#production", "gto register"
_FILTER = "metrics.accuracy >= 0.95 and tag.domain:botany and stage:production"
_FRESH = ("--new", "fresh", "--file", "models/fresh/model.bin", "--metric", "accuracy=0.9")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--versions", default="1000,10000", help="sizes of registries")
    parser.add_argument("--shapes", default=",".join(SHAPES), help="shapes of registries")
    parser.add_argument("--deepest", type=int, default=10_000, help="versions of a deep one")
    parser.add_argument("--gto", type=int, default=1000, metavar="N", help="GTO up to this size")
    parser.add_argument("--runs", type=int, default=7, help="runs of each command")
    parser.add_argument("--cold-runs", type=int, default=3, help="runs without an index")
    parser.add_argument("--only", default="", metavar="TEXT", help="those with this in a name")
    parser.add_argument("--cache", type=Path, help="folder to keep registries in, and take from")
    parser.add_argument("--plot", type=Path, help="SVG or PNG of how it grows")
    options = parser.parse_args()
    found: dict[tuple[str, str], dict[int, Taken]] = defaultdict(dict)
    with tempfile.TemporaryDirectory(prefix="gitreg-benchmark-") as home:
        seal(Path(home))
        print(f"{os.cpu_count()} cores, a load of {os.getloadavg()[0]:.1f} before\n")
        print("| shape | versions | command | seconds | CPU | MiB | of the floor | GTO takes |")
        print("|---|---|---|---|---|---|---|---|")
        for size in map(int, options.versions.split(",")):
            for shape in options.shapes.split(","):
                if shape == "wide" or size <= options.deepest:
                    bench = _Bench(Path(home), options.cache or Path(home), shape, size)
                    for name, taken in bench.measure(options).items():
                        found[shape, name][size] = taken
    print("", *tell_growth(found), sep="\n")
    if options.plot:
        plot_growth(found, options.plot)


class _Bench:
    """One registry, and what is run in it; what writes is run in copies of it."""

    def __init__(self, home: Path, cache: Path, shape: str, size: int) -> None:
        self.shape, self.size = shape, size
        self.registry = find_registry(cache, shape, size)
        self.work = home / f"{shape}-{size}-work"
        self.work.mkdir()
        self.model = name_models(size, shape)[-1]

    def measure(self, options: argparse.Namespace) -> dict[str, Taken]:
        """Run everything, print a row for each, and return what each took."""
        cold_runs = 1 if self.size >= _LARGE else options.cold_runs
        commands = [*self._floors(), *self._reads(cold_runs), *self._writes()]
        if self.size <= options.gto:
            commands += self._peers(1 if self.size > 1000 else 0)
        chosen = [command for command in commands if options.only in command.name]
        wanted = {name for item in chosen for name in (item.name, item.floor, item.peer)}
        commands = [command for command in commands if command.name in wanted]
        taken = measure(commands, options.runs)
        for command in commands:
            cells = [self.shape, f"{self.size:,}", f"`{command.name}`", *_tell(command, taken)]
            print(f"| {' | '.join(cells)} |", flush=True)
        shutil.rmtree(self.work)
        return taken

    def _floors(self) -> Iterator[Command]:
        of = partial(Command, folder=self.registry)
        for code in (_CLICK, _RICH, _BOTH):
            yield of(name=code, arguments=_always(sys.executable, "-c", code))
        yield of(name=_FOR_EACH_REF, arguments=_always("git", "for-each-ref"))
        names = self.work / "objects"
        listed = ("rev-list", "--objects", "--no-object-names", "gitreg-ledger")
        with names.open("wb") as file:
            subprocess.run(["git", *listed], cwd=self.registry, stdout=file, check=True)
        cat_file = _always("git", "cat-file", "--batch")
        yield of(name=_CAT_FILE, arguments=cat_file, stdin=names)

    def _reads(self, cold_runs: int) -> Iterator[Command]:
        show = ("show", f"{self.model}@production")
        cache = self.work / "cold"
        for name, arguments, floor, peer in (
            ("show M@production --json", (*show, "--json"), _CLICK, _GTO_STAGE),
            ("show M@production", show, _RICH, _GTO_STAGE),
            ("list", ("list",), _RICH, _GTO_SHOW),
            ("history M", ("history", self.model), _RICH, _GTO_SHOW),
            ("search FILTER", ("search", _FILTER), _RICH, _GTO_SHOW),
            ("search WORDS", ("search", "flower", "species"), _RICH, _GTO_SHOW),
        ):
            given = _always("gitreg", *arguments)
            of = partial(Command, folder=self.registry, arguments=given, peer=peer)
            yield of(name=f"gitreg {name}", floor=floor)
            yield of(
                name=f"gitreg {name}, cold",
                before=lambda _: shutil.rmtree(cache, ignore_errors=True),
                environment={"XDG_CACHE_HOME": str(cache)},
                floor=_CAT_FILE,
                few=cold_runs,
            )

    def _writes(self) -> Iterator[Command]:
        copy = self.work / "copy"
        shutil.copytree(self.registry, copy)
        model, fresh = self.model, copy / "models" / "fresh"
        fresh.mkdir(parents=True)
        show = ("gitreg", "show", f"{model}@production", "--json")
        elsewhere = self.work / "elsewhere"

        def renew(_: int) -> None:
            (fresh / "model.bin").write_bytes(os.urandom(1000))

        def let_another_promote(number: int) -> None:
            run(show, copy)
            if not elsewhere.exists():
                shutil.copytree(Path.home() / ".cache", elsewhere)
            reference = f"{model}@1.{5 if number % 2 else 15}.0"  # these are never yanked
            promote = ("gitreg", "promote", reference, "--stage", "staging")
            run(promote, copy, {"XDG_CACHE_HOME": str(elsewhere)})

        def register(number: int) -> list[str]:
            return ["gitreg", "register", *_FRESH, "--version", f"1.{number}.0"]

        def promote(number: int) -> list[str]:
            return ["gitreg", "promote", f"fresh@1.{number}.0", "--stage", "staging"]

        of = partial(Command, folder=copy, floor=_CLICK)
        yield of(name="gitreg register", arguments=register, before=renew, peer=_GTO_REGISTER)
        yield of(name="gitreg promote", arguments=promote, peer=_GTO_REGISTER)
        yield of(
            name="gitreg show M@production --json, after one new record",
            arguments=_always(*show),
            before=let_another_promote,
            peer=_GTO_STAGE,
        )

    def _peers(self, few: int) -> Iterator[Command]:
        gto, copy, model = find_gto(self.work.parent), self.work / "gto", self.model
        shutil.copytree(self.registry, copy)

        def commit(_: int) -> None:
            run(["git", "commit", "-q", "--allow-empty", "-m", "next"], copy)

        def register(number: int) -> list[str]:
            return [gto, "register", model, "--version", f"v2.{number}.0"]

        of = partial(Command, folder=copy, few=few)
        yield of(name=_GTO_SHOW, arguments=_always(gto, "show"))
        yield of(name=_GTO_STAGE, arguments=_always(gto, "show", f"{model}#production"))
        yield of(name=_GTO_REGISTER, arguments=register, before=commit)


def _always(*arguments: str) -> Callable[[int], Sequence[str]]:
    return lambda _: arguments


def _tell(command: Command, taken: dict[str, Taken]) -> Iterator[str]:
    """Yield the cells of a command: seconds, MiB, how often its floor, and GTO how often it."""
    own = taken[command.name]
    floor, peer = taken.get(command.floor or ""), taken.get(command.peer or "")
    yield f"{own.seconds:.3f}"
    yield f"{own.cpu:.3f}"
    yield f"{own.mib:.0f}"
    yield f"{own.seconds / floor.seconds:.2f} x `{command.floor}`" if floor else ""
    yield f"{peer.seconds / own.seconds:.1f} x" if peer else ""


def find_registry(cache: Path, shape: str, size: int) -> Path:
    """Return a registry of that size, made now if it is not in `cache`."""
    folder = cache / f"{shape}-{size}"
    if not folder.is_dir():
        part = cache / f"{folder.name}.part-{os.getpid()}"
        script = Path(__file__).with_name("registries.py")
        subprocess.run([sys.executable, script, shape, str(size), part], check=True)
        part.rename(folder)
    return folder


def find_gto(home: Path) -> str:
    """Return the gto of this environment, or one that is installed into another now."""
    own, made = BIN / "gto", home / "gto" / "bin" / "gto"
    if not own.exists() and not made.exists():
        subprocess.run([sys.executable, "-m", "venv", home / "gto"], check=True)
        pip = made.with_name("pip")
        subprocess.run([pip, "install", "-q", "gto>=1.10,<2"], check=True)
    return str(own if own.exists() else made)


if __name__ == "__main__":
    main()
