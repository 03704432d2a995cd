"""Whatever a reader is given, it answers, or refuses with the error that it documents."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gitreg.domain import canonical
from gitreg.domain.manifest import Manifest
from gitreg.domain.model import ModelDocument
from gitreg.domain.policy import Policy, PolicyError
from gitreg.domain.report import Report
from tests.ledgers import HOLDOUT, team
from tests.property.strategies import json_values, junk

DOCUMENT = {
    "schema": "gitreg/model/v1",
    "name": "iris",
    "version": "1.0.0",
    "metrics": {"accuracy": 0.95, "latency": {"value": 1, "unit": "ms"}},
    "artifacts": [
        {"path": "a", "sha256": HOLDOUT, "md5": "0b" * 16, "size": 1, "role": "model"},
        {"path": "b", "sha256": HOLDOUT, "md5": "0b" * 16 + ".dir", "size": 1, "files": 1},
    ],
}
REPORT = {
    "schema": "gitreg/report/v1",
    "model": "iris",
    "version": "1.1.0",
    "data": {"sha256": HOLDOUT},
    "metrics": {"accuracy": 0.95},
    "slices": {"sex": {"f": {"accuracy": 0.9}}},
    "champion": {"version": "1.0.0", "metrics": {"accuracy": 0.9}},
}
PLACES: dict[str, tuple[dict[str, Any], Callable[[object], object], type[ValueError]]] = {
    "policy": (team(), Policy.from_dict, PolicyError),
    "model": (DOCUMENT, ModelDocument.from_dict, ValueError),
    "report": (REPORT, Report.from_dict, ValueError),
}


def holders(value: object) -> Iterator[dict[Any, Any] | list[Any]]:
    """Every mapping and list within a value."""
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from holders(inner)


@given(st.sampled_from(sorted(PLACES)), st.data())
@settings(max_examples=400)
def test_a_document_with_something_odd_in_it_is_read_or_refused(
    name: str, data: st.DataObject
) -> None:
    whole, read, error = PLACES[name]
    value = copy.deepcopy(whole)
    for _ in range(data.draw(st.integers(1, 2))):
        holder = data.draw(st.sampled_from(list(holders(value))))
        keys = [*holder] if isinstance(holder, dict) else [*range(len(holder))]
        place = data.draw(st.sampled_from(keys)) if keys else None
        if isinstance(holder, dict) and (place is None or data.draw(st.booleans())):
            place = data.draw(st.none() | st.integers() | st.text(max_size=3))
        if place is not None or isinstance(holder, dict):
            holder[place] = data.draw(junk)
    with contextlib.suppress(error):
        read(value)


@given(st.sampled_from(sorted(PLACES)), junk)
def test_another_value_is_refused(name: str, value: object) -> None:
    _, read, error = PLACES[name]
    try:
        read(value)
    except error:
        return
    raise AssertionError


@given(junk)
def test_a_value_is_written_or_refused(value: object) -> None:
    try:
        text = canonical.dumps(value)
    except ValueError:
        return
    assert canonical.dumps(canonical.loads(text)) == text


@given(
    st.binary(max_size=30)
    | st.text('[]{}",:0123456789eE+-.\\untrefalsNI \n', max_size=30).map(str.encode)
    | json_values.map(canonical.dumps)
)
@settings(max_examples=300)
def test_one_text_stands_for_a_value(data: bytes) -> None:
    for read in (canonical.loads, canonical.read_json):
        try:
            value = read(data)
        except ValueError:
            continue
        if read is canonical.loads:
            assert canonical.dumps(value) == data


@given(st.binary(max_size=60) | st.text("0af 5/.\n", max_size=60).map(str.encode))
def test_a_manifest_is_its_own_text_or_refused(data: bytes) -> None:
    try:
        manifest = Manifest.parse(data)
    except ValueError:
        return
    assert manifest.to_bytes() == data
