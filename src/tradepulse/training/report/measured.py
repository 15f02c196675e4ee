"""The chosen set run again, for what a study does not keep: its trades, its months, its price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradepulse.domain.bars import BarSeries
from tradepulse.pages.backtest_page import Run, run_parts
from tradepulse.pages.markup import Html, join, tag
from tradepulse.pages.page import Part, folded, missing, panel
from tradepulse.simulation.result import BacktestResult
from tradepulse.training.report.document import Subject


@dataclass(frozen=True, eq=False)
class Measurement:
    """A configuration's run done again over `bars`. `differences`: how many of the stored metrics
    came out other; `same_data`: the bars are those it was trained on."""

    result: BacktestResult
    bars: BarSeries
    same_data: bool
    differences: int


def measured_part(subject: Subject, measured: Measurement | None, why_not: str = "") -> Part:
    """The trades and what goes with them; a sentence where the bars are not at hand."""
    title = "The chosen set, run again"
    if measured is None:
        said = f"It was not run again: {why_not}." if why_not else "It was not run again here."
        absent = missing(f"{said} So its trades, months and price are not shown.")
        return Part("again", title, panel("", absent))
    run = run_of(measured.result, measured.bars, _about(subject))
    wanted = ("price", "months", "trades") if subject.study is None else (
        "price", "months", "metrics", "trades"
    )  # fmt: skip
    bodies: list[Html] = [tag("div", _compared(measured), class_="again")]
    for part in run_parts(run):
        if part.name in wanted:
            # A list of trades is long, and few come here for it.
            shown = folded("Show them", part.body) if part.name == "trades" else part.body
            bodies.append(tag("div", tag("h3", part.title), shown, class_="again"))
    lead = (
        "In sample: these are the bars the search saw. Read it for how it trades, not for how much "
        "it earns."
    )
    return Part("again", title, join(bodies), lead)


def run_of(result: BacktestResult, bars: BarSeries, about: Mapping[str, Any]) -> Run:
    """The run as a page takes it."""
    return Run(
        about=about, interval_ms=result.interval_ms, initial_cash=result.rules.initial_cash,
        bars=bars, open_time=result.open_time[: len(result.equity_values)],
        equity=result.equity_values, trades=result.trades.to_dict(as_series=False),
        metrics=result.metrics, rules=result.rules.as_json(), open_position=result.open_position,
        refusals=result.refusals, low_fidelity=result.low_fidelity,
    )  # fmt: skip


def _about(subject: Subject) -> Mapping[str, Any]:
    c = subject.configuration
    return {
        "strategy": c.strategy_name, "parameters": c.parameters,
        "instrument": f"{c.exchange} {c.pair}", "interval": c.interval,
    }  # fmt: skip


def _compared(measured: Measurement) -> Html:
    if not measured.same_data:
        words = (
            "The bars kept here are not those it was trained on: their fingerprint differs. What "
            "follows is the same rule on other data."
        )
    elif measured.differences:
        words = (
            f"The bars are the same, yet {measured.differences} of its stored metrics came out "
            "other: the code has changed since."
        )
    else:
        words = "Run again on the same bars, every stored metric came out as it was."
    return tag("p", words, class_="remark")
