"""Attacks 25, 26, 28, 29 and 30: names, addresses and documents that mean more than they say.

They come from whoever may write something that a colleague, or a workflow, hands to gitreg.
Attack 27, a hostile clone, is in test_artifacts.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from threading import Thread

import pytest

from gitreg import yaml12
from tests.attack.crew import Crew
from tests.fixtures import Cli, Ran, freeze, refs_of, run_git, write

ROOT = Path(__file__).parents[2]
BAD = {
    *(
        "--help",
        "-x",
        "$(id)",
        "${{x}}",
        "`id`",
        "HEAD",
        "refs/tags/x",
        "a b",
        "a\nb",
        "..",
        "../x",
    ),
    *(".lock", "x.lock", "a/", "/a", "a//b", "@", "@{u}", "a~1", "a^", "a:b", "a\\b", "a*", "a;b"),
    *(
        "\u202eb",
        "a\u200bb",
        "\uff41b",
        "\u0430lice",
        "Iris",
        "IRIS",
        "a" * 300,
        "",
        " ",
        "\x1b[2J",
    ),
}
SOME = ("--help", "$(id)", "a b", "a\nb", "../x", "\u202eb", "")


def refused(cli: Cli, *arguments: str) -> Ran:
    """Check that a command line is refused, by click's grammar or ours, without a traceback."""
    ran = cli(*arguments)
    assert ran.code in (1, 2), (arguments, ran)
    assert "Traceback" not in ran.err
    assert "\x1b" not in ran.err
    assert "Error: " in ran.err or "error: " in ran.err, (arguments, ran)
    assert ran.out == ""
    return ran


@pytest.fixture
def unchanged(crew: Crew, cli: Cli) -> Iterator[Cli]:
    """The command line in Dave's clone, none of whose commands may change anything."""
    write(crew.dave / "m.bin", b"model")
    cli.folder = crew.dave
    before, there = freeze(crew.dave), refs_of(crew.origin)
    yield cli
    assert freeze(crew.dave) == before
    assert refs_of(crew.origin) == there


# 25


def test_25_names_of_models(crew: Crew, unchanged: Cli) -> None:
    key = f"--key={crew.key('alice')}"
    for name in BAD:
        refused(unchanged, "show", "--", name)
    for name in SOME:
        refused(unchanged, "history", "--", name)
        refused(unchanged, "promote", "--stage=canary", key, "--", f"{name}@1.0.0")
        refused(unchanged, "vacate", "--stage=canary", key, "--", name)
        refused(unchanged, "register", f"--new={name}", "--file=m.bin", "--version=1.0.0", key)


def test_25_names_of_versions(crew: Crew, unchanged: Cli) -> None:
    key = f"--key={crew.key('alice')}"
    more = {"1", "1.0", "1.0.0+x", "01.0.0", "1.0.0-A", "1.0.0-01", "1.0.0\n", "1.0.0.0"}
    for name in BAD | more:
        refused(unchanged, "show", f"iris@{name}")
    for name in (*SOME[:-1], "v1.0.0", "1.0", "1.0.0+x"):
        refused(unchanged, "register", "--new=rose", "--file=m.bin", f"--version={name}", key)


def test_25_names_of_stages(crew: Crew, unchanged: Cli) -> None:
    key = f"--key={crew.key('alice')}"
    for name in BAD | {"1", "-", "production!", "prod#1"}:
        refused(unchanged, "vacate", "iris", f"--stage={name}", key)
    for name in SOME:
        refused(unchanged, "promote", "iris@1.0.0", f"--stage={name}", key)
        refused(unchanged, "rollback", "iris", f"--stage={name}", key)
        refused(unchanged, "approve", "iris@1.1.0", f"--stage={name}", "--yes", key)


def test_25_names_of_people_roles_models_and_stages_in_a_policy(crew: Crew, unchanged: Cli) -> None:
    file = crew.dave / "gitreg.yaml"
    for name in BAD - {"x.lock"}:  # a person may have a dot in their name
        policy = crew.policy()
        policy["people"][name] = {"keys": []}
        policy["roles"][f"\n{name}"] = []
        policy["models"][f"/{name}"] = {}
        policy["models"]["*"]["stages"][f" {name}"] = {}
        file.write_bytes(yaml12.dump(policy).encode())
        said = refused(unchanged, "policy", "apply", f"--key={crew.key('alice')}").err
        lines = re.findall(r"error: gitreg\.yaml:\d+: (\w+)\.", said)
        assert lines == ["people", "roles", "models", "models"], said
    file.unlink()


def test_25_texts_with_lines_or_directions_of_their_own(crew: Crew, unchanged: Cli) -> None:
    for text in ("", " x", "a\nGitreg: 1", "a\rb", "a\x1b[31m", "\u202eevil", "a" * 1001):
        words = ("deprecate", "iris@1.0.0", f"--key={crew.key('alice')}", f"--reason={text}")
        assert "must be one printable line" in refused(unchanged, *words).err


# 26

EXECUTING = (
    "ext::sh -c 'touch {marker}'",
    "EXT::sh -c 'touch {marker}'",
    "fd::17",
    "-u{marker}",
    "--upload-pack=touch {marker}",
    "ssh://-oProxyCommand=touch%20{marker}/x",
    "-oProxyCommand=touch {marker}:x",
    "a@-oProxyCommand=touch {marker}:x",
    "http::http://x",
    "https://-x/y",
    "gopher://x/y",
    "file://x\n/y",
)


def test_26_addresses_that_could_run_something(crew: Crew, unchanged: Cli, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    for url in EXECUTING:
        address = url.format(marker=marker)
        for words in (["list"], ["show", "iris"], ["verify"], ["pull", "iris", "-o", "x"]):
            refused(unchanged, *words, f"--repo={address}")
    assert not marker.exists()


def test_26_a_remote_of_a_clone_that_could_run_something(
    crew: Crew, cli: Cli, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    cli.folder = crew.dave
    for url in EXECUTING:
        for setting in ("url", "pushurl"):
            run_git(crew.dave, "config", f"remote.origin.{setting}", url.format(marker=marker))
            refused(cli, "promote", "iris@1.0.0", "--stage=canary", f"--key={crew.key('alice')}")
            run_git(crew.dave, "config", f"remote.origin.{setting}", "../origin.git")
    assert not marker.exists()
    assert crew.tip == refs_of(crew.dave)["refs/remotes/origin/gitreg-ledger"]


class _Redirect(BaseHTTPRequestHandler):
    """A host that sends whoever asks to a repository on their own machine."""

    to = ""

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", self.to + self.path)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def test_26_a_host_that_redirects_to_a_file_of_this_machine(crew: Crew, cli: Cli) -> None:
    for target in (crew.origin.as_uri(), f"ext::sh -c true {crew.origin}"):
        handler = type("Handler", (_Redirect,), {"to": target})
        with ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{server.server_address[1]}"
            assert "could not be reached" in cli.no("list", "--repo", url)
            server.shutdown()


# 28


def test_28_branches_and_files_named_like_tags_and_objects(crew: Crew, cli: Cli) -> None:
    cli.folder = crew.dave
    cli.ok("show", "iris@production")
    main = run_git(crew.attacker, "rev-parse", "main")
    entry = crew.state.version("iris", "1.0.0")
    assert entry is not None
    names = {
        *("iris@v1.0.0", "iris#production#1", "tags/iris@v1.1.0", "refs/tags/iris@v1.1.0"),
        *("refs/heads/gitreg-ledger", "heads/gitreg-ledger", "origin/gitreg-ledger", "HEAD"),
        *(str(crew.tip), entry.commit),
    }
    for name in names:
        run_git(crew.attacker, "push", "--quiet", "origin", f"{main}:refs/heads/{name}")
        run_git(crew.dave, "update-ref", f"refs/heads/{name}", "refs/remotes/origin/main")
        write(crew.dave / name, "a file of that name\n")
    for name in ("gitreg-ledger", str(crew.tip)):
        write(crew.dave / ".git" / name, f"{main}\n")
    run_git(crew.dave, "tag", "gitreg-ledger", "refs/remotes/origin/main")
    crew.fetch()
    assert cli.ok("verify", "--deep", "--json").json["findings"] == []
    assert cli.ok("show", "iris@production", "--json").json["commit"] == entry.commit
    cli.ok("promote", "iris@1.1.0", "--stage=canary", "--key", crew.key("alice"))
    assert crew.state.champion("iris", "canary") == "1.1.0"
    assert cli.ok("verify", "--deep", "--json").json["findings"] == []


# 29

GOOD = "schema: gitreg/model/v1\nname: rose\nversion: 1.0.0\nartifacts: [{path: m.bin}]\n"


def deep(count: int) -> bytes:
    return f"{GOOD}extra: {'[' * count}{']' * count}\n".encode()


DOCUMENTS: dict[str, tuple[bytes, int, str]] = {
    "a key twice": (GOOD.encode() + b"name: iris\n", 5, "the key name is there twice"),
    "a key twice in a list": (b"tags:\n  a: 1\n  a: 2\n" + GOOD.encode(), 3, "there twice"),
    "an alias": (GOOD.encode() + b"extra:\n  - &a x\n  - *a\n", 6, "are not read"),
    "a billion laughs": (b"a: &a [x, x]\nb: &b [*a, *a]\n" + GOOD.encode(), 1, "are not read"),
    "a merge key": (GOOD.encode() + b"extra:\n  <<: {a: 1}\n", 6, "merge keys"),
    "an object of Python": (
        GOOD.encode() + b"extra: !!python/object/apply:os.system [touch marker]\n",
        5,
        "the tag tag:yaml.org,2002:python/object/apply:os.system is not read",
    ),
    "another tag": (GOOD.encode() + b"extra: !!binary aGk=\n", 5, "is not read"),
    "5,000 levels": (deep(5000), 5, "the nesting is deeper than"),
    "not UTF-8": (GOOD.encode() + b"description: \xff\xfe\n", 5, "the text is not UTF-8"),
    "UTF-16": (GOOD.encode("utf-16"), 1, "the text is not UTF-8"),
    "a control character": (GOOD.encode() + b"description: \x07\n", 5, "this is not YAML"),
    "two documents": (GOOD.encode() + b"---\n" + GOOD.encode(), 5, "second document"),
    "a version that is a number": (GOOD.replace("1.0.0", "1.0").encode(), 3, "version"),
    "a version that is a date": (GOOD.replace("1.0.0", "2026-01-31").encode(), 3, "version"),
    "a metric that is a time": (GOOD.encode() + b"metrics: {accuracy: 1:30}\n", 5, "1:30"),
    "a metric that is a yes": (GOOD.encode() + b"metrics: {accuracy: yes}\n", 5, "yes"),
    "a metric that is no number": (GOOD.encode() + b"metrics: {accuracy: .nan}\n", 5, "nan"),
    "a path outside": (GOOD.replace("m.bin", "../../x").encode(), 4, "'../../x'"),
    "an empty file": (b"", 1, "not a mapping"),
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_29_a_model_yaml_with(crew: Crew, unchanged: Cli, tmp_path: Path, kind: str) -> None:
    data, line, what = DOCUMENTS[kind]
    file = write(crew.dave / "models/rose/model.yaml", data)
    write(crew.dave / "models/rose/m.bin", b"model")
    ran = refused(unchanged, "register", "models/rose", f"--key={crew.key('alice')}")
    assert f"error: models/rose/model.yaml:{line}: " in ran.err
    assert what in ran.err
    assert ran.err.count("error:") == 1
    assert ran.code == 1
    assert not (crew.dave / "marker").exists()
    file.unlink()
    (file.parent / "m.bin").unlink()


def test_29_a_model_yaml_of_100_mb(crew: Crew, unchanged: Cli) -> None:
    file = write(crew.dave / "models/rose/model.yaml", b"")
    with file.open("r+b") as sparse:
        sparse.truncate(100_000_000)
    ran = refused(unchanged, "register", "models/rose", f"--key={crew.key('alice')}")
    assert "models/rose/model.yaml:1: the file has 100000000 bytes" in ran.err
    file.unlink()


# 30

TITLES = ("$(touch marker)", "`touch marker`", ";touch${IFS}marker", '"||touch${IFS}marker||"')


def test_30_shell_text_in_branches_tags_and_reasons(crew: Crew, cli: Cli) -> None:
    cli.folder = crew.dave
    for title in TITLES:
        ref = title.replace(" ", "${IFS}")
        run_git(crew.dave, "update-ref", f"refs/heads/{ref}", "refs/remotes/origin/main")
        run_git(crew.dave, "update-ref", f"refs/tags/{ref}", "refs/remotes/origin/main")
        run_git(crew.dave, "symbolic-ref", "HEAD", f"refs/heads/{ref}")
        key = f"--key={crew.key('alice')}"
        cli.ok("promote", "iris@1.0.0", "--stage=canary", f"--reason={title}", key)
        cli.ok("vacate", "iris", "--stage=canary", f"--reason={title}", key)
        said = cli.ok("history", "iris", "--json").json["records"][0]
        assert said["reason"] == title
    assert not list(crew.folder.rglob("marker"))


def test_30_nothing_from_outside_is_pasted_into_a_shell_of_our_own_workflows() -> None:
    for file in (ROOT / ".github").rglob("*.yml"):
        for found in runs_of(yaml12.load(file.read_bytes(), name=file.name).value):
            assert "${{" not in found, (file.name, found)


def runs_of(value: object) -> Iterator[str]:
    """Every script that a workflow runs, and every expression it hands on by another way."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("run", "script"):
                yield str(item)
            yield from runs_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from runs_of(item)
