"""What an audit is about: models, a stage, and a span of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self

from gitreg.domain.moment import Moment, iso_time, read_time
from gitreg.domain.names import is_model_pattern, parse_stage
from gitreg.errors import UsageError

Day = str | date


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Models by exact name or prefix with `*`, a stage, and a span; None leaves it open.

    `since` and `until` are Unix seconds, both inclusive. The span rests on `Moment.as_of`: it ends
    with the first record, in ledger order, that claims to be later than `until`. Neither that
    record nor any after it counts, whatever they claim, so that no record signed afterwards changes
    the answer.
    """

    model: str | None = None
    stage: str | None = None
    since: int | None = None
    until: int | None = None

    @classmethod
    def parse(
        cls,
        *,
        model: str | None = None,
        stage: str | None = None,
        since: Day | None = None,
        until: Day | None = None,
        at: Day | None = None,
    ) -> Self:
        """Read what a user asks for. `at` is the state at that time, or at the end of that day.

        Raises: UsageError.
        """
        if model is not None and not is_model_pattern(model):
            raise UsageError(
                f"{model!r} is neither a model name nor a beginning of some",
                next_step="write iris, or fraud/* for all that begin with fraud/",
            )
        if at is not None and (since is not None or until is not None):
            raise UsageError(
                "--at is one point in time, --since and --until are a span",
                next_step="leave out the one or the others",
            )
        start = None if since is None else read_time(since, field="--since")
        end = None if until is None else read_time(until, field="--until", is_end=True)
        if at is not None:
            start = end = read_time(at, field="--at", is_end=True)
        if start is not None and end is not None and start > end:
            raise UsageError(
                f"--since {iso_time(start)} is after --until {iso_time(end)}",
                next_step="exchange them",
            )
        named = None if stage is None else parse_stage(stage)
        return cls(model=model, stage=named, since=start, until=end)

    @property
    def at(self) -> int | None:
        """The point in time that the span is, if it is no more than one."""
        return self.until if self.since == self.until else None

    def has_model(self, model: str) -> bool:
        """Whether the audit is about `model`."""
        if self.model is None:
            return True
        if self.model.endswith("*"):
            return model.startswith(self.model[:-1])
        return model == self.model

    def has_stage(self, model: str, stage: str) -> bool:
        """Whether the audit is about `stage` of `model`."""
        return self.has_model(model) and self.stage in (None, stage)

    def has_begun(self, moment: Moment) -> bool:
        """Whether what happens at `moment` is not before the span."""
        return self.since is None or moment.as_of >= self.since

    def has_ended(self, time: int) -> bool:
        """Whether a record that claims `time` ends the span."""
        return self.until is not None and time > self.until

    def overlaps(self, start: Moment, end: Moment | None) -> bool:
        """Whether what began at `start` and was over at `end` was so at any time of the span."""
        if self.since is None or end is None or end.as_of > self.since:
            return True
        return self.at is None and self.has_begun(start)  # it came and went in the first second

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "model": self.model,
            "stage": self.stage,
            "since": self.since,
            "until": self.until,
        }
