"""The Exchange port: where approved orders go, and who says what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from tradepulse.execution.events import Report
from tradepulse.execution.orders import Order
from tradepulse.risk import Approved
from tradepulse.simulation.inputs import Bars, Feed
from tradepulse.simulation.rules import Rules


class Exchange(Protocol):
    """An account at a venue. Nothing here waits for a fill: reports come back from `reports`.

    An entry's bracket comes to rest with its fill. Errors of a remote venue: `Unavailable` (did not
    happen), `OutcomeUnknown` (may have happened).
    """

    @property
    def in_process(self) -> bool:
        """Whether orders stay in this process and are rebuilt from the bars after a crash. Then
        they may be placed ahead of the commit; an order to anywhere else leaves after it."""
        ...

    def place(self, approved: Approved[Order]) -> None:
        """Place an order that risk has let pass."""
        ...

    def cancel(self, order: Order) -> None:
        """Ask for the rest of an order not to fill."""
        ...

    def replace_stop(self, approved: Approved[Order]) -> None:
        """Put the resting stop of that id at its new price and quantity."""
        ...

    def reports(self) -> Sequence[Report]:
        """What happened since the last call, in order."""
        ...


class Stretch(NamedTuple):
    """Bars to be matched, with the funding stamps since the stretch before it and any finer bars.

    The first bar is number `first_index` of the session.
    """

    bars: Bars
    feed: Feed
    first_index: int


class SimulatedExchange(Exchange, Protocol):
    """An exchange that fills against bars we have (the paper exchange)."""

    def open_account(
        self, activation_id: str, rules: Rules, interval_ms: int, *, has_mark: bool = False
    ) -> None:
        """A flat account under `rules`, holding their `initial_cash`."""
        ...

    def close_account(self, activation_id: str) -> None:
        """Forget an account."""
        ...

    def load(self, activation_id: str, stretch: Stretch) -> None:
        """The bars that `match` will be asked about."""
        ...

    def match(self, activation_id: str, row: int) -> Sequence[Report]:
        """What bar `row` of the loaded ones does to the account's orders and position."""
        ...

    def liquidation(self, activation_id: str) -> float:
        """Where the account's open position is liquidated; NaN: nowhere."""
        ...

    def quiet_until(
        self, activation_id: str, row: int, stop: int, lower: float, upper: float
    ) -> int:
        """The first row in [row, stop) on which a level of the open position may be reached,
        funding is paid, or the low or high meets `lower` or `upper`; `stop` if none."""
        ...
