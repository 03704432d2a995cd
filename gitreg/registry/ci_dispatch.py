"""Asking for a deployment: a tag's push starts the default branch's workflow, and nothing else."""

from __future__ import annotations

from gitreg.domain.tag import StageTag, parse_tag
from gitreg.errors import SetupError, UsageError
from gitreg.forge import find_own_forge
from gitreg.registry.ci_event import Run
from gitreg.value import Value

WORKFLOW = "gitreg.yml"
_GITLAB_VARIABLE = "GITREG_TAG"


class Dispatched(Value):
    """What was asked for, or would be: a workflow of a branch, for the tag of a stage."""

    tag: StageTag
    workflow: str
    ref: str

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints; `deployments` is as `gitreg ci sync` has it."""
        tag = self.tag
        return {
            "workflow": self.workflow,
            "ref": self.ref,
            "deployments": [
                {
                    "model": tag.model,
                    "version": None,
                    "stage": tag.stage,
                    "seq": tag.seq,
                    "tag": str(tag),
                }
            ],
        }


def dispatch(
    run: Run,
    text: str | None = None,
    *,
    workflow: str = WORKFLOW,
    ref: str | None = None,
    dry_run: bool = False,
) -> Dispatched:
    """Start `workflow` on the branch `ref` for a tag; by default the run's own, on the default one.

    The tag is passed on as it is read, never as it was written. Whether the ledger has it is asked
    by the job that deploys.

    Raises: UsageError for what is no stage's tag; SetupError without a forge; TransferError.
    """
    text = text or run.tag
    tag = parse_tag(text)
    if not isinstance(tag, StageTag):
        raise UsageError(
            f"{text[:200]!r} is not the tag of a stage", next_step="such as 'iris#production#3'"
        )
    done = Dispatched(tag=tag, workflow=workflow, ref=ref or run.default_branch)
    if dry_run:
        return done
    forge = find_own_forge(run.environ)
    if forge is None:
        raise SetupError(
            "no forge's CI runs this, or it has no token",
            next_step="give the step GITHUB_TOKEN: ${{ github.token }}; GitLab has CI_JOB_TOKEN",
        )
    name = _GITLAB_VARIABLE if run.environ.get("GITLAB_CI") == "true" else "tag"
    forge.dispatch(done.workflow, done.ref, {name: str(tag)})
    return done
