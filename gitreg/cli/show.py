"""`gitreg show`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from gitreg.cli import options, output
from gitreg.domain.entries import DeployEntry, VerdictEntry
from gitreg.registry.open import Registry
from gitreg.registry.show import VersionView, show

_OWN_TABLES = {"schema", "name", "version", "artifacts", "metrics"}


@click.command()
@options.reference_argument
@options.registry_options
@options.json_option
def command(*, reference: str, registry: Registry, as_json: bool) -> None:
    """Show everything about one version.

    All of model.yaml, the stages it holds, and who signed which record about it.

    \b
    Examples:
      gitreg show iris@production
      gitreg show iris@1.1.0 --json
    """
    view = show(registry, reference)
    if as_json:
        output.print_json(view)
    else:
        _print(view)


def _print(view: VersionView) -> None:
    entry, metadata = view.entry, view.metadata
    marks = [word for word in ("deprecated", "yanked") if getattr(entry, word) is not None]
    output.print_line(" ".join([f"{entry.model} {entry.version}", *marks]), bold=True)
    output.print_fields(
        [
            ("stages", ", ".join(view.stages) or "none"),
            *map(_verdict, view.verdicts),
            *map(_deployment, view.deployments),
            ("registered", f"{output.date(entry.time)} by {entry.person} (record {entry.index})"),
            ("commit", entry.commit),
            ("manifest", f"sha256:{entry.manifest}"),
            *_flatten({key: metadata[key] for key in metadata if key not in _OWN_TABLES}),
        ]
    )
    if metrics := metadata.get("metrics"):
        output.print_line()
        output.print_table(
            ["metric", "claimed", "unit"], (_metric(m, v) for m, v in metrics.items())
        )
    output.print_line()
    output.print_table(
        ["artifact", "role", "format", "size", "sha256"],
        (
            [
                artifact["path"] + ("/" if "files" in artifact else ""),
                artifact["role"],
                artifact.get("format"),
                output.size(artifact["size"]),
                artifact["sha256"][:16],
            ]
            for artifact in metadata["artifacts"]
        ),
    )
    output.print_line()
    output.print_statements(view.statements, entry.model)


def _verdict(item: VerdictEntry) -> tuple[str, str]:
    return "verdict", f"{item.person}: {item.verdict}, for {item.stage} (record {item.index})"


def _deployment(item: DeployEntry) -> tuple[str, str]:
    where = f"{item.target}: {item.outcome}, for {item.stage} number {item.seq}"
    return "deployed", f"{where} (record {item.index})"


def _metric(name: str, value: object) -> list[str | None]:
    if isinstance(value, dict):
        return [name, str(value["value"]), value.get("unit")]
    return [name, str(value), None]


def _flatten(data: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", _text(value)


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, dict):
        return " ".join(f"{key}={_text(item)}" for key, item in value.items())
    return str(value)
