"""Make the registries of format 1 that this folder keeps: `python -m tests.data.make_format_1`.

Run once, when the format was released; what it made must verify for ever, so an existing file is
never written again. A later format gets a script and folders of its own. The private keys are gone
with the temporary folder that they were made in.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from unittest import mock

from gitreg.registry.init import init
from gitreg.registry.policy import apply_policy
from tests.data import breaches_1 as breaches
from tests.data.contents import contents_of
from tests.data.people import Person, with_device, with_key_file, with_rsa_sha256
from tests.data.story_1 import (
    EASY,
    TEAM,
    TEAM_WITH_FRANK,
    TEAM_WITH_STRICTER_GATES,
    document,
    dumped,
    report,
)
from tests.data.workbench import Workbench
from tests.fixtures import run_git, write

HERE = Path(__file__).parent

ODD_REASON = "Größer, 更好 and 🌸; -----BEGIN SSH SIGNATURE----- " + "x" * 950


def main() -> None:
    for object_format in ("sha1", "sha256"):
        target = HERE / f"format-1-{object_format}"
        target.mkdir()  # an existing one is never written again
        with tempfile.TemporaryDirectory() as scratch:
            make(Path(scratch), object_format, target)


def make(scratch: Path, object_format: str, target: Path) -> None:
    """Make one registry, and keep it only if a reader finds in it what was meant."""
    home = scratch / "home"
    home.mkdir()
    sealed = {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "GIT_CONFIG_GLOBAL": str(write(home / "gitconfig", "[init]\n\tdefaultBranch = main\n")),
        "GIT_CONFIG_NOSYSTEM": "1",
        "TZ": "UTC",
    }
    with mock.patch.dict(os.environ, sealed):
        bench = Workbench(scratch / "registry", make_people(home), object_format)
        tell(bench)
        run_git(bench.folder, "fsck", "--strict")
        ledger = bench.read()
        assert {void.commit: void.rule for void in ledger.void} == bench.void
        write(target / "expected.json", json.dumps(contents_of(ledger), indent=1) + "\n")
        bundle = target / "registry.bundle"
        kept = ("HEAD", "main", "gitreg-ledger", "--tags")
        run_git(bench.folder, "bundle", "create", "-q", str(bundle), *kept)


def make_people(home: Path) -> dict[str, Person]:
    """Every type of key and form of signature. Mallory is in no policy; Frank joins later."""
    people = [
        with_key_file(home, "alice", "-t", "ed25519"),
        with_key_file(home, "alice-2", "-t", "ed25519", options=("hashalg=sha256",)),
        with_key_file(home, "bob", "-t", "ecdsa", "-b", "256"),
        with_key_file(home, "carol", "-t", "ecdsa", "-b", "384"),
        with_key_file(home, "dave", "-t", "rsa", "-b", "3072"),
        with_rsa_sha256(home, "dave-2"),
        with_device(home, "erin"),
        with_key_file(home, "ci", "-t", "ed25519"),
        with_key_file(home, "frank", "-t", "ed25519"),
        with_key_file(home, "mallory", "-t", "ed25519"),
    ]
    return {person.name: person for person in people}


def tell(bench: Workbench) -> None:
    """Tell the whole story; the chapters build on each other."""
    keys = {name: person.key.public for name, person in bench.people.items()}
    start(bench, TEAM.format(**keys))
    breaches.of_bytes(bench)
    bring_the_first_to_production(bench)
    breaches.of_every_record(bench)
    bring_one_with_later_fields_to_production(bench)
    breaches.of_promotions(bench)
    change_the_policy(bench, TEAM_WITH_FRANK.format(**keys))
    breaches.of_policies(bench, TEAM_WITH_STRICTER_GATES.format(**keys))
    change_gates_as_owner(bench, TEAM_WITH_STRICTER_GATES.format(**keys))
    roll_back_and_withdraw(bench)
    breaches.of_statements(bench)
    keep_a_second_model(bench)


def start(bench: Workbench, policy: str) -> None:
    bench.write("README.md", "A registry that must verify for ever.\n")
    bench.write("gitreg.yaml", policy)
    with bench.api("alice") as (registry, key):
        init(registry, key=key)
    run_git(bench.folder, "config", "--unset", "gitreg.key")
    bench.commit("Begin", "README.md")


def bring_the_first_to_production(bench: Workbench) -> None:
    """Files and a folder, claimed gates, measured gates, verdicts that change, a deployment."""
    bench.write("models/iris/model.skops", b"the first model\n" * 40)
    for name in ("a.bin", "deep/b.bin", "deep/Größe.bin"):
        bench.write(f"models/iris/weights/{name}", f"weights of {name}\n" * 20)
    with bench.api("alice") as (registry, key):
        registry.register(
            new="iris",
            files=[bench.folder / "models/iris" / name for name in ("model.skops", "weights")],
            version="1.0.0",
            metrics={"accuracy": 0.95, "latency_p95_ms": {"value": 12, "unit": "ms"}},
            parameters={"C": 1.0, "seed": 2**53},
            tags={"domain": "botany"},
            message="the first one",
            key=key,
        )
        registry.promote("iris@1.0.0", stage="staging", reason=ODD_REASON[:1000], key=key)
    with bench.api("erin") as (registry, key):
        registry.promote("iris@1.0.0", stage="canary", key=key)
    bench.put(bench.evaluation(report("1.0.0", 0.81, data=EASY)), "ci")
    bench.put(bench.evaluation(report("1.0.0", 0.951)), "ci")
    for by, verdict in (
        ("carol", "approve"),
        ("dave", "approve"),
        ("dave-2", "withdraw"),
        ("dave", "reject"),
    ):
        bench.put(bench.verdict("iris", "1.0.0", "production", verdict), by)
    first = ("iris", "1.0.0", "production")
    bench.put(bench.promotion(*first), "alice", rule="approvals")  # dave rejects it
    bench.put(bench.verdict(*first), "dave-2")
    with bench.api("bob") as (registry, key):
        registry.promote("iris@1.0.0", stage="production", key=key)
    bench.put(bench.deployment(*first, seq=1), "ci")
    failed = {"outcome": "failed", "target": "edge", "detail": "Gerät nicht erreichbar: 503"}
    bench.put(bench.deployment(*first, seq=1, **failed), "ci")
    bench.put(bench.beat(), "ci")


def bring_one_with_later_fields_to_production(bench: Workbench) -> None:
    """What a later writer may add: unknown fields, `extra:`, and the trailer `Extra`."""
    value = document("iris", "1.1.0", later={"field": [1, None, 1e-7]}, extra={"any": "thing"})
    bench.write("models/iris/model.yaml", dumped(value))
    commit = bench.commit("Train iris on more data", "models/iris/model.yaml")
    extra = b'{"written by": "a later gitreg"}\n'
    draft = bench.registration(value, commit, on_behalf="bob", reason="merged by the bot")
    bench.put_with_extra(draft, "ci", extra)
    bench.put(bench.promotion("iris", "1.1.0", "staging", on_behalf="bob"), "ci")
    measured = report("1.1.0", 0.945, champion=("1.0.0", 0.951), later={"unknown": True})
    bench.put(bench.evaluation(measured), "ci")
    bench.put(bench.verdict("iris", "1.1.0", "production"), "carol")
    bench.put(bench.verdict("iris", "1.1.0", "production"), "dave")
    bench.put_with_extra(bench.promotion("iris", "1.1.0", "production"), "alice-2", b"\x00not JSON")


def change_the_policy(bench: Workbench, policy: str) -> None:
    """Frank joins the root people: proposed, withdrawn, approved with a key of it, and enacted."""
    bench.put(bench.policy("approve", policy, verdict="approve"), "alice")
    bench.put(bench.second(policy), "frank")
    bench.put(bench.second(policy, "withdraw"), "alice-2")
    bench.put(bench.policy("policy", policy), "bob", rule="policy-threshold")
    bench.put(bench.second(policy), "alice")
    bench.write("gitreg.yaml", policy)
    with bench.api("bob") as (registry, key):
        apply_policy(registry, reason="Frank joins us", key=key)
    bench.commit("Let Frank in", "gitreg.yaml")


def change_gates_as_owner(bench: Workbench, policy: str) -> None:
    bench.write("gitreg.yaml", policy)
    with bench.api("erin") as (registry, key):
        apply_policy(registry, key=key)
    bench.commit("Ask for more", "gitreg.yaml")


def roll_back_and_withdraw(bench: Workbench) -> None:
    with bench.api("ci") as (registry, key):
        registry.rollback("iris", stage="production", reason="too slow at noon", key=key)
    with bench.api("alice") as (registry, key):
        registry.deprecate("iris@1.0.0", reason="1.2 will follow", key=key)
        registry.yank("iris@1.1.0", vacate=True, reason="trained on the test set", key=key)
        registry.vacate("iris", stage="production", key=key)
    bench.put(bench.beat(reason="nothing new"), "ci", tagger=breaches.EARLY)


def keep_a_second_model(bench: Workbench) -> None:
    """Another entry of the policy, pre-releases, the root folder, and a rollback with approval."""
    for version, accuracy in (("0.9.0-rc.1", 1), ("0.9.0", 1.5e-5)):
        value = document("fraud/scorer", version, metrics={"loss": accuracy})
        bench.write("model.yaml", dumped(value))
        commit = bench.commit(f"Train fraud/scorer {version}", "model.yaml")
        bench.put(bench.registration(value, commit, path="."), "frank")
        bench.put(bench.verdict("fraud/scorer", version, "live"), "dave")
        bench.put(bench.promotion("fraud/scorer", version, "live"), "alice")
    back = ("fraud/scorer", "0.9.0-rc.1", "live")
    bench.put(bench.promotion(*back), "alice", rule="approvals")
    bench.put(bench.verdict(*back), "dave")
    with bench.api("alice") as (registry, key):
        registry.rollback("fraud/scorer", stage="live", key=key)


if __name__ == "__main__":
    main()
