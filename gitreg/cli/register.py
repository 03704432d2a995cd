"""`gitreg register`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gitreg.cli import options, output
from gitreg.cli.written import print_written
from gitreg.errors import UsageError
from gitreg.registry.document import read_assignments, read_metric_words, read_metrics_file
from gitreg.registry.open import open_registry
from gitreg.registry.register import Prepared, Registration, prepare, register
from gitreg.registry.registration import Request

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("folder", required=False, type=_FILE, metavar="[FOLDER]")
@click.option("--new", metavar="NAME", help="Begin a model: writes a first model.yaml.")
@click.option(
    "--file", "files", multiple=True, type=_FILE, metavar="FILE", help="A file or folder of it."
)
@click.option("--version", metavar="X.Y.Z", help="The version.")
@click.option(
    "--bump", type=click.Choice(["major", "minor", "patch"]), help="Count on from the highest one."
)
@click.option("--metrics", type=_FILE, metavar="JSON", help='A file such as {"accuracy": 0.95}.')
@click.option("--metric", "numbers", multiple=True, metavar="K=N", help="A metric.")
@click.option("--param", "parameters", multiple=True, metavar="K=V", help="A hyperparameter.")
@click.option("--tag", "tags", multiple=True, metavar="K=V", help="A tag of the model.")
@click.option("--message", "-m", metavar="TEXT", help="What is new, in one line; it is signed.")
@click.option("--detached", is_flag=True, help="Allow a detached HEAD; the tag holds the commit.")
@click.option(
    "--no-push",
    "publish",
    is_flag=True,
    flag_value=False,
    default=True,
    help="Sign now and keep it here; gitreg push publishes it.",
)
@click.option(
    "--prepare",
    "prepared",
    is_flag=True,
    help="Commit it for a pull request, and sign nothing; gitreg ci sync registers what is merged.",
)
@options.key_option
@options.json_option
def command(
    *, publish: bool, prepared: bool, key: Path | None, as_json: bool, **wanted: Any
) -> None:
    """Register a version of the model in FOLDER.

    Tracks its artifacts with DVC, fills in model.yaml, commits what belongs to the version,
    signs it, and publishes it. Other work in the repository is left as it is.

    \b
    Examples:
      gitreg register --new iris --file models/iris/model.skops --version 1.0.0
      gitreg register models/iris --bump minor --metric accuracy=0.97
      gitreg register models/iris --bump minor --prepare
    """
    if prepared and not publish:
        raise UsageError("--prepare and --no-push exclude each other")
    file, numbers = wanted.pop("metrics"), wanted.pop("numbers")
    metrics = {**(read_metrics_file(file) if file else {}), **read_metric_words(numbers)}
    request = Request(
        **{
            **wanted,
            "metrics": metrics or None,
            "parameters": read_assignments(wanted["parameters"], "--param"),
            "tags": read_assignments(wanted["tags"], "--tag"),
        }
    )
    with output.progress("hashing") as begin:
        advance = begin(0)
        done: Prepared | Registration
        if prepared:
            done = prepare(open_registry(), request, key=key, advance=advance)
        else:
            done = register(open_registry(), request, key=key, publish=publish, advance=advance)
    output.print_findings(done.notes)
    if as_json:
        output.print_json(done)
    elif isinstance(done, Prepared):
        _print_prepared(done)
    else:
        nothing = f"{done.model} {done.version} is registered already, with these very contents"
        print_written(done.written, as_json=False, nothing=nothing)


def _print_prepared(ready: Prepared) -> None:
    where = f"on {ready.branch}" if ready.branch else "on a detached HEAD"
    output.print_line(
        f"Prepared {ready.model} {ready.version} ({ready.commit[:12]} {where})", bold=True
    )
    output.tell("next: push the branch, and open a pull request; once merged, CI registers it")
