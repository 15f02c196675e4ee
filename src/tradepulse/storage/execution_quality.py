"""How an activation's orders were carried out: slippage, fill rate, latency, fees."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tradepulse.domain.ledger import Activation, FillRecord, OrderRecord
from tradepulse.domain.lifecycle import Feed, OrderState
from tradepulse.domain.money import to_text
from tradepulse.execution.orders import Kind, Role
from tradepulse.storage.order_costs import latency_of, slippage_of
from tradepulse.storage.transaction import Transaction

_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Spread:
    """How some numbers are spread; None of no number. `worst` is the highest."""

    count: int
    mean: float | None
    p50: float | None
    p99: float | None
    worst: float | None


@dataclass(frozen=True)
class ExecutionQuality:
    """`fill_rate`: what market orders filled of what they asked for, of those that are over.
    `slippage_bps` by role, above 0 where it cost; `slippage_quote` its sum in the quote currency.
    Latencies in ms: from the bar's close known only where the venue's clock is ours."""

    activation_id: str
    orders: int
    by_state: dict[str, int]
    fill_rate: float | None
    slippage_bps: dict[str, Spread]
    slippage_quote: Decimal
    close_to_sent_ms: Spread
    sent_to_acknowledged_ms: Spread
    close_to_acknowledged_ms: Spread
    fees: Decimal
    fees_bps: float | None

    def as_json(self) -> dict[str, Any]:
        spreads = ("close_to_sent_ms", "sent_to_acknowledged_ms", "close_to_acknowledged_ms")
        return {
            "activation_id": self.activation_id, "orders": self.orders, "by_state": self.by_state,
            "fill_rate": self.fill_rate,
            "slippage_bps": {role: vars(s) for role, s in self.slippage_bps.items()},
            "slippage_quote": to_text(self.slippage_quote),
            **{name: vars(getattr(self, name)) for name in spreads},
            "fees": to_text(self.fees), "fees_bps": self.fees_bps,
        }  # fmt: skip


def execution_quality(tx: Transaction, activation_id: str) -> ExecutionQuality:
    """Over all orders and fills of an activation. Error `activation_not_found`."""
    activation = tx.activations.get(activation_id)
    orders = tx.orders.of_activation(activation_id)
    return measured(activation, orders, tx.fills.of_activation(activation_id))


def measured(
    activation: Activation, orders: Sequence[OrderRecord], fills: Sequence[FillRecord]
) -> ExecutionQuality:
    """The figures of these orders and their fills. Pure."""
    by_order: dict[str, list[FillRecord]] = {}
    for fill in fills:
        by_order.setdefault(fill.order_id, []).append(fill)
    live = activation.feed is Feed.LIVE
    slips: dict[str, list[float]] = {}
    quote = _NOTHING
    for order in orders:
        slipped = slippage_of(order, by_order.get(order.id, ()))
        if slipped is not None:
            slips.setdefault(order.role, []).append(float(slipped.bps))
            quote += slipped.quote
    # A leg waits for its entry's fill, a person's command for nobody: only entries follow a bar.
    entries = [latency_of(o, same_clock=live) for o in orders if o.role == Role.ENTRY]
    all_sent = [latency_of(o, same_clock=live).sent_to_acknowledged_ms for o in orders]
    fees = sum((fill.fee for fill in fills), _NOTHING)
    turned = sum((fill.price * fill.quantity for fill in fills), _NOTHING)
    return ExecutionQuality(
        activation.id, len(orders), _by_state(orders), _fill_rate(orders),
        {role: spread_of(values) for role, values in sorted(slips.items())}, quote,
        spread_of(latency.close_to_sent_ms for latency in entries), spread_of(all_sent),
        spread_of(latency.close_to_acknowledged_ms for latency in entries), fees,
        float(10_000 * fees / turned) if turned else None,
    )  # fmt: skip


def spread_of(values: Iterable[float | None]) -> Spread:
    """Mean and percentiles (nearest rank) of what is known."""
    known = sorted(float(value) for value in values if value is not None)
    if not known:
        return Spread(0, None, None, None, None)
    mean = math.fsum(known) / len(known)
    return Spread(len(known), mean, _rank(known, 0.5), _rank(known, 0.99), known[-1])


def _rank(ordered: Sequence[float], share: float) -> float:
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def _by_state(orders: Iterable[OrderRecord]) -> dict[str, int]:
    counts = dict.fromkeys((str(state) for state in OrderState), 0)
    for order in orders:
        counts[str(order.state)] += 1
    return {state: count for state, count in counts.items() if count}


def _fill_rate(orders: Iterable[OrderRecord]) -> float | None:
    """By orders, each by the share of it that filled: a large one is no more of an order."""
    over = [o for o in orders if o.kind == Kind.MARKET and o.state.is_over and o.quantity]
    if not over:
        return None
    return math.fsum(float(o.filled / o.quantity) for o in over) / len(over)
