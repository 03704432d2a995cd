# ruff: noqa: ARG002  a fixture may be there for what it does
from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import gitreg
from gitreg.errors import InvalidError, SetupError
from gitreg.registry.init import Initialized, init
from gitreg.signing import read_public_key
from tests.fixtures import (
    Team,
    freeze,
    make_key,
    make_repository,
    refs_of,
    run,
    run_git,
    write,
)

CREATED = (
    ".dvc/.gitignore",
    ".dvc/config",
    ".dvcignore",
    "gitreg.yaml",
    "dvc.yaml",
    "models/.gitkeep",
)


def start(path: Path, key: Path | None = None) -> Initialized:
    return init(gitreg.open(path), key=key)


def policy_of(person: str, key: Path) -> str:
    return f"""\
# kept as it is
gitreg: 1
people:
  {person}: {{keys: ["{read_public_key(key)}"]}}
root: {{by: [{person}], threshold: 1}}
models:
  "*": {{register: [{person}], stages: {{canary: {{promote: [{person}]}}}}}}
"""


def test_init_starts_a_registry_of_one(repo: Path, alice_key: Path) -> None:
    done = start(repo)
    assert (done.started, done.person, done.remote) == (True, "alice", None)
    assert done.created == CREATED
    assert len(done.root) == 64
    assert run_git(repo, "status", "--porcelain") == ""
    assert run_git(repo, "log", "-1", "--format=%s") == "Start a gitreg registry"
    stages = gitreg.open(repo).state.policy()
    assert stages is not None
    assert list(stages.policy.for_model("iris").stages) == ["staging", "production"]  # type: ignore[union-attr]


def test_init_publishes_the_ledger_and_not_the_users_branch(team: Team) -> None:
    assert run_git(team.origin, "rev-parse", "gitreg-ledger") == team.git(
        "rev-parse", "gitreg-ledger"
    )
    assert run_git(team.origin, "log", "-1", "--format=%s", "gitreg-ledger") == "Start the registry"


def test_a_second_init_changes_nothing(repo: Path, alice_key: Path) -> None:
    start(repo)
    before = freeze(repo)
    again = start(repo)
    assert (again.started, again.created) == (False, ())
    assert freeze(repo) == before


def test_a_second_init_of_a_shared_registry_changes_nothing(team: Team) -> None:
    before, shared = freeze(team.clone), freeze(team.origin)
    assert not start(team.clone).started
    assert freeze(team.clone) == before
    assert freeze(team.origin) == shared


def test_init_overwrites_nothing(repo: Path, alice_key: Path) -> None:
    write(repo / "dvc.yaml", "stages: {}  # mine\n")
    write(repo / "models/other/notes.txt", "mine\n")
    write(repo / "staged.txt", "staged\n")
    run_git(repo, "add", "staged.txt")
    write(repo / "README.md", "Changed.\n")
    done = start(repo)
    assert "dvc.yaml" not in done.created
    assert (repo / "dvc.yaml").read_text() == "stages: {}  # mine\n"
    assert not (repo / "models/.gitkeep").exists()
    assert run_git(repo, "diff", "--cached", "--name-only") == "staged.txt"
    assert run_git(repo, "diff", "--name-only") == "README.md"
    assert run_git(repo, "ls-tree", "-r", "--name-only", "HEAD").count("staged") == 0


def test_init_leaves_an_existing_dvc_as_it_is(repo: Path, alice_key: Path) -> None:
    write(repo / ".dvc/config", "[core]\n    remote = mine\n")
    done = start(repo)
    assert done.created == ("gitreg.yaml", "dvc.yaml", "models/.gitkeep")
    assert (repo / ".dvc/config").read_text() == "[core]\n    remote = mine\n"


def test_init_uses_the_policy_that_is_there(repo: Path, alice_key: Path) -> None:
    text = policy_of("zoe", alice_key)
    write(repo / "gitreg.yaml", text)
    done = start(repo)
    assert done.person == "zoe"
    assert "gitreg.yaml" not in done.created
    assert (repo / "gitreg.yaml").read_text() == text
    assert run_git(repo, "show", "gitreg-ledger:policy.yaml") == text.rstrip("\n")


def test_a_policy_that_is_none_is_refused(repo: Path, alice_key: Path) -> None:
    write(repo / "gitreg.yaml", "gitreg: 1\npeople: 3\n")
    before = freeze(repo)
    with pytest.raises(InvalidError, match=r"gitreg\.yaml: .*people"):
        start(repo)
    assert freeze(repo) == before


def test_a_policy_that_is_not_yaml_is_refused_with_its_line(repo: Path, alice_key: Path) -> None:
    write(repo / "gitreg.yaml", "gitreg: 1\npeople: [\n")
    with pytest.raises(InvalidError, match=r"gitreg\.yaml:\d"):
        start(repo)


def test_a_policy_without_this_persons_key_is_refused(
    repo: Path, alice_key: Path, bob_key: Path
) -> None:
    write(repo / "gitreg.yaml", policy_of("bob", bob_key))
    with pytest.raises(SetupError, match="no root person with the key SHA256"):
        start(repo)
    assert start(repo, bob_key).person == "bob"


def test_init_in_a_repository_without_a_commit_makes_the_first(
    tmp_path: Path, alice_key: Path
) -> None:
    run_git(tmp_path, "init", "--quiet", "repo")
    start(tmp_path / "repo")
    assert run_git(tmp_path / "repo", "rev-list", "--count", "main") == "1"
    assert run_git(tmp_path / "repo", "status", "--porcelain") == ""


def test_init_on_a_detached_head_is_refused(repo: Path, alice_key: Path) -> None:
    run_git(repo, "checkout", "--quiet", "--detach")
    before = freeze(repo)
    with pytest.raises(SetupError, match="HEAD is detached"):
        start(repo)
    assert freeze(repo) == before


def test_init_in_a_bare_repository_is_refused(tmp_path: Path, alice_key: Path) -> None:
    run_git(tmp_path, "init", "--quiet", "--bare", "bare.git")
    with pytest.raises(SetupError, match="no work tree"):
        start(tmp_path / "bare.git")


def test_init_needs_a_name_and_an_email_from_git(repo: Path, alice_key: Path, home: Path) -> None:
    (home / ".gitconfig").write_text("[user]\n\tname = Alice\n")
    with pytest.raises(SetupError, match="your name and e-mail"):
        start(repo)


@pytest.mark.parametrize(
    ("name", "person"), [("Ünïcode Person", "n"), ("李", "me"), ("ALICE-MARIE Smith", "alice")]
)
def test_the_first_person_is_named_after_gits_user(
    repo: Path, alice_key: Path, name: str, person: str
) -> None:
    run_git(repo, "config", "user.name", name)
    assert start(repo).person == person


def test_a_colleagues_init_joins_the_registry(team: Team, bob_key: Path) -> None:
    folder = team.colleague()
    done = start(folder, bob_key)
    assert (done.started, done.person, done.remote) == (False, None, "origin")
    assert done.root == team.open().ledger.root


def test_init_completes_the_files_of_a_clone_that_lacks_them(team: Team) -> None:
    folder = team.colleague()
    run_git(folder, "rm", "--quiet", "-r", "dvc.yaml", "gitreg.yaml")
    run_git(folder, "commit", "--quiet", "--message", "Remove")
    assert start(folder).created == ("gitreg.yaml", "dvc.yaml")
    assert (folder / "gitreg.yaml").read_bytes() == (team.clone / "gitreg.yaml").read_bytes()


class TestTheKey:
    def test_a_named_key_is_taken_and_remembered(self, repo: Path, bob_key: Path) -> None:
        done = start(repo, bob_key)
        assert "--key" in done.key_origin
        assert run_git(repo, "config", "gitreg.key") == str(bob_key)
        again = start(repo)
        assert (again.key, again.person) == (done.key, "alice")
        assert "gitreg.key" in again.key_origin

    def test_a_key_that_is_not_there_is_refused(self, repo: Path, tmp_path: Path) -> None:
        with pytest.raises(SetupError, match="there is no key"):
            start(repo, tmp_path / "none")

    def test_gitreg_key_comes_before_gits(self, repo: Path, alice_key: Path, bob_key: Path) -> None:
        run_git(repo, "config", "gitreg.key", str(bob_key))
        run_git(repo, "config", "gpg.format", "ssh")
        run_git(repo, "config", "user.signingkey", str(alice_key))
        assert "gitreg.key" in start(repo).key_origin

    def test_gits_signing_key_comes_before_the_agents(
        self, repo: Path, alice_key: Path, bob_key: Path, agent: Path
    ) -> None:
        run("ssh-add", "-q", str(alice_key))
        run_git(repo, "config", "gpg.format", "ssh")
        run_git(repo, "config", "user.signingkey", f"{bob_key}.pub")
        done = start(repo)
        assert "user.signingkey" in done.key_origin
        assert done.key in run("ssh-keygen", "-lf", str(bob_key))

    def test_gits_signing_key_of_another_format_is_passed_over(
        self, repo: Path, alice_key: Path
    ) -> None:
        run_git(repo, "config", "user.signingkey", "0xDEADBEEF")
        assert start(repo).key_origin.startswith("~/.ssh/id_ed25519")

    @pytest.mark.parametrize("prefix", ["key::", ""])
    def test_gits_signing_key_may_be_written_out(
        self, repo: Path, bob_key: Path, agent: Path, prefix: str
    ) -> None:
        run("ssh-add", "-q", str(bob_key))
        bob_key.unlink()
        run_git(repo, "config", "gpg.format", "ssh")
        run_git(repo, "config", "user.signingkey", prefix + read_public_key(bob_key))
        assert "user.signingkey" in start(repo).key_origin

    def test_the_agents_key_comes_before_the_default_file(
        self, repo: Path, alice_key: Path, bob_key: Path, agent: Path
    ) -> None:
        run("ssh-add", "-q", str(bob_key))
        done = start(repo)
        assert "agent" in done.key_origin
        assert done.key in run("ssh-keygen", "-lf", str(bob_key))

    def test_an_empty_agent_leads_to_the_default_file(
        self, repo: Path, alice_key: Path, agent: Path
    ) -> None:
        assert start(repo).key_origin.startswith("~/.ssh/id_ed25519")

    def test_a_public_file_alone_lets_the_agent_sign(
        self, repo: Path, bob_key: Path, agent: Path
    ) -> None:
        run("ssh-add", "-q", str(bob_key))
        bob_key.unlink()
        assert start(repo, bob_key.with_suffix(".pub")).started

    def test_no_key_at_all_is_told(self, repo: Path) -> None:
        before = freeze(repo)
        with pytest.raises(SetupError, match="there is no SSH key to sign with") as caught:
            start(repo)
        assert "ssh-keygen -t ed25519" in str(caught.value.next_step)
        assert freeze(repo) == before

    def test_a_new_key_is_made_where_that_is_wanted(self, repo: Path, home: Path) -> None:
        done = init(gitreg.open(repo), make_key=True)
        assert (home / ".ssh/id_ed25519").stat().st_mode & 0o777 == 0o600
        assert done.key_origin.startswith("~/.ssh/id_ed25519")

    def test_a_key_that_no_reader_accepts_is_refused_before_anything_is_written(
        self, repo: Path, tmp_path: Path
    ) -> None:
        run("ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", str(tmp_path / "rsa"))
        before = freeze(repo)
        with pytest.raises(gitreg.GitregError):
            start(repo, tmp_path / "rsa")
        assert freeze(repo) == before

    def test_a_key_with_a_passphrase_is_told_and_waits_for_nothing(
        self, repo: Path, tmp_path: Path
    ) -> None:
        key = tmp_path / "locked"
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", str(key))
        before = freeze(repo)
        with pytest.raises(SetupError, match="could not sign") as caught:
            start(repo, key)
        assert "ssh-add" in str(caught.value.next_step)
        assert freeze(repo) == before


def test_init_works_in_a_sha256_repository(tmp_path: Path, alice_key: Path) -> None:
    run_git(tmp_path, "init", "--quiet", "--object-format=sha256", "repo")
    assert start(tmp_path / "repo").started
    assert all(len(oid) == 64 for oid in refs_of(tmp_path / "repo").values())


def test_an_unreachable_origin_stops_init_before_anything_is_written(
    repo: Path, tmp_path: Path, alice_key: Path
) -> None:
    run_git(repo, "remote", "add", "origin", str(tmp_path / "nowhere.git"))
    before = freeze(repo)
    with pytest.raises(gitreg.GitregError, match="could not be reached"):
        start(repo)
    assert freeze(repo) == before


def test_two_keys_of_one_name_do_not_mix(tmp_path: Path, alice_key: Path) -> None:
    one = make_repository(tmp_path / "one")
    two = make_repository(tmp_path / "two")
    other = make_key(tmp_path / "other")
    assert start(one).root != start(two, other).root
    shutil.rmtree(one)
    assert gitreg.open(two).ledger.records[0].person == "alice"


def test_a_file_in_the_place_of_the_models_folder_stops_init_before_anything_is_written(
    repo: Path, alice_key: Path
) -> None:
    write(repo / "models", "a file\n")
    before = freeze(repo)
    with pytest.raises(SetupError, match="cannot be written"):
        start(repo)
    assert freeze(repo) == before
