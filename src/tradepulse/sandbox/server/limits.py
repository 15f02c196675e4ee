"""Request weights and order counts, as Binance meters them: per address and per account."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.errors import VenueError

_MINUTE_MS = 60_000
_TEN_SECONDS_MS = 10_000


@dataclass(frozen=True)
class RateLimits:
    """What a client may use. Weights are per address and minute, orders per account.

    `strikes`: requests answered with 429 in a row before the address is banned for `ban_ms`.
    """

    spot_weight: int = 6000
    futures_weight: int = 2400
    spot_orders_10s: int = 100
    futures_orders_10s: int = 300
    futures_orders_1m: int = 1200
    strikes: int = 10
    ban_ms: int = 120_000

    def weight(self, market: Market) -> int:
        return self.spot_weight if market is Market.SPOT else self.futures_weight

    def orders_10s(self, market: Market) -> int:
        return self.spot_orders_10s if market is Market.SPOT else self.futures_orders_10s


class RateRefusedError(VenueError):
    """Too much was asked for: HTTP 429, or 418 while the address is banned."""

    def __init__(self, code: int, message: str, http_status: int, retry_after_s: int) -> None:
        super().__init__(code, message, http_status)
        self.retry_after_s = retry_after_s


class _Window:
    """A counter that starts anew with every span of the wall clock."""

    def __init__(self, span_ms: int) -> None:
        self.span_ms = span_ms
        self.number = -1
        self.used = 0

    def add(self, amount: int, now_ms: int) -> int:
        number = now_ms // self.span_ms
        if number != self.number:
            self.number, self.used = number, 0
        self.used += amount
        return self.used

    def left_s(self, now_ms: int) -> int:
        return max(1, -(-(self.span_ms - now_ms % self.span_ms) // 1000))


class Meter:
    """What has been used, in wall time: a client's budget does not stretch with the replay."""

    def __init__(self, limits: RateLimits) -> None:
        self.limits = limits
        self._weights: dict[tuple[Market, str], _Window] = defaultdict(lambda: _Window(_MINUTE_MS))
        self._orders: dict[tuple[Market, str, int], _Window] = {}
        self._strikes: dict[tuple[Market, str], int] = defaultdict(int)
        self._banned_until: dict[tuple[Market, str], int] = {}
        self.refused = 0

    def charge(self, market: Market, address: str, weight: int, now_ms: int) -> int:
        """The weight used this minute, this request included. Error: `RateRefusedError`."""
        who = (market, address)
        until = self._banned_until.get(who, 0)
        if now_ms < until:
            self.refused += 1
            raise _banned(until, now_ms)
        window = self._weights[who]
        used = window.add(weight, now_ms)
        limit = self.limits.weight(market)
        if used <= limit:
            self._strikes[who] = 0
            return used
        self.refused += 1
        self._strikes[who] += 1
        if self._strikes[who] > self.limits.strikes:
            self._banned_until[who] = now_ms + self.limits.ban_ms
            raise _banned(self._banned_until[who], now_ms)
        raise RateRefusedError(
            -1003,
            f"Too many requests; current limit is {limit} request weight per 1 MINUTE. Please use "
            "WebSocket Streams for live updates to avoid polling the API.",
            429,
            window.left_s(now_ms),
        )

    def used_weight(self, market: Market, address: str, now_ms: int) -> int:
        """The weight used this minute."""
        return self._weights[market, address].add(0, now_ms)

    def count_orders(self, market: Market, key: str, count: int, now_ms: int) -> dict[str, int]:
        """Orders sent so far by window name (`10S`, `1M`). Error: `RateRefusedError` -1015."""
        spans = {"10S": (_TEN_SECONDS_MS, self.limits.orders_10s(market), "10 SECOND")}
        if market is Market.PERPETUAL:
            spans["1M"] = (_MINUTE_MS, self.limits.futures_orders_1m, "1 MINUTE")
        used = {}
        for name, (span_ms, limit, words) in spans.items():
            window = self._orders.setdefault((market, key, span_ms), _Window(span_ms))
            used[name] = window.add(count, now_ms)
            if used[name] > limit:
                self.refused += 1
                raise RateRefusedError(
                    -1015,
                    f"Too many new orders; current limit is {limit} orders per {words}.",
                    429,
                    window.left_s(now_ms),
                )
        return used


def _banned(until_ms: int, now_ms: int) -> RateRefusedError:
    return RateRefusedError(
        -1003,
        f"Way too much request weight used; IP banned until {until_ms}. Please use WebSocket "
        "Streams for live updates to avoid bans.",
        418,
        max(1, -(-(until_ms - now_ms) // 1000)),
    )
