"""A version that would have its code run where the policy does not allow it."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gitreg.errors import GitregError, RefusedError
from gitreg.formats import ModelFile, torchscript
from gitreg.formats.entrypoint import find_function
from tests.fixtures import Team, write


class Trap:
    """A pickle that tells when it is loaded."""

    def __reduce__(self) -> Any:
        return (pytest.fail, ("the pickle was loaded",))


def register(team: Team, artifact: str, files: Mapping[str, bytes]) -> Any:
    for name, data in files.items():
        write(team.iris / name, data)
    text = "schema: gitreg/model/v1\nname: iris\nversion: 1.0.0\n"
    write(team.iris / "model.yaml", f"{text}artifacts: [{{{artifact}}}]\n")
    return team.open().register(team.iris)


TRAP = pickle.dumps(Trap())


@pytest.mark.parametrize("said", ["path: model", "path: model, format: mlflow"])
def test_a_pickle_in_an_mlflow_folder(team: Team, said: str) -> None:
    flavors = b"flavors: {sklearn: {pickled_model: model.pkl}}\n"
    files = {"model/MLmodel": flavors, "model/model.pkl": TRAP}
    with pytest.raises(RefusedError, match="its format is pickle") as caught:
        register(team, said, files).load()
    assert caught.value.rule == "allow-pickle"


def test_code_in_an_mlflow_folder(team: Team) -> None:
    flavors = b"flavors: {python_function: {loader_module: trap, code: code}}\n"
    files = {"model/MLmodel": flavors, "model/code/trap.py": b"raise SystemExit('it ran')\n"}
    with pytest.raises(RefusedError, match="its format is mlflow"):
        register(team, "path: model", files).load()


@pytest.mark.parametrize("form", ["skops", "onnx", "xgboost", "lightgbm"])
def test_a_pickle_under_the_name_of_a_format_that_runs_no_code(team: Team, form: str) -> None:
    version = register(team, f"path: model.bin, format: {form}", {"model.bin": TRAP})
    with pytest.raises(Exception) as caught:  # noqa: PT011 whatever the framework says
        version.load()
    assert not isinstance(caught.value, RefusedError)


@pytest.mark.parametrize(
    "flavors",
    [
        "{sklearn: {pickled_model: model.bin, serialization_format: skops}}",
        "{onnx: {data: model.bin}}",
        "{xgboost: {data: model.bin}}",
        "{lightgbm: {data: model.bin}}",
    ],
)
def test_a_pickle_under_the_name_of_a_flavor_that_runs_no_code(team: Team, flavors: str) -> None:
    files = {"model/MLmodel": f"flavors: {flavors}\n".encode(), "model/model.bin": TRAP}
    version = register(team, "path: model", files)
    with pytest.raises(Exception) as caught:  # noqa: PT011 whatever the framework says
        version.load()
    assert not isinstance(caught.value, RefusedError)


def test_an_mlflow_folder_that_leads_out_of_it(team: Team) -> None:
    write(team.folder / "outside.skops", TRAP)
    flavors = b"flavors: {onnx: {data: ../../../outside.skops}}\n"
    with pytest.raises(GitregError, match="no file of the folder"):
        register(team, "path: model", {"model/MLmodel": flavors}).load()


@pytest.mark.parametrize("said", ["path: evil.py", "path: evil.safetensors"])
def test_code_that_an_entrypoint_names(team: Team, said: str) -> None:
    files = {"evil.py": b"raise SystemExit('it ran')\n", "evil.safetensors": b""}
    version = register(team, f"{said}, entrypoint: evil:f", files)
    with pytest.raises(RefusedError, match="would run code"):
        version.load()


def test_a_torchscript_program_writes_files_while_it_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No attack on gitreg: the reason why the format is taken for code."""
    torch = pytest.importorskip("torch", reason="PyTorch is too heavy for every run of the tests")
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "evil.py", EVIL)
    evil = find_function(ModelFile(path=tmp_path, format="python", entrypoint="evil:Evil"))
    with warnings.catch_warnings(action="ignore"):
        torch.jit.script(evil()).save("model.pt")
        assert not Path("written").exists()
        torchscript.load(ModelFile(path=Path("model.pt"), format="torchscript"))
    assert Path("written").read_bytes() == b"AAAA"


EVIL = """\
import torch


class Evil(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.x = torch.ones(2)

    @torch.jit.export
    def __getstate__(self):
        return (self.x, self.training)

    @torch.jit.export
    def __setstate__(self, state: tuple[torch.Tensor, bool]):
        self.training = state[1]
        written = torch.from_file("written", shared=True, size=4, dtype=torch.uint8)
        self.x = state[0] + written.fill_(65).sum()

    def forward(self, x):
        return x
"""
