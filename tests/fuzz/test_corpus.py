"""Everything that the fuzzer begins with or ever found, run without it."""

from __future__ import annotations

import pytest

from tests.fuzz.planted import TARGETS as PLANTED
from tests.fuzz.seeds import CORPUS, frame, good_signatures, seeds_of, unframe
from tests.fuzz.target import UnboundedError
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_what_fuzzing_begins_with_and_ever_found_stands(name: str) -> None:
    accepted = [TARGETS[name].run(data) for data in seeds_of(name)]
    assert any(accepted), "nothing leads beyond the first refusal"


def test_every_input_that_is_kept_belongs_to_a_target() -> None:
    assert {folder.name for folder in CORPUS.iterdir()} <= set(TARGETS)


def test_signatures_of_every_type_are_among_the_seeds() -> None:
    kinds = {key.split(" ")[0] for key in good_signatures().values()}
    assert len(kinds) == 5
    assert all(TARGETS["armour"].run(armour.encode()) for armour in good_signatures())


def test_files_are_framed_and_found_again() -> None:
    files = {"record": b"a\n=== ", "model.json": b"", "manifest-00": b"\xff\n"}
    assert unframe(frame(files)) == files
    assert unframe(b"") == {}


@pytest.mark.parametrize("name", ["hoard", "chatter"])
def test_what_takes_more_than_its_input_explains_is_noticed(name: str) -> None:
    with pytest.raises(UnboundedError):
        PLANTED[name].run(b"x")


def test_what_is_not_documented_is_noticed() -> None:
    with pytest.raises(ZeroDivisionError):
        PLANTED["crash"].run(b"git!")
