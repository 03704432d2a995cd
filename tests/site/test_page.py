from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from gitreg.site.page import code, element, facts, join, page, preformatted, quoted, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>&'\"", "&lt;b&gt;&amp;&#x27;&quot;"),
        ("a\u202eb", "a\\u202eb"),
        ("a\x1b[31mb\n", "a\\x1b[31mb\\n"),
        ("é 模", "é 模"),
    ],
)
def test_a_text_is_escaped_wherever_it_is_put(text: str, shown: str) -> None:
    assert element("td", text) == f"<td>{shown}</td>"
    assert join(text, code(text)) == f"{shown}<code>{shown}</code>"
    assert quoted(text) == f"<bdi>{shown}</bdi>"
    assert table(text, [text], [[text, text]]).count(shown) == 4
    assert facts([(text, text)]).count(shown) == 2


def test_an_attribute_cannot_be_left() -> None:
    assert element("a", "x", href='"><script>') == '<a href="&quot;&gt;&lt;script&gt;">x</a>'


def test_lines_of_a_file_stay_lines() -> None:
    shown = preformatted("a:\n\tb: <c>\r\n")
    assert "a:\n\tb: &lt;c&gt;\\r\n" in shown


def test_absent_facts_are_left_out() -> None:
    assert facts([("reason", None), ("tag", "")]) == "<dl></dl>\n"


def test_a_page_lets_a_browser_load_and_run_nothing() -> None:
    text = page("A <title>", element("p", "x"))
    policy = re.search('Content-Security-Policy" content="([^"]*)"', text)
    style = re.search("<style>(.*)</style>", text, re.DOTALL)
    assert policy is not None
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1].startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")
    assert "<title>A &lt;title&gt;</title>" in text
    assert not re.search(r"url\(|@import|https?:", style[1])


def test_a_page_is_well_formed() -> None:
    open_elements: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, _: object) -> None:
            if tag != "meta":
                open_elements.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_elements.pop() == tag

    Reader().feed(page("t", table("c", ["a"], [["b"]]), facts([("a", "b")]), preformatted("x")))
    assert open_elements == []
