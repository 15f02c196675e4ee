"""A venue that answers from a file: unmodified ccxt with nothing but its `fetch` replaced.

The files hold one answer a request, in the order in which an operation makes them, and what must
have been sent with it.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tradepulse.domain.connection import Credentials
from tradepulse.domain.instrument import Market
from tradepulse.domain.interval import Interval
from tradepulse.domain.lifecycle import OrderState
from tradepulse.domain.market_terms import MarketTerms
from tradepulse.exchanges.budget import RateBudget
from tradepulse.exchanges.ccxt_markets import terms_of
from tradepulse.exchanges.client import open_client
from tradepulse.exchanges.dialect import Landed
from tradepulse.exchanges.market_reader import MarketReader
from tradepulse.exchanges.paging import Page
from tradepulse.exchanges.venues.bybit import BybitAccount
from tradepulse.exchanges.venues.coinbase import CoinbaseAccount
from tradepulse.exchanges.venues.kraken import KrakenAccount
from tradepulse.exchanges.venues.okx import OkxAccount
from tradepulse.exchanges.venues.rest_account import RestAccount
from tradepulse.execution.orders import Kind, Order, Role

PAYLOADS = Path(__file__).parent / "payloads"
ACCOUNTS: dict[str, type[RestAccount]] = {
    "bybit": BybitAccount, "coinbase": CoinbaseAccount, "kraken": KrakenAccount,
    "okx": OkxAccount,
}  # fmt: skip
OPERATIONS = (
    "markets", "bars", "ticker", "balance", "market_order", "limit_order", "stop_order", "cancel",
    "find", "open_orders", "my_trades", "refusals",
)  # fmt: skip
NAME = "tp0123456789abcdef0123456789abcdef"
START_MS = 1_749_513_600_000
LAST = 60_050.0


class UnexpectedError(AssertionError):
    """A request that the file has no answer for, or one without what it should carry."""


class RecordedVenue:
    """One venue's client with the answers of its file."""

    def __init__(self, exchange: str) -> None:
        self.document: dict[str, Any] = json.loads((PAYLOADS / f"{exchange}.json").read_text())
        self.pair: str = self.document["pair"]
        keys = Credentials("key", base64.b64encode(b"secret" * 8).decode(), "password")
        self.client = open_client(
            exchange, Market.SPOT, credentials=keys, budget=RateBudget()
        )  # fmt: skip
        self.client.fetch = self._fetch
        self.reader = MarketReader(self.client, patient=False)
        self.account = ACCOUNTS[exchange](self.client)
        self.requests: list[str] = []
        self._calls: list[dict[str, Any]] = []
        self._status = 200

    def expect(self, calls: Iterable[dict[str, Any]], status: int = 200) -> None:
        """The next requests are answered by `calls`."""
        self._calls, self._status = list(calls), status
        self.requests = []

    async def perform(self, operation: str) -> Any:
        """What our side makes of the operation; every answer of its file was asked for."""
        if operation != "markets":
            await self._know_markets()
        self.expect(self.document["operations"][operation])
        result = await self._perform(operation)
        # What ccxt asks once a client and keeps is not asked again.
        left = [call["request"] for call in self._calls if not call.get("once")]
        if left:
            raise UnexpectedError(f"never asked: {left}")
        return result

    async def refused(self, case: dict[str, Any]) -> BaseException:
        """The error that an answer becomes."""
        await self._know_markets()
        self.expect(
            [*self._before(case["request"]),
             {"request": case["request"], "answer": case["answer"]}],
            case["status"],
        )  # fmt: skip
        order = self._order(Kind.STOP_MARKET if "algo" in case["request"] else Kind.LIMIT)
        cancels, looks = "ancel" in case["request"], case["request"].startswith("GET")
        try:
            if cancels:
                await self.account.cancel(order._replace(venue_id="1"))
            elif looks:
                await self.client.fetch_order(None, self.pair, {"clientOrderId": "1"})
            else:
                await self.account.place(order, self.terms(), LAST)
        except Exception as error:  # noqa: BLE001  (it is what was asked for)
            return error
        raise UnexpectedError("it was not refused")

    def terms(self) -> MarketTerms:
        return terms_of(self.client, self.pair, START_MS)

    async def _know_markets(self) -> None:
        if not self.client.markets:
            self.expect(self.document["operations"]["markets"])
            await self.client.load_markets()

    async def _perform(self, operation: str) -> Any:
        account, pair = self.account, self.pair
        page = Page(START_MS, START_MS + 179_999, 3)
        acts: dict[str, Callable[[], Awaitable[Any]]] = {
            "markets": self._markets,
            "bars": lambda: self.reader.bars(pair, Interval.parse("1m"), page),
            "ticker": lambda: account.last_trade(pair),
            "balance": account.balances,
            "market_order": lambda: self._place(Kind.MARKET),
            "limit_order": lambda: self._place(Kind.LIMIT),
            "stop_order": lambda: self._place(Kind.STOP_MARKET),
            "cancel": lambda: account.cancel(self._order(Kind.LIMIT)),
            "find": lambda: account.find(self._order(Kind.MARKET)),
            "open_orders": lambda: account.open_orders(pair),
            "my_trades": lambda: account.fills(pair, START_MS),
        }
        return await acts[operation]()

    async def _markets(self) -> MarketTerms:
        await self.client.load_markets(True)
        return self.terms()

    async def _place(self, kind: Kind) -> Landed:
        return await self.account.place(self._order(kind), self.terms(), LAST)

    def _order(self, kind: Kind) -> Order:
        return sample(kind)._replace(pair=self.pair)

    def _before(self, request: str) -> list[dict[str, Any]]:
        """The requests that precede `request` in the operation it is made by."""
        calls = next(
            (c for c in self.document["operations"].values()
             if request in [call["request"] for call in c]), [],
        )  # fmt: skip
        names = [call["request"] for call in calls]
        return [] if "ancel" in request else calls[: names.index(request)] if names else []

    async def _fetch(
        self, url: str, method: str = "GET", headers: Any = None, body: Any = None
    ) -> Any:
        request = f"{method} {urlsplit(url).path}"
        call = next((call for call in self._calls if call["request"] == request), None)
        if call is None:
            raise UnexpectedError(f"no answer to {request} {urlsplit(url).query} {body}")
        self._calls.remove(call)
        self.requests.append(request)
        missing = lacking(call.get("sent", {}), sent_with(url, body))
        if missing:
            raise UnexpectedError(f"{request} lacks {missing}: {sent_with(url, body)}")
        last = all(left.get("once") for left in self._calls)
        return self._answer(call["answer"], url, method, last=last)

    def _answer(self, answer: Any, url: str, method: str, *, last: bool) -> Any:
        """The answer as ccxt's own fetch returns or raises it."""
        status = self._status if last else 200
        text = answer if isinstance(answer, str) else json.dumps(answer, separators=(",", ":"))
        parsed = None if isinstance(answer, str) else copy.deepcopy(answer)
        self.client.last_http_response = text
        self.client.handle_errors(status, "", url, method, {}, text, parsed, {}, None)
        self.client.handle_http_status_code(status, "", url, method, text)
        return parsed if parsed is not None else text


def sample(kind: Kind) -> Order:
    """The order of the examples: a market buy, a target above, a stop below."""
    role, side, price = {
        Kind.MARKET: (Role.ENTRY, 1, None),
        Kind.LIMIT: (Role.TARGET, -1, 62_000.0),
        Kind.STOP_MARKET: (Role.STOP, -1, 58_000.0),
    }[kind]
    return Order(
        "1", NAME, "activation", "BTC/USDT", role, kind, side, 0.01, price, LAST,
        OrderState.INTENDED, START_MS, START_MS,
    )  # fmt: skip


def sent_with(url: str, body: Any) -> dict[str, Any]:
    """Every parameter of a request by name, however deep it lies in the body."""
    found: dict[str, Any] = dict(parse_qsl(urlsplit(url).query))
    if body:
        try:
            _gather(json.loads(body), found)
        except json.JSONDecodeError:
            found |= dict(parse_qsl(body))
    return found


def _gather(document: Any, found: dict[str, Any]) -> None:
    if isinstance(document, list):
        for item in document:
            _gather(item, found)
        return
    if not isinstance(document, dict):
        return
    for name, value in document.items():
        if isinstance(value, dict):
            _gather(value, found)
        else:
            found[name] = value


def lacking(wanted: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
    """What was to be sent and was not, or otherwise."""
    return {
        name: value for name, value in wanted.items()
        if name not in sent or not _same(value, sent[name])
    }  # fmt: skip


def _same(wanted: Any, sent: Any) -> bool:
    try:
        return float(wanted) == float(sent)
    except (TypeError, ValueError):
        return bool(wanted == sent)
