"""Bar-by-bar arithmetic, comparison and logic. A missing right input is the constant `c`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.signals.jit import kernel

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.uint8]
Times = npt.NDArray[np.int64]

ADD, SUBTRACT, REVERSE_SUBTRACT, MULTIPLY, DIVIDE, REVERSE_DIVIDE, MINIMUM, MAXIMUM = range(8)
GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, EQUAL, NOT_EQUAL = range(6)
NEGATIVE, ABSOLUTE, LOGARITHM, SQUARE_ROOT = range(4)
MINUTE_OF_DAY, HOUR, WEEKDAY = range(3)


@kernel
def quotient(x: float, y: float) -> float:
    """x / y, NaN where it is not a finite number: infinity would poison every sum after it."""
    q = x / y
    return q if q - q == 0.0 else np.nan


@kernel
def arithmetic(kind: int, x: Floats, y: Floats, out: Floats, n: int) -> None:
    """out = x (op) y over two rows."""
    if kind == ADD:
        for i in range(n):
            out[i] = x[i] + y[i]
    elif kind == SUBTRACT:
        for i in range(n):
            out[i] = x[i] - y[i]
    elif kind == MULTIPLY:
        for i in range(n):
            out[i] = x[i] * y[i]
    elif kind == DIVIDE:
        for i in range(n):
            out[i] = quotient(x[i], y[i])
    elif kind == MINIMUM:
        for i in range(n):
            out[i] = np.nan if x[i] != x[i] or y[i] != y[i] else min(x[i], y[i])
    elif kind == MAXIMUM:
        for i in range(n):
            out[i] = np.nan if x[i] != x[i] or y[i] != y[i] else max(x[i], y[i])


@kernel
def arithmetic_constant(  # noqa: PLR0912 (one loop a kind, each a plain vector loop)
    kind: int, x: Floats, c: float, out: Floats, n: int
) -> None:
    """out = x (op) c, or c (op) x for the reversed kinds."""
    if kind == ADD:
        for i in range(n):
            out[i] = x[i] + c
    elif kind == SUBTRACT:
        for i in range(n):
            out[i] = x[i] - c
    elif kind == REVERSE_SUBTRACT:
        for i in range(n):
            out[i] = c - x[i]
    elif kind == MULTIPLY:
        for i in range(n):
            out[i] = x[i] * c
    elif kind == DIVIDE:
        for i in range(n):
            out[i] = quotient(x[i], c)
    elif kind == REVERSE_DIVIDE:
        for i in range(n):
            out[i] = quotient(c, x[i])
    elif kind == MINIMUM:
        for i in range(n):
            out[i] = x[i] if x[i] != x[i] else min(x[i], c)
    elif kind == MAXIMUM:
        for i in range(n):
            out[i] = x[i] if x[i] != x[i] else max(x[i], c)


@kernel
def unary(kind: int, x: Floats, out: Floats, n: int) -> None:
    """out = op(x); logarithm and root outside their domain are NaN."""
    if kind == NEGATIVE:
        for i in range(n):
            out[i] = -x[i]
    elif kind == ABSOLUTE:
        for i in range(n):
            out[i] = abs(x[i])
    elif kind == LOGARITHM:
        for i in range(n):
            out[i] = np.log(x[i]) if x[i] > 0.0 else np.nan
    elif kind == SQUARE_ROOT:
        for i in range(n):
            out[i] = np.sqrt(x[i]) if x[i] >= 0.0 else np.nan


@kernel
def compare(kind: int, x: Floats, y: Floats, out: Flags, n: int) -> None:
    """out = x (op) y; unknown where either side is NaN."""
    if kind == GREATER:
        for i in range(n):
            out[i] = 2 * ((x[i] > y[i]) | (x[i] <= y[i])) + (x[i] > y[i])
    elif kind == GREATER_EQUAL:
        for i in range(n):
            out[i] = 2 * ((x[i] >= y[i]) | (x[i] < y[i])) + (x[i] >= y[i])
    elif kind == LESS:
        for i in range(n):
            out[i] = 2 * ((x[i] < y[i]) | (x[i] >= y[i])) + (x[i] < y[i])
    elif kind == LESS_EQUAL:
        for i in range(n):
            out[i] = 2 * ((x[i] <= y[i]) | (x[i] > y[i])) + (x[i] <= y[i])
    elif kind == EQUAL:
        for i in range(n):
            out[i] = 2 * ((x[i] >= y[i]) | (x[i] < y[i])) + (x[i] == y[i])
    elif kind == NOT_EQUAL:
        for i in range(n):
            out[i] = 2 * ((x[i] >= y[i]) | (x[i] < y[i])) + ((x[i] > y[i]) | (x[i] < y[i]))


@kernel
def compare_constant(kind: int, x: Floats, c: float, out: Flags, n: int) -> None:
    """out = x (op) c; unknown where x is NaN."""
    if kind == GREATER:
        for i in range(n):
            out[i] = 2 * ((x[i] > c) | (x[i] <= c)) + (x[i] > c)
    elif kind == GREATER_EQUAL:
        for i in range(n):
            out[i] = 2 * ((x[i] >= c) | (x[i] < c)) + (x[i] >= c)
    elif kind == LESS:
        for i in range(n):
            out[i] = 2 * ((x[i] < c) | (x[i] >= c)) + (x[i] < c)
    elif kind == LESS_EQUAL:
        for i in range(n):
            out[i] = 2 * ((x[i] <= c) | (x[i] > c)) + (x[i] <= c)
    elif kind == EQUAL:
        for i in range(n):
            out[i] = 2 * ((x[i] >= c) | (x[i] < c)) + (x[i] == c)
    elif kind == NOT_EQUAL:
        for i in range(n):
            out[i] = 2 * ((x[i] >= c) | (x[i] < c)) + ((x[i] > c) | (x[i] < c))


@kernel
def both(x: Flags, y: Flags, out: Flags, n: int) -> None:
    """out = x and y; unknown where either is."""
    for i in range(n):
        known = x[i] & y[i] & 2
        out[i] = known | (x[i] & y[i] & (known >> 1))


@kernel
def either(x: Flags, y: Flags, out: Flags, n: int) -> None:
    """out = x or y; unknown where either is, so that warm-up is the longest of the inputs'."""
    for i in range(n):
        known = x[i] & y[i] & 2
        out[i] = known | ((x[i] | y[i]) & (known >> 1))


@kernel
def negation(x: Flags, out: Flags, n: int) -> None:
    """out = not x; unknown stays unknown."""
    for i in range(n):
        out[i] = x[i] ^ ((x[i] >> 1) & 1)


@kernel
def choice(flag: Flags, x: Floats, y: Floats, out: Floats, n: int) -> None:
    """out = x where the flag is true, y where it is false, NaN where it is unknown."""
    for i in range(n):
        out[i] = x[i] if flag[i] == 3 else (y[i] if flag[i] == 2 else np.nan)


@kernel
def otherwise(x: Floats, y: Floats, out: Floats, n: int) -> None:
    """x, or y where x is NaN."""
    for i in range(n):
        out[i] = x[i] if x[i] == x[i] else y[i]


@kernel
def number(flag: Flags, out: Floats, n: int) -> None:
    """1, 0, or NaN where the flag is unknown."""
    for i in range(n):
        out[i] = np.nan if flag[i] == 0 else float(flag[i] & 1)


@kernel
def constant(c: float, out: Floats, n: int) -> None:
    """c on every bar."""
    for i in range(n):
        out[i] = c


@kernel
def clock(kind: int, times: Times, out: Floats, n: int) -> None:
    """Minute of the day, hour, or weekday (Monday 0) of each bar's open, UTC."""
    for i in range(n):
        minute = (times[i] // 60_000) % 1440
        if kind == MINUTE_OF_DAY:
            out[i] = minute
        elif kind == HOUR:
            out[i] = minute // 60
        else:
            out[i] = (times[i] // 86_400_000 + 3) % 7


@kernel
def emit(flag: Flags, out: Flags, n: int, state: Floats, at: int, warmup: int) -> None:
    """1 where the flag is true and `warmup` bars have passed, else 0: what leaves the graph."""
    seen = int(state[at])
    for i in range(n):
        out[i] = (flag[i] & 1) & (flag[i] >> 1)
    for i in range(min(n, max(0, warmup - seen))):
        out[i] = 0
    state[at] = min(seen + n, warmup)
