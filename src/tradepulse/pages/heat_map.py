"""A surface seen from above: one hue by size, losses in their own colour with a bar on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tradepulse.domain.bars import Floats
from tradepulse.pages import figures as f
from tradepulse.pages.chart import Frame, Scale, at_point, chart
from tradepulse.pages.icons import icon
from tradepulse.pages.markup import NOTHING, Html, tag
from tradepulse.pages.ticks import Tick

_WORDS_ACROSS, _WORDS_UP = 8, 10
_FAINTEST = 0.07


class Place(NamedTuple):
    """A cell by column and row, counted from the lower left."""

    column: int
    row: int


class Block(NamedTuple):
    """A rectangle of cells, both ends included."""

    left: int
    right: int
    bottom: int
    top: int


def heat_map(
    across: Sequence[str], up: Sequence[str], values: Floats, hints: Sequence[Sequence[str]],
    label: str, *, chosen: Place | None = None, best: Place | None = None,
    plateau: Block | None = None, caption: str = "",
) -> Html:  # fmt: skip
    """`values[row, column]` with the first row at the bottom; NaN is a cell nobody tried.

    `across` and `up` name the columns and rows; `hints` say a cell's values on pointing at it.
    """
    frame = Frame(Scale(0.0, len(across)), Scale(0.0, len(up)))
    size = float(np.nanmax(np.abs(values))) or 1.0
    rows, columns = values.shape
    cells = [
        _cell(frame, Place(c, r), float(values[r, c]), size, hints[r][c])
        for r in range(rows)
        for c in range(columns)
        if not math.isnan(values[r, c])
    ]
    over = [
        at_point(frame, c + 0.5, r + 0.5, NOTHING, "minus")
        for r in range(rows)
        for c in range(columns)
        if values[r, c] < 0
    ]
    # In one cell they stand side by side.
    aside = 0.22 if best == chosen else 0.0
    if best is not None:
        x, y = best.column + 0.5 + aside, best.row + 0.5
        over.append(at_point(frame, x, y, icon("cross"), "best"))
    if chosen is not None:
        x, y = chosen.column + 0.5 - aside, chosen.row + 0.5
        over.append(at_point(frame, x, y, NOTHING, "chosen"))
    marks = [*cells, *([] if plateau is None else [_outline(frame, plateau)])]
    return chart(
        frame, label, marks, height=280, x_ticks=_words(across, _WORDS_ACROSS),
        y_ticks=_words(up, _WORDS_UP), over=over, caption=caption,
    )  # fmt: skip


def _cell(frame: Frame, place: Place, value: float, size: float, hint: str) -> Html:
    xs, ys = frame.points([place.column, place.column + 1], [place.row + 1, place.row])
    strength = _FAINTEST + (1 - _FAINTEST) * abs(value) / size
    kind = "cell" if value >= 0 else "cellneg"
    return Html(
        f'<rect class="{kind}" x="{xs[0] + 1:.1f}" y="{ys[0] + 1.5:.1f}" '
        f'width="{xs[1] - xs[0] - 2:.1f}" height="{ys[1] - ys[0] - 3:.1f}" '
        f'fill-opacity="{strength:.2f}">{tag("title", hint)}</rect>'
    )


def _outline(frame: Frame, block: Block) -> Html:
    xs, ys = frame.points([block.left, block.right + 1], [block.top + 1, block.bottom])
    return Html(
        f'<rect class="frame" x="{xs[0]:.1f}" y="{ys[0]:.1f}" width="{xs[1] - xs[0]:.1f}" '
        f'height="{ys[1] - ys[0]:.1f}"/>'
    )


def _words(names: Sequence[str], most: int) -> list[Tick]:
    step = max(1, math.ceil(len(names) / most))
    return [Tick(k + 0.5, name) for k, name in enumerate(names) if k % step == 0]


def value_hint(names: Sequence[str], values: Sequence[str], figure: float, tries: int) -> str:
    """What a cell says: its parameters, its value, and of how many tries that is the median."""
    said = ", ".join(f"{name} {value}" for name, value in zip(names, values, strict=True))
    of = "1 try" if tries == 1 else f"the median of {tries:,} tries"
    return f"{said}: {f.decimal(figure)}, {of}"
