"""`gitreg history`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options, output
from gitreg.domain.metric_history import MetricHistory
from gitreg.errors import UsageError
from gitreg.registry.history import history, metric_history, write_plot
from gitreg.registry.open import Registry
from gitreg.site.textplot import draw_lines


@click.command()
@options.model_argument
@click.option("--metric", metavar="NAME", help="Draw this metric over the versions instead.")
@click.option(
    "--data",
    metavar="NAME",
    help="A data set of the policy, or a sha256; else what most versions were measured on.",
)
@click.option(
    "--plot",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Save the drawing as .svg, or as .png with gitreg[plot].",
)
@click.option(
    "--limit", type=click.IntRange(0), default=40, help="The newest so many versions; 0 for all."
)
@options.registry_options
@options.json_option
def command(
    *,
    model: str,
    metric: str | None,
    data: str | None,
    plot: Path | None,
    limit: int,
    registry: Registry,
    as_json: bool,
) -> None:
    """Show what happened to a model, newest first, or how a metric went over its versions.

    The order is the ledger's; dates are what signers claim, in UTC.

    \b
    Examples:
      gitreg history iris
      gitreg history iris --metric accuracy
      gitreg history iris --metric accuracy --plot accuracy.svg
      git log gitreg-ledger
    """
    if metric is not None:
        found = metric_history(registry, model, metric, data=data)
        if plot is not None:
            write_plot(found, plot)
        if as_json:
            output.print_json(found)
        elif plot is not None:
            output.print_line(str(plot))
        else:
            _draw(found, limit)
        return
    if data is not None or plot is not None:
        raise UsageError(
            "--data and --plot are for one metric",
            next_step=f"gitreg history {model} --metric NAME",
        )
    records = history(registry, model)
    if as_json:
        output.print_json(records)
    else:
        output.print_statements(records.statements, model)


def _draw(found: MetricHistory, limit: int) -> None:
    points = found.drawn[-limit:]
    output.print_line(found.title, bold=True)
    for line in draw_lines(found, points, width=output.terminal_width()):
        output.print_line(line)
    if earlier := len(found.drawn) - len(points):
        output.tell(f"{output.count(earlier, 'earlier version')} left out; --limit 0 draws all")
    if missing := len(found.points) - len(found.drawn):
        output.tell(f"{output.count(missing, 'version')} with no figure to draw")
    if found.elsewhere:
        output.tell(f"{output.count(found.elsewhere, 'version')} measured on other data: --data")
