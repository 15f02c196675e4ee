"""The page of one backtest: what it earned, how it got there, and every number explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tradepulse.domain.bars import BarSeries, Floats, Times
from tradepulse.domain.interval import Interval
from tradepulse.pages import figures as f
from tradepulse.pages.equity import Curve, equity_and_drawdown
from tradepulse.pages.markup import Child, Html, join, tag
from tradepulse.pages.metric_words import RESULT, TRADING, metric_table
from tradepulse.pages.months import month_table, monthly_returns
from tradepulse.pages.page import Page, Part, grid, legend, missing, page, panel
from tradepulse.pages.price import price_panels
from tradepulse.pages.rule_words import rule_facts
from tradepulse.pages.tables import facts, tiles
from tradepulse.pages.trade_table import SHOWN, trade_table

# The exchange of bars that no market traded.
SYNTHETIC = "synthetic"


class Run(NamedTuple):
    """One backtest as plain values. `open_time` and `equity` (at the bar's close) have a value a
    bar; `about` says what was run: strategy, parameters, instrument, fingerprints."""

    about: Mapping[str, Any]
    interval_ms: int
    initial_cash: float
    bars: BarSeries | None
    open_time: Times
    equity: Floats
    trades: Mapping[str, Sequence[Any]]
    metrics: Mapping[str, Any]
    rules: Mapping[str, Any]
    open_position: Mapping[str, Any] | None
    refusals: Mapping[str, int]
    low_fidelity: bool

    @property
    def closes(self) -> Times:
        """The times at which `equity` was known."""
        return self.open_time + self.interval_ms


def backtest_page(run: Run) -> Page:
    """The whole page; under 1.5 MB however long the run was."""
    name = str(run.about.get("strategy") or "Backtest")
    market = run.about.get("instrument")
    title = f"{name}, {market} {_interval(run)}" if market else f"{name}, {_interval(run)}"
    return page(f"{title}: backtest", _head(run, name), run_parts(run), (_HINDSIGHT,))


_HINDSIGHT = (
    "One run on bars that are known. It shows what the rules would have done, not whether they "
    "were found by luck: that is what training measures."
)


def run_parts(run: Run) -> list[Part]:
    """The parts of a run's page, which a training report shows as well."""
    return [
        Part("equity", "Equity", equity_panel(run)),
        Part("price", "Price", _price(run)),
        Part("months", "Months", panel("", _months(run)), "Net returns in percent, by UTC month."),
        Part("metrics", "Metrics", metric_panels(run.metrics)),
        Part("trades", "Trades", _trades(run)),
        Part("made-with", "What was run", _made_with(run)),
    ]


def _head(run: Run, name: str) -> Html:
    about = run.about
    words = [
        about.get("instrument"),
        _interval(run),
        _span(run),
        f"{len(run.equity):,} bars",
    ]
    chips = [tag("span", word, class_="chip") for word in words if word]
    return join(
        (tag("h1", name), tag("div", *chips, class_="chips"), _synthetic(about), _summary(run))
    )


def _synthetic(about: Mapping[str, Any]) -> Html | None:
    made = str(about.get("instrument", "")).lower().startswith(SYNTHETIC)
    return synthetic_banner() if made else None


def synthetic_banner() -> Html:
    """What stands above every page made of bars that no market ever traded."""
    return tag(
        "div", tag("b", "SYNTHETIC"),
        tag("span", "These bars were made by a program, with a planted edge. No market traded "
            "them, and nothing here says anything about real money."),
        class_="banner", role="note",
    )  # fmt: skip


def _interval(run: Run) -> str:
    return str(Interval(run.interval_ms))


def _span(run: Run) -> str:
    return f.day_span(int(run.open_time[0]), int(run.closes[-1]) - 1)


def _summary(run: Run) -> Html:
    get = run.metrics.get
    earned, held = get("total_return"), get("buy_and_hold_return")
    rows: list[tuple[str, Child, str]] = [
        ("total return", f.percent(earned, sign=True), f.tone(earned) or ""),
        ("buy and hold", f.percent(held, sign=True), ""),
        ("Sharpe ratio", f.decimal(get("sharpe")), ""),
        ("worst drawdown", f.percent(get("max_drawdown")), "neg"),
        ("trades", f.count(get("trade_count")), ""),
        ("win rate", f.percent(get("win_rate"), 0), ""),
    ]
    said = [tiles(rows)]
    if run.low_fidelity:
        said.append(missing(
            "Low fidelity: over 2\u202f% of the exits touched stop and target in one bar and were "
            "decided by assumption. Finer bars (detail) decide them."
        ))  # fmt: skip
    return panel("", join(said), class_="summary")


def equity_panel(run: Run) -> Html:
    """Equity with its drawdown, the market beside it where the bars are known."""
    growth = np.asarray(run.equity) / run.initial_cash
    own = Curve(run.closes, growth, "s1")
    curves, keys = [own], [("s1", "this run"), ("neg", "its drawdown")]
    if run.bars is not None:
        held = run.bars.close[: len(growth)] / run.bars.close[0]
        curves.append(Curve(run.closes, held, "s2"))
        keys.insert(1, ("s2", "buy and hold"))
    label = (
        f"Growth of the starting cash from {_span(run)}: "
        f"{f.percent(float(growth[-1]) - 1, sign=True)}"
    )
    return panel(
        "Growth of the starting cash", equity_and_drawdown(curves, [own], label),
        note=legend(*keys),
    )  # fmt: skip


def _price(run: Run) -> Html:
    if run.bars is None:
        return missing("The bars are not at hand here, so the price is not drawn.")
    if not len(run.trades["entry_time"]):
        return missing("No trade was closed, so there is nothing to mark on the price.")
    return price_panels(run.bars, run.trades)


def _months(run: Run) -> Html:
    # A bar that closes at midnight belongs to the day it ends.
    return month_table(monthly_returns(run.closes - 1, run.equity, run.initial_cash))


def metric_panels(metrics: Mapping[str, Any]) -> Html:
    """Every metric with its meaning, in two panels."""
    return grid(
        panel("Result and risk", metric_table(metrics, RESULT)),
        panel("Trades and costs", metric_table(metrics, TRADING)),
    )


def _trades(run: Run) -> Html:
    total = len(run.trades["entry_time"])
    if total == 0:
        closed = missing("No trade was closed.")
    else:
        title = "All trades" if total <= 2 * SHOWN else f"The first and last {SHOWN} trades"
        closed = panel(title, trade_table(run.trades), note=f"{total:,} in all")
    return join((closed, _open_position(run), _refused(run)))


def _open_position(run: Run) -> Html | None:
    held = run.open_position
    if held is None:
        return None
    rows = [
        ("Side", str(held["side"])),
        ("Since", f"{f.minute(held['entry_time'])} UTC"),
        ("Quantity", f.quantity(held["quantity"])),
        ("Entry price", f.price(held["entry_price"])),
        ("Marked at", f.price(held["mark_price"])),
        ("Stop", f.price(held["stop"])),
        ("Target", f.price(held["target"])),
        ("Unrealised", f.decimal(held["unrealised_pnl"], sign=True)),
    ]
    return panel("Still open at the end", facts(rows), note="not counted as a trade")


def _refused(run: Run) -> Html | None:
    if not run.refusals:
        return None
    rows = [(reason.replace("_", " "), f.count(n)) for reason, n in run.refusals.items()]
    return panel("Entries refused by the rules", facts(rows))


def _made_with(run: Run) -> Html:
    parameters = run.about.get("parameters") or {}
    chosen = (
        facts((name, f.plain(value)) for name, value in parameters.items())
        if parameters
        else missing("The strategy's parameters were not given to this page.")
    )
    named = {
        "Bars": "data_fingerprint", "Configuration": "configuration_hash", "Code": "code_version",
    }  # fmt: skip
    prints = [
        (title, tag("code", str(run.about[key]))) for title, key in named.items()
        if run.about.get(key)
    ]  # fmt: skip
    panels = [panel("Parameters", chosen), panel("Rules of the fills", rule_facts(run.rules))]
    if prints:
        panels.append(panel("Fingerprints", facts(prints), note="the same three give this run"))
    return grid(*panels, columns=min(3, len(panels)))
