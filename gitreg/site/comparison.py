"""Versions beside each other: tables for a terminal, Markdown for pull requests, a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from typing import Any

from gitreg.domain.comparison import Comparison, FieldRow
from gitreg.domain.interface import InterfaceChange
from gitreg.domain.metric import Change, Evidence, Figure, MetricRow, plain
from gitreg.domain.printable import shorten
from gitreg.site.chart import figure_chart
from gitreg.site.markdown import inert, markdown_table
from gitreg.site.page import Html, element, facts, page, quoted, table
from gitreg.value import Value, replace

_ORDER = ("parameters", "data", "code", "environment", "artifacts", "metadata", "stages")
_MOST_PLOTS = 24
_LONG = 200  # characters of a value in Markdown
_NOTHING = ("", "-")  # what stands for an absent value


class Sheet(Value):
    """One table of a comparison; its columns from `versions` on are one a version."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    versions: int | None = None

    def split(self, most: int) -> Iterator[Sheet]:
        """Yield tables with so many versions beside the first, for a narrow screen."""
        if self.versions is None:
            yield self
            return
        kept = self.versions + 1
        for start in range(kept, len(self.columns), most):
            places = [*range(kept), *range(start, min(start + most, len(self.columns)))]
            yield replace(
                self,
                columns=[self.columns[place] for place in places],
                rows=[[row[place] for place in places] for row in self.rows],
            )


def comparison_title(found: Comparison) -> str:
    """Return what is compared, in words."""
    first, *others = (f"{subject.model} {subject.version}" for subject in found.subjects)
    return f"{first} beside {', '.join(others)}"


def breaking_words(found: Comparison) -> str | None:
    """Say what callers would notice of the signatures; None where they are the same."""
    changes = [change for changes in found.interface for change in changes]
    if not changes:
        return None
    count = sum(change.breaking for change in changes)
    if not count:
        return "the signature changed, and nothing in it is breaking"
    return f"{count} breaking change{'s' if count > 1 else ''} of the signature"


def comparison_sheets(found: Comparison, *, limit: int | None = None) -> Iterator[Sheet]:
    """Yield a table for each section that has something to say.

    `limit` cuts values to so many characters, and leaves intervals to the verdicts.
    """
    if sheet := _interface_sheet(found, limit):
        yield sheet
    for evidence, rows in (("measured", found.measured), ("claimed", found.claimed)):
        if rows:
            yield _metric_sheet(found, evidence, rows, brief=limit is not None)
    for name in _ORDER:
        if rows_of := found.sections[name]:
            show = _show_artifact if name == "artifacts" else _show_field
            cells = [[row.path, *show(row, limit)] for row in rows_of]
            yield Sheet(title=name, columns=["field", *found.labels], rows=cells, versions=1)


def render_comparison(found: Comparison) -> str:
    """Return a comparison as HTML. The same comparison gives the same bytes."""
    title = comparison_title(found)
    words = breaking_words(found)
    return page(
        title,
        element("h1", title),
        facts(
            (label, f"{subject.reference}, record {subject.record}")
            for label, subject in zip(found.labels, found.subjects, strict=True)
        ),
        *_warning(words, found),
        *_plots(found),
        *(part for sheet in comparison_sheets(found) for part in _table(sheet, found.labels[0])),
        *([] if found.differs else [element("p", "Nothing tells them apart.")]),
    )


def render_markdown(found: Comparison) -> str:
    """Return a comparison as Markdown; nothing in it that others wrote is markup or a link."""
    lines = [f"### {inert(comparison_title(found))}", ""]
    if words := breaking_words(found):
        lines += [f"> **{'Breaking' if found.is_breaking else 'Note'}** {inert(words)}", ""]
    if not found.differs:
        lines += ["Nothing tells them apart.", ""]
    for sheet in comparison_sheets(found, limit=_LONG):
        lines += [f"#### {inert(sheet.title.capitalize())}", ""]
        lines += [*markdown_table(sheet.columns, sheet.rows), ""]
    return "\n".join(lines)


def _warning(words: str | None, found: Comparison) -> Iterator[Html]:
    if words:
        kind = "warning" if found.is_breaking else "soft"
        yield element("div", element("p", words.capitalize() + "."), class_=kind)


def _table(sheet: Sheet, first: str) -> Iterator[Html]:
    yield element("h2", sheet.title.capitalize())
    rows = ([quoted(cell) for cell in row] for row in sheet.rows)
    yield table(f"Each beside {first}", sheet.columns, rows)


def _plots(found: Comparison) -> Iterator[Html]:
    named: dict[str, dict[Evidence, Sequence[Figure | None]]] = {}
    for row in found.claimed:
        named.setdefault(row.name, {})["claimed"] = row.figures
    for row in found.measured:
        named.setdefault(row.name, {})["measured"] = row.figures
    drawn = [
        figure_chart(name, found.labels, series)
        for name, series in named.items()
        if any(sum(figure is not None for figure in figures) > 1 for figures in series.values())
    ]
    if drawn:
        yield element("h2", "Metrics")
        yield element("div", *drawn[:_MOST_PLOTS], class_="plots")


def _interface_sheet(found: Comparison, limit: int | None) -> Sheet | None:
    several = len(found.subjects) > 2
    rows = [
        [*([label] if several else []), *_interface_row(change, limit)]
        for label, changes in zip(found.labels, found.interface, strict=True)
        for change in changes
    ]
    columns = [*(["version"] if several else []), "breaking", "what", "before", "after", "why"]
    return Sheet(title="signature", columns=columns, rows=rows) if rows else None


def _interface_row(change: InterfaceChange, limit: int | None) -> list[str]:
    what = change.name if change.name.startswith("all ") else f"{change.side} {change.name}"
    before, after = _cut(_texts([change.before, change.after]), limit)
    return ["yes" if change.breaking else "no", f"{what} {change.kind}", before, after, change.why]


def _metric_sheet(
    found: Comparison, evidence: str, rows: Sequence[MetricRow], *, brief: bool
) -> Sheet:
    title = f"{evidence} metrics"
    data = {figure.data for row in rows for figure in row.figures if figure}
    if evidence == "measured" and len(data) == 1:
        title += f", on data {str(data.pop())[:16]}"
    show = _show_value if brief else _show_figure
    if len(found.subjects) > 2:
        cells = [_wide_row(row, show) for row in rows]
        columns = ["metric", "better", *found.labels]
        return Sheet(title=title, columns=columns, rows=cells, versions=2)
    columns = ["metric", "better", *found.labels, "change", "share", "verdict"]
    return Sheet(title=title, columns=columns, rows=[_pair_row(row, show) for row in rows])


def _pair_row(row: MetricRow, show: Callable[[Figure | None], str]) -> list[str]:
    change = row.changes[1]
    moved = [_signed(change), _share(change)] if change else ["", ""]
    return [_named(row), row.better or "", *map(show, row.figures), *moved, _verdict(row, 1)]


def _wide_row(row: MetricRow, show: Callable[[Figure | None], str]) -> list[str]:
    cells = [show(row.figures[0])]
    for place, figure in enumerate(row.figures[1:], start=1):
        change = row.changes[place]
        words = [show(figure), _signed(change) if change else "", _verdict(row, place)]
        cells.append(" ".join(filter(None, words)))
    return [_named(row), row.better or "", *cells]


def _named(row: MetricRow) -> str:
    return f"{row.name} ({row.unit})" if row.unit else row.name


def _show_value(figure: Figure | None) -> str:
    return shorten(figure.value) if figure else ""


def _show_figure(figure: Figure | None) -> str:
    if figure is None or figure.interval is None:
        return _show_value(figure)
    low, high = map(shorten, figure.interval)
    return f"{shorten(figure.value)} ({low} to {high})"


def _signed(change: Change) -> str:
    return ("+" if change.absolute > 0 else "") + shorten(change.absolute)


def _share(change: Change) -> str:
    share = None if change.relative is None else plain(100 * change.relative)
    return "" if share is None else f"{share:+.3g} %"


def _verdict(row: MetricRow, place: int) -> str:
    change = row.changes[place]
    if change is None:
        return "absent" if row.figures[0] else "not in the first" if row.figures[place] else ""
    if change.verdict == "unknown":
        return change.why or ""
    words = {None: "", True: ", intervals apart", False: ", intervals overlap"}
    return change.verdict + words[change.apart]


def _show_field(row: FieldRow, limit: int | None) -> list[str]:
    return _cut(_texts(row.values), limit)


def _show_artifact(row: FieldRow, limit: int | None) -> list[str]:
    if row.path.endswith(": size"):
        return [_size(value, row.values[0]) for value in row.values]
    return _show_field(row, limit)


def _size(value: int | None, first: int | None) -> str:
    if value is None:
        return ""
    share = f" ({100 * (value - first) / first:+.3g} %)" if first and value != first else ""
    return f"{value:,} bytes{share}"


def _texts(values: Sequence[Any]) -> list[str]:
    """Return values as texts, of which no two are the same that are not; absent ones are empty."""
    bare = all(value is None or isinstance(value, str) for value in values)
    if bare and not any(value in _NOTHING for value in values):
        return [value or "" for value in values]
    return ["" if value is None else json.dumps(value, ensure_ascii=False) for value in values]


def _cut(texts: Sequence[str], limit: int | None) -> list[str]:
    """Cut long texts, from where they begin to differ, or else where one does from the first."""
    if limit is None or all(len(text) <= limit for text in texts):
        return list(texts)
    start = _start(texts, limit)
    parts = [_part(text, start, limit) for text in texts]
    first, *others = texts
    for place, text in enumerate(others, start=1):
        if text != first and parts[place] == parts[0]:
            parts[place] = _part(text, _start([first, text], limit), limit)
    return parts


def _start(texts: Sequence[str], limit: int) -> int:
    letters = zip(*filter(None, texts), strict=False)
    shared = sum(1 for _ in takewhile(lambda found: len(set(found)) == 1, letters))
    return shared - limit // 4 if shared > limit // 2 else 0


def _part(text: str, start: int, limit: int) -> str:
    part = ("…" if start and text else "") + text[start:]
    return part if len(part) <= limit else part[: limit - 1] + "…"
