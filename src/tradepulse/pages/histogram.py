"""How often each value came up, with the values that matter marked by upright lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from tradepulse.domain.bars import Floats
from tradepulse.pages import figures as f
from tradepulse.pages.chart import Frame, Scale, chart, column, flag, upright
from tradepulse.pages.markup import Html, join
from tradepulse.pages.page import folded
from tradepulse.pages.tables import Column, table
from tradepulse.pages.ticks import number_ticks, step_for

_BINS = 36


class Mark(NamedTuple):
    """A value with its name; `class_`: `hot` for ours, `luck` for what chance does."""

    at: float
    words: str
    class_: str = ""


def histogram(
    values: Floats, marks: Sequence[Mark], label: str, *, caption: str = "", height: int = 220,
    form: Callable[[f.Number], str] = f.decimal,
) -> Html:  # fmt: skip
    """Columns of equal width over round edges; the marks lie inside the scale. `values` without
    NaN, one or more."""
    everything = np.concatenate([values, [mark.at for mark in marks]])
    low, high = float(everything.min()), float(everything.max())
    step = step_for(low, high, _BINS)
    edges = step * np.arange(np.floor(low / step), np.floor(high / step) + 2)
    counts, _ = np.histogram(values, edges)
    top = float(max(counts.max(), 1))
    frame = Frame(
        Scale(float(edges[0]) - step / 2, float(edges[-1]) + step / 2),
        Scale(0.0, top * (1.12 + 0.1 * len(marks))),
    )
    columns = [
        column(frame, left, right, n, "bar5", f"{form(left)} to {form(right)}: {n:,}")
        for left, right, n in zip(edges[:-1], edges[1:], counts, strict=True)
        if n
    ]
    lines = [upright(frame, mark.at, f"vline {mark.class_}") for mark in marks]
    words = [
        flag(frame, mark.at, mark.words, mark.class_, row)
        for row, mark in enumerate(sorted(marks, key=lambda mark: mark.at))
    ]
    drawn = chart(
        frame, label, [*columns, *lines], height=height, over=words, caption=caption,
        x_ticks=number_ticks(*frame.x, 8), y_ticks=[t for t in number_ticks(0.0, top, 5)
                                                    if float(t.at).is_integer()],
    )  # fmt: skip
    rows = [
        (form(left), form(right), f.count(int(n)))
        for left, right, n in zip(edges[:-1], edges[1:], counts, strict=True)
        if n
    ]
    heads = (Column("From"), Column("to"), Column("Count"))
    return join((drawn, folded("As table", table(heads, rows))))
