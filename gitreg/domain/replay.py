"""Going through a ledger once more, to see what each promotion rested on when it was made.

Every record was judged already. This pass stops before each one that matters to an audit and asks
the same rules, over the state as it was then, what they found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gitreg.domain import promotion
from gitreg.domain.audit import Event, PolicyChange
from gitreg.domain.case import Attachments, Case, established
from gitreg.domain.entries import Head, PolicyEntry, ValidRecord
from gitreg.domain.grounds import describe_policy, find_evidence, judge_verdicts
from gitreg.domain.moment import Moment
from gitreg.domain.record import Record
from gitreg.domain.scope import Scope
from gitreg.domain.state import State
from gitreg.domain.tenure import Deployment, Signed, Tenure
from gitreg.value import Value, replace

Place = tuple[str, str]  # a model and a stage
Cast = list[tuple[Record, Signed]]  # verdicts that wait for what they are about


class Replayed(Value):
    """What a span of a ledger had to tell.

    `head` is its last record, None where it ends before the first one; `before` the index of the
    last record before it, or -1.
    """

    head: Head | None
    before: int
    tenures: Sequence[Tenure]
    events: Sequence[Event]
    policies: Sequence[PolicyChange]


def replay(records: Iterable[ValidRecord], scope: Scope) -> Replayed:
    """Return what `records`, all of a ledger from the first one on, say within `scope`.

    One pass; what comes after the end of the span is not looked at.
    """
    teller = _Teller(scope)
    for item in records:
        if scope.has_ended(item.record.tagger.time):
            break
        teller.tell(item)
    return teller.finish()


@dataclass(slots=True)
class _Teller:
    scope: Scope
    state: State = field(default_factory=State)
    clock: int = 0
    before: int = -1
    brought: dict[int, Signed] = field(default_factory=dict)  # versions and reports, by record
    held: dict[Place, Tenure] = field(default_factory=dict)
    over: list[Tenure] = field(default_factory=list)
    cast: dict[Place, Cast] = field(default_factory=lambda: defaultdict(list))
    cast_on_policies: Cast = field(default_factory=list)
    deployments: dict[Place, list[Deployment]] = field(default_factory=lambda: defaultdict(list))
    events: list[Event] = field(default_factory=list)
    policies: list[PolicyChange] = field(default_factory=list)

    def tell(self, item: ValidRecord) -> None:
        record = item.record
        self.clock = max(self.clock, record.tagger.time)
        signed = Signed(
            moment=Moment(record=record.index, time=record.tagger.time, as_of=self.clock),
            person=item.person,
            on_behalf=record.on_behalf,
            reason=record.reason,
            key=item.signer,
        )
        if not self.scope.has_begun(signed.moment):
            self.before = record.index
        if record.action == "policy":
            self._enact(item, signed)
        elif record.new_policy:
            self.cast_on_policies.append((record, signed))
        elif record.model and self.scope.has_model(record.model):
            self._tell_of_model(record, record.model, signed)
        head = Head(index=record.index, digest=item.digest, commit=item.commit)
        self.state.advance(head, item.entries)

    def _enact(self, item: ValidRecord, signed: Signed) -> None:
        entry = next(entry for entry in item.entries if isinstance(entry, PolicyEntry))
        cast, self.cast_on_policies = self.cast_on_policies, []
        change = describe_policy(self.state, entry, signed, cast)
        counted = {approval.moment.record for approval in change.approvals}
        for record, by in cast:
            if change.is_of_owner and record.new_policy != change.digest:
                self.cast_on_policies.append((record, by))  # that proposal stays open
            elif record.index not in counted:
                self._note((record, by))
        self.policies.append(replace(change, is_in_span=self.scope.tells_of(signed.moment)))

    def _tell_of_model(self, record: Record, model: str, signed: Signed) -> None:
        place = (model, record.stage or "")
        if record.action in ("register", "evaluate"):
            self.brought[record.index] = signed
        elif record.action in ("deprecate", "yank"):
            self._note((record, signed))
        elif not self.scope.has_stage(*place):
            return
        elif record.action == "approve":
            self.cast[place].append((record, signed))
        elif record.action in ("promote", "vacate"):
            self._change(place, record, signed)
        else:  # deploy, the last of them
            done = Deployment(
                signed=signed,
                target=record.target or "",
                outcome=record.outcome or "",
                detail=record.detail or "",
            )
            self.deployments[place].append(done)

    def _change(self, place: Place, record: Record, signed: Signed) -> None:
        """End what held a stage, and begin what does."""
        self._end(place, signed, record.version)
        cast = self.cast.pop(place, [])
        if record.action == "promote":
            about = [pair for pair in cast if pair[0].version == record.version]
            self.held[place] = self._tenure(record, signed, about)
        self._note(*(pair for pair in cast if pair[0].version != record.version))

    def _end(self, place: Place, ended: Signed | None, next_version: str | None) -> None:
        tenure, deployments = self.held.pop(place, None), self.deployments.pop(place, [])
        if tenure and (ended is None or self.scope.tells_of(ended.moment)):
            self.over.append(
                replace(tenure, ended=ended, next_version=next_version, deployments=deployments)
            )

    def _tenure(self, record: Record, signed: Signed, cast: Cast) -> Tenure:
        case = Case(
            view=self.state,
            record=record,
            signer=signed.key,
            attachments=Attachments(),
            entry=self.state.policy(),
        )
        version, rules = established(case.version), established(case.stage_policy)
        policy, is_rollback = established(case.entry), promotion.is_rollback(case)
        return Tenure(
            model=version.model,
            stage=case.stage,
            seq=record.seq or 0,
            version=version.version,
            promoted=signed,
            is_rollback=is_rollback,
            replaces=record.replaces,
            policy=policy.digest,
            policy_record=policy.index,
            approvals=rules.rollback_approvals if is_rollback else rules.approve.count,
            verdicts=judge_verdicts(case, cast),
            evidence=find_evidence(case, self.brought),
            commit=version.commit,
            path=version.path,
            manifest=version.manifest,
            registered=self.brought[version.index],
        )

    def _note(self, *told: tuple[Record, Signed]) -> None:
        self.events += [
            Event(
                signed=signed,
                action=record.action,
                title=record.title,
                model=record.model,
                version=record.version,
                stage=record.stage,
            )
            for record, signed in told
            if self.scope.tells_of(signed.moment)
        ]

    def finish(self) -> Replayed:
        for place in list(self.held):
            self._end(place, None, None)
        self._note(*self.cast_on_policies, *(pair for cast in self.cast.values() for pair in cast))
        tenures = [self._with_fate(item) for item in self.over]
        return Replayed(
            head=self.state.head(),
            before=self.before,
            tenures=sorted(tenures, key=lambda item: (item.model, item.stage, item.seq)),
            events=sorted(self.events, key=lambda event: event.signed.moment.record),
            policies=self._policies({tenure.policy_record for tenure in tenures}),
        )

    def _with_fate(self, tenure: Tenure) -> Tenure:
        version = established(self.state.version(tenure.model, tenure.version))
        return replace(tenure, deprecated=version.deprecated, yanked=version.yanked)

    def _policies(self, cited: set[int]) -> list[PolicyChange]:
        """Return the policies of the span, the one in force as it began, and those `cited`."""
        before = [change.signed.moment.record for change in self.policies if not change.is_in_span]
        kept = cited | {*before[-1:]}
        return [
            change
            for change in self.policies
            if change.is_in_span or change.signed.moment.record in kept
        ]
