"""One metric over the versions of a model, in the order of their registration."""

from __future__ import annotations

from collections.abc import Sequence

from gitreg.domain.metric import Better, Figure
from gitreg.value import Value


class Point(Value):
    """What one version claims, and what was measured of it; None where there is nothing."""

    version: str
    record: int
    time: int
    stages: tuple[str, ...] = ()
    yanked: bool = False
    claimed: Figure | None = None
    measured: Figure | None = None

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures that there are."""
        return tuple(item for item in (self.claimed, self.measured) if item)

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "version": self.version,
            "record": self.record,
            "time": self.time,
            "stages": list(self.stages),
            "yanked": self.yanked,
            "claimed": self.claimed.to_dict() if self.claimed else None,
            "measured": self.measured.to_dict() if self.measured else None,
        }


class MetricHistory(Value):
    """A metric of a model over its versions, oldest first; those without a figure are in it too.

    All that is measured was measured on the data `data`, a sha256; `elsewhere` counts the versions
    that were measured on other data alone.
    """

    model: str
    metric: str
    points: Sequence[Point]
    better: Better | None = None
    data: str | None = None
    elsewhere: int = 0

    @property
    def unit(self) -> str | None:
        """The unit that is stated; all of them, where versions disagree."""
        figures = (figure for point in self.points for figure in point.figures)
        return " and ".join(dict.fromkeys(item.unit for item in figures if item.unit)) or None

    @property
    def title(self) -> str:
        """What is drawn, in words."""
        unit = f", {self.unit}" if self.unit else ""
        better = f" ({self.better} is better)" if self.better else ""
        return f"{self.metric} of {self.model}{unit}{better}"

    @property
    def drawn(self) -> list[Point]:
        """The versions that have a figure."""
        return [point for point in self.points if point.figures]

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "model": self.model,
            "metric": self.metric,
            "unit": self.unit,
            "better": self.better,
            "data": self.data,
            "elsewhere": self.elsewhere,
            "points": [point.to_dict() for point in self.points],
        }
