"""How far a venue lets one look, page by page: cursors over its history, without any I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tradepulse.domain.bars import Times
from tradepulse.domain.interval import HOUR_MS, Interval
from tradepulse.exchanges.bar_closing import Span


class PageRule(NamedTuple):
    """How a venue pages. `limit`: rows a page at most. `windowed`: it answers for a window of time,
    so that an empty page says nothing about later ones; else it goes on to the next rows there are.
    `newest_only`: it keeps no more than its newest `limit` rows."""

    limit: int
    windowed: bool = True
    newest_only: bool = False


# ccxt's own metadata is off for some of these; they are the figures of the venues' documentation.
BAR_PAGES = {
    "binance": PageRule(1000, windowed=False),
    "binanceusdm": PageRule(1000, windowed=False),
    "bybit": PageRule(1000),
    "okx": PageRule(100),
    "coinbase": PageRule(300),
    "kraken": PageRule(720, windowed=False, newest_only=True),
}
FUNDING_PAGES = {
    "binance": PageRule(1000, windowed=False),
    "binanceusdm": PageRule(1000, windowed=False),
    "bybit": PageRule(200),
    "okx": PageRule(100),
}
# Some venue somewhere pays funding so often; windows are cut for it.
FUNDING_STEP_MS = HOUR_MS
_CAREFUL = PageRule(100)


def bar_pages(exchange: str) -> PageRule:
    """How `exchange` pages bars; a careful guess for one that is not in the table."""
    return BAR_PAGES.get(exchange, _CAREFUL)


def funding_pages(exchange: str) -> PageRule:
    """How `exchange` pages funding settlements."""
    return FUNDING_PAGES.get(exchange, _CAREFUL)


class Page(NamedTuple):
    """A request: rows from `since` to `until` (both included), `limit` at most. UTC ms."""

    since: int
    until: int
    limit: int


class Cursor:
    """The pages that cover `span`, each asked for after the one before was answered.

    `step_ms` is the least distance of two rows.
    """

    def __init__(self, span: Span, step_ms: int, rule: PageRule) -> None:
        self.span = span
        self.at_ms = span.start_ms
        self._step = step_ms
        self._rule = rule
        self._page: Page | None = None

    def page(self) -> Page | None:
        """The next request; None when the span is covered."""
        if self.at_ms >= self.span.end_ms:
            return None
        rule = self._rule
        reach = rule.limit * self._step if rule.windowed else self.span.end_ms - self.at_ms
        until = min(self.at_ms + reach, self.span.end_ms) - 1
        left = -(-(self.span.end_ms - self.at_ms) // self._step)
        self._page = Page(self.at_ms, until, min(rule.limit, left))
        return self._page

    def answered(self, times: Sequence[int]) -> None:
        """Moves behind the answer to the last request, given by the times of its rows."""
        page, rule = self._page, self._rule
        inside = [time for time in times if self.at_ms <= time < self.span.end_ms]
        if rule.newest_only or page is None:
            self.at_ms = self.span.end_ms
        elif rule.windowed:
            self.at_ms = page.until + 1
        else:
            # No rows from here on: the venue would have gone on to the next ones.
            self.at_ms = max(inside) + self._step if inside else self.span.end_ms


def missing_spans(times: Times, span: Span, interval: Interval) -> list[Span]:
    """The parts of `span` that ascending open times leave out, oldest first."""
    low, high = np.searchsorted(times, [span.start_ms, span.end_ms])
    kept = times[low:high]
    edges = np.concatenate([[span.start_ms - interval.ms], kept, [span.end_ms]])
    holes = np.flatnonzero(np.diff(edges) > interval.ms)
    return [Span(int(edges[h]) + interval.ms, int(edges[h + 1])) for h in holes]


def whole_bars(start_ms: int, end_ms: int, now_ms: int, interval: Interval) -> Span:
    """The bars that open in [start_ms, end_ms) and are over at `now_ms`, as a span on the grid."""
    first = interval.floor(start_ms)
    first = first if first >= start_ms else first + interval.ms
    last = interval.floor(end_ms)
    last = last if last >= end_ms else last + interval.ms
    return Span(first, max(first, min(last, interval.floor(now_ms))))
