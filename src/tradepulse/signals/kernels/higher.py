"""Higher time frames inside the block: bars that have closed, and their values seen from below."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.signals.jit import kernel

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.uint8]
Times = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int32]

STATE_SIZE = 9


@kernel
def resample(
    times: Times, rows: Floats, first: int, n: int, length_ms: int, origin_ms: int,
    out_times: Times, out_first: int, closed: Counts, state: Floats, at: int,
) -> int:  # fmt: skip
    """How many higher bars closed in this block; they are written to rows `out_first`..+4.

    A higher bar closes when the first bar of a later bucket opens, and is visible from that bar on:
    `closed[i]` counts those visible at bar i. The leading bucket is dropped unless it is whole from
    its first bar. State: [0] bucket plus one, [1] usable, [2] open time, [3..7] OHLCV.
    """
    m = 0
    for i in range(n):
        bucket = (times[i] - origin_ms) // length_ms
        start = bucket * length_ms + origin_ms
        if state[at] != bucket + 1.0:
            usable = 1.0
            if state[at] == 0.0:
                usable = 1.0 if times[i] == start else 0.0
            elif state[at + 1] > 0.0:
                out_times[m] = int(state[at + 2])
                for k in range(5):
                    rows[out_first + k, m] = state[at + 3 + k]
                m += 1
            state[at], state[at + 1], state[at + 2] = bucket + 1.0, usable, start
            for k in range(5):
                state[at + 3 + k] = rows[first + k, i]
        else:
            state[at + 4] = max(state[at + 4], rows[first + 1, i])
            state[at + 5] = min(state[at + 5], rows[first + 2, i])
            state[at + 6] = rows[first + 3, i]
            state[at + 7] += rows[first + 4, i]
        closed[i] = m
    return m


@kernel
def align(x: Floats, closed: Counts, m: int, out: Floats, n: int, state: Floats, at: int) -> None:
    """The value of the last closed higher bar, on each lower bar. State: [0] seen, [1] value."""
    last = state[at + 1] if state[at] > 0.0 else np.nan
    for i in range(n):
        out[i] = x[closed[i] - 1] if closed[i] > 0 else last
    if m > 0:
        state[at], state[at + 1] = 1.0, x[m - 1]


@kernel
def align_flag(
    x: Flags, closed: Counts, m: int, out: Flags, n: int, state: Floats, at: int
) -> None:
    """The flag of the last closed higher bar, on each lower bar; unknown before the first."""
    last = int(state[at + 1]) if state[at] > 0.0 else 0
    for i in range(n):
        out[i] = x[closed[i] - 1] if closed[i] > 0 else last
    if m > 0:
        state[at], state[at + 1] = 1.0, x[m - 1]


@kernel
def just_closed(closed: Counts, out: Flags, n: int, state: Floats, at: int) -> None:
    """True on the bar that first sees a new higher bar; unknown before. State: [0] seen one."""
    known = state[at]
    last = 0
    for i in range(n):
        if closed[i] > last:
            known = 1.0
            out[i] = 3
        else:
            out[i] = 2 if known > 0.0 else 0
        last = closed[i]
    state[at] = known
