"""Hypothesis strategies for the words of the domain."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from gitreg.domain.manifest import Manifest, ManifestFile
from gitreg.domain.names import MODEL, PERSON, STAGE, is_path, is_text
from gitreg.domain.record import ZEROS, Record, Tagger
from gitreg.domain.reference import Caret, Reference
from gitreg.domain.tag import StageTag, VersionTag
from gitreg.domain.trailer import TRAILERS, own_trailers
from gitreg.domain.version import Version
from tests.ledgers import REGISTRY, sign

_LOW = "abcdefghijklmnopqrstuvwxyz"
_WORD = "[a-z0-9]([a-z0-9_-]{0,10}[a-z0-9])?"
_HUGE = 999_999_999

models = st.from_regex(f"{_WORD}(/{_WORD}){{0,2}}", fullmatch=True).filter(MODEL.fullmatch)
stages = st.from_regex("[a-z]([a-z0-9_-]{0,10}[a-z0-9])?", fullmatch=True).filter(STAGE.fullmatch)
people = st.from_regex("[a-z0-9]([a-z0-9._-]{0,10}[a-z0-9])?", fullmatch=True).filter(
    PERSON.fullmatch
)
numbers = st.integers(0, 20) | st.integers(0, _HUGE)
seqs = st.integers(1, _HUGE)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
object_ids = st.binary(min_size=20, max_size=20).map(bytes.hex) | digests
texts = (
    st.text(min_size=1, max_size=30).map(str.strip)
    | st.text("-: \\\"'#@!none", min_size=1, max_size=20).map(str.strip)
    | st.just("-----BEGIN SSH SIGNATURE-----")
).filter(is_text)
paths = st.lists(
    st.text(_LOW + "AÉé .-_", min_size=1, max_size=8).map(str.strip), min_size=1, max_size=3
).map("/".join)
files_paths = paths.filter(is_path)

_identifiers = st.text(_LOW + "-", min_size=1, max_size=5) | st.from_regex(
    "[0-9]{1,4}[a-z-]{1,3}", fullmatch=True
)
versions = st.builds(
    Version,
    numbers,
    numbers,
    numbers,
    st.lists(numbers | _identifiers, max_size=3).map(tuple),
)
version_texts = versions.map(str)
tags = st.builds(VersionTag, models, version_texts) | st.builds(
    StageTag, models, stages, seqs, st.booleans()
)
carets = (
    st.builds(Caret, numbers)
    | st.builds(Caret, numbers, numbers)
    | st.builds(Caret, numbers, numbers, numbers)
)
references = (
    st.builds(Reference, model=models)
    | st.builds(Reference, model=models, version=versions)
    | st.builds(Reference, model=models, within=carets)
    | st.builds(Reference, model=models, stage=stages, back=st.integers(0, 999_999))
)
taggers = st.builds(
    Tagger,
    name=texts.filter(lambda text: not set("<>") & set(text)),
    email=st.from_regex("([a-z0-9.+-]{1,9}@[a-z.]{1,9})?", fullmatch=True),
    time=st.integers(0, 999_999_999_999),
    zone=st.from_regex("[+-][0-9]{4}", fullmatch=True),
)

_TRAILERS: dict[str, st.SearchStrategy[Any]] = {
    "New-Policy": digests,
    "Registry": st.just(REGISTRY),
    "Verdict": st.sampled_from(["approve", "reject", "withdraw"]),
    "Model": models,
    "Version": version_texts,
    "Path": st.just(".") | files_paths,
    "Stage": stages,
    "Seq": seqs,
    "Manifest": digests,
    "Replaces": st.none() | version_texts,
    "Report": st.none() | digests,
    "Target": st.from_regex("[a-z0-9]([a-z0-9._/-]{0,9}[a-z0-9])?", fullmatch=True),
    "Outcome": st.sampled_from(["succeeded", "failed"]),
    "Detail": texts,
    "On-Behalf": people,
    "Reason": texts,
    "Extra": digests,
}
_KINDS = [
    ("policy", True),
    *((action, False) for action in ("policy", "approve", "register", "evaluate", "promote")),
    *((action, False) for action in ("vacate", "deprecate", "yank", "deploy", "beat")),
]


@st.composite
def records(draw: st.DrawFn) -> Record:
    """A complete record of any action, signed."""
    action, first = draw(st.sampled_from(_KINDS))
    of_policy = action == "approve" and draw(st.booleans())
    names = own_trailers(action, first=first, of_policy=of_policy)
    optional = [name for name in ("On-Behalf", "Reason", "Extra") if draw(st.booleans())]
    values = {TRAILERS[name].attribute: draw(_TRAILERS[name]) for name in (*names, *optional)}
    return sign(
        Record(
            object=draw(object_ids),
            tagger=draw(taggers),
            index=0 if first else draw(st.integers(1, _HUGE)),
            prev=ZEROS if first else draw(digests),
            policy=draw(digests),
            action=action,  # type: ignore[arg-type]
            **values,
        )
    )


manifest_files = st.builds(
    ManifestFile,
    digests,
    st.binary(min_size=16, max_size=16).map(bytes.hex),
    st.integers(0, 10**18 - 1),
    files_paths,
)


def _can_be_placed(files: list[ManifestFile]) -> bool:
    try:
        Manifest.of(files)
    except ValueError:
        return False
    return True


manifests = st.lists(manifest_files, min_size=1, max_size=4).filter(_can_be_placed).map(Manifest.of)

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)

_odd_keys = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
# What a YAML or Python caller may hand over where something else is expected.
junk: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**400), 1j, b"x", "alice", "1.0.0", "*", ()])
    | st.floats()
    | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(_odd_keys, inner, max_size=3)
        | st.tuples(inner)
    ),
    max_leaves=6,
)
