"""How a command tells what it recorded."""

from __future__ import annotations

from gitreg.cli import output
from gitreg.registry.writing import Written


def print_written(written: Written, *, as_json: bool, nothing: str) -> None:
    """Print what was recorded; `nothing` says why nothing had to be."""
    if as_json:
        output.print_json(written)
        return
    if not written.records:
        output.print_line(nothing)
        return
    for record in written.records:
        output.print_line(f"{record.title} (record {record.index})", bold=True)
        if record.action == "vacate":
            output.tell(
                "note: gto show and dvc artifacts get --stage do not see that a stage is empty"
            )
    output.tell(_where(written))


def _where(written: Written) -> str:
    if written.pending:
        return "kept here as pending: gitreg push publishes it"
    if written.remote:
        return f"published to {written.remote}"
    return "there is no remote: the ledger here is the registry"
