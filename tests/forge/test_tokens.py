from __future__ import annotations

from pathlib import Path

import pytest

from gitreg.errors import SetupError
from gitreg.forge.tokens import find_access
from tests.fixtures import write


def test_a_token_goes_to_the_public_host_that_it_is_for() -> None:
    tokens = {"GH_TOKEN": "hub", "GITLAB_TOKEN": "lab", "GITEA_TOKEN": "tea"}
    hosts = ["github.com", "gitlab.com", "codeberg.org", "gitea.com"]
    found = [find_access(host, tokens) for host in hosts]
    assert [(access.api, access.token) for access in found if access] == [
        ("https://api.github.com", "hub"),
        ("https://gitlab.com/api/v4", "lab"),
        ("https://codeberg.org/api/v1", "tea"),
        ("https://gitea.com/api/v1", "tea"),
    ]


@pytest.mark.parametrize(
    "host", ["github.example.com", "gitlab.com.example.org", "gitea.mallory.net", "127.0.0.1"]
)
def test_a_token_goes_to_no_host_that_only_looks_like_a_forge(host: str) -> None:
    tokens = {"GH_TOKEN": "hub", "GITLAB_TOKEN": "lab", "GITEA_TOKEN": "tea", "PATH": ""}
    assert find_access(host, tokens) is None


@pytest.mark.parametrize(
    ("environ", "api"),
    [
        ({"GH_HOST": "git.corp.org", "GH_TOKEN": "x"}, "https://git.corp.org/api/v3"),
        (
            {"GITHUB_API_URL": "https://git.corp.org/api/v3/", "GITHUB_TOKEN": "x"},
            "https://git.corp.org/api/v3",
        ),
        (
            {"GITLAB_HOST": "https://git.corp.org", "GITLAB_TOKEN": "x"},
            "https://git.corp.org/api/v4",
        ),
        (
            {
                "CI_SERVER_URL": "https://git.corp.org",
                "CI_API_V4_URL": "https://git.corp.org/lab/api/v4",
            }
            | {"CI_JOB_TOKEN": "x"},
            "https://git.corp.org/lab/api/v4",
        ),
        (
            {"GITEA_SERVER_URL": "https://git.corp.org", "GITEA_TOKEN": "x"},
            "https://git.corp.org/api/v1",
        ),
    ],
)
def test_the_environment_names_a_forge_of_ones_own(environ: dict[str, str], api: str) -> None:
    access = find_access("git.corp.org", environ)
    assert access is not None
    assert access.api == api
    assert find_access("git.other.org", environ) is None


def test_the_interface_of_another_forge_is_not_asked_about_this_one() -> None:
    environ = {"GITHUB_API_URL": "https://git.corp.org/api/v3", "GITHUB_TOKEN": "x"}
    access = find_access("github.com", environ)
    assert access is not None
    assert access.api == "https://api.github.com"


def test_a_forge_that_is_named_without_encryption_gets_no_token() -> None:
    environ = {"GITHUB_API_URL": "http://git.corp.org/api/v3", "GITHUB_TOKEN": "x"}
    with pytest.raises(SetupError, match="GITHUB_TOKEN does not go to 'http://git"):
        find_access("git.corp.org", environ)


def test_a_token_is_in_no_description_of_it() -> None:
    assert "hub" not in repr(find_access("github.com", {"GH_TOKEN": "hub"})).replace("github", "")


def test_who_is_logged_in_by_githubs_own_program_needs_no_variable(tmp_path: Path) -> None:
    script = '#!/bin/sh\n[ "$*" = "auth token --hostname github.com" ] && echo kept-by-gh\n'
    write(tmp_path / "gh", script).chmod(0o755)
    access = find_access("github.com", {"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert access is not None
    assert (access.token, access.origin) == ("kept-by-gh", "gh")
    assert find_access("github.corp.org", {"PATH": f"{tmp_path}:/usr/bin:/bin"}) is None
