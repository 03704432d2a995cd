"""The texts of all versions as vectors of a sentence model, kept in chunks; each text once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from gitreg.domain.entries import VersionEntry
from gitreg.index.chunks import read_chunks
from gitreg.index.codec import DamagedError
from gitreg.index.sealed import seal, unseal
from gitreg.similarity.embeddings import Embeddings, Singles
from gitreg.similarity.features import read_texts
from gitreg.similarity.sentences import SentenceModel
from gitreg.value import Value

_DIGEST = 16  # bytes, by which texts are told apart
_HEAD = 2  # numbers: of versions, and of texts


class _Piece(Value, eq=False):
    """Some versions: `places` of their texts among all, and those that no version before has.

    `digests` (texts,) and `vectors` (texts, dimensions) are of these new texts alone.
    """

    places: npt.NDArray[np.uint32]
    digests: Sequence[bytes]
    vectors: Singles


class _Kind:
    """Vectors of one model, as `chunks.Kind`: the pieces of one reading are numbered on."""

    def __init__(self, model: SentenceModel) -> None:
        self.name = f"embeddings {model.name}"
        self._model = model
        self._known: dict[bytes, int] = {}

    def build(
        self, versions: Iterable[tuple[VersionEntry, dict[str, Any]]], begun: _Piece | None
    ) -> _Piece:
        places, digests, vectors = [], [], []
        for _, metadata in versions:
            texts = list(read_texts(metadata).values())
            digest = sha256(json.dumps(texts).encode()).digest()[:_DIGEST]
            if digest not in self._known:
                self._number([digest])
                digests.append(digest)
                vectors.append(self._model.embed(texts))
            places.append(self._known[digest])
        new = np.array(vectors, "<f4").reshape(len(vectors), self._model.dimensions)
        return _Piece(
            places=np.concatenate([*([begun.places] if begun else []), np.array(places, "<u4")]),
            digests=[*(begun.digests if begun else ()), *digests],
            vectors=np.concatenate([*([begun.vectors] if begun else []), new]),
        )

    def count(self, piece: _Piece) -> int:
        return len(piece.places)

    def write(self, piece: _Piece) -> bytes:
        head = np.array([len(piece.places), len(piece.digests)], "<u4")
        arrays = (head, piece.places, piece.vectors)
        return seal(b"".join([*(array.tobytes() for array in arrays), *piece.digests]))

    def read(self, body: bytes) -> _Piece:
        data = unseal(body)
        versions, texts = np.frombuffer(data, "<u4", _HEAD).tolist()
        places = np.frombuffer(data, "<u4", versions, _HEAD * 4)
        start = (_HEAD + versions) * 4
        vectors = np.frombuffer(data, "<f4", texts * self._model.dimensions, start)
        start += vectors.nbytes
        digests = [bytes(data[at : at + _DIGEST]) for at in range(start, len(data), _DIGEST)]
        self._number(digests)
        if versions and int(places.max()) >= len(self._known):
            raise DamagedError("vectors of the index are not those of its versions")
        return _Piece(
            places=places, digests=digests, vectors=vectors.reshape(texts, self._model.dimensions)
        )

    def _number(self, digests: Sequence[bytes]) -> None:
        for digest in digests:
            self._known[digest] = len(self._known)


def read_embeddings(connection: sqlite3.Connection, model: SentenceModel) -> Embeddings:
    """Return the texts of all versions as vectors, a row each.

    Texts that nobody embedded before are embedded now, each once however many versions say it, and
    kept where the database can be written.

    Raises: DamagedError; sqlite3.DatabaseError.
    """
    pieces = list(read_chunks(connection, _Kind(model)))
    return Embeddings(
        np.concatenate([np.zeros((0, model.dimensions), "<f4"), *(p.vectors for p in pieces)]),
        np.concatenate([np.zeros(0, np.int64), *(piece.places for piece in pieces)]),
    )
