"""`gitreg evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gitreg.cli import options, output
from gitreg.cli.written import print_written
from gitreg.evaluation.engines import ENGINES
from gitreg.formats.isolated import Limits
from gitreg.registry.evaluate import Evaluation, Request, evaluate, sign, write_report
from gitreg.registry.open import Registry
from gitreg.site.evaluation import metric_table, render_markdown, slice_tables

_FILE = click.Path(path_type=Path)


def _separate(
    context: click.Context, option: click.Parameter, words: tuple[str, ...]
) -> tuple[str, ...]:
    """Take several names in one word, or in several."""
    del context, option
    return tuple(name.strip() for word in words for name in word.split(",") if name.strip())


@click.command()
@options.reference_argument
@click.option("--data", metavar="FILE", help="CSV, JSON lines, NumPy or Parquet; or an address.")
@click.option("--target", metavar="COLUMN", help="The column to predict.")
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    callback=_separate,
    help="accuracy,f1 are two; module:function is code of yours, in the current directory.",
)
@click.option(
    "--slice",
    "slices",
    multiple=True,
    metavar="COLUMN",
    callback=_separate,
    help="Measure each group too; sex,region are two.",
)
@click.option(
    "--feature",
    "features",
    multiple=True,
    metavar="COLUMN",
    callback=_separate,
    help="What the model is given; else signature.inputs, or all but target and slices.",
)
@click.option(
    "--stage",
    metavar="STAGE",
    shell_complete=options.complete_stage,
    help="Whose champion and gates count; else the first that wants measured evidence.",
)
@click.option("--replicates", default=200, help="Of the bootstrap; 0 for no intervals.")
@click.option("--seed", default=0, help="Of the bootstrap.")
@click.option("--engine", type=click.Choice(ENGINES), default="local", help="Where it runs.")
@click.option("--scheduler", metavar="ADDRESS", help="Dask's, such as tcp://10.0.0.1:8786.")
@options.limits_options(seconds=300.0)
@click.option("--report", type=_FILE, metavar="FILE", help="Write report.json there.")
@click.option("--html", type=_FILE, metavar="FILE", help="Write a page with plots there.")
@click.option("--markdown", is_flag=True, help="Print Markdown, for a pull request.")
@click.option("--sign", "signed", is_flag=True, help="Append it to the ledger as evidence.")
@options.registry_options
@options.write_options
def command(
    *,
    reference: str,
    limits: Limits,
    report: Path | None,
    html: Path | None,
    markdown: bool,
    signed: bool,
    registry: Registry,
    reason: str | None,
    key: Path | None,
    publish: bool,
    as_json: bool,
    **wanted: Any,
) -> None:
    """Measure a version on a data set, and the champion beside it.

    The verified model runs in a process of its own, bounded in time and memory, and never sees the
    target. What is not said here is looked up in model.yaml and in the policy's gates.

    \b
    Examples:
      gitreg evaluate iris@1.2.0
      gitreg evaluate iris@1.2.0 --data test.csv --target species --sign
    """
    request = Request(**wanted, limits=limits)
    with output.progress("measuring", rows=True) as begin:
        found = evaluate(registry, reference, request, advance=begin(0))
    write_report(found, report=report, html=html)
    if signed:
        found = sign(registry, found, reason=reason, key=key, publish=publish)
    if as_json:
        output.print_json(found)
        return
    if markdown:
        output.print_raw(render_markdown(found.report, found.notes))
    else:
        print_evaluation(found)
    if found.written:
        print_written(found.written, as_json=False, nothing="")


def print_evaluation(found: Evaluation) -> None:
    """Print what was measured."""
    report, extra = found.report, found.report["extra"]
    champion = report.get("champion")
    output.print_line(f"{report['model']} {report['version']}", bold=True)
    output.print_fields(
        [
            ("data", f"{report['data']['name']}, {extra['rows']} rows"),
            ("sha256", report["data"]["sha256"]),
            ("task", extra["task"]["kind"]),
            ("champion", f"{champion['version']} of {found.stage}" if champion else "none"),
        ]
    )
    output.print_line()
    output.print_table(*_dashed(metric_table(report)))
    for name, columns, rows in slice_tables(report):
        output.print_line()
        output.print_table(*_dashed(([name, *columns[1:]], rows)))
    for name, reason in extra["undefined"].items():
        output.tell(f"{name} is not defined: {reason}")
    for note in found.notes:
        output.tell(note)


def _dashed(
    found: tuple[list[str], list[list[str]]],
) -> tuple[list[str], list[list[str | None]]]:
    columns, rows = found
    return columns, [[cell or None for cell in row] for row in rows]
