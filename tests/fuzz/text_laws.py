"""The laws of single lines: words on the command line, addresses, what hooks and terminals see."""

from __future__ import annotations

import contextlib
import io
import re
from contextlib import closing
from decimal import Decimal
from html.parser import HTMLParser

from gitreg.artifacts.address import open_address
from gitreg.cli import output
from gitreg.domain.checkpoint import Checkpoint, parse_root
from gitreg.domain.finding import Finding
from gitreg.domain.moment import read_time
from gitreg.domain.printable import clean
from gitreg.domain.push import read_received, read_sent
from gitreg.domain.query.parser import LONGEST, parse
from gitreg.domain.reference import Reference
from gitreg.domain.scope import Scope
from gitreg.domain.tag import owner_of, parse_tag
from gitreg.domain.version import Version
from gitreg.errors import UsageError
from gitreg.git.remote import check_url, is_url
from gitreg.index.search import search
from gitreg.site.page import element, join, preformatted, quoted, table
from tests.documents_to_find import document
from tests.indexes import index_of

_SOURCE = (
    "",
    index_of([document(metrics__a=[Decimal("0.9")], tag__a=["x", True], texts=["Species"])]),
)
_SEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def check_words(data: bytes) -> None:
    """References, tags, versions, checkpoints: what is read is what was written."""
    text = data.decode()
    accepted = False
    tag = parse_tag(text)
    if tag is not None:
        assert str(tag) == text
        assert owner_of(text) == tag.model
    for read in (Version.parse, Reference.parse, Checkpoint.parse):
        with contextlib.suppress(UsageError):
            assert str(read(text)) in (text, text.replace("@v", "@", 1))
            accepted = True
    with contextlib.suppress(UsageError):
        assert f"sha256:{parse_root(text)}" == text
        accepted = True
    with contextlib.suppress(UsageError):
        day = read_time(text, field="--since")
        assert day <= read_time(text, field="--until", is_end=True)
        Scope.parse(model="*", since=text, until=text).to_dict()
        accepted = True
    if not accepted and tag is None:
        raise UsageError(text[:100])


def check_query(data: bytes) -> None:
    """A query is read as it is written; what is wrong with it is pointed at."""
    query = parse(data.decode())
    written = str(query)
    if len(written) <= LONGEST:
        assert parse(written) == query
    search([_SOURCE], query).to_csv()


def check_address(data: bytes) -> None:
    """No address is an option for Git, or has it run a program."""
    text = data.decode()
    is_url(text)
    url = check_url(text)
    assert not url.startswith("-")
    assert "::" not in url.partition("/")[0]


def check_location(data: bytes) -> None:
    """An address of a data set that a repository names has a host, a file, and no secret."""
    text = data.decode()
    with closing(open_address(text, own=False)):
        scheme, _, rest = text.partition("://")
        host = rest.partition("/")[0]
        assert scheme.lower() in {"http", "https", "s3", "ssh"}
        assert not host.startswith("-")
        assert scheme.lower() == "ssh" or "@" not in host
        assert not set("?#\\ \n") & set(text)
        assert text.rpartition("/")[2] not in {"", ".", ".."}


def check_push(data: bytes) -> None:
    """What Git tells a hook is read as it is told, whatever bytes a name has."""
    text = data.decode("utf-8", "surrogateescape")
    lines = text.removesuffix("\n").split("\n") if text else []
    for read in (read_received, read_sent):
        with contextlib.suppress(UsageError):
            updates = read(text)
            assert len(updates) == len(lines)
            assert all(update.ref in line for update, line in zip(updates, lines, strict=True))


class _Elements(HTMLParser):
    """The elements and attributes of a page, whatever they hold."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, [name for name, _ in attrs if name != "class"]))


def _markup_of(text: str) -> str:
    return join(
        element("title", text),
        element("p", text, title=text),
        preformatted(text),
        table(text, [text], [[text, text]]),
        quoted(text),
    )


_ELEMENTS = _Elements(_markup_of("text")).found


def check_page(data: bytes) -> None:
    """Nothing that others wrote becomes part of a page's markup."""
    shown = _markup_of(data.decode("utf-8", "surrogateescape"))
    assert _Elements(shown).found == _ELEMENTS
    assert not _SEEN.search(shown.replace("\t", ""))
    shown.encode()


def check_output(data: bytes) -> None:
    """Nothing that others wrote moves a terminal's cursor, or turns its text around."""
    text = data.decode("utf-8", "surrogateescape")
    assert clean(clean(text)) == clean(text)
    shown = io.BytesIO()
    stream = io.TextIOWrapper(shown, encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        output.print_line(text)
        output.tell(text)
        output.print_fields([("name", text)])
        output.print_table(["one", "two"], [[text, None], ["x", output.short(text)]])
        finding = Finding(severity="error", code="x", where=text, what=text, next_step=text)
        output.print_findings([finding])
        output.print_error(text, said=[text], shown=[text], next_step=text)
    assert not _SEEN.search(shown.getvalue().decode())
