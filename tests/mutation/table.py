"""Every mutant, under the sentence of the design that it takes out (docs/rules.md)."""

from __future__ import annotations

from collections.abc import Iterator

from gitreg.domain import rules
from tests.mutation import of_people, of_readers, of_records, of_stages
from tests.mutation.mutant import TABLE, Mutant, Sentence, sentence

_STORY = "tests/domain/test_every_rule_matters.py::test_the_story_is_refused_by_the_rule"

# The rule of the design that each rule of the state machine belongs to; the others are rule 8.
_OF_DESIGN = {
    "chain": "1",
    "attachments": "3",
    "digests": "3",
    "object": "3",
    "time": "3",
    "beat": "3",
    "signer": "4",
    "on-behalf": "4",
    "right": "5",
    "policy-bytes": "6",
    "policy-threshold": "6",
    "policy-proposal": "6",
    "document": "7",
    "new-version": "7",
    "policy-cited": "9",
}


def _whole_rules() -> Iterator[Sentence]:
    found: dict[str, list[Mutant]] = {}
    tables = {"every record": rules.COMMON, **rules.ACTIONS}
    for kind, table in tables.items():
        for name, _ in table:
            mutant = Mutant(
                what=f"{name} of {kind}",
                swaps=((f"{TABLE}{kind}/{name}", "", ""),),
                test=f"{_STORY}[{kind}-{name}]",
            )
            found.setdefault(_OF_DESIGN.get(name, "8"), []).append(mutant)
    for rule, mutants in found.items():
        yield sentence(rule, "whole rules of the state machine (docs/rules.md)", *mutants)


_RULES = [*map(str, range(1, 11)), "signature", "void", "memory", "reading"]
SENTENCES = sorted(
    (
        *_whole_rules(),
        *of_records.SENTENCES,
        *of_people.SENTENCES,
        *of_stages.SENTENCES,
        *of_readers.SENTENCES,
    ),
    key=lambda each: _RULES.index(each.rule),
)
