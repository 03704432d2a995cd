from __future__ import annotations

import pytest

from gitreg.forge.address import Place, parse_remote


@pytest.mark.parametrize(
    ("url", "host", "web", "path"),
    [
        ("https://github.com/team/models.git", "github.com", "https://github.com", "team/models"),
        ("https://GitHub.com/team/models/", "github.com", "https://github.com", "team/models"),
        ("https://me:pw@x.org:8443/a/b", "x.org", "https://x.org:8443", "a/b"),
        ("http://x.org:8080/a/b", "x.org", "https://x.org", "a/b"),
        ("http://127.0.0.1:80/a/b", "127.0.0.1", "http://127.0.0.1:80", "a/b"),
        ("git@github.com:team/models.git", "github.com", "https://github.com", "team/models"),
        ("github.com:team/models", "github.com", "https://github.com", "team/models"),
        ("ssh://git@x.org:2222/a/b/c.git", "x.org", "https://x.org", "a/b/c"),
        ("ssh://git@ssh.github.com:443/a/b.git", "github.com", "https://github.com", "a/b"),
    ],
)
def test_a_remote_names_a_place(url: str, host: str, web: str, path: str) -> None:
    assert parse_remote(url) == Place(host=host, web=web, path=path)


@pytest.mark.parametrize(
    "url",
    [
        *("/srv/models.git", "../models.git", "file:///srv/team/models.git", "ext::sh -c id"),
        *("https://x.org/models.git", "https://x.org/", "https:///a/b", "https://[/a/b"),
        *(
            "https://x.org:port/a/b",
            "https://x.org/a/../b",
            "https://x.org/a/b?c",
            "https://x.org/a//b",
        ),
        *("https://x.org/a/$(id)", "https://-x.org/a/b", "git@x.org:/srv/a/b", "https://x_y/a/b"),
    ],
)
def test_what_is_no_repository_on_a_forge_names_none(url: str) -> None:
    assert parse_remote(url) is None
