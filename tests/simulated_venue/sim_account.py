"""The money of one account at the simulated venue: owned coins, or contract positions on margin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from simulated_venue.sim_orders import OrderRequest, SimOrder, VenueRefusalError
from tradepulse.domain.instrument import Pair
from tradepulse.execution.orders import Kind
from tradepulse.execution.venue import Balance, VenuePosition

QUOTE, THIRD = "USDT", "BNB"
THIRD_PRICE = Decimal(600)
TAKER, MAKER = Decimal("0.0010"), Decimal("0.0008")
_STEP = Decimal("1e-8")
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Fee:
    """What the venue took for a fill, and the same in quote units."""

    currency: str
    amount: Decimal
    in_quote: Decimal


class SpotAccount:
    """Exact balances. What an open order may spend is locked; a group locks once."""

    def __init__(self, cash: Decimal, coins: dict[str, Decimal], fee_in: str) -> None:
        self.totals = {QUOTE: cash, **coins}
        self.first = dict(self.totals)
        self.fee_in = fee_in

    def position(self, pair: str) -> Decimal:
        """Coins bought and not yet sold; never the owner's own."""
        coin = Pair.parse(pair).base
        return self.totals.get(coin, _NOTHING) - self.first.get(coin, _NOTHING)

    def check(self, asked: OrderRequest, price: Decimal, open_orders: Iterable[SimOrder]) -> None:
        """Error `insufficient_funds`: more than is free."""
        spends, needed = _spends(asked, price)
        free = self.totals.get(spends, _NOTHING) - self.locked(spends, open_orders)
        if needed > free:
            raise VenueRefusalError(
                "insufficient_funds", "Account has insufficient balance for requested action."
            )

    def locked(self, currency: str, open_orders: Iterable[SimOrder]) -> Decimal:
        """Units of a currency that open orders may spend."""
        groups: dict[str, Decimal] = {}
        for order in open_orders:
            spends, needed = _spends(order.asked, order.asked.limit or _NOTHING, order.remaining)
            if spends == currency:
                name = order.group or order.venue_id
                groups[name] = max(groups.get(name, _NOTHING), needed)
        return sum(groups.values(), _NOTHING)

    def book(self, pair: str, side: int, quantity: Decimal, price: Decimal, rate: Decimal) -> Fee:
        """Moves coins and cash of a fill; its fee."""
        coin, fee = Pair.parse(pair).base, self._fee(pair, side, quantity, price, rate)
        self._add(coin, side * quantity)
        self._add(QUOTE, -side * quantity * price)
        self._add(fee.currency, -fee.amount)
        return fee

    def balances(self, open_orders: Iterable[SimOrder]) -> tuple[Balance, ...]:
        """Every currency held."""
        orders = list(open_orders)
        return tuple(
            Balance(name, float(total - self.locked(name, orders)), float(total))
            for name, total in self.totals.items()
        )

    def positions(self, prices: dict[str, Decimal]) -> tuple[VenuePosition, ...]:
        """Owned coins are no positions."""
        return ()

    def _fee(self, pair: str, side: int, quantity: Decimal, price: Decimal, rate: Decimal) -> Fee:
        in_quote = quantity * price * rate
        in_third = (in_quote / THIRD_PRICE).quantize(_STEP)
        if self.fee_in == "third" and self.totals.get(THIRD, _NOTHING) >= in_third:
            return Fee(THIRD, in_third, in_third * THIRD_PRICE)
        if side > 0 and self.fee_in != "quote":
            taken = (quantity * rate).quantize(_STEP, rounding=ROUND_DOWN)
            return Fee(Pair.parse(pair).base, taken, taken * price)
        taken = in_quote.quantize(_STEP)
        return Fee(QUOTE, taken, taken)

    def _add(self, currency: str, amount: Decimal) -> None:
        self.totals[currency] = self.totals.get(currency, _NOTHING) + amount


@dataclass(slots=True)
class Held:
    """A contract position; `quantity` is signed."""

    quantity: Decimal = _NOTHING
    entry: Decimal = _NOTHING


class ContractAccount:
    """One-way positions with isolated margin, in the quote currency."""

    def __init__(self, cash: Decimal, leverage: int) -> None:
        self.cash = cash
        self.leverage = leverage
        self.held: dict[str, Held] = {}

    def position(self, pair: str) -> Decimal:
        """Signed base units."""
        held = self.held.get(pair)
        return _NOTHING if held is None else held.quantity

    def check(self, asked: OrderRequest, price: Decimal, open_orders: Iterable[SimOrder]) -> None:
        """Errors `reduce_only`: there is less to reduce; `insufficient_funds`: no margin left."""
        position = self.position(asked.pair)
        if asked.reduces:
            if position * asked.side >= 0 or asked.quantity > abs(position):
                raise VenueRefusalError("reduce_only", "ReduceOnly Order is rejected.")
            return
        margin = sum((abs(h.quantity) * h.entry for h in self.held.values()), _NOTHING)
        if (margin + asked.quantity * price) / self.leverage > self.cash:
            raise VenueRefusalError("insufficient_funds", "Margin is insufficient.")

    def book(self, pair: str, side: int, quantity: Decimal, price: Decimal, rate: Decimal) -> Fee:
        """Nets a fill into the position; its fee."""
        held, signed = self.held.setdefault(pair, Held()), side * quantity
        closing = min(abs(held.quantity), quantity) if held.quantity * side < 0 else _NOTHING
        if closing:
            way = 1 if held.quantity > 0 else -1
            self.cash += way * closing * (price - held.entry)
        opening = quantity - closing
        if opening:
            kept = abs(held.quantity) if not closing else _NOTHING
            held.entry = (kept * held.entry + opening * price) / (kept + opening)
        held.quantity += signed
        fee = (quantity * price * rate).quantize(_STEP)
        self.cash -= fee
        return Fee(QUOTE, fee, fee)

    def is_liquidated(self, pair: str, price: Decimal) -> bool:
        """Whether what is left of the position's margin no longer maintains it."""
        held = self.held.get(pair)
        if held is None or not held.quantity:
            return False
        size = abs(held.quantity)
        equity = size * held.entry / self.leverage + held.quantity * (price - held.entry)
        return equity <= size * price * Decimal("0.005")

    def settle(self, pair: str, price: Decimal, rate: Decimal) -> Decimal:
        """Cash of a funding settlement, booked; longs pay a positive rate."""
        cash = -(self.position(pair) * price * rate).quantize(_STEP)
        self.cash += cash
        return cash

    def balances(self, open_orders: Iterable[SimOrder]) -> tuple[Balance, ...]:
        """The wallet."""
        margin = sum((abs(h.quantity) * h.entry for h in self.held.values()), _NOTHING)
        free = self.cash - margin / self.leverage
        return (Balance(QUOTE, float(free), float(self.cash)),)

    def positions(self, prices: dict[str, Decimal]) -> tuple[VenuePosition, ...]:
        """The open ones."""
        return tuple(
            VenuePosition(
                pair, 1 if held.quantity > 0 else -1, float(abs(held.quantity)), float(held.entry),
                float(prices[pair]), None,
            )
            for pair, held in self.held.items() if held.quantity
        )  # fmt: skip


def _spends(
    asked: OrderRequest, price: Decimal, quantity: Decimal | None = None
) -> tuple[str, Decimal]:
    """What an order may take out of the account: coins when it sells, cash when it buys."""
    amount = asked.quantity if quantity is None else quantity
    if asked.side < 0:
        return Pair.parse(asked.pair).base, amount
    # A market order's cost is not known before; venues keep a margin over the last price.
    margin = Decimal("1.001") if asked.kind is Kind.MARKET else Decimal(1)
    return QUOTE, amount * price * margin
