"""How time and memory grow with the size of a registry: exponents, and a picture of them."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from measuring import Taken

# By shape and command, what was taken at each size.
Found = Mapping[tuple[str, str], Mapping[int, Taken]]
_COLD = ", cold"
_MARKERS = "osd^vP*"
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
    """Draw time and memory against size, both logarithmic, for each shape; needs `gitreg[plot]`.

    A command has one colour, and is dashed where it began without an index; floors are silver.
    """
    from matplotlib.figure import Figure

    shapes = list(dict.fromkeys(shape for shape, _ in found))
    styles = _choose_styles(list(dict.fromkeys(name for _, name in found)))
    figure = Figure(figsize=(max(9, 6 * len(shapes)), 10), layout="constrained")
    grid = figure.subplots(2, len(shapes), squeeze=False, sharex=True, sharey="row")
    for column, shape in enumerate(shapes):
        for axes, what in zip(grid[:, column], ("seconds", "mib"), strict=True):
            for name, style in styles.items():
                taken = found.get((shape, name), {})
                values = [getattr(item, what) for item in taken.values()]
                axes.plot(taken.keys(), values, label=name, markersize=5, **style)
            axes.set(xscale="log", yscale="log")
            axes.grid(visible=True, which="both", alpha=0.2)
        grid[0, column].set_title(shape)
        grid[1, column].set_xlabel("versions")
    grid[0, 0].set_ylabel("seconds")
    grid[1, 0].set_ylabel("memory, MiB")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize="small")
    figure.savefig(file)


def _choose_styles(names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return how each command's line is drawn."""
    warm = [name.removesuffix(_COLD) for name in names]
    ours = list(dict.fromkeys(name for name in warm if name.startswith("gitreg")))
    styles = {}
    for name, own in zip(names, warm, strict=True):
        is_ours, is_peer = own in ours, own.startswith("gto")
        others = [other for other in names if other.startswith("gto") == is_peer]
        number = ours.index(own) if is_ours else others.index(name)
        styles[name] = {
            "color": f"C{number}" if is_ours else "black" if is_peer else "silver",
            "linestyle": "--" if name.endswith(_COLD) else "-" if is_ours or is_peer else ":",
            "marker": _MARKERS[number % len(_MARKERS)],
        }
    return styles
