"""One activation's money and position, as its fills have left them.

Floats as in the kernel, operation for operation, so that a quantity sized from this equity is the
quantity the backtest sized; decimals are made at the edge, by domain.money.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from tradepulse.domain.lifecycle import ExitReason, Side
from tradepulse.simulation import layout as at
from tradepulse.simulation.rules import Rules


class ClosedTrade(NamedTuple):
    """One round trip. Prices and amounts in quote units, quantity in base units, times UTC ms."""

    id: str
    activation_id: str
    pair: str
    side: Side
    entry_time: int
    entry_price: float
    quantity: float
    exit_time: int
    exit_price: float
    exit_reason: ExitReason
    fees: float
    funding: float
    pnl: float
    pnl_pct: float
    mae_pct: float
    mfe_pct: float
    bars_held: int
    tag: str | None


class PositionView(NamedTuple):
    """An open position as others see it. NaN: no such level."""

    id: str
    activation_id: str
    pair: str
    side: Side
    quantity: float
    entry_price: float
    entry_time: int
    stop: float
    target: float
    updated_at: int


@dataclass(slots=True)
class Position:
    """An open position. `side` is 1 or -1; `quantity` what is still open; NaN levels mean none."""

    id: str
    side: int
    quantity: float
    entry_price: float
    entry_time: int
    entry_index: int
    entry_quantity: float
    stop: float
    target: float
    trail: float
    trailing: bool
    max_bars: float
    high: float
    low: float
    fees: float
    tag: str | None
    funding: float = 0.0
    exit_quantity: float = 0.0
    exit_value: float = 0.0


@dataclass(slots=True)
class Account:
    """The allotment of one activation. Equity at a price p is wallet + side * quantity * (p -
    entry).

    `rules` is the vector of the configuration's rules as Python floats (slots: layout.R_*).
    """

    activation_id: str
    pair: str
    rules: tuple[float, ...]
    wallet: float
    equity: float
    peak: float
    index: int = -1
    bar_time: int = 0
    bar_open: float = math.nan
    last_close_time: int = -1
    last_close: float = math.nan
    bankrupt: bool = False
    position: Position | None = None
    entries_blocked: str | None = None
    point_due: bool = False
    # Wallet refusals by bar, as first recorded: a replay is judged by them, not anew.
    recorded: dict[int, str] = field(default_factory=dict)
    recorded_until: int | None = None

    @classmethod
    def fresh(cls, activation_id: str, pair: str, rules: Rules) -> Account:
        """A flat account holding the rules' `initial_cash`, which is its allotment."""
        vector = tuple(rules.as_vector().tolist())
        return cls(activation_id, pair, vector, *[vector[at.R_CASH]] * 3)

    @property
    def side(self) -> int:
        """1 long, -1 short, 0 flat."""
        return 0 if self.position is None else self.position.side

    @property
    def is_perpetual(self) -> bool:
        return self.rules[at.R_PERPETUAL] != 0.0

    def line(self) -> tuple[float, float]:
        """(offset, slope): equity is offset + slope * price. The kernel's own form, to the bit."""
        position = self.position
        if position is None:
            return self.wallet, 0.0
        slope = position.side * position.quantity
        return self.wallet - slope * position.entry_price, slope

    def view(self) -> PositionView | None:
        """The open position as others see it, None when flat."""
        held = self.position
        if held is None:
            return None
        return PositionView(
            held.id, self.activation_id, self.pair, Side.LONG if held.side > 0 else Side.SHORT,
            held.quantity, held.entry_price, held.entry_time, held.stop, held.target,
            self.bar_time,
        )  # fmt: skip
