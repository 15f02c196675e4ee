"""Recursions in the form TA-Lib gives them: seeds, first valid bar and smoothing are the same.

A NaN input is skipped: the state stays, the output of that bar is NaN.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.signals.jit import kernel

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

DAY_MS = 86_400_000


@kernel
def smoothed(
    x: Floats, out: Floats, n: int, state: Floats, at: int, span: int, skip: int, alpha: float
) -> None:
    """Exponential mean with weight `alpha`, seeded by the mean of `span` values after `skip`.

    State: [0] values seen, [1] sum while seeding, then the mean.
    """
    seen, mean = state[at], state[at + 1]
    ready = float(span + skip)
    for i in range(n):
        value = x[i]
        if value - value != 0.0:
            out[i] = np.nan
            continue
        if seen >= ready:
            mean += alpha * (value - mean)
            out[i] = mean
            continue
        seen += 1.0
        if seen > skip:
            mean += value
        if seen == ready:
            mean /= span
            out[i] = mean
        else:
            out[i] = np.nan
    state[at], state[at + 1] = seen, mean


@kernel
def relative_strength(x: Floats, out: Floats, n: int, state: Floats, at: int, span: int) -> None:
    """Wilder's RSI, 0 to 100; 0 where nothing moved, as TA-Lib has it.

    State: [0] values seen, [1] last value, [2] mean gain, [3] mean loss.
    """
    for i in range(n):
        value = x[i]
        if value - value != 0.0:
            out[i] = np.nan
            continue
        change = value - state[at + 1]
        state[at + 1] = value
        state[at] += 1.0
        out[i] = np.nan
        if state[at] == 1.0:
            continue
        gain, loss = max(change, 0.0), max(-change, 0.0)
        if state[at] <= span + 1:
            state[at + 2] += gain / span
            state[at + 3] += loss / span
        else:
            state[at + 2] += (gain - state[at + 2]) / span
            state[at + 3] += (loss - state[at + 3]) / span
        if state[at] >= span + 1:
            total = state[at + 2] + state[at + 3]
            out[i] = 100.0 * state[at + 2] / total if total > 0.0 else 0.0


@kernel
def true_range(
    high: Floats, low: Floats, close: Floats, out: Floats, n: int, state: Floats, at: int
) -> None:
    """The bar's range with the gap from the last close; NaN on the first bar.

    State: [0] bars seen, [1] last close.
    """
    for i in range(n):
        if state[at] == 0.0:
            out[i] = np.nan
        else:
            last = state[at + 1]
            out[i] = max(high[i], last) - min(low[i], last)
        if close[i] - close[i] == 0.0:
            state[at], state[at + 1] = 1.0, close[i]


@kernel
def directional(
    high: Floats, low: Floats, close: Floats, out: Floats, n: int, state: Floats, at: int,
    span: int, kind: int,
) -> None:  # fmt: skip
    """Wilder's directional movement: 0 ADX, 1 +DI, 2 -DI.

    State: [0] bars seen, [1..3] last high, low, close, [4] +DM, [5] -DM, [6] TR, [7] sum DX or ADX.
    """
    for i in range(n):
        state[at] += 1.0
        seen = int(state[at])
        last_high, last_low, last_close = state[at + 1], state[at + 2], state[at + 3]
        state[at + 1], state[at + 2], state[at + 3] = high[i], low[i], close[i]
        out[i] = np.nan
        if seen == 1:
            continue
        up, down = high[i] - last_high, last_low - low[i]
        plus = up if up > 0.0 and up > down else 0.0
        minus = down if down > 0.0 and down > up else 0.0
        reach = max(high[i], last_close) - min(low[i], last_close)
        keep = 1.0 if seen <= span else 1.0 - 1.0 / span
        state[at + 4] = state[at + 4] * keep + plus
        state[at + 5] = state[at + 5] * keep + minus
        state[at + 6] = state[at + 6] * keep + reach
        if seen <= span:
            continue
        total = state[at + 6]
        plus_di = 100.0 * state[at + 4] / total if total > 0.0 else 0.0
        minus_di = 100.0 * state[at + 5] / total if total > 0.0 else 0.0
        if kind != 0:
            out[i] = plus_di if kind == 1 else minus_di
            continue
        both = plus_di + minus_di
        known = both > 0.0
        strength = 100.0 * abs(plus_di - minus_di) / both if known else 0.0
        if seen <= 2 * span:
            state[at + 7] += strength / span
        elif known:
            state[at + 7] += (strength - state[at + 7]) / span
        if seen >= 2 * span:
            out[i] = state[at + 7]


@kernel
def supertrend(
    high: Floats, low: Floats, close: Floats, width: Floats, out: Floats, n: int,
    state: Floats, at: int, kind: int,
) -> None:  # fmt: skip
    """Ratcheted bands of `width` around the mid price: 0 the line in force, 1 its side (+1 / -1).

    State: [0] side (0 before the first), [1] upper band, [2] lower band, [3] last close.
    """
    for i in range(n):
        if width[i] - width[i] != 0.0:
            out[i] = np.nan
            state[at + 3] = close[i]
            continue
        middle = (high[i] + low[i]) / 2.0
        upper, lower = middle + width[i], middle - width[i]
        if state[at] == 0.0:
            side = 1.0 if close[i] > upper else -1.0
        else:
            last_upper, last_lower, last_close = state[at + 1], state[at + 2], state[at + 3]
            if not (upper < last_upper or last_close > last_upper):
                upper = last_upper
            if not (lower > last_lower or last_close < last_lower):
                lower = last_lower
            side = state[at]
            if side < 0.0 and close[i] > last_upper:
                side = 1.0
            elif side > 0.0 and close[i] < last_lower:
                side = -1.0
        state[at], state[at + 1], state[at + 2], state[at + 3] = side, upper, lower, close[i]
        out[i] = side if kind == 1 else (lower if side > 0.0 else upper)


@kernel
def on_balance_volume(
    close: Floats, volume: Floats, out: Floats, n: int, state: Floats, at: int
) -> None:
    """Running volume signed by the close's direction; starts at the first volume, as TA-Lib's.

    State: [0] bars seen, [1] last close, [2] the sum.
    """
    for i in range(n):
        if state[at] == 0.0:
            state[at], state[at + 2] = 1.0, volume[i]
        elif close[i] > state[at + 1]:
            state[at + 2] += volume[i]
        elif close[i] < state[at + 1]:
            state[at + 2] -= volume[i]
        state[at + 1] = close[i]
        out[i] = state[at + 2]


@kernel
def session_vwap(
    price: Floats, volume: Floats, times: Times, out: Floats, n: int, state: Floats, at: int
) -> None:
    """Volume-weighted price since 00:00 UTC; NaN while the session has no volume.

    State: [0] day plus one, [1] sum of price x volume, [2] sum of volume.
    """
    for i in range(n):
        day = times[i] // DAY_MS + 1
        if day != state[at]:
            state[at], state[at + 1], state[at + 2] = day, 0.0, 0.0
        if price[i] - price[i] == 0.0:
            state[at + 1] += price[i] * volume[i]
            state[at + 2] += volume[i]
        out[i] = state[at + 1] / state[at + 2] if state[at + 2] > 0.0 else np.nan
