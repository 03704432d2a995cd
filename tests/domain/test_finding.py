from __future__ import annotations

from gitreg.domain.finding import Finding


def test_a_finding_says_where_and_what() -> None:
    finding = Finding(
        severity="error",
        code="tag.moved",
        where="iris@v1.2.0",
        what="the tag was moved",
        next_step="run gitreg tags restore",
    )
    assert str(finding) == "iris@v1.2.0: the tag was moved"
    assert finding.to_dict() == {
        "severity": "error",
        "code": "tag.moved",
        "where": "iris@v1.2.0",
        "what": "the tag was moved",
        "next": "run gitreg tags restore",
    }
