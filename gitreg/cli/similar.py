"""`gitreg similar`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from gitreg.cli import options, output
from gitreg.registry.open import Registry
from gitreg.registry.similar import Similar, SimilarVersion, similar


@click.command()
@options.reference_argument
@click.option(
    "--metric",
    type=click.Choice(["cosine", "euclidean"]),
    default="cosine",
    show_default=True,
    help="How nearness is measured.",
)
@options.top_option
@click.option("--all-versions", is_flag=True, help="Compare all versions, of its own model too.")
@options.embeddings_option
@options.registry_options
@options.json_option
def command(
    *,
    reference: str,
    registry: Registry,
    as_json: bool,
    metric: str,
    top: int,
    all_versions: bool,
    embeddings: bool,
) -> None:
    """Find the versions that are most like one, and say why.

    Of each other model it is the newest release that is compared: its words, architecture,
    hyper-parameters, signature and metrics.

    \b
    Examples:
      gitreg similar iris@1.2.0
      gitreg similar iris@production --metric euclidean --top 3 --json
      gitreg similar iris@1.2.0 --embeddings
    """
    found = similar(
        registry,
        reference,
        metric=metric,
        top=top,
        all_versions=all_versions,
        embeddings=embeddings,
    )
    if as_json:
        output.print_json(found)
    elif found.versions:
        _print(found)
    else:
        output.tell("there is nothing to compare it with; gitreg list shows what there is")


def _print(found: Similar) -> None:
    is_cosine = found.metric == "cosine"
    output.print_table(
        ["model", "version", "cosine" if is_cosine else "distance", "why"],
        (
            [
                item.entry.model,
                item.entry.version + (" deprecated" if item.entry.deprecated is not None else ""),
                f"{item.neighbour.score:.3f}",
                "; ".join(_near(item) if is_cosine else _far(item)),
            ]
            for item in found.versions
        ),
    )


def _near(item: SimilarVersion) -> Iterator[str]:
    """Say what each block adds to the cosine, most first, and what in it adds most."""
    for block, share in sorted(item.neighbour.blocks.items(), key=lambda block: -block[1]):
        if block in item.neighbour.missing:
            continue
        terms = [term for term in item.neighbour.terms if term.block == block]
        names = [output.short(term.name) for term in terms if term.contribution > 0]
        if share:
            yield f"{block} {share:.3f}" + (f" ({', '.join(map(str, names))})" if names else "")
    if item.neighbour.missing:
        yield f"missing: {', '.join(item.neighbour.missing)}"


def _far(item: SimilarVersion) -> Iterator[str]:
    """Say what each block adds to the square of the distance, least first."""
    for block, share in sorted(item.neighbour.blocks.items(), key=lambda block: block[1]):
        if block not in item.neighbour.missing:
            yield f"{block} {share:.3f}"
    if item.neighbour.missing:
        yield f"missing: {', '.join(item.neighbour.missing)}"
