"""What speaks for a version: how well it fits, how sure its figures are, how far it has come."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from gitreg.domain.policy import StagePolicy
from gitreg.domain.printable import shorten
from gitreg.similarity.evidence import Evidence
from gitreg.similarity.needs import Need

# How sure a figure is.
_SURE = {"measured": 1.0, "claimed": 0.5}


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
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
    weights = sum(part.weight for part in parts)
    return round(sum(part.weight * part.value for part in parts) / weights, 9)


def judge_fit(cosine: float, words: Sequence[str]) -> Part:
    """Judge by the cosine between what was asked for and what the version says."""
    because = ", ".join(words) or "no word in common"
    return Part(name="fit", weight=0.6, value=cosine, because=because)


def judge_evidence(evidence: Evidence, needs: Sequence[Need]) -> Part:
    """Judge by the figures that meet the needs, else by all: measured 1, claimed 0.5, none 0."""
    if needs:
        found = [(need.metric, need.find(evidence)) for need in needs]
        kinds = [figure[1] if figure else "" for _, figure in found]
        said = [f"{name} {shorten(figure[0])} {figure[1]}" for name, figure in found if figure]
    else:
        kinds = ["measured" if evidence.measured else "claimed" if evidence.claimed else ""]
        said = [f"metrics {kind}" for kind in kinds if kind]
    value = sum(_SURE.get(kind, 0.0) for kind in kinds) / len(kinds)
    return Part(name="evidence", weight=0.2, value=value, because=", ".join(said) or "no metrics")


def judge_stage(held: Collection[str], stages: Mapping[str, StagePolicy]) -> Part:
    """Judge by the furthest stage that is held now, of those that the policy has: the last is 1."""
    order = order_stages(stages)
    furthest = max((order.index(name) for name in held if name in order), default=None)
    if furthest is None:
        return Part(name="stage", weight=0.2, value=0.0, because="no stage")
    value = (furthest + 1) / len(order)
    return Part(name="stage", weight=0.2, value=value, because=order[furthest])


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
