"""Venue rules (V): how one order meets one bar. Scalars in, scalars out, one function a rule.

The backtest kernel, the paper exchange and the sandbox call these same functions, so they cannot
disagree. `side` is 1 for long or buy, -1 for short or sell. Prices are quote units, quantities base
units, rates and slippage fractions; `tick` and `lot` of 0 mean no rounding. NaN as a level means
"none": every comparison with it is False. The rules are numbered in docs/FILL_RULES.md.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.simulation.hot import hot_kernel
from tradepulse.simulation.layout import (
    TIER_AMOUNT,
    TIER_FLOOR,
    TIER_LEVERAGE,
    TIER_RATE,
)  # fmt: skip

Floats = npt.NDArray[np.float64]


# --- F8: ticks and lots ---------------------------------------------------------------------------
@hot_kernel
def in_steps(value: float, step: float) -> float:
    """`value` in units of `step`, snapped to a whole number when within 1e-9 of one (F8).

    The tolerance grows by a few units in the last place, because 30,000.001 / 0.001 alone is
    already off by 4e-9.
    """
    steps = value / step
    whole = float(np.rint(steps))
    if abs(steps - whole) <= 1e-9 + 4.5e-16 * abs(steps):
        return whole
    return steps


@hot_kernel
def from_steps(steps: float, step: float) -> float:
    """The price or quantity of a whole number of steps, as the float nearest to its decimal.

    3 * 0.1 is 0.30000000000000004; 3 / 10 is 0.3. Steps of venues are one over a whole number or
    whole numbers themselves, so divide where that is exact.
    """
    inverse = float(np.rint(1.0 / step))
    if inverse >= 1.0 and abs(inverse * step - 1.0) <= 1e-12:
        return steps / inverse
    return steps * step


@hot_kernel
def round_to_tick_down(price: float, tick: float) -> float:
    """`price` rounded down to the tick (F8)."""
    if tick <= 0.0:
        return price
    return from_steps(np.floor(in_steps(price, tick)), tick)


@hot_kernel
def round_to_tick_up(price: float, tick: float) -> float:
    """`price` rounded up to the tick (F8)."""
    if tick <= 0.0:
        return price
    return from_steps(np.ceil(in_steps(price, tick)), tick)


@hot_kernel
def round_price_against(price: float, side_of_order: float, tick: float) -> float:
    """A market or stop fill's price rounded against us: a buy up, a sell down (F8)."""
    if side_of_order > 0:
        return round_to_tick_up(price, tick)
    return round_to_tick_down(price, tick)


@hot_kernel
def round_limit_price(price: float, side_of_order: float, tick: float) -> float:
    """A resting limit's price: a buy down, a sell up, so that it is never easier to fill (F8)."""
    if side_of_order > 0:
        return round_to_tick_down(price, tick)
    return round_to_tick_up(price, tick)


@hot_kernel
def floor_to_lot(quantity: float, lot: float) -> float:
    """`quantity` rounded down to the lot; 0.3 in lots of 0.1 is 0.3 (F8)."""
    if lot <= 0.0:
        return quantity
    return from_steps(np.floor(in_steps(quantity, lot)), lot)


@hot_kernel
def below_min_notional(quantity: float, price: float, min_notional: float) -> bool:
    """Whether an entry of this size is refused (F8). A rounding error is not an excuse."""
    return quantity * price < min_notional * (1.0 - 1e-12)


# --- F2, F3: costs --------------------------------------------------------------------------------
@hot_kernel
def slippage(half_spread_and_fixed: float, impact: float, quantity: float, volume: float) -> float:
    """The fraction by which a market or stop fill is worse than its reference price (F2).

    `impact` includes sigma; `volume` is that of the bar that fills, and is positive (F13).
    """
    if impact == 0.0 or volume <= 0.0:
        return half_spread_and_fixed
    return half_spread_and_fixed + impact * float(np.sqrt(quantity / volume))


@hot_kernel
def slipped_price(price: float, side_of_order: float, fraction: float) -> float:
    """`price` moved against the order: up for a buy, down for a sell (F2)."""
    return price * (1.0 + side_of_order * fraction)


@hot_kernel
def market_fill_price(
    reference: float, side_of_order: float, fraction: float, tick: float
) -> float:
    """The price of a market fill at `reference`: slipped, then rounded against us (F2, F8)."""
    return round_price_against(
        slipped_price(reference, side_of_order, fraction), side_of_order, tick
    )


@hot_kernel
def fee(price: float, quantity: float, rate: float) -> float:
    """The fee in quote units; `rate` is a fraction of the notional (F3)."""
    return price * quantity * rate


# --- F4, F5, F6, F7: resting orders against a bar -------------------------------------------------
@hot_kernel
def stop_touched(level: float, low: float, high: float, side: float, tick: float) -> bool:
    """Whether a bar reached the protective stop of a position of `side`; a touch triggers (F5)."""
    reach = low if side > 0 else high
    if tick > 0.0:
        return side * (in_steps(reach, tick) - in_steps(level, tick)) <= 0.0
    return side * (reach - level) <= 0.0


@hot_kernel
def target_through(level: float, low: float, high: float, side: float, tick: float) -> bool:
    """Whether a bar traded through the target of a position of `side` by a tick, or strictly where
    there is no tick; a touch does not fill (F7)."""
    reach = high if side > 0 else low
    if tick > 0.0:
        return side * (in_steps(reach, tick) - in_steps(level, tick)) >= 1.0
    return side * (reach - level) > 0.0


@hot_kernel
def stop_gapped(level: float, open_: float, side: float, tick: float) -> bool:
    """Whether the bar opened at or beyond the stop of a position of `side` (F5)."""
    return stop_touched(level, open_, open_, side, tick)


@hot_kernel
def stop_fill_price(
    trigger: float, open_: float, side: float, fraction: float, tick: float
) -> float:
    """The fill of a position's stop: at its trigger, or at an open beyond it (F5); slipped and
    rounded against us (F2, F8). `side` is the position's. Never better than the trigger."""
    reference = min(trigger, open_) if side > 0 else max(trigger, open_)
    return market_fill_price(reference, -side, fraction, tick)


@hot_kernel
def limit_fill_price(
    limit: float, open_: float, low: float, high: float, side_of_order: float, tick: float
) -> float:
    """The reference price of a limit order new in this bar, NaN if it does not fill (F7).

    Marketable on arrival (the open is at the limit or better): the open, as a taker. Resting: its
    own price, as a maker, when the bar trades through it.
    """
    if limit_is_marketable(limit, open_, side_of_order):
        return open_
    if target_through(limit, low, high, -side_of_order, tick):
        return limit
    return np.nan


@hot_kernel
def limit_is_marketable(limit: float, open_: float, side_of_order: float) -> bool:
    """Whether a limit order takes liquidity on arrival: then it pays the taker fee (F3)."""
    return side_of_order * (limit - open_) > 0.0


@hot_kernel
def stop_entry_fill_price(
    trigger: float, open_: float, low: float, high: float, side_of_order: float, tick: float
) -> float:
    """The reference price of a stop order that opens a position, NaN if it is not reached (F5).

    A buy stop waits above the market: it fills at the trigger, or at an open beyond it. A
    protective stop reached in the same bar is assumed hit as well (the caller asks `stop_touched`).
    """
    if stop_touched(trigger, low, high, -side_of_order, tick):
        return max(trigger, open_) if side_of_order > 0 else min(trigger, open_)
    return np.nan


# --- F13: volume ----------------------------------------------------------------------------------
@hot_kernel
def capped_quantity(quantity: float, volume: float, cap: float, lot: float) -> float:
    """What of an order a bar fills: nothing without volume, at most `cap` of the volume in whole
    lots; NaN for `cap` means no cap (F13)."""
    if volume <= 0.0:
        return 0.0
    if np.isnan(cap):
        return quantity
    most = cap * volume
    if quantity <= most:
        return quantity
    return floor_to_lot(most, lot)


# --- F17: what cash or margin pays ----------------------------------------------------------------
@hot_kernel
def affordable_quantity(
    quantity: float, price: float, cash: float, leverage: float, taker: float, lot: float
) -> float:
    """`quantity` trimmed by whole lots to what `cash` pays as margin and entry fee (F17).

    On spot `leverage` is 1 and the margin is the whole notional.
    """
    if cash <= 0.0:
        return 0.0
    most = cash / (price * (1.0 / leverage + taker))
    return floor_to_lot(min(quantity, most), lot)


# --- F12: perpetuals ------------------------------------------------------------------------------
@hot_kernel
def funding_cash(side: float, quantity: float, price: float, rate: float) -> float:
    """What a position receives at a funding stamp; negative is paid. A long pays a positive
    rate."""
    return -side * quantity * price * rate


@hot_kernel
def liquidation_price(
    side: float, quantity: float, entry: float, margin: float, maintenance_rate: float,
    maintenance_amount: float,
) -> float:  # fmt: skip
    """The mark at which isolated margin meets maintenance (F12); NaN when no price does.

    LP = (margin + amount - side * Q * entry) / (Q * rate - side * Q), the venues' own formula.
    """
    level = (margin + maintenance_amount - side * quantity * entry) / (
        quantity * maintenance_rate - side * quantity
    )
    return level if level > 0.0 else np.nan


@hot_kernel
def tier_row(tiers: Floats, notional: float) -> int:
    """The row of the leverage tier that holds `notional`: the last whose floor is not above it."""
    row = 0
    for candidate in range(1, tiers.shape[0]):
        if notional >= tiers[candidate, TIER_FLOOR]:
            row = candidate
    return row


@hot_kernel
def maintenance(tiers: Floats, notional: float, default_rate: float) -> tuple[float, float, float]:
    """(maintenance rate, maintenance amount, highest leverage) for a position of `notional`.

    Without tiers: the default rate, no amount, any leverage.
    """
    if tiers.shape[0] == 0:
        return default_rate, 0.0, np.inf
    row = tier_row(tiers, notional)
    return tiers[row, TIER_RATE], tiers[row, TIER_AMOUNT], tiers[row, TIER_LEVERAGE]
