"""The ccxt.pro client of one connection: its addresses, options, keys and rate budget.

ccxt stays as it is: `guarded.GuardedClient` is a subclass of its class.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from tradepulse.domain.connection import Credentials
from tradepulse.domain.errors import UsageError
from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import Mode
from tradepulse.exchanges.binance import addresses, costs
from tradepulse.exchanges.budget import BudgetLimits, RateBudget
from tradepulse.exchanges.guarded import GuardedClient

RECV_WINDOW_MS = 5_000
TIMEOUT_MS = 10_000
# Pings this often find a dead peer in a minute; ccxt's own three minutes take nine.
_PING_MS = 20_000
# ccxt renews a futures listen key once and never again; ours is renewed by the account stream, and
# ccxt's timer would only fire on a client that is closed by then.
_NEVER_MS = 10 * 365 * 86_400_000
# What ccxt keeps of each stream for those who poll it. The taps read the frames themselves; at its
# own thousand, ten wallets that follow five pairs would fill 100 MB in a few hours of trades, and
# more in a day of orders. Not 0: that means no limit there.
_KEPT_BY_CCXT = {"tradesLimit": 4, "ordersLimit": 4, "OHLCVLimit": 100}


def open_client(
    exchange: str,
    market: Market,
    mode: Mode = Mode.LIVE,
    base_url: str | None = None,
    credentials: Credentials | None = None,
    *,
    budget: RateBudget | None = None,
) -> Any:
    """A ccxt.pro client for one market of one venue, to be used on one asyncio loop and closed by
    `await client.close()`.

    TESTNET without a `base_url` is demo trading (Binance) or the venue's sandbox. Requests pass
    `budget`, by default the one of this venue and address in this process, before they are signed.
    Errors `unknown_exchange`, `bad_base_url`, `no_test_network` (UsageError).
    """
    client = _client_class(exchange)(_configuration(exchange, market, credentials))
    client.market_kind = market
    if mode is Mode.TESTNET and base_url is None:
        _enter_test_network(client, exchange)
    if base_url is not None:
        if exchange != "binance":
            raise UsageError(
                "bad_base_url", f"{exchange} cannot be sent to another address",
                expected="binance", found=exchange,
            )  # fmt: skip
        addresses.redirect(client.urls, base_url)
    if exchange == "binance":
        _merge_error_maps(client, market)
    client.address = exchange, market, base_url or str(mode)
    client.budget = budget or shared_budget(*client.address)
    return client


def load_client_code(exchange: str) -> None:
    """Imports what `open_client` needs: seconds of work that would keep every connection on the
    exchange thread waiting. To be called on another one, before. Error `unknown_exchange`."""
    _client_class(exchange)


_budgets: dict[tuple[str, Market, str], RateBudget] = {}


def shared_budget(exchange: str, market: Market, address: str) -> RateBudget:
    """The budget of a venue's address in this process: venues count weight by where requests come
    from, whosever keys they carry."""
    key = (exchange, market, address)
    if key not in _budgets:
        limits = costs.LIMITS[market] if exchange == "binance" else BudgetLimits()
        _budgets[key] = RateBudget(limits)
    return _budgets[key]


def _configuration(
    exchange: str, market: Market, credentials: Credentials | None
) -> dict[str, Any]:
    spot = market is Market.SPOT
    options: dict[str, Any] = {
        "defaultType": "spot" if spot else "swap",
        "maxRetriesOnFailure": 0,  # above 0, ccxt sends a market order again that timed out
        "ws": {"keepAlive": _PING_MS},
        **_KEPT_BY_CCXT,
    }
    if exchange == "binance":
        options |= {
            "fetchCurrencies": False,
            "fetchMargins": False,
            "fetchMarkets": {"types": ["spot" if spot else "linear"]},
            "fetchOpenOrders": {"warnWithoutSymbol": False},
            "warnOnFetchOpenOrdersWithoutSymbol": False,
            "recvWindow": RECV_WINDOW_MS,
            "listenKeyRefreshRate": _NEVER_MS,
        }
    keys = {} if credentials is None else {
        "apiKey": credentials.api_key, "secret": credentials.secret,
        **({} if credentials.password is None else {"password": credentials.password}),
    }  # fmt: skip
    return {"enableRateLimit": False, "timeout": TIMEOUT_MS, "options": options, **keys}


def _enter_test_network(client: Any, exchange: str) -> None:
    if exchange == "binance":
        # Spot testnet has no contracts; demo trading has both.
        client.enable_demo_trading(True)
    elif client.urls.get("test"):
        client.set_sandbox_mode(True)
    else:
        raise UsageError(
            "no_test_network", f"{exchange} has no test network", expected="mode live or paper",
            found=str(Mode.TESTNET),
        )  # fmt: skip


def _merge_error_maps(client: Any, market: Market) -> None:
    """ccxt picks a market's error classes by the host alone, and never for sockets: with them
    merged, a redirected client tells the same errors apart."""
    own = client.exceptions.get("spot" if market is Market.SPOT else "linear", {})
    for table in ("exact", "broad"):
        client.exceptions[table] = {**client.exceptions[table], **own.get(table, {})}


@cache
def _client_class(exchange: str) -> type:
    """ccxt.pro's class for `exchange`, guarded."""
    from tradepulse.exchanges.ccxt_on_demand import ccxt_pro

    pro = ccxt_pro()
    kind = getattr(pro, exchange, None)
    if kind is None or exchange not in pro.exchanges:
        raise UsageError(
            "unknown_exchange", f"no exchange {exchange!r}",
            expected="an exchange id of ccxt.pro, such as binance", found=repr(exchange),
        )  # fmt: skip
    return type(f"Guarded_{exchange}", (GuardedClient, kind), {})
