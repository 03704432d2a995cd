"""`gitreg catalog add`, `list` and `remove`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from gitreg.cli import options, output
from gitreg.registry import catalog as catalogs
from gitreg.registry.asking import Answer


@click.group(name="catalog")
def command() -> None:
    """Name registries, to read them all at once.

    The catalog lies in your configuration folder. Each registry in it is held to the root that it
    had when it was added.

    \b
    Examples:
      gitreg catalog add research https://git.example.org/research/models.git
      gitreg list --catalog
    """


@command.command(name="add")
@click.argument("name", metavar="NAME")
@click.argument("where", metavar="PATH-or-URL")
@click.option("--root", metavar="sha256:…", help="The first record that the registry must have.")
@options.json_option
def add(*, name: str, where: str, root: str | None, as_json: bool) -> None:
    """Verify a registry and give it a name.

    \b
    Examples:
      gitreg catalog add research https://git.example.org/research/models.git
      gitreg catalog add here . --root sha256:…
    """
    entry, registry = catalogs.add(name, where, root=root)
    if as_json:
        output.print_json(catalogs.Catalog(entries=[entry]))
    else:
        output.print_line(f"{entry.name} is {entry.where}, with the root sha256:{entry.root}")
    output.print_trust(registry)


@command.command(name="list")
@options.json_option
def list_entries(*, as_json: bool) -> None:
    """List the registries of your catalog, without asking them anything.

    \b
    Example:
      gitreg catalog list
    """
    found = catalogs.read_catalog()
    if as_json:
        output.print_json(found)
    elif found.entries:
        output.print_table(
            ["name", "where", "root"],
            ([entry.name, entry.where, f"{entry.root[:16]}…"] for entry in found.entries),
        )
    else:
        output.tell("your catalog is empty; name a registry: gitreg catalog add NAME URL")


@command.command(name="remove")
@click.argument("name", metavar="NAME")
@options.json_option
def remove(*, name: str, as_json: bool) -> None:
    """Take a registry out of your catalog.

    The root of a URL stays remembered, as for every registry that was met.

    \b
    Example:
      gitreg catalog remove research
    """
    entry = catalogs.remove(name)
    if as_json:
        output.print_json(catalogs.Catalog(entries=[entry]))
    else:
        output.print_line(f"{entry.name} is no longer {entry.where}")


def print_unread(answers: Iterable[Answer[Any]]) -> None:
    """Tell which registries could not be read, and why; and which were trusted on first use."""
    for answer in answers:
        if answer.error:
            output.print_error(f"{answer.name}: {answer.error}", next_step=answer.error.next_step)
        elif answer.registry:
            output.print_trust(answer.registry)
