from __future__ import annotations

import json
import subprocess
import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.errors import SetupError
from gitreg.similarity.sentences import SentenceModel, load_model
from tests.sentences import needs_model

pytestmark = needs_model

WANTED = "predicts flower species"
_words = st.lists(st.sampled_from(["flower", "Blossoms", "of", "naïve", "C3PO", "fraud"]))
_texts = _words.map(" ".join)


def cosine(one: str, other: str) -> float:
    model = load_model()
    return float(model.embed([one]) @ model.embed([other]))


def test_what_means_the_same_is_nearer_than_what_shares_a_word() -> None:
    assert cosine(WANTED, "classifies the blossoms of plants") > 0.3
    assert cosine(WANTED, "predicts house prices") < 0.25
    assert abs(cosine(WANTED, "detects fraud in card payments")) < 0.1


def test_a_vector_is_the_one_that_wordllama_makes() -> None:
    """In a process of its own, whose logging wordllama changes."""
    texts = [WANTED, "naïve Iris, 日本 😀", "", "a", " two\n lines "]
    script = """
import json, sys
from pathlib import Path
import wordllama
from safetensors.numpy import load_file
from tokenizers import Tokenizer
folder = Path(wordllama.__file__).parent
weights = load_file(folder / "weights/l2_supercat_256.safetensors")["embedding.weight"]
names = Tokenizer.from_file(str(folder / "tokenizers/l2_supercat_tokenizer_config.json"))
model = wordllama.WordLlamaInference(weights, names)
print(json.dumps(model.embed(json.loads(sys.argv[1])).tolist()))
"""
    ran = subprocess.run(
        [sys.executable, "-c", script, json.dumps(texts)],
        capture_output=True,
        text=True,
        check=True,
    )
    for text, mean in zip(texts, json.loads(ran.stdout), strict=True):
        expected = np.array(mean) / (np.linalg.norm(mean) or 1.0)
        np.testing.assert_allclose(load_model().embed([text]), expected, atol=1e-6)


def test_nothing_is_fetched_and_none_of_the_packages_code_runs() -> None:
    script = """
import sys
seen = []
def watch(event, arguments):
    if event.startswith("socket.") or event in {"subprocess.Popen", "os.exec", "os.system"}:
        seen.append(event)
sys.addaudithook(watch)
from gitreg.similarity.sentences import load_model
model = load_model()
model.explain({"description": "flowers"}, model.embed(["flower"]))
assert not seen, seen
strangers = {"wordllama", "huggingface_hub", "requests", "httpx2", "socket"} & set(sys.modules)
assert not strangers, strangers
"""
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


@given(st.lists(_texts, max_size=3), _texts)
def test_words_add_up_to_the_cosine(texts: list[str], other: str) -> None:
    model = load_model()
    near = model.embed([other])
    cosine, found = model.explain({str(place): text for place, text in enumerate(texts)}, near)
    assert {word for word, _ in found} == {w for text in texts for w in text.lower().split()}
    assert sum(share for _, share in found) == pytest.approx(cosine)
    assert cosine == pytest.approx(float(model.embed(texts) @ near))
    assert [share for _, share in found] == sorted((share for _, share in found), reverse=True)


def test_several_texts_are_one_whatever_their_order() -> None:
    model = load_model()
    texts = ["flowers of a meadow", "roses", "roses", "card payments"]
    np.testing.assert_array_equal(model.embed(texts), model.embed(texts[::-1]))
    assert np.linalg.norm(model.embed(texts)) == pytest.approx(1)


@pytest.mark.parametrize("texts", [[], [""]])
def test_no_text_is_no_vector(texts: list[str]) -> None:
    model = load_model()
    assert not model.embed(texts).any()
    assert model.explain(dict.fromkeys(texts, ""), model.embed([WANTED])) == (0.0, [])


def test_what_is_no_character_stops_nothing() -> None:
    model = load_model()
    odd = "flower \ud83d species \x00 </s>"
    cosine, words = model.explain({"x": odd}, model.embed([WANTED]))
    assert cosine > 0.3
    assert [word for word, _ in words] == ["flower", "species"]


class TestWithoutTheExtra:
    def load(self) -> SentenceModel:
        return load_model.__wrapped__()

    def test_a_missing_package_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("importlib.util.find_spec", {}.get)
        with pytest.raises(SetupError, match="need wordllama") as caught:
            self.load()
        assert caught.value.next_step == "pip install 'gitreg[embeddings]'"

    @pytest.mark.parametrize("module", ["tokenizers", "safetensors.numpy"])
    def test_so_is_what_it_brings(self, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(SetupError, match="need wordllama"):
            self.load()

    def test_a_package_without_the_model_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        empty = ModuleSpec("wordllama", None, is_package=True)
        empty.submodule_search_locations = [str(tmp_path)]
        monkeypatch.setattr("importlib.util.find_spec", {"wordllama": empty}.get)
        with pytest.raises(SetupError, match=r"without l2_supercat_256: .*No such file"):
            self.load()


def test_the_name_tells_models_apart() -> None:
    found = find_spec("wordllama")
    assert found is not None
    assert found.submodule_search_locations is not None
    folder = Path(found.submodule_search_locations[0])
    weights = (folder / "weights/l2_supercat_256.safetensors").read_bytes()
    tokenizer = (folder / "tokenizers/l2_supercat_tokenizer_config.json").read_bytes()
    same = SentenceModel(weights, tokenizer)
    assert same.name == load_model().name
    changed = bytearray(weights)
    changed[-1] ^= 1
    names = {SentenceModel(bytes(changed), tokenizer).name, same.name}
    names.add(SentenceModel(weights, tokenizer + b"\n").name)
    assert len(names) == 3
