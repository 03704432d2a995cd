"""What an audit is about: models, a stage, and a span of the ledger or one point of it."""

from __future__ import annotations

from datetime import date
from typing import Self

from gitreg.domain.moment import Moment, iso_time, read_time
from gitreg.domain.names import is_model_pattern, parse_stage
from gitreg.errors import UsageError
from gitreg.value import Value

Day = str | date


class Scope(Value):
    """Models by exact name or prefix with `*`, a stage, and a span; None leaves each open.

    `since` and `until` are Unix seconds, both inclusive. The span rests on `Moment.as_of`: it ends
    with the first record, in ledger order, that claims to be later than `until`. Neither that
    record nor any after it counts, whatever they claim, so that no record signed afterwards changes
    the answer. `last` is the index of the last record that is looked at, whatever its time. With
    `is_state`, the audit is about what is held as the span ends, and nothing else.
    """

    model: str | None = None
    stage: str | None = None
    since: int | None = None
    until: int | None = None
    last: int | None = None
    is_state: bool = False

    @classmethod
    def parse(
        cls,
        *,
        model: str | None = None,
        stage: str | None = None,
        since: Day | None = None,
        until: Day | None = None,
        until_record: int | None = None,
        at: Day | None = None,
        at_record: int | None = None,
    ) -> Self:
        """Read what a user asks for.

        `since` means the first second of a day, `until` and `at` its last. `until_record` goes with
        any of them.

        Raises: UsageError.
        """
        if model is not None and not is_model_pattern(model):
            raise UsageError(
                f"{model!r} is neither a model name nor a beginning of some",
                next_step="write iris, or fraud/* for all that begin with fraud/",
            )
        points = [point for point in (at, at_record) if point is not None]
        others = [other for other in (since, until) if other is not None]
        if len(points) > 1 or (points and others) or None not in (at_record, until_record):
            raise UsageError(
                "--at and --at-record are each one point, --since and --until are a span",
                next_step="leave out the one or the other",
            )
        start = None if since is None else read_time(since, field="--since")
        end = None if until is None else read_time(until, field="--until", is_end=True)
        end = end if at is None else read_time(at, field="--at", is_end=True)
        if start is not None and end is not None and start > end:
            raise UsageError(
                f"--since {iso_time(start)} is after --until {iso_time(end)}",
                next_step="exchange them",
            )
        return cls(
            model=model,
            stage=None if stage is None else parse_stage(stage),
            since=start,
            until=end,
            last=until_record if at_record is None else at_record,
            is_state=bool(points),
        )

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

    def tells_of(self, moment: Moment) -> bool:
        """Whether what happened at `moment` is told for itself: never of a state."""
        return not self.is_state and self.has_begun(moment)

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "model": self.model,
            "stage": self.stage,
            "since": self.since,
            "until": self.until,
            "last_record": self.last,
            "state": self.is_state,
        }
