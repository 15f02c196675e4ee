"""Everything the routes share: the market, its clock, who may enter, and what goes wrong."""

from __future__ import annotations

import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.market import SandboxMarket
from tradepulse.sandbox.server.faults import FaultBook, Kind
from tradepulse.sandbox.server.hub import Hub, user_topic
from tradepulse.sandbox.server.limits import Meter, RateLimits
from tradepulse.sandbox.server.pacing import Pacer
from tradepulse.sandbox.server.streams import Streams

_REMEMBERED_ORDERS = 1000
# Binance lets a listen key live for an hour without a keep-alive.
LISTEN_KEY_MS = 3_600_000


@dataclass(frozen=True)
class Settings:
    """How strict the server is. `listen_key_ms` in wall time."""

    limits: RateLimits = field(default_factory=RateLimits)
    listen_key_ms: int = LISTEN_KEY_MS


@dataclass
class ListenKey:
    """Opens one account's USD-M user stream until `until_ms` of wall time."""

    text: str
    key: str
    until_ms: int


class Exchange:
    """One sandbox exchange, without its sockets. Used from one event loop only."""

    def __init__(
        self, market: SandboxMarket, pacer: Pacer, settings: Settings, wall_ms: Callable[[], int]
    ) -> None:
        self.market = market
        self.pacer = pacer
        self.settings = settings
        self.wall_ms = wall_ms
        self.faults = FaultBook()
        self.meter = Meter(settings.limits)
        self.hub = Hub(self.faults, wall_ms)
        self.streams = Streams(market, self.hub)
        self.requests: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.listen_keys: dict[str, ListenKey] = {}
        self._secrets: dict[str, str] = {}
        self._placed: OrderedDict[tuple[str, str], int] = OrderedDict()

    # --- time -------------------------------------------------------------------------------------
    def turn(self) -> None:
        """Advances the market to where it is due, and tells who listens."""
        self.streams.publish(self.market.advance(self.pacer.due(self.market.now)))
        self._end_listen_keys()

    def step(self, step_ms: int) -> None:
        """Advances the market by `step_ms`, whatever the clock says."""
        self.streams.publish(self.market.advance(self.market.now + step_ms))
        self.pacer.run_at(self.pacer.speed, self.market.now)

    def settle(self) -> None:
        """Tells who listens what the last request caused."""
        self.streams.publish(self.market.drain())

    def venue_ms(self) -> int:
        """The market time as the venue's clock shows it."""
        return self.market.now + self.faults.skew_ms(self.wall_ms())

    # --- who may enter ----------------------------------------------------------------------------
    def open_account(
        self, key: str, secret: str, balances: dict[str, Decimal], futures_balance: Decimal, *,
        can_withdraw: bool = False, pays_fees_in_bnb: bool = False,
    ) -> None:  # fmt: skip
        """A new account behind `key`, or more money in one that is there."""
        self.market.open_account(
            key, balances, futures_balance,
            can_withdraw=can_withdraw, pays_fees_in_bnb=pays_fees_in_bnb,
        )  # fmt: skip
        self._secrets[key] = secret
        self.settle()

    def secret_of(self, key: str) -> str:
        """Errors: -2014 for no key, -2015 for one that nobody knows."""
        if not key:
            raise VenueError(-2014, "API-key format invalid.", 401)
        secret = self._secrets.get(key)
        if secret is None:
            raise VenueError(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        return secret

    def account_number(self, key: str) -> int:
        """The account's number, in the order in which accounts were opened."""
        return list(self._secrets).index(key)

    # --- listen keys ------------------------------------------------------------------------------
    def listen_key(self, key: str) -> str:
        """The account's listen key, good for a full term from now."""
        for listen_key in self.listen_keys.values():
            if listen_key.key == key:
                self.extend_listen_key(key)
                return listen_key.text
        text = secrets.token_hex(32)
        until = self.wall_ms() + self.settings.listen_key_ms
        self.listen_keys[text] = ListenKey(text, key, until)
        return text

    def extend_listen_key(self, key: str) -> str:
        """The key that was extended. Error -1125 where the account has none."""
        for listen_key in self.listen_keys.values():
            if listen_key.key == key:
                listen_key.until_ms = self.wall_ms() + self.settings.listen_key_ms
                return listen_key.text
        raise VenueError(-1125, "This listenKey does not exist.")

    def drop_listen_key(self, key: str) -> None:
        """Takes the account's listen key back; its stream ends."""
        for listen_key in [k for k in self.listen_keys.values() if k.key == key]:
            self.expire(listen_key)

    def expire(self, listen_key: ListenKey) -> None:
        """Ends a user stream the way Binance does: one last message, then silence."""
        del self.listen_keys[listen_key.text]
        topic = user_topic(Market.PERPETUAL, listen_key.key)
        message = {"e": "listenKeyExpired", "E": self.venue_ms(), "listenKey": listen_key.text}
        self._end_stream(topic, message)

    def end_spot_stream(self, topic: str) -> None:
        """Ends the spot user streams of an account."""
        self._end_stream(topic, {"e": "eventStreamTerminated", "E": self.venue_ms()})

    def _end_stream(self, topic: str, last_words: dict[str, object]) -> None:
        self.hub.publish(topic, last_words)
        for connection in self.hub.connections():
            if topic in connection.topics:
                self.hub.unsubscribe(connection, topic)

    def _end_listen_keys(self) -> None:
        if self.listen_keys:
            now = self.wall_ms()
            for listen_key in [k for k in self.listen_keys.values() if now >= k.until_ms]:
                self.expire(listen_key)

    # --- orders too fresh to be found -------------------------------------------------------------
    def remember_placed(self, key: str, *ids: object) -> None:
        """Notes when orders were made, for the fault `lag_2013`."""
        now = self.wall_ms()
        for each in ids:
            self._placed[key, str(each)] = now
        while len(self._placed) > _REMEMBERED_ORDERS:
            self._placed.popitem(last=False)

    def refuse_fresh(self, route: str, key: str, *ids: object) -> None:
        """Error -2013 while the fault `lag_2013` hides an order that was just made."""
        now = self.wall_ms()
        ages = [now - self._placed[key, str(i)] for i in ids if (key, str(i)) in self._placed]
        if not ages:
            return
        for armed in self.faults.armed(now):
            fault = armed.fault
            if fault.kind is Kind.LAG_2013 and min(ages) < fault.ms:
                names = (route, route.partition(" ")[2])
                if armed.meets(names, key) and armed.strike():
                    raise VenueError(-2013, "Order does not exist.")
