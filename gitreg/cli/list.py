"""`gitreg list`."""

from __future__ import annotations

import click

from gitreg.cli import options, output
from gitreg.registry.list import list_models
from gitreg.registry.open import Registry


@click.command(name="list")
@options.registry_options
@options.json_option
def command(*, registry: Registry, as_json: bool) -> None:
    """List models, their newest versions and who holds each stage.

    \b
    Examples:
      gitreg list
      gitreg list --repo https://git.example.org/team/models.git --json
    """
    catalogue = list_models(registry)
    models = catalogue.models
    if as_json:
        output.print_json(catalogue)
        return
    if not models:
        output.tell("no models yet; register one: gitreg register --new NAME --file FILE")
        return
    stages = list(dict.fromkeys(stage for model in models for stage in model.stages))
    output.print_table(
        ["model", "newest", "versions", *stages],
        (
            [m.name, m.newest, str(m.versions), *(m.stages.get(stage) for stage in stages)]
            for m in models
        ),
    )
