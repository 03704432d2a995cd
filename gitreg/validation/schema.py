"""The check `schema`: `model.yaml` at the version's commit is valid, and what was signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from gitreg import yaml12
from gitreg.domain.canonical import dumps
from gitreg.errors import InvalidError, SetupError
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
    if dumps(value) != dumps(dict(subject.signed)):
        yield subject.find(
            "error",
            "schema.signed",
            "it does not say what was signed",
            next_step="trust the record: gitreg show has what it says",
            where=subject.file,
        )
        return
    yield Seen(what=f"{subject.file} says what was signed")


def check_signed(trial: Trial) -> Iterator[Item]:
    """See that what was signed is valid itself, whatever the file says.

    Raises: InvalidError with every finding.
    """
    subject = trial.subject
    _check(subject.signed, f"model.json of {subject.name}")
    yield Seen(what=f"{len(subject.signed)} signed fields")


def read_valid(signed: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what of a `model.json` can be relied on: all of it, or nothing but the artifacts.

    Who signs a record may write what no schema allows.
    """
    try:
        _check(signed, "model.json")
    except InvalidError:
        return {"artifacts": signed["artifacts"]}
    return signed


def _check(value: Mapping[str, Any], name: str) -> None:
    read_model(yaml12.dump(dict(value)).encode(), name=name)


PARTS = (("model.yaml", check_fields), ("what was signed", check_signed))
