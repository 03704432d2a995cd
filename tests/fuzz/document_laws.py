"""The laws of YAML, JSON, manifests and DVC's configuration: of the files that people write."""

from __future__ import annotations

import atexit
import contextlib
import io
import math
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from gitreg import yaml12
from gitreg.artifacts.layers import Layer
from gitreg.artifacts.pointer import parse_pointer
from gitreg.artifacts.settings import PLAIN, choose_remote
from gitreg.domain import canonical
from gitreg.domain.lineage import Gathering, Node
from gitreg.domain.manifest import Manifest
from gitreg.domain.names import is_path
from gitreg.domain.pipeline import add_pipeline, read_lock, read_tracked
from gitreg.domain.policy import Policy
from gitreg.domain.policy_diff import describe_policy_change
from gitreg.domain.target import Targets
from gitreg.formats import FORMATS, ModelFile, resolve
from gitreg.formats.exchange import to_bytes
from gitreg.ledger.reading import read_attachments
from gitreg.registry.ci_comment import parse_check
from gitreg.registry.deploy_outcome import read_statements
from gitreg.registry.policy import check_policy as read_policy_file
from gitreg.registry.targets import check_targets
from gitreg.site.checks import LIMIT, render_checks
from gitreg.site.graph import render_dot, render_mermaid
from gitreg.validation import check_complete, read_model
from gitreg.validation.answers import compare_expected
from gitreg.validation.examples import read_examples
from gitreg.validation.opcodes import Opcodes, read_stream
from gitreg.validation.origin import read_onnx
from gitreg.value import fields_of
from gitreg.yaml12.write import _merged
from tests.fixtures import write
from tests.ledgers import team

_TEAM = Policy.from_dict(team())


def check_policy(data: bytes) -> None:
    """A policy that can be in force can be changed, and compared with another."""
    policy = read_policy_file(data)
    assert Policy.from_dict(policy.source) == policy
    assert len([one for one in policy.root.by if policy.keys[one]]) >= policy.root.count > 0
    for entry in policy.models:
        assert policy.for_model(entry.pattern.rstrip("*/_-") or "a") is not None
        for stage in entry.stages.values():
            assert len(stage.approve.by) >= stage.approve.count
            assert all(str(gate) for gate in stage.gates)
    assert describe_policy_change(policy, policy) == ()
    assert describe_policy_change(_TEAM, policy) or policy == _TEAM


def check_model(data: bytes) -> None:
    """What a `model.yaml` says reaches the ledger's readers unchanged."""
    value = read_model(data, name="model.yaml").value
    check_complete(value, name="model.yaml")
    text = canonical.dumps(value)
    assert canonical.loads(text) == value
    attachments = read_attachments({"model.json": text})
    assert attachments.model is not None
    assert attachments.model.name == value["name"]


def check_deploy(data: bytes) -> None:
    """What a `deploy.yaml` says is written the same, and leads nowhere but where it says."""
    targets = check_targets(data)
    written = {
        pattern: {stage: [one.to_dict() for one in some] for stage, some in stages.items()}
        for pattern, stages in targets.models.items()
    }
    assert Targets.from_dict({"models": written}) == targets
    for stages in targets.models.values():
        for target in (one for some in stages.values() for one in some):
            assert str(target.options["path"]).startswith("/")
            assert ".." not in str(target.options["path"]).split("/")


def check_mlflow(data: bytes) -> None:
    """An `MLmodel` leads to what lies in its folder, by a format that is known."""
    folder = _mlflow_folder()
    (folder / "MLmodel").write_bytes(data)
    found = resolve(ModelFile(path=folder, format="mlflow"))
    assert found.format in FORMATS
    assert found.path.resolve().is_relative_to(folder.resolve())


@cache
def _mlflow_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="gitreg-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("inner/model.skops", "inner/data/model.pth", "outside.skops"):
        write(folder / name, b"")
    return folder / "inner"


def check_outcome(data: bytes) -> None:
    """What is to be signed of a deployment is one line a trailer."""
    for statement in read_statements(data, name="outcome.json"):
        assert not any("\n" in str(value) for value in fields_of(statement).values())


def check_pointer(data: bytes) -> None:
    """A `.dvc` file names a file by digits that lead nowhere else."""
    assert set(parse_pointer(data, name="data/test.csv.dvc")) <= set("0123456789abcdef")


def check_pipeline(data: bytes) -> None:
    """A `dvc.lock` or a `.dvc` file leads to a lineage that ends, drawn as text alone."""
    value = yaml12.load(data, name="dvc.lock").value
    steps = [*read_lock(value, value, file="a/dvc.lock"), read_tracked(value, file="b.dvc")]
    for out in [out for step in steps for out in step.outs][:3]:
        gathering = Gathering()
        gathering.add(Node(id=out.id, kind="artifact", label=out.path))
        add_pipeline(gathering, out.id, out, steps, depth=3)
        lineage = gathering.finish(out.id)
        lines = (render_dot(lineage) + render_mermaid(lineage)).count("\n")
        assert lines == 2 * (len(lineage.nodes) + len(lineage.edges)) + 5


def check_check(data: bytes) -> None:
    """What a stranger's run found is told within bounds, and nothing of it is markup."""
    found = parse_check(data)
    told = render_checks([found])
    assert len(told) <= LIMIT
    assert "<" not in told
    assert "@" not in told


def check_examples(data: bytes) -> None:
    """Golden examples are columns of one length, which a model can be handed."""
    found = read_examples(data, file="examples.json")
    assert {len(column) for column in (*found.inputs.values(), *found.outputs.values())} == {
        found.rows
    }
    to_bytes({}, found.inputs)
    list(compare_expected(found.inputs, found.outputs, (), 0.0))


def check_pickle(data: bytes) -> None:
    """Whatever a pickle holds, its imports are names, and nothing of it is raised."""
    found = Opcodes()
    read_stream(io.BytesIO(data), len(data), found)
    assert all(str(name) for name in found.names)


def check_onnx(data: bytes) -> None:
    """What a graph says of itself has an opset."""
    assert read_onnx(io.BytesIO(data), len(data))


def check_yaml(data: bytes) -> None:
    """What is written is read back the same."""
    value = yaml12.load(data, name="any.yaml").value
    if all(map(math.isfinite, _floats_in(value))):
        assert yaml12.load(yaml12.dump(value).encode(), name="again.yaml").value == value


_EDITS: tuple[tuple[tuple[str, ...], Any], ...] = (
    (("version",), "1.2.0"),
    (("artifacts",), [{"path": "a b", "size": 1}]),
    (("artifacts", "iris"), {"path": "models/iris", "type": "model"}),
    (("a", "b", "c"), 1),
    (("metrics", "no"), -0.5),
)


def check_edit(data: bytes) -> None:
    """An edit changes one value and no other, wherever it stands."""
    path, value = _EDITS[data[0] % len(_EDITS)] if data else _EDITS[0]
    text = data[1:].decode()
    before = yaml12.load(text.encode(), name="before.yaml").value
    edited = yaml12.edit(text, path, value, name="before.yaml")
    after = yaml12.load(edited.encode(), name="after.yaml").value
    assert repr(after) == repr(_merged(before, path, value)), edited


def _floats_in(value: object) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _floats_in(item)


def check_json(data: bytes) -> None:
    """One value has one canonical text, whatever text it was read from."""
    with contextlib.suppress(ValueError):
        value = canonical.loads(data)
        assert canonical.dumps(value) == data
    text = canonical.dumps(canonical.read_json(data))
    assert canonical.dumps(canonical.loads(text)) == text


def check_manifest(data: bytes) -> None:
    """A folder's list has one form, and names nothing outside of it."""
    manifest = Manifest.parse(data)
    assert manifest.to_bytes() == data
    assert Manifest.of(reversed(manifest.files)) == manifest
    assert all(is_path(file.path) for file in manifest.files)


def check_dvc_config(data: bytes) -> None:
    """Of a foreign configuration plain addresses are taken and nothing else."""
    remote = choose_remote(Layer.parse(data), Layer(), base=Path("/nowhere/.dvc"))
    assert remote.scheme in PLAIN
    assert set(remote.options) <= PLAIN[remote.scheme]
    assert remote.url.isprintable()
    assert remote.url.startswith("/") or remote.scheme
    assert remote.label
