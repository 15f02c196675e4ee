"""Equity and drawdown, in sample and out of sample, with the market on the same axis."""

from __future__ import annotations

import numpy as np

from tradepulse.domain.bars import Floats
from tradepulse.domain.interval import DAY_MS
from tradepulse.pages import figures as f
from tradepulse.pages.equity import (
    Curve,
    Stretch,
    drawdown_of,
    equity_and_drawdown,
    growth_of,
    total,
)
from tradepulse.pages.markup import Child, Html, join, tag
from tradepulse.pages.page import legend, missing, panel
from tradepulse.pages.tables import tiles
from tradepulse.training.report.document import Daily, Subject

_IN, _OUT, _MARKET, _EXCESS = "s5", "s1", "s2", "s4"


def equity_panel(subject: Subject) -> Html:
    """The curves that the study has; a sentence where it has none."""
    inside, outside = subject.daily("in_sample"), subject.daily("out_of_sample")
    market = subject.daily("market")
    series = [(outside, _OUT), (inside, _IN), (market, _MARKET)]
    curves = [_curve(daily, class_) for daily, class_ in series if daily is not None]
    if not curves:
        return panel("Equity", missing("The study kept no daily returns, so none are drawn."))
    if outside is not None and outside.excess is not None:
        curves.append(_curve(outside._replace(returns=outside.excess), _EXCESS))
    falls = [curve for curve in curves if curve.class_ in (_OUT, _IN)] or curves[:1]
    held = _hold_out(subject)
    ends = [float(c.times[0]) for c in curves], [float(c.times[-1]) for c in curves]
    span = min(ends[0]), max([*ends[1], *([] if held is None else [held.end_ms])])
    drawn = equity_and_drawdown(
        curves, falls, _said(inside, outside, market), span=span,
        stretches=[] if held is None else [held], height=300,
    )  # fmt: skip
    body = join((drawn, _numbers(inside, outside, market)))
    return panel("Growth of one unit", body, note=_keys(curves, held is not None))


def _curve(daily: Daily, class_: str) -> Curve:
    # A day's return is known at its end; the curve starts at one, when the first day begins.
    times = np.concatenate(([daily.days[0]], daily.days + DAY_MS))
    return Curve(times, np.concatenate(([1.0], growth_of(daily.returns))), class_)


_WORDS = {
    _OUT: "out of sample: what each fold's choice earned later",
    _IN: "the chosen set on all development bars, with hindsight",
    _MARKET: "buy and hold",
    _EXCESS: "out of sample, market part removed",
}


def _keys(curves: list[Curve], held: bool) -> Html:
    entries = [(c.class_, _WORDS[c.class_]) for c in curves]
    return legend(*entries, *([("hold", "hold-out")] if held else []))


def _hold_out(subject: Subject) -> Stretch | None:
    found = subject.part("split").get("hold_out")
    if not found:
        return None
    words = "hold-out, opened" if subject.hold_out_opened else "hold-out, sealed"
    return Stretch(float(found["start_ms"]), float(found["end_ms"]), words, "hold")


def _said(inside: Daily | None, outside: Daily | None, market: Daily | None) -> str:
    parts = [
        f"{name} {f.percent(total(growth_of(daily.returns)), sign=True)}"
        for name, daily in (("out of sample", outside), ("in sample", inside), ("market", market))
        if daily is not None
    ]
    return f"Growth over time: {', '.join(parts)}"


def _numbers(inside: Daily | None, outside: Daily | None, market: Daily | None) -> Html:
    rows: list[tuple[str, Child, str]] = []
    if outside is not None:
        rows += _pair("out of sample", outside.returns)
        if market is not None:
            same = market.returns[np.isin(market.days, outside.days)]
            rows += _pair("market, same days", same)
    if inside is not None:
        rows += _pair("in sample", inside.returns)
    note = tag(
        "p", "Net of fees, slippage and funding. The out-of-sample line starts at one on the first "
        "day after the first training span.", class_="remark",
    )  # fmt: skip
    return join((tiles(rows), note))


def _pair(name: str, returns: Floats) -> list[tuple[str, Child, str]]:
    growth = growth_of(returns)
    earned = total(growth)
    fall = float(drawdown_of(growth).min()) if len(growth) else None
    return [
        (f"{name}, return", f.percent(earned, 1, sign=True), f.tone(earned) or ""),
        (f"{name}, worst drawdown", f.percent(fall, 1), ""),
    ]
