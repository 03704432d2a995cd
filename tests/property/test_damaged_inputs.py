"""The laws of tests/fuzz over valid files, whole and damaged, in every run of the tests."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitreg.domain import canonical
from tests.fuzz.seeds import frame, seeds_of
from tests.fuzz.targets import TARGETS
from tests.property import strategies as words
from tests.property.documents import (
    Json,
    as_frames,
    as_yaml,
    damaged,
    models,
    policies,
    reports,
)

_records = words.records().map(lambda record: record.to_bytes())
_frames = st.builds(as_frames, _records, models, reports, policies()).map(frame)
_references = words.references | words.tags | words.versions
WHOLE: dict[str, st.SearchStrategy[bytes]] = {
    "record": _records,
    "policy": policies().map(as_yaml),
    "model": models.map(as_yaml),
    "yaml": st.builds(lambda value: as_yaml({"a": value}), words.json_values),
    "json": (models | reports).map(canonical.dumps),
    "attachments": _frames,
    "judgement": st.builds(bytes.__add__, st.binary(min_size=2, max_size=2), _frames),
    "manifest": words.manifests.map(lambda manifest: manifest.to_bytes()),
    "words": _references.map(lambda reference: str(reference).encode()),
}


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
@settings(max_examples=40)
def test_what_is_damaged_is_read_or_refused(name: str, data: st.DataObject) -> None:
    seeds = st.sampled_from(seeds_of(name))
    wholes = seeds | WHOLE[name] if name in WHOLE else seeds
    TARGETS[name].run(data.draw(damaged(wholes, TARGETS[name].words)))


@given(policies())
@settings(max_examples=50)
def test_a_policy_that_can_be_in_force_is_read(policy: Json) -> None:
    assert TARGETS["policy"].run(as_yaml(policy))


@given(models)
@settings(max_examples=50)
def test_a_model_that_says_all_that_it_must_is_read(model: Json) -> None:
    assert TARGETS["model"].run(as_yaml(model))


@given(models, reports, policies())
@settings(max_examples=30)
def test_what_comes_with_a_record_is_read(model: Json, report: Json, policy: Json) -> None:
    assert TARGETS["attachments"].run(frame(as_frames(b"", model, report, policy)))
