"""What a change of the policy means, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitreg.domain.policy import ModelPolicy, Policy, StagePolicy

_RIGHTS = {
    "owners": "change the entry {model}",
    "register": "register {model}",
    "evaluate": "evaluate {model}",
    "deploy": "sign deployments of {model}",
    "yank": "deprecate and yank {model}",
}


def describe_policy_change(old: Policy, new: Policy) -> tuple[str, ...]:
    """Return one sentence for each thing that `new` allows, asks or knows otherwise than `old`.

    Empty where the two mean the same, whatever their comments.
    """
    return (
        *_people(old, new),
        *_root(old, new),
        *_who(old.beat, new.beat, "sign heartbeats"),
        *_max_age(old, new),
        *_datasets(old, new),
        *_models(old, new),
    )


def _people(old: Policy, new: Policy) -> Iterator[str]:
    for person in sorted({*old.keys, *new.keys}):
        before, after = old.keys.get(person), new.keys.get(person)
        if before is None:
            keys = ", ".join(map(_short, after or ())) or "no key"
            yield f"{person} joins, with {keys}"
        elif after is None:
            yield f"{person} leaves: what their keys sign from then on is worth nothing"
        else:
            yield from (f"{person} gains the key {_short(k)}" for k in after if k not in before)
            yield from (f"{person} loses the key {_short(k)}" for k in before if k not in after)


def _root(old: Policy, new: Policy) -> Iterator[str]:
    yield from _who(old.root.by, new.root.by, "change the policy")
    if old.root.count != new.root.count:
        yield f"changing the policy takes {_people_count(new.root.count)}, not {old.root.count}"


def _max_age(old: Policy, new: Policy) -> Iterator[str]:
    if old.max_age != new.max_age:
        before, after = (policy.source.get("max_age", "none") for policy in (old, new))
        yield f"max_age is {after}, not {before}"


def _datasets(old: Policy, new: Policy) -> Iterator[str]:
    for name in sorted({*old.datasets, *new.datasets}):
        before, after = old.datasets.get(name), new.datasets.get(name)
        if before is None:
            yield f"the data set {name} is new: sha256:{after}"
        elif after is None:
            yield f"the data set {name} is no more"
        elif before != after:
            yield f"the data set {name} is sha256:{after}, not sha256:{before}"


def _models(old: Policy, new: Policy) -> Iterator[str]:
    """Compare what governs each pattern: an entry that goes leaves its models to another."""
    patterns = sorted({entry.pattern for policy in (old, new) for entry in policy.models})
    for pattern in patterns:
        # A prefix stands for the models that begin with it and no longer one matches.
        example = pattern.removesuffix("*")
        before, after = (_governing(policy, pattern, example) for policy in (old, new))
        if before is None or before.pattern != (after.pattern if after else None):
            yield _taken_over(pattern, before, after)
        yield from _entry(pattern, before or _NOTHING, after or _NOTHING)


_NOTHING = ModelPolicy(pattern="")
_NO_STAGE = StagePolicy()


def _governing(policy: Policy, pattern: str, example: str) -> ModelPolicy | None:
    own = next((entry for entry in policy.models if entry.pattern == pattern), None)
    return own or policy.for_model(example)


def _taken_over(pattern: str, before: ModelPolicy | None, after: ModelPolicy | None) -> str:
    was = f"the entry {before.pattern}" if before else "no entry"
    now = f"the entry {after.pattern}" if after else "no entry"
    return f"{pattern} is governed by {now}, not by {was}"


def _entry(model: str, old: ModelPolicy, new: ModelPolicy) -> Iterator[str]:
    for right, words in _RIGHTS.items():
        yield from _who(getattr(old, right), getattr(new, right), words.format(model=model))
    if old.allow_pickle != new.allow_pickle:
        verb = "may now" if new.allow_pickle else "may no longer"
        yield f"{model} {verb} be loaded from formats that run code"
    for stage in dict.fromkeys([*old.stages, *new.stages]):
        before, after = old.stages.get(stage), new.stages.get(stage)
        if before is None:
            yield f"{model} gets the stage {stage}"
        if after is None:
            yield f"{model} has no stage {stage} any more"
            continue
        yield from _stage(f"{model} to {stage}", before or _NO_STAGE, after)


def _stage(where: str, old: StagePolicy, new: StagePolicy) -> Iterator[str]:
    yield from _who(old.promote, new.promote, f"promote {where}")
    yield from _who(old.approve.by, new.approve.by, f"approve {where}")
    changes = {
        "": (old.approve.count, new.approve.count),
        " for a rollback": (old.rollback_approvals, new.rollback_approvals),
    }
    for what, (before, after) in changes.items():
        if before != after:
            approvals = "approval" if after == 1 else "approvals"
            yield f"{where} takes {after} {approvals}{what}, not {before}"
    if old.after != new.after:
        yield f"{where} comes after {new.after or 'no stage'}, not after {old.after or 'none'}"
    if old.measured != new.measured:
        yield f"{where} rests on {'measured' if new.measured else 'claimed'} evidence"
    yield from (f"{where} must meet {gate}" for gate in new.gates if gate not in old.gates)
    yield from (f"{where} need not meet {gate}" for gate in old.gates if gate not in new.gates)


def _who(old: Iterable[str], new: Iterable[str], words: str) -> Iterator[str]:
    before, after = set(old), set(new)
    yield from (f"{person} may now {words}" for person in sorted(after - before))
    yield from (f"{person} may no longer {words}" for person in sorted(before - after))


def _people_count(count: int) -> str:
    return f"{count} root {'person' if count == 1 else 'people'}"


def _short(key: str) -> str:
    kind, _, body = key.partition(" ")
    return f"{kind} …{body[-12:]}"
