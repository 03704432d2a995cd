from __future__ import annotations

from gitreg.registry.candidates import first_of_each, list_candidates, read_evidence
from tests.ledgers import History, accepted


def test_the_first_of_each_model_is_its_newest() -> None:
    history = History()
    accepted(
        *(
            history.register("iris", version)
            for version in ("1.9.0", "2.0.0-rc.1", "1.10.0", "3.0.0", "1.0.0")
        ),
        *(history.register("rose", version) for version in ("1.0.0-a", "1.0.0-b")),
        history.yank("iris", "3.0.0"),
    )
    entries = list_candidates(history.state)
    assert [f"{entry.model} {entry.version}" for entry in entries] == [
        *("iris 1.10.0", "iris 1.9.0", "iris 1.0.0", "iris 2.0.0-rc.1"),
        *("rose 1.0.0-b", "rose 1.0.0-a"),
    ]
    newest = list(first_of_each((entry, entry) for entry in entries))
    assert newest == [history.state.newest(model) for model in history.state.models()]


def test_the_newest_report_goes_before_what_is_claimed() -> None:
    history = History()
    accepted(
        history.register("iris", "1.0.0", document={"metrics": {"accuracy": 0.9, "f1": 0.8}}),
        history.evaluate("iris", "1.0.0", accuracy=0.5),
        history.evaluate("iris", "1.0.0", accuracy=0.7),
    )
    found = read_evidence(history.state, history.version("iris", "1.0.0"))
    assert {name: float(value) for name, value in found.metrics.items()} == {
        "accuracy": 0.7,
        "f1": 0.8,
    }
