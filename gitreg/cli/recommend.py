"""`gitreg recommend`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from gitreg.cli import options, output
from gitreg.registry.open import Registry
from gitreg.registry.recommend import Recommendation, recommend


@click.command()
@click.option("--task", metavar="TASK", help="The task, such as tabular-classification.")
@click.option(
    "--needs",
    multiple=True,
    metavar="COMPARISON",
    help="What a metric must be, such as 'metrics.latency_p95_ms <= 20'; may be repeated.",
)
@click.option("--like", metavar="TEXT", help="What it should do, in words.")
@options.top_option
@click.option("--all-versions", is_flag=True, help="Every version, not each model's best alone.")
@options.embeddings_option
@options.registry_options
@options.json_option
def command(
    *,
    registry: Registry,
    as_json: bool,
    task: str | None,
    needs: Sequence[str],
    like: str | None,
    top: int,
    all_versions: bool,
    embeddings: bool,
) -> None:
    """Find the versions that fit what you need, best first.

    --task and --needs rule out; --like, evidence (measured before claimed) and stage rank.

    \b
    Examples:
      gitreg recommend --task tabular-classification --like 'predicts flower species'
      gitreg recommend --like 'recognises plants' --embeddings
      gitreg recommend --needs 'measured.accuracy >= 0.9' --needs 'metrics.latency_p95_ms <= 20'
    """
    found = recommend(
        registry,
        task=task,
        needs=needs,
        like=like,
        top=top,
        all_versions=all_versions,
        embeddings=embeddings,
    )
    if as_json:
        output.print_json(found)
    elif found.versions:
        _print(found)
    if not found.versions:
        output.tell(f"nothing fits, of {output.count(found.compared, 'version')}")
        for condition, left in found.passed.items():
            output.tell(f"  {condition}: {left} left")
    if not found.words_known:
        what = "means anything like it" if found.embeddings else "says any of these words"
        output.tell(f"no version {what}, so fit is 0 for all")


def _print(found: Recommendation) -> None:
    output.print_table(
        ["model", "version", "score", "why"],
        (
            [
                item.entry.model,
                item.entry.version + (" deprecated" if item.entry.deprecated is not None else ""),
                f"{item.score:.3f}",
                "; ".join(f"{part.name} {part.value:.2f} ({part.because})" for part in item.parts),
            ]
            for item in found.versions
        ),
    )
