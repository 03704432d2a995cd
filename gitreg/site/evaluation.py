"""The evaluation report: a page for people, and Markdown for pull requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitreg.site.markdown import inert, markdown_table
from gitreg.site.page import Html, code, element, facts, page, quoted, table
from gitreg.site.plot import line_plot

Report = Mapping[str, Any]

_MOST_CLASSES = 30
_LARGE = 10_000
_CURVES = {
    "roc": ("ROC", "false positive rate", "true positive rate", True),
    "precision_recall": ("Precision and recall", "recall", "precision", False),
    "calibration": ("Calibration", "mean predicted", "share of positives", True),
}


def render_report(report: Report, notes: Sequence[str] = ()) -> str:
    """Return a `report.json` of `gitreg evaluate` as HTML. The same report gives the same bytes."""
    title = f"Evaluation of {report['model']} {report['version']}"
    return page(
        title,
        element("h1", title),
        _facts(report),
        *(element("div", element("p", note), class_="warning") for note in notes),
        element("h2", "Metrics"),
        table("On all rows", *metric_table(report)),
        *_undefined(report),
        *_curves(report),
        *_confusion(report),
        *_slices(report),
        element("h2", "Measured with"),
        facts((name, _plain(value)) for name, value in report["extra"]["environment"].items()),
    )


def render_markdown(report: Report, notes: Sequence[str] = ()) -> str:
    """Return a report as Markdown; nothing in it, names of groups included, is markup or a link."""
    data, champion = report["data"], report.get("champion")
    lines = [f"### {inert(report['model'])} {inert(report['version'])}", ""]
    lines.append(
        f"Measured on {report['extra']['rows']} rows of {inert(data.get('name', 'the data'))} "
        f"(sha256 `{data['sha256'][:16]}`), "
        + (f"beside the champion {inert(champion['version'])}." if champion else "no champion.")
    )
    lines += ["", *(f"> **Note** {inert(note)}" for note in notes), ""]
    lines += markdown_table(*metric_table(report))
    for name, columns, rows in slice_tables(report):
        lines += ["", f"#### {inert(name)}", "", *markdown_table(columns, rows)]
    return "\n".join(lines) + "\n"


def metric_table(report: Report) -> tuple[list[str], list[list[str]]]:
    """Return columns and rows: each metric, its interval, the champion's and the change."""
    champion, extra = report.get("champion"), report["extra"]
    columns = ["metric", report["version"], f"{100 * extra['resampling']['level']:g} %", "unit"]
    if champion:
        columns += [champion["version"], "change"]
    rows = []
    for name, figure in report["metrics"].items():
        row = [name, show(figure), show_interval(figure), figure.get("unit", "")]
        if champion:
            change = extra["changes"].get(name)
            row += [show(champion["metrics"].get(name)), show(change, sign=True)]
        rows.append(row)
    return columns, rows


def slice_tables(report: Report) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Yield two tables a slice, each with its name: the groups' metrics, and fairness."""
    level = f"{100 * report['extra']['resampling']['level']:g} %"
    for name, groups in report.get("slices", {}).items():
        metrics = list(dict.fromkeys(metric for found in groups.values() for metric in found))
        rows = [[group, *(show(found.get(m)) for m in metrics)] for group, found in groups.items()]
        yield name, [name, *metrics], rows
        fairness = report["extra"]["fairness"].get(name, {})
        gaps = [[key, show(figure), show_interval(figure)] for key, figure in fairness.items()]
        yield f"{name}: fairness", ["figure", "value", level], gaps


def show(figure: Mapping[str, Any] | None, *, sign: bool = False) -> str:
    """Return a figure's value to four digits, a large one whole, or nothing."""
    if figure is None or figure["value"] is None:
        return ""
    value, plus = figure["value"], "+" if sign else ""
    return f"{value:{plus},.0f}" if abs(value) >= _LARGE else f"{value:{plus}.4g}"


def show_interval(figure: Mapping[str, Any]) -> str:
    """Return the ends of a figure's interval, or nothing."""
    return f"{figure['low']:.4g} to {figure['high']:.4g}" if "low" in figure else ""


def _facts(report: Report) -> Html:
    champion, extra = report.get("champion"), report["extra"]
    return facts(
        [
            ("Data", f"{report['data'].get('name', '')}, {extra['rows']} rows"),
            ("sha256", code(report["data"]["sha256"])),
            ("Task", extra["task"]["kind"]),
            ("Champion", champion["version"] if champion else "none"),
        ]
    )


def _undefined(report: Report) -> Iterator[Html]:
    for name, reason in report["extra"]["undefined"].items():
        yield element("p", f"{name} is not defined: {reason}.", class_="soft")


def _curves(report: Report) -> Iterator[Html]:
    drawn = []
    for name, curve in report["extra"]["curves"].items():
        if name in _CURVES:
            title, across, up, diagonal = _CURVES[name]
            drawn.append(line_plot(title, across, up, curve["points"], diagonal=diagonal))
    if drawn:
        yield element("h2", "Curves")
        yield element("div", *drawn, class_="plots")


def _confusion(report: Report) -> Iterator[Html]:
    extra = report["extra"]
    classes, counts = [str(name) for name in extra["task"]["classes"]], extra["confusion"]
    if counts is None or not 0 < len(classes) <= _MOST_CLASSES:
        return
    yield element("h2", "Confusion")
    rows = [
        [quoted(name), *(f"{n:g}" for n in row)] for name, row in zip(classes, counts, strict=True)
    ]
    yield table("True class by row, predicted class by column", ["", *map(quoted, classes)], rows)


def _slices(report: Report) -> Iterator[Html]:
    tables = list(slice_tables(report))
    if tables:
        yield element("h2", "Slices")
    for name, columns, rows in tables:
        yield table(name, columns, ([quoted(row[0]), *row[1:]] for row in rows))


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {part}" for name, part in value.items())
    return str(value)
