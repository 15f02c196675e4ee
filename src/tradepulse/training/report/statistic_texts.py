"""Every statistic of a study: its name, how it is written, and what it means to a trader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tradepulse.pages import figures as f
from tradepulse.training.report.document import known, number


class StatisticText(NamedTuple):
    """`rule` is the rule of the lifecycle that looks at it."""

    title: str
    meaning: str
    form: Callable[[Any], str] = f.decimal
    rule: str | None = None


def _gain(value: f.Number) -> str:
    return f.percent(value, sign=True)


def _interval(value: Any) -> str:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return f.MISSING
    return f"{f.decimal(number(value[0]))} to {f.decimal(number(value[1]))}"


def _paths(value: Any) -> str:
    sharpes = known(value)
    if not len(sharpes):
        return f.MISSING
    losing = float((sharpes <= 0).mean())
    low, high = float(sharpes.min()), float(sharpes.max())
    return f"{f.decimal(low)} to {f.decimal(high)}, {f.percent(losing, 0)} of {len(sharpes)} losing"


def _never(form: Callable[[f.Number], str]) -> Callable[[f.Number], str]:
    return lambda value: "never" if value is None else form(value)


_years = _never(lambda v: f"{f.decimal(v, 1)} years")

GROUPS: dict[str, dict[str, StatisticText]] = {
    "Is there an edge?": {
        "sharpe_annual": StatisticText(
            "Sharpe ratio a year",
            "Return for each unit of ups and downs, with the market's part taken out.",
        ),
        "sharpe_interval": StatisticText(
            "95 % interval",
            "Where the true Sharpe may lie, going by the length of the record and its fat tails.",
            _interval,
        ),
        "bootstrap_interval": StatisticText(
            "95 % interval, resampled",
            "The same by drawing blocks of days again and again, which assumes less.",
            _interval,
        ),
        "psr": StatisticText(
            "PSR",
            "Confidence that the true Sharpe is above zero, if this had been the only try.",
            f.probability,
        ),
        "psr_2025": StatisticText(
            "PSR, form of 2025",
            "The same with the error measured at a Sharpe of zero; kinder to a record with rare, "
            "large losses.",
            f.probability,
        ),
        "beta": StatisticText(
            "Beta",
            "How much of each move of the market it takes along; that part earns no credit.",
        ),
        "skew": StatisticText(
            "Skew",
            "Below zero: many small gains and rare large losses, which flatter a Sharpe ratio.",
        ),
        "kurtosis": StatisticText(
            "Kurtosis", "How fat the tails are; 3 is normal, and more means rarer, wilder days."
        ),
        "days": StatisticText("Days", "Daily returns that all of this was measured on.", f.count),
    },
    "Or is it luck?": {
        "trials_raw": StatisticText(
            "Tries", "Different parameter sets tried on this strategy and market, ever.", f.count
        ),
        "trials_effective": StatisticText(
            "Tries that differ",
            "How many unlike ones they amount to: a hundred near-copies are one bet.",
            lambda v: f.decimal(v, 1),
        ),
        "expected_maximum_annual": StatisticText(
            "Sharpe of the luckiest",
            "What the best of that many tries without any skill would show.",
        ),
        "dsr": StatisticText(
            "Deflated Sharpe, DSR",
            "Confidence that this Sharpe beats the luckiest of all the tries.",
            f.probability,
            "deflated_sharpe",
        ),
        "dsr_raw": StatisticText(
            "DSR, every try apart",
            "The same if no two tries were alike: the harshest reading.",
            f.probability,
            "deflated_sharpe_raw",
        ),
        "dsr_empirical": StatisticText(
            "DSR, spread as found",
            "The same with the spread the tries really had, which a good try inflates itself.",
            f.probability,
        ),
        "spa": StatisticText(
            "SPA",
            "If nothing worked, how often the best try would look this good (Hansen's test).",
            f.p_value,
            "superiority",
        ),
        "spa_lower": StatisticText(
            "SPA, lower bound", "The same, ignoring tries that are poor anyway.", f.p_value
        ),
        "spa_upper": StatisticText(
            "SPA, upper bound", "The same, counting the poorest tries as if they were fair.",
            f.p_value,
        ),
        "reality_check": StatisticText(
            "Reality check",
            "White's older form of the test; one wild try can hide a good one.",
            f.p_value,
        ),
        "permutation_p": StatisticText(
            "Shuffled markets",
            "How often the same search found as much after the bars were shuffled.",
            f.p_value,
            "permutation",
        ),
        "pbo": StatisticText(
            "PBO",
            "How often the winner of one half of the history lands in the worse half of the other. "
            "At 50 % choosing is guessing.",
            lambda v: f.percent(v, 0),
            "overfitting",
        ),
        "pbo_representatives": StatisticText(
            "PBO, one of each kind",
            "The same among unlike tries only, since near-copies swap places at random.",
            lambda v: f.percent(v, 0),
            "overfitting",
        ),
        "probability_of_loss": StatisticText(
            "Chance of loss",
            "How often the winner of one half lost money in the other.",
            lambda v: f.percent(v, 0),
        ),
        "cpcv_sharpes": StatisticText(
            "Sharpe over many splits",
            "The winners' Sharpe on held-back parts, over every way of holding them back (CPCV).",
            _paths,
        ),
        "sign_flip_p": StatisticText(
            "Sign-flip test",
            "If wins and losses were coin flips, how often the trades would earn this much.",
            f.p_value,
        ),
    },
    "Did it hold on later data?": {
        "walk_forward_sharpe_annual": StatisticText(
            "Walk-forward Sharpe",
            "The Sharpe on the parts after each search, joined, with the market's part taken out.",
        ),
        "walk_forward_psr": StatisticText(
            "Walk-forward confidence",
            "Confidence that later data earns anything at all.",
            f.probability,
            "walk_forward",
        ),
        "walk_forward_efficiency": StatisticText(
            "Walk-forward efficiency",
            "Share of the result in training that survived on later data; under 0.5 ask why.",
            f.decimal,
            "walk_forward_efficiency",
        ),
        "walk_forward_return": StatisticText(
            "Walk-forward return", "What the joined later parts earned, net of all costs.", _gain
        ),
        "walk_forward_days": StatisticText("Walk-forward days", "Length of that record.", f.count),
        "trades_out_of_sample": StatisticText(
            "Trades out of sample", "Closed trades in it.", f.count, "trades"
        ),
    },
    "What to expect": {
        "expected_live_sharpe": StatisticText(
            "Sharpe to expect live",
            "Half of the backtest's, less for a rule with many parameters: live results seldom "
            "keep more.",
        ),
        "min_track_record_days": StatisticText(
            "Track record needed",
            "Days after which a Sharpe like this is told from zero with 95 % confidence.",
            _never(f.count),
            "track_record",
        ),
        "min_backtest_years": StatisticText(
            "Backtest needed",
            "Years below which that many tries reach this Sharpe by luck alone.",
            _years,
        ),
        "drawdown_95": StatisticText(
            "Drawdown, 1 year in 20",
            "The fall from a peak that one year in twenty goes beyond, were the days shuffled in "
            "blocks.",
            _gain,
        ),
        "drawdown_99": StatisticText(
            "Drawdown, 1 year in 100", "The same for one year in a hundred. Size for it.", _gain
        ),
        "trades": StatisticText("Trades", "Closed trades of the chosen set.", f.count),
        "trade_mean": StatisticText("Mean trade", "Net result over what it put in.", _gain),
        "trade_deviation": StatisticText(
            "Spread of the trades", "How far a trade usually strays from the mean one.", f.percent
        ),
        "trade_effect": StatisticText(
            "Mean over spread",
            "Out of sample; at 0.1 it takes hundreds of trades to see an edge, at 0.3 about "
            "seventy.",
        ),
    },
    "How it was measured": {
        "spa_block": StatisticText(
            "Block of the resampling", "Days kept together when days are drawn again."
        ),
        "variance": StatisticText(
            "Variance assumed",
            "Of the Sharpe a day of a try without skill: one over the days.",
            lambda v: f.decimal(v, 6),
        ),
        "variance_of_trials": StatisticText(
            "Variance found", "Of the Sharpe a day over all tries.", lambda v: f.decimal(v, 6)
        ),
    },
}  # fmt: skip
