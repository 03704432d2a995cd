"""Void records for the registry of format 1: at least one for every rule, in the words of a rule.

Each stands where no other rule would refuse it, as far as that is possible.
"""

from __future__ import annotations

import subprocess
from typing import Any

from gitreg.domain.canonical import dumps, git_object_id, sha256
from gitreg.domain.record import Tagger
from gitreg.ledger.appending import Draft
from gitreg.value import replace
from tests.data.story_1 import TEAM_WITH_FRANK, document, dumped, report
from tests.data.workbench import Workbench
from tests.fixtures import run_git

EARLY = Tagger(name="Ünïcode Nämé", email="", time=1_767_225_600, zone="-0330")
_NOTHING = "12" * 32


def of_bytes(bench: Workbench) -> None:
    """No record in the format, or one whose signature or commit does not hold."""
    bench.put_bytes(b"junk\n", rule="commit", name="junk.txt")
    bench.put_bytes(b"junk\n", rule="format")
    beat = bench.signed(bench.beat(), "ci")
    data = beat.to_bytes()
    bench.put_bytes(data + b"Reason: appended\n", rule="format")
    bench.put_bytes(data + beat.signature.encode(), rule="format")
    bench.put_bytes(data.replace(b"Beat\n\n", b"Beat it\n\n"), rule="format")
    later = beat.payload().replace(b"Gitreg: 1\n", b"Gitreg: 2\n")
    bench.put_bytes(later + bench.people["mallory"].sign(later).encode(), rule="format")
    bench.put_bytes(data, rule="commit")  # well signed, in a commit that somebody else wrote
    other = bench.people["ci"].sign(b"something else")
    bench.store(replace(beat, signature=other), {}, rule="signature")
    key = str(bench.people["ci"].file)
    done = subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-n", "file", "-f", key],
        input=beat.payload(),
        capture_output=True,
        check=True,
    )
    bench.store(replace(beat, signature=done.stdout.decode()), {}, rule="signature")


def of_every_record(bench: Workbench) -> None:
    ledger = bench.read()
    bench.store(ledger.records[2].record, {}, rule="chain")
    bench.put(bench.beat(), "ci", rule="chain", index=99)
    bench.put(bench.beat(), "ci", rule="policy-cited", policy=_NOTHING)
    bench.put(bench.beat(), "ci", rule="attachments", extra=_NOTHING)
    surplus = Draft(action="beat", object=bench.beat().object, files={"extra.json": b"{}"})
    bench.put(surplus, "ci", rule="attachments")
    bench.put(bench.beat(), "mallory", rule="signer")
    bench.put(bench.beat(), "ci", rule="on-behalf", on_behalf="mallory")
    verdict = bench.verdict("iris", "1.0.0", "production")
    bench.put(verdict, "carol", rule="on-behalf", on_behalf="dave")
    bench.put(bench.beat(), "alice", rule="right")
    new = bench.registration(document("iris", "1.0.1"), run_git(bench.folder, "rev-parse", "main"))
    bench.put(new, "carol", rule="right")
    bench.put(new, "alice", rule="digests", manifest=_NOTHING)
    now = Tagger(name="Alice", email="", time=ledger.state.last_time("iris"))
    bench.put(new, "alice", rule="time", tagger=now)


def of_promotions(bench: Workbench) -> None:
    value = document("iris", "1.2.0", metrics={"accuracy": 0.89})
    bench.write("models/iris/model.yaml", dumped(value))
    commit = bench.commit("Try fewer features", "models/iris/model.yaml")
    bench.put(bench.registration(value, commit), "alice")  # holds
    for name, odd in (("iris", "1.2.0"), ("other", "1.3.0")):
        data = dumps(document(name, odd)) + b"\n" * (name == "iris")
        own: dict[str, Any] = {"model": "iris", "version": "1.3.0", "path": ".", "reason": "x"}
        fields = own | {"manifest": sha256(data)}
        draft = Draft(action="register", object=commit, fields=fields, files={"model.json": data})
        bench.put(draft, "alice", rule="document")
    bench.put(bench.registration(document("iris", "1.0.0"), commit), "alice", rule="new-version")
    new, anywhere = ("iris", "1.2.0"), run_git(bench.folder, "rev-parse", "main~1")
    canary = bench.promotion(*new, "canary")
    bench.put(canary, "alice", rule="registered", object=anywhere)
    bench.put(canary, "alice", rule="replaces", replaces=None)
    bench.put(canary, "alice", rule="seq", seq=3)
    bench.put(canary, "alice", rule="report", report=_NOTHING)
    bench.put(bench.promotion(*new, "production"), "alice", rule="after")
    bench.put(bench.promotion(*new, "staging"), "alice", rule="gates")
    verdict = bench.verdict(*new, "production")
    bench.put(verdict, "carol", rule="registered", version="9.9.9")
    bench.put(verdict, "carol", rule="seq", seq=7)
    bench.put(verdict, "carol", rule="report", report=_NOTHING)
    bench.put(bench.vacation("iris", "canary", "1.1.0", 2), "alice", rule="held")
    bench.put(bench.vacation("iris", "canary", "1.0.0", 2), "bob", rule="replaces", replaces=None)
    bench.put(bench.vacation("iris", "canary", "1.0.0", 3), "bob", rule="seq")
    odd_report = bench.evaluation(report("1.2.0", 0.99))
    bench.put(odd_report, "ci", rule="registered", version="9.9.9")
    bench.put(odd_report, "ci", rule="digests", report=_NOTHING)
    data = dumps(report("1.1.0", 0.99) | {"metrics": {"accuracy": "0.99"}})
    fields = {"model": "iris", "version": "1.1.0", "report": sha256(data)}
    target, files = bench.evaluation(report("1.1.0", 0.99)).object, {"report.json": data}
    draft = Draft(action="evaluate", object=target, fields=fields, files=files)
    bench.put(draft, "ci", rule="measured")


def of_policies(bench: Workbench, another: str) -> None:
    first = bench.read().state.policies[0]
    bench.put(bench.beat(), "ci", rule="policy-cited", policy=first.digest)
    unknown = bench.policy("approve", TEAM_WITH_FRANK + "later: 1\n", verdict="approve")
    bench.put(unknown, "alice", rule="policy-bytes")
    proposal = bench.policy("approve", another, verdict="approve")
    bench.put(proposal, "alice", rule="policy-bytes", new_policy=_NOTHING)
    blob = git_object_id("blob", b"", like=bench.repository.zero)
    bench.put(proposal, "alice", rule="object", object=blob)
    bench.put(proposal, "carol", rule="policy-proposal")
    bench.put(bench.second(another), "alice", rule="policy-proposal")  # without its bytes
    bench.put(bench.policy("policy", another), "alice", rule="policy-threshold")


def of_statements(bench: Workbench) -> None:
    first, yanked = ("iris", "1.0.0"), ("iris", "1.1.0")
    bench.put(bench.statement("deprecate", *first), "bob", rule="deprecated")
    bench.put(bench.statement("deprecate", *yanked), "bob", rule="registered")
    bench.put(bench.statement("yank", *first), "bob", rule="free")
    bench.put(bench.statement("yank", *yanked), "bob", rule="registered")
    bench.put(bench.promotion(*yanked, "canary"), "bob", rule="registered")
    seq = len(bench.read().state.stage_history("iris", "production"))
    bench.put(bench.vacation("iris", "production", "1.0.0", seq + 1), "bob", rule="held")
    bench.put(bench.deployment(*first, "production", seq), "ci", rule="deployed")
    bench.put(bench.deployment(*yanked, "production", 2), "ci", rule="registered")
    bench.put(bench.beat(), "ci", rule="beat", object=bench.read().records[0].commit)
