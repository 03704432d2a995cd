"""Hypothesis strategies for whole files: valid ones, and what is left of them after some damage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from gitreg import yaml12
from gitreg.domain import canonical
from gitreg.domain.model import SCHEMA
from gitreg.domain.report import SCHEMA as REPORT
from tests.ledgers import key_of
from tests.property import strategies as words

Json = dict[str, Any]

_numbers = st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, allow_infinity=False)
_texts = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20)
_metrics = st.dictionaries(st.sampled_from(["accuracy", "f1_macro", "p95/ms"]), _numbers)
_shapes = st.fixed_dictionaries(
    {
        "name": _texts,
        "datatype": st.sampled_from(["FP32", "INT64", "BYTES"]),
        "shape": st.lists(st.integers(-1, 9), max_size=3),
    }
)
_files = st.fixed_dictionaries(
    {
        "path": words.files_paths,
        "role": st.just("model"),
        "size": st.integers(0, 10**12),
        "sha256": words.digests,
        "md5": st.binary(min_size=16, max_size=16).map(bytes.hex),
    },
    optional={"format": st.just("skops")},
)

models: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {
        "schema": st.just(SCHEMA),
        "name": words.models,
        "version": words.version_texts,
        "artifacts": st.lists(_files, min_size=1, max_size=1),
    },
    optional={
        "description": _texts,
        "task": st.just("tabular-classification"),
        "authors": st.lists(st.fixed_dictionaries({"name": _texts}), max_size=2),
        "tags": st.dictionaries(_texts, _texts | _numbers | st.booleans() | st.none(), max_size=3),
        "architecture": st.fixed_dictionaries(
            {"hyperparameters": st.dictionaries(_texts, words.json_values, max_size=3)}
        ),
        "signature": st.fixed_dictionaries({"inputs": st.lists(_shapes, max_size=2)}),
        "training": st.fixed_dictionaries(
            {"parents": st.lists(st.just("iris@1.0.0") | st.just({"uri": "x"}), max_size=2)}
        ),
        "metrics": _metrics
        | st.just({"latency": {"value": 1.5, "unit": "ms", "better": "lower", "low": 1}}),
        "extra": st.dictionaries(_texts, words.json_values, max_size=3),
    },
)

reports: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {
        "schema": st.just(REPORT),
        "model": words.models,
        "version": words.version_texts,
        "data": st.fixed_dictionaries({"sha256": words.digests}),
        "metrics": _metrics,
    },
    optional={
        "slices": st.dictionaries(_texts, st.dictionaries(_texts, _metrics, max_size=2)),
        "champion": st.fixed_dictionaries({"version": words.version_texts, "metrics": _metrics}),
    },
)


@st.composite
def policies(draw: st.DrawFn) -> Json:
    """The value of a `gitreg.yaml` that can be in force."""
    people = draw(st.lists(words.people, min_size=1, max_size=4, unique=True))
    names = draw(st.lists(words.people, max_size=2, unique=True))
    some = st.lists(st.sampled_from(people), max_size=3)
    roles = {f"{name}-role": draw(some) for name in names if f"{name}-role" not in people}
    anyone = st.lists(st.sampled_from([*people, *roles]), max_size=3)
    bounds = st.sampled_from(["min", "max", "min_change", "max_change"])

    def gates() -> list[Json]:
        simple = st.dictionaries(bounds, _numbers, min_size=1, max_size=2)
        gap = st.fixed_dictionaries({"slice": words.texts, "max_gap": _numbers})
        drawn = draw(st.lists(simple | gap, max_size=2))
        return [{"metric": "accuracy", **gate} for gate in drawn]

    def stages() -> Json:
        found: Json = {}
        for name in draw(st.lists(words.stages, max_size=3, unique=True)):
            by = draw(st.lists(st.sampled_from(people), max_size=3, unique=True))
            found[name] = {
                "promote": draw(anyone),
                "approve": {"by": by, "count": draw(st.integers(0, len(by)))},
                "evidence": draw(st.sampled_from(["claimed", "measured"])),
                "gates": gates(),
                **({"after": draw(st.sampled_from([*found]))} if found else {}),
            }
        return found

    patterns = draw(st.lists(words.models | st.just("*"), max_size=2, unique=True))
    rights = ("owners", "register", "evaluate", "deploy", "yank")
    return {
        "gitreg": 1,
        "people": {
            person: {"keys": [key_of(person, n) for n in range(draw(st.integers(1, 2)))]}
            for person in people
        },
        "roles": roles,
        "root": {"by": people, "threshold": draw(st.integers(1, len(people)))},
        "beat": draw(anyone),
        "max_age": draw(st.sampled_from(["12h", "30d", "4w"])),
        "datasets": {"holdout": {"sha256": draw(words.digests)}},
        "models": {
            pattern: {
                **{right: draw(anyone) for right in rights},
                "allow_pickle": draw(st.booleans()),
                "stages": stages(),
            }
            for pattern in patterns
        },
    }


def as_yaml(value: Json) -> bytes:
    return yaml12.dump(value).encode()


def as_frames(record: bytes, model: Json, report: Json, policy: Json) -> dict[str, bytes]:
    """The files of a commit that has everything a record can bring."""
    return {
        "record": record,
        "model.json": canonical.dumps(model),
        "report.json": canonical.dumps(report),
        "policy.yaml": as_yaml(policy),
    }


def _flip(draw: st.DrawFn, data: bytes, at: int, _: int) -> bytes:
    return (
        data[:at]
        + bytes([(data[at : at + 1] or b"\0")[0] ^ draw(st.integers(1, 255))])
        + (data[at + 1 :])
    )


def _cut(_: st.DrawFn, data: bytes, at: int, end: int) -> bytes:
    return data[:at] + data[end:]


def _repeat(draw: st.DrawFn, data: bytes, at: int, end: int) -> bytes:
    return data[:end] + data[at:end][:200] * draw(st.integers(1, 40)) + data[end:]


def _swap_lines(_: st.DrawFn, data: bytes, at: int, end: int) -> bytes:
    lines = data.split(b"\n")
    one, other = at % len(lines), end % len(lines)
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _drop_line(_: st.DrawFn, data: bytes, at: int, __: int) -> bytes:
    lines = data.split(b"\n")
    del lines[at % len(lines)]
    return b"\n".join(lines)


_DAMAGES: tuple[Callable[[st.DrawFn, bytes, int, int], bytes], ...] = (
    _flip,
    _cut,
    _repeat,
    _swap_lines,
    _drop_line,
)


@st.composite
def damaged(draw: st.DrawFn, wholes: st.SearchStrategy[bytes], vocabulary: Sequence[str]) -> bytes:
    """What is left of a whole after up to three changes of bytes, lines or words."""
    data = draw(wholes)
    for _ in range(draw(st.integers(0, 3))):
        places = st.integers(0, len(data))
        at, end = sorted((draw(places), draw(places)))
        if draw(st.booleans()) and vocabulary:
            data = data[:at] + draw(st.sampled_from(vocabulary)).encode() + data[end:]
        else:
            data = draw(st.sampled_from(_DAMAGES))(draw, data, at, end)
    return data
