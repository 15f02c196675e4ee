"""VALIDATION to MATURE: live evidence, everything tested again, and one look at the hold-out.

The hold-out comes last. A look at it is spent for good, so nothing is looked at while anything that
can be judged without it still says no.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tradepulse.domain.configuration import Evidence
from tradepulse.training.lifecycle.demotion import DISTRIBUTION_P, SIGNAL_MATCH
from tradepulse.training.lifecycle.gates import above, at_least, at_most
from tradepulse.training.lifecycle.rounds import Slippage

Floats = npt.NDArray[np.float64]

TRADES, TRADES_BETTER, DAYS = 30, 100, 60
FALSE_DISCOVERIES = 0.10
SLIPPAGE_FACTOR = 2.0
HOLD_OUT_PSR, DEFLATED = 0.90, 0.95
HOLD_OUT_RULES = ("hold_out_sharpe", "hold_out_psr", "dsr_with_hold_out")


@dataclass(frozen=True)
class HoldOutLook:
    """What the one look saw: Sharpe ratio a day over `days`, PSR against 0, and the deflated
    Sharpe ratio of development and hold-out together. NaN: not defined."""

    days: int
    sharpe: float
    psr: float
    deflated: float


@dataclass(frozen=True, eq=False)
class MaturityFacts:
    """Live evidence (feed `live` alone), and what the training run left.

    `p_value`: of the selection, against data snooping; `other_p_values`: one of each other family
    promoted this quarter. `stress`: the worst total return of the stressed backtests. `growth`:
    live log growth; `band`: its 90 % band. `hold_out` None: not looked at yet.
    """

    trades: int
    days: int
    p_value: float | None
    other_p_values: tuple[float, ...]
    stress: float | None
    slippage: Slippage | None
    growth: float | None
    band: tuple[float, float] | None
    distribution_p: float | None
    signal_match: float | None
    hold_out: HoldOutLook | None = None


def judge_maturity(facts: MaturityFacts) -> tuple[Evidence, ...]:
    """Every rule between VALIDATION and MATURE; the hold-out's come last (quant.md, lifecycle)."""
    return (*_live(facts), *_tested_again(facts), *_tracking(facts), *_hold_out(facts))


def may_open_hold_out(evidence: Sequence[Evidence]) -> bool:
    """Whether everything that can be judged without the hold-out says yes."""
    return all(
        e.passed for e in evidence if e.required and e.rule not in HOLD_OUT_RULES
    )  # fmt: skip


def look_at_hold_out(development: Floats, hold_out: Floats, trials: float) -> HoldOutLook:
    """The look, from daily net returns less beta times the market, beta frozen in development.

    `trials` is the effective number of trials; the variance of their Sharpe ratios is 1/(T-1), as
    everywhere in the house. A series without spread has no Sharpe ratio: NaN, which passes nothing.
    """
    from tradepulse.training.significance.luck import deflated_sharpe
    from tradepulse.training.significance.sharpe import moments, probabilistic_sharpe

    own = moments(hold_out)
    both = moments(np.concatenate((development, hold_out)))
    psr = probabilistic_sharpe(own.sharpe, own.count, own.skew, own.kurtosis)
    deflated = deflated_sharpe(
        both.sharpe, both.count, both.skew, both.kurtosis, trials, 1.0 / (both.count - 1)
    )
    return HoldOutLook(own.count, float(own.sharpe), float(psr), float(deflated))


def _live(facts: MaturityFacts) -> tuple[Evidence, ...]:
    return (
        at_least(
            "live_trades", float(TRADES), float(facts.trades),
            f"closed trades on a live feed; {TRADES_BETTER} would be better",
        ),
        at_least(
            "live_days", float(DAYS), float(facts.days),
            "days on a live feed; a replay is history, however new",
        ),
    )  # fmt: skip


def _tested_again(facts: MaturityFacts) -> tuple[Evidence, ...]:
    return (
        at_most(
            "false_discovery_rate", FALSE_DISCOVERIES, _false_discoveries(facts),
            f"share of false finds to expect among the {1 + len(facts.other_p_values)} families "
            "promoted this quarter (Benjamini-Hochberg)",
        ),
        above(
            "stress", 0.0, _known(facts.stress),
            "return with fees x 1.5, slippage x 2, and every signal one bar late",
        ),
        _live_slippage(facts.slippage),
    )  # fmt: skip


def _false_discoveries(facts: MaturityFacts) -> float | None:
    own = _known(facts.p_value)
    if own is None:
        return None
    from tradepulse.training.significance.multiple import benjamini_hochberg

    return float(benjamini_hochberg((own, *facts.other_p_values), FALSE_DISCOVERIES)[1][0])


def _live_slippage(slipped: Slippage | None) -> Evidence:
    note = "basis points a fill; at most twice what the backtest charged"
    if slipped is None:
        return Evidence("live_slippage", None, None, passed=False, note=note)
    # Prices rounded to a tick leave a hair even where nothing slips.
    most = SLIPPAGE_FACTOR * slipped.modelled_bps + 1e-6
    return at_most("live_slippage", most, slipped.measured_bps, note)


def _tracking(facts: MaturityFacts) -> tuple[Evidence, ...]:
    return (
        _in_band(facts.growth, facts.band),
        above(
            "live_distribution", DISTRIBUTION_P, _known(facts.distribution_p),
            "chance of trades as unlike the backtest's as these (Kolmogorov-Smirnov)",
        ),
        at_least(
            "live_signal_match", SIGNAL_MATCH, _known(facts.signal_match),
            "share of entries and exits that are the backtest's over the same bars",
        ),
    )  # fmt: skip


def _in_band(growth: float | None, band: tuple[float, float] | None) -> Evidence:
    note = "live log growth, inside the 90 % band of the resampled backtest"
    if growth is None or band is None:
        return Evidence("live_in_band", None, None, passed=False, note=note)
    low, high = band
    told = f"{note}: {low:+.4f} to {high:+.4f}"
    return Evidence("live_in_band", low, growth, low <= growth <= high, told)


def _hold_out(facts: MaturityFacts) -> tuple[Evidence, ...]:
    look = facts.hold_out
    closed = "not looked at: opened last, once, when all else says yes"
    days = 0 if look is None else look.days
    return (
        above(
            "hold_out_sharpe", 0.0, None if look is None else _known(look.sharpe),
            closed if look is None
            else f"Sharpe ratio a day over {days} days nobody had seen, less beta times market",
        ),
        at_least(
            "hold_out_psr", HOLD_OUT_PSR, None if look is None else _known(look.psr),
            closed if look is None
            else "probability that the Sharpe ratio behind the hold-out is above zero",
        ),
        at_least(
            "dsr_with_hold_out", DEFLATED, None if look is None else _known(look.deflated),
            closed if look is None
            else "deflated Sharpe ratio of development and hold-out together",
        ),
    )  # fmt: skip


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
