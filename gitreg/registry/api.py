"""The registry as Python code uses it (`import gitreg`): look-ups, and every verb as a method."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from gitreg.domain.ancestry import DEPTH
from gitreg.domain.audit import Audit
from gitreg.domain.scope import Scope
from gitreg.domain.version import Part
from gitreg.ledger.freshness import Trust
from gitreg.registry import approve as approving
from gitreg.registry import audit as auditing
from gitreg.registry import deprecate, promote, register, vacate, verify, yank
from gitreg.registry import open as opening
from gitreg.registry import push as pushing
from gitreg.registry import review as reviewing
from gitreg.registry.list import list_models
from gitreg.registry.registration import Request
from gitreg.registry.version import ModelVersion
from gitreg.registry.writing import Written

if TYPE_CHECKING:
    from gitreg.domain.comparison import Comparison
    from gitreg.domain.metric_history import MetricHistory
    from gitreg.domain.query.page import Page
    from gitreg.domain.lineage import Lineage
    from gitreg.registry.deploy_outcome import Deployment
    from gitreg.registry.evaluate import Evaluation
    from gitreg.registry.recommend import Recommendation
    from gitreg.registry.similar import Similar
    from gitreg.validation.outcome import Validation


class Registry(opening.Registry):
    """An open registry. `registry["iris@production"]` is one version of a model.

    Reading verifies the whole ledger once; `refresh()` looks again. Methods that write sign with
    the key that the policy knows, and publish at once where there is a remote (`publish=False`
    keeps the record pending). All raise `gitreg.GitregError`.
    """

    @classmethod
    def at(
        cls, where: str | Path = ".", *, root: str | None = None, checkpoint: str | None = None
    ) -> Self:
        """Open the registry at a path or a URL, which has this root and this checkpoint."""
        repository, url = opening.locate(where)
        return cls(repository, url=url, trust=Trust.parse(root, checkpoint))

    def __getitem__(self, reference: str) -> ModelVersion:
        """Return the version that a reference names, such as `iris@^1.2`."""
        return ModelVersion(self, opening.resolve(self.state, reference))

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the models."""
        return iter(self.state.models())

    def __len__(self) -> int:
        """How many models there are."""
        return len(self.state.models())

    def __contains__(self, model: object) -> bool:
        """Whether a model of that name is registered."""
        return isinstance(model, str) and self.state.last_ordinal(model) > 0

    def versions(self, model: str) -> Sequence[ModelVersion]:
        """Return the model's versions in the order of their registration."""
        return [ModelVersion(self, entry) for entry in self.state.versions(model)]

    def search(self, text: str, *, limit: int | None = None, offset: int | None = None) -> Page:
        """Return the versions that a query finds (docs/search.md), best first, a page of them.

        Each hit's `document.reference` leads to the version: `registry[reference]`.
        """
        from gitreg.registry import search as searching

        return searching.search(self, text, limit=limit, offset=offset)

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

    def validate(self, reference: str, *, checks: Sequence[str] = ()) -> Validation:
        """Put a version to all the checks of a release; see `Validation.ok` and `.findings`.

        `checks` are more of them, `module:function`, imported from the working directory.
        """
        from gitreg.registry import validate as validating

        return validating.validate(self, reference, validating.Request(checks=checks))

    def similar(self, reference: str, **options: Any) -> Similar:
        """Return the versions most like one; options: those of `registry.similar.similar`."""
        from gitreg.registry import similar as comparing

        return comparing.similar(self, reference, **options)

    def recommend(self, **wanted: Any) -> Recommendation:
        """Return the versions that fit; `wanted`: the options of `registry.recommend.recommend`."""
        from gitreg.registry import recommend as recommending

        return recommending.recommend(self, **wanted)

    def lineage(self, reference: str, *, depth: int = DEPTH) -> Lineage:
        """Return where a version comes from and what became of it, `depth` generations each way."""
        from gitreg.registry import lineage as tracing

        return tracing.lineage(self, reference, depth=depth)

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

    def verify(self, *, deep: bool = False, artifacts: bool = False) -> verify.Verification:
        """Prove the registry; see `Verification.ok` and `.findings`."""
        return verify.verify(self, deep=deep, artifacts=artifacts)

    def compare(self, references: Sequence[str]) -> Comparison:
        """Compare versions, of one model or of several, each with the first."""
        from gitreg.registry.diff import diff

        return diff(self, references)

    def metric_history(self, model: str, metric: str, *, data: str | None = None) -> MetricHistory:
        """Return how a metric went over the versions of a model, claimed and measured.

        `data` is the name of a data set in the policy, or the beginning of a sha256.
        """
        from gitreg.registry.history import metric_history

        return metric_history(self, model, metric, data=data)

    def audit(
        self,
        *,
        model: str | None = None,
        stage: str | None = None,
        since: str | date | None = None,
        until: str | date | None = None,
        until_record: int | None = None,
        at: str | date | None = None,
        at_record: int | None = None,
    ) -> Audit:
        """Return what held which stage in a span or at one point, and what that rested on."""
        scope = Scope.parse(
            model=model,
            stage=stage,
            since=since,
            until=until,
            until_record=until_record,
            at=at,
            at_record=at_record,
        )
        return auditing.audit(self, scope)

    def _repr_html_(self) -> str:
        """Show the models as a table in a notebook."""
        summaries = list_models(self).models
        stages = [*dict.fromkeys(stage for model in summaries for stage in model.stages)]
        rows = [
            [model.name, model.newest, *(model.stages.get(stage) for stage in stages)]
            for model in summaries
        ]
        head = "".join(f"<th>{html.escape(title)}</th>" for title in ("model", "newest", *stages))
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell or '-')}</td>" for cell in row) + "</tr>"
            for row in rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
