"""What the page on hosting tells the owner of a forge: typed, parsed, and held to real tags."""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
import textwrap
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from gitreg.ledger import BRANCH
from tests.e2e.test_documents import ROOT, code_blocks, type_in
from tests.fixtures import Team, refs_of, run_git, write

PAGE = (ROOT / "docs/hosting.md").read_text(encoding="utf-8")
OURS = ("iris@v1.2.0", "fraud/eu@v1.0.0", "iris#production#3", "iris#production!#4", "a/b/c#dev#1")
OTHERS = ("v1.0.0", "release/1.0", "iris", "iris-v1.2.0")

# What Gitea and Forgejo write to hooks/pre-receive does as much.
GITEA = """\
#!/usr/bin/env bash
data=$(cat)
codes=
for hook in "${GIT_DIR:-.}/hooks/$(basename "$0").d"/*; do
  [ -x "$hook" ] && [ -f "$hook" ] || continue
  echo "$data" | "$hook"
  codes="$codes $?"
done
for code in $codes; do [ "$code" -eq 0 ] || exit "$code"; done
"""
# Of Git's variables GitLab promises a hook only those of the quarantine's two folders.
GITLAB = """\
#!/bin/sh
unset GIT_DIR GIT_QUARANTINE_PATH
exec custom_hooks/pre-receive.d/gitreg
"""


def blocks(language: str) -> list[str]:
    """The blocks of code in a language, those of numbered items too."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", PAGE, flags=re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block) for _, block in found]


def rulesets() -> dict[str, Any]:
    """GitHub's rulesets, by what they are for."""
    values = [json.loads(block) for block in blocks("json")]
    return {value["name"].split(": ")[1]: value for value in values if "name" in value}


@pytest.fixture
def served(released: Team) -> Team:
    """The page's `models.git`, with the registry of the team; the clone's origin."""
    run_git(released.folder, "clone", "--quiet", "--mirror", str(released.origin), "models.git")
    released.git("remote", "set-url", "origin", str(released.folder / "models.git"))
    return released


def is_judged(team: Team) -> None:
    """Check that a push of the registry is judged, in quarantine, and another one passes."""
    before = refs_of(team.folder / "models.git")
    junk = team.git("commit-tree", f"{BRANCH}^{{tree}}", "-p", BRANCH, "-m", "junk")
    for spec, rule in ((":gitreg-ledger", "ledger.deleted"), (f"{junk}:{BRANCH}", "ledger.void")):
        command = ["git", "-C", str(team.clone), "push", "origin", spec]
        done = subprocess.run(command, capture_output=True, check=False, text=True)
        assert done.returncode == 1
        assert f"rule: {rule} (docs/hosting.md)" in done.stderr
        assert refs_of(team.folder / "models.git") == before
    team.git("push", "-q", "origin", "main:topic")


def test_a_server_of_your_own(served: Team) -> None:
    type_in(served.folder, code_blocks("docs/hosting.md", "sh")[0])
    is_judged(served)


def test_the_hook_on_gitea_and_forgejo(served: Team) -> None:
    hooks = served.folder / "models.git/hooks"
    write(hooks / "pre-receive", GITEA).chmod(0o755)
    write(hooks / "pre-receive.d/gitea", "#!/bin/sh\ncat >/dev/null\n").chmod(0o755)
    _, make, place, _ = code_blocks("docs/hosting.md", "sh")
    type_in(served.folder, make + place)
    is_judged(served)


def test_the_hook_on_gitlab(served: Team) -> None:
    _, make, _, pack = code_blocks("docs/hosting.md", "sh")
    type_in(served.folder, make + pack)
    with tarfile.open(served.folder / "custom_hooks.tar") as archive:
        archive.extractall(served.folder / "models.git", filter="data")
    write(served.folder / "models.git/hooks/pre-receive", GITLAB).chmod(0o755)
    is_judged(served)


def test_githubs_rulesets_are_for_the_ledger_the_tags_and_the_default_branch() -> None:
    refs = {name: value["conditions"]["ref_name"]["include"] for name, value in rulesets().items()}
    assert refs.pop("tags are written once")
    assert refs == {
        "the ledger only grows": [BRANCH],
        "reviewed like code": ["~DEFAULT_BRANCH"],
    }
    for value in rulesets().values():
        assert (value["enforcement"], value["bypass_actors"]) == ("active", [])
        rules = {rule["type"] for rule in value["rules"]}
        assert "deletion" in rules
        # These would stop who writes records.
        assert value["target"] == "branch" or "creation" not in rules
        assert "required_signatures" not in rules


def test_githubs_patterns_are_the_registrys_tags_and_no_others(repo: Path) -> None:
    """Git matches refs as GitHub does: `*` stops at a slash (wildmatch with WM_PATHNAME)."""
    for name in (*OURS, *OTHERS):
        run_git(repo, "tag", name)
    patterns = rulesets()["tags are written once"]["conditions"]["ref_name"]["include"]
    found = run_git(repo, "for-each-ref", "--format=%(refname:strip=2)", *patterns).split()
    assert sorted(found) == sorted(OURS)
    found = run_git(repo, "for-each-ref", "--format=%(refname:strip=2)", *patterns[::2]).split()
    assert sorted(found) == sorted(name for name in OURS if "/" not in name)


def test_the_wildcards_of_gitlab_and_gitea_are_the_registrys_tags_and_no_others() -> None:
    by_hand = set(re.findall(r"`(\*[@#]\S*\*)`", PAGE))
    by_api = {unquote(name) for name in re.findall(r"protected_tags\?name=([^&]+)&", PAGE)}
    assert by_hand == by_api == {"*@v*", "*#*"}
    for name in OURS:
        assert any(fnmatchcase(name, wildcard) for wildcard in by_hand)
    for name in OTHERS:
        assert not any(fnmatchcase(name, wildcard) for wildcard in by_hand)


def test_the_code_owners_are_those_of_the_page(repo: Path) -> None:
    """CODEOWNERS has the patterns of gitignore, whose last match wins too."""
    (text,) = (block for block in blocks("text") if "@example/" in block)
    owners = dict(line.split() for line in text.splitlines())
    write(repo / ".git/info/exclude", "\n".join(owners))
    paths = ("gitreg.yaml", ".github/CODEOWNERS", ".dvc/config", "models/iris/model.yaml")
    said = run_git(repo, "check-ignore", "--no-index", "--verbose", *paths, "deploy.yaml")
    matched = [line.partition("\t")[0].rpartition(":")[2] for line in said.splitlines()]
    assert [owners[pattern].partition("/")[2] for pattern in matched] == [
        "maintainers",
        "maintainers",
        "maintainers",
        "reviewers",
        "maintainers",
    ]


def test_an_environment_is_for_branches_by_name() -> None:
    (value,) = (json.loads(block) for block in blocks("json") if "deployment_branch" in block)
    policy = value["deployment_branch_policy"]
    assert policy == {"protected_branches": False, "custom_branch_policies": True}
    assert "deployment-branch-policies -f name=main\n" in PAGE
