"""What Python code asks a registry: look-ups, and every reading verb as a method."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from gitreg.domain.ancestry import DEPTH
from gitreg.domain.audit import Audit
from gitreg.domain.scope import Scope
from gitreg.ledger.freshness import Trust
from gitreg.registry import audit as auditing
from gitreg.registry import open as opening
from gitreg.registry import verify
from gitreg.registry.list import list_models
from gitreg.registry.version import ModelVersion

if TYPE_CHECKING:
    from gitreg.domain.comparison import Comparison
    from gitreg.domain.lineage import Lineage
    from gitreg.domain.metric_history import MetricHistory
    from gitreg.domain.query.page import Page
    from gitreg.registry.recommend import Recommendation
    from gitreg.registry.similar import Similar
    from gitreg.validation.outcome import Validation


class Reader(opening.Registry):
    """An open registry, to be read.

    The whole ledger is verified once; `refresh()` looks again. All methods raise
    `gitreg.GitregError`.
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

    def validate(self, reference: str, *, checks: Sequence[str] = ()) -> Validation:
        """Put a version to all the checks of a release; see `Validation.ok` and `.findings`.

        `checks` are more of them, `module:function`, imported from the working directory.
        """
        from gitreg.registry import validate as validating

        return validating.validate(self, reference, validating.Request(checks=checks))

    def verify(self, *, deep: bool = False, artifacts: bool = False) -> verify.Verification:
        """Prove the registry; see `Verification.ok` and `.findings`."""
        return verify.verify(self, deep=deep, artifacts=artifacts)

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
