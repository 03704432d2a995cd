"""Building a page: elements that escape what they are given, and one document around them.

A text becomes markup here or nowhere: whatever is not already `Html` is escaped, control, bidi
and other invisible characters included.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable, Sequence

from gitreg.domain.printable import clean
from gitreg.site.style import STYLE

# A line break follows each of these, so that the source of a page can be read too.
_BLOCKS = {"caption", "div", "dl", "h1", "h2", "h3", "li", "p", "section", "table", "thead", "tr"}
_SHORT = 10  # lines or rows that stay on one sheet


class Html(str):
    """Text that is markup already; made by this room alone."""

    __slots__ = ()


def element(name: str, *content: str, **attributes: str) -> Html:
    """Return `<name attributes>content</name>`; `class_` loses its last `_`, others become `-`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escape(value)}"'
        for key, value in attributes.items()
    )
    end = "\n" if name in _BLOCKS else ""
    return Html(f"<{name}{written}>{join(*content)}</{name}>{end}")


def join(*content: str) -> Html:
    """Return the contents one after another, escaped unless they are `Html`."""
    return Html("".join(part if isinstance(part, Html) else _escape(part) for part in content))


def preformatted(text: str) -> Html:
    """Return lines as they are written; tabs and line breaks are kept, all else is escaped."""
    lines = ["\t".join(map(_escape, line.split("\t"))) for line in text.split("\n")]
    kept = ' class="short"' if len(lines) <= _SHORT else ""
    return Html(f'<pre tabindex="0"{kept}>{chr(10).join(lines)}</pre>\n')


def code(text: str) -> Html:
    """Return a name, a digest or a path, which may be broken anywhere."""
    return element("code", text)


def quoted(text: str) -> Html:
    """Return what somebody wrote, kept apart from the direction of the text around it."""
    return element("bdi", text)


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Html:
    """Return a table whose first column names its rows."""
    head = element("tr", *(element("th", column, scope="col") for column in columns))
    body = [
        element("tr", element("th", first, scope="row"), *(element("td", cell) for cell in others))
        for first, *others in rows
    ]
    return element(
        "table",
        element("caption", caption),
        element("thead", head),
        element("tbody", *body),
        **({"class_": "short"} if len(body) <= _SHORT else {}),
    )


def facts(pairs: Iterable[tuple[str, str | None]]) -> Html:
    """Return names and values below each other; absent values are left out."""
    lines = (
        element("div", element("dt", name), element("dd", value)) for name, value in pairs if value
    )
    return element("dl", *lines)


def page(title: str, *content: str) -> str:
    """Return a whole document. Its policy lets a browser load nothing and run nothing."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    allowed = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    head = Html(
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"{element('title', title)}\n<style>{STYLE}</style>\n"
    )
    body = element("main", *content)
    root = f'<html lang="en">\n<head>\n{head}</head>\n<body>\n{body}\n</body>\n</html>\n'
    return f"<!DOCTYPE html>\n{root}"


def _escape(text: str) -> str:
    return html.escape(clean(text), quote=True)
