"""`gitreg pull`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options, output
from gitreg.registry.open import Registry
from gitreg.registry.pull import pull


@click.command()
@options.reference_argument
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder to put the files in; paths are relative to the model's folder.",
)
@options.registry_options
@options.json_option
def command(*, reference: str, folder: Path, registry: Registry, as_json: bool) -> None:
    """Fetch a version's artifacts, checked against what was signed.

    Every byte is checked by sha256 before it gets its name. A cut download goes on where it
    ended; a second pull links from the cache and copies nothing.

    \b
    Examples:
      gitreg pull iris@production -o model
      gitreg pull iris@^1.2 --repo https://git.example.org/models.git -o model
    """
    with output.progress(f"pulling {reference}") as begin:
        found = pull(registry, reference, output=folder, begin=begin)
    if found.version.deprecated is not None:
        output.tell(f"warning: {reference} is deprecated (record {found.version.deprecated})")
    if as_json:
        output.print_json(found)
        return
    total = output.size(sum(file.size for file in found.files))
    what = f"{found.version.model} {found.version.version}"
    output.tell(f"{what}: {output.count(len(found.files), 'file')}, {total}, verified")
    for file in found.files[:10]:
        output.print_line(str(found.folder / file.path))
    if len(found.files) > 10:
        output.tell(f"and {len(found.files) - 10} more")
