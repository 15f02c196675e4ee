"""What an activation was worth over time, beside the backtest of the bars that it saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from tradepulse.domain.bars import Floats
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.ledger import Activation
from tradepulse.engine.ports import Running
from tradepulse.marketdata.store import BarStore
from tradepulse.storage.database import Database
from tradepulse.storage.live_gap import run_again, traded_bars
from tradepulse.storage.tables import portfolio_history
from tradepulse.storage.transaction import Transaction
from tradepulse.storage.views.wallet_curve import Curve, thinned


@dataclass(frozen=True, eq=False)
class ActivationEquity:
    """`curve` is its own ledger, thinned of `points`; `replay` the backtest's equity at the same
    times. None where it cannot be run over those bars: `why_not` says why."""

    activation: Activation
    points: int
    curve: Curve
    replay: Floats | None
    why_not: str | None


def activation_equity(
    database: Database, store: BarStore, activation_id: str, points: int
) -> ActivationEquity:
    """The equity of an activation. Error `activation_not_found`."""
    with database.reading() as tx:
        activation = tx.activations.get(activation_id)
        run = Running(
            activation, tx.configurations.get(activation.configuration_id),
            tx.wallets.get(activation.wallet_id),
        )  # fmt: skip
        whole = _curve(tx, activation)
    curve = thinned(whole, points)
    try:
        replay, why_not = _replayed(store, run, curve), None
    except TradePulseError as error:
        replay, why_not = None, f"{error.code}: {error.message}"
    return ActivationEquity(activation, len(whole.time), curve, replay, why_not)


def _curve(tx: Transaction, activation: Activation) -> Curve:
    point = portfolio_history.c
    query = (
        sa.select(point.time, sa.cast(point.equity, sa.Float))
        .where(point.activation_id == activation.id)
        .order_by(point.time)
    )
    # Of several points of one moment the last says where it ended.
    rows = dict(tuple(row) for row in tx.connection.execute(query))
    equity = np.array(list(rows.values()), np.float64)
    start = [float(activation.allotment)]
    peak = np.maximum.accumulate(np.concatenate((start, equity)))[1:]
    return Curve(np.array(list(rows), np.int64), equity, np.asarray(equity / peak - 1.0))


def _replayed(store: BarStore, run: Running, curve: Curve) -> Floats:
    """The backtest's equity at the last bar that had closed by each time of the curve; its cash
    before the first."""
    result = run_again(store, run, traded_bars(store, run), record=True)
    closes = result.open_time + result.interval_ms
    values = np.concatenate(([result.rules.initial_cash], result.equity_values))
    return np.asarray(values[np.searchsorted(closes, curve.time, side="right")], np.float64)
