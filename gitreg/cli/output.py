"""All printing. Data goes to standard output, everything else to standard error.

Control characters are escaped, whoever wrote them. rich is imported for tables and progress only.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import click

from gitreg.domain.printable import clean

if TYPE_CHECKING:
    from rich.table import Table
    from rich.tree import Tree

    from gitreg.domain.finding import Finding
    from gitreg.domain.lineage import Branch
    from gitreg.registry.open import Registry
    from gitreg.registry.statement import Statement

_SHORT, _NARROW = 28, 8  # characters
_DEEPEST = 8  # levels of a tree: what is below those stands beside them
_MARKS = {"error": ("error", "red"), "warning": ("warning", "yellow"), "note": ("note", "cyan")}


class Printable(Protocol):
    """What a read command prints for programs."""

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""


def accept_all_text() -> None:
    """Escape what standard output's encoding cannot say, as standard error does."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def print_json(value: Printable) -> None:
    """Print a value's `to_dict()`."""
    click.echo(json.dumps(value.to_dict(), indent=2))


def print_line(text: str = "", *, bold: bool = False) -> None:
    """Print one line of data."""
    click.echo(click.style(clean(text), bold=True) if bold else clean(text))


def print_raw(text: str) -> None:
    """Print text that this package wrote itself, line breaks included."""
    click.echo(text, nl=False)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> None:
    """Print a table as wide as the terminal; 80 columns where there is none."""
    cells = [[clean("-" if cell is None else cell) for cell in row] for row in rows]
    room = terminal_width() - 2 * (len(columns) - 1)
    widest = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    if sum(widest) <= room and all(cell.isascii() for row in cells for cell in row):
        _print_fitting(columns, cells, widest)
    else:
        _print_folded(columns, cells, _find_unbroken(widest, room=room))


def _print_fitting(
    columns: Sequence[str], cells: Sequence[Sequence[str]], widest: Sequence[int]
) -> None:
    """Print what needs no folding: rich would take long to load, and to lay thousands of rows."""

    def lay(row: Sequence[str]) -> str:
        padded = (cell.ljust(width) for cell, width in zip(row, widest, strict=True))
        return "  ".join(padded).rstrip()

    click.echo("\n".join([click.style(lay(columns), bold=True), *map(lay, cells)]))


def _print_folded(
    columns: Sequence[str], cells: Sequence[Sequence[str]], whole: Collection[int]
) -> None:
    """Print what is wider than the terminal; columns at the places `whole` are not broken."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for place, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=place in whole)
    for row in cells:
        table.add_row(*map(Text, row))
    _print_rich(table, terminal_width())


def print_tree(tree: Branch) -> None:
    """Print a tree as wide as the terminal; deep branches go no further to the right."""
    from rich.text import Text
    from rich.tree import Tree

    def label(branch: Branch) -> Text:
        relation = (f"{branch.relation}: ", "bold") if branch.relation else ""
        return Text.assemble(relation, clean(branch.text), overflow="fold")

    root = Tree(label(tree))
    waiting = [(branch, root, 1) for branch in reversed(tree.branches)]
    while waiting:
        branch, above, level = waiting.pop()
        drawn = above.add(label(branch))
        place = drawn if level < _DEEPEST else above
        waiting += [(below, place, level + 1) for below in reversed(branch.branches)]
    _print_rich(root, terminal_width())


def _print_rich(drawn: Table | Tree, width: int) -> None:
    from rich.console import Console

    console = Console(file=sys.stdout, width=width, highlight=False, soft_wrap=False)
    with console.capture() as capture:
        console.print(drawn)
    click.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))


def terminal_width() -> int:
    """Return how many columns there are; 80 where there is no terminal."""
    import shutil

    return int(os.environ.get("COLUMNS", "0")) or shutil.get_terminal_size((80, 24)).columns


def _find_unbroken(widest: Sequence[int], *, room: int) -> set[int]:
    """Choose the columns whose cells stay on one line: short ones, so that what wraps is prose.

    Where not all of those fit into `room`, the narrowest do, for rich would cut cells off.
    """
    chosen: set[int] = set()
    for place in sorted(range(len(widest)), key=lambda place: widest[place]):
        others = len(widest) - len(chosen) - 1
        if widest[place] <= _SHORT and widest[place] + others * _NARROW <= room:
            chosen.add(place)
            room -= widest[place]
    return chosen


def print_fields(fields: Iterable[tuple[str, str | None]]) -> None:
    """Print names and values below each other; absent values are left out."""
    present = [(name, value) for name, value in fields if value]
    width = max((len(name) for name, _ in present), default=0)
    for name, value in present:
        click.echo(f"{click.style(name.ljust(width), dim=True)}  {clean(value)}")


def tell(text: str) -> None:
    """Say something beside the data."""
    click.echo(clean(text), err=True)


def print_findings(findings: Iterable[Finding]) -> None:
    """Say what was found, worst things as they come, each with what to do next."""
    for finding in findings:
        word, colour = _MARKS[finding.severity]
        mark = click.style(f"{word}:", fg=colour, bold=True)
        click.echo(f"{mark} {clean(finding.where)}: {clean(finding.what)}", err=True)
        if finding.next_step:
            click.echo(f"  next: {clean(finding.next_step)}", err=True)


def print_error(
    what: str,
    *,
    rule: str | None = None,
    page: str = "docs/rules.md",
    said: Sequence[str] = (),
    shown: Sequence[str] = (),
    next_step: str | None = None,
) -> None:
    """Say what went wrong, where, under which rule of which page, what a server said, what next."""
    click.echo(f"{click.style('error:', fg='red', bold=True)} {clean(what)}", err=True)
    for line in shown:
        click.echo(f"  {clean(line)}", err=True)
    if rule:
        click.echo(f"  rule: {rule} ({page})", err=True)
    for line in said:
        click.echo(f"  remote: {clean(line)}", err=True)
    if next_step:
        click.echo(f"  next: {clean(next_step)}", err=True)


def date(seconds: int) -> str:
    """Return the day of a tagger's time, in UTC."""
    from gitreg.domain.moment import iso_time

    return iso_time(seconds).partition("T")[0]


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    amount = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"


@contextmanager
def progress(
    label: str, *, rows: bool = False
) -> Iterator[Callable[[int], Callable[[int], object]]]:
    """Yield what starts a bar of so many bytes; on a terminal alone, and gone when done.

    With `rows` it counts those, of which nobody knows how many there are.
    """
    if not sys.stderr.isatty():
        yield lambda _: lambda _: None
        return
    from rich import progress as bars
    from rich.console import Console

    counted = (bars.TextColumn("{task.completed:,.0f} rows"), bars.TimeElapsedColumn())
    moved = (bars.BarColumn(), bars.DownloadColumn(), bars.TransferSpeedColumn())
    columns = (bars.TextColumn(label), *(counted if rows else moved))
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as bar:

        def begin(total: int) -> Callable[[int], object]:
            task = bar.add_task(label, total=None if rows else total)
            return lambda count: bar.advance(task, count)

        yield begin


def ask(question: str) -> bool:
    """Ask a person yes or no."""
    return click.confirm(question, err=True, default=True)


def print_statements(statements: Iterable[Statement], model: str) -> None:
    """Print records about one model as a table, without naming it in each line."""
    print_table(
        ["record", "date", "signed by", "what", "reason"],
        (
            [
                str(item.record.index),
                date(item.record.tagger.time),
                item.person,
                item.record.title.removesuffix(f" of {model}").replace(f" {model} ", " ", 1),
                item.record.reason or "",
            ]
            for item in statements
        ),
    )


def short(value: object, *, limit: int = 60) -> str | None:
    """Return a value of JSON as a cell of a table, cut where it is long; None for an absent one."""
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def count(number: int, noun: str) -> str:
    """Return a number of things, such as `1 file` or `3 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def print_trust(registry: Registry) -> None:
    """Say loudly that a registry was trusted on first use."""
    if registry.pinned_now:
        tell(
            f"first contact with {registry.name}: its root is sha256:{registry.ledger.root}; "
            "compare it with what its owners tell you"
        )
