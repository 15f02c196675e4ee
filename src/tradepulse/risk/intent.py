"""What risk is asked about: an intent to change a position, and what the wallet holds by then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol


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
    """What a wallet holds when an intent is judged.

    `open_trades` counts open positions and entries under way; `notional` is their worth at entry
    and `capital` the sum of the allotments, both in quote units. `entries_blocked` names why the
    activation may not enter now (`draining`, `paused`), None when it may.
    """

    open_trades: int
    notional: float
    capital: float
    entries_blocked: str | None = None
