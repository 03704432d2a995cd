"""The one style sheet of all pages: light, dark, and black on white for paper."""

STYLE = """
:root {
  color-scheme: light dark;
  --ink: #1b1f24; --soft: #57606a; --paper: #ffffff; --tint: #f3f5f7; --line: #d0d7de;
  --link: #0550ae; --good: #116329; --bad: #a40e26; --warn-ink: #5c3d00; --warn: #fff4d6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6edf3; --soft: #a6b0bb; --paper: #0d1117; --tint: #171c24; --line: #3a424c;
    --link: #79b8ff; --good: #56d364; --bad: #ff8a80; --warn-ink: #ffd97a; --warn: #2e2510;
  }
}
* { box-sizing: border-box; }
html { font: 16px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
body { margin: 0; background: var(--paper); color: var(--ink); }
main { max-width: 64rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1, h2, h3, h4 { line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; }
h2 { font-size: 1.3rem; margin-top: 2.5rem; padding-bottom: .3rem; border-bottom: 2px solid; }
h3 { font-size: 1.1rem; margin-top: 2rem; }
h4 { font-size: 1rem; margin-top: .8rem; }
p { margin: .6rem 0; max-width: 46rem; }
a { color: var(--link); }
a:focus-visible, pre:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code, pre {
  font: .875em/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
}
code, bdi { overflow-wrap: anywhere; }
pre {
  margin: .6rem 0; padding: .7rem .9rem; background: var(--tint); border: 1px solid var(--line);
  border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere;
}
dl { margin: .6rem 0; }
dl > div {
  display: grid; grid-template-columns: 10.5rem minmax(0, 1fr); gap: 1rem; padding: .22rem 0;
}
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; margin: 1rem 0; border-collapse: collapse; font-size: .92rem; }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem; }
th, td {
  text-align: left; vertical-align: top; padding: .38rem .9rem .38rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: break-word;
}
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 600; border-bottom: 2px solid var(--line); }
tbody th { font-weight: 600; }
ul { margin: .4rem 0; padding-left: 1.2rem; }
.soft { color: var(--soft); }
.record { color: var(--soft); white-space: nowrap; }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
.warning {
  margin: .6rem 0; padding: .6rem .9rem; background: var(--warn); color: var(--warn-ink);
  border-left: 4px solid currentColor; border-radius: 2px;
}
.warning p { margin: 0; }
.plots { display: flex; flex-wrap: wrap; gap: 1.5rem; }
.plot { width: 17.25rem; font-size: 10px; fill: var(--soft); break-inside: avoid; }
.plot .frame { fill: none; stroke: var(--line); }
.plot .line { fill: none; stroke: var(--link); stroke-width: 2; }
.plot .measured { fill: var(--link); stroke: var(--link); }
.plot .claimed { fill: none; stroke: var(--soft); }
.plot .interval { fill: none; stroke: var(--link); opacity: .5; }
.plot .guide { fill: none; stroke: var(--line); stroke-dasharray: 2 3; }
@media (max-width: 40rem) {
  dl > div { grid-template-columns: 1fr; gap: 0; }
  table { font-size: .8rem; }
  th, td { padding-right: .5rem; overflow-wrap: anywhere; }
}
@page {
  size: A4; margin: 18mm 16mm 20mm;
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #555; }
}
@media print {
  :root {
    color-scheme: light;
    --ink: #000000; --soft: #444444; --paper: #ffffff; --tint: #f5f5f5; --line: #bbbbbb;
    --link: #000000; --good: #0b4f20; --bad: #8a0a1e; --warn-ink: #3d2900; --warn: #ffffff;
  }
  html { font-size: 9.5pt; }
  main { max-width: none; padding: 0; }
  a { text-decoration: none; }
  h1, h2, h3, h4, caption, thead { break-after: avoid; }
  thead { display: table-header-group; }
  tr, dl, .short, .warning, p { break-inside: avoid; }
  .sheet { break-before: page; }
  pre { border-radius: 0; }
  p, li { orphans: 3; widows: 3; }
  .warning { border: 1px solid; border-left-width: 4px; }
}
"""
