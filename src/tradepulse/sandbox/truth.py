"""The sandbox's own books in JSON: what a test holds a client's ledger against."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from enum import Enum
from typing import Any

from tradepulse.domain.instrument import Market
from tradepulse.domain.money import to_text
from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.futures_views import asset_view, position_view


def truth_of(floor: Floor) -> dict[str, Any]:
    """`{now, accounts: {key: {orders, algo_orders, lists, trades, balances, futures, positions,
    income, deposits}}}`; amounts as decimal strings, `orders` and `trades` by market."""
    accounts = {key: _account(floor, account) for key, account in floor.accounts.items()}
    return {"now": floor.now, "accounts": accounts}


def _account(floor: Floor, account: Account) -> dict[str, Any]:
    files = account.files
    positions = [
        position_view(account, listing)._asdict()
        for listing in floor.listings
        if listing.market is Market.PERPETUAL and account.key in listing.holders
    ]
    assets = sorted({*account.spot.free, *account.spot.locked})
    found: dict[str, Any] = {
        "orders": {m: [asdict(o) for o in files[m].orders.values()] for m in Market},
        "trades": {m: [t._asdict() for t in files[m].trades] for m in Market},
        "algo_orders": [asdict(algo) for algo in account.algos.values()],
        "lists": [asdict(oco) for oco in account.lists.values()],
        "balances": [account.spot.balance(asset)._asdict() for asset in assets],
        "futures": asset_view(floor, account)._asdict(),
        "positions": positions,
        "income": [row._asdict() for row in account.income],
        "deposits": dict(account.deposits),
    }
    plain: dict[str, Any] = _plain(found)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return to_text(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value
