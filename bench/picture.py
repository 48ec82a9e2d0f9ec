"""The comparisons as one picture."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullLocator

from bench.measure import Row, times_of

# Okabe and Ito's colours, which colour-blind people tell apart.
COLOURS = {
    "pgbench": "#0072B2",
    "asyncpg": "#56B4E9",
    "Starlette": "#E69F00",
    "no limits": "#009E73",
}
FLOORS = {
    "asyncpg": "floor: the same SQL over asyncpg",
    "pgbench": "the same SQL from pgbench",
    "Starlette": "bare Starlette",
    "no limits": "the same API without limits",
}
DARK = "#333333"
BAR = "#D55E00"
FLOOR = 1.0
ROOM_FOR_LABELS = 2.0
SIGN = "\N{MULTIPLICATION SIGN}"


def draw(rows: Sequence[Row], path: Path) -> None:
    """A bar for each row, as long as what GraphQL takes when its floor takes 1."""
    # With a salt of our own and no date, the same figures give the same file.
    with mpl.rc_context({"svg.hashsalt": "mccs", "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(9, 0.4 * len(rows) + 1.6), layout="constrained")
        axes = figure.add_subplot()
        _draw_bars(axes, rows)
        _name_everything(figure, axes, rows)
        figure.savefig(path, metadata={"Date": None, "Creator": None})


def _draw_bars(axes: Axes, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        axes.barh(place, row.times - FLOOR, left=FLOOR, color=COLOURS[row.floor_name])
        axes.plot([row.times_min, row.times_max], [place, place], color=DARK, linewidth=1.2)
        label = f"  {times_of(row)}{SIGN}" if row.bar is None else f"  {times_of(row)}"
        if row.bar is not None:
            axes.plot([row.bar] * 2, [place - 0.4, place + 0.4], color=BAR, linewidth=2)
        axes.text(row.times_max, place, label, va="center", weight="bold", color=DARK)
    axes.set_xscale("log")
    axes.set_xlim(FLOOR, ROOM_FOR_LABELS * max(row.times_max for row in rows))
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(lambda value, _place: f"{value:g}{SIGN}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(axis="x", color="#dddddd")
    axes.set_axisbelow(True)
    axes.invert_yaxis()


def _name_everything(figure: Figure, axes: Axes, rows: Sequence[Row]) -> None:
    axes.set_yticks(range(len(rows)), [row.what for row in rows])
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel(
        f"times as long as the floor, which is 1{SIGN}; thin lines: least to most; red: the bar"
    )
    axes.set_title("GraphQL, and the least that the same work takes", loc="left", weight="bold")
    used = dict.fromkeys(row.floor_name for row in rows)
    handles = [Patch(color=COLOURS[name], label=FLOORS[name]) for name in used]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(used), frameon=False)
