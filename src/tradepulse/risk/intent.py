"""What risk is asked about: an intent to change a position, and what the wallet holds by then."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tradepulse.domain.lifecycle import Stage
from tradepulse.risk.clusters import Clusters
from tradepulse.risk.protections import Lock
from tradepulse.risk.trading_state import ACTIVE, RiskState


class Intent(NamedTuple):
    """A wish to trade, as a decision (or a person) states it before any order exists.

    `side` is 1 to buy, -1 to sell; `quantity` in base units; `price` the close it was decided on,
    in quote units; `reduces` is true when it can only make a position smaller.
    """

    activation_id: str
    pair: str
    side: int
    quantity: float
    price: float
    reduces: bool

    @property
    def notional(self) -> float:
        """What it is worth at the price it was decided on, in quote units."""
        return self.quantity * self.price


class Proposal(Protocol):
    """Anything that carries an intent: an order that waits for approval."""

    @property
    def intent(self) -> Intent: ...


@dataclass(frozen=True)
class Exposure:
    """What a wallet holds when an intent is judged. Amounts in quote units.

    `open_trades` counts open positions and entries under way, of every activation but the intent's
    own; `notional` is their worth at entry and `capital` the sum of the allotments.
    `entries_blocked` names why the activation may not enter now (`draining`, `paused`), None when
    it may.

    The rest only some limits ask for, and None says that it is not known: a limit whose fact is
    missing refuses the entry (`facts_missing`), for a limit that is set and not applied is worse
    than none. `equity`, `day_start_equity` and `peak_equity` are the wallet's, corrected for
    transfers (`EquityTrack`). `instrument_notional`: notional by pair. `open_pairs`: the pair of
    every open trade, as often as it is open. `orders_last_minute` counts all orders of the wallet.
    `stage` is the configuration's; `live_trades` how many trades it has closed with real money,
    None where no real money is at stake. `stop_distance`: in price, NaN without a stop. `allotment`
    and `staged_share` (0 to 1) are the activation's. `breakers`: codes of those that have tripped
    for it; `locks`: the pauses in force for it; `now_ms`: market time of the decision.
    """

    open_trades: int
    notional: float
    capital: float
    entries_blocked: str | None = None
    equity: float | None = None
    day_start_equity: float | None = None
    peak_equity: float | None = None
    instrument_notional: Mapping[str, float] | None = None
    open_pairs: tuple[str, ...] | None = None
    clusters: Clusters | None = None
    orders_last_minute: int | None = None
    leverage: float | None = None
    stage: Stage | None = None
    live_trades: int | None = None
    stop_distance: float = math.nan
    allotment: float | None = None
    staged_share: float = 1.0
    risk_state: RiskState = ACTIVE
    breakers: tuple[str, ...] = ()
    locks: tuple[Lock, ...] = ()
    now_ms: int = 0


@dataclass(frozen=True)
class Refused:
    """Why an intent may not become an order: a stable code, what was allowed, what was found."""

    code: str
    expected: str
    found: str
