"""`init`, `register` and the commands that append records, as people type them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fixtures import Cli, Team, freeze, write


@pytest.fixture
def shell(cli: Cli, released: Team) -> Cli:
    cli.folder = released.clone
    return cli


class TestInit:
    def test_it_tells_which_key_it_took_and_what_it_added(
        self, cli: Cli, repo: Path, alice_key: Path
    ) -> None:
        cli.folder = repo
        ran = cli.ok("init")
        assert ran.out.startswith("a new registry\n")
        assert f"{alice_key.parent.name}/id_ed25519" in ran.out
        assert "SHA256:" in ran.out
        assert "gitreg.yaml" in ran.out
        assert "pin the root" in ran.err

    @pytest.mark.usefixtures("alice_key")
    def test_a_second_time_it_has_nothing_to_do(self, cli: Cli, repo: Path) -> None:
        cli.folder = repo
        cli.ok("init")
        before = freeze(repo)
        assert "nothing to do" in cli.ok("init").out
        assert freeze(repo) == before

    @pytest.mark.usefixtures("alice_key")
    def test_it_completes_what_is_missing(self, cli: Cli, repo: Path) -> None:
        cli.folder = repo
        cli.ok("init")
        (repo / "dvc.yaml").unlink()
        ran = cli.ok("init")
        assert ran.out.startswith("a registry, completed\n")

    def test_without_a_key_and_a_terminal_it_ends_with_1(self, cli: Cli, repo: Path) -> None:
        cli.folder = repo
        err = cli.no("init")
        assert "there is no SSH key to sign with" in err
        assert "next: ssh-keygen -t ed25519" in err

    def test_on_a_terminal_it_offers_to_make_a_key(
        self, cli: Cli, repo: Path, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cli.folder = repo
        monkeypatch.setattr("gitreg.cli.init.has_terminal", lambda: True)
        monkeypatch.setattr("gitreg.cli.output.ask", lambda _: False)
        assert "there is no SSH key" in cli.no("init")
        monkeypatch.setattr("gitreg.cli.output.ask", lambda _: True)
        assert "a new registry" in cli.ok("init").out
        assert (home / ".ssh/id_ed25519").is_file()

    def test_a_named_key_that_is_not_there_ends_with_1(self, cli: Cli, repo: Path) -> None:
        cli.folder = repo
        assert "there is no key" in cli.no("init", "--key", "none")

    def test_somebody_unknown_is_told_to_ask(self, cli: Cli, team: Team, bob_key: Path) -> None:
        cli.folder = team.colleague()
        ran = cli.ok("init", "--key", bob_key)
        assert "nobody in its policy yet" in ran.out


class TestRegister:
    def test_a_new_model_from_nothing(self, cli: Cli, team: Team) -> None:
        cli.folder = team.clone
        write(team.clone / "metrics.json", json.dumps({"test": {"accuracy": 0.9, "n": 3}}))
        ran = cli.ok(
            "register", "--new", "iris", "--file", "models/iris/model.skops",
            "--version", "1.0.0", "--metrics", "metrics.json", "--param", "C=1.0",
            "--param", "kernel=rbf", "--tag", "domain=botany", "-m", "first",
        )  # fmt: skip
        assert ran.out == "Register iris v1.0.0 (record 1)\n"
        assert "published to origin" in ran.err
        metadata = team.open()["iris"].metadata
        assert metadata["metrics"] == {"test.accuracy": 0.9, "test.n": 3}
        assert metadata["architecture"]["hyperparameters"] == {"C": 1.0, "kernel": "rbf"}

    def test_the_same_again_says_that_it_is_there(self, shell: Cli) -> None:
        ran = shell.ok("register", "models/iris", "--bump", "minor")
        assert "iris 1.1.0 is registered already, with these very contents" in ran.out

    def test_it_works_from_the_models_own_folder(self, shell: Cli, released: Team) -> None:
        released.model_file.write_bytes(b"third")
        shell.folder = released.iris
        assert "Register iris v1.1.1" in shell.ok("register", ".", "--bump", "patch").out

    def test_every_finding_is_printed_with_what_to_write(self, cli: Cli, team: Team) -> None:
        write(team.iris / "model.yaml", "schema: gitreg/model/v1\nname: iris\nversion: x\nfoo: 1\n")
        cli.folder = team.clone
        err = cli.no("register", "models/iris")
        assert "error: models/iris/model.yaml:3: version" in err
        assert "error: models/iris/model.yaml:4: foo" in err
        assert err.count("  next: ") == 2

    def test_a_note_is_printed_beside_the_data(self, shell: Cli, released: Team) -> None:
        released.model_file.write_bytes(b"third")
        ran = shell.ok("register", "models/iris", "--bump", "minor")
        assert "warning: models/iris/model.yaml: the artifacts changed" in ran.err

    @pytest.mark.parametrize("word", ["novalue", "=x", ""])
    def test_an_assignment_that_is_none_ends_with_2(self, shell: Cli, word: str) -> None:
        ran = shell("register", "models/iris", "--param", word)
        assert ran.code == 2
        assert "--param wants KEY=VALUE" in ran.err

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ("{}", "has no metrics"),
            ("[1]", "has no metrics"),
            ('{"accuracy": "high"}', "accuracy"),
            ('{"accuracy": NaN}', ""),
            ("nonsense", ""),
            ('{"a": 1, "a": 2}', ""),
            (json.dumps({"a" * 60: {"b" * 60: {"c": 1}}}), "has over 100 characters"),
        ],
    )
    def test_metrics_that_are_none_are_told(self, shell: Cli, text: str, what: str) -> None:
        write(shell.folder / "metrics.json", text)
        err = shell.no("register", "models/iris", "--metrics", "metrics.json")
        assert "metrics.json" in err
        assert what in err
        assert "next: write" in err

    def test_a_metrics_file_that_is_missing_is_told(self, shell: Cli) -> None:
        assert "none.json" in shell.no("register", "models/iris", "--metrics", "none.json")

    def test_metrics_come_as_words_too_and_those_win(self, shell: Cli, released: Team) -> None:
        write(shell.folder / "metrics.json", '{"accuracy": 0.5, "f1": 0.4}')
        shell.ok(
            "register", "models/iris", "--bump", "minor",
            "--metrics", "metrics.json", "--metric", "accuracy=0.97",
        )  # fmt: skip
        metrics = released.open()["iris@1.2.0"].metrics
        assert {name: str(value) for name, value in metrics.items()} == {
            "accuracy": "0.97",
            "f1": "0.4",
        }
        ran = shell("register", "models/iris", "--metric", "accuracy=high")
        assert (ran.code, ran.err) == (
            2,
            "error: --metric: the metric accuracy is not a finite number\n",
        )

    def test_values_are_read_as_yaml_scalars(self, shell: Cli, released: Team) -> None:
        shell.ok(
            "register", "models/iris", "--bump", "minor", "--param", "n=3", "--param", "on=true",
            "--param", "list=[1, 2]", "--param", "nothing=",
        )  # fmt: skip
        assert released.open()["iris"].metadata["architecture"]["hyperparameters"] == {
            "n": 3,
            "on": True,
            "list": "[1, 2]",
            "nothing": "",
        }

    def test_a_detached_head_is_allowed_when_asked_for(self, shell: Cli, released: Team) -> None:
        released.git("checkout", "--quiet", "--detach")
        assert "add --detached" in shell.no("register", "models/iris", "--version", "2.0.0")
        shell.ok("register", "models/iris", "--version", "2.0.0", "--detached")


class TestTheOthers:
    def test_promote_and_rollback(self, shell: Cli) -> None:
        ran = shell.ok("promote", "iris@1.1.0", "--stage", "production", "--reason", "better")
        assert ran.out == "Promote iris v1.1.0 to production (record 6)\n"
        assert "published to origin" in ran.err
        again = shell.ok("promote", "iris@1.1.0", "--stage", "production")
        assert again.out == "iris@1.1.0 holds production already\n"
        assert "(record 7)" in shell.ok("rollback", "iris", "--stage", "production").out

    def test_vacate(self, shell: Cli) -> None:
        ran = shell.ok("vacate", "iris", "--stage", "staging")
        assert "(record 6)" in ran.out
        assert "do not see that a stage is empty" in ran.err
        assert "empty already" in shell.ok("vacate", "iris", "--stage", "staging").out

    def test_deprecate_and_yank(self, shell: Cli) -> None:
        assert "(record 6)" in shell.ok("deprecate", "iris@1.0.0").out
        assert "deprecated already" in shell.ok("deprecate", "iris@1.0.0").out
        err = shell.no("yank", "iris@1.0.0")
        assert "rule: free (docs/rules.md)" in err
        assert "next: gitreg yank --vacate" in err
        assert "(record 8)" in shell.ok("yank", "iris@1.0.0", "--vacate").out
        assert "yanked already" in shell.ok("yank", "iris@1.0.0").out

    def test_kept_records_and_push(self, shell: Cli) -> None:
        ran = shell.ok("promote", "iris@1.1.0", "--stage", "production", "--no-push")
        assert "pending: gitreg push publishes it" in ran.err
        assert "next: publish them with gitreg push" in shell.no("deprecate", "iris@1.0.0")
        assert "(record 6)" in shell.ok("push").out
        assert shell.ok("push").out == "nothing is pending\n"

    @pytest.mark.usefixtures("alice_key")
    def test_a_registry_without_a_remote_says_so(self, cli: Cli, repo: Path) -> None:
        cli.folder = repo
        cli.ok("init")
        write(repo / "models/m/m.bin", b"x")
        ran = cli.ok("register", "--new", "m", "--file", "models/m/m.bin", "--version", "1.0.0")
        assert "the ledger here is the registry" in ran.err
        assert "no remote to push to" in cli.no("push")

    def test_the_key_may_come_from_the_environment(
        self, shell: Cli, bob_key: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITREG_KEY", str(bob_key))
        assert "no key at hand is of a person" in shell.no("deprecate", "iris@1.0.0")
