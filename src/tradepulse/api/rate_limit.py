"""How often one may ask: a bucket of requests a user, or an address for who has not signed in."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from tradepulse.api.problems import problem_response

# What is full again is forgotten once so many are remembered.
_MOST_BUCKETS = 10_000
# Who has not signed in has this share of it: there is little to ask for without.
_STRANGERS = 0.1
API = "/api"


@dataclass
class Bucket:
    """`tokens` left at the time `at`, seconds of the clock."""

    tokens: float
    at: float


class Buckets:
    """Token buckets by name: `rate` requests a second in the long run, `burst` at once. Not for
    several threads."""

    def __init__(
        self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        self._rate, self._burst = rate, float(burst)
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}

    def take(self, name: str, share: float = 1.0) -> float:
        """0 when a request of `name` may go on; else the seconds until one may. `share`: of rate
        and burst."""
        now = self._clock()
        burst, rate = max(self._burst * share, 1.0), self._rate * share
        bucket = self._buckets.get(name)
        if bucket is None:
            self._forget(now)
            bucket = self._buckets[name] = Bucket(burst, now)
        bucket.tokens = min(burst, bucket.tokens + rate * (now - bucket.at))
        bucket.at = now
        if bucket.tokens >= 1.0:
            bucket.tokens -= 1.0
            return 0.0
        return (1.0 - bucket.tokens) / rate

    def _forget(self, now: float) -> None:
        if len(self._buckets) < _MOST_BUCKETS:
            return
        refill = self._burst / self._rate
        # A bucket that would be full by now says nothing that a new one would not.
        self._buckets = {
            name: bucket for name, bucket in self._buckets.items() if now - bucket.at < refill
        }
        while len(self._buckets) >= _MOST_BUCKETS:
            self._buckets.pop(next(iter(self._buckets)))


class RateLimit:
    """Answers 429 with Retry-After to who asks too often. Stands behind the gate: who asks is known
    by then. Pages and their assets are not counted."""

    def __init__(
        self, app: ASGIApp, buckets: Buckets, name_of: Callable[[Scope], str | None]
    ) -> None:
        self._app = app
        self._buckets = buckets
        self._name_of = name_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        user = self._name_of(scope)
        client = scope.get("client")
        name = f"user {user}" if user else f"address {client[0] if client else ''}"
        wait = self._buckets.take(name, 1.0 if user else _STRANGERS)
        if wait <= 0.0:
            await self._app(scope, receive, send)
            return
        response = problem_response(
            scope, 429, "rate_limited", "too many requests",
            expected="fewer a second: api.requests_per_second of the settings",
            found=name, hint=f"Ask again in {math.ceil(wait)} s.",
            headers={"retry-after": str(math.ceil(wait))},
        )  # fmt: skip
        await response(scope, receive, send)
