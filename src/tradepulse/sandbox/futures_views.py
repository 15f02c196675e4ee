"""The USD-M account as it is shown: the wallet, positions, and how each symbol is set."""

from __future__ import annotations

from decimal import Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account, Position
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.listing import Listing
from tradepulse.sandbox.margin import (
    available,
    highest_leverage,
    highest_notional,
    liquidation_price,
    maintenance,
    order_margin,
    position_margin,
)
from tradepulse.sandbox.values import ZERO, FuturesAsset, FuturesPosition, SymbolConfig

MARGIN_TYPE = "ISOLATED"


def leverages(floor: Floor, account: Account) -> dict[str, int]:
    """The leverage of every symbol the account may trade."""
    return {
        listing.symbol: leverage_of(account, listing)
        for listing in floor.listings
        if listing.market is Market.PERPETUAL
    }


def leverage_of(account: Account, listing: Listing) -> int:
    return account.futures.leverage(listing.symbol, highest_leverage(listing.spec.brackets))


def unrealised(position: Position, mark: Decimal) -> Decimal:
    side = 1 if position.amount > 0 else -1
    return position.amount * mark - side * position.cost


def asset_view(floor: Floor, account: Account) -> FuturesAsset:
    wallet = account.futures
    profit = keep = ZERO
    for symbol, position in wallet.positions.items():
        listing = floor.find(Market.PERPETUAL, symbol)
        if listing is not None and position.amount:
            profit += unrealised(position, listing.mark_price)
            keep += maintenance(position, listing.spec.brackets, listing.mark_price)
    set_to = leverages(floor, account)
    held, waiting = position_margin(account), order_margin(account, set_to)
    return FuturesAsset(
        "USDT", wallet.balance, profit, wallet.balance + profit,
        max(available(account, set_to), ZERO), held + waiting, held, waiting, keep,
        wallet.update_time,
    )  # fmt: skip


def position_view(account: Account, listing: Listing) -> FuturesPosition:
    spec, mark = listing.spec, listing.mark_price
    position = account.futures.position(spec.symbol)
    fee = listing.spec.taker_bps / 10_000
    side = 1 if position.amount > 0 else -1
    even = position.entry * (1 + 2 * side * fee) if position.amount else ZERO
    return FuturesPosition(
        spec.symbol, position.amount, position.entry, even, mark, unrealised(position, mark),
        liquidation_price(position, spec.brackets) or ZERO, leverage_of(account, listing),
        MARGIN_TYPE.lower(), position.margin, position.amount * mark, position.margin,
        maintenance(position, spec.brackets, mark), position.update_time,
    )  # fmt: skip


def config_view(account: Account, listing: Listing) -> SymbolConfig:
    leverage = leverage_of(account, listing)
    most = highest_notional(listing.spec.brackets, leverage)
    return SymbolConfig(listing.symbol, MARGIN_TYPE, leverage, most)
