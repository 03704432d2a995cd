"""Registries to measure on: N versions of N/20 models, N/4 stage changes, all really signed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from gitreg import yaml12
from gitreg.domain.canonical import dumps, sha256
from gitreg.domain.model import SCHEMA
from gitreg.domain.promotion import next_seq
from gitreg.git.worktree import Head
from gitreg.ledger.appending import Draft, Signer, append
from gitreg.ledger.reading import Ledger, read_ledger
from gitreg.ledger.sharing import read_tips
from gitreg.registry.committing import Author, Change, make_commit
from gitreg.registry.identity import candidate_keys, make_signer
from gitreg.registry.init import init
from gitreg.registry.open import Registry, open_registry


def build(folder: Path, versions: int) -> None:
    """Make a registry of `versions` versions in `folder`, without a remote."""
    folder.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", "main", "."], cwd=folder, check=True)
    registry = open_registry(folder)
    init(registry)
    repository = registry.repository
    signer = make_signer(repository, next(candidate_keys(repository)))
    ledger = read_ledger(repository, read_tips(repository, None).local)
    models = max(versions // 20, 1)
    names = [f"model-{number:04d}" for number in range(models)]
    pipeline = {"artifacts": {name: {"path": f"models/{name}/model.bin"} for name in names}}
    head = Head.read(repository)
    base = {"dvc.yaml": Change.same(yaml12.dump(pipeline).encode())}
    appended = []
    for number in range(versions):
        name, version = names[number % models], f"1.{number // models}.0"
        draft = _registration(registry, (head, signer), base, name, version)
        appended.append(append(repository, ledger, draft, signer))
        head = Head(branch=head.branch, commit=draft.object)
        if number % 4 == 3:
            appended.append(append(repository, ledger, _promotion(ledger, name, version), signer))
    updates = [("refs/heads/main", head.commit or "", None)]
    updates += [("refs/heads/gitreg-ledger", ledger.tip or "", None)]
    updates += [(item.tag_ref, item.tag_object, None) for item in appended if item.tag_ref]
    repository.update_refs(updates)
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=folder, check=True)
    subprocess.run(["git", "gc", "-q"], cwd=folder, check=True)


def _registration(
    registry: Registry, on: tuple[Head, Signer], base: dict[str, Change], name: str, version: str
) -> Draft:
    digest = sha256(f"{name} {version}".encode())
    artifact = {"path": "model.bin", "sha256": digest, "md5": digest[:32], "size": 1000}
    value = {
        "schema": SCHEMA,
        "name": name,
        "version": version,
        "description": "A model to measure on.",
        "metrics": {"accuracy": 0.95},
        "artifacts": [{**artifact, "role": "model"}],
    }
    folder = f"models/{name}"
    out = {"md5": digest[:32], "size": 1000, "hash": "md5", "path": "model.bin"}
    changes = {
        **base,
        f"{folder}/model.yaml": Change.same(yaml12.dump(value).encode()),
        f"{folder}/model.bin.dvc": Change.same(yaml12.dump({"outs": [out]}).encode()),
    }
    head, signer = on
    message = f"Register {name} {version}"
    author = Author(name=signer.name, email=signer.email, clock=signer.clock)
    commit = make_commit(registry.repository, head, changes, message, author, key=None)
    data = dumps(value)
    fields = {"model": name, "version": version, "path": folder, "manifest": sha256(data)}
    return Draft(action="register", object=commit, fields=fields, files={"model.json": data})


def _promotion(ledger: Ledger, name: str, version: str) -> Draft:
    entry, now = ledger.state.version(name, version), ledger.state.stage(name, "staging")
    assert entry is not None  # noqa: S101 it was registered just now
    fields = {
        "model": name,
        "version": version,
        "stage": "staging",
        "seq": next_seq(now),
        "manifest": entry.manifest,
        "replaces": now.version if now else None,
    }
    return Draft(action="promote", object=entry.commit, fields=fields)
