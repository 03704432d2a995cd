"""Asking a deployed model: the version's golden examples, else inputs made from its signature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitreg.errors import InvalidError, SetupError
from gitreg.formats import ModelFile
from gitreg.formats.isolated import IsolatedModel, Limits
from gitreg.registry.version import ModelVersion
from gitreg.validation.answers import check_answer, compare_expected
from gitreg.validation.examples import TOLERANCE, read_examples
from gitreg.validation.samples import make_inputs
from gitreg.validation.schema import read_valid
from gitreg.value import Value


class Query(Value):
    """Columns to ask a model with, and what it must answer, where that is known.

    `outputs` are those of the signature, whose names `expected` may have.
    """

    source: str
    columns: Mapping[str, Any]
    expected: Mapping[str, Any] = {}
    outputs: Sequence[Mapping[str, Any]] = ()
    tolerance: float = TOLERANCE


def find_query(version: ModelVersion) -> Query | None:
    """Return what a version can be asked; None where it has neither examples nor a signature.

    Raises: InvalidError for examples that are none; TransferError.
    """
    metadata = read_valid(version.metadata)
    wanted, signature = metadata.get("validation", {}), metadata.get("signature", {})
    inputs = signature.get("inputs", ())
    if name := wanted.get("examples"):
        examples = read_examples(version.read(name), file=name, signature=inputs)
        return Query(
            source=f"{examples.rows} golden examples",
            columns=examples.inputs,
            expected=examples.outputs,
            outputs=signature.get("outputs", ()),
            tolerance=float(wanted.get("tolerance", TOLERANCE)),
        )
    try:
        return Query(source="sample inputs", columns=make_inputs(inputs))
    except SetupError:  # there is no signature, or texts that mean something cannot be made up
        return None


def ask(file: ModelFile, query: Query | None, limits: Limits) -> None:
    """Load the model in a process of its own, and put the query to it if there is one.

    Raises: InvalidError where it fails, or answers otherwise; SetupError.
    """
    with IsolatedModel(file, limits) as model:
        if query is None:
            model.load()
            return
        answer = model.predict(query.columns)
    wrong = list(find_wrong(query, answer))
    if wrong:
        raise InvalidError(
            f"the model {file.path.name} does not answer as it should: {'; '.join(wrong)}",
            next_step="predict on the same rows where it was trained; do the packages differ?",
        )


def find_wrong(query: Query, answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an answer lacks, and where it differs from what is expected."""
    yield from check_answer(answer, (), len(next(iter(query.columns.values()))))
    yield from compare_expected(answer, query.expected, query.outputs, query.tolerance)
