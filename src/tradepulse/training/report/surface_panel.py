"""The parameter map: where the tries did well, the plateau, and what was chosen."""

from __future__ import annotations

import numpy as np

from tradepulse.pages import figures as f
from tradepulse.pages.chart import Frame, Scale, at_point, chart, line, scale_over
from tradepulse.pages.heat_map import heat_map, value_hint
from tradepulse.pages.markup import NOTHING, Html, join, tag
from tradepulse.pages.page import legend, missing, panel
from tradepulse.pages.ticks import Tick, number_ticks
from tradepulse.training.report.document import Subject
from tradepulse.training.report.surface import Surface, Tries, medians_along, surface_of, tries_of

_KEYS = legend(("chosen", "chosen"), ("x", "best single try"), ("hot", "plateau"))
_TITLE = "Parameter map"


def surface_panel(subject: Subject) -> Html:
    """The heat map of two parameters, the line of one, or why there is neither."""
    tries = tries_of(subject)
    if tries is None:
        return panel(_TITLE, missing(
            "No map: the search tried too few sets with numeric parameters, or kept no scores."
        ))  # fmt: skip
    score = _score_name(subject)
    moving = [k for k in tries.influence if np.ptp(tries.values[:, k]) > 0.0]
    if len(moving) == 0:
        return panel(_TITLE, missing("No map: every try had the same parameters."))
    if len(moving) == 1:
        return _line_panel(tries, moving[0], score)
    return _map_panel(tries, surface_of(tries, moving[0], moving[1]), score)


def _score_name(subject: Subject) -> str:
    objectives = subject.spec.get("objectives") or ("sharpe",)
    return str(objectives[0]).replace("_", " ")


def _map_panel(tries: Tries, found: Surface, score: str) -> Html:
    names = (found.across.name, found.up.name)
    hints = [
        [
            value_hint(names, (a, u), float(found.medians[row, column]),
                       int(found.tries[row, column]))
            for column, a in enumerate(found.across.names)
        ]
        for row, u in enumerate(found.up.names)
    ]  # fmt: skip
    low, high = float(np.nanmin(found.medians)), float(np.nanmax(found.medians))
    drawn = heat_map(
        found.across.names, found.up.names, found.medians, hints,
        f"Median {score} of {len(tries.scores):,} tries by {names[0]} and {names[1]}, from "
        f"{f.decimal(low)} to {f.decimal(high)}",
        chosen=found.chosen, best=found.best, plateau=found.plateau,
        caption=f"{names[0]} across, {names[1]} up",
    )  # fmt: skip
    return panel(_TITLE, join((drawn, _explained(tries, found, score, low, high))), note=_KEYS)


def _explained(tries: Tries, found: Surface, score: str, low: float, high: float) -> Html:
    others = len(tries.names) - 2
    over = "" if others < 1 else (
        " The other parameter differs inside a cell." if others == 1
        else f" The other {others} parameters differ inside a cell."
    )  # fmt: skip
    gathered = (
        " Cells gather neighbouring values." if found.across.binned or found.up.binned else ""
    )
    return tag(
        "p", f"Colour: median {score}, {f.decimal(low)} to {f.decimal(high)}; below zero in the "
        f"colour of a loss. These two parameters matter most.{over}{gathered}", class_="remark",
    )  # fmt: skip


def _line_panel(tries: Tries, column: int, score: str) -> Html:
    axis, medians = medians_along(tries, column)
    places = np.arange(len(medians)) + 0.5
    frame = Frame(Scale(0.0, float(len(medians))), scale_over([medians], zero=True))
    here = int(axis.cells(tries.chosen[[column]])[0])
    over = []
    if np.isfinite(medians[here]):
        over.append(at_point(frame, here + 0.5, float(medians[here]), NOTHING, "chosen"))
    step = max(1, -(-len(medians) // 10))
    ticks = [Tick(k + 0.5, name) for k, name in enumerate(axis.names)][::step]
    drawn = chart(
        frame, f"Median {score} by {axis.name}", [line(frame, places, medians, "s1")],
        height=240, x_ticks=ticks, y_ticks=number_ticks(*frame.y), over=over,
        caption=f"median {score} by {axis.name}",
    )  # fmt: skip
    return panel(_TITLE, drawn, note=legend(("chosen", "chosen")))
