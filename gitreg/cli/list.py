"""`gitreg list`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from gitreg.cli import options, output
from gitreg.cli.catalog import print_unread
from gitreg.registry.list import Catalogues, ModelSummary, list_catalog, list_models
from gitreg.registry.open import Registry


@click.command(name="list")
@options.catalog_option
@options.registry_options
@options.json_option
@click.pass_context
def command(ctx: click.Context, *, catalog: bool, registry: Registry | None, as_json: bool) -> None:
    """List models, their newest versions and who holds each stage.

    \b
    Examples:
      gitreg list
      gitreg list --repo https://git.example.org/team/models.git --json
      gitreg list --catalog
    """
    if registry is None or catalog:
        found = list_catalog()
        _print_catalog(found, as_json=as_json)
        ctx.exit(0 if found.ok else 1)
    catalogue = list_models(registry)
    if as_json:
        output.print_json(catalogue)
    elif catalogue.models:
        _print(["model"], [([model.name], model) for model in catalogue.models])
    else:
        output.tell("no models yet; register one: gitreg register --new NAME --file FILE")


def _print_catalog(found: Catalogues, *, as_json: bool) -> None:
    """Print the models of all registries, then what is wrong with those that have none to show."""
    rows = [
        ([answer.name, model.name], model)
        for answer in found.answers
        for model in (answer.value.models if answer.value else ())
    ]
    if as_json:
        output.print_json(found)
    elif rows:
        _print(["registry", "model"], rows)
    elif not found.answers:
        output.tell("your catalog is empty; name a registry: gitreg catalog add NAME URL")
    print_unread(found.answers)


def _print(columns: Sequence[str], rows: Sequence[tuple[Sequence[str], ModelSummary]]) -> None:
    stages = list(dict.fromkeys(stage for _, model in rows for stage in model.stages))
    output.print_table(
        [*columns, "newest", "versions", *stages],
        (
            [*names, m.newest, str(m.versions), *(m.stages.get(stage) for stage in stages)]
            for names, m in rows
        ),
    )
