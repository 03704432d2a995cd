"""`gitreg diff`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options, output
from gitreg.domain.comparison import Comparison
from gitreg.errors import UsageError
from gitreg.registry.diff import diff, write_html
from gitreg.registry.open import Registry
from gitreg.site.comparison import (
    breaking_words,
    comparison_sheets,
    comparison_title,
    render_markdown,
)

_LONG = 40, 24  # characters of a value, beside one other version or more
_BESIDE = 3  # versions in a table


@click.command()
@click.argument(
    "references",
    metavar="VERSION VERSION…",
    nargs=-1,
    required=True,
    shell_complete=options.complete_reference,
)
@click.option("--markdown", is_flag=True, help="Print Markdown, for a pull request.")
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a page with plots there.",
)
@click.option("--exit-code", is_flag=True, help="End with 1 where they differ.")
@options.registry_options
@options.json_option
@click.pass_context
def command(
    ctx: click.Context,
    *,
    references: tuple[str, ...],
    markdown: bool,
    page: Path | None,
    exit_code: bool,
    registry: Registry,
    as_json: bool,
) -> None:
    """Compare versions, of one model or of several, each with the first.

    What callers would notice of the signatures, metrics claimed and measured, and every field in
    which they differ.

    \b
    Examples:
      gitreg diff iris@production iris@1.3.0
      gitreg diff iris@1.1.0 iris@1.2.0 rose@production --html versions.html
      gitreg diff iris@production iris --markdown
    """
    if markdown and as_json:
        raise UsageError(
            "--markdown and --json are two forms of one answer", next_step="choose one"
        )
    found = diff(registry, references)
    if page is not None:
        write_html(found, page)
    if as_json:
        output.print_json(found)
    elif markdown:
        output.print_raw(render_markdown(found))
    elif page is not None:
        output.print_line(str(page))
    else:
        _print(found)
    ctx.exit(1 if exit_code and found.differs else 0)


def _print(found: Comparison) -> None:
    output.print_line(comparison_title(found), bold=True)
    if words := breaking_words(found):
        output.print_line(words)
    if not found.differs:
        output.print_line("nothing tells them apart")
    limit = _LONG[len(found.subjects) > 2]
    for whole in comparison_sheets(found, limit=limit):
        for sheet in whole.split(_BESIDE):
            output.print_line()
            output.print_line(sheet.title, bold=True)
            rows = ([cell or None for cell in row] for row in sheet.rows)
            output.print_table(sheet.columns, rows)
