"""`gitreg ci check`: what would become of HEAD once it is merged, without a key.

The steps of `ci sync` are rehearsed on the ledger in memory, in the name of somebody whom the
policy allows them, and the versions that come of it are measured. The code that judges is the code
that verifies.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from gitreg.domain.finding import Finding, Severity
from gitreg.domain.policy import Policy
from gitreg.domain.record import Record
from gitreg.domain.wanted import WantedStage
from gitreg.errors import GitregError, SetupError
from gitreg.git.worktree import write_file
from gitreg.ledger.appending import Signer, rehearse
from gitreg.registry.ci_plan import Plan, find_plan
from gitreg.registry.ci_steps import Outcome, Steps
from gitreg.registry.ci_sync import REPORT
from gitreg.registry.evaluate import Evaluation, Request, evaluate
from gitreg.registry.open import Registry, resolve
from gitreg.registry.review import Review, review
from gitreg.registry.validate import Request as ValidateRequest
from gitreg.registry.validate import validate_version
from gitreg.registry.version import ModelVersion
from gitreg.registry.writing import Plan as Drafts
from gitreg.signing import Key
from gitreg.validation.outcome import Validation
from gitreg.value import Value, replace

CHECK = ".check.json"


class Checked(Value):
    """What was found out about one version that HEAD brings, or wants in a stage."""

    model: str
    version: str
    outcomes: tuple[Outcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    validation: Validation | None = None
    evaluation: Evaluation | None = None
    reviews: tuple[Review, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is refused and nothing is wrong."""
        refused = any(item.verdict == "refused" for item in self.outcomes)
        return not refused and all(item.severity != "error" for item in self.findings)

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        evaluation = self.evaluation
        return {
            "model": self.model,
            "version": self.version,
            "ok": self.ok,
            "outcomes": [item.to_dict() for item in self.outcomes],
            "findings": [finding.to_dict() for finding in self.findings],
            "checks": [item.to_dict() for item in self.validation.checks]
            if self.validation
            else [],
            "report": dict(evaluation.report) if evaluation else None,
            "notes": list(evaluation.notes) if evaluation else [],
            "reviews": [seen.to_dict() for seen in self.reviews],
        }


class Check(Value):
    """What HEAD would do: everything that is asked for, version by version."""

    plan: Plan
    versions: tuple[Checked, ...]

    @property
    def ok(self) -> bool:
        """Whether all of it may be merged; what waits for approvals may."""
        wrong = any(item.severity == "error" for item in self.plan.findings)
        return not wrong and all(item.ok for item in self.versions)

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints, and that `*.check.json` has."""
        return {
            "commit": self.plan.commit,
            "ok": self.ok,
            "versions": [item.to_dict() for item in self.versions],
            "findings": [finding.to_dict() for finding in self.plan.findings],
            "policy": list(self.plan.policy),
        }


def check(
    registry: Registry,
    models: Sequence[str] = (),
    *,
    person: str | None = None,
    request: Request | None = None,
    advance: Callable[[int], object] = lambda _: None,
) -> Check:
    """Say what would become of what HEAD asks for, of some models or of all.

    `person` is whose rights count, else whoever has the most; `request` bounds the models that are
    run. Nothing is signed, and the ledger that `registry` holds is read anew afterwards.

    Raises: SetupError; UntrustedError.
    """
    plan = find_plan(registry).of(models)
    try:
        found: list[Checked] = []
        for model in plan.models:
            part = plan.of([model])
            found += _Rehearsal(registry, part, model, person, request or Request()).check(advance)
    finally:
        registry.refresh()
    return Check(plan=plan, versions=tuple(found))


class _Rehearsal:
    """One model's steps, taken in memory; `plan` is the part that is about it."""

    def __init__(
        self, registry: Registry, plan: Plan, model: str, person: str | None, request: Request
    ) -> None:
        self.registry, self.plan, self.model, self.request = registry, plan, model, request
        self.checks = ValidateRequest(limits=request.limits)
        policy = registry.state.policy()
        assert policy is not None  # noqa: S101 a ledger begins with one
        self.signer = _stand_in(policy.policy, model, person)
        self.steps = Steps(registry=registry, write=self._write)

    def _write(self, plan: Drafts) -> Sequence[Record]:
        repository, ledger = self.registry.repository, self.registry.ledger
        return [rehearse(repository, ledger, draft, self.signer).record for draft in plan(ledger)]

    def check(self, advance: Callable[[int], object]) -> Iterator[Checked]:
        """Yield what comes of each version of the model, in the order of the steps."""
        registered = {item.version: self.steps.register(item) for item in self.plan.versions}
        wanted = [item.version for item in self.plan.stages]
        for version in dict.fromkeys([*registered, *wanted]):
            outcomes = [registered[version]] if version in registered else []
            moves = [item for item in self.plan.stages if item.version == version]
            if self.registry.state.version(self.model, version):
                yield self._measure(version, moves, outcomes, advance)
            else:
                outcomes += [self.steps.promote(item) for item in moves]
                yield Checked(model=self.model, version=version, outcomes=tuple(outcomes))

    def _measure(
        self,
        version: str,
        moves: Sequence[WantedStage],
        outcomes: list[Outcome],
        advance: Callable[[int], object],
    ) -> Checked:
        reference = f"{self.model}@{version}"
        entry = resolve(self.registry.state, reference)
        subject = ModelVersion(self.registry, entry)
        validation = validate_version(subject, self.checks) if outcomes else None  # only new ones
        evaluation, findings = self._evaluate(subject, moves, advance)
        if evaluation:
            outcomes.append(self.steps.evaluate(evaluation.data))
        reviews = []
        for item in moves:
            with contextlib.suppress(GitregError):  # the step itself says what is wrong
                reviews.append(review(self.registry, reference, stage=item.stage))
            outcomes.append(self.steps.promote(item))
        if not moves and evaluation and evaluation.stage:
            reviews.append(review(self.registry, reference, stage=evaluation.stage))
        return Checked(
            model=self.model,
            version=version,
            outcomes=tuple(outcomes),
            findings=(*(validation.findings if validation else ()), *findings),
            validation=validation,
            evaluation=evaluation,
            reviews=tuple(reviews),
        )

    def _evaluate(
        self, subject: ModelVersion, moves: Sequence[WantedStage], advance: Callable[[int], object]
    ) -> tuple[Evaluation | None, list[Finding]]:
        reference, stage = f"{self.model}@{subject.version}", moves[-1].stage if moves else None
        if "dataset" not in subject.metadata.get("evaluation", {}):
            what = "it is not measured, for its model.yaml names no data set"
            return None, [_finding("note", "evaluate.none", reference, what, None)]
        request = replace(self.request, stage=stage)
        try:
            return evaluate(self.registry, reference, request, advance=advance), []
        except GitregError as error:
            what = f"it could not be measured: {error}"
            return None, [_finding("error", "evaluate.failed", reference, what, error.next_step)]


def write_check(found: Check, folder: Path) -> None:
    """Write what was found: `MODEL.check.json`, and a report and its page a version.

    In file names, the `/` of a model's name is `__`.

    Raises: SetupError.
    """
    for model in found.plan.models:
        name = model.replace("/", "__")
        versions = tuple(item for item in found.versions if item.model == model)
        part = Check(plan=found.plan.of([model]), versions=versions)
        data = json.dumps(part.to_dict(), indent=1, sort_keys=True, allow_nan=False)
        write_file(folder / f"{name}{CHECK}", f"{data}\n".encode())
        for item in versions:
            if item.evaluation:
                stem = f"{name}@{item.version}"
                write_file(folder / f"{stem}{REPORT}", item.evaluation.data)
                write_file(folder / f"{stem}.html", item.evaluation.to_html())


def _stand_in(policy: Policy, model: str, person: str | None) -> Signer:
    """Return a signer who never signs: the person named, else whoever may do the most.

    Raises: SetupError where the policy has no such person.
    """
    if person is not None and person not in policy.keys:
        raise SetupError(
            f"the policy has no person {person}",
            next_step=f"it has {', '.join(sorted(policy.keys))}",
        )
    entry = policy.for_model(model)
    rights = [entry.register, entry.evaluate] if entry else []
    rights += [stage.promote for stage in entry.stages.values()] if entry else []
    chosen = person or max(
        sorted(policy.keys), key=lambda name: sum(name in right for right in rights)
    )
    key = Key(public=policy.keys[chosen][0], path=None, origin="the policy's")
    return Signer(key=key, name=chosen, email="", clock=lambda: int(time.time()))


def _finding(
    severity: Severity, code: str, where: str, what: str, next_step: str | None
) -> Finding:
    return Finding(severity=severity, code=code, where=where, what=what, next_step=next_step)
