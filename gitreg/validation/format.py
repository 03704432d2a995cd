"""The check `format`: the model's file is what it says, opens, and fits what is installed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitreg.errors import SetupError
from gitreg.validation.layout import LAYOUTS, identify
from gitreg.validation.origin import (
    RUNTIMES,
    describe_onnx,
    installed_version,
    name_distribution,
    written_by,
)
from gitreg.validation.outcome import Item, Seen
from gitreg.validation.trial import Trial

NAME = "format"

_NAME = "add framework: {name: scikit-learn, version: 1.9.1} to model.yaml"


def check_layout(trial: Trial) -> Iterator[Item]:
    """Compare the first bytes with the format that is claimed.

    Raises: SetupError; TransferError; UntrustedError.
    """
    form, path = trial.model_file()
    wanted = LAYOUTS.get(form)
    if wanted is None:
        raise SetupError(f"no layout is known of the format {form or 'unknown'}")
    found = identify(path)
    if found not in wanted:
        yield trial.subject.find(
            "error",
            "format.layout",
            f"{path.name} is said to be {form}, and is {found}",
            next_step="store the model again, or correct the format in model.yaml",
        )
        return
    try:
        yield Seen(what=f"{form}: {describe_onnx(path)}" if form == "onnx" else form)
    except ValueError as error:
        yield trial.subject.find(
            "error",
            "format.layout",
            f"{path.name} is damaged: {error}",
            next_step="export the model again",
        )


def check_opens(trial: Trial) -> Iterator[Item]:
    """Load the model in its own process.

    Raises: InvalidError where it cannot be loaded; RefusedError; SetupError.
    """
    trial.open()
    yield Seen(what="opens")


def check_framework(trial: Trial) -> Iterator[Item]:
    """Compare the framework of the file, of `model.yaml`, and of this machine.

    Raises: SetupError where neither of the first two says which it is.
    """
    form, path = trial.model_file()
    runtime, claim = RUNTIMES.get(form), trial.subject.metadata.get("framework", {})
    claimed = claim.get("version") if name_distribution(claim.get("name", "")) == runtime else None
    written = written_by(form, path)
    for version in written:
        if claimed is not None and version != claimed:
            yield trial.subject.find(
                "error",
                "format.framework",
                f"model.yaml says {runtime} {claimed}, and {path.name} was written by {version}",
                next_step="correct framework.version in model.yaml",
                where=trial.subject.file,
            )
    if runtime is None:
        raise SetupError(f"gitreg does not know what runs {form}")
    if claimed is None and not written and form != "onnx":
        raise SetupError(f"nothing says which {runtime} wrote {path.name}", next_step=_NAME)
    yield from _compare_installed(trial, runtime, written[0] if written else claimed)


def _compare_installed(trial: Trial, runtime: str, version: str | None) -> Iterator[Item]:
    here = installed_version(runtime)
    if here is None:
        raise SetupError(f"{runtime} is not installed here")
    if version is None or _release(version) == _release(here):
        yield Seen(what=f"{runtime} {here}")
        return
    yield trial.subject.find(
        "warning",
        "format.installed",
        f"written by {runtime} {version}, and looked at with {here}: answers may differ",
        next_step=f"install {runtime}=={version} where it is used",
    )


def _release(version: str) -> list[str]:
    """Return the parts of a version that change what a file means."""
    return re.findall(r"\d+", version)[:2]


PARTS = (("layout", check_layout), ("opening", check_opens), ("framework", check_framework))
