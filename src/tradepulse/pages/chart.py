"""A chart that fits any width: a drawing that stretches, and labels that do not.

The drawing is an SVG of 1000 by 1000 units laid over the plot; strokes keep their width while it
stretches. Words are HTML placed by percentages, so they have the page's size on a phone as well.
One viewBox with text inside would shrink its letters to a third there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import Floats
from tradepulse.pages.markup import Html, join, tag
from tradepulse.pages.ticks import Tick

_UNITS = 1000.0
Values = npt.ArrayLike


class Scale(NamedTuple):
    """The values at both ends of an axis."""

    low: float
    high: float

    def share(self, value: float) -> float:
        """Where `value` lies between the ends: 0 at the low one, 1 at the high one."""
        return (value - self.low) / (self.high - self.low)

    def shares(self, values: Values) -> Floats:
        return (np.asarray(values, dtype=np.float64) - self.low) / (self.high - self.low)


def scale_over(values: Iterable[Values], *, room: float = 0.04, zero: bool = False) -> Scale:
    """A scale that holds all finite values with some room at both ends; with `zero` also 0."""
    parts = [np.asarray(v, dtype=np.float64).ravel() for v in values]
    every = np.concatenate([*parts, [0.0]] if zero else parts)
    every = every[np.isfinite(every)]
    if len(every) == 0:
        return Scale(0.0, 1.0)
    low, high = float(every.min()), float(every.max())
    span = high - low or abs(high) or 1.0
    return Scale(low - room * span, high + room * span)


class Frame(NamedTuple):
    """The two scales of a chart."""

    x: Scale
    y: Scale

    def points(self, xs: Values, ys: Values) -> tuple[Floats, Floats]:
        return _UNITS * self.x.shares(xs), _UNITS * (1.0 - self.y.shares(ys))


def chart(
    frame: Frame,
    label: str,
    marks: Iterable[Html],
    *,
    height: int = 240,
    x_ticks: Sequence[Tick] = (),
    y_ticks: Sequence[Tick] = (),
    over: Iterable[Html] = (),
    caption: str = "",
) -> Html:
    """The chart; `label` says in a sentence what is seen, `over` is HTML placed on the plot.

    Narrow windows drop every other word below the x axis.
    """
    # Words centred on the very edge would stand outside the page.
    across = [tick for tick in x_ticks if 0.01 <= frame.x.share(tick.at) <= 0.98]
    up = [tick for tick in y_ticks if 0 <= frame.y.share(tick.at) <= 1]
    grid = [_grid(0, frame, tick.at) for tick in up]
    svg = tag(
        "svg", *grid, *marks, viewBox="0 0 1000 1000", preserveAspectRatio="none",
        aria_hidden="true",
    )  # fmt: skip
    words = [
        tag("span", t.text, class_="y", style=f"top:{_percent(1 - frame.y.share(t.at))}")
        for t in up
    ]
    words += [
        tag(
            "span", t.text, class_="x odd" if k % 2 else "x",
            style=f"left:{_percent(frame.x.share(t.at))}",
        )
        for k, t in enumerate(across)
    ]  # fmt: skip
    plot = tag("div", svg, *words, *over, class_="plot", style=f"height:{height}px")
    below = tag("figcaption", caption) if caption else None
    return tag("figure", plot, below, class_="chart", role="img", aria_label=label)


def _percent(share: float) -> str:
    return f"{100 * share:.2f}%"


def _grid(low: float, frame: Frame, value: float) -> Html:
    y = _UNITS * (1 - frame.y.share(value))
    kind = "axis" if value == low else "grid"
    return Html(f'<path class="{kind}" d="M0 {y:.1f}H1000"/>')


def line(frame: Frame, xs: Values, ys: Values, class_: str) -> Html:
    """A line through the points; it breaks where a value is missing."""
    return Html(f'<path class="ln {class_}" d="{_path(*frame.points(xs, ys))}"/>')


def area(frame: Frame, xs: Values, ys: Values, floor: float, class_: str) -> Html:
    """The area between the points and `floor`, with its edge drawn."""
    across, down = frame.points(xs, ys)
    if len(across) == 0:
        return Html("")
    ground = _UNITS * (1 - frame.y.share(floor))
    outline = _path(across, down)
    closed = f"{outline}L{across[-1]:.1f} {ground:.1f}L{across[0]:.1f} {ground:.1f}Z"
    return Html(
        f'<path class="fill {class_}" d="{closed}"/><path class="ln {class_}" d="{outline}"/>'
    )


def _path(across: Floats, down: Floats) -> str:
    text, pen = [], "M"
    for x, y in zip(across, down, strict=True):
        if not (math.isfinite(x) and math.isfinite(y)):
            pen = "M"
            continue
        text.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    return "".join(text)


def column(
    frame: Frame, left: float, right: float, top: float, class_: str, hint: str, gap: float = 1.0
) -> Html:
    """A column from 0 to `top` over [left, right] on the x axis, `hint` shown on pointing at it."""
    x0, x1 = _UNITS * frame.x.share(left), _UNITS * frame.x.share(right)
    y0, y1 = sorted(_UNITS * (1 - frame.y.share(value)) for value in (0.0, top))
    wide = max(x1 - x0 - gap, 0.5)
    return Html(
        f'<rect class="{class_}" x="{x0 + gap / 2:.1f}" y="{y0:.1f}" width="{wide:.1f}" '
        f'height="{max(y1 - y0, 0.0):.1f}">{tag("title", hint)}</rect>'
    )


def dots(frame: Frame, xs: Values, ys: Values, class_: str) -> Html:
    """Dots of a constant size: lines without length, whose round (or square) ends are seen."""
    across, down = frame.points(xs, ys)
    path = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in zip(across, down, strict=True))
    return Html(f'<path class="dots {class_}" d="{path}"/>') if path else Html("")


def upright(frame: Frame, at: float, class_: str) -> Html:
    """A vertical line through the whole plot."""
    x = _UNITS * frame.x.share(at)
    return Html(f'<path class="{class_}" d="M{x:.1f} 0V1000"/>')


def shade(frame: Frame, left: float, right: float, class_: str) -> Html:
    """A vertical band between two values of the x axis."""
    x0, x1 = (_UNITS * min(max(frame.x.share(v), 0.0), 1.0) for v in (left, right))
    return Html(
        f'<rect class="{class_}" x="{x0:.1f}" y="0" width="{max(x1 - x0, 0):.1f}" height="1000"/>'
    )


def flag(
    frame: Frame, at: float, words: str, class_: str, row: int = 0, *, behind: bool = False
) -> Html:
    """Words beside a vertical line, on the side that has more room, or always `behind` it; `row`
    0 is the topmost."""
    share = min(max(frame.x.share(at), 0.0), 1.0)
    before = share > 0.5 and not behind
    side = f"right:{_percent(1 - share)}" if before else f"left:{_percent(share)}"
    return tag("span", words, class_=f"flag {class_}", style=f"{side};top:{row * 18}px")


def at_point(frame: Frame, x: float, y: float, content: Html, class_: str) -> Html:
    """HTML centred on a point of the plot."""
    left, top = _percent(frame.x.share(x)), _percent(1 - frame.y.share(y))
    return tag("span", content, class_=f"mark {class_}", style=f"left:{left};top:{top}")


def stacked(*charts: Html) -> Html:
    """Charts below one another on the same x axis."""
    return tag("div", join(charts), class_="stack")
