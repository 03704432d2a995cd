"""The registry as Python code uses it (`import gitreg`): every verb as a method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gitreg.domain.version import Part
from gitreg.registry import approve as approving
from gitreg.registry import deprecate, promote, register, vacate, yank
from gitreg.registry import push as pushing
from gitreg.registry import review as reviewing
from gitreg.registry.reader import Reader
from gitreg.registry.registration import Request
from gitreg.registry.version import ModelVersion
from gitreg.registry.writing import Written

if TYPE_CHECKING:
    from gitreg.registry.deploy_outcome import Deployment
    from gitreg.registry.evaluate import Evaluation


class Registry(Reader):
    """An open registry. `registry["iris@production"]` is one version of a model.

    Methods that write sign with the key that the policy knows, and publish at once where there is
    a remote (`publish=False` keeps the record pending). All raise `gitreg.GitregError`.
    """

    def register(
        self,
        folder: str | Path | None = None,
        *,
        new: str | None = None,
        files: Sequence[str | Path] = (),
        version: str | None = None,
        bump: Part | None = None,
        metrics: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        tags: Mapping[str, Any] | None = None,
        message: str | None = None,
        detached: bool = False,
        key: Path | None = None,
        publish: bool = True,
    ) -> ModelVersion:
        """Register a version of the model in `folder`, or of a `new` one made of `files`."""
        request = Request(
            folder=Path(folder) if folder is not None else None,
            new=new,
            files=[Path(file) for file in files],
            version=version,
            bump=bump,
            metrics=metrics,
            parameters=parameters or {},
            tags=tags or {},
            message=message,
            detached=detached,
        )
        done = register.register(self, request, key=key, publish=publish)
        return self[f"{done.model}@{done.version}"]

    def evaluate(
        self,
        reference: str,
        *,
        data: str | Path | None = None,
        target: str | None = None,
        sign: bool = False,
        key: Path | None = None,
        publish: bool = True,
        **more: Any,
    ) -> Evaluation:
        """Measure a version on data, beside its champion; `sign` makes it evidence.

        `more` are the fields of `registry.evaluate.Request`, such as `slices` and `stage`.
        """
        from gitreg.registry import evaluate as evaluating

        request = evaluating.Request(data=data, target=target, **more)
        found = evaluating.evaluate(self, reference, request)
        return evaluating.sign(self, found, key=key, publish=publish) if sign else found

    def promote(
        self,
        reference: str,
        *,
        stage: str,
        reason: str | None = None,
        key: Path | None = None,
        publish: bool = True,
    ) -> Written:
        """Let a version hold `stage`."""
        return promote.promote(
            self, reference, stage=stage, reason=reason, key=key, publish=publish
        )

    def approve(
        self,
        reference: str,
        *,
        stage: str,
        verdict: str = "approve",
        reason: str | None = None,
        key: Path | None = None,
        publish: bool = True,
    ) -> Written:
        """Sign a verdict on promoting a version: `approve`, `reject` or `withdraw`."""
        seen = reviewing.review(self, reference, stage=stage)
        return approving.approve(
            self, seen, verdict=verdict, reason=reason, key=key, publish=publish
        )

    def rollback(
        self,
        model: str,
        *,
        stage: str,
        reason: str | None = None,
        key: Path | None = None,
        publish: bool = True,
    ) -> Written:
        """Give `stage` back to the version that held it just before."""
        return promote.rollback(self, model, stage=stage, reason=reason, key=key, publish=publish)

    def vacate(
        self,
        model: str,
        *,
        stage: str,
        reason: str | None = None,
        key: Path | None = None,
        publish: bool = True,
    ) -> Written:
        """Leave `stage` of `model` empty."""
        return vacate.vacate(self, model, stage=stage, reason=reason, key=key, publish=publish)

    def deprecate(
        self,
        reference: str,
        *,
        reason: str | None = None,
        key: Path | None = None,
        publish: bool = True,
    ) -> Written:
        """Warn users off a version."""
        return deprecate.deprecate(self, reference, reason=reason, key=key, publish=publish)

    def yank(
        self,
        reference: str,
        *,
        vacate: bool = False,
        reason: str | None = None,
        key: Path | None = None,
        publish: bool = True,
    ) -> Written:
        """Withdraw a version for good; `vacate` also empties the stages that it holds."""
        return yank.yank(self, reference, vacate=vacate, reason=reason, key=key, publish=publish)

    def deploy(
        self,
        reference: str,
        *,
        target: str | None = None,
        outcome: Path | None = None,
        key: Path | None = None,
        publish: bool = True,
    ) -> Deployment:
        """Deploy what holds a stage (`iris@production`) to its targets, or to one of them.

        `outcome` is a file to write instead of signing; see `Deployment.ok` and `.outcomes`.
        """
        from gitreg.registry import deploy as deploying

        assignment = deploying.find_assignment(self, reference, target)
        return deploying.deploy(self, assignment, outcome=outcome, key=key, publish=publish)

    def push(self, *, key: Path | None = None) -> Written:
        """Publish what is pending."""
        return pushing.push(self, key=key)
