"""What it would take to be sure: how much data a Sharpe ratio needs before it can be believed."""

from __future__ import annotations

import math
from statistics import NormalDist

from tradepulse.pages import figures as f
from tradepulse.pages.markup import Child, Html, join, tag
from tradepulse.pages.page import grid, panel
from tradepulse.pages.tables import Cell, Column, facts, table
from tradepulse.training.report.document import Subject

CONFIDENCE, SEEN = 0.95, 0.80
_YEAR = 365.0
_ROUND_SHARPES = (0.5, 1.0, 1.5, 2.0, 3.0)


def years_needed(sharpe_annual: float, confidence: float = CONFIDENCE, power: float = 0.5) -> float:
    """Years of daily returns until a true Sharpe ratio is told from zero.

    At `confidence` one-sided, in a share `power` of the cases; infinite for a Sharpe of zero or
    less. For returns that are near normal (Lo 2002): ((z_confidence + z_power) / Sharpe)^2 and half
    of that sum squared days more.
    """
    if sharpe_annual <= 0.0:
        return math.inf
    normal = NormalDist()
    reach = normal.inv_cdf(confidence) + normal.inv_cdf(power)
    return (reach / sharpe_annual) ** 2 + reach**2 / (2.0 * _YEAR)


def certainty_panels(subject: Subject) -> Html:
    """This run's own needs, and those of round Sharpe ratios."""
    return grid(
        panel("This configuration", join((_own(subject), _reason()))),
        panel("Years of data a Sharpe ratio needs", _table(subject)),
    )


def _own(subject: Subject) -> Html:
    days = subject.statistic("days")
    needed = subject.statistic("min_track_record_days")
    live = subject.statistic("expected_live_sharpe")
    sharpe = subject.statistic("sharpe_annual")
    years = subject.statistic("min_backtest_years")
    rows: list[tuple[str, Child]] = [
        ("Data it was judged on", f.duration(days)),
        ("Needed for its own Sharpe, 95\u202f%", _enough(needed, days)),
        ("Needed against luck of its tries",
         _enough(None if years is None else years * _YEAR, days)),
        ("Sharpe in the backtest", f.decimal(sharpe)),
        ("Sharpe to expect live", f.decimal(live)),
        ("Live days until that would show, 95\u202f%",
         f.duration(years_needed(live) * _YEAR) if live and live > 0 else "never"),
    ]  # fmt: skip
    return facts(rows)


def _enough(needed: float | None, there: float | None) -> Html | str:
    if needed is None:
        return tag("span", "no length is enough", class_="neg")
    met = there is not None and needed <= there
    word = "there is enough" if met else "too little"
    return tag("span", f"{f.duration(needed)}, {word}", class_="pos" if met else "neg")


def _reason() -> Html:
    return tag(
        "p", "Why less than the backtest: over 215 strategies that were sold to investors the "
        "median live Sharpe was 73\u202f% below it, worse for complicated ones (Suhonen, Lennkh "
        "and Perez, 2017); over 888 others the backtest said almost nothing about later results "
        "(Wiecki and others, 2016). Plan with the lower number.", class_="remark",
    )  # fmt: skip


def _table(subject: Subject) -> Html:
    own = [
        ("this backtest", subject.statistic("sharpe_annual")),
        ("to expect live", subject.statistic("expected_live_sharpe")),
    ]
    named = [(sharpe, name) for name, sharpe in own if sharpe is not None and sharpe > 0]
    rows = sorted([*named, *((sharpe, "") for sharpe in _ROUND_SHARPES)])
    cells = [
        (
            Cell(f.decimal(sharpe), "year" if name else None, name or None),
            _years(years_needed(sharpe)), _years(years_needed(sharpe, power=SEEN)),
        )
        for sharpe, name in rows
    ]  # fmt: skip
    columns = (
        Column("True Sharpe a year"), Column("Told from zero, 95\u202f%"),
        Column("In 8 of 10 cases"),
    )  # fmt: skip
    note = tag(
        "p", "For one try on daily returns that are near normal. Fat tails and every further try "
        "ask for more. A true Sharpe of 1 cannot be proven on the data most people have.",
        class_="remark",
    )  # fmt: skip
    return join((table(columns, cells), note))


def _years(years: float) -> str:
    return f"{f.decimal(years, 1)} years" if years >= 1 else f.duration(years * _YEAR)
