"""The folds: what each search chose, and what it earned on the bars after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradepulse.pages import figures as f
from tradepulse.pages.fold_chart import FoldBar, fold_chart
from tradepulse.pages.markup import Child, Html
from tradepulse.pages.page import legend, missing, panel
from tradepulse.pages.tables import Cell, Column, table
from tradepulse.training.report.document import Subject, number

_ABSENT = "No folds: this configuration was not trained by walk-forward."


def folds_chart_panel(subject: Subject) -> Html:
    """A column a fold."""
    title = "Folds: Sharpe ratio later, beside training"
    rows = subject.rows("folds")
    if not rows:
        return panel(title, missing(_ABSENT))
    bars = [
        FoldBar(
            str(fold.get("number")), number(fold.get("train_sharpe")),
            number(fold.get("test_sharpe")),
        )
        for fold in rows
    ]  # fmt: skip
    if all(bar.trained is None and bar.later is None for bar in bars):
        return panel(title, missing("No fold has a Sharpe ratio: nothing traded in them."))
    won = sum((bar.later or 0) > 0 for bar in bars)
    drawn = fold_chart(
        bars, f"Sharpe ratio of {len(bars)} folds, training and later; {won} above zero later",
        caption="Sharpe ratio a year, by fold",
    )  # fmt: skip
    keys = legend(("dash", "in training"), ("won", "later, gain"), ("lost", "later, loss"))
    return panel(title, drawn, note=keys)


def folds_table_panel(subject: Subject) -> Html:
    """A row a fold."""
    rows = subject.rows("folds")
    if not rows:
        return panel("", missing(_ABSENT))
    columns: list[Column | str] = [
        Column("Fold"), "Trained on", "Judged on", "Chosen parameters", Column("Sharpe, training"),
        Column("Sharpe, later"), Column("Return, later"), Column("Drawdown, later"),
        Column("Trades"),
    ]  # fmt: skip
    return panel("", table(columns, [_row(fold) for fold in rows]))


def _row(fold: Mapping[str, Any]) -> list[Child]:
    trained, later = number(fold.get("train_sharpe")), number(fold.get("test_sharpe"))
    earned, fall = number(fold.get("test_return")), number(fold.get("test_drawdown"))
    return [
        str(fold.get("number")), _span(fold.get("train")), _span(fold.get("test")),
        parameters_text(fold.get("parameters")), f.decimal(trained),
        Cell(f.decimal(later), f.tone(later)),
        Cell(f.percent(earned, sign=True), f.tone(earned)), f.percent(fall),
        f.count(number(fold.get("trades"))),
    ]  # fmt: skip


def _span(span: Any) -> str:
    if not span or len(span) != 2:
        return f.MISSING
    return f.day_span(span[0], span[1] - 1)


def parameters_text(parameters: Mapping[str, Any] | None) -> str:
    """`fast 12, slow 60`; a word where nothing was chosen."""
    if not parameters:
        return "none: nothing traded in training"
    return ", ".join(f"{name} {f.plain(value)}" for name, value in parameters.items())
