"""`gitreg verify`."""

from __future__ import annotations

import click

from gitreg.cli import options, output
from gitreg.registry.open import Registry
from gitreg.registry.verify import Verification, verify


@click.command()
@click.option("--deep", is_flag=True, help="Also that each version's commit says what was signed.")
@click.option("--artifacts", is_flag=True, help="Also every byte in the DVC remote.")
@options.registry_options
@options.json_option
@click.pass_context
def command(
    ctx: click.Context, *, deep: bool, artifacts: bool, registry: Registry, as_json: bool
) -> None:
    """Prove the registry from its signatures.

    Re-derives the whole state from the ledger: who did what under which policy, the chain, every
    signature, every tag. Ends with 0 if nothing speaks against it, else with 1.

    \b
    Examples:
      gitreg verify
      gitreg verify --deep --artifacts
    """
    with output.progress("verifying artifacts") as begin:
        found = verify(registry, deep=deep, artifacts=artifacts, begin=begin)
    if as_json:
        output.print_json(found)
    else:
        _print(found)
    ctx.exit(0 if found.ok else 1)


def _print(found: Verification) -> None:
    output.print_findings(found.findings)
    people = ", ".join(f"{person} {count}" for person, count in found.people.items())
    output.print_fields(
        [
            ("root", f"sha256:{found.root}"),
            ("checkpoint", f"{found.head_index}:sha256:{found.head}"),
            ("records", f"{found.valid} valid, {found.void} void"),
            ("signed by", people),
            (
                "registry",
                f"{output.count(found.models, 'model')}, {output.count(found.versions, 'version')}",
            ),
            ("commits", "compared with what was signed" if found.deep else None),
            (
                "artifacts",
                None
                if found.artifacts is None
                else f"{output.count(found.artifacts, 'file')} read",
            ),
        ]
    )
    errors = sum(finding.severity == "error" for finding in found.findings)
    verdict = (
        f"{output.count(errors, 'error')}: this registry is not what was signed"
        if errors
        else "verified"
    )
    output.print_line(verdict, bold=True)
