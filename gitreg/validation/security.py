"""The check `security`: code in files, and a licence. It advises; it proves nothing harmless."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from gitreg.domain.finding import Finding
from gitreg.errors import RefusedError, TransferError, UntrustedError
from gitreg.formats import guess
from gitreg.validation.layout import identify
from gitreg.validation.opcodes import read_opcodes
from gitreg.validation.outcome import Item, Seen
from gitreg.validation.trial import Trial

NAME = "security"

_SHOWN = 10  # names of one file
_PICKLES = ("pickle", "torch zip", "zip")
_COMPRESSED = ("gzip", "bzip2", "xz", "zlib")  # as joblib writes them


def check_permission(trial: Trial) -> Iterator[Item]:
    """See that the policy lets the model be loaded.

    Raises: SetupError for a format that gitreg does not load.
    """
    with contextlib.suppress(TransferError, UntrustedError):  # other checks need the bytes
        try:
            trial.subject.find_model()
        except RefusedError as error:
            yield trial.subject.find(
                "error", "security.code", error.what, next_step=error.next_step
            )
            return
    yield Seen(what="the policy lets it be loaded")


def check_pickles(trial: Trial) -> Iterator[Item]:
    """List what the pickles among the artifacts would import.

    Raises: SetupError; TransferError; UntrustedError.
    """
    found = 0
    for name, path in trial.files().items():
        kind = identify(path)
        if kind in _PICKLES:
            items = list(_look_into(trial, name, path))
            found += bool(items)
            yield from items
        elif kind in _COMPRESSED and guess(path) in ("joblib", "pickle"):
            found += 1
            yield _unchecked(trial, name, "what it imports", "it is compressed")
    if not found:
        yield Seen(what="no pickles")


def _look_into(trial: Trial, name: str, path: Path) -> Iterator[Item]:
    opcodes, subject = read_opcodes(path), trial.subject
    if not opcodes.names and opcodes.whole:
        return
    unusual = opcodes.unusual
    where = f"{subject.name}, {name}"
    if unusual:
        more = f", and {len(unusual) - _SHOWN} more" if len(unusual) > _SHOWN else ""
        yield subject.find(
            "warning",
            "security.imports",
            f"loading it imports {', '.join(unusual[:_SHOWN])}{more}",
            next_step="find out who made it and why it needs that, before anybody loads it",
            where=where,
        )
    else:
        yield Seen(what=f"{name} is a pickle, with {len(opcodes.names)} usual imports")
    if not opcodes.whole:
        yield _unchecked(trial, name, "the rest of it", "arrays lie between its opcodes")


def _unchecked(trial: Trial, name: str, what: str, why: str) -> Finding:
    return trial.subject.find(
        "note",
        "security.unchecked",
        f"{what}: not checked, because {why}",
        next_step="store it as skops or ONNX, which run no code",
        where=f"{trial.subject.name}, {name}",
    )


def check_licence(trial: Trial) -> Iterator[Item]:
    """See that `model.yaml` has a licence, written as an SPDX expression."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    subject, advice = trial.subject, "write license: Apache-2.0, or LicenseRef-… for your own"
    licence = subject.metadata.get("license")
    if not licence:
        yield subject.find(
            "warning",
            "security.licence",
            "it names no licence, so nobody may use it",
            next_step=advice,
            where=subject.file,
        )
        return
    try:
        yield Seen(what=f"licence {canonicalize_license_expression(licence)}")
    except InvalidLicenseExpression:
        yield subject.find(
            "warning",
            "security.licence",
            f"license {licence!r} is no SPDX expression",
            next_step=advice,
            where=subject.file,
        )


PARTS = (
    ("permission to load", check_permission),
    ("pickles", check_pickles),
    ("licence", check_licence),
)
