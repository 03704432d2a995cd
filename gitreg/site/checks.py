"""What `gitreg ci check` found, as Markdown for a pull request; nothing in it is markup.

What is given here fits the schema check.v1. It may come from a stranger's run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitreg.site.markdown import inert, markdown_table

LIMIT = 60_000  # characters: GitHub takes 65,536 in a comment
_BAR = 10  # blocks of a bar that means 1
_WORDS = {
    "done": "would be done",
    "there": "is done already",
    "waits": "waits",
    "refused": "would be refused",
}
_BINDS = (
    "This is what the pull request's own run found. What binds is judged again, and signed, "
    "after the merge."
)


def render_checks(
    checks: Sequence[Mapping[str, Any]],
    *,
    commit: str = "",
    page: str = "",
    unread: Sequence[str] = (),
    failed: bool = False,
) -> str:
    """Return Markdown of at most LIMIT characters; what does not fit is counted.

    `commit`, `page` (a URL) and `failed` are of the run, as the forge has it; `unread` names files
    that say nothing sensible.
    """
    refused = sum(not check["ok"] for check in checks) + len(unread)
    of = f" {commit[:12]}" if commit else ""
    verdict = "something would be refused" if refused else "nothing would be refused"
    if not checks and not unread:
        verdict = "it asks for nothing that the ledger lacks"
        verdict = "the check itself failed, and its log says why" if failed else verdict
    head = f"### gitreg: merging{inert(of)}: {verdict}"
    foot = _BINDS
    if page:
        foot += f" The pages with plots are among the artifacts of [the run]({_link(page)})."
    sections = ["\n".join(lines) for lines in _sections(checks, unread)]
    return "\n\n".join([head, *_fit(sections, LIMIT - len(head) - len(foot) - 200), foot]) + "\n"


def _fit(sections: Sequence[str], room: int) -> Iterator[str]:
    """Yield what fits, whole sections only."""
    for number, section in enumerate(sections):
        room -= len(section) + 2
        if room < 0:
            yield f"{len(sections) - number} more would not fit here: the run's log has them."
            return
        yield section


def _sections(checks: Sequence[Mapping[str, Any]], unread: Sequence[str]) -> Iterator[list[str]]:
    if unread:
        yield [f"- **error** {inert(name)}: this is no result of a check" for name in unread]
    for check in checks:
        for version in check["versions"]:
            yield list(_version(version))
        if check["findings"]:
            yield list(_findings(check["findings"]))
    policy = list(dict.fromkeys(line for check in checks for line in check.get("policy", ())))
    if policy:
        lines = [f"- {inert(line)}" for line in policy]
        yield ["#### The policy, once a root person signs it", "", *lines]


def _version(version: Mapping[str, Any]) -> Iterator[str]:
    yield f"#### {inert(version['model'])} {inert(version['version'])}"
    if version["outcomes"]:
        yield ""
        yield from markdown_table(["step", "verdict", "why", "next"], _steps(version["outcomes"]))
    if version.get("checks"):
        rows = [
            [item["name"], item["verdict"], "; ".join(item["seen"])] for item in version["checks"]
        ]
        yield ""
        yield from markdown_table(["check", "verdict", "seen"], rows)
    for review in version["reviews"]:
        if review["gates"]:
            columns = [f"gate of {review['stage']}", "verdict", "found"]
            rows = [
                [gate["gate"], "holds" if gate["passed"] else "FAILS", gate["note"]]
                for gate in review["gates"]
            ]
            yield ""
            yield from markdown_table(columns, rows)
    if version["report"]:
        yield ""
        yield from _figures(version["report"], version["version"])
    if version["notes"] or version["findings"]:
        yield ""
    for note in version["notes"]:
        yield f"- **note** {inert(note)}"
    yield from _findings(version["findings"])


def _steps(outcomes: Sequence[Mapping[str, Any]]) -> Iterator[list[str]]:
    for item in outcomes:
        to = f" to {item['stage']}" if item.get("stage") else ""
        verdict = _WORDS[item["verdict"]]
        yield [f"{item['action']}{to}", verdict, item.get("what") or "", item.get("next") or ""]


def _findings(findings: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for item in findings:
        line = f"- **{item['severity']}** {inert(item['where'])}: {inert(item['what'])}"
        yield line + (f". Next: {inert(item['next'])}" if item.get("next") else "")


def _figures(report: Mapping[str, Any], version: str) -> Iterator[str]:
    champion = report.get("champion")
    yield f"Measured on {inert(report['data'].get('name', 'data'))}, sha256 " + (
        f"`{report['data']['sha256'][:16]}`" + (", beside the champion:" if champion else ":")
    )
    yield ""
    columns = ["metric", version, "", *([champion["version"], "", "change"] if champion else [])]
    rows = []
    for name, figure in report["metrics"].items():
        mine = _value(figure)
        bar = _no_bar if isinstance(figure, dict) and figure.get("unit") else _bar
        row = [name, _show(mine), bar(mine)]
        if champion:
            theirs = _value(champion["metrics"].get(name))
            change = None if mine is None or theirs is None else mine - theirs
            row += [_show(theirs), bar(theirs), _show(change, sign=True)]
        rows.append(row)
    yield from markdown_table(columns, rows)


def _value(figure: Any) -> float | None:
    value: float | None = figure["value"] if isinstance(figure, dict) else figure
    return value


def _show(value: float | None, *, sign: bool = False) -> str:
    return "" if value is None else f"{value:{'+' if sign else ''}.4g}"


def _no_bar(value: float | None) -> str:
    """Draw nothing of a figure with a unit: it has no end to its scale."""
    del value
    return ""


def _bar(value: float | None) -> str:
    """Draw a figure between 0 and 1; other figures have no scale."""
    if value is None or not 0 <= value <= 1:
        return ""
    full = round(value * _BAR)
    return "█" * full + "░" * (_BAR - full)


def _link(page: str) -> str:
    """Return a URL of the forge's own, with nothing in it that ends a Markdown link."""
    return "".join(letter if letter.isalnum() or letter in "/:.-_" else "" for letter in page)
