"""What live results say about a configuration's stage: never better than it was, perhaps worse.

Thresholds come from the configuration's own backtest, which its row pins (graph, rules, range and
fingerprint of the bars), so they are those of the day it was promoted. Replay parity stands first:
where the live trades are not the backtest's trades over the same bars, something executes other
orders than were tested, and statistics of the result would speak of something nobody promoted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tradepulse.domain.configuration import Evidence
from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.lifecycle import Stage
from tradepulse.training.lifecycle import cusum
from tradepulse.training.lifecycle.rounds import Slippage
from tradepulse.training.lifecycle.tracking import SHRINKAGE, posterior, two_sample

Floats = npt.NDArray[np.float64]

SIGNAL_MATCH = 0.99
SLIPPAGE_ERRORS = 3.0
ENOUGH_FOR_POSTERIOR = 30
POSTERIOR_WATCH, POSTERIOR_DECAYED = 0.5, 0.2
DRAWDOWN_PATHS = 5000
# The comparison of distributions looks at the newest trades only; fewer say nothing.
NEWEST_TRADES, ENOUGH_FOR_DISTRIBUTION = 100, 50
DISTRIBUTION_P = 0.01
DECAYS_TO_RETIRE = 2
DECAYS_WITHIN_MS = 365 * DAY_MS
IDLE_MS = 182 * DAY_MS

# From standing to gone. DISCOVERY claims nothing, so live results cannot take anything from it.
_ORDER = (Stage.WATCH, Stage.DECAYED, Stage.RETIRED)


@dataclass(frozen=True, eq=False)
class Expectation:
    """What a configuration's backtest promises: `trade_returns` (net, over notional at entry) in
    order of exit, and net `daily_returns`."""

    trade_returns: Floats
    daily_returns: Floats

    @cached_property
    def block(self) -> float:
        """The mean length of blocks of days that keeps their dependence when resampled."""
        from tradepulse.training.significance.block_length import stationary_block_length

        return stationary_block_length(self.daily_returns)


@dataclass(frozen=True, eq=False)
class LiveFacts:
    """What happened on a live feed. `signal_match` and `slippage` are against the kernel over the
    same bars, None where nothing ran. `decays`: times (ms) at which the configuration, under any of
    its ids, became DECAYED. `last_activity_ms`: the newest of its trades and changes of stage."""

    stage: Stage
    expectation: Expectation
    signal_match: float | None
    slippage: Slippage | None
    trade_returns: Floats
    daily_returns: Floats
    decays: tuple[int, ...]
    last_activity_ms: int
    now_ms: int
    seed: int = 0


class Finding(NamedTuple):
    """A rule's evidence, and the stage it asks for (None: nothing)."""

    evidence: Evidence
    stage: Stage | None


def judge_live(facts: LiveFacts) -> tuple[Stage, tuple[Evidence, ...]]:
    """The stage that live results leave, and the rules behind it (quant.md, lifecycle, demotion).

    Never better than `facts.stage`: the way back is a new training on newer data. An execution
    fault ends in WATCH without a look at the statistics. DISCOVERY stays what it is.
    """
    found = list(_parity(facts))
    if not any(finding.stage for finding in found):
        found += _statistics(facts)
    found += _housekeeping(facts, found)
    stage = facts.stage
    for finding in found:
        stage = _worse(stage, finding.stage)
    return stage, tuple(finding.evidence for finding in found)


def _worse(stage: Stage, proposed: Stage | None) -> Stage:
    if proposed is None or stage is Stage.DISCOVERY:
        return stage
    rank = _ORDER.index(stage) if stage in _ORDER else -1
    return proposed if _ORDER.index(proposed) > rank else stage


def _parity(facts: LiveFacts) -> Iterable[Finding]:
    match, slipped = facts.signal_match, facts.slippage
    if match is None or slipped is None:
        yield _rule("live_signal_match", SIGNAL_MATCH, None, None, "nothing has run on a live feed")
        return
    yield _rule(
        "live_signal_match", SIGNAL_MATCH, match, Stage.WATCH if match < SIGNAL_MATCH else None,
        "share of entries and exits that are the backtest's over the same bars; less is a fault of "
        "execution",
    )  # fmt: skip
    most = slipped.modelled_bps + SLIPPAGE_ERRORS * slipped.error_bps
    # A hair above the model is the rounding of prices, not slippage.
    slips = slipped.measured_bps > most + 1e-6
    yield _rule(
        "live_slippage", most, slipped.measured_bps, Stage.WATCH if slips else None,
        f"basis points over {slipped.fills} fills; modelled {slipped.modelled_bps:.2f}, and three "
        "standard errors of the measured mean",
    )  # fmt: skip


def _statistics(facts: LiveFacts) -> Iterable[Finding]:
    promised, live = facts.expectation.trade_returns, facts.trade_returns
    if len(promised) > 1 and len(live):
        mean, deviation = float(np.mean(promised)), float(np.std(promised, ddof=1))
        yield _cusum(mean, deviation, live)
        yield _posterior(mean, deviation, live)
        yield _distribution(promised, live)
    yield _drawdown(facts)


def _cusum(mean: float, deviation: float, live: Floats) -> Finding:
    chart = cusum.design(SHRINKAGE * mean, deviation)
    if chart is None:
        return _rule("live_cusum", None, None, Stage.WATCH,
                     "the backtest promises nothing that could be lost")  # fmt: skip
    highest = float(cusum.path(live, chart).max())
    stage = _level(highest > chart.h / 2.0, highest > chart.h)
    note = (
        f"sum of disappointments in {len(live)} trades, against half the backtest's edge "
        f"(k {chart.k:.3f}); over {chart.h:.2f} it has decayed: a false alarm every "
        f"{cusum.RUN_LENGTH:.0f} trades"
    )
    return _rule("live_cusum", chart.h / 2.0, highest, stage, note)


def _posterior(mean: float, deviation: float, live: Floats) -> Finding:
    chance = posterior(mean, deviation, live).above_zero
    enough = len(live) >= ENOUGH_FOR_POSTERIOR
    stage = _level(chance < POSTERIOR_WATCH, chance < POSTERIOR_DECAYED) if enough else None
    note = f"chance that a trade still earns something, after {len(live)} live ones" + (
        f"; under {POSTERIOR_DECAYED} it has decayed" if enough
        else f"; judged from {ENOUGH_FOR_POSTERIOR} on"
    )  # fmt: skip
    return _rule("live_posterior", POSTERIOR_WATCH, chance, stage, note)


def _distribution(promised: Floats, live: Floats) -> Finding:
    newest = live[-NEWEST_TRADES:]
    if len(newest) < ENOUGH_FOR_DISTRIBUTION:
        note = f"judged from {ENOUGH_FOR_DISTRIBUTION} trades on: of fewer the test sees nothing"
        return _rule("live_distribution", DISTRIBUTION_P, None, None, note)
    p = two_sample(newest, promised)[1]
    return _rule(
        "live_distribution", DISTRIBUTION_P, p, Stage.WATCH if p < DISTRIBUTION_P else None,
        f"chance of trades as unlike the backtest's as the last {len(newest)} (Kolmogorov-Smirnov)",
    )  # fmt: skip


def _drawdown(facts: LiveFacts) -> Finding:
    promised, live = facts.expectation, facts.daily_returns
    if len(live) < 2 or len(promised.daily_returns) < 2:
        return _rule("live_drawdown", None, None, None, "judged from the second day on")
    from tradepulse.training.significance.drawdown_band import bootstrap_drawdowns

    depths = bootstrap_drawdowns(
        promised.daily_returns, len(live), DRAWDOWN_PATHS, promised.block, facts.seed
    )
    watch, decayed = (float(value) for value in np.quantile(depths, (0.05, 0.01)))
    deepest = drawdown_of(live)
    note = (
        f"deepest fall of {len(live)} days; {DRAWDOWN_PATHS} resampled backtests of that length "
        f"fall further in 5 of 100, and below {decayed:.2%} in 1 of 100: then it has decayed"
    )
    return _rule("live_drawdown", watch, deepest, _level(deepest < watch, deepest < decayed), note)


def _housekeeping(facts: LiveFacts, found: list[Finding]) -> Iterable[Finding]:
    since = facts.now_ms - DECAYS_WITHIN_MS
    decays = sum(time >= since for time in facts.decays)
    falls = any(finding.stage is Stage.DECAYED for finding in found)
    decays += falls and facts.stage not in (Stage.DECAYED, Stage.RETIRED, Stage.DISCOVERY)
    yield _rule(
        "live_decays", float(DECAYS_TO_RETIRE), float(decays),
        Stage.RETIRED if decays >= DECAYS_TO_RETIRE else None,
        "times decayed in twelve months, this one included; at two it is retired",
    )  # fmt: skip
    idle = (facts.now_ms - facts.last_activity_ms) / DAY_MS
    yield _rule(
        "live_idle_days", IDLE_MS / DAY_MS, idle,
        Stage.RETIRED if idle > IDLE_MS / DAY_MS else None,
        "days without a trade or a change of stage; after half a year it is retired",
    )  # fmt: skip


def drawdown_of(returns: Floats) -> float:
    """The deepest fall from a peak of compounded daily returns, the start a peak too; at most 0."""
    equity = np.concatenate(([1.0], np.cumprod(1.0 + returns)))
    return float((equity / np.maximum.accumulate(equity) - 1.0).min())


def _level(watch: bool, decayed: bool) -> Stage | None:
    if decayed:
        return Stage.DECAYED
    return Stage.WATCH if watch else None


def _rule(
    name: str, threshold: float | None, value: float | None, stage: Stage | None, note: str
) -> Finding:
    seen = None if value is None or math.isnan(value) else value
    told = note if stage is None else f"{stage}: {note}"
    # What could not be judged yet is told and decides nothing.
    judged = stage is not None or seen is not None
    return Finding(
        Evidence(name, threshold, seen, judged and stage is None, told, judged), stage
    )  # fmt: skip
