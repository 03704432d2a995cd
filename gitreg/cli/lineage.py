"""`gitreg lineage`."""

from __future__ import annotations

import click

from gitreg.cli import options, output
from gitreg.domain.ancestry import DEPTH, MAX_DEPTH
from gitreg.errors import UsageError
from gitreg.registry.lineage import lineage
from gitreg.registry.open import Registry
from gitreg.site.graph import render_dot, render_mermaid


@click.command()
@options.reference_argument
@click.option(
    "--depth",
    type=click.IntRange(0, MAX_DEPTH),
    default=DEPTH,
    show_default=True,
    help="Generations before and after it, and steps of a pipeline.",
)
@click.option("--dot", is_flag=True, help="Print a graph for Graphviz.")
@click.option("--mermaid", is_flag=True, help="Print a flowchart for Mermaid.")
@options.registry_options
@options.json_option
def command(
    *, reference: str, depth: int, dot: bool, mermaid: bool, registry: Registry, as_json: bool
) -> None:
    """Show where a version comes from, and what became of it.

    Its data, code and parents, and the DVC pipeline of its artifacts; its children, evaluations,
    stages and deployments. All that versions say of themselves is what their registrants signed.

    \b
    Examples:
      gitreg lineage iris@production
      gitreg lineage iris@1.2.0 --depth 20 --json
      gitreg lineage iris@1.2.0 --dot | dot -Tsvg > lineage.svg
    """
    if dot + mermaid + as_json > 1:
        raise UsageError(
            "--dot, --mermaid and --json are three ways to print it", next_step="choose one"
        )
    found = lineage(registry, reference, depth=depth)
    if as_json:
        output.print_json(found)
        return
    if dot:
        output.print_raw(render_dot(found))
    elif mermaid:
        output.print_raw(render_mermaid(found))
    else:
        output.print_tree(found.as_tree())
    output.print_findings(found.findings)
