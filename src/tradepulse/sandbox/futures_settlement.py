"""What a USD-M fill does to the account: the position, its margin, profit, fee and income."""

from __future__ import annotations

from decimal import Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account, Position
from tradepulse.sandbox.events import PositionEvent
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.futures_views import asset_view, position_view
from tradepulse.sandbox.listing import Listing
from tradepulse.sandbox.margin import highest_leverage, opening_part, rounded_down, rounded_up
from tradepulse.sandbox.values import ZERO, Income, SandboxOrder, Trade

QUOTE = "USDT"
_BPS = Decimal(10_000)


def settle_futures(
    floor: Floor, account: Account, listing: Listing, order: SandboxOrder, price: Decimal,
    quantity: Decimal, *, maker: bool,
) -> Trade:  # fmt: skip
    """The trade, with the position and the wallet moved; the events say so."""
    spec, wallet = listing.spec, account.futures
    position = wallet.position(spec.symbol)
    opening = opening_part(position, order.side, quantity)
    realised = _close(position, quantity - opening, price)
    leverage = wallet.leverage(spec.symbol, highest_leverage(spec.brackets))
    _open(position, opening, price, 1 if order.side == "BUY" else -1, leverage)
    fee = rounded_down(price * quantity * (spec.maker_bps if maker else spec.taker_bps) / _BPS)
    position.update_time = floor.now
    number = next(floor.numbers.trades[Market.PERPETUAL])
    if opening != quantity:
        book_income(floor, account, spec.symbol, "REALIZED_PNL", realised, str(number), number)
    book_income(floor, account, spec.symbol, "COMMISSION", -fee, str(number), number)
    tell_position(floor, account, listing, "ORDER")
    return Trade(
        number, order.order_id, -1, Market.PERPETUAL, spec.symbol, order.side, price, quantity,
        price * quantity, fee, QUOTE, floor.now, maker, realised,
    )  # fmt: skip


def _close(position: Position, quantity: Decimal, price: Decimal) -> Decimal:
    """The profit of closing that much; its part of the margin is free again."""
    if not quantity:
        return ZERO
    size = abs(position.amount)
    side = 1 if position.amount > 0 else -1
    left = size - quantity
    cost = rounded_up(position.cost * quantity / size) if left else position.cost
    position.margin = rounded_down(position.margin * left / size) if left else ZERO
    position.amount = side * left
    position.cost -= cost
    return side * (quantity * price - cost)


def _open(position: Position, quantity: Decimal, price: Decimal, side: int, leverage: int) -> None:
    if not quantity:
        return
    position.amount += side * quantity
    position.cost += quantity * price
    position.margin += rounded_up(quantity * price / leverage)


def book_income(
    floor: Floor, account: Account, symbol: str, kind: str, amount: Decimal, info: str,
    trade_id: int | None = None,
) -> None:  # fmt: skip
    """The wallet changes by `amount`, and the account's income says why."""
    account.futures.balance += amount
    account.futures.update_time = floor.now
    account.income.append(
        Income(next(floor.numbers.incomes), symbol, kind, amount, QUOTE, info, floor.now, trade_id)
    )


def tell_position(
    floor: Floor, account: Account, listing: Listing | None, reason: str, change: Decimal = ZERO
) -> None:
    """An account event with the wallet, and the position of one symbol."""
    positions = () if listing is None else (position_view(account, listing),)
    floor.emit(
        PositionEvent(
            account.key, floor.now, reason, (asset_view(floor, account),), positions, change
        )
    )
