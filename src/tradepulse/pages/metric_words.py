"""The metrics of a run as people read them: name, form, meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tradepulse.pages import figures as f
from tradepulse.pages.markup import Html
from tradepulse.pages.tables import Cell, Column, table


class Word(NamedTuple):
    """How a metric is named and written; `signed` colours it by its sign."""

    title: str
    meaning: str
    form: Callable[[Any], str]
    signed: bool = False


def _signed_percent(value: f.Number) -> str:
    return f.percent(value, sign=True)


def _signed_money(value: f.Number) -> str:
    return f.decimal(value, sign=True)


WORDS: Mapping[str, Word] = {
    "total_return": Word("Total return", "What the starting cash grew by, net of all costs.",
                         _signed_percent, True),
    "cagr": Word("Return a year", "The same growth, as an even rate a year.",
                 _signed_percent, True),
    "buy_and_hold_return": Word("Buy and hold", "What holding the coin over the same time earned.",
                                _signed_percent, True),
    "net_profit": Word("Net profit", "In the quote currency, an open position at its last price.",
                       _signed_money, True),
    "sharpe": Word("Sharpe ratio", "Return for each unit of ups and downs, a year. Over 1 is "
                   "good, over 3 is usually an error or luck.", f.decimal),
    "sortino": Word("Sortino ratio", "As Sharpe, but only the downs count as risk.", f.decimal),
    "calmar": Word("Calmar ratio", "Return a year for each unit of the worst drawdown.",
                   f.decimal),
    "annual_volatility": Word("Volatility a year", "How far a year's return usually strays from "
                              "its mean.", f.percent),
    "max_drawdown": Word("Worst drawdown", "The deepest fall from a peak, at a bar's close.",
                         f.percent, True),
    "drawdown_duration_bars": Word("Longest drawdown", "Bars from a peak until it was reached "
                                   "again, or until the end.", f.count),
    "time_under_water": Word("Time under water", "Share of the time spent below the last peak.",
                             f.percent),
    "ulcer_index": Word("Ulcer index", "Depth and length of drawdowns in one number; lower is "
                        "calmer.", f.decimal),
    "var_95": Word("Bad day", "One day in twenty was worse than this.", f.percent, True),
    "cvar_95": Word("Mean of the bad days", "What those days lost on average.", f.percent, True),
    "tail_ratio": Word("Tail ratio", "Large gains over large losses; below 1 the losses are "
                       "larger.", f.decimal),
    "trade_count": Word("Trades", "Closed round trips. Under 100 there is little to judge by.",
                        f.count),
    "win_rate": Word("Win rate", "Share of trades that made money.", f.percent),
    "profit_factor": Word("Profit factor", "What winners made for each unit losers lost.",
                          f.decimal),
    "expectancy": Word("Mean trade", "What a trade earned on average, in the quote currency.",
                       _signed_money, True),
    "expectancy_r": Word("Mean trade in R", "The same as a multiple of what its stop put at risk.",
                         lambda v: f.decimal(v, sign=True), True),
    "sqn": Word("System quality", "Mean trade in R over its spread, times the root of the number "
                "of trades.", f.decimal),
    "exposure": Word("In the market", "Share of bars with a position open.", f.percent),
    "kelly": Word("Kelly fraction", "The bet that would have grown fastest, with hindsight. "
                  "Nobody should bet it.", f.decimal),
    "turnover": Word("Turnover", "All that was bought and sold.", f.decimal),
    "fees": Word("Fees", "Paid to the venue.", f.decimal),
    "funding": Word("Funding", "Received from other traders of a perpetual; negative: paid.",
                    _signed_money, True),
    "ambiguous_exits": Word("Decided by assumption", "Exits where stop and target lay in one bar; "
                            "the stop was taken.", f.count),
}  # fmt: skip

RESULT = ("total_return", "cagr", "buy_and_hold_return", "net_profit", "sharpe", "sortino",
          "calmar", "max_drawdown", "drawdown_duration_bars", "time_under_water", "ulcer_index",
          "annual_volatility", "var_95", "cvar_95", "tail_ratio")  # fmt: skip
TRADING = ("trade_count", "win_rate", "profit_factor", "expectancy", "expectancy_r", "sqn",
           "exposure", "turnover", "fees", "funding", "kelly", "ambiguous_exits")  # fmt: skip


def metric_cell(name: str, value: f.Number) -> Cell:
    """The value of the metric `name` in its form and colour."""
    word = WORDS[name]
    return Cell(word.form(value), f.tone(value) if word.signed else None)


def metric_table(metrics: Mapping[str, Any], names: tuple[str, ...]) -> Html:
    """The metrics `names` with their meanings; one that the run has not is a dash."""
    rows = [
        (WORDS[name].title, WORDS[name].meaning, metric_cell(name, metrics.get(name)))
        for name in names
    ]
    return table(("Metric", "Meaning", Column("Value")), rows, class_="words")
