"""What a spot fill does to the account: one asset out, another in, the fee from what comes in."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.events import BalanceEvent
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.listing import Listing
from tradepulse.sandbox.values import SandboxOrder, Trade

_SATOSHI = Decimal("0.00000001")
_BPS = Decimal(10_000)
# Binance takes a quarter off what is paid in BNB.
_BNB_PART = Decimal("0.75")


def lock_name(order: SandboxOrder) -> str:
    """The name of what an order may spend: the legs of a list share one."""
    return f"list-{order.list_id}" if order.list_id != -1 else f"order-{order.order_id}"


def settle_spot(
    floor: Floor, account: Account, listing: Listing, order: SandboxOrder, price: Decimal,
    quantity: Decimal, *, maker: bool,
) -> Trade:  # fmt: skip
    """The trade, with balances moved. The caller has made sure that the account can pay."""
    spec, wallet, name = listing.spec, account.spot, lock_name(order)
    value = price * quantity
    buys = order.side == "BUY"
    paid, got = (spec.quote, spec.base) if buys else (spec.base, spec.quote)
    amount_in = quantity if buys else value
    wallet.pay(name, paid, value if buys else quantity, quantity)
    wallet.receive(got, amount_in)
    rate = (spec.maker_bps if maker else spec.taker_bps) / _BPS
    asset, fee = _fee(floor, account, got, amount_in * rate, value * rate, spec.quote)
    wallet.receive(asset, -fee)
    return Trade(
        next(floor.numbers.trades[Market.SPOT]), order.order_id, order.list_id, Market.SPOT,
        spec.symbol, order.side, price, quantity, value, fee, asset, floor.now, maker,
    )  # fmt: skip


def tell_balances(floor: Floor, account: Account, *assets: str) -> None:
    """A balance event of these assets, each once."""
    names = dict.fromkeys(assets)
    balances = tuple(account.spot.balance(name) for name in names)
    floor.emit(BalanceEvent(account.key, floor.now, balances))


def _fee(
    floor: Floor, account: Account, got: str, amount: Decimal, value: Decimal, quote: str
) -> tuple[str, Decimal]:
    """(asset, fee): in BNB where the account asked for it and holds enough, else in what it got."""
    if account.pays_fees_in_bnb:
        listing = floor.find(Market.SPOT, f"BNB{quote}")
        if listing is not None:
            bnb = _floored(value * _BNB_PART / listing.last_price)
            if account.spot.balance("BNB").free >= bnb:
                return "BNB", bnb
    return got, _floored(amount)


def _floored(amount: Decimal) -> Decimal:
    return amount.quantize(_SATOSHI, rounding=ROUND_DOWN)
