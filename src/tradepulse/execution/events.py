"""What happens to an execution core: bars, the venue's reports, a person's commands.

Times are UTC milliseconds of market time; `order_id` is ours. A report about an order that is not
known is an error of the shell, which translates the venue's names.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.manual_command import ManualAction
from tradepulse.execution.venue import VenueFill, VenueOrder


class SignalRow(NamedTuple):
    """What a graph said on one closed bar. NaN in a level means none. `rising_long` and
    `rising_short`: the entry flag was not set on the bar before."""

    enter_long: bool = False
    exit_long: bool = False
    enter_short: bool = False
    exit_short: bool = False
    stop: float = math.nan
    target: float = math.nan
    trail: float = math.nan
    stop_price: float = math.nan
    target_price: float = math.nan
    max_bars: float = math.nan
    strength: float = math.nan
    tag: str | None = None
    rising_long: bool = True
    rising_short: bool = True


# --- bars -----------------------------------------------------------------------------------------
class BarOpened(NamedTuple):
    """The reports that follow belong to this bar. `number` counts bars since the session
    started."""

    activation_id: str
    number: int
    time: int
    open: float


class BarClosed(NamedTuple):
    """A bar is complete and its signals are known: decide (F0 step 5). `stale`: it closed so long
    ago that its signals are not acted on any more."""

    activation_id: str
    time: int
    close_time: int
    high: float
    low: float
    close: float
    signals: SignalRow
    stale: bool = False


class BarsPassed(NamedTuple):
    """Bars `first_index` on went by with no report, no signal and no level reached: only marks."""

    activation_id: str
    first_index: int
    bars: BarSeries


# --- the venue's reports --------------------------------------------------------------------------
class OrderSent(NamedTuple):
    """It has left: until the venue answers, it may or may not be there. `wall`: wall clock, 0 if
    that is not known."""

    activation_id: str
    order_id: str
    time: int
    wall: int = 0


class OrderAccepted(NamedTuple):
    activation_id: str
    order_id: str
    time: int
    venue_id: str | None = None


class OrderFilled(NamedTuple):
    """`fee` in quote units; `liquidity` is `taker` or `maker`; `number` counts the order's
    fills. At a venue `trade_id` is its name for the fill, `fee_amount` of `fee_currency` what it
    took, `fee_base` the part of the received coins that it kept."""

    activation_id: str
    order_id: str
    number: int
    quantity: float
    price: float
    fee: float
    liquidity: str
    time: int
    trade_id: str | None = None
    fee_currency: str | None = None
    fee_amount: float = 0.0
    fee_base: float = 0.0


class StopTriggered(NamedTuple):
    """A stop became a market order that is not filled yet (no volume, or the participation cap)."""

    activation_id: str
    order_id: str
    time: int


class OrderCancelled(NamedTuple):
    """Nothing more of it will fill; `filled` in all, NaN when the venue did not say."""

    activation_id: str
    order_id: str
    time: int
    reason: str | None = None
    filled: float = math.nan
    expired: bool = False


class OrderRejected(NamedTuple):
    """It will not happen; `code` says why."""

    activation_id: str
    order_id: str
    code: str
    time: int


class OutcomeUnknown(NamedTuple):
    """It may have happened: never retried, looked up by client order id."""

    activation_id: str
    order_id: str
    time: int


class OrderNotSent(NamedTuple):
    """It did not happen, and may be tried again (under a new id) in `retry_ms`."""

    activation_id: str
    order_id: str
    code: str
    retry_ms: int
    time: int


class CancelNotTaken(NamedTuple):
    """The order was not cancelled: `gone`, or the venue could not be asked."""

    activation_id: str
    order_id: str
    code: str
    retry_ms: int
    time: int


class OrderSeen(NamedTuple):
    """What the venue says of an order, with all its fills."""

    activation_id: str
    order_id: str
    order: VenueOrder
    fills: tuple[VenueFill, ...]
    time: int


class OrderMissing(NamedTuple):
    """The venue knows no such order, for now."""

    activation_id: str
    order_id: str
    time: int


class FundingPaid(NamedTuple):
    """`cash` in quote units; negative is paid."""

    activation_id: str
    cash: float
    time: int


class Liquidated(NamedTuple):
    """The venue closed the position itself. `fee` includes what was left of its margin."""

    activation_id: str
    quantity: float
    price: float
    fee: float
    time: int
    trade_id: str | None = None


# --- time and price at a venue --------------------------------------------------------------------
class Ticked(NamedTuple):
    """Time went by: `wall` is the wall clock, `time` the market's."""

    activation_id: str
    wall: int
    time: int


class PriceReached(NamedTuple):
    """The pair last traded at `price`."""

    activation_id: str
    price: float
    time: int


class ClosedElsewhere(NamedTuple):
    """The venue holds `quantity` less than the ledger: somebody else closed it, at about `price`.
    `trade_id` names the difference, so that it is booked once."""

    activation_id: str
    quantity: float
    price: float
    fee: float
    time: int
    trade_id: str


class Disputed(NamedTuple):
    """The venue and the ledger differ (`reason`), or agree again (None)."""

    activation_id: str
    reason: str | None
    time: int


# --- commands -------------------------------------------------------------------------------------
class BlockEntries(NamedTuple):
    """From now on the activation only leaves; `code` is `draining` or `paused`, None lets it
    enter."""

    activation_id: str
    code: str | None
    time: int


class Flatten(NamedTuple):
    """Drop an entry under way and, with `leave`, leave the position at the next open. `bar_time` is
    the last closed bar's."""

    activation_id: str
    bar_time: int
    time: int
    leave: bool = True


class Wish(NamedTuple):
    """What a person wants, as numbers: of `close` and `stop` the position, of `cancel` the order;
    of `enter` side (1, -1) and either a quantity or the percent of its equity that its stop may
    lose. NaN: not given."""

    position_id: str | None = None
    order_id: str | None = None
    side: int = 0
    quantity: float = math.nan
    risk_pct: float = math.nan
    stop: float = math.nan
    target: float = math.nan


class ByHand(NamedTuple):
    """A person's command. `bar_time` is the last closed bar's, `price` the last one known, and
    `liquidation` where the venue would close the position (NaN: nowhere, or it is worked out here).
    `place` counts the commands that were done for the activation; `replayed`: it was judged when it
    was recorded, and is done again."""

    activation_id: str
    command_id: str
    action: ManualAction
    wish: Wish
    bar_time: int
    time: int
    price: float
    liquidation: float = math.nan
    place: int = 0
    replayed: bool = False


Report = (
    OrderSent | OrderAccepted | OrderFilled | StopTriggered | OrderCancelled | OrderRejected
    | OutcomeUnknown | OrderNotSent | CancelNotTaken | OrderSeen | OrderMissing | FundingPaid
    | Liquidated
)  # fmt: skip
Event = (
    BarOpened | BarClosed | BarsPassed | Report | Ticked | PriceReached | ClosedElsewhere
    | Disputed | BlockEntries | Flatten | ByHand
)  # fmt: skip
