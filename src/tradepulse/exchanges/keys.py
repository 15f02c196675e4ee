"""What an API key may do, and the refusal of one that may take money out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tradepulse.domain.connection import Connection, Credentials
from tradepulse.domain.errors import RefusedError
from tradepulse.domain.instrument import Market
from tradepulse.exchanges.budget import Priority, errand
from tradepulse.exchanges.ccxt_venue.dialects import facts_of
from tradepulse.exchanges.ccxt_venue.waiting import wait_for
from tradepulse.exchanges.client import load_client_code, open_client
from tradepulse.exchanges.loop import IoLoop


@dataclass(frozen=True)
class KeyCheck:
    """`permissions`: the venue's own names of what the key may do. `account`: what identifies the
    account there, empty where the venue does not say. `clock_skew_ms`: our clock less theirs, 0 for
    a venue that lives in another time (a replay)."""

    can_trade: bool
    can_withdraw: bool
    permissions: tuple[str, ...]
    account: str
    clock_skew_ms: int = 0


async def check_keys(client: Any) -> KeyCheck:
    """What the client's keys may do, on its loop. Errors are the client's: `AuthenticationError`
    for keys that the venue does not know.

    Binance says of a key whether it may withdraw at one address only, which a demo account does not
    have; coins of a demo account cannot be withdrawn.
    """
    with errand(Priority.LOOK):
        account = await _account(client)
        restrictions = await _restrictions(client)
    spot = client.market_kind is Market.SPOT
    if restrictions is None:
        allowed = account.get("permissions") or ([] if spot else ["FUTURES"])
        return KeyCheck(_yes(account.get("canTrade", True)), False,
                        tuple(map(str, allowed)), _identity(account))  # fmt: skip
    named = tuple(sorted(n for n, value in restrictions.items()
                         if n.startswith(("enable", "permits")) and _yes(value)))  # fmt: skip
    wanted = "enableSpotAndMarginTrading" if spot else "enableFutures"
    may = _yes(restrictions.get(wanted, False)) and _yes(account.get("canTrade", True))
    return KeyCheck(may, _yes(restrictions.get("enableWithdrawals", False)), named,
                    _identity(account))  # fmt: skip


def examine_connection(
    connection: Connection, credentials: Credentials, loop: IoLoop, timeout_s: float = 15.0
) -> KeyCheck:
    """What the keys of a connection may do. Waits. Errors: `withdrawals_allowed`,
    `trading_not_allowed` and `auth` (RefusedError), `exchange_unavailable`, `rate_limited`."""
    load_client_code(connection.exchange)
    found = wait_for(
        loop, _checked(connection, credentials), timeout_s, doing="testing the keys",
        facts=facts_of(connection.exchange, connection.market),
    )  # fmt: skip
    if found.can_withdraw:
        raise RefusedError(
            "withdrawals_allowed", "this key may withdraw money",
            expected="a key without the right to withdraw", found=", ".join(found.permissions),
            hint="Make a new key at the exchange that may read and trade, and nothing else.",
        )  # fmt: skip
    if not found.can_trade:
        raise RefusedError(
            "trading_not_allowed", "this key may not trade",
            expected=f"a key that may trade {connection.market}",
            found=", ".join(found.permissions) or "no permission",
        )  # fmt: skip
    return found


async def _checked(connection: Connection, credentials: Credentials) -> KeyCheck:
    of = connection
    client = open_client(of.exchange, of.market, of.mode, of.base_url, credentials)
    try:
        return await check_keys(client)
    finally:
        await client.close()


async def _account(client: Any) -> dict[str, Any]:
    if client.id != "binance":
        await client.fetch_balance()
        return {}
    if client.market_kind is Market.SPOT:
        answer = await client.private_get_account()
    else:
        answer = await client.fapiprivatev2_get_account()
    return dict(answer)


async def _restrictions(client: Any) -> dict[str, Any] | None:
    """None where the venue has no such question."""
    if client.id != "binance" or "sapi" not in client.urls["api"]:
        return None
    return dict(await client.sapi_get_account_apirestrictions())


def _identity(account: dict[str, Any]) -> str:
    return str(account.get("uid", ""))


def _yes(value: Any) -> bool:
    """Venues say yes as true or "true"."""
    return value is True or (isinstance(value, str) and value.lower() == "true")
