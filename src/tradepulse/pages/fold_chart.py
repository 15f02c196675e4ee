"""What each fold earned later, beside what it had promised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tradepulse.pages import figures as f
from tradepulse.pages.chart import Frame, Scale, chart, column, scale_over
from tradepulse.pages.markup import Html
from tradepulse.pages.ticks import Tick, number_ticks


class FoldBar(NamedTuple):
    """A fold's name and its Sharpe ratios in training and later; None: not defined."""

    name: str
    trained: float | None
    later: float | None


def fold_chart(folds: Sequence[FoldBar], label: str, caption: str = "") -> Html:
    """A column a fold for later, a dash for training."""
    known = [v for fold in folds for v in (fold.trained, fold.later) if v is not None]
    frame = Frame(Scale(0.0, len(folds)), scale_over([known], zero=True, room=0.08))
    marks = [_mark(frame, k, fold) for k, fold in enumerate(folds)]
    ticks = [Tick(k + 0.5, fold.name) for k, fold in enumerate(folds)]
    step = max(1, -(-len(ticks) // 10))
    return chart(
        frame, label, marks, height=220, x_ticks=ticks[::step], y_ticks=number_ticks(*frame.y),
        caption=caption,
    )  # fmt: skip


def _mark(frame: Frame, k: int, fold: FoldBar) -> Html:
    drawn = ""
    if fold.later is not None:
        tone = "barp" if fold.later > 0 else "barn"
        hint = f"{fold.name}: {f.decimal(fold.later)} later, {f.decimal(fold.trained)} in training"
        drawn += column(frame, k + 0.24, k + 0.76, fold.later, tone, hint)
    if fold.trained is not None:
        xs, ys = frame.points([k + 0.12, k + 0.88], [fold.trained, fold.trained])
        drawn += f'<path class="dash" d="M{xs[0]:.1f} {ys[0]:.1f}H{xs[1]:.1f}"/>'
    return Html(drawn)
