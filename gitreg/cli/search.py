"""`gitreg search`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from gitreg.cli import options, output
from gitreg.cli.catalog import print_unread
from gitreg.domain.query.page import Hit, Page, is_flagged, show_field
from gitreg.errors import UsageError
from gitreg.registry.open import Registry
from gitreg.registry.search import search, search_several

_MARKS = ("deprecated", "yanked")
_LONGEST = 60  # characters of a cell


@click.command()
@click.argument("words", nargs=-1, metavar="[QUERY]...")
@click.option(
    "--limit", type=click.IntRange(0, 10**9), metavar="N", help="At most so many; else 20."
)
@click.option(
    "--offset", type=click.IntRange(0, 10**9), metavar="N", help="Pass over so many first."
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for spreadsheets.")
@options.json_option
@options.registries_options
@click.pass_context
def command(
    ctx: click.Context,
    *,
    words: Sequence[str],
    registry: Registry | None,
    places: Sequence[str] | None,
    limit: int | None,
    offset: int | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Find versions by words, metrics, tags, stages and all else that is known of them.

    Words are looked for in names, descriptions, cards and tags; docs/search.md has the fields.
    Quote the query, for the shell reads < > ( ) too.

    \b
    Examples:
      gitreg search flower species
      gitreg search 'metrics.accuracy >= 0.95 and stage:production'
      gitreg search 'tag.domain:botany or name~iris order by registered desc limit 5'
      gitreg search --catalog 'stage:production and metrics.accuracy < 0.9'
      gitreg search --repo ../ours --repo https://git.example.org/team/models.git flower
    """
    if as_csv and as_json:
        raise UsageError("--csv and --json are two forms of one answer", next_step="choose one")
    text = " ".join(words)
    if registry is None:
        found = search_several(text, places, limit=limit, offset=offset)
        _show(found, found.page, as_csv=as_csv, as_json=as_json)
        print_unread(found.answers)
        ctx.exit(0 if found.ok else 1)
    page = search(registry, text, limit=limit, offset=offset)
    _show(page, page, as_csv=as_csv, as_json=as_json)


def _show(value: output.Printable, page: Page, *, as_csv: bool, as_json: bool) -> None:
    if as_json:
        output.print_json(value)
        return
    if as_csv:
        output.print_raw(page.to_csv())
    else:
        _print(page)
    for note in page.notes:
        output.tell(note)


def _print(page: Page) -> None:
    if page.hits:
        fields = [name for name in page.fields if name not in _MARKS]
        marked = any(map(_marks, page.hits))
        output.print_table(
            [*page.columns, *fields, *(["note"] if marked else [])],
            (
                [*_cells(hit, [*page.columns, *fields]), *([_marks(hit)] if marked else [])]
                for hit in page.hits
            ),
        )
    first = page.offset + 1
    found = output.count(page.total, "version")
    if not page.hits:
        output.tell(f"{found} found" + (f", none from number {first} on" if page.total else ""))
    elif page.rest or page.offset:
        last = page.offset + len(page.hits)
        more = f"; for more: --offset {last}" if page.rest else ""
        output.tell(f"{first} to {last} of {found}{more}")


def _cells(hit: Hit, fields: Sequence[str]) -> list[str | None]:
    own = (show_field(hit.document, name) for name in fields)
    return [output.short(cell, limit=_LONGEST) for cell in own]


def _marks(hit: Hit) -> str | None:
    return ", ".join(mark for mark in _MARKS if is_flagged(hit.document, mark)) or None
