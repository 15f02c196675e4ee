"""The venue's part of a bar: steps 1 to 4 of F0. Funding, exits, entries, gaps, the inside."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.simulation import layout as at
from tradepulse.simulation.decision import (
    check_levels,
    stop_level,
    stop_reason,
    target_level,
    tighter_stop,
)
from tradepulse.simulation.hot import hot_kernel, inlined_kernel
from tradepulse.simulation.inputs import Bar, Feed, Terms
from tradepulse.simulation.position import close_part, liquidate, open_position, pay_funding
from tradepulse.simulation.venue import (
    affordable_quantity,
    below_min_notional,
    capped_quantity,
    fee,
    liquidation_price,
    maintenance,
    market_fill_price,
    slippage,
    stop_gapped,
    stop_touched,
    target_through,
)

Floats = npt.NDArray[np.float64]

NOTHING = 0
STOP = 1
LIQUIDATION = 2


@hot_kernel
def funding_until(state: Floats, terms: Terms, feed: Feed, mark_open: float, until: int) -> None:
    """Pays the funding stamps before `until` on the position held, at `mark_open` (F12)."""
    cursor = int(state[at.S_FUNDING_CURSOR])
    while cursor < len(feed.funding_time) and feed.funding_time[cursor] < until:
        if state[at.S_SIDE] != 0.0:
            pay_funding(state, terms, mark_open, feed.funding_rate[cursor])
        cursor += 1
    state[at.S_FUNDING_CURSOR] = cursor


@inlined_kernel
def at_open(state: Floats, terms: Terms, bar: Bar, trades: Floats) -> None:
    """Step 2 of F0: the pending exit, then the pending entry, at the open of `bar`.

    Without volume both stay pending; an entry waits for the exit before it to be complete.
    """
    if bar.volume <= 0.0:
        return
    if state[at.S_SIDE] != 0.0 and state[at.S_EXIT_REASON] != at.NO_EXIT:
        reason = int(state[at.S_EXIT_REASON])
        _market_exit(state, terms, bar, trades, bar.open, reason, bar.time)
    if state[at.S_SIDE] == 0.0 and state[at.S_ORDER_SIDE] != 0.0:
        _enter(state, terms, bar)


@inlined_kernel
def after_open(state: Floats, terms: Terms, bar: Bar, feed: Feed, trades: Floats) -> None:
    """Steps 3 and 4 of F0: what the open gapped through, then the inside of `bar`.

    A trade that closes is written to the next row of `trades`.
    """
    if bar.volume <= 0.0 or state[at.S_SIDE] == 0.0:
        return
    if state[at.S_ENTRY_INDEX] != state[at.S_INDEX]:
        _gapped(state, terms, bar, trades)
        if state[at.S_SIDE] == 0.0:
            return
    tick = terms.rules[at.R_TICK]
    adverse = _adverse(state, tick, bar.low, bar.high, bar.mark_low, bar.mark_high)
    through = _through(state, tick, bar.low, bar.high)
    if adverse == NOTHING and not through:
        return
    # Marks come at the bar's own interval: finer trades cannot tell when they got there.
    finer = len(feed.detail_time) > 0 and not (adverse == LIQUIDATION and terms.has_mark)
    if finer and _by_detail(state, terms, bar, feed, trades):
        return
    if adverse != NOTHING and through:
        state[at.S_AMBIGUOUS] += 1.0
    if adverse != NOTHING:
        _leave_adversely(state, terms, bar, trades, adverse, bar.open, bar.time)
    elif through:
        _leave_at_target(state, terms, bar, trades, bar.time)


@hot_kernel
def _market_exit(
    state: Floats, terms: Terms, bar: Bar, trades: Floats, reference: float, reason: int, time: int
) -> None:
    """An exit that takes liquidity at `reference`; what the cap leaves is due at the next open."""
    rules, side = terms.rules, state[at.S_SIDE]
    quantity = capped_quantity(state[at.S_QUANTITY], bar.volume, rules[at.R_CAP], rules[at.R_LOT])
    state[at.S_EXIT_REASON] = reason
    if quantity <= 0.0:
        return
    worse = slippage(rules[at.R_SLIP], rules[at.R_IMPACT], quantity, bar.volume)
    price = market_fill_price(reference, -side, worse, rules[at.R_TICK])
    paid = fee(price, quantity, rules[at.R_TAKER])
    close_part(state, terms, trades, quantity, price, paid, reason, time, bar.open)


@hot_kernel
def _enter(state: Floats, terms: Terms, bar: Bar) -> None:
    """Fills the pending entry at the open, or refuses it with a reason; either way it is gone."""
    rules, side = terms.rules, state[at.S_ORDER_SIDE]
    tick, lot = rules[at.R_TICK], rules[at.R_LOT]
    wanted = capped_quantity(state[at.S_ORDER_QUANTITY], bar.volume, rules[at.R_CAP], lot)
    worse = slippage(rules[at.R_SLIP], rules[at.R_IMPACT], wanted, bar.volume)
    price = market_fill_price(bar.open, side, worse, tick)
    quantity = affordable_quantity(
        wanted, price, state[at.S_WALLET], rules[at.R_LEVERAGE], rules[at.R_TAKER], lot
    )
    stop = stop_level(side, price, state[at.S_ORDER_STOP], state[at.S_ORDER_STOP_PRICE], tick)
    target = target_level(
        side, price, state[at.S_ORDER_TARGET], state[at.S_ORDER_TARGET_PRICE], tick
    )
    trail_stop = stop_level(side, price, state[at.S_ORDER_TRAIL], np.nan, tick)
    in_force, trailing = tighter_stop(side, stop, trail_stop)
    refusal = check_levels(side, price, stop, target, np.nan)
    if refusal == at.ACCEPTED:
        refusal = check_entry(terms, side, quantity, price, in_force)
    if refusal != at.ACCEPTED:
        state[at.S_REFUSED + refusal] += 1.0
        state[at.S_ORDER_SIDE] = 0.0
        return
    if wanted < state[at.S_ORDER_QUANTITY]:
        state[at.S_PARTIAL_FILLS] += 1.0
    open_position(
        state, terms, quantity, price, bar.time,
        in_force, target, state[at.S_ORDER_TRAIL], trailing,
    )  # fmt: skip


@hot_kernel
def check_entry(terms: Terms, side: float, quantity: float, price: float, stop: float) -> int:
    """ACCEPTED, or why the venue refuses an entry of `quantity` at `price` (F8, F12, F17)."""
    rules = terms.rules
    if quantity <= 0.0:
        return at.REFUSED_NO_QUANTITY
    if below_min_notional(quantity, price, rules[at.R_MIN_NOTIONAL]):
        return at.REFUSED_MIN_NOTIONAL
    if rules[at.R_PERPETUAL] == 0.0:
        return at.ACCEPTED
    notional = quantity * price
    rate, amount, most = maintenance(terms.tiers, notional, rules[at.R_MAINTENANCE])
    if rules[at.R_LEVERAGE] > most:
        return at.REFUSED_LEVERAGE_TIER
    margin = notional / rules[at.R_LEVERAGE]
    liquidation = liquidation_price(side, quantity, price, margin, rate, amount)
    return check_levels(side, price, stop, np.nan, liquidation)


@hot_kernel
def _gapped(state: Floats, terms: Terms, bar: Bar, trades: Floats) -> None:
    """Step 3: what the open went through. The venue liquidates before a stop could trade."""
    side = state[at.S_SIDE]
    if side * (bar.mark_open - state[at.S_LIQUIDATION]) <= 0.0:
        liquidate(state, terms, trades, bar.time, bar.open)
        return
    if state[at.S_EXIT_REASON] != at.NO_EXIT:
        return
    if stop_gapped(state[at.S_STOP], bar.open, side, terms.rules[at.R_TICK]):
        reason = stop_reason(state[at.S_TRAILING] != 0.0)
        _market_exit(state, terms, bar, trades, bar.open, reason, bar.time)


@hot_kernel
def _adverse(
    state: Floats, tick: float, low: float, high: float, mark_low: float, mark_high: float
) -> int:
    """STOP, LIQUIDATION or NOTHING: the adverse level nearest the open that was reached."""
    side = state[at.S_SIDE]
    mark = mark_low if side > 0.0 else mark_high
    liquidated = side * (mark - state[at.S_LIQUIDATION]) <= 0.0
    # A pending exit has taken the place of stop and target; the venue's liquidation stays.
    stopped = state[at.S_EXIT_REASON] == at.NO_EXIT and stop_touched(
        state[at.S_STOP], low, high, side, tick
    )
    if stopped and liquidated:
        nearer = side * (state[at.S_STOP] - state[at.S_LIQUIDATION]) >= 0.0
        return STOP if nearer else LIQUIDATION
    if stopped:
        return STOP
    return LIQUIDATION if liquidated else NOTHING


@hot_kernel
def _through(state: Floats, tick: float, low: float, high: float) -> bool:
    return state[at.S_EXIT_REASON] == at.NO_EXIT and target_through(
        state[at.S_TARGET], low, high, state[at.S_SIDE], tick
    )


@hot_kernel
def _by_detail(state: Floats, terms: Terms, bar: Bar, feed: Feed, trades: Floats) -> bool:
    """Walks the finer bars inside `bar` (F5, F6); True once one of them has decided.

    They may all lie inside the levels, where they do not agree with the bar: then it decides.
    """
    tick = terms.rules[at.R_TICK]
    row = np.searchsorted(feed.detail_time, bar.time)
    end = np.searchsorted(feed.detail_time, bar.time + terms.interval_ms)
    while row < end:
        low, high, time = feed.detail_low[row], feed.detail_high[row], feed.detail_time[row]
        if feed.detail_volume[row] > 0.0:
            # With marks of their own, liquidation was ruled out on the whole bar by the caller.
            mark_low = np.inf if terms.has_mark else low
            mark_high = -np.inf if terms.has_mark else high
            adverse = _adverse(state, tick, low, high, mark_low, mark_high)
            through = _through(state, tick, low, high)
            if adverse != NOTHING:
                state[at.S_AMBIGUOUS] += 1.0 if through else 0.0
                open_ = feed.detail_open[row]
                _leave_adversely(state, terms, bar, trades, adverse, open_, time)
                return True
            if through:
                _leave_at_target(state, terms, bar, trades, time)
                return True
        row += 1
    return False


@hot_kernel
def _leave_adversely(
    state: Floats, terms: Terms, bar: Bar, trades: Floats, adverse: int, open_: float, time: int
) -> None:
    """By the stop (and the rest by liquidation, if that was reached too), or by liquidation."""
    side = state[at.S_SIDE]
    if adverse == STOP:
        level = state[at.S_STOP]
        reference = min(level, open_) if side > 0.0 else max(level, open_)
        reason = stop_reason(state[at.S_TRAILING] != 0.0)
        _market_exit(state, terms, bar, trades, reference, reason, time)
        if state[at.S_SIDE] == 0.0:
            return
        mark = bar.mark_low if side > 0.0 else bar.mark_high
        if not side * (mark - state[at.S_LIQUIDATION]) <= 0.0:
            return
    liquidate(state, terms, trades, time, bar.open)


@hot_kernel
def _leave_at_target(state: Floats, terms: Terms, bar: Bar, trades: Floats, time: int) -> None:
    """A resting order fills at its own price, as a maker (F3, F5); the cap's rest keeps resting."""
    rules, price = terms.rules, state[at.S_TARGET]
    quantity = capped_quantity(state[at.S_QUANTITY], bar.volume, rules[at.R_CAP], rules[at.R_LOT])
    if quantity > 0.0:
        paid = fee(price, quantity, rules[at.R_MAKER])
        close_part(state, terms, trades, quantity, price, paid, at.EXIT_TARGET, time, bar.open)
