"""The instruments' filters and fees, asked for once and again when they have grown old."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tradepulse.domain.instrument import Market
from tradepulse.domain.market_terms import MarketTerms
from tradepulse.exchanges.ccxt_markets import terms_of
from tradepulse.exchanges.market_shelf import learn_markets

_LOG = logging.getLogger(__name__)


class TermsCache:
    """Terms by pair; `kept` may be asked from any thread, the rest is for the loop's. Old terms
    are given at once and fetched anew behind the caller's back: an order does not wait for them."""

    def __init__(
        self, client: Any, market_now: Callable[[], int], age_ms: int,
        mono_s: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._client, self._now, self._age_s, self._mono = (
            client, market_now, age_ms / 1000, mono_s,
        )  # fmt: skip
        self._tiers: Mapping[str, Sequence[Mapping[str, Any]]] = {}
        self._kept: dict[str, tuple[MarketTerms, float]] = {}
        self._fetching: dict[str, asyncio.Task[MarketTerms]] = {}

    def kept(self, pair: str) -> MarketTerms | None:
        """The terms if they are there and not old."""
        found = self._kept.get(pair)
        return found[0] if found and self._mono() - found[1] < self._age_s else None

    async def of(self, pair: str) -> MarketTerms:
        """The terms. Error `symbol_not_found`."""
        found = self._kept.get(pair)
        if found is None:
            return await asyncio.shield(self._fetch(pair, reload=False))
        if self._mono() - found[1] >= self._age_s:
            self._fetch(pair, reload=True)
        return found[0]

    def _fetch(self, pair: str, *, reload: bool) -> asyncio.Task[MarketTerms]:
        task = self._fetching.get(pair)
        if task is None:
            task = self._fetching[pair] = asyncio.create_task(self._ask(pair, reload=reload))
            task.add_done_callback(lambda done: self._done(pair, done))
        return task

    async def _ask(self, pair: str, *, reload: bool) -> MarketTerms:
        if reload:
            await learn_markets(self._client, self._age_s)
        if self._client.market_kind is Market.PERPETUAL and (reload or not self._tiers):
            self._tiers = await self._client.fetch_leverage_tiers()
        terms = terms_of(self._client, pair, self._now(), self._tiers.get(pair, ()))
        self._kept[pair] = (terms, self._mono())
        return terms

    def _done(self, pair: str, task: asyncio.Task[MarketTerms]) -> None:
        self._fetching.pop(pair, None)
        if not task.cancelled() and task.exception() is not None:
            _LOG.info("the terms of %s could not be fetched: %s", pair, task.exception())
