from __future__ import annotations

from gitreg.registry.candidates import read_evidence
from tests.ledgers import History, accepted


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
