"""`gitreg ci sync`: the ledger made to match the default branch, as often as one likes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gitreg.domain.finding import Finding
from gitreg.errors import InvalidError, SetupError
from gitreg.registry.ci_plan import find_plan
from gitreg.registry.ci_steps import Outcome, Steps
from gitreg.registry.open import Registry
from gitreg.registry.writing import record_drafts
from gitreg.value import Value

REPORT = ".report.json"
_LARGEST = 16 << 20  # bytes of a report; the ledger takes less


class Synced(Value):
    """What a run did, step by step; `deployments` are what it brought into stages."""

    commit: str
    outcomes: tuple[Outcome, ...]
    findings: tuple[Finding, ...]
    policy: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was refused, and nothing in the tree is wrong."""
        refused = any(item.verdict == "refused" for item in self.outcomes)
        return not refused and all(item.severity != "error" for item in self.findings)

    @property
    def deployments(self) -> list[Outcome]:
        """The promotions that this run signed."""
        return [
            item for item in self.outcomes if (item.action, item.verdict) == ("promote", "done")
        ]

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "commit": self.commit,
            "ok": self.ok,
            "outcomes": [item.to_dict() for item in self.outcomes],
            "deployments": [
                {
                    "model": item.model,
                    "version": item.version,
                    "stage": item.stage,
                    "seq": item.seq,
                    "tag": item.tag,
                }
                for item in self.deployments
            ],
            "findings": [finding.to_dict() for finding in self.findings],
            "policy": list(self.policy),
        }


def sync(
    registry: Registry,
    *,
    reports: Path | None = None,
    on_behalf: str | None = None,
    key: Path | None = None,
) -> Synced:
    """Register what HEAD has filled in, sign the `reports` on it, promote what `stages.yaml` asks.

    Run again, it goes on where it was stopped; what is done is not done twice. `reports` is the
    folder that `ci check` wrote. `on_behalf` names the person whose merge this is; somebody whom
    the policy does not know is left out, with a finding.

    Raises: SetupError; UntrustedError.
    """
    plan = find_plan(registry)
    findings = list(plan.findings)
    person = _find_person(registry, on_behalf, findings)
    steps = Steps(
        registry=registry,
        write=lambda draft: record_drafts(registry, draft, key=key).records,
        on_behalf=person,
    )
    outcomes = [steps.register(wanted) for wanted in plan.versions]
    for name, data in _read_reports(reports):
        try:
            outcomes.append(steps.evaluate(data))
        except InvalidError as error:
            findings.append(
                Finding(severity="error", code="report.invalid", where=name, what=error.what)
            )
    outcomes += [steps.promote(wanted) for wanted in plan.stages]
    return Synced(
        commit=plan.commit,
        outcomes=tuple(outcomes),
        findings=tuple(findings),
        policy=plan.policy,
    )


def _find_person(registry: Registry, named: str | None, findings: list[Finding]) -> str | None:
    """Return the person of the policy who is meant, in whatever case the forge writes the name."""
    policy = registry.state.policy()
    if not named or policy is None:
        return None
    found = [person for person in policy.policy.keys if person.lower() == named.lower()]
    if len(found) == 1:
        return found[0]
    findings.append(
        Finding(
            severity="warning",
            code="behalf.unknown",
            where="gitreg.yaml",
            what=f"the policy has no person {named}, so the records name nobody as acted for",
            next_step="call people in gitreg.yaml as the forge calls them",
        )
    )
    return None


def _read_reports(folder: Path | None) -> Iterator[tuple[str, bytes]]:
    if folder is None:
        return
    if not folder.is_dir():
        raise SetupError(
            f"there is no folder {folder}", next_step="gitreg ci check --reports FOLDER makes it"
        )
    for path in sorted(folder.rglob(f"*{REPORT}")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                yield path.name, file.read(_LARGEST)
