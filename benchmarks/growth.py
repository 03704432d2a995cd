"""How time and memory grow with the size of a registry: exponents, and a picture of them."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path

from measuring import Taken

# By shape and command, what was taken at each size.
Found = Mapping[tuple[str, str], Mapping[int, Taken]]
_HEADINGS = ("seconds", "exponent", "MiB", "exponent")


def fit_exponent(values: Mapping[int, float]) -> float:
    """Return the slope of the line through the logarithms of sizes and values, by least squares."""
    sizes = [math.log(size) for size in values]
    return statistics.linear_regression(sizes, [math.log(item) for item in values.values()]).slope


def tell_growth(found: Found) -> Iterator[str]:
    """Yield the lines of a Markdown table: each command at all its sizes, with its exponents."""
    yield f"| shape | command | versions | {' | '.join(_HEADINGS)} |"
    yield "|---|---|---|---|---|---|---|"
    for (shape, name), taken in found.items():
        if len(taken) < 2:
            continue
        seconds = {size: item.seconds for size, item in taken.items()}
        memory = {size: item.mib for size, item in taken.items()}
        cells = [
            " → ".join(f"{size:,}" for size in taken),
            " → ".join(f"{value:.3f}" for value in seconds.values()),
            f"{fit_exponent(seconds):.2f}",
            " → ".join(f"{value:.0f}" for value in memory.values()),
            f"{fit_exponent(memory):.2f}",
        ]
        yield f"| {shape} | `{name}` | {' | '.join(cells)} |"


def plot_growth(found: Found, file: Path) -> None:
    """Draw time and memory against size, both logarithmic, for each shape; needs `gitreg[plot]`."""
    from matplotlib.figure import Figure

    shapes = list(dict.fromkeys(shape for shape, _ in found))
    names = list(dict.fromkeys(name for _, name in found))
    figure = Figure(figsize=(6 * len(shapes), 9), layout="constrained")
    grid = figure.subplots(2, len(shapes), squeeze=False, sharex=True, sharey="row")
    for column, shape in enumerate(shapes):
        for row, what in enumerate(("seconds", "mib")):
            axes = grid[row][column]
            for number, name in enumerate(names):
                taken = found.get((shape, name), {})
                values = {size: getattr(item, what) for size, item in taken.items()}
                style = {"color": f"C{number % 10}", "marker": "osd^v"[number // 10 % 5]}
                axes.plot(values.keys(), values.values(), label=name, markersize=4, **style)
            axes.set(xscale="log", yscale="log", title=shape if row == 0 else None)
            axes.set_ylabel(
                {"seconds": "seconds", "mib": "memory, MiB"}[what] if not column else ""
            )
            axes.grid(visible=True, which="both", alpha=0.2)
        grid[1][column].set_xlabel("versions")
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize="small")
    figure.savefig(file)
