"""Cursors over a venue's history: every row once, whatever way the venue pages."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.interval import Interval
from tradepulse.exchanges.bar_closing import Span
from tradepulse.exchanges.paging import (
    Cursor,
    Page,
    PageRule,
    bar_pages,
    missing_spans,
    whole_bars,
)

M1 = Interval.parse("1m")
T0 = 1_749_513_600_000


def answer(times: list[int], page: Page, rule: PageRule) -> list[int]:
    """What a venue that pages by `rule` tells of its rows at `times`."""
    if rule.newest_only:
        return times[-rule.limit :]
    inside = [time for time in times if page.since <= time <= page.until]
    return inside[: page.limit]


@given(
    rows=st.sets(st.integers(-20, 200), max_size=150),
    first=st.integers(0, 50),
    count=st.integers(0, 150),
    limit=st.integers(1, 40),
    windowed=st.booleans(),
)
def test_law_every_row_of_the_span_is_told_once(
    rows: set[int], first: int, count: int, limit: int, windowed: bool
) -> None:
    rule = PageRule(limit, windowed=windowed)
    times = sorted(T0 + row * M1.ms for row in rows)
    span = Span(T0 + first * M1.ms, T0 + (first + count) * M1.ms)
    cursor, told, pages = Cursor(span, M1.ms, rule), [], 0
    while (page := cursor.page()) is not None:
        assert page.limit <= limit
        assert span.start_ms <= page.since <= page.until < span.end_ms
        got = answer(times, page, rule)
        cursor.answered(got)
        told += got
        pages += 1
    assert told == [time for time in times if span.start_ms <= time < span.end_ms]
    assert pages <= count // limit + 2


def test_a_venue_of_newest_rows_is_asked_once() -> None:
    span = Span(T0, T0 + 5_000 * M1.ms)
    cursor = Cursor(span, M1.ms, bar_pages("kraken"))
    assert cursor.page() == Page(T0, span.end_ms - 1, 720)
    cursor.answered([T0 + 4_999 * M1.ms])
    assert cursor.page() is None


def test_an_empty_page_ends_what_pages_to_the_next_rows_there_are() -> None:
    span = Span(T0, T0 + 5_000 * M1.ms)
    cursor = Cursor(span, M1.ms, bar_pages("binance"))
    assert cursor.page() is not None
    cursor.answered([])
    assert cursor.page() is None
    windows = Cursor(span, M1.ms, bar_pages("bybit"))
    assert windows.page() is not None
    windows.answered([])
    assert windows.page() == Page(T0 + 1_000 * M1.ms, T0 + 2_000 * M1.ms - 1, 1_000)


@given(st.sets(st.integers(0, 40)), st.integers(0, 30), st.integers(0, 30))
def test_law_missing_spans_are_what_is_not_kept(kept: set[int], first: int, count: int) -> None:
    times = np.array(sorted(T0 + row * M1.ms for row in kept), dtype=np.int64)
    span = Span(T0 + first * M1.ms, T0 + (first + count) * M1.ms)
    holes = missing_spans(times, span, M1)
    missing = [t for hole in holes for t in range(hole.start_ms, hole.end_ms, M1.ms)]
    wanted = range(span.start_ms, span.end_ms, M1.ms)
    assert missing == [time for time in wanted if time not in set(times.tolist())]
    assert all(left.end_ms < right.start_ms for left, right in pairwise(holes))


@pytest.mark.parametrize(
    ("start", "end", "now", "span"),
    [
        (0, 180_000, 10**9, (0, 180_000)),
        (1, 180_001, 10**9, (60_000, 240_000)),
        (0, 180_000, 130_000, (0, 120_000)),  # the bar of now is in the making
        (0, 180_000, 120_000, (0, 120_000)),
        (0, 180_000, -60_000, (0, 0)),
        (300_000, 180_000, 10**9, (300_000, 300_000)),
    ],
)
def test_whole_bars(start: int, end: int, now: int, span: tuple[int, int]) -> None:
    assert whole_bars(T0 + start, T0 + end, T0 + now, M1) == Span(T0 + span[0], T0 + span[1])
