"""What an order's execution cost beyond its price, and how long it took. Pure, over its rows."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from tradepulse.domain.ledger import FillRecord, OrderRecord
from tradepulse.domain.money import to_text
from tradepulse.execution.orders import Role

_BPS = Decimal(10_000)
_NOTHING = Decimal(0)


class Slippage(NamedTuple):
    """`bps` and `quote` are above 0 where the fills were worse than `reference`: the price it was
    decided on; the trigger of a stop and the limit of a target."""

    reference: Decimal
    average: Decimal
    bps: Decimal
    quote: Decimal

    def as_json(self) -> dict[str, str]:
        return {name: to_text(value) for name, value in self._asdict().items()}


class Latency(NamedTuple):
    """Milliseconds, None where a step is not known. From the bar's close it is known only where the
    venue's clock is ours: a replay closes a bar of last year now."""

    close_to_sent_ms: int | None
    sent_to_acknowledged_ms: int | None
    close_to_acknowledged_ms: int | None

    def as_json(self) -> dict[str, int | None]:
        return self._asdict()


def slippage_of(order: OrderRecord, fills: Sequence[FillRecord]) -> Slippage | None:
    """None for an order without a fill, or without a price to measure by."""
    resting = order.role in (Role.STOP, Role.TARGET)
    reference = order.price if resting and order.price is not None else order.decided_at
    quantity = sum((fill.quantity for fill in fills), _NOTHING)
    if reference is None or not reference or not quantity:
        return None
    worth = sum((fill.quantity * fill.price for fill in fills), _NOTHING)
    side = 1 if order.side == "buy" else -1
    against = side * (worth - quantity * reference)
    return Slippage(
        reference, _rounded(worth / quantity), _rounded(_BPS * against / (quantity * reference)),
        _rounded(against),
    )  # fmt: skip


def latency_of(order: OrderRecord, *, same_clock: bool) -> Latency:
    """How long the order took. `same_clock`: market time is wall time (no replay, no sandbox).

    An order is made at the close of its bar, market time; sent and acknowledged are wall time.
    """
    sent, taken, close = order.sent_at, order.acknowledged_at, order.created_at
    return Latency(
        sent - close if sent is not None and same_clock else None,
        taken - sent if taken is not None and sent is not None else None,
        taken - close if taken is not None and same_clock else None,
    )  # fmt: skip


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("1e-12")).normalize() or _NOTHING
