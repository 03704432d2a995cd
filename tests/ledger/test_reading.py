from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gitreg.domain.canonical import dumps, git_object_id, sha256
from gitreg.domain.record import Record
from gitreg.errors import GitregError, InvalidError, UntrustedError
from gitreg.git.objects import TreeEntry, tree_bytes
from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH, commits, reading
from gitreg.ledger.appending import Draft, append, complete
from gitreg.ledger.commits import check_tree
from gitreg.ledger.reading import read_ledger
from gitreg.ledger.verified import Ledger
from gitreg.signing import sign
from tests.fixtures import Team, add_junk, forge, run_git, signer_of, store_tree

MIB = 1 << 20
MODEL = {
    "schema": "gitreg/model/v1",
    "name": "iris",
    "version": "1.0.0",
    "artifacts": [{"path": "m", "role": "model", "sha256": "a" * 64, "md5": "b" * 32, "size": 1}],
}


@dataclass
class Forger:
    """Puts commits of any shape on top of a ledger."""

    path: Path
    key: Path
    repository: Repository = field(init=False)

    def __post_init__(self) -> None:
        self.repository = Repository.discover(self.path)

    @property
    def tip(self) -> str:
        return run_git(self.path, "rev-parse", BRANCH)

    def read(self, **how: Any) -> Ledger:
        return read_ledger(self.repository, self.tip, **how)

    def draft(self, manifest: bytes | None = None, **fields: str) -> Draft:
        data = dumps(MODEL) if manifest is None else manifest
        own = {"model": "iris", "version": "1.0.0", "path": "models/iris", "manifest": sha256(data)}
        target = run_git(self.path, "rev-parse", "main")
        return Draft(
            action="register", object=target, fields=own | fields, files={"model.json": data}
        )

    def sign(self, draft: Draft, *, by: Path | None = None) -> Record:
        signer = signer_of(by or self.key)
        record = complete(self.read(), draft, signer, like=self.repository.zero)
        return record.signed(sign(record.payload(), signer.key))

    def put(self, record: Record, tree: str, *, change: Sequence[tuple[bytes, bytes]] = ()) -> None:
        data = record.commit_bytes(tree=tree, parent=self.tip)
        for old, new in change:
            assert old in data
            data = data.replace(old, new)
        self.move(self.repository.write([("commit", data)])[0])

    def put_files(self, draft: Draft, files: Mapping[str, bytes]) -> None:
        """A well-signed record with `files` beside it."""
        record = self.sign(draft)
        self.put(record, store_tree(self.repository, {"record": record.to_bytes(), **files}))

    def put_bytes(self, data: bytes) -> None:
        """`data` in the place of a record."""
        self.put_tree(store_tree(self.repository, {"record": data}))

    def put_tree(self, tree: str) -> None:
        self.move(run_git(self.path, "commit-tree", tree, "-p", self.tip, "-m", "by hand"))

    def put_entries(self, mode: str, name: str, oid: str) -> None:
        """A well-signed record with one more entry of the tree beside it."""
        draft = self.draft()
        record = self.sign(draft)
        entries = [TreeEntry(mode, name, oid)]
        for file, data in {"record": record.to_bytes(), **draft.files}.items():
            (blob,) = self.repository.write([("blob", data)])
            entries.append(TreeEntry("100644", file, blob))
        (tree,) = self.repository.write([("tree", tree_bytes(entries))])
        self.put(record, tree)

    def move(self, commit: str) -> None:
        run_git(self.path, "update-ref", BRANCH, commit)

    def only_void(self) -> tuple[str, str]:
        """What is wrong with the last commit; the next valid record is accepted all the same."""
        length = len(self.read().records)
        forge(self.path, self.draft(), self.key)
        ledger = self.read()
        assert len(ledger.records) == length + 1
        assert ledger.records[-1].record.index == length
        assert ledger.tip == self.tip
        (void,) = ledger.void
        assert void.after == length - 1
        return void.rule, void.what


@pytest.fixture
def forger(team: Team, alice_key: Path) -> Forger:
    return Forger(team.clone, alice_key)


def later(forger: Forger, key: Path, number: str = "2") -> bytes:
    """A record that claims a later format, signed as such."""
    signer = signer_of(key)
    record = complete(forger.read(), forger.draft(), signer, like=forger.repository.zero)
    payload = record.payload().replace(b"Gitreg: 1\n", f"Gitreg: {number}\n".encode())
    payload = payload.replace(b"Policy: ", b"New: x\nPolicy: ")
    return payload + sign(payload, signer.key).encode()


class TestLaterFormats:
    def test_one_that_the_root_signed_stops_the_reader(
        self, forger: Forger, alice_key: Path
    ) -> None:
        forger.put_bytes(later(forger, alice_key))
        with pytest.raises(UntrustedError, match="format 2, and this gitreg reads") as caught:
            forger.read()
        assert "upgrade gitreg" in str(caught.value.next_step)

    def test_one_of_a_stranger_is_void(self, forger: Forger, bob_key: Path) -> None:
        forger.put_bytes(later(forger, bob_key))
        rule, what = forger.only_void()
        assert rule == "format"
        assert "format 2" in what

    def test_one_with_somebody_elses_signature_is_void(
        self, forger: Forger, alice_key: Path
    ) -> None:
        data = later(forger, alice_key).replace(b"New: x", b"New: y")
        forger.put_bytes(data)
        assert forger.only_void()[0] == "format"

    def test_one_without_a_signature_is_void(self, forger: Forger, alice_key: Path) -> None:
        forger.put_bytes(later(forger, alice_key).partition(b"-----BEGIN")[0])
        assert forger.only_void() == ("format", "the record has no SSH signature")

    @pytest.mark.parametrize("number", ["0", "01", "1.5", "two", "9999999999"])
    def test_what_is_no_later_number_is_void(
        self, forger: Forger, alice_key: Path, number: str
    ) -> None:
        forger.put_bytes(later(forger, alice_key, number))
        assert forger.only_void()[0] == "format"


class TestTrees:
    @pytest.mark.parametrize(
        ("name", "size"),
        [
            ("record", 64 * 1024 + 1),
            ("model.json", MIB + 1),
            ("policy.yaml", MIB + 1),
            ("report.json", 4 * MIB + 1),
            ("extra.json", MIB + 1),
            ("manifest-" + "a" * 64, 64 * MIB + 1),
            ("other.txt", 1),
        ],
    )
    def test_a_file_over_its_cap_is_void(self, forger: Forger, name: str, size: int) -> None:
        tree = store_tree(forger.repository, {"record": b"x", name: bytes(size)})
        forger.put_tree(tree)
        rule, what = forger.only_void()
        assert rule == "commit"
        assert f"the file {name!r} is too large, or none of a record" in what

    def test_files_that_are_too_large_together_are_void(self, forger: Forger) -> None:
        """One blob of 64 KiB in a pack can be 64 MiB of every file of every commit."""
        (blob,) = forger.repository.write([("blob", bytes(64 * MIB))])
        entries = [TreeEntry("100644", f"manifest-{number:064x}", blob) for number in range(63)]
        (record,) = forger.repository.write([("blob", b"x")])
        entries.append(TreeEntry("100644", "record", record))
        forger.put_tree(forger.repository.write([("tree", tree_bytes(entries))])[0])
        assert forger.only_void() == (
            "commit",
            "the files of the record are too large together",
        )

    def test_the_files_of_a_record_are_capped_together(
        self, forger: Forger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(commits, "_RECORD_CAP", 1 << 16)
        files = {"record": b"x", "manifest-" + "a" * 64: bytes(1 << 16)}
        forger.put_tree(store_tree(forger.repository, files))
        assert forger.only_void() == ("commit", "the files of the record are too large together")

    def test_a_file_at_its_cap_is_read(self, forger: Forger) -> None:
        forger.put_tree(store_tree(forger.repository, {"record": bytes(64 * 1024)}))
        assert forger.only_void()[0] == "format"

    def test_too_many_files_are_void(self, forger: Forger) -> None:
        files = {f"manifest-{number:064x}": b"" for number in range(64)}
        forger.put_files(forger.draft(), files)
        rule, what = forger.only_void()
        assert (rule, what) == ("commit", "the tree has more than a record's plain files")

    def test_a_file_that_the_action_does_not_have_is_void(self, forger: Forger) -> None:
        draft = forger.draft()
        forger.put_files(draft, {**draft.files, "policy.yaml": b"gitreg: 1\n"})
        rule, what = forger.only_void()
        assert rule == "attachments"
        assert "'policy.yaml' does not belong to the action" in what

    def test_a_folder_is_void(self, forger: Forger) -> None:
        folder = store_tree(forger.repository, {"file": b"x"})
        forger.put_entries("40000", "folder", folder)
        assert forger.only_void()[0] == "commit"

    @pytest.mark.parametrize("mode", ["100755", "120000", "160000", "100664"])
    def test_what_is_no_plain_file_is_void(self, forger: Forger, mode: str) -> None:
        (blob,) = forger.repository.write([("blob", b"x")])
        forger.put_entries(mode, "extra.json", blob)
        rule, what = forger.only_void()
        assert (rule, what) == ("commit", "the tree has more than a record's plain files")

    def test_a_tree_without_a_record_is_void(self, forger: Forger) -> None:
        add_junk(forger.path)
        assert forger.only_void() == ("commit", "the tree has no file named record")

    def test_an_empty_tree_is_void(self, forger: Forger) -> None:
        forger.put_tree(store_tree(forger.repository, {}))
        assert forger.only_void() == ("commit", "the tree has no file named record")

    @pytest.mark.parametrize("name", ["model.json", "manifest-" + "a" * 64])
    def test_a_file_that_is_not_here_fails_closed(self, forger: Forger, name: str) -> None:
        """In a partial or damaged clone a valid record must not pass for a void one."""
        nowhere = git_object_id("blob", b"nowhere", like=forger.repository.zero)
        (record,) = forger.repository.write([("blob", b"x")])
        tree = tree_bytes(
            [TreeEntry("100644", "record", record), TreeEntry("100644", name, nowhere)]
        )
        forger.put_tree(forger.repository.write([("tree", tree)])[0])
        with pytest.raises(UntrustedError, match="are not here") as caught:
            forger.read()
        assert "git fsck" in str(caught.value.next_step)

    def test_a_partial_clone_fails_closed(self, released: Team) -> None:
        run_git(released.origin, "config", "uploadpack.allowFilter", "true")
        run_git(
            released.folder, "clone", "-q", "--bare", "--filter=blob:none", released.url, "part"
        )
        repository = Repository.discover(released.folder / "part")
        with pytest.raises(GitregError, match="clone is partial"):
            read_ledger(repository, run_git(repository.folder, "rev-parse", BRANCH))

    def test_an_abbreviated_name_in_a_tree_is_void(self, forger: Forger) -> None:
        """What it stands for would depend on what else the clone has."""
        (record,) = forger.repository.write([("blob", b"x")])
        tree = tree_bytes([TreeEntry("100644", "record", record)])[:-12]
        (tree_id,) = forger.repository.write([("tree", tree)])
        header = f"tree {tree_id}\nparent {forger.tip}\nauthor a <a> 1 +0000\n"
        data = f"{header}committer a <a> 1 +0000\n\nx\n".encode()
        forger.move(forger.repository.write([("commit", data)])[0])
        assert forger.only_void() == (
            "commit",
            "the tree cannot be read, or is too large",
        )

    def test_a_name_that_is_there_twice_is_void(self, forger: Forger) -> None:
        (blob,) = forger.repository.write([("blob", dumps(MODEL))])
        forger.put_entries("100644", "model.json", blob)
        assert forger.only_void()[0] == "commit"

    def test_a_name_that_is_not_utf_8_is_void(self, forger: Forger) -> None:
        (blob,) = forger.repository.write([("blob", b"x")])
        forger.put_entries("100644", "na\udcffme", blob)
        assert forger.only_void()[0] == "commit"


class TestCommits:
    def test_another_parent_beside_the_ledgers_is_void(self, forger: Forger) -> None:
        draft = forger.draft()
        record = forger.sign(draft)
        tree = store_tree(forger.repository, {"record": record.to_bytes(), **draft.files})
        main = run_git(forger.path, "rev-parse", "main")
        first = f"parent {forger.tip}\n"
        forger.put(record, tree, change=[(first.encode(), f"{first}parent {main}\n".encode())])
        rule, what = forger.only_void()
        assert rule == "commit"
        assert "merges another history into the ledger" in what

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b"Register iris", b"Release iris"),
            (b"author Alice", b"author Malice"),
            (b"committer Alice", b"committer Malice"),
            (b" 1800000000 +0000\n\n", b" 1800000001 +0000\n\n"),
            (b" +0000\n\n", b" +0000\nencoding UTF-8\n\n"),
            (b"Action: register\n", b"Action: register\n\n"),
        ],
    )
    def test_one_that_differs_from_what_its_record_determines_is_void(
        self, forger: Forger, old: bytes, new: bytes
    ) -> None:
        draft = forger.draft()
        record = forger.sign(draft)
        tree = store_tree(forger.repository, {"record": record.to_bytes(), **draft.files})
        forger.put(record, tree, change=[(old, new)])
        rule, what = forger.only_void()
        assert rule == "commit"
        assert "not the one that the record determines" in what

    def test_one_of_megabytes_is_void_and_stops_nobody(self, forger: Forger) -> None:
        draft = forger.draft()
        record = forger.sign(draft)
        tree = store_tree(forger.repository, {"record": record.to_bytes(), **draft.files})
        forger.put(record, tree, change=[(b"Register iris", b"x" * (MIB + 1))])
        assert forger.only_void()[0] == "commit"

    def test_a_history_that_is_cut_off_fails_closed(self, released: Team) -> None:
        run_git(released.folder, "clone", "--quiet", "--depth=2", "--branch", "gitreg-ledger",
                released.url, "shallow")  # fmt: skip
        repository = Repository.discover(released.folder / "shallow")
        tip = run_git(repository.folder, "rev-parse", "HEAD")
        with pytest.raises(UntrustedError, match="this clone is shallow") as caught:
            read_ledger(repository, tip)
        assert "--unshallow" in str(caught.value.next_step)

    def test_a_ledger_that_does_not_continue_what_was_read_fails_closed(
        self, forger: Forger, alice_key: Path
    ) -> None:
        start = forger.tip
        forge(forger.path, forger.draft(), alice_key)
        ledger = forger.read()
        add_junk(forger.path, parent=start)
        with pytest.raises(UntrustedError, match="cut off"):
            forger.read(base=ledger)


class TestRecords:
    @pytest.mark.parametrize("data", [b"", b"\0\xff" * 99, b"hello\n", b"object " + b"a" * 999])
    def test_junk_is_void(self, forger: Forger, data: bytes) -> None:
        forger.put_bytes(data)
        assert forger.only_void()[0] == "format"

    def test_a_changed_word_is_void(self, forger: Forger) -> None:
        signed = forger.sign(forger.draft()).to_bytes()
        forger.put_bytes(signed.replace(b"alice@", b"malice@"))
        assert forger.only_void()[0] == "signature"

    def test_a_strangers_record_is_void(self, forger: Forger, bob_key: Path) -> None:
        draft = forger.draft()
        forge(forger.path, draft, bob_key)
        rule, what = forger.only_void()
        assert rule == "signer"
        assert "nobody in the policy" in what

    def test_one_put_there_again_is_void(self, forger: Forger) -> None:
        draft = forger.draft()
        record = forger.sign(draft)
        tree = store_tree(forger.repository, {"record": record.to_bytes(), **draft.files})
        forger.put(record, tree)
        forger.put(record, tree)
        (void,) = forger.read().void
        assert (void.rule, void.after) == ("chain", 1)

    def test_two_that_were_swapped_are_void_until_their_turn(
        self, forger: Forger, alice_key: Path
    ) -> None:
        start = forger.tip
        forge(forger.path, forger.draft(), alice_key)
        one = forger.read().records[1].record
        target = run_git(forger.path, "rev-parse", "main")
        fields = {"model": "iris", "version": "1.0.0"}
        forge(forger.path, Draft(action="deprecate", object=target, fields=fields), alice_key)
        other = forger.read().records[2].record
        forger.move(start)
        forger.put(other, store_tree(forger.repository, {"record": other.to_bytes()}))
        files = {"record": one.to_bytes(), "model.json": dumps(MODEL)}
        forger.put(one, store_tree(forger.repository, files))
        ledger = forger.read()
        assert [item.record.index for item in ledger.records] == [0, 1]
        assert [item.rule for item in ledger.void] == ["chain"]

    def test_what_follows_a_dropped_one_is_void(self, forger: Forger, alice_key: Path) -> None:
        start = forger.tip
        forge(forger.path, forger.draft(), alice_key)
        target = run_git(forger.path, "rev-parse", "main")
        fields = {"model": "iris", "version": "1.0.0"}
        forge(forger.path, Draft(action="deprecate", object=target, fields=fields), alice_key)
        last = forger.read().records[2].record
        forger.move(start)
        forger.put(last, store_tree(forger.repository, {"record": last.to_bytes()}))
        assert forger.only_void()[0] == "chain"


class TestAttachments:
    @pytest.mark.parametrize(
        "data",
        [
            dumps(MODEL) + b"\n",
            dumps(MODEL).replace(b":", b": ", 1),
            dumps(MODEL).replace(b'"size":1', b'"size":1.0'),
            dumps(MODEL).replace(b'"size":1', b'"size":1,"size":1'),
            dumps(MODEL).replace(b"iris", b"\\u0069ris"),
            dumps({**MODEL, "artifacts": [{"path": "m"}]}),
            dumps([MODEL]),
            b"\xef\xbb\xbf" + dumps(MODEL),
            b"\xff",
            b"[" * 100_000,
            b"",
        ],
    )
    def test_a_manifest_that_cannot_be_read_is_void(self, forger: Forger, data: bytes) -> None:
        forge(forger.path, forger.draft(data), forger.key)
        assert forger.only_void()[0] == "document"

    def test_another_manifest_than_the_record_cites_is_void(self, forger: Forger) -> None:
        forger.put_files(forger.draft(), {"model.json": dumps({**MODEL, "version": "2.0.0"})})
        rule, what = forger.only_void()
        assert rule == "digests"
        assert "model.json is not the file that the record cites" in what

    def test_a_missing_manifest_is_void(self, forger: Forger) -> None:
        forger.put_files(forger.draft(), {})
        assert forger.only_void() == ("attachments", "the file model.json is missing")


class TestReadingOn:
    def test_it_gives_what_reading_anew_gives(self, released: Team) -> None:
        repository = Repository.discover(released.clone)
        history = repository.commits(BRANCH)
        base = read_ledger(repository, history[2])
        whole = read_ledger(repository, history[-1])
        read_on = read_ledger(repository, history[-1], base=base)
        assert read_on.records == whole.records
        assert (read_on.tip, read_on.root) == (whole.tip, whole.root)

    def test_more_than_are_read_at_once_are_all_read(
        self, released: Team, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repository = Repository.discover(released.clone)
        tip = repository.commits(BRANCH)[-1]
        whole = read_ledger(repository, tip)
        for module, limit, value in (
            (commits, "_CHUNK", 4),
            (reading, "_AHEAD", 0),
            (commits, "_CHUNK", 1),
        ):
            monkeypatch.setattr(module, limit, value)
            assert read_ledger(repository, tip).records == whole.records

    def test_garbage_is_collected_again_afterwards(self, forger: Forger) -> None:
        assert gc.isenabled()
        forger.put_bytes(later(forger, forger.key))
        with pytest.raises(UntrustedError):
            forger.read()
        assert gc.isenabled()

    def test_a_ledger_without_a_tip_is_empty(self, repo: Path) -> None:
        ledger = read_ledger(Repository.discover(repo), None)
        assert (ledger.tip, ledger.root, list(ledger.records)) == (None, None, [])

    def test_nothing_new_reads_nothing(self, forger: Forger) -> None:
        ledger = forger.read()
        assert forger.read(base=ledger) is ledger

    def test_a_ledger_of_junk_alone_has_no_root(self, repo: Path) -> None:
        ledger = read_ledger(Repository.discover(repo), run_git(repo, "rev-parse", "main"))
        assert ledger.root is None
        assert [item.rule for item in ledger.void] == ["commit"]

    def test_a_first_record_after_junk_starts_the_registry_where_its_commit_says_so(
        self, forger: Forger
    ) -> None:
        first = forger.read().records[0].record
        policy = run_git(forger.path, "cat-file", "blob", f"{BRANCH}:policy.yaml") + "\n"
        files = {"record": first.to_bytes(), "policy.yaml": policy.encode()}
        forger.move(run_git(forger.path, "rev-parse", "main"))
        length = len(forger.repository.commits(BRANCH))
        forger.put(first, store_tree(forger.repository, files))
        ledger = forger.read()
        assert [item.record.index for item in ledger.records] == [0]
        assert len(ledger.void) == length


def test_what_readers_would_not_take_is_not_written(forger: Forger) -> None:
    with pytest.raises(InvalidError, match="a record carries at most 1048576") as caught:
        check_tree({"model.json": bytes(MIB + 1)})
    assert "shorten" in str(caught.value.next_step)
    check_tree({"model.json": bytes(MIB)})
    many = {f"manifest-{number}": bytes(43 * MIB) for number in range(3)}
    with pytest.raises(InvalidError, match="together"):
        check_tree(many)
    draft = forger.draft(bytes(MIB + 1))
    with pytest.raises(InvalidError):
        append(forger.repository, forger.read(), draft, signer_of(forger.key))
