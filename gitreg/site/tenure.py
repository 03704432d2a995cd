"""The section of an audit report on one tenure."""

from __future__ import annotations

from collections.abc import Iterator

from gitreg.domain.gates import GateResult
from gitreg.domain.model import Artifact
from gitreg.domain.tenure import CastVerdict, Evidence, Tenure
from gitreg.site.page import Html, code, element, facts, join, quoted, table
from gitreg.site.words import by, when


def tenure_section(item: Tenure) -> Html:
    """Return who put the version there, who approved, on which evidence, and which bytes."""
    return element(
        "section",
        element("h3", f"{item.model} {item.version} in {item.stage}"),
        *_withdrawn(item),
        _facts(item),
        *_verdicts(item),
        *_evidence(item),
        *_bytes(item),
        *_deployments(item),
        id=f"record-{item.promoted.moment.record}",
    )


def _withdrawn(item: Tenure) -> Iterator[Html]:
    for how, record in (("deprecated", item.deprecated), ("yanked", item.yanked)):
        if record is not None:
            text = f"The version is {how} by record {record}."
            yield element("div", element("p", text), class_="warning")


def _facts(item: Tenure) -> Html:
    promoted, registered = item.promoted, item.registered
    return facts(
        [
            ("Since", when(promoted)),
            ("Promoted by", by(promoted)),
            ("Reason", promoted.reason and quoted(promoted.reason)),
            ("Replaced", item.replaces or "nothing"),
            ("Kind", "a rollback to the version before" if item.is_rollback else None),
            *_end(item),
            ("Registered by", join(by(registered), ", ", when(registered))),
            ("Policy", join(code(f"sha256:{item.policy}"), f", since record {item.policy_record}")),
            ("Tag", code(item.tag)),
        ]
    )


def _end(item: Tenure) -> Iterator[tuple[str, str | None]]:
    if item.ended is None:
        yield "Until", "it still held the stage at the end of this report"
        return
    yield "Until", when(item.ended)
    done = f"Replaced by {item.next_version}" if item.next_version else "The stage was emptied"
    yield "Ended by", join(by(item.ended), f". {done}.")
    yield "Its reason", item.ended.reason and quoted(item.ended.reason)


def _verdicts(item: Tenure) -> Iterator[Html]:
    needed = item.approvals
    if not item.verdicts:
        yield element("p", "Nobody approved it: the policy asked for no approval.")
        return
    yield table(
        f"Verdicts: {len(item.approved_by)} counted, the policy asked for {needed}",
        ["Person", "Verdict", "When", "Counted", "Reason"],
        (_verdict(cast) for cast in item.verdicts),
    )


def _verdict(cast: CastVerdict) -> list[str]:
    counted = "yes" if cast.counted else f"no: {cast.note}" if cast.note else "no"
    return [
        join(cast.signed.person, " ", code(cast.signed.fingerprint)),
        cast.verdict,
        when(cast.signed),
        counted,
        quoted(cast.signed.reason or ""),
    ]


def _evidence(item: Tenure) -> Iterator[Html]:
    evidence = item.evidence
    if item.is_rollback:
        yield element("p", "A rollback is not asked for evidence; what was known of the version:")
    yield facts(_origin(evidence))
    if evidence.gates:
        yield table(
            "Gates that the policy set",
            ["Needed", "Found", "Verdict"],
            (_gate(result) for result in evidence.gates),
        )
    if evidence.metrics:
        yield table(
            f"Metrics, as {evidence.kind}",
            ["Metric", "Value"],
            ([quoted(name), str(value)] for name, value in evidence.metrics.items()),
        )


def _origin(evidence: Evidence) -> Iterator[tuple[str, str | None]]:
    if evidence.signed is None:
        yield "Evidence", "claimed in model.yaml" if evidence.metrics else "none"
        return
    name = f"{evidence.data_name}, " if evidence.data_name else ""
    yield "Evidence", join("measured by ", by(evidence.signed), ", ", when(evidence.signed))
    yield "Report", code(f"sha256:{evidence.report}")
    yield "Measured on", join(name, code(f"sha256:{evidence.data}"))


def _gate(result: GateResult) -> list[str]:
    word = "passed" if result.passed else "failed"
    verdict = element("span", word, class_="good" if result.passed else "bad")
    return [quoted(str(result.gate)), quoted(result.note), verdict]


def _bytes(item: Tenure) -> Iterator[Html]:
    yield facts(
        [
            ("Git commit", code(item.commit)),
            ("Folder", code(item.path)),
            ("Manifest", join(code(f"sha256:{item.manifest}"), ", of model.yaml as signed")),
        ]
    )
    if item.artifacts:
        yield table(
            "Bytes",
            ["Path", "Size", "sha256"],
            ([_path(file), f"{file.size:,}", code(file.sha256)] for file in item.artifacts),
        )


def _path(file: Artifact) -> Html:
    if file.is_folder:
        return join(code(f"{file.path}/"), f" ({file.files} files; the digest is of their list)")
    return code(file.path)


def _deployments(item: Tenure) -> Iterator[Html]:
    if item.deployments:
        yield table(
            "Deployments",
            ["Target", "Outcome", "Signed by", "When", "Detail"],
            (
                [
                    quoted(done.target),
                    done.outcome,
                    by(done.signed),
                    when(done.signed),
                    quoted(done.detail),
                ]
                for done in item.deployments
            ),
        )
