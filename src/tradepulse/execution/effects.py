"""What the core asks for: things to do on the exchange, and rows for the ledger.

The shell writes the rows first, in one transaction, and only then does the things.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tradepulse.execution.account import ClosedTrade, PositionView
from tradepulse.execution.orders import Order
from tradepulse.risk import Approved


# --- to do ----------------------------------------------------------------------------------------
class PlaceOrder(NamedTuple):
    approved: Approved[Order]


class CancelOrder(NamedTuple):
    order: Order


class MoveStop(NamedTuple):
    """Replace a resting stop by the same order at its new price and quantity."""

    approved: Approved[Order]


class PlacePair(NamedTuple):
    """Stop and target as one native OCO group of the venue."""

    stop: Approved[Order]
    target: Approved[Order]


class LookUp(NamedTuple):
    """Ask the venue what became of the order."""

    order: Order


class Reconcile(NamedTuple):
    """The venue contradicts the ledger: compare the two now."""

    activation_id: str
    reason: str


# --- to write -------------------------------------------------------------------------------------
class OrderSaved(NamedTuple):
    """The order as it now is."""

    order: Order


class FillBooked(NamedTuple):
    id: str
    order: Order
    quantity: float
    price: float
    fee: float
    liquidity: str
    time: int
    trade_id: str | None = None
    fee_currency: str | None = None
    fee_amount: float = 0.0
    fee_base: float = 0.0


class PositionSaved(NamedTuple):
    """`opened` on its first save; `state`: what a restart needs of a position at a venue."""

    position: PositionView
    opened: bool
    state: Mapping[str, object] | None = None


class PositionGone(NamedTuple):
    activation_id: str
    position_id: str


class TradeClosed(NamedTuple):
    trade: ClosedTrade


class TradeCorrected(NamedTuple):
    """A closed trade as it is with what the venue told of it late."""

    trade: ClosedTrade


class PointTaken(NamedTuple):
    """An activation's worth at the close of a bar, in quote units; `drawdown` is <= 0."""

    activation_id: str
    time: int
    equity: float
    cash: float
    unrealised_pnl: float
    drawdown: float


class SignalSaved(NamedTuple):
    """`verdict` is traded, refused or ignored; a later save of the same id replaces it."""

    id: str
    activation_id: str
    bar_time: int
    action: str
    close: float
    verdict: str
    reason: str | None
    values: Mapping[str, object]


class Noted(NamedTuple):
    """A line for people: what happened that no row shows."""

    activation_id: str
    time: int
    level: str
    event: str
    message: str
    details: Mapping[str, object]


class CommandAnswered(NamedTuple):
    """What came of a person's command; `code` None: it was done. `told` says what was done, or what
    was expected and found."""

    activation_id: str
    command_id: str
    action: str
    time: int
    code: str | None
    told: Mapping[str, object]


Action = PlaceOrder | CancelOrder | MoveStop | PlacePair | LookUp | Reconcile
Row = (
    OrderSaved | FillBooked | PositionSaved | PositionGone | TradeClosed | TradeCorrected
    | PointTaken | SignalSaved | Noted | CommandAnswered
)  # fmt: skip
Effect = Action | Row
ACTIONS = (PlaceOrder, CancelOrder, MoveStop, PlacePair, LookUp, Reconcile)
