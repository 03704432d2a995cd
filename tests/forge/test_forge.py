"""What gitreg asks of a forge, over each kind of forge."""

from __future__ import annotations

import gzip
import json

import pytest

from gitreg.errors import SetupError, TransferError
from gitreg.forge import Forge, compare_link, find_forge, find_own_forge
from tests.forge_server import TOKEN, ForgeServer, Reply

MARKER = "<!-- gitreg -->"
KINDS = ["gitea", "github", "gitlab"]


def open_forge(server: ForgeServer, kind: str) -> Forge:
    environ = server.pipeline() if kind == "gitlab" else server.actions()
    forge = find_own_forge(environ | ({"GITEA_ACTIONS": "true"} if kind == "gitea" else {}))
    assert forge is not None
    return forge


@pytest.mark.parametrize("kind", KINDS)
def test_a_pull_request_is_opened_once(server: ForgeServer, kind: str) -> None:
    forge = open_forge(server, kind)
    first = forge.open_pull("gitreg/iris-1.2.0", "main", "Promote iris", "Please.")
    assert first.endswith("/pull/1")
    assert forge.open_pull("gitreg/iris-1.2.0", "main", "Promote iris", "Again.") == first
    assert len(server.asked("POST")) == 1
    assert forge.open_pull("gitreg/iris-1.3.0", "main", "Promote iris", "") != first


@pytest.mark.parametrize("kind", KINDS)
def test_who_opens_it_at_the_same_moment_gets_the_same(server: ForgeServer, kind: str) -> None:
    forge = open_forge(server, kind)
    path = "/merge_requests" if kind == "gitlab" else "/pulls"
    pull = server.add_pull("topic")
    nothing = Reply(status=404) if kind == "gitea" else Reply(body=b"[]")
    server.lies["GET", "/pulls/main/topic" if kind == "gitea" else path] = nothing
    server.lies["POST", path] = Reply(status=422 if kind == "github" else 409)
    assert forge.open_pull("topic", "main", "title", "body") == pull["html_url"]


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_one_comment_that_is_brought_up_to_date(server: ForgeServer, kind: str) -> None:
    server.me = "bot"
    forge = open_forge(server, kind)
    server.add_pull("topic")
    assert forge.comment(1, "It asks for nothing.", MARKER, renew=True) is None
    url = forge.comment(1, "It is refused.", MARKER) or ""
    assert url.startswith(f"{server.address}/team/models/pull/1#")
    assert forge.comment(1, "It is fine.", MARKER, renew=True) is not None
    assert [comment["body"] for comment in server.comments] == [f"{MARKER}\nIt is fine."]


@pytest.mark.parametrize("kind", KINDS)
def test_a_comment_of_somebody_else_with_the_marker_is_left_alone(
    server: ForgeServer, kind: str
) -> None:
    server.me = "bot"
    server.add_pull("topic")
    server.add_comment(1, f"{MARKER}\nAll is well, merge me.", "mallory")
    open_forge(server, kind).comment(1, "It is refused.", MARKER)
    assert [comment["body"].split("\n")[1] for comment in server.comments] == [
        "All is well, merge me.",
        "It is refused.",
    ]


@pytest.mark.parametrize("kind", ["gitea", "github"])
def test_a_workflow_that_may_not_ask_who_it_is_knows(server: ForgeServer, kind: str) -> None:
    me = "gitea-actions" if kind == "gitea" else "github-actions[bot]"
    server.add_comment(1, f"{MARKER}\nold", me)
    open_forge(server, kind).comment(1, "new", MARKER)
    assert [comment["body"] for comment in server.comments] == [f"{MARKER}\nnew"]


def test_the_comment_is_found_behind_a_hundred_others(server: ForgeServer) -> None:
    for number in range(150):
        server.add_comment(1, f"words {number}", "alice")
    server.add_comment(1, f"{MARKER}\nold", "github-actions[bot]")
    open_forge(server, "github").comment(1, "new", MARKER)
    assert server.comments[-1]["body"] == f"{MARKER}\nnew"
    assert len(server.comments) == 151


@pytest.mark.parametrize("kind", KINDS)
def test_a_pull_request_is_found_by_its_newest_commit(server: ForgeServer, kind: str) -> None:
    forge = open_forge(server, kind)
    server.add_pull("main", commit="a" * 40, owner="stranger")
    assert forge.find_pull("stranger", "main", "a" * 40) == 1
    assert forge.find_pull("stranger", "main", "b" * 40) is None
    assert forge.find_pull("stranger", "topic", "a" * 40) is None


@pytest.mark.parametrize("kind", ["gitea", "github"])
def test_a_pull_request_of_another_owner_is_not_it(server: ForgeServer, kind: str) -> None:
    server.add_pull("main", commit="a" * 40, owner="stranger")
    assert open_forge(server, kind).find_pull("team", "main", "a" * 40) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_workflow_is_started(server: ForgeServer, kind: str) -> None:
    open_forge(server, kind).dispatch("gitreg.yml", "main", {"tag": "iris#production#3"})
    ((name, content),) = server.dispatched
    assert name == ("pipeline" if kind == "gitlab" else "gitreg.yml")
    assert content["ref"] == "main"
    assert "iris#production#3" in json.dumps(content)


def test_a_job_of_gitlab_starts_a_pipeline_with_its_own_token(server: ForgeServer) -> None:
    environ = server.pipeline() | {"GITLAB_TOKEN": "", "CI_JOB_TOKEN": "of-the-job"}
    forge = find_own_forge(environ)
    assert forge is not None
    forge.dispatch("", "main", {"GITREG_TAG": "iris#production#3"})
    variables = {"GITREG_TAG": "iris#production#3"}
    content = {"token": "of-the-job", "ref": "main", "variables": variables}
    assert server.dispatched == [("trigger/pipeline", content)]


@pytest.mark.parametrize(
    ("kind", "header", "value"),
    [
        ("gitea", "Authorization", f"token {TOKEN}"),
        ("github", "Authorization", f"Bearer {TOKEN}"),
        ("gitlab", "PRIVATE-TOKEN", TOKEN),
    ],
)
def test_the_token_goes_along(server: ForgeServer, kind: str, header: str, value: str) -> None:
    open_forge(server, kind).find_pull("team", "topic", "a" * 40)
    assert server.requests[0].headers[header] == value


@pytest.mark.parametrize("kind", KINDS)
def test_names_in_a_path_are_quoted(server: ForgeServer, kind: str) -> None:
    forge = open_forge(server, kind)
    forge.open_pull("a/b?c#d&e", "main", "title", "")
    forge.open_pull("a/b?c#d&e", "main", "title", "")
    assert [pull["head"]["ref"] for pull in server.pulls] == ["a/b?c#d&e"]


def test_no_redirect_is_followed_with_the_token(server: ForgeServer) -> None:
    elsewhere = {"Location": f"{server.address}/elsewhere"}
    server.lies["GET", "/pulls"] = Reply(status=302, headers=elsewhere)
    with pytest.raises(TransferError, match="answers 302 to GET"):
        open_forge(server, "github").find_pull("team", "topic", "a" * 40)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"<html>Log in</html>"),
        Reply(body=b"[" * 100_000),
        Reply(body=b"[" + b" " * (8 << 20) + b"]"),
        Reply(body=gzip.compress(b"[]"), headers={"Content-Encoding": "gzip"}),
        Reply(body=b'{"no": "list"}'),
        Reply(body=b"[1]"),
        Reply(body=b'[{"head": {"sha": 1}}]'),
    ],
    ids=["page", "deep", "large", "compressed", "object", "number", "type"],
)
def test_an_answer_that_is_none_is_refused(server: ForgeServer, reply: Reply) -> None:
    server.lies["GET", "/pulls"] = reply
    with pytest.raises(TransferError, match=f"GitHub at {server.address[7:]} gave"):
        open_forge(server, "github").find_pull("team", "topic", "a" * 40)


def test_a_refusal_says_what_where_and_next(server: ForgeServer) -> None:
    body = json.dumps({"message": "Resource not accessible by integration"}).encode()
    server.lies["POST", "/dispatches"] = Reply(status=403, body=body)
    with pytest.raises(TransferError) as caught:
        open_forge(server, "github").dispatch("gitreg.yml", "main", {})
    path = "/repos/team/models/actions/workflows/gitreg.yml/dispatches"
    assert caught.value.what == f"GitHub at {server.address[7:]} answers 403 to POST {path}"
    assert caught.value.said == ("Resource not accessible by integration",)
    step = "give GITHUB_TOKEN the right to this repository, or a new token"
    assert caught.value.next_step == step
    assert TOKEN not in str(caught.value)


def test_a_forge_that_is_away_is_named(server: ForgeServer) -> None:
    environ = server.actions() | {"GITHUB_API_URL": "http://127.0.0.1:9"}
    forge = find_own_forge(environ)
    assert forge is not None
    with pytest.raises(TransferError, match=r"GitHub at 127\.0\.0\.1:9 could not be reached"):
        forge.find_pull("team", "topic", "a" * 40)


def test_a_token_goes_nowhere_unencrypted(server: ForgeServer) -> None:
    for address in (
        "http://github.example.com",
        "ftp://x",
        "https://",
        "https://me:pw@x",
        "http://[",
    ):
        with pytest.raises(SetupError, match="GITHUB_TOKEN does not go to"):
            find_own_forge(server.actions() | {"GITHUB_API_URL": address})


def test_outside_of_a_forges_ci_there_is_no_own_forge(server: ForgeServer) -> None:
    assert find_own_forge({}) is None
    assert find_own_forge(server.actions() | {"GITHUB_TOKEN": ""}) is None
    assert find_own_forge(server.actions() | {"GITHUB_REPOSITORY": ""}) is None


def test_the_forge_of_a_remote_is_asked(server: ForgeServer) -> None:
    forge = find_forge(f"{server.address}/team/models.git", server.actions())
    assert forge is not None
    assert forge.find_pull("team", "topic", "a" * 40) is None
    assert server.requests[0].path == "/repos/team/models/pulls"


def test_a_page_to_open_a_pull_request_on() -> None:
    cases = {
        "git@github.com:team/models.git": "https://github.com/team/models/compare/main...a/b%20c?expand=1",
        "https://codeberg.org/team/models": "https://codeberg.org/team/models/compare/main...a/b%20c",
        "ssh://git@gitlab.example.org:2222/a/b/c.git": "https://gitlab.example.org/a/b/c/-/"
        "merge_requests/new?merge_request%5Bsource_branch%5D=a%2Fb+c"
        "&merge_request%5Btarget_branch%5D=main",
        "/srv/git/models.git": None,
        "https://git.example.org/team/models.git": None,
    }
    assert {url: compare_link(url, "a/b c", "main") for url in cases} == cases
