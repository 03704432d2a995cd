"""What speaks for a version: how well it fits, how sure its figures are, how far it has come."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from gitreg.domain.policy import StagePolicy
from gitreg.domain.printable import shorten
from gitreg.similarity.evidence import Evidence
from gitreg.similarity.needs import Need
from gitreg.value import Value

FIT, EVIDENCE, STAGE = 0.6, 0.2, 0.2  # what each part weighs
SURE: Mapping[str, float] = {"measured": 1.0, "claimed": 0.5}  # how sure a figure is


class Part(Value):
    """One thing that speaks for a version: `value` in 0 to 1, and what it rests on."""

    name: str
    weight: float
    value: float
    because: str

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "name": self.name,
            "weight": self.weight,
            "value": round(self.value, 9),
            "because": self.because,
        }


def sum_up(parts: Sequence[Part]) -> float:
    """Return the weighted mean of the parts, in 0 to 1, to nine digits."""
    return weigh([(part.weight, part.value) for part in parts])


def weigh(parts: Sequence[tuple[float, float]]) -> float:
    """Return the mean of values, each after its weight, to nine digits."""
    weights = sum(weight for weight, _ in parts)
    return round(sum(weight * value for weight, value in parts) / weights, 9)


def judge_fit(cosine: float, words: Sequence[str], *, none: str = "no word in common") -> Part:
    """Judge by the cosine between what was asked for and what the version says.

    `words` are what makes it so, and `none` is said where there are none.
    """
    because = ", ".join(words) or none
    return Part(name="fit", weight=FIT, value=cosine, because=because)


def judge_evidence(evidence: Evidence, needs: Sequence[Need]) -> Part:
    """Judge by the figures that meet the needs, else by all: measured 1, claimed 0.5, none 0."""
    if needs:
        found = [(need.metric, need.find(evidence)) for need in needs]
        kinds = [figure[1] if figure else "" for _, figure in found]
        said = [f"{name} {shorten(figure[0])} {figure[1]}" for name, figure in found if figure]
    else:
        kinds = ["measured" if evidence.measured else "claimed" if evidence.claimed else ""]
        said = [f"metrics {kind}" for kind in kinds if kind]
    value = sum(SURE.get(kind, 0.0) for kind in kinds) / len(kinds)
    return Part(
        name="evidence", weight=EVIDENCE, value=value, because=", ".join(said) or "no metrics"
    )


def judge_stage(held: Collection[str], stages: Mapping[str, StagePolicy]) -> Part:
    """Judge by the furthest stage that is held now, of those that the policy has: the last is 1."""
    worth = rate_stages(stages)
    furthest = max((name for name in held if name in worth), key=worth.__getitem__, default=None)
    value = worth[furthest] if furthest else 0.0
    return Part(name="stage", weight=STAGE, value=value, because=furthest or "no stage")


def rate_stages(stages: Mapping[str, StagePolicy]) -> dict[str, float]:
    """Return what each stage is worth: the further on, the more; the last is 1."""
    order = order_stages(stages)
    return {name: number / len(order) for number, name in enumerate(order, 1)}


def order_stages(stages: Mapping[str, StagePolicy]) -> list[str]:
    """Return stages as the policy lists them, but each after the one that it comes `after`."""
    order: list[str] = []
    left = list(stages)
    while left:
        # A policy in force has no stage that comes after itself, so there always is one.
        name = next(name for name in left if stages[name].after not in left)
        order.append(name)
        left.remove(name)
    return order
