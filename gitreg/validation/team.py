"""The check `team`: a team's own checks, `module:function`, each in a process of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from gitreg.errors import InvalidError, SetupError
from gitreg.formats.team_check import IsolatedCheck
from gitreg.validation.outcome import Item, Seen
from gitreg.validation.trial import Trial

NAME = "team"


def check_version(trial: Trial) -> Iterator[Item]:
    """Run the checks that `model.yaml` names, from the version's commit, if the policy lets them.

    Raises: SetupError where they may not run.
    """
    subject = trial.subject
    names: Sequence[str] = subject.wanted.get("checks", ())
    if not names:
        return
    if not subject.permits_code:
        raise SetupError(
            f"the policy lets no code of {subject.model} run",
            next_step=f"set allow_pickle: true in gitreg.yaml, or name them yourself: "
            f"--check {names[0]}",
        )
    with tempfile.TemporaryDirectory(prefix="gitreg-checks-") as folder:
        folders = subject.write_code(Path(folder))
        for name in names:
            yield from _run(trial, name, folders)


def check_own(trial: Trial) -> Iterator[Item]:
    """Run the checks that the user names, from where the user is."""
    for name in trial.subject.own_checks:
        yield from _run(trial, name, [trial.subject.own_folder])


def _run(trial: Trial, name: str, folders: Sequence[Path]) -> Iterator[Item]:
    subject = trial.subject
    try:
        trial.open()
        with IsolatedCheck(name, folders, trial.limits) as check:
            found = check.run(trial.ask, trial.inputs()[1], subject.metadata)
    except InvalidError as error:
        yield subject.find("error", "team.failed", error.what, next_step=error.next_step)
        return
    for item in found:
        yield subject.find(
            item["severity"],
            "team.found",
            f"{name}: {item['what']}",
            next_step=item["next"],
        )
    if not found:
        yield Seen(what=f"{name} finds nothing")


PARTS = (("checks of model.yaml", check_version), ("checks of --check", check_own))
