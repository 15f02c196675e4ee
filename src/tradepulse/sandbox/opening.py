"""Accounts and what is paid into them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.futures_settlement import book_income, tell_position
from tradepulse.sandbox.spot_settlement import tell_balances
from tradepulse.sandbox.values import ZERO


def open_account(
    floor: Floor, key: str, balances: Mapping[str, Decimal], futures_balance: Decimal, *,
    can_withdraw: bool, pays_fees_in_bnb: bool,
) -> Account:  # fmt: skip
    """The account of a key, made where it is new, with the amounts added. `deposits` keeps what was
    ever paid in, so that profit can be told from transfers."""
    account = floor.accounts.get(key)
    if account is None:
        account = Account(key, can_withdraw=can_withdraw, pays_fees_in_bnb=pays_fees_in_bnb)
        floor.accounts[key] = account
    paid = {asset: amount for asset, amount in balances.items() if amount}
    for asset, amount in paid.items():
        account.spot.receive(asset, amount)
        account.deposits[asset] = account.deposits.get(asset, ZERO) + amount
    if paid:
        tell_balances(floor, account, *paid)
    # The venue leaves out a wallet that was never touched; this one was, by being opened.
    account.futures.update_time = floor.now
    if futures_balance:
        book_income(floor, account, "", "TRANSFER", futures_balance, "TRANSFER")
        account.deposits["futures"] = account.deposits.get("futures", ZERO) + futures_balance
        tell_position(floor, account, None, "DEPOSIT", futures_balance)
    return account
