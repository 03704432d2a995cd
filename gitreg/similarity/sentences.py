"""A sentence model on this machine, which the extra `embeddings` brings: texts as vectors.

The package wordllama (MIT) carries the static embeddings of 32,000 tokens in 256 dimensions, and
their tokenizer. Only these two files are read, and what is read is what makes the vectors: its code
is never imported, because it fetches what it does not find.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from gitreg.errors import SetupError
from gitreg.similarity.features import locate_words
from gitreg.similarity.matrix import Floats, Places

NAME = "l2_supercat_256"

_PACKAGE = "wordllama"
_WEIGHTS = f"weights/{NAME}.safetensors"
_TENSOR = "embedding.weight"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
_EXTRA = "pip install 'gitreg[embeddings]'"


class SentenceModel:
    """A vector for each token; a text's is the mean of its tokens', scaled to length 1.

    That is `WordLlamaInference.embed(norm=True)` of wordllama 0.4, but for rounding: a sum of half
    precision numbers is exact in doubles, so that it does not depend on what else is embedded.
    """

    def __init__(self, weights: bytes, tokenizer: bytes) -> None:
        """Take the model's files.

        Raises: SetupError.
        """
        try:
            from safetensors.numpy import load
            from tokenizers import Tokenizer
        except ImportError as error:
            raise _missing() from error
        self.sha256 = hashlib.sha256(hashlib.sha256(weights).digest() + tokenizer).hexdigest()
        self._vectors = load(weights)[_TENSOR]
        self._tokenizer: Any = Tokenizer.from_buffer(tokenizer)

    @property
    def name(self) -> str:
        """What tells it from all other models, whose vectors are not to be compared with its."""
        return f"{NAME} sha256:{self.sha256}"

    @property
    def dimensions(self) -> int:
        """How long its vectors are."""
        return int(self._vectors.shape[1])

    def embed(self, texts: Iterable[str]) -> Floats:
        """Return the vector of texts, which are one text together: (dimensions,); 0 for none."""
        total = self._sum(self._split(text)[0] for text in texts)
        return total / (_length(total) or 1.0)

    def explain(
        self, texts: Mapping[str, str], near: Floats
    ) -> tuple[float, list[tuple[str, float]]]:
        """Return the cosine of `texts` with `near`, and what each word adds to it, most first.

        `near` has length 1. What is no word, such as a comma, adds the rest.
        """
        split = [(text, *self._split(text)) for text in texts.values()]
        total = self._sum(tokens for _, tokens, _ in split)
        length = _length(total) or 1.0
        shares: dict[str, float] = {}
        for text, tokens, ends in split:
            known, places = np.unique(tokens, return_inverse=True)
            products = (self._of(known) * near).sum(axis=1) / length
            for word, added in _by_word(text, ends, products[places]):
                shares[word] = shares.get(word, 0.0) + added
        heaviest = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
        return float((total * near).sum() / length), heaviest

    def _sum(self, texts: Iterable[Places]) -> Floats:
        total = np.zeros(self.dimensions)
        for tokens in texts:
            known, counts = np.unique(tokens, return_counts=True)
            total += counts @ self._of(known)
        return total

    def _of(self, tokens: Places) -> Floats:
        return np.asarray(self._vectors[tokens], np.float64)

    def _split(self, text: str) -> tuple[Places, Places]:
        """Return the numbers of a text's tokens, and where the last character of each is."""
        # What is no character of Unicode stops the tokenizer, and is a question mark here.
        found = self._tokenizer.encode(_repair(text), add_special_tokens=False)
        ends = [end - 1 for _, end in found.offsets]
        return np.array(found.ids, np.int64), np.array(ends, np.int64)


def _repair(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _length(vector: Floats) -> float:
    return float(np.sqrt((vector**2).sum()))


def _by_word(text: str, ends: Places, shares: Floats) -> Iterator[tuple[str, float]]:
    """Yield a text's words, each with the sum of the shares of the tokens that end in it."""
    sums = np.concatenate(([0.0], np.cumsum(shares)))
    words = locate_words(text)
    first = np.searchsorted(ends, np.array([start for start, _, _ in words], np.int64))
    last = np.searchsorted(ends, np.array([stop for _, stop, _ in words], np.int64))
    added = (sums[last] - sums[first]).tolist()
    yield from zip((word for _, _, word in words), added, strict=True)


@cache
def load_model() -> SentenceModel:
    """Return the model that is installed here; nothing is fetched, and no code of it is run.

    Raises: SetupError that names the extra.
    """
    found = importlib.util.find_spec(_PACKAGE)
    places = list(found.submodule_search_locations or ()) if found else []
    if not places:
        raise _missing()
    folder = Path(places[0])
    try:
        return SentenceModel((folder / _WEIGHTS).read_bytes(), (folder / _TOKENIZER).read_bytes())
    except OSError as error:
        raise SetupError(
            f"{_PACKAGE} is installed without {NAME}: {error}", next_step=f"{_EXTRA} --upgrade"
        ) from error


def _missing() -> SetupError:
    return SetupError(f"sentence embeddings need {_PACKAGE}", next_step=_EXTRA)
