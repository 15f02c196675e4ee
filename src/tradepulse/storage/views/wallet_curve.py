"""What a wallet was worth over time: the sum over its activations of what each had made by then."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa

from tradepulse.domain.bars import Floats, Times
from tradepulse.domain.ledger import Wallet
from tradepulse.domain.money import money
from tradepulse.storage.tables import activations, portfolio_history
from tradepulse.storage.transaction import Transaction


class Curve(NamedTuple):
    """`drawdown` is the fraction below the peak so far, at most 0; the start counts as a peak."""

    time: Times
    equity: Floats
    drawdown: Floats


def wallet_curve(tx: Transaction, wallet: Wallet) -> Curve:
    """The wallet at every time one of its activations has a point at.

    An activation stands at its allotment before its first point and at its last one after it, so
    steps are never those of allotments that come and go.
    """
    name, point = activations.c, portfolio_history.c
    query = (
        sa.select(point.activation_id, point.time, sa.cast(point.equity, sa.Float))
        .where(point.wallet_id == wallet.id)
        .order_by(point.activation_id, point.time)
    )
    rows = tx.connection.execute(query).all()
    held = sa.select(name.id, sa.cast(name.allotment, sa.Float)).where(name.wallet_id == wallet.id)
    allotted = {row[0]: row[1] for row in tx.connection.execute(held)}
    times = np.array([row[1] for row in rows], np.int64)
    steps = np.array([row[2] for row in rows], np.float64)
    first = [i == 0 or rows[i][0] != rows[i - 1][0] for i in range(len(rows))]
    before = [allotted[row[0]] if new else 0.0 for row, new in zip(rows, first, strict=True)]
    steps[1:] -= np.where(first[1:], 0.0, steps[:-1])
    steps -= before
    every, place = np.unique(times, return_inverse=True)
    change = np.bincount(place, weights=steps, minlength=len(every))
    equity = np.asarray(np.cumsum(change) + float(wallet.balance), np.float64)
    peak = np.maximum.accumulate(np.concatenate(([float(wallet.balance)], equity)))[1:]
    return Curve(every, equity, equity / peak - 1.0)


def between(curve: Curve, since_ms: int | None, until_ms: int | None) -> Curve:
    """The points with since_ms <= time < until_ms; drawdowns stay against the peak of all."""
    low = 0 if since_ms is None else int(np.searchsorted(curve.time, since_ms))
    high = None if until_ms is None else int(np.searchsorted(curve.time, until_ms))
    return Curve(curve.time[low:high], curve.equity[low:high], curve.drawdown[low:high])


def thinned(curve: Curve, points: int) -> Curve:
    """At most about `points` points of the curve: of every stretch its lowest, highest and last, so
    no fall and no peak is lost."""
    total = len(curve.time)
    if total <= points:
        return curve
    edges = np.linspace(0, total, max(points // 3, 1) + 1).astype(np.int64)
    kept = {0, total - 1}
    for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = curve.equity[low:high]
        kept |= {low + int(part.argmin()), low + int(part.argmax()), high - 1}
    rows = np.array(sorted(kept))
    return Curve(curve.time[rows], curve.equity[rows], curve.drawdown[rows])


def peak_equity(tx: Transaction, wallet: Wallet) -> Decimal:
    """The highest the wallet ever was, its balance to begin with."""
    curve = wallet_curve(tx, wallet)
    highest = float(curve.equity.max()) if len(curve.equity) else 0.0
    return max(money(highest), wallet.balance)
