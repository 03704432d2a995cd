"""The check `schema`: `model.yaml` at the version's commit is valid, and what was signed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from gitreg.domain.canonical import dumps
from gitreg.errors import SetupError
from gitreg.validation.document import check_complete, read_model
from gitreg.validation.outcome import Item, Seen
from gitreg.validation.trial import Trial

NAME = "schema"


def check_fields(trial: Trial) -> Iterator[Item]:
    """See that the file is valid, and says what was signed.

    Raises: InvalidError with every finding; SetupError where the commit is not here.
    """
    subject = trial.subject
    data = subject.read(PurePosixPath(subject.file).name)
    if data is None:
        raise SetupError(
            "the version's commit is not here, or has no such file", next_step="git fetch --tags"
        )
    value = read_model(data, name=subject.file).value
    check_complete(value, name=subject.file)
    if dumps(value) != dumps(dict(subject.metadata)):
        yield subject.find(
            "error",
            "schema.signed",
            "it does not say what was signed",
            next_step="trust the record: gitreg show has what it says",
            where=subject.file,
        )
    yield Seen(what=f"{len(value)} fields of {subject.file}")


PARTS = (("model.yaml", check_fields),)
