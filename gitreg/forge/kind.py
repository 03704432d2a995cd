"""The kinds of forges: by which names they are known, and where their pages are."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlencode

from gitreg.forge.address import Place
from gitreg.value import Value


class Kind(Value):
    """What is known of a kind before anybody is asked.

    `api` makes the address of a host's REST interface; `own` names the variables in which its CI
    says its pages, its REST interface and the repository; `servers` those in which a user names
    another host than the `public` ones; `tokens` those that may hold a token.
    """

    title: str
    public: tuple[str, ...]
    servers: tuple[str, ...]
    own: tuple[str, str, str]
    tokens: tuple[str, ...]
    api: Callable[[str], str]
    compare: Callable[[Place, str, str], str]


def _compare(place: Place, branch: str, base: str) -> str:
    return f"{place.web}/{place.path}/compare/{quote(base)}...{quote(branch)}"


def _expand(place: Place, branch: str, base: str) -> str:
    return f"{_compare(place, branch, base)}?expand=1"


def _new_merge_request(place: Place, branch: str, base: str) -> str:
    names = {"source": branch, "target": base}
    query = urlencode({f"merge_request[{end}_branch]": name for end, name in names.items()})
    return f"{place.web}/{place.path}/-/merge_requests/new?{query}"


def _github_api(host: str) -> str:
    if host == "github.com" or host.endswith(".ghe.com"):
        return f"https://api.{host}"
    return f"https://{host}/api/v3"


KINDS = {
    "github": Kind(
        title="GitHub",
        public=("github.com",),
        servers=("GH_HOST", "GITHUB_SERVER_URL", "GITHUB_API_URL"),
        own=("GITHUB_SERVER_URL", "GITHUB_API_URL", "GITHUB_REPOSITORY"),
        tokens=("GH_TOKEN", "GITHUB_TOKEN"),
        api=_github_api,
        compare=_expand,
    ),
    "gitlab": Kind(
        title="GitLab",
        public=("gitlab.com",),
        servers=("GITLAB_HOST", "CI_SERVER_URL", "CI_API_V4_URL"),
        own=("CI_SERVER_URL", "CI_API_V4_URL", "CI_PROJECT_PATH"),
        tokens=("GITLAB_TOKEN", "CI_JOB_TOKEN"),
        api=lambda host: f"https://{host}/api/v4",
        compare=_new_merge_request,
    ),
    "gitea": Kind(
        title="Gitea",
        public=("codeberg.org", "gitea.com"),
        servers=("GITEA_SERVER_URL",),
        own=("GITHUB_SERVER_URL", "GITHUB_API_URL", "GITHUB_REPOSITORY"),
        tokens=("GITEA_TOKEN", "FORGEJO_TOKEN"),
        api=lambda host: f"https://{host}/api/v1",
        compare=_compare,
    ),
}
_WORDS = {"codeberg": "gitea", "forgejo": "gitea", "gitea": "gitea"} | {
    name: name for name in ("github", "gitlab")
}


def kind_of(host: str) -> str | None:
    """Guess the kind of a host by its name: good for a link, never for where a token goes."""
    if host.endswith(".ghe.com"):
        return "github"
    for name, kind in KINDS.items():
        if host in kind.public:
            return name
    return next((_WORDS[label] for label in host.split(".") if label in _WORDS), None)
