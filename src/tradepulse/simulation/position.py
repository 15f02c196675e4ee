"""Kernels that change a position: opened, closed in part or whole, liquidated, paid funding.

They only do bookkeeping on the state vector (layout.S_*); prices and quantities come from venue.py.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.simulation import layout as at
from tradepulse.simulation.accounts import flat_squares
from tradepulse.simulation.hot import hot_kernel
from tradepulse.simulation.inputs import Terms
from tradepulse.simulation.venue import fee, funding_cash, liquidation_price, maintenance

Floats = npt.NDArray[np.float64]


@hot_kernel
def _log_fill(
    state: Floats, quantity: float, price: float, paid: float, reason: int, time: float
) -> None:
    """Notes one fill in the ring of the last ones (layout.S_FILL_LOG)."""
    row = at.S_FILL_LOG + int(state[at.S_FILLS]) % at.FILL_ROWS * at.FILL_COLUMNS
    state[at.S_FILLS] += 1.0
    state[row + at.L_QUANTITY] = quantity
    state[row + at.L_PRICE] = price
    state[row + at.L_FEE] = paid
    state[row + at.L_REASON] = reason
    state[row + at.L_TIME] = time


@hot_kernel
def open_position(
    state: Floats, terms: Terms, quantity: float, price: float, time: float,
    stop: float, target: float, trail: float, trailing: bool,
) -> None:  # fmt: skip
    """Books the entry fill of the pending order and clears the order. The taker fee leaves the
    wallet at once; on a perpetual the margin is set aside and the liquidation price follows."""
    rules = terms.rules
    # The wallet is about to change: settle the drawdown of the flat bars behind.
    state[at.S_FLAT_SQUARES] += flat_squares(state)
    state[at.S_FLAT_BARS] = 0.0
    paid = fee(price, quantity, rules[at.R_TAKER])
    state[at.S_WALLET] -= paid
    state[at.S_FEES] += paid
    state[at.S_TURNOVER] += quantity * price
    state[at.S_SIDE] = state[at.S_ORDER_SIDE]
    state[at.S_QUANTITY] = quantity
    state[at.S_ENTRY_QUANTITY] = quantity
    state[at.S_ENTRY_PRICE] = price
    state[at.S_ENTRY_TIME] = time
    state[at.S_ENTRY_INDEX] = state[at.S_INDEX]
    state[at.S_STOP] = stop
    state[at.S_TARGET] = target
    state[at.S_TRAIL] = trail
    state[at.S_TRAILING] = 1.0 if trailing else 0.0
    state[at.S_RISK] = abs(price - stop)
    state[at.S_MAX_BARS] = state[at.S_ORDER_MAX_BARS]
    state[at.S_TAG] = state[at.S_ORDER_TAG]
    state[at.S_HIGH] = price
    state[at.S_LOW] = price
    state[at.S_TRADE_FEES] = paid
    state[at.S_TRADE_FUNDING] = 0.0
    state[at.S_EXIT_QUANTITY] = 0.0
    state[at.S_EXIT_VALUE] = 0.0
    state[at.S_MARGIN] = quantity * price / rules[at.R_LEVERAGE]
    state[at.S_ORDER_SIDE] = 0.0
    _log_fill(state, quantity, price, paid, at.NO_EXIT, time)
    set_liquidation(state, terms)


@hot_kernel
def set_liquidation(state: Floats, terms: Terms) -> None:
    """The liquidation price of the margin and quantity as they now are; NaN on spot (F12)."""
    if terms.rules[at.R_PERPETUAL] == 0.0:
        state[at.S_LIQUIDATION] = np.nan
        return
    notional = state[at.S_QUANTITY] * state[at.S_ENTRY_PRICE]
    rate, amount, _ = maintenance(terms.tiers, notional, terms.rules[at.R_MAINTENANCE])
    state[at.S_LIQUIDATION] = liquidation_price(
        state[at.S_SIDE], state[at.S_QUANTITY], state[at.S_ENTRY_PRICE], state[at.S_MARGIN],
        rate, amount,
    )  # fmt: skip


@hot_kernel
def close_part(
    state: Floats, terms: Terms, trades: Floats, quantity: float, price: float, paid: float,
    reason: int, time: float, open_: float,
) -> None:  # fmt: skip
    """Books an exit fill of `quantity`; with the last of the position the trade is recorded."""
    side, held = state[at.S_SIDE], state[at.S_QUANTITY]
    state[at.S_WALLET] += side * quantity * (price - state[at.S_ENTRY_PRICE]) - paid
    state[at.S_FEES] += paid
    state[at.S_TRADE_FEES] += paid
    state[at.S_TURNOVER] += quantity * price
    _log_fill(state, quantity, price, paid, reason, time)
    if quantity >= held:
        _record_trade(state, trades, quantity, price, reason, time, open_)
        state[at.S_SIDE] = 0.0
        state[at.S_QUANTITY] = 0.0
        state[at.S_MARGIN] = 0.0
        state[at.S_LIQUIDATION] = np.nan
        state[at.S_EXIT_REASON] = at.NO_EXIT
        return
    state[at.S_PARTIAL_FILLS] += 1.0
    state[at.S_EXIT_QUANTITY] += quantity
    state[at.S_EXIT_VALUE] += quantity * price
    state[at.S_QUANTITY] = held - quantity
    state[at.S_MARGIN] *= (held - quantity) / held
    set_liquidation(state, terms)


@hot_kernel
def liquidate(state: Floats, terms: Terms, trades: Floats, time: float, open_: float) -> None:
    """Books a liquidation (F12): the whole isolated margin is lost, and the taker fee as far as the
    wallet reaches. What the margin held beyond the loss at the liquidation price counts as fees."""
    price, quantity, side = state[at.S_LIQUIDATION], state[at.S_QUANTITY], state[at.S_SIDE]
    left = state[at.S_MARGIN] + side * quantity * (price - state[at.S_ENTRY_PRICE])
    beyond = max(state[at.S_WALLET] - state[at.S_MARGIN], 0.0)
    paid = left + min(fee(price, quantity, terms.rules[at.R_TAKER]), beyond)
    state[at.S_LIQUIDATIONS] += 1.0
    close_part(
        state, terms, trades, quantity, price, paid, at.EXIT_LIQUIDATION, time, open_
    )  # fmt: skip


@hot_kernel
def pay_funding(state: Floats, terms: Terms, price: float, rate: float) -> None:
    """Books one funding stamp on the position held (F12); it moves the margin and so the
    liquidation price."""
    cash = funding_cash(state[at.S_SIDE], state[at.S_QUANTITY], price, rate)
    state[at.S_WALLET] += cash
    state[at.S_MARGIN] += cash
    state[at.S_FUNDING] += cash
    state[at.S_TRADE_FUNDING] += cash
    set_liquidation(state, terms)


@hot_kernel
def _record_trade(
    state: Floats, trades: Floats, quantity: float, price: float, reason: int, time: float,
    open_: float,
) -> None:  # fmt: skip
    side, entry, total = state[at.S_SIDE], state[at.S_ENTRY_PRICE], state[at.S_ENTRY_QUANTITY]
    exit_price = price
    if state[at.S_EXIT_QUANTITY] > 0.0:
        exit_price = (state[at.S_EXIT_VALUE] + quantity * price) / total
    pnl = side * total * (exit_price - entry) - state[at.S_TRADE_FEES] + state[at.S_TRADE_FUNDING]
    # Of its last bar a trade has seen the open and its own exit; the rest came after it left.
    high = max(state[at.S_HIGH], open_, price)
    low = min(state[at.S_LOW], open_, price)
    worst, best = (low, high) if side > 0.0 else (high, low)
    r_multiple = pnl / (total * state[at.S_RISK])
    _count_trade(state, pnl, r_multiple)
    if trades.shape[0] == 0:
        return
    row = trades[int(state[at.S_TRADE_ROWS])]
    state[at.S_TRADE_ROWS] += 1.0
    row[at.T_SIDE] = side
    row[at.T_ENTRY_TIME] = state[at.S_ENTRY_TIME]
    row[at.T_ENTRY_PRICE] = entry
    row[at.T_QUANTITY] = total
    row[at.T_EXIT_TIME] = time
    row[at.T_EXIT_PRICE] = exit_price
    row[at.T_REASON] = reason
    row[at.T_FEES] = state[at.S_TRADE_FEES]
    row[at.T_FUNDING] = state[at.S_TRADE_FUNDING]
    row[at.T_PNL] = pnl
    row[at.T_PNL_PCT] = 100.0 * pnl / (total * entry)
    row[at.T_MAE_PCT] = 100.0 * side * (worst - entry) / entry
    row[at.T_MFE_PCT] = 100.0 * side * (best - entry) / entry
    row[at.T_BARS_HELD] = state[at.S_INDEX] - state[at.S_ENTRY_INDEX]
    row[at.T_TAG] = state[at.S_TAG]
    row[at.T_R] = r_multiple
    row[at.T_ENTRY_INDEX] = state[at.S_ENTRY_INDEX]
    row[at.T_EXIT_INDEX] = state[at.S_INDEX]


@hot_kernel
def _count_trade(state: Floats, pnl: float, r_multiple: float) -> None:
    state[at.S_TRADES] += 1.0
    if pnl > 0.0:
        state[at.S_WINS] += 1.0
        state[at.S_GROSS_PROFIT] += pnl
    elif pnl < 0.0:
        state[at.S_LOSSES] += 1.0
        state[at.S_GROSS_LOSS] += pnl
    if not np.isnan(r_multiple):
        state[at.S_R_COUNT] += 1.0
        state[at.S_R_SUM] += r_multiple
        state[at.S_R_SQUARES] += r_multiple * r_multiple
