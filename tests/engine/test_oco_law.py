"""Law: what rests to close a position never exceeds it; and a position with a stop is never
without."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from random_market import (
    NAME,
    random_bars,
    random_funding,
    random_rules,
    random_signals,
    run_engine,
)

from tradepulse.domain.lifecycle import OrderState
from tradepulse.engine.clock import Drive
from tradepulse.execution.effects import OrderSaved, TradeClosed
from tradepulse.execution.events import BarClosed
from tradepulse.execution.orders import Role


class Watch(Drive):
    """Looks at the desk whenever an event and all that follows from it is over."""

    depth = 0

    def send(self, event: Any) -> None:
        self.depth += 1
        super().send(event)
        self.depth -= 1
        if self.depth == 0:
            self.look(event)

    def look(self, event: Any) -> None:
        desk = self.core.desk(NAME)
        held, legs = desk.account.position, self.core.oco.legs(NAME).alive()
        closing = self.core.oco.resting(NAME)
        closing += 0.0 if desk.exit is None else desk.exit.remaining
        if held is None:
            assert closing == 0.0
            assert not legs
            return
        assert closing <= held.quantity * (1 + 1e-12)
        if isinstance(event, BarClosed) and not desk.exit_underway:
            protected = any(leg.role is Role.STOP and leg.remaining for leg in legs)
            assert protected == (not math.isnan(held.stop))
            assert all(leg.state is not OrderState.CANCELLING for leg in legs)


@given(st.integers(0, 2**32 - 1))
def test_closing_quantity_resting_never_exceeds_the_position(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bars = random_bars(rng, 250)
    signals, rules = random_signals(rng, len(bars)), random_rules(rng)
    funding = {"funding": random_funding(rng, bars)} if rules.is_perpetual else {}
    run = run_engine(bars, signals, rules, watched=Watch, hurry=False, **funding)
    last = {row.order.id: row.order for row in run.drive.rows if isinstance(row, OrderSaved)}
    position = run.core.portfolio.accounts[NAME].position
    if position is None and run.core.desk(NAME).entry is None:
        assert all(order.state.is_over for order in last.values())
    # Every order that closed something belongs to a trade: quantities add up.
    bought = sum(order.filled for order in last.values() if order.role is Role.ENTRY)
    sold = sum(order.filled for order in last.values() if order.role is not Role.ENTRY)
    held = 0.0 if position is None else position.quantity
    assert math.isclose(bought, sold + held, rel_tol=1e-9, abs_tol=1e-9)
    traded = sum(r.trade.quantity for r in run.drive.rows if isinstance(r, TradeClosed))
    partly = 0.0 if position is None else position.exit_quantity
    assert math.isclose(traded + partly, sold, rel_tol=1e-9, abs_tol=1e-9)
