"""Rules of the files beside a record: which there are, and that they are what the record says."""

from __future__ import annotations

from gitreg.domain.canonical import git_object_id, sha256
from gitreg.domain.case import Case


def check_attachments(case: Case) -> str | None:
    """The files beside the record are those of its action, no more and no fewer."""
    present, record = set(case.attachments.files), case.record
    needed: set[str] = set()
    if record.action == "policy":
        needed = {"policy.yaml"}
    elif record.action == "evaluate":
        needed = {"report.json"}
    elif record.action == "register":
        document = case.attachments.model
        folders = [entry for entry in document.artifacts if entry.is_folder] if document else []
        needed = {"model.json", *(f"manifest-{entry.sha256}" for entry in folders)}
    elif case.kind == "approve policy":
        needed = present & {"policy.yaml"}
    if record.extra is not None:
        needed |= {"extra.json"}
    if missing := needed - present:
        return f"the file {min(missing)} is missing"
    if surplus := present - needed:
        return f"the file {min(surplus)[:80]!r} does not belong to the action"
    return None


def check_digests(case: Case) -> str | None:
    """Each attached file is the one that the record cites."""
    files, record = case.attachments.files, case.record
    cited = {
        "model.json": record.manifest,
        "report.json": record.report,
        "extra.json": record.extra,
    }
    for name, data in files.items():
        digest = cited.get(name) or name.removeprefix("manifest-")
        if name != "policy.yaml" and sha256(data) != digest:
            return f"{name} is not the file that the record cites"
    return None


def check_blob(case: Case) -> str | None:
    """A record about a policy points at the policy's blob."""
    data = case.attachments.files.get("policy.yaml")
    if data is None or case.record.object == git_object_id("blob", data, like=case.record.object):
        return None
    return "the record's object is not the blob of policy.yaml"


def check_document(case: Case) -> str | None:
    """`model.json` is canonical, and says the name and version of the record."""
    document = case.attachments.model
    if document is None:
        return f"model.json cannot be read: {case.attachments.problem}"
    if (document.name, document.version) != (case.record.model, case.record.version):
        return f"model.json is of {document.name} {document.version}, not of {case.spelled}"
    return None


def check_measured(case: Case) -> str | None:
    """`report.json` is a report on the record's version."""
    report = case.attachments.report
    if report is None:
        return f"report.json cannot be read: {case.attachments.problem}"
    if (report.model, report.challenger.version) != (case.record.model, case.record.version):
        return f"the report is on {report.model} {report.challenger.version}"
    return None
