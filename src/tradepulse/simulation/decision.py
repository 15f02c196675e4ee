"""Decision rules (D): what a closed bar's signals ask for, how big, and where the exits stand.

Scalars in, scalars out, one function a rule; the kernel and the live engine call the same ones.
`side` is 1 long, -1 short, 0 flat. NaN means "none" for every level and distance.
"""

from __future__ import annotations

import numpy as np

from tradepulse.simulation.hot import hot_kernel
from tradepulse.simulation.layout import (
    ACCEPTED,
    EXIT_REVERSAL,
    EXIT_SIGNAL,
    EXIT_STOP,
    EXIT_TIME,
    EXIT_TRAIL,
    NO_EXIT,
    REFUSED_BAD_LEVEL,
    REFUSED_LEVEL_PASSED,
    REFUSED_NO_QUANTITY,
    REFUSED_NO_STOP,
    REFUSED_STOP_BEYOND_LIQUIDATION,
    SIZE_QUOTE,
    SIZE_RISK,
)  # fmt: skip
from tradepulse.simulation.venue import floor_to_lot, round_limit_price, round_price_against


@hot_kernel
def decide(  # noqa: PLR0911  (a table of cases reads best flat)
    enter_long: bool, exit_long: bool, enter_short: bool, exit_short: bool,
    held: int, allow_short: bool, time_is_up: bool,
) -> tuple[int, int]:  # fmt: skip
    """(reason of the exit or NO_EXIT, side of the entry or 0) of a closed bar (F15, F10).

    `held` is the side of the pending entry if there is one, else of the position: a pending entry
    counts as the position it will become.
    """
    buys = enter_long and not exit_long
    # A short that is not allowed is dropped whole: it neither opens nor closes anything.
    sells = enter_short and not exit_short and allow_short
    if buys and sells:
        buys = sells = False
    if held > 0:
        if sells:
            return EXIT_REVERSAL, -1
        if exit_long:
            return EXIT_SIGNAL, 0
    elif held < 0:
        if buys:
            return EXIT_REVERSAL, 1
        if exit_short:
            return EXIT_SIGNAL, 0
    elif buys:
        return NO_EXIT, 1
    elif sells:
        return NO_EXIT, -1
    if held != 0 and time_is_up:
        return EXIT_TIME, 0
    return NO_EXIT, 0


@hot_kernel
def time_is_up(bars_held: float, max_bars: float) -> bool:
    """Whether the time stop asks to leave at the next open (F16). The entry bar is the first one
    held; NaN means no time stop."""
    return bars_held >= max_bars


@hot_kernel
def levels_are_sound(
    stop: float,
    target: float,
    trail: float,
    stop_price: float,
    target_price: float,
    max_bars: float,
) -> bool:
    """Whether no given distance or level is zero, negative or infinite (F16); NaN is none."""
    for value in (stop, target, trail, stop_price, target_price, max_bars):
        if value <= 0.0 or np.isinf(value):
            return False
    return True


@hot_kernel
def risk_distance(stop: float, trail: float, stop_price: float, close: float) -> float:
    """The distance that RiskPerTrade divides by: the stop that will stand, else the trail (F17).

    An absolute stop takes precedence over a distance here as it does at the fill. NaN: no stop.
    """
    if not np.isnan(stop_price):
        return abs(close - stop_price)
    if not np.isnan(stop):
        return stop
    return trail


@hot_kernel
def size(
    sizing: float, x: float, equity: float, strength: float, leverage: float, close: float,
    taker: float, stop_distance: float, lot: float,
) -> tuple[int, float]:  # fmt: skip
    """(ACCEPTED or a refusal code, quantity) decided at the signal's close (F17).

    Fraction: x * equity * strength * leverage / (close * (1 + taker)). Quote: x * strength / (close
    * (1 + taker)). Risk: x * equity * strength / stop distance. A `strength` of NaN is 1, others
    are clipped into [0, 1]; lots round down.
    """
    weight = 1.0 if np.isnan(strength) else min(max(strength, 0.0), 1.0)
    if sizing == SIZE_RISK:
        if not stop_distance > 0.0:
            return REFUSED_NO_STOP, 0.0
        quantity = x * equity * weight / stop_distance
    elif sizing == SIZE_QUOTE:
        quantity = x * weight / (close * (1.0 + taker))
    else:
        quantity = x * equity * weight * leverage / (close * (1.0 + taker))
    quantity = floor_to_lot(quantity, lot)
    if not quantity > 0.0:
        return REFUSED_NO_QUANTITY, 0.0
    return ACCEPTED, quantity


@hot_kernel
def stop_level(side: float, entry: float, distance: float, price: float, tick: float) -> float:
    """The protective stop from the entry fill (F16): the absolute `price` if given, else entry
    minus the distance (plus, for a short). Rounded away from the entry (F8); NaN: none."""
    level = entry - side * distance if np.isnan(price) else price
    return round_price_against(level, -side, tick)


@hot_kernel
def target_level(side: float, entry: float, distance: float, price: float, tick: float) -> float:
    """The target from the entry fill (F16): the absolute `price` if given, else entry plus the
    distance (minus, for a short). Rounded away from the entry (F8); NaN: none."""
    level = entry + side * distance if np.isnan(price) else price
    return round_limit_price(level, -side, tick)


@hot_kernel
def tighter_stop(side: float, stop: float, trail_stop: float) -> tuple[float, bool]:
    """(the stop in force, whether it is the trail's) of a stop and a trail level, each NaN for
    none.

    Equal levels stay the stop's: the trail is in force only once it is strictly nearer (F11).
    """
    if np.isnan(trail_stop):
        return stop, False
    if np.isnan(stop) or side * (trail_stop - stop) > 0.0:
        return trail_stop, True
    return stop, False


@hot_kernel
def trailed_stop(
    side: float, stop: float, trailing: bool, extreme: float, trail: float, tick: float
) -> tuple[float, bool]:
    """(stop, whether it is the trail's) after a bar's close (F11): follows the extreme of the bars
    held, never loosens, acts from the next bar."""
    level = round_price_against(extreme - side * trail, -side, tick)
    moved, by_trail = tighter_stop(side, stop, level)
    return moved, trailing or by_trail


@hot_kernel
def stop_reason(trailing: bool) -> int:
    """Why a stop exit happened: by the trail once it is the stop in force (F11)."""
    return EXIT_TRAIL if trailing else EXIT_STOP


@hot_kernel
def check_levels(side: float, entry: float, stop: float, target: float, liquidation: float) -> int:
    """ACCEPTED, or why an entry filled at `entry` is refused (F12, F16): a level already passed, or
    a stop at or beyond the liquidation price. NaN levels pass."""
    if side * (entry - stop) <= 0.0 or side * (target - entry) <= 0.0:
        return REFUSED_LEVEL_PASSED
    if side * (stop - liquidation) <= 0.0:
        return REFUSED_STOP_BEYOND_LIQUIDATION
    if stop <= 0.0:
        return REFUSED_BAD_LEVEL
    return ACCEPTED
