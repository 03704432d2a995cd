"""What fuzzing begins with: the records, policies and documents of the registry that is kept.

`corpus/<target>/` has what is worth keeping beside: inputs by hand, and everything ever found.
"""

from __future__ import annotations

import base64
import contextlib
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gitreg import yaml12
from gitreg.domain import canonical
from gitreg.domain.record import split_signature
from gitreg.domain.state import State
from gitreg.domain.trailer import RecordError
from gitreg.git.process import read_lines, run_git
from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH
from gitreg.ledger.commits import read_files
from gitreg.ledger.reading import read_ledger
from gitreg.signing import SignatureError, verify
from tests.ledgers import key_of

HERE = Path(__file__).parent
BUNDLE = HERE.parent / "data/format-1-sha1/registry.bundle"
CORPUS = HERE / "corpus"

PAYLOAD = b"what is signed\n"
_FRAME = re.compile(rb"\n=== ([a-z0-9.-]{1,80})\n")
_EVERY = 12  # records between the states that are judged from
_DOCUMENTS = ("gitreg.yaml", "dvc.yaml", "models/iris/model.yaml")


@dataclass(frozen=True)
class Situation:
    """A state of a registry, and a key that signs the next record."""

    state: State
    signer: str


@dataclass(frozen=True)
class Kept:
    """What the kept registry has: the files of every ledger commit, trees, states on the way."""

    records: tuple[dict[str, bytes], ...]
    trees: tuple[bytes, ...]
    states: tuple[State, ...]
    documents: tuple[bytes, ...]


@cache
def kept() -> Kept:
    """Return the kept registry, read once."""
    with tempfile.TemporaryDirectory(prefix="gitreg-fuzz-") as folder:
        run_git(["init", "--quiet", "--bare"], folder=Path(folder))
        lines = read_lines(run_git(["bundle", "unbundle", str(BUNDLE)], folder=Path(folder)))
        tips = {name: tip for tip, name in (line.split(" ", 1) for line in lines)}
        repository = Repository.discover(Path(folder))
        history = list(repository.history(tips[BRANCH]))
        main = tips["refs/heads/main"]
        records = tuple(dict(read_files(repository, header.id)) for header in history)
        with repository.reader() as reader:
            names = [
                *(header.tree for header in history),
                f"{main}^{{tree}}",
                f"{main}:models^{{tree}}",
            ]
            trees = tuple(found.data or b"" for found in reader.read(names) if found)
            names = [f"{main}:{path}" for path in _DOCUMENTS]
            documents = tuple(found.data or b"" for found in reader.read(names) if found)
        states = tuple(read_ledger(repository, header.id).state for header in history[::_EVERY])
    return Kept(records, trees, states, documents)


@cache
def situations() -> tuple[Situation, ...]:
    """Return each state with the key of each person in it, and with a stranger's."""
    found = []
    for state in kept().states:
        entry = state.policy()
        assert entry is not None
        keys = [key for _, keys in sorted(entry.policy.keys.items()) for key in keys]
        found += [Situation(state, key) for key in [*keys, key_of("mallory")]]
    return tuple(found)


@cache
def good_signatures() -> dict[str, str]:
    """Return signatures of `PAYLOAD`, of every type, with the keys that made them."""
    armours = [file.read_text() for file in sorted((CORPUS / "armour").glob("good-*"))]
    return {armour: verify(PAYLOAD, armour) for armour in armours}


def frame(files: Mapping[str, bytes]) -> bytes:
    """Return several files as one input."""
    return b"".join(b"\n=== " + name.encode() + b"\n" + data for name, data in files.items())


def unframe(data: bytes) -> dict[str, bytes]:
    """Return the files of an input; the inverse of `frame`."""
    _, *parts = _FRAME.split(data)
    names = [name.decode() for name in parts[::2]]
    return dict(zip(names, parts[1::2], strict=True))


def armour_of(blob: bytes) -> str:
    """Return the armour around the bytes of a signature."""
    encoded = base64.b64encode(blob).decode()
    lines = [encoded[start : start + 70] for start in range(0, len(encoded), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""])


@cache
def seeds_of(target: str) -> tuple[bytes, ...]:
    """Return what the fuzzing of a target begins with."""
    files = sorted((CORPUS / target).glob("*"))
    own = _SEEDS.get(target, lambda: iter(()))()
    return (*(file.read_bytes() for file in files), *dict.fromkeys(own))


def _files(name: str) -> Iterator[bytes]:
    """Yield every file of the ledger whose name matches."""
    for found in kept().records:
        yield from (data for file, data in found.items() if re.fullmatch(name, file))


def _armours() -> Iterator[str]:
    yield from good_signatures()
    for record in _files("record"):
        with contextlib.suppress(RecordError):
            yield split_signature(record)[1]


def _documents() -> Iterator[bytes]:
    yield from _files("policy.yaml")
    yield from kept().documents
    for data in _files("model.json"):
        yield yaml12.dump(canonical.read_json(data)).encode()


def _cases() -> Iterator[bytes]:
    for number, found in enumerate(kept().records):
        yield _place_of(number, found).to_bytes(2, "big") + frame(found)


def _place_of(number: int, found: Mapping[str, bytes]) -> int:
    """Return the situation in which a record of the kept registry was signed, or almost."""
    state = kept().states[max(0, number - 1) // _EVERY]
    signer = ""
    with contextlib.suppress(RecordError, SignatureError):
        signer = verify(*split_signature(found.get("record", b"")))
    places = [place for place, one in enumerate(situations()) if one.state is state]
    return next((place for place in places if situations()[place].signer == signer), places[-1])


_SEEDS: dict[str, Callable[[], Iterator[bytes]]] = {
    "record": lambda: _files("record"),
    "armour": lambda: (armour.encode() for armour in _armours()),
    "sshsig": lambda: (base64.b64decode("".join(one.split("\n")[1:-2])) for one in _armours()),
    "key": lambda: (situation.signer.encode() for situation in situations()),
    "policy": _documents,
    "model": _documents,
    "yaml": _documents,
    "edit": lambda: (bytes([place]) + data for place, data in enumerate(kept().documents)),
    "json": lambda: _files(r".*\.json"),
    "attachments": lambda: map(frame, kept().records),
    "manifest": lambda: _files("manifest-.*"),
    "tree": lambda: iter(kept().trees),
    "judgement": _cases,
}
