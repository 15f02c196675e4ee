"""Kernels that look back at single bars: crosses, previous, since, hold, swing points."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.signals.jit import kernel

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.uint8]


@kernel
def crossed(a0: float, b0: float, a1: float, b1: float) -> int:
    """3 if `a` went from at or below `b` to above it, 2 if not, 0 if any of the four is NaN.

    Known is asked by comparing: the difference of two infinities (`since` before the first) is NaN.
    """
    known = ((a0 > b0) | (a0 <= b0)) & ((a1 > b1) | (a1 <= b1))
    return 2 * known + ((a0 > b0) & (a1 <= b1))


@kernel
def cross(x: Floats, y: Floats, out: Flags, n: int, state: Floats, at: int) -> None:
    """True on the bar where x, at or below y a bar ago, is above it. State: last x, y, seen."""
    if n == 0:
        return
    out[0] = crossed(x[0], y[0], state[at], state[at + 1]) if state[at + 2] > 0.0 else 0
    for i in range(1, n):
        above, below = x[i] > y[i], x[i - 1] <= y[i - 1]
        known = (above | (x[i] <= y[i])) & (below | (x[i - 1] > y[i - 1]))
        out[i] = 2 * known + (above & below)
    state[at], state[at + 1], state[at + 2] = x[n - 1], y[n - 1], 1.0


@kernel
def cross_constant(
    x: Floats, c: float, out: Flags, n: int, state: Floats, at: int, sign: float
) -> None:
    """As `cross` against a constant: upwards for sign 1, downwards for sign -1."""
    last = state[at] if state[at + 2] > 0.0 else np.nan
    for i in range(n):
        out[i] = crossed(sign * x[i], sign * c, sign * last, sign * c)
        last = x[i]
    if n > 0:
        state[at], state[at + 2] = last, 1.0


@kernel
def previous(x: Floats, out: Floats, n: int, state: Floats, at: int, bars: int) -> None:
    """x as it was `bars` bars ago. State: the last `bars` values, oldest first, then bars seen."""
    seen = int(state[at + bars])
    for i in range(min(n, bars)):
        out[i] = state[at + i] if seen + i >= bars else np.nan
    for i in range(bars, n):
        out[i] = x[i - bars]
    if n >= bars:
        for j in range(bars):
            state[at + j] = x[n - bars + j]
    else:
        for j in range(bars - n):
            state[at + j] = state[at + j + n]
        for j in range(n):
            state[at + bars - n + j] = x[j]
    state[at + bars] = min(seen + n, bars)


@kernel
def previous_flag(x: Flags, out: Flags, n: int, state: Floats, at: int, bars: int) -> None:
    """The flag as it was `bars` bars ago; unknown before. State as `previous`."""
    seen = int(state[at + bars])
    for i in range(min(n, bars)):
        out[i] = int(state[at + i]) if seen + i >= bars else 0
    for i in range(bars, n):
        out[i] = x[i - bars]
    if n >= bars:
        for j in range(bars):
            state[at + j] = x[n - bars + j]
    else:
        for j in range(bars - n):
            state[at + j] = state[at + j + n]
        for j in range(n):
            state[at + bars - n + j] = x[j]
    state[at + bars] = min(seen + n, bars)


@kernel
def since(flag: Flags, out: Floats, n: int, state: Floats, at: int) -> None:
    """Bars since the flag was last true (0 on that bar), infinity if never, NaN while unknown.

    State: [0] 0 never known, 1 known and never true, 2 true before; [1] bars since.
    """
    for i in range(n):
        state[at + 1] += 1.0
        if flag[i] == 3:
            state[at], state[at + 1] = 2.0, 0.0
        elif flag[i] == 2 and state[at] == 0.0:
            state[at] = 1.0
        if state[at] == 2.0:
            out[i] = state[at + 1]
        else:
            out[i] = np.inf if state[at] == 1.0 else np.nan


@kernel
def hold(x: Floats, flag: Flags, out: Floats, n: int, state: Floats, at: int) -> None:
    """x of the bar where the flag was last true; NaN before. State: [0] seen, [1] the value."""
    for i in range(n):
        if flag[i] == 3:
            state[at], state[at + 1] = 1.0, x[i]
        out[i] = state[at + 1] if state[at] > 0.0 else np.nan


@kernel
def swing(
    x: Floats, out: Floats, n: int, state: Floats, at: int, bars: int, sign: float, kind: int
) -> None:
    """The last confirmed turning point: 0 its price, 1 the bars since it.

    A high is above the `bars` bars on each side (strictly), so it is known `bars` bars after it.
    State: [0] bars seen, [1] price, [2] count at the point, [3] ring position, then 2 x bars + 1.
    """
    width = 2 * bars + 1
    ring = at + 4
    for i in range(n):
        state[at] += 1.0
        position = int(state[at + 3])
        state[ring + position] = sign * x[i]
        state[at + 3] = position + 1 if position + 1 < width else 0
        if state[at] >= width:
            middle = position - bars
            middle = middle if middle >= 0 else middle + width
            peak = state[ring + middle]
            is_turn = peak - peak == 0.0
            for j in range(width):
                if j != middle and not state[ring + j] < peak:
                    is_turn = False
                    break
            if is_turn:
                state[at + 1], state[at + 2] = sign * peak, state[at] - bars
        if state[at + 2] == 0.0:
            out[i] = np.nan
        else:
            out[i] = state[at + 1] if kind == 0 else state[at] - state[at + 2]
