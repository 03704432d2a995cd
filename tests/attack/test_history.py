"""Attacks 1 to 11: somebody with push rights, or with the Git host itself, rewrites what happened.

They have no key, unless a story says so. Dave looks later, from a clone or by the URL.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import gitreg
from gitreg.domain.canonical import git_object_id
from gitreg.git.objects import TreeEntry, tree_bytes
from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH
from gitreg.signing import sign
from gitreg.value import replace
from tests.attack.crew import Crew, Json, is_void, picture, start_crew
from tests.fixtures import Cli, freeze, refs_of, run_git

ANOTHER = "11111111-2222-3333-4444-555555555555"
PRODUCTION = "refs/tags/iris#production#1"


def push_tag(crew: Crew, name: str, target: str) -> None:
    """Set a tag at the origin to any object, by plain Git."""
    run_git(crew.attacker, "push", "--quiet", "--force", "origin", f"{target}:refs/tags/{name}")


def tag_object(crew: Crew, name: str = PRODUCTION) -> str:
    return refs_of(crew.origin)[name]


def git_accepts(crew: Crew, name: str, home: Path) -> bool:
    """Whether plain `git verify-tag` calls the signature of a tag good, in Dave's clone."""
    signers = home / "allowed_signers"
    signers.write_text(f'alice@example.org namespaces="git" {crew.public("bob")}\n', "utf-8")
    run_git(crew.dave, "config", "gpg.ssh.allowedSignersFile", str(signers))
    run_git(crew.dave, "config", "gpg.format", "ssh")
    run_git(crew.dave, "verify-tag", name)  # fails the test where it does not
    return True


def is_told(crew: Crew, cli: Cli, code: str, where: str) -> str:
    """Check that `verify` ends with 1 over one error that names the ref; return what it says.

    What the registry says of iris is what the ledger says, all the same.
    """
    crew.fetch()
    cli.folder = crew.dave
    before = freeze(crew.dave)
    said = cli.no("verify")
    assert said.count("error:") == 1
    assert f"error: tag {where}: " in said
    proof = cli("verify", "--json").json
    assert [item["code"] for item in proof["findings"]] == [code]
    assert cli.ok("show", "iris@production", "--json").json["version"] == "1.0.0"
    assert freeze(crew.dave) == before
    return said


def findings(cli: Cli) -> list[Json]:
    found: list[Json] = cli("verify", "--json").json["findings"]
    return found


# 1


def test_01_a_tag_object_copied_to_another_ref(crew: Crew, cli: Cli, home: Path) -> None:
    push_tag(crew, "iris#production#8", tag_object(crew))
    said = is_told(crew, cli, "tag.unknown", "iris#production#8")
    assert "the ledger does not have it" in said
    assert git_accepts(crew, "iris#production#8", home)


def test_01_a_tag_object_copied_over_another_one_of_the_registry(crew: Crew, cli: Cli) -> None:
    push_tag(crew, "iris@v1.1.0", tag_object(crew, "refs/tags/iris@v1.0.0"))
    assert "not the object that record 6 signed" in is_told(crew, cli, "tag.moved", "iris@v1.1.0")


# 2


@pytest.mark.parametrize(
    "name",
    ["iris@v9.0.0", "iris#production#2", "iris#production!#2", "iris@latest", "iris#prod#1#2"],
)
def test_02_a_tag_of_a_model_that_the_ledger_does_not_know(crew: Crew, cli: Cli, name: str) -> None:
    push_tag(crew, name, "refs/heads/main")
    is_told(crew, cli, "tag.unknown", name)


def test_02_tags_of_other_packages_are_left_alone(crew: Crew, cli: Cli) -> None:
    for name in ("otherpkg@v3.0.0", "otherpkg#production#1", "v1.0.0", "iris", "iris-v9", "a@b"):
        push_tag(crew, name, "refs/heads/main")
    crew.fetch()
    cli.folder = crew.dave
    assert findings(cli) == []


# 3


def test_03_a_deleted_tag_is_told_and_restored_byte_for_byte(crew: Crew, cli: Cli) -> None:
    signed = {name: value for name, value in refs_of(crew.origin).items() if "iris" in name}
    data = run_git(crew.origin, "cat-file", "tag", signed[PRODUCTION])
    run_git(crew.attacker, "push", "--quiet", "origin", *[f":{name}" for name in signed])
    run_git(crew.dave, "fetch", "--quiet", "--prune", "--prune-tags", "origin")
    cli.folder = crew.dave
    codes = [(item["severity"], item["code"]) for item in findings(cli)]
    assert codes == [("warning", "tag.missing")] * len(signed)
    assert "5 errors" in cli("verify", "--repo", crew.origin).out
    cli.ok("tags", "restore")
    for clone in (crew.dave, crew.origin):
        assert {name: value for name, value in refs_of(clone).items() if name in signed} == signed
    assert run_git(crew.dave, "cat-file", "tag", PRODUCTION) == data
    assert findings(cli) == []


# 4


def test_04_a_moved_tag(crew: Crew, cli: Cli) -> None:
    commit = run_git(crew.attacker, "rev-parse", "main")
    body = run_git(crew.origin, "cat-file", "tag", tag_object(crew)).replace(
        crew.commit_of("1.0.0"), commit
    )
    moved = crew.thief.write([("tag", f"{body}\n".encode())])[0]
    push_tag(crew, "iris#production#1", moved)
    is_told(crew, cli, "tag.moved", "iris#production#1")
    cli.ok("tags", "restore")
    assert findings(cli) == []


def test_04_a_tag_replaced_by_a_lightweight_one(crew: Crew, cli: Cli) -> None:
    push_tag(crew, "iris#production#1", crew.commit_of("1.1.0"))
    is_told(crew, cli, "tag.moved", "iris#production#1")


# 5


def test_05_text_appended_after_the_signature(crew: Crew, cli: Cli, home: Path) -> None:
    data = run_git(crew.origin, "cat-file", "tag", tag_object(crew)) + "\n"
    longer = crew.thief.write([("tag", f"{data}\nVersion: v1.1.0\n".encode())])[0]
    push_tag(crew, "iris#production#1", longer)
    is_told(crew, cli, "tag.moved", "iris#production#1")
    assert git_accepts(crew, "iris#production#1", home)
    read = run_git(crew.dave, "for-each-ref", "--format=%(trailers)", PRODUCTION)
    assert read == "Version: v1.1.0\n"


def test_05_a_record_with_text_after_its_signature(crew: Crew) -> None:
    record = crew.sign("alice", crew.draft("promote", "1.1.0", "canary"))
    for text in (b"Version: v1.0.0\n", b"\n", b"\0", b"-----BEGIN SSH SIGNATURE-----\n"):
        crew.push_record(record, {}, record.to_bytes() + text)
    said = is_void(crew, *["format"] * 4)
    assert "does not end with exactly one SSH signature" in said


# 6


def test_06_two_signatures(crew: Crew) -> None:
    record = crew.sign("alice", crew.draft("promote", "1.1.0", "canary"))
    own = record.signature
    other = sign(record.payload(), crew.signer("bob").key)
    for armour in (own + own, own + other, other + own, own + "\n" + own):
        crew.push_record(record, {}, record.payload() + armour.encode())
    is_void(crew, *["format"] * 4)


# 7


def test_07_any_single_byte_of_a_record_changed(crew: Crew) -> None:
    """Each byte in turn stands changed at the ledger's tip, where the record itself would hold."""
    crew.remember()
    record = crew.sign("alice", crew.draft("promote", "1.1.0", "canary", reason="né"))
    data = record.to_bytes()
    changed = [data[:at] + bytes([old ^ 1]) + data[at + 1 :] for at, old in enumerate(data)]
    trees = store_trees(crew.thief, changed)
    tip = crew.tip
    bodies = []
    for tree in trees:
        body = record.commit_bytes(tree=tree, parent=tip)
        tip = run_hash(crew, body)
        bodies.append(("commit", body))
    crew.thief.write(bodies)
    crew.push_commit(tip or "")
    crew.fetch()
    ledger = gitreg.open(crew.dave).ledger
    assert len(ledger.void) == len(data)
    assert {item.rule for item in ledger.void} <= {"format", "signature"}
    assert picture(ledger.state) == crew.before
    crew.push_record(record, {})
    crew.fetch()
    assert gitreg.open(crew.dave)["iris@canary"].version == "1.1.0"


def store_trees(repository: Repository, records: list[bytes]) -> list[str]:
    """Store trees with nothing but a record, all at once."""
    blobs = [git_object_id("blob", data, like=repository.zero) for data in records]
    trees = [tree_bytes([TreeEntry("100644", "record", blob)]) for blob in blobs]
    objects = [("blob", data) for data in records] + [("tree", tree) for tree in trees]
    return repository.write(objects)[len(records) :]


def run_hash(crew: Crew, body: bytes) -> str:
    return git_object_id("commit", body, like=crew.thief.zero)


# 8


def test_08_void_records_stop_nobody(crew: Crew, cli: Cli) -> None:
    """Junk, a stranger's and a forbidden one, at the tip and in between; then honest commands."""
    for _ in range(2):
        crew.push_junk()
        crew.forge("mallory", crew.draft("yank", "1.0.0"))
        crew.forge("carol", crew.draft("yank", "1.0.0"))
        crew.push_record(crew.ledger().records[5].record, {})
        crew.write("alice", crew.draft("deprecate", "1.0.0" if _ else "1.1.0"))
    crew.push_junk()
    crew.fetch()
    cli.folder = crew.dave
    proof = cli.ok("verify", "--json").json
    assert proof["records"] == {"valid": 11, "void": 9}
    codes = [item["code"].removeprefix("void.") for item in proof["findings"]]
    assert codes == [*["commit", "signer", "right", "chain"] * 2, "commit"]
    length = len(crew.ledger().records)
    promoted = cli.ok(
        *("promote", "iris@1.1.0", "--stage", "canary", "--json", "--key", crew.key("alice"))
    )
    assert promoted.json["records"][0]["index"] == length
    assert cli.ok("show", "iris@canary", "--json").json["version"] == "1.1.0"


def test_08_a_record_that_builds_on_a_void_one(crew: Crew) -> None:
    void = crew.forge("mallory", crew.draft("promote", "1.1.0", "canary"))
    draft = crew.draft("promote", "1.0.0", "canary", seq=2, replaces="1.1.0")
    crew.forge("alice", draft, index=void.index + 1, prev=void.digest())
    crew.forge("alice", crew.draft("promote", "1.0.0", "canary"), prev=void.digest())
    is_void(crew, "signer", "chain", "chain")


def rewrite(crew: Crew, order: list[int]) -> None:
    """Let the host build the ledger anew, of these of its records in this order."""
    tip = None
    for index in order:
        item = crew.ledger().records[index]
        tree = run_git(crew.origin, "rev-parse", f"{item.commit}^{{tree}}")
        body = item.record.commit_bytes(tree=tree, parent=tip)
        (tip,) = crew.repository.write([("commit", body)])
    run_git(crew.origin, "update-ref", BRANCH, tip or "")


def void_after(crew: Crew, cli: Cli) -> tuple[int, list[str]]:
    """How many records hold for somebody who comes for the first time, and the rules broken."""
    proof = cli("verify", "--json", "--repo", crew.origin.as_uri()).json
    return proof["records"]["valid"], [item["code"] for item in proof["findings"]]


def test_08_a_record_dropped_from_the_middle(crew: Crew, cli: Cli) -> None:
    rewrite(crew, [0, 1, 2, 3, 5, 6, 7, 8])
    assert void_after(crew, cli) == (4, ["void.chain"] * 4)


def test_08_two_records_swapped(crew: Crew, cli: Cli) -> None:
    rewrite(crew, [0, 1, 3, 2, 4])
    assert void_after(crew, cli) == (3, ["void.chain"] * 2)


def test_08_the_ledgers_tip_moved_back(crew: Crew, cli: Cli) -> None:
    url = crew.origin.as_uri()
    cli.ok("show", "iris@1.1.0", "--repo", url)
    rewrite(crew, [0, 1, 2, 3, 4, 5])
    for words in (["verify"], ["show", "iris@production"], ["list"]):
        said = cli.no(*words, "--repo", url)
        assert "ROLLBACK" in said
        assert "record 8" in said
    cli.folder = crew.dave
    said = cli.no("promote", "iris@1.0.0", "--stage", "canary", "--key", crew.key("alice"))
    assert "does not continue what it gave before" in said
    assert len(crew.ledger_anew().records) == 6


def test_08_the_ledgers_tip_moved_back_for_a_machine_that_forgets(crew: Crew, cli: Cli) -> None:
    last = crew.ledger().records[-1]
    rewrite(crew, [0, 1, 2, 3, 4, 5])
    words = ["show", "iris@production", "--repo", crew.origin.as_uri()]
    assert cli(*words).code == 0  # who knows nothing notices nothing
    said = cli.no(*words, "--checkpoint", f"8:sha256:{last.digest}")
    assert "ROLLBACK" in said


def test_08_another_history_of_the_same_length(crew: Crew, cli: Cli) -> None:
    """It takes a key: an evaluator who works with the host replaces their last report."""
    url = crew.origin.as_uri()
    cli.ok("show", "iris@1.1.0", "--repo", url)
    rewrite(crew, list(range(8)))
    crew.ledger_anew()
    crew.write("ci", crew.evaluation("1.1.0", 0.99, champion=("1.0.0", 0.5)))
    said = cli.no("show", "iris@1.1.0", "--repo", url)
    assert "FORK: record 8 of" in said
    cli.folder = crew.dave
    assert "does not continue" in cli.no("beat", "--key", crew.key("ci"))


def test_08_no_new_record_for_longer_than_max_age(crew: Crew, cli: Cli) -> None:
    policy = crew.policy() | {"max_age": "30d"}
    crew.write("alice", crew.proposal(policy))
    crew.write("bob", crew.enactment(policy))
    crew.write("ci", crew.draft("beat", object=crew.tip), clock=9_000_000_000)
    url = crew.origin.as_uri()
    assert "STALE" in cli.no("show", "iris@production", "--repo", url)
    run_git(crew.dave, "fetch", "--quiet")
    cli.folder = crew.dave
    findings = cli.ok("verify", "--json").json["findings"]
    assert [item["code"] for item in findings] == ["stale"]
    cli.ok("beat", "--key", crew.key("ci"))
    cli.ok("show", "iris@production", "--repo", url)


# 9


def replace_registry(crew: Crew, folder: Path) -> None:
    """Put another well-formed registry of the same people in the place of the first."""
    folder.mkdir()
    other = Crew(folder, crew.keys)
    start_crew(other, registry=ANOTHER)
    shutil.rmtree(crew.origin)
    other.origin.rename(crew.origin)


def test_09_the_whole_registry_replaced_by_another(crew: Crew, cli: Cli, tmp_path: Path) -> None:
    root = crew.ledger().root
    url = crew.origin.as_uri()
    cli.ok("list", "--repo", url)
    replace_registry(crew, tmp_path / "other")
    said = cli.no("list", "--repo", url)
    assert "another registry than before: its first record is sha256:" in said
    assert f"sha256:{root}" in said
    said = cli.no("list", "--repo", crew.origin, "--root", f"sha256:{root}")
    assert f"sha256:{root} was asked for" in said
    cli.folder = crew.dave
    said = cli.no("promote", "iris@1.0.0", "--stage", "canary", "--key", crew.key("alice"))
    assert "does not continue what it gave before" in said


# 10


def test_10_a_record_of_the_same_people_from_their_other_registry(
    crew: Crew, tmp_path: Path
) -> None:
    """Same policy, same index, same model: only `Prev` tells the two registries apart."""
    (tmp_path / "other").mkdir()
    other = Crew(tmp_path / "other", crew.keys)
    start_crew(other, registry=ANOTHER)
    record = other.write("alice", other.draft("promote", "1.1.0", "canary"))
    ours = crew.sign("alice", crew.draft("promote", "1.1.0", "canary"))
    assert replace(record, object=ours.object, prev=ours.prev).message() == ours.message()
    crew.push_record(record, {})
    assert "Prev is not the sha256 of record 8" in is_void(crew, "chain")


# 11


@pytest.mark.parametrize("depth", [1, 4])
def test_11_a_shallow_clone_of_the_ledger(crew: Crew, cli: Cli, depth: int) -> None:
    options = ("--branch", "gitreg-ledger", f"--depth={depth}")
    run_git(crew.folder, "clone", "--quiet", *options, crew.origin.as_uri(), "shallow")
    cli.folder = crew.folder / "shallow"
    for words in (["verify"], ["show", "iris@production"], ["list"], ["history", "iris"]):
        said = cli.no(*words)
        assert "shallow" in said
        assert "git fetch --unshallow" in said
    run_git(cli.folder, "fetch", "--quiet", "--unshallow")
    assert cli.ok("show", "iris@production", "--json").json["version"] == "1.0.0"


def test_11_a_tag_whose_commit_is_gone(crew: Crew, cli: Cli) -> None:
    crew.write("alice", crew.registration("1.2.0", object="12" * 20))
    run_git(crew.origin, "update-ref", "-d", "refs/tags/iris@v1.2.0")
    crew.fetch()
    cli.folder = crew.dave
    done = cli.ok("tags", "restore", "--json").json
    assert done["skipped"] == ["iris@v1.2.0"]
    assert "refs/tags/iris@v1.2.0" not in refs_of(crew.dave)
    run_git(crew.dave, "fsck", "--strict", "--connectivity-only")


def test_11_a_clone_that_is_behind_is_no_rollback(crew: Crew, cli: Cli) -> None:
    crew.write("alice", crew.draft("deprecate", "1.0.0"))
    cli.ok("show", "iris", "--repo", crew.origin.as_uri())
    cli.folder = crew.dave
    (finding,) = cli.ok("verify", "--json").json["findings"]
    assert (finding["severity"], finding["code"]) == ("warning", "behind")
    assert cli.ok("show", "iris@production").code == 0


def test_11_planted_memory_and_caches_are_never_read(
    crew: Crew, cli: Cli, home: Path, tmp_path: Path
) -> None:
    """What a shared clone or a restored CI cache may bring along, but for the user's own state."""
    for folder in (crew.dave, crew.dave / ".git"):
        for name in ("gitreg/roots.json", "gitreg/index.sqlite", ".local/state/gitreg/roots.json"):
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("planted", encoding="utf-8")
    url = crew.origin.as_uri()
    cli.folder = crew.dave
    cli.ok("show", "iris@production", "--repo", url)
    assert findings(cli) == []
    (cache,) = (home / ".cache/gitreg/repositories").iterdir()
    replace_refs(cache, crew)
    assert cli.ok("show", "iris@production", "--repo", url, "--json").json["version"] == "1.0.0"
    proof = cli.ok("verify", "--json", "--repo", url).json
    assert proof["records"] == {"valid": 9, "void": 0}


def replace_refs(cache: Path, crew: Crew) -> None:
    """Let a cache say that a stranger's ledger was seen at the remote, and is verified."""
    run_git(cache, "fetch", "--quiet", str(crew.attacker), "main:refs/heads/gitreg-ledger")
    run_git(cache, "update-ref", "refs/remotes/origin/gitreg-ledger", "refs/heads/gitreg-ledger")
    (cache / "gitreg-verified").write_text("all\n", encoding="utf-8")
