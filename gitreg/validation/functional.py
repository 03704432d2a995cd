"""The check `functional`: the model answers as its signature says, and as it once did."""

from __future__ import annotations

from collections.abc import Iterator

from gitreg.validation.answers import check_answer, compare_expected
from gitreg.validation.outcome import Item, Seen
from gitreg.validation.trial import SAMPLE, Trial

NAME = "functional"


def check_sample(trial: Trial) -> Iterator[Item]:
    """Ask with inputs made from the signature, and compare the answer with its outputs.

    Raises: InvalidError where the model fails; SetupError.
    """
    subject = trial.subject
    outputs, inputs = subject.signature("outputs"), trial.sample()
    rows = len(next(iter(inputs.values())))
    wrong = list(check_answer(trial.ask(inputs, source=SAMPLE), outputs, rows))
    for what in wrong:
        yield subject.find(
            "error",
            "functional.sample",
            f"asked with inputs as the signature has them: {what}",
            next_step="correct the signature in model.yaml, or the model",
        )
    if not outputs:
        yield subject.find(
            "note",
            "functional.unchecked",
            "types and shapes of its answers: not checked, because model.yaml has no "
            "signature.outputs",
            next_step="add signature: {outputs: [{name: …, datatype: INT64, shape: [-1]}]}",
        )
    if not wrong:
        yield Seen(what=f"answers {rows} rows as its signature says")


def check_examples(trial: Trial) -> Iterator[Item]:
    """Ask with the golden examples, and compare the answers with theirs.

    Raises: InvalidError where the model fails, or they make no sense; SetupError where there are
    none.
    """
    subject, examples = trial.subject, trial.examples()
    _, answer = trial.plain()
    signature = subject.signature("outputs")
    wrong = [
        *check_answer(answer, (), examples.rows),
        *compare_expected(answer, examples.outputs, signature, subject.tolerance),
    ]
    for what in wrong:
        yield subject.find(
            "error",
            "functional.examples",
            f"golden examples: {what}",
            next_step="see which is right, the model or the examples; "
            "validation.tolerance says how close is the same",
            where=subject.examples_file,
        )
    if not wrong:
        yield Seen(what=f"reproduces {examples.rows} golden examples")


PARTS = (("sample inputs", check_sample), ("golden examples", check_examples))
