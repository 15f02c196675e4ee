"""Kernels for the stretches where nothing can happen: flat without a signal, or holding a position
whose levels are out of reach.

They find the next bar that needs the whole rulebook and book everything before it at once: with the
same formulas, so that the results are those of the bar-by-bar path, bit for bit. Equity inside a
quiet span is offset + slope * close; its extremes come from the closes' extremes (rounding is
monotone), its squared drawdowns from one vectorised loop.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.simulation import layout as at
from tradepulse.simulation.hot import hot_kernel, inlined_kernel
from tradepulse.simulation.inputs import SUB_BLOCK, Bars, Signals, Skips, Terms
from tradepulse.simulation.marking import deepen, reach_peak, start_period

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.uint8]

Times = npt.NDArray[np.int64]

_FEW = 8
_NEVER = 2**62


@hot_kernel
def first_flag(flags: Flags, row: int, end: int) -> int:
    """The first row in [row, end) whose flag is set, `end` if none: 64, then 8, then 1 a step."""
    while row + SUB_BLOCK <= end:
        chunk = flags[row : row + SUB_BLOCK]
        any_flag = np.uint8(0)
        for k in range(SUB_BLOCK):
            any_flag |= chunk[k]
        if any_flag != 0:
            break
        row += SUB_BLOCK
    while row + _FEW <= end:
        few = flags[row : row + _FEW]
        any_flag = np.uint8(0)
        for k in range(_FEW):
            any_flag |= few[k]
        if any_flag != 0:
            break
        row += _FEW
    while row < end and flags[row] == 0:
        row += 1
    return row


@hot_kernel
def skip_to(rows: Times, cursor: int, i: int) -> int:
    """The first place from `cursor` on in the rising `rows` that is not below `i`."""
    while cursor < len(rows) and rows[cursor] < i:
        cursor += 1
    return cursor


@inlined_kernel
def rest_flat(
    state: Floats, terms: Terms, bars: Bars, skips: Skips, equity: Floats, periods: Floats,
    i: int, end: int, period: int,
) -> None:  # fmt: skip
    """Books bars [i, end) on which the account is flat and nothing is pending.

    `period` is the place in `skips.period_starts` of the first that is not below `i`.
    """
    first, count = state[at.S_INDEX], end - i
    worth = state[at.S_WALLET]
    if first == 0.0:
        state[at.S_FIRST_CLOSE] = bars.close[i]
    k = period
    while k < len(skips.period_starts) and skips.period_starts[k] < end:
        start = skips.period_starts[k]
        if start > i:
            state[at.S_EQUITY] = worth
            state[at.S_INDEX] = first + (start - i)
        start_period(state, periods, bars.open_time[start], terms.period_ms)
        k += 1
    state[at.S_EQUITY] = worth
    state[at.S_INDEX] = first + count
    state[at.S_LAST_CLOSE] = bars.close[end - 1]
    state[at.S_LAST_TIME] = bars.open_time[end - 1]
    if len(equity) > 0:
        equity[i:end] = worth
    if worth <= 0.0:
        state[at.S_BANKRUPT] = 1.0
    if worth >= state[at.S_PEAK]:
        reach_peak(state, worth, first, first + count - 1.0)
    else:
        deepen(state, worth, count)
        state[at.S_FLAT_BARS] += count


@inlined_kernel
def _add_squares(
    state: Floats, close: Floats, i: int, end: int, offset: float, slope: float
) -> None:
    """Adds (equity / peak - 1) squared of bars [i, end) to their lanes."""
    inverse = 1.0 / state[at.S_PEAK]
    lane = int(state[at.S_INDEX]) % at.LANES
    while i < end:
        count = min(at.LANES - lane, end - i)
        lanes = state[at.S_LANES + lane : at.S_LANES + lane + count]
        chunk = close[i : i + count]
        for k in range(count):
            depth = (offset + slope * chunk[k]) * inverse - 1.0
            lanes[k] += depth * depth
        i += count
        lane = 0


@inlined_kernel
def _account_span(
    state: Floats, bars: Bars, skips: Skips, i: int, end: int, offset: float, slope: float
) -> bool:  # fmt: skip
    """Books the equity of bars [i, end), of one run of SUB_BLOCK, into the drawdown accumulators.

    False if equity may have met zero in it: nothing is booked then, the whole rulebook takes over.
    """
    block = i // SUB_BLOCK
    if block >= len(skips.close_min):
        return _account_bars(state, bars.close, i, end, offset, slope)
    closes = (skips.close_min[block], skips.close_max[block])
    worst, best = closes if slope > 0.0 else (closes[1], closes[0])
    low, high = offset + slope * worst, offset + slope * best
    if high < state[at.S_PEAK] and low > 0.0:
        # The run's lowest close may lie outside [i, end): then it must not be a new low.
        if end - i == SUB_BLOCK:
            deepen(state, low, SUB_BLOCK)
        elif low / state[at.S_PEAK] - 1.0 >= state[at.S_MAX_DRAWDOWN]:
            state[at.S_BARS_UNDER_WATER] += end - i
        else:
            return _account_bars(state, bars.close, i, end, offset, slope)
        _add_squares(state, bars.close, i, end, offset, slope)
        return True
    return _account_bars(state, bars.close, i, end, offset, slope)


@hot_kernel
def _account_bars(
    state: Floats, close: Floats, i: int, end: int, offset: float, slope: float
) -> bool:
    """`_account_span`, one bar at a time: for spans with a new peak or a new low."""
    for k in range(i, end):
        if offset + slope * close[k] <= 0.0:
            return False
    index, peak = state[at.S_INDEX], state[at.S_PEAK]
    lowest, below = np.inf, 0
    for k in range(i, end):
        worth = offset + slope * close[k]
        if worth >= peak:
            if below > 0:
                deepen(state, lowest, below)
            lowest, below, peak = np.inf, 0, worth
            reach_peak(state, worth, index, index)
        else:
            below += 1
            lowest = min(lowest, worth)
            depth = worth * (1.0 / peak) - 1.0
            state[at.S_LANES + int(index) % at.LANES] += depth * depth
        index += 1.0
    if below > 0:
        deepen(state, lowest, below)
    return True


@inlined_kernel
def guards(state: Floats, tick: float) -> tuple[float, float, float, float]:
    """(low, high, mark low, mark high): a bar that stays strictly between them is quiet.

    A little wider than the levels, by more than rounding can be off: a bar that only comes near is
    handed to the whole rulebook, which then finds nothing.
    """
    side, stop, target = state[at.S_SIDE], state[at.S_STOP], state[at.S_TARGET]
    below, above = (stop, target) if side > 0.0 else (target, stop)
    lower = -np.inf if np.isnan(below) else below + 1e-9 * abs(below) + 1e-6 * tick
    upper = np.inf if np.isnan(above) else above - 1e-9 * abs(above) - 1e-6 * tick
    if not np.isnan(state[at.S_TRAIL]):
        # A new extreme moves the trail.
        if side > 0.0:
            upper = min(upper, state[at.S_HIGH])
        else:
            lower = max(lower, state[at.S_LOW])
    mark_lower, mark_upper = -np.inf, np.inf
    if not np.isnan(state[at.S_LIQUIDATION]):
        if side > 0.0:
            mark_lower = state[at.S_LIQUIDATION]
        else:
            mark_upper = state[at.S_LIQUIDATION]
    return lower, upper, mark_lower, mark_upper


@inlined_kernel
def first_touch(
    bars: Bars, i: int, end: int, lower: float, upper: float, mark_lower: float, mark_upper: float
) -> int:
    for k in range(i, end):
        if bars.low[k] <= lower or bars.high[k] >= upper:
            return k
        if bars.mark_low[k] <= mark_lower or bars.mark_high[k] >= mark_upper:
            return k
    return end


@inlined_kernel
def _last_quiet_bar(state: Floats, skips: Skips, i: int, stop: int, paying: int) -> int:
    """The first bar from `i` on, at most `stop`, that pays funding or on which time is up."""
    if paying < len(skips.funding_bars):
        stop = min(stop, skips.funding_bars[paying])
    if not np.isnan(state[at.S_MAX_BARS]):
        left = state[at.S_ENTRY_INDEX] + np.ceil(state[at.S_MAX_BARS]) - 1.0 - state[at.S_INDEX]
        if left < stop - i:
            stop = i + max(int(left), 0)
    return stop


@inlined_kernel
def ride(
    state: Floats, terms: Terms, bars: Bars, skips: Skips, signals: Signals, equity: Floats,
    periods: Floats, track: bool, shift: int, i: int, stop: int, period: int, paying: int,
) -> int:  # fmt: skip
    """Books quiet bars of an open position from `i` on; the first bar that is not, at most `stop`.

    Row k of the signals belongs to bar k + `shift`; `period` and `paying` are the places of the
    first period start and the first funding bar not below `i`. `track`: extremes are wanted for the
    trade.
    """
    stop = _last_quiet_bar(state, skips, i, stop, paying)
    lower, upper, mark_lower, mark_upper = guards(state, terms.rules[at.R_TICK])
    slope = state[at.S_SIDE] * state[at.S_QUANTITY]
    offset = state[at.S_WALLET] - slope * state[at.S_ENTRY_PRICE]
    track = track or not np.isnan(state[at.S_TRAIL])
    is_long = slope > 0.0
    leave = signals.exit_long if is_long else signals.exit_short
    reverse = signals.enter_short if is_long else signals.enter_long
    watch_reverse = not is_long or terms.rules[at.R_ALLOW_SHORT] != 0.0
    next_flag = first_flag(leave, i - shift, stop - shift) + shift
    if watch_reverse:
        next_flag = first_flag(reverse, i - shift, next_flag - shift) + shift
    stop = min(stop, next_flag)
    while i < stop:
        next_start = _NEVER
        if period < len(skips.period_starts):
            if skips.period_starts[period] == i:
                start_period(state, periods, bars.open_time[i], terms.period_ms)
                period += 1
            if period < len(skips.period_starts):
                next_start = int(skips.period_starts[period])
        block = i // SUB_BLOCK
        end = min((block + 1) * SUB_BLOCK, stop, next_start)
        known = block < len(skips.low_min)
        if not (
            known
            and skips.low_min[block] > lower
            and skips.high_max[block] < upper
            and skips.mark_low_min[block] > mark_lower
            and skips.mark_high_max[block] < mark_upper
        ):
            touched = first_touch(bars, i, end, lower, upper, mark_lower, mark_upper)
            if touched < end:
                stop = end = touched
        if end == i or not _book(state, bars, skips, equity, track, i, end, offset, slope):
            return i
        i = end
    return i


@inlined_kernel
def _book(
    state: Floats, bars: Bars, skips: Skips, equity: Floats, track: bool, i: int, end: int,
    offset: float, slope: float,
) -> bool:  # fmt: skip
    """Books quiet bars [i, end), all of one run of SUB_BLOCK; False if equity met zero in it."""
    if not _account_span(state, bars, skips, i, end, offset, slope):
        return False
    if len(equity) > 0:
        closes, worth = bars.close[i:end], equity[i:end]
        for k in range(end - i):
            worth[k] = offset + slope * closes[k]
    if track:
        _widen(state, bars, skips, i, end)
    state[at.S_BARS_IN_POSITION] += end - i
    state[at.S_INDEX] += end - i
    state[at.S_EQUITY] = offset + slope * bars.close[end - 1]
    state[at.S_LAST_CLOSE] = bars.close[end - 1]
    state[at.S_LAST_TIME] = bars.open_time[end - 1]
    return True


@inlined_kernel
def _widen(state: Floats, bars: Bars, skips: Skips, i: int, end: int) -> None:
    """Extends the extremes of the bars held by [i, end)."""
    low, high = state[at.S_LOW], state[at.S_HIGH]
    if end - i == SUB_BLOCK:
        block = i // SUB_BLOCK
        low, high = min(low, skips.low_min[block]), max(high, skips.high_max[block])
    else:
        for k in range(i, end):
            low = min(low, bars.low[k])
            high = max(high, bars.high[k])
    state[at.S_LOW], state[at.S_HIGH] = low, high
