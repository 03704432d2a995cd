"""Options and arguments that several commands share, with completion of names."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gitreg.cli import output
from gitreg.errors import GitregError, UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def complete_reference(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer models, and after an `@` their stages and versions."""
    del param
    model, at, _ = incomplete.partition("@")
    state = _state(ctx)
    if state is None:
        return []
    if not at:
        return _offer(state.models(), incomplete)
    names = [*state.stages(model), *(entry.version for entry in state.versions(model))]
    return _offer([f"{model}@{name}" for name in names], incomplete)


def complete_model(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the names of models."""
    return [] if "@" in incomplete else complete_reference(ctx, param, incomplete)


def complete_stage(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the stages of the policy."""
    del param
    state = _state(ctx)
    policy = state.policy() if state else None
    names = {stage for entry in (policy.policy.models if policy else ()) for stage in entry.stages}
    return _offer(sorted(names), incomplete)


def _offer(names: Sequence[str], begun: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in names if name.startswith(begun)]


def _state(ctx: click.Context) -> Any:
    from gitreg.registry.open import open_registry

    try:
        return open_registry(ctx.params.get("repo") or ".").state
    except GitregError:
        return None


def registry_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what names a registry and pins it; the command is given `registry`, opened.

    Whoever meets a registry for the first time is told its root at the end. With `--catalog` none
    is opened.
    """

    @functools.wraps(command)
    def run(repo: str, root: str | None, checkpoint: str | None, **others: Any) -> Any:
        if others.get("catalog"):
            _refuse_single(named=repo != ".", root=root, checkpoint=checkpoint)
            return command(registry=None, **others)
        return _run_on(command, repo, root, checkpoint, **others)

    return _repo_option(_root_option(_checkpoint_option(run)))


def registries_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--catalog`, `--repo` as often as one likes, and what pins a single registry.

    The command is given `registry`, opened, where there is one; else that is None and `places` are
    those that are named, or None for all of the catalog.
    """

    @functools.wraps(command)
    def run(
        *,
        repo: Sequence[str],
        root: str | None,
        checkpoint: str | None,
        catalog: bool,
        **others: Any,
    ) -> Any:
        if catalog:
            _refuse_single(named=bool(repo), root=root, checkpoint=checkpoint)
            return command(registry=None, places=None, **others)
        if len(set(repo)) < 2:
            where = repo[0] if repo else "."
            return _run_on(command, where, root, checkpoint, places=None, **others)
        if root or checkpoint:
            raise UsageError(
                f"--root and --checkpoint pin one registry, and {len(set(repo))} are named",
                next_step="leave them out and unset GITREG_ROOT; each is held to the root it was "
                "met with, and gitreg catalog add NAME URL --root pins one by name",
            )
        return command(registry=None, places=repo, **others)

    several = click.option(
        "--repo",
        multiple=True,
        metavar="PATH-or-URL",
        help="The registry; the default is here. Several are searched together.",
    )
    return catalog_option(several(_root_option(_checkpoint_option(run))))


def _run_on(
    command: Callable[..., Any], repo: str, root: str | None, checkpoint: str | None, **others: Any
) -> Any:
    from gitreg.ledger.freshness import Trust
    from gitreg.registry.open import open_registry

    registry = open_registry(repo, trust=Trust.parse(root, checkpoint))
    try:
        return command(registry=registry, **others)
    finally:
        output.print_trust(registry)


def _refuse_single(*, named: bool, root: str | None, checkpoint: str | None) -> None:
    if named or root or checkpoint:
        raise UsageError(
            "--catalog reads the registries of your catalog, each held to its own root",
            next_step="leave out --repo, --root and --checkpoint; unset GITREG_ROOT",
        )


def catalog_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--catalog`, in whose place `registry` is None."""
    return click.option(
        "--catalog", is_flag=True, help="All registries that gitreg catalog list shows."
    )(command)


def _repo_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--repo", default=".", metavar="PATH-or-URL", help="The registry; the default is here."
    )(command)


def _root_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--root",
        envvar="GITREG_ROOT",
        metavar="sha256:…",
        help="The first record that the registry must have; GITREG_ROOT.",
    )(command)


def _checkpoint_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--checkpoint",
        envvar="GITREG_CHECKPOINT",
        metavar="N:sha256:…",
        help="A record that it must contain; GITREG_CHECKPOINT.",
    )(command)


def limits_options(*, seconds: float) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add what bounds a model that is run; the command is given `limits`."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @click.option(
            "--timeout", default=seconds, metavar="SECONDS", help="For one answer of the model."
        )
        @click.option("--memory", default=8192, metavar="MIB", help="Address space of the model.")
        @functools.wraps(command)
        def run(timeout: float, memory: int, **others: Any) -> Any:
            from gitreg.formats.isolated import Limits

            return command(limits=Limits(seconds=timeout, memory=memory << 20), **others)

        return run

    return add


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--json`."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print JSON (docs/json.md) for programs."
    )(command)


def key_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--key`, for commands that sign."""
    return click.option(
        "--key",
        type=click.Path(path_type=Path),
        envvar="GITREG_KEY",
        metavar="FILE",
        help="The SSH key to sign with, instead of the first at hand that the policy knows.",
    )(command)


def outcome_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--outcome`, which leaves signing a deployment to another job."""
    return click.option(
        "--outcome",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write the outcome there, and sign nothing: gitreg ci record FILE does.",
    )(command)


def write_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what all commands have that append a record."""
    for add in (json_option, no_push_option, key_option, _reason_option):
        command = add(command)
    return command


def _reason_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--reason", metavar="TEXT", help="Why, in one line; it is signed too.")(
        command
    )


def no_push_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--no-push`, which is `publish=False`."""
    return click.option(
        "--no-push",
        "publish",
        is_flag=True,
        flag_value=False,
        default=True,
        help="Keep it here; gitreg push publishes what was signed.",
    )(command)


def verdict_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--reject` and `--withdraw`; the command is given `verdict`."""
    for verdict, words in (("withdraw", "Take your verdict back."), ("reject", "Reject it.")):
        command = click.option(f"--{verdict}", "verdict", flag_value=verdict, help=words)(command)
    return click.option(
        "--approve", "verdict", flag_value="approve", default="approve", hidden=True
    )(command)


def stage_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--stage`."""
    return click.option(
        "--stage",
        required=True,
        metavar="STAGE",
        shell_complete=complete_stage,
        help="The stage, such as production.",
    )(command)


def reference_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument that names a version."""
    return click.argument("reference", metavar="VERSION", shell_complete=complete_reference)(
        command
    )


def model_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument that names a model."""
    return click.argument("model", metavar="MODEL", shell_complete=complete_model)(command)


def top_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--top`."""
    return click.option(
        "--top",
        type=click.IntRange(1, 1000),
        default=10,
        show_default=True,
        metavar="N",
        help="How many to show.",
    )(command)


def embeddings_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--embeddings`."""
    return click.option(
        "--embeddings",
        is_flag=True,
        help="Compare what texts mean, by the sentence model of gitreg[embeddings].",
    )(command)
