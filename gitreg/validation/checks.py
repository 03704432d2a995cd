"""The table of checks, and how they are run: all of them, whatever the others find."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Protocol, cast

from gitreg.domain.finding import Finding
from gitreg.errors import GitregError, InvalidError, RefusedError, SetupError
from gitreg.formats.isolated import Limits
from gitreg.validation import format as form
from gitreg.validation import functional, performance, schema, security, stability, team
from gitreg.validation.outcome import UNCHECKED, Item, Outcome, Seen, Validation
from gitreg.validation.subject import Subject
from gitreg.validation.trial import Trial

Part = Callable[[Trial], Iterator[Item]]


class Check(Protocol):
    """What a module of this room offers: its parts, each with what it looks at in words.

    What a part raises is a finding; a SetupError, and what the policy refuses, that it could not
    look, and why.
    """

    NAME: str
    PARTS: Sequence[tuple[str, Part]]


# In the order in which they run: the last one ends the model.
_MODULES: tuple[ModuleType, ...] = (
    *(schema, security, form, functional, stability, team, performance),
)
CHECKS = tuple(cast("Check", module) for module in _MODULES)


def run_checks(
    subject: Subject, limits: Limits | None = None, *, checks: Sequence[Check] = CHECKS
) -> Validation:
    """Return what all checks find of a version; nothing stops them."""
    trial = Trial(subject, limits)
    try:
        outcomes = [_run(check, trial) for check in checks]
    finally:
        trial.close()
    made = tuple(outcome for outcome in outcomes if outcome.seen or outcome.findings)
    return Validation(model=subject.model, version=subject.version, checks=made)


def _run(check: Check, trial: Trial) -> Outcome:
    items: list[Item] = []
    skipped: dict[tuple[str, str | None], list[str]] = {}
    for words, part in check.PARTS:
        try:
            items.extend(_items(check.NAME, words, part, trial))
        except (SetupError, RefusedError) as error:
            skipped.setdefault((error.what, error.next_step), []).append(words)
    for (why, next_step), parts in skipped.items():
        what = f"{', '.join(parts)}: not checked, because {why}"
        code = f"{check.NAME}.{UNCHECKED}"
        items.append(trial.subject.find("note", code, what, next_step=next_step))
    return Outcome(
        name=check.NAME,
        seen=tuple(item for item in items if isinstance(item, Seen)),
        findings=tuple(item for item in items if isinstance(item, Finding)),
    )


def _items(name: str, words: str, part: Part, trial: Trial) -> Iterator[Item]:
    """Yield what a part finds, and what it raises as one more finding.

    Raises: SetupError; RefusedError.
    """
    try:
        yield from part(trial)
    except (SetupError, RefusedError):
        raise
    except GitregError as error:
        told = error.findings if isinstance(error, InvalidError) else ()
        what, code = f"{words}: {error.what}", f"{name}.failed"
        yield from told or [trial.subject.find("error", code, what, next_step=error.next_step)]
