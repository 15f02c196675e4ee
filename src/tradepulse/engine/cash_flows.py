"""What the ledger says has moved an account's money: exact flows by currency, kind and UTC day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from tradepulse.domain.instrument import Pair
from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.ledger import FillRecord
from tradepulse.domain.reconciliation import Transfer

TRADING, FEES, FUNDING, TRANSFERS = "trading", "fees", "funding", "transfers"
KINDS = (TRADING, FEES, FUNDING, TRANSFERS)
_NOTHING = Decimal(0)
# Binance and its like keep eight decimals: one fill may be rounded by less than one of these,
# once for its amount and once for its fee.
ROUNDING = Decimal("2e-8")


class Flow(NamedTuple):
    """`amount` units of `currency` came in (above 0) or went out; `kind` is one of `KINDS`. Time in
    UTC ms of the venue."""

    currency: str
    amount: Decimal
    kind: str
    time: int


def fill_flows(fills: Iterable[FillRecord]) -> list[Flow]:
    """What the fills of one account moved, oldest first.

    Coins are exchanged whole. On a contract only what a fill closes moves money: the difference to
    the average entry of what is held, over all of the account's fills of the pair, as the venue
    nets them. Fees are taken in the currency they were charged in.
    """
    flows: list[Flow] = []
    books: dict[str, _Book] = {}
    for fill in sorted(fills, key=lambda f: (f.time, _number(f.venue_trade_id), f.id)):
        pair = Pair.parse(fill.pair)
        bought = fill.quantity if fill.side == "buy" else -fill.quantity
        if pair.settle is None:
            flows.append(Flow(pair.base, bought, TRADING, fill.time))
            flows.append(Flow(pair.quote, -bought * fill.price, TRADING, fill.time))
        else:
            gained = books.setdefault(fill.pair, _Book()).take(bought, fill.price)
            if gained:
                flows.append(Flow(pair.settle, gained, TRADING, fill.time))
        currency, amount = _fee(fill, pair)
        if amount:
            flows.append(Flow(currency, -amount, FEES, fill.time))
    return flows


def transfer_flows(transfers: Iterable[Transfer]) -> list[Flow]:
    """Deposits and withdrawals as flows."""
    return [Flow(t.currency, t.amount, TRANSFERS, t.time) for t in transfers]


def totals(flows: Iterable[Flow]) -> dict[str, Decimal]:
    """The sum of the flows by currency."""
    found: dict[str, Decimal] = {}
    for flow in flows:
        found[flow.currency] = found.get(flow.currency, _NOTHING) + flow.amount
    return found


class DayFlows(NamedTuple):
    """One currency on one UTC day; `day` is its first millisecond. `net`: all but transfers."""

    day: int
    currency: str
    by_kind: Mapping[str, Decimal]

    @property
    def net(self) -> Decimal:
        return sum((self.by_kind[kind] for kind in KINDS if kind != TRANSFERS), _NOTHING)


def by_day(flows: Sequence[Flow], since_ms: int = 0) -> tuple[DayFlows, ...]:
    """The flows from `since_ms` on by day, then currency."""
    found: dict[tuple[int, str], dict[str, Decimal]] = {}
    for flow in flows:
        if flow.time < since_ms:
            continue
        day = flow.time // DAY_MS * DAY_MS
        kinds = found.setdefault((day, flow.currency), dict.fromkeys(KINDS, _NOTHING))
        kinds[flow.kind] += flow.amount
    return tuple(DayFlows(*key, found[key]) for key in sorted(found))


class _Book:
    """The netted position of one contract."""

    def __init__(self) -> None:
        self._held = self._cost = _NOTHING

    def take(self, bought: Decimal, price: Decimal) -> Decimal:
        """What the fill earned by closing; the rest of it opens or enlarges."""
        gained = _NOTHING
        if self._held and (bought > 0) != (self._held > 0):
            closing = min(abs(bought), abs(self._held)).copy_sign(bought)
            share = self._cost * (-closing / self._held)
            gained = -closing * price - share
            self._held += closing
            self._cost -= share
            bought -= closing
            if not self._held:
                self._cost = _NOTHING
        self._held += bought
        self._cost += bought * price
        return gained


def _fee(fill: FillRecord, pair: Pair) -> tuple[str, Decimal]:
    if fill.fee_currency is None or fill.fee_amount is None:
        return pair.settle or pair.quote, fill.fee
    return fill.fee_currency, fill.fee_amount


def _number(trade_id: str | None) -> int:
    return int(trade_id) if trade_id is not None and trade_id.isdigit() else 0
