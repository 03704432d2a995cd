"""Registries to measure on: python benchmarks/registries.py wide 1000 FOLDER.

A `wide` one has 20 versions of each model, a `deep` one has all of one model. Every record is
really signed, and `gitreg verify` accepts them all. One version of each ten is promoted to
staging, evaluated, and promoted to production; of 200 others one is deprecated, and one yanked.

Each version has a commit of its own on `main`, of what belongs to it: `dvc.yaml`, `model.yaml`
and the `.dvc` file. Only the last commit has the whole tree, as a team would see it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from documents import DOMAINS, make_artifact, make_document, make_metrics
from growing import Growing, Said, say
from people import public_key

from gitreg import yaml12
from gitreg.artifacts.tracking import setup_files
from gitreg.domain.canonical import dumps, sha256
from gitreg.git.objects import TreeEntry

SHAPES = ("wide", "deep")
_HOLDOUT = sha256(b"holdout")
_VERSIONS = 20  # of each model of a wide registry
_EVERY = 10  # versions, of which one is promoted
_POLICY = f"""\
gitreg: 1
people:
  alice: {{keys: ["{public_key("alice")}"]}}
  bob: {{keys: ["{public_key("bob")}"]}}
  ci: {{keys: ["{public_key("ci")}"]}}
roles: {{maintainers: [alice, bob], bots: [ci]}}
root: {{by: [maintainers], threshold: 1}}
datasets: {{holdout: {{sha256: {_HOLDOUT}}}}}
models:
  "*":
    owners: [maintainers]
    register: [maintainers, bots]
    evaluate: [bots]
    yank: [maintainers]
    stages:
      staging: {{promote: [maintainers, bots], gates: [{{metric: accuracy, min: 0.5}}]}}
      production:
        after: staging
        promote: [maintainers, bots]
        evidence: measured
        gates: [{{metric: accuracy, min: 0.5, data: holdout}}]
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("versions", type=int)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    build(options.folder, options.versions, options.shape)


def name_models(versions: int, shape: str = "wide") -> list[str]:
    """Return the names of the models in a registry, each of its domain."""
    models = max(versions // _VERSIONS, 1) if shape == "wide" else 1
    return [f"{DOMAINS[number % len(DOMAINS)]}-{number:04d}" for number in range(models)]


def build(folder: Path, versions: int, shape: str = "wide") -> None:
    """Make a registry of `versions` versions in `folder`, without a remote."""
    story = _Story(folder)
    for person, draft in story.tell(name_models(versions, shape), versions):
        story.growing.append(person, draft)
    story.growing.finish(story.commit_all())


class _Story:
    """What happens in a registry: each says what fits the ledger as it is then."""

    def __init__(self, folder: Path) -> None:
        self.growing = Growing(folder)
        self._main: str | None = None
        self._folders: dict[str, str] = {}  # the newest tree of each model
        self._common = self._keep_common()

    def tell(self, models: list[str], versions: int) -> Iterator[Said]:
        """Yield who says what next, once what was said before is in the ledger."""
        data = _POLICY.encode()
        fields = {"new_policy": sha256(data), "registry": "9b0f6c0e-6a43-4f9e-8b44-0f8a3a8f2f10"}
        yield say("alice", "policy", None, fields, {"policy.yaml": data})
        for number in range(versions):
            model, ordinal = models[number % len(models)], number // len(models)
            version, before = f"1.{ordinal}.0", f"1.{ordinal - 1}.0" if ordinal else None
            commit, data = self._commit(model, version, before)
            here = {"model": model, "version": version, "manifest": sha256(data)}
            path = {"path": f"models/{model}"}
            yield say("ci", "register", commit, {**here, **path}, {"model.json": data})
            if ordinal % _EVERY == _EVERY // 2:
                yield from self._promote(commit, here)
            elif number % 200 in (7, 113):
                del here["manifest"]
                yield say("bob", "yank" if number % 200 == 7 else "deprecate", commit, here)

    def _promote(self, commit: str, here: dict[str, Any]) -> Iterator[Said]:
        """Bring a version to staging, measure it, and bring it to production."""
        growing, model, version = self.growing, here["model"], here["version"]
        yield say("ci", "promote", commit, {**here, **growing.next_change(model, "staging")})
        report = {
            "schema": "gitreg/report/v1",
            "model": model,
            "version": version,
            "data": {"name": "holdout", "sha256": _HOLDOUT},
            "metrics": make_metrics(model, version),
        }
        data = dumps(report)
        cited = {"model": model, "version": version, "report": sha256(data)}
        yield say("ci", "evaluate", commit, cited, {"report.json": data})
        production = {**here, **cited, **growing.next_change(model, "production")}
        yield say("alice", "promote", commit, {**production, "reason": "Better figures"})

    def _commit(self, model: str, version: str, before: str | None) -> tuple[str, bytes]:
        """Return a version's commit, and its `model.json`, which is its `model.yaml` too."""
        data = dumps(make_document(model, version, before))
        out = {key: make_artifact(model, version)[key] for key in ("md5", "size", "path")}
        pointer = yaml12.dump({"outs": [{**out, "hash": "md5"}]}).encode()
        self._folders[model] = self._keep_files(
            {"model.skops.dvc": pointer, "model.yaml": data, ".gitignore": b"/model.skops\n"}
        )
        tree = self._keep_root({model: self._folders[model]})
        self._main = self.growing.keep_commit(tree, f"Register {model} {version}", self._main)
        return self._main, data

    def commit_all(self) -> str:
        """Return a commit with the newest version of every model."""
        tree = self._keep_root(self._folders)
        return self.growing.keep_commit(tree, "Bring all models together", self._main)

    def _keep_root(self, folders: dict[str, str]) -> str:
        keep, artifacts = self.growing.keep_tree, {}
        for model in folders:
            artifacts[model] = {"path": f"models/{model}/model.skops", "type": "model"}
        pipeline = self.growing.keep("blob", yaml12.dump({"artifacts": artifacts}).encode())
        models = keep([TreeEntry("40000", name, tree) for name, tree in folders.items()])
        named = [TreeEntry("100644", "dvc.yaml", pipeline), TreeEntry("40000", "models", models)]
        return keep([*self._common, *named])

    def _keep_common(self) -> list[TreeEntry]:
        """Store what every commit has, as `gitreg init` makes it."""
        files = setup_files(with_git=True)
        inside = {path[5:]: data for path, data in files.items() if path.startswith(".dvc/")}
        outside = {".dvcignore": files[".dvcignore"], "gitreg.yaml": _POLICY.encode()}
        keep = self.growing.keep
        named = [TreeEntry("100644", name, keep("blob", data)) for name, data in outside.items()]
        return [TreeEntry("40000", ".dvc", self._keep_files(inside)), *named]

    def _keep_files(self, files: dict[str, bytes]) -> str:
        keep = self.growing.keep
        entries = [TreeEntry("100644", name, keep("blob", data)) for name, data in files.items()]
        return self.growing.keep_tree(entries)


if __name__ == "__main__":
    main()
