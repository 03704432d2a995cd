"""From errors to exit codes (docs/adr/0004-exit-codes.md): the one place that catches them all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import click

from gitreg.cli import output
from gitreg.errors import GitregError, InvalidError, RefusedError, TransferError, UsageError

YES, NO, USAGE, BUG, INTERRUPTED = 0, 1, 2, 3, 130


def guard(command: Callable[[], int | None]) -> int:
    """Run `command` and return its exit code, having said what went wrong."""
    try:
        return command() or YES
    except GitregError as error:
        return _explain(error)
    except click.Abort:
        output.tell("interrupted")
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except KeyboardInterrupt:
        output.tell("interrupted; nothing is half-done, run the same command again")
        return INTERRUPTED
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        output.print_error(
            f"{place}{error.strerror or error}",
            next_step="check the path, its permissions and the space left",
        )
        return NO
    except Exception:  # noqa: BLE001 the boundary is where all ends
        import traceback

        traceback.print_exc()
        output.print_error(
            "this is a defect of gitreg, not of what you did",
            next_step="report it with the lines above and the command that you typed",
        )
        return BUG


def judge(push: Callable[[], bool], *, next_step: str) -> int:
    """Run what judges a push: what cannot be judged is refused, in a sentence and no traceback.

    `next_step` says what to do about a failure that is not the pusher's.
    """
    try:
        return YES if push() else NO
    except GitregError as error:
        output.print_error(
            f"gitreg cannot judge this push, so it is refused: {error.what}",
            next_step=error.next_step or next_step,
        )
    except Exception as error:  # noqa: BLE001 the boundary is where all ends
        what = f"{type(error).__name__}: {error}"
        output.print_error(
            f"gitreg failed to judge this push, so it is refused ({what})", next_step=next_step
        )
    return NO


def end_output() -> int:
    """Let what is still to be written to a reader who went away go nowhere; that is no error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return YES


def _explain(error: GitregError) -> int:
    if isinstance(error, InvalidError) and error.findings:
        output.print_findings(error.findings)
        return NO
    rule = error.rule if isinstance(error, RefusedError) else None
    said = error.said if isinstance(error, TransferError) else ()
    shown = error.shown if isinstance(error, UsageError) else ()
    output.print_error(error.what, rule=rule, said=said, shown=shown, next_step=error.next_step)
    return USAGE if isinstance(error, UsageError) else NO
