"""Windows of the last `span` bars. Sums are taken afresh once a window length, and as soon as what
is left is small beside what has gone through them: a spike's rounding error leaves with the spike.
The moment depends on the bars alone, never on the block.

State: [0] bars seen, [1] the count at which the last NaN leaves, [2] ring position, then the rest.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.signals.jit import kernel

Floats = npt.NDArray[np.float64]
Keys = npt.NDArray[np.int64]

HEADER = 7
# A running sum this much smaller than its peak has lost four of its sixteen digits.
LOSS = 1e4


@kernel
def arrive(x: float, state: Floats, at: int, span: int) -> float:
    """The value to keep for `x`: 0 for a NaN, which also blocks the window for `span` bars."""
    state[at] += 1.0
    if x - x != 0.0:
        state[at + 1] = state[at] + span
        return 0.0
    return x


@kernel
def is_ready(state: Floats, at: int, span: int) -> bool:
    """Whether the window is full and free of NaN."""
    return bool(state[at] >= span and state[at] >= state[at + 1])


@kernel
def rolling_sum(
    x: Floats, out: Floats, n: int, state: Floats, at: int, span: int, scale: float
) -> None:
    """Sum of the window times `scale` (1 / span for the mean). State: header, ring."""
    ring = at + HEADER
    for i in range(n):
        value = arrive(x[i], state, at, span)
        position = int(state[at + 2])
        total = state[at + 3] + (value - state[ring + position])
        state[ring + position] = value
        position += 1
        state[at + 4] = max(state[at + 4], abs(total))
        if position == span or state[at + 4] > LOSS * abs(total):
            position = 0 if position == span else position
            total = fresh_sum(state, ring, span)
            state[at + 4] = abs(total)
        state[at + 2] = position
        state[at + 3] = total
        out[i] = total * scale if is_ready(state, at, span) else np.nan


@kernel
def rolling_mean(x: Floats, out: Floats, n: int, state: Floats, at: int, span: int) -> None:
    """Mean of the window."""
    seen, blocked, position = state[at], state[at + 1], int(state[at + 2])
    total, peak = state[at + 3], state[at + 4]
    ring = at + HEADER
    for i in range(n):
        value = x[i]
        seen += 1.0
        if value - value != 0.0:
            blocked = seen + span
            value = 0.0
        total += value - state[ring + position]
        state[ring + position] = value
        position += 1
        peak = max(peak, abs(total))
        if position == span or peak > LOSS * abs(total):
            position = 0 if position == span else position
            total = fresh_sum(state, ring, span)
            peak = abs(total)
        out[i] = total / span if seen >= span and seen >= blocked else np.nan
    state[at], state[at + 1], state[at + 2] = seen, blocked, position
    state[at + 3], state[at + 4] = total, peak


@kernel
def fresh_sum(state: Floats, ring: int, span: int) -> float:
    """The sum of the ring, added up anew."""
    total = 0.0
    for j in range(span):
        total += state[ring + j]
    return total


@kernel
def rolling_std(x: Floats, out: Floats, n: int, state: Floats, at: int, span: int) -> None:
    """Population standard deviation, of distances from a shift: large prices lose no digits.

    State after [2]: the shift, sums of the distances and of their squares, the peak of the latter.
    """
    ring = at + HEADER
    for i in range(n):
        value = arrive(x[i], state, at, span)
        if state[at] == 1.0:
            state[at + 3] = value
        shift = state[at + 3]
        position = int(state[at + 2])
        if state[at] > span:
            old = state[ring + position] - shift
            state[at + 4] -= old
            state[at + 5] -= old * old
        state[ring + position] = value
        state[at + 4] += value - shift
        state[at + 5] += (value - shift) * (value - shift)
        state[at + 6] = max(state[at + 6], state[at + 5])
        position += 1
        if position == span:
            position = 0
            recentre(state, at, ring, span)
        state[at + 2] = position
        if not is_ready(state, at, span):
            out[i] = np.nan
            continue
        spread = state[at + 5] - state[at + 4] * state[at + 4] / span
        if state[at + 6] > LOSS * spread:
            recentre(state, at, ring, span)
            spread = state[at + 5] - state[at + 4] * state[at + 4] / span
        out[i] = np.sqrt(max(0.0, spread / span))


@kernel
def recentre(state: Floats, at: int, ring: int, span: int) -> None:
    """Takes the moments of the full ring afresh around its own mean.

    The mean is reached from a member, so that equal values have a deviation of exactly zero.
    """
    member, away = state[ring], 0.0
    for j in range(span):
        away += state[ring + j] - member
    shift = member + away / span
    first, second = 0.0, 0.0
    for j in range(span):
        distance = state[ring + j] - shift
        first += distance
        second += distance * distance
    state[at + 3], state[at + 4], state[at + 5], state[at + 6] = shift, first, second, second


@kernel
def weighted(x: Floats, out: Floats, n: int, state: Floats, at: int, span: int, kind: int) -> None:
    """Linear fits: 0 weighted mean (weights 1..span), 1 slope, 2 the line's last value."""
    ring = at + HEADER
    sum_k = span * (span - 1) / 2.0
    divisor = span * (span - 1.0) * (2.0 * span - 1.0) / 6.0 * span - sum_k * sum_k
    for i in range(n):
        value = arrive(x[i], state, at, span)
        position = int(state[at + 2])
        old = state[ring + position]
        # Positions 0..span-1 from the oldest: dropping one shifts every other down by one.
        state[at + 4] += (span - 1.0) * value - (state[at + 3] - old)
        state[at + 3] += value - old
        state[ring + position] = value
        position = position + 1 if position + 1 < span else 0
        state[at + 5] = max(state[at + 5], abs(state[at + 4]))
        if position == 0 or state[at + 5] > LOSS * abs(state[at + 4]):
            total, ramp = 0.0, 0.0
            for j in range(span):
                # From the oldest, which stands where the next value will be written.
                value = state[ring + (position + j if position + j < span else position + j - span)]
                total += value
                ramp += j * value
            state[at + 3], state[at + 4], state[at + 5] = total, ramp, abs(ramp)
        state[at + 2] = position
        if not is_ready(state, at, span):
            out[i] = np.nan
            continue
        total, ramp = state[at + 3], state[at + 4]
        if kind == 0:
            out[i] = (ramp + total) / (span * (span + 1.0) / 2.0)
            continue
        slope = (span * ramp - sum_k * total) / divisor if span > 1 else 0.0
        out[i] = slope if kind == 1 else (total - slope * sum_k) / span + slope * (span - 1.0)


@kernel
def extreme(x: Floats, out: Floats, n: int, state: Floats, at: int, span: int, sign: float) -> None:
    """Highest (sign 1) or lowest (sign -1) value, by a queue of the candidates still in reach.

    State after the header: `span` values, then `span` bar counts; [2] head, [3] length.
    """
    seen, blocked, head, length = state[at], state[at + 1], int(state[at + 2]), int(state[at + 3])
    values, counts = at + HEADER, at + HEADER + span
    for i in range(n):
        seen += 1.0
        value = sign * x[i]
        if length > 0 and state[counts + head] <= seen - span:
            head = head + 1 if head + 1 < span else 0
            length -= 1
        if value - value != 0.0:
            blocked = seen + span
        else:
            while length > 0:
                tail = head + length - 1
                tail = tail if tail < span else tail - span
                if state[values + tail] > value:
                    break
                length -= 1
            slot = head + length
            slot = slot if slot < span else slot - span
            state[values + slot] = value
            state[counts + slot] = seen
            length += 1
        ready = seen >= span and seen >= blocked
        out[i] = sign * state[values + head] if ready else np.nan
    state[at], state[at + 1], state[at + 2], state[at + 3] = seen, blocked, head, length


# The largest key a finite number can have, and the smallest, are inside these.
_LEAST, _MOST = np.int64(-(2**63)), np.int64(2**63 - 1)
_SIGN = np.int64(2**63 - 1)


@kernel
def key_bits(bits: int) -> int:
    """The bits of a float as an integer that sorts like it, and back again.

    Whole numbers, because the compiler puts their minima and counts into vector registers; those of
    floats it may not reorder without fast-math.
    """
    return int(bits ^ ((bits >> 63) & _SIGN))


@kernel
def median_afresh(window: Keys, memo: Keys) -> None:
    """Finds the median of a full window; memo as in `median_step`."""
    ranked = np.sort(window)
    span = len(window)
    middle = ranked[(span - 1) >> 1]
    memo[0], memo[1], memo[2], memo[3] = middle, 0, 0, ranked[span >> 1]
    for j in range(span):
        memo[1] += ranked[j] < middle
        memo[2] += ranked[j] == middle


@kernel
def next_below(window: Keys, middle: int) -> int:
    """The largest key under `middle`."""
    best = _LEAST
    for j in range(len(window)):
        best = max(best, window[j] if window[j] < middle else _LEAST)
    return int(best)


@kernel
def next_above(window: Keys, middle: int) -> int:
    """The smallest key over `middle`."""
    best = _MOST
    for j in range(len(window)):
        best = min(best, window[j] if window[j] > middle else _MOST)
    return int(best)


@kernel
def equal_to(window: Keys, value: int) -> int:
    count = np.int64(0)
    for j in range(len(window)):
        count += window[j] == value
    return int(count)


@kernel
def median_step(window: Keys, memo: Keys, old: int, value: int) -> None:
    """Moves the median after `old` became `value` in the window.

    The median is kept with the counts below and equal to it, so it moves only when they no longer
    hold its rank, and then to a neighbour: no window is ever sorted but the first.
    memo: [0] lower median, [1] values below it, [2] equal to it, [3] upper median.
    """
    middle, low, same = memo[0], memo[1], memo[2]
    low += np.int64(value < middle) - np.int64(old < middle)
    same += np.int64(value == middle) - np.int64(old == middle)
    rank = (len(window) - 1) >> 1
    moved = False
    while rank < low:
        middle = next_below(window, middle)
        same = equal_to(window, middle)
        low -= same
        moved = True
    while rank >= low + same:
        middle = next_above(window, middle)
        low += same
        same = equal_to(window, middle)
        moved = True
    memo[0], memo[1], memo[2] = middle, low, same
    if len(window) & 1 or rank + 1 < low + same:
        memo[3] = middle
    elif moved or old == memo[3] or memo[3] == middle:
        memo[3] = next_above(window, middle)
    elif middle < value < memo[3]:
        memo[3] = value


@kernel
def ordered(x: Floats, out: Floats, n: int, state: Floats, at: int, span: int, kind: int) -> None:
    """Order statistics of the window: 0 median, 1 rank (share of the window not above the last).

    State after the header: the ring as keys; four slots of the median, valid while [3] is 1. The
    last header slot turns floats into keys and back.
    """
    turn = at + HEADER - 1
    slots = state.view(np.int64)
    window = slots[at + HEADER : at + HEADER + span]
    memo = slots[at + HEADER + span : at + HEADER + span + 4]
    seen, blocked, position, valid = state[at], state[at + 1], int(state[at + 2]), state[at + 3]
    for i in range(n):
        value = x[i]
        seen += 1.0
        if value - value != 0.0:
            blocked = seen + span
            value = 0.0
        # Adding zero turns -0.0, whose key would differ, into 0.0.
        state[turn] = value + 0.0
        key, old = key_bits(slots[turn]), window[position]
        window[position] = key
        position = position + 1 if position + 1 < span else 0
        if seen < span or seen < blocked:
            valid = 0.0
            out[i] = np.nan
        elif kind == 1:
            count = np.int64(0)
            for j in range(span):
                count += window[j] <= key
            out[i] = count / span
        else:
            if valid == 0.0:
                median_afresh(window, memo)
                valid = 1.0
            else:
                median_step(window, memo, old, key)
            slots[turn] = key_bits(memo[0])
            low = state[turn]
            slots[turn] = key_bits(memo[3])
            out[i] = low if memo[0] == memo[3] else 0.5 * (low + state[turn])
    state[at], state[at + 1], state[at + 2], state[at + 3] = seen, blocked, position, valid
