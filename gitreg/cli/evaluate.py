"""`gitreg evaluate`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from gitreg.cli import options, output
from gitreg.cli.written import print_written
from gitreg.formats.isolated import Limits
from gitreg.registry.evaluate import Evaluation, Request, evaluate, sign
from gitreg.registry.open import Registry

_FILE = click.Path(path_type=Path)


@click.command()
@options.reference_argument
@click.option("--data", type=_FILE, metavar="FILE", help="CSV, JSON lines, NumPy or Parquet.")
@click.option("--target", metavar="COLUMN", help="The column to predict.")
@click.option("--metric", "metrics", multiple=True, metavar="NAME", help="Repeat for several.")
@click.option("--slice", "slices", multiple=True, metavar="COLUMN", help="Measure each group too.")
@click.option(
    "--feature",
    "features",
    multiple=True,
    metavar="COLUMN",
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
@click.option("--timeout", default=300.0, metavar="SECONDS", help="For one answer of the model.")
@click.option("--memory", default=8192, metavar="MIB", help="Address space of the model.")
@click.option("--report", type=_FILE, metavar="FILE", help="Write report.json there.")
@click.option("--sign", "signed", is_flag=True, help="Append it to the ledger as evidence.")
@options.registry_options
@options.write_options
def command(
    *,
    reference: str,
    timeout: float,
    memory: int,
    report: Path | None,
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
      gitreg evaluate iris@1.2.0 --data data/test.csv --target species --slice region --sign
    """
    request = Request(**wanted, limits=Limits(seconds=timeout, memory=memory << 20))
    with output.progress("measuring", rows=True) as begin:
        found = evaluate(registry, reference, request, advance=begin(0))
    if report is not None:
        report.write_bytes(found.data)
    if signed:
        found = sign(registry, found, reason=reason, key=key, publish=publish)
    if as_json:
        output.print_json(found)
        return
    _print(found)
    if found.written:
        print_written(found.written, as_json=False, nothing="")


def _print(found: Evaluation) -> None:
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
    level = round(100 * extra["resampling"]["level"])
    columns = ["metric", report["version"], f"{level} %", "unit"]
    output.print_table(
        [*columns, *([champion["version"], "change"] if champion else [])],
        _metrics(report, champion, extra["changes"]),
    )
    for name, groups in report.get("slices", {}).items():
        output.print_line()
        metrics = list(next(iter(groups.values())))
        output.print_table(
            [name, *metrics],
            ([group, *(_value(found.get(m)) for m in metrics)] for group, found in groups.items()),
        )
        output.print_line()
        output.print_table(
            [f"{name}: fairness", "value", f"{level} %"],
            ([k, _value(v), _interval(v)] for k, v in extra["fairness"][name].items()),
        )
    for name, reason in extra["undefined"].items():
        output.tell(f"{name} is not defined: {reason}")
    for note in found.notes:
        output.tell(note)


def _metrics(
    report: Mapping[str, Any], champion: Mapping[str, Any] | None, changes: Mapping[str, Any]
) -> Iterator[list[str | None]]:
    for name, figure in report["metrics"].items():
        row = [name, _value(figure), _interval(figure), figure.get("unit")]
        if champion:
            row += [_value(champion["metrics"].get(name)), _value(changes.get(name), sign=True)]
        yield row


def _value(figure: Mapping[str, Any] | None, *, sign: bool = False) -> str | None:
    if figure is None or figure["value"] is None:
        return None
    return f"{figure['value']:{'+' if sign else ''}.4g}"


def _interval(figure: Mapping[str, Any]) -> str | None:
    return f"{figure['low']:.4g} to {figure['high']:.4g}" if "low" in figure else None
