"""Prices: one-minute bars and the trades inside them that made them, from the seed alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from simulated_venue.scenario import QUIET_BARS, Dice, Scenario
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.instrument import Instrument, Market, Pair
from tradepulse.domain.market_terms import LeverageTier, MarketTerms

MINUTE = 60_000
# Far more often than any venue, so that a short run meets several settlements.
FUNDING_MS = 10 * MINUTE
START = 1_700_000_000_000 // FUNDING_MS * FUNDING_MS
# Bars there were before the run: what warms the graph.
PAST_BARS = 64
# When in its minute each of a bar's four trades happens.
LEGS_MS = (0, 14_000, 33_000, 58_000)
TICK, LOT, LEAST = Decimal("0.01"), Decimal("0.001"), Decimal(10)
FUNDING_RATE = 0.0005
# The greatest of them leaves nothing of a position's margin at ten times leverage.
_JUMPS = (-0.12, -0.03, -0.015, -0.015, 0.015, 0.015, 0.03, 0.12)


@dataclass(frozen=True, eq=False)
class PricePath:
    """The bars of one pair, and every trade of the run as (time, price)."""

    pair: str
    bars: BarSeries
    trades: tuple[tuple[int, Decimal], ...]


def price_path(scenario: Scenario, pair: str, dice: Dice) -> PricePath:
    """A restless walk around 100, rounded to the tick; now and then a bar opens far away."""
    count = PAST_BARS + scenario.bars + QUIET_BARS
    chance = np.random.default_rng([scenario.seed, sum(map(ord, pair))])
    swing = float(chance.uniform(0.001, 0.004))
    moves = chance.normal(0.0, swing, count)
    gaps = np.zeros(count)
    for row in range(PAST_BARS, count - QUIET_BARS):
        if dice.strikes("jump"):
            gaps[row] = dice.stream("jump:size").choice(_JUMPS)
    logs = np.cumsum(moves + gaps)
    opened = _ticks(100.0 * np.exp(logs - moves))
    close = _ticks(100.0 * np.exp(logs))
    high = _ticks(np.maximum(opened, close) * np.exp(np.abs(chance.normal(0, swing / 2, count))))
    low = _ticks(np.minimum(opened, close) * np.exp(-np.abs(chance.normal(0, swing / 2, count))))
    times = START + MINUTE * np.arange(-PAST_BARS, count - PAST_BARS, dtype=np.int64)
    bars = BarSeries(times, opened, high, low, close, chance.uniform(50, 500, count), MINUTE)
    return PricePath(pair, bars, tuple(_trades(bars)))


def terms_of(scenario: Scenario, pair: str, *, trading: bool = True) -> MarketTerms:
    """What the venue demands in a pair."""
    spot = scenario.market is Market.SPOT
    tier = LeverageTier(Decimal(10**9), Decimal(scenario.leverage), Decimal("0.005"))
    return MarketTerms(
        Instrument("simulated", Pair.parse(pair), TICK, LOT, LEAST), pair.replace("/", ""),
        min_quantity=LOT, max_leverage=Decimal(scenario.leverage), tiers=() if spot else (tier,),
        native_oco=spot, trading=trading, fetched_at=START,
    )  # fmt: skip


def funding_series(scenario: Scenario, until_ms: int) -> FundingSeries:
    """The settlements stamped up to `until_ms`; rates of zero where the scenario has none."""
    first = (START - PAST_BARS * MINUTE) // FUNDING_MS - 300
    times = np.arange(first, until_ms // FUNDING_MS + 1, dtype=np.int64) * FUNDING_MS
    rate = FUNDING_RATE if scenario.funding else 0.0
    return FundingSeries(times, np.full(len(times), rate))


def _ticks(prices: np.ndarray) -> np.ndarray:
    return np.round(np.round(prices / float(TICK)) * float(TICK), 2)


def _trades(bars: BarSeries) -> list[tuple[int, Decimal]]:
    found = []
    for row in range(PAST_BARS, len(bars)):
        opened, close = float(bars.open[row]), float(bars.close[row])
        high, low = float(bars.high[row]), float(bars.low[row])
        # The extreme nearest the open comes first.
        inner = (low, high) if math.fabs(opened - low) <= math.fabs(high - opened) else (high, low)
        for after, price in zip(LEGS_MS, (opened, *inner, close), strict=True):
            found.append((int(bars.open_time[row]) + after, Decimal(f"{price:.2f}")))
    return found
