"""Bars that are over: what a stream and REST say in any order, and what may be given out."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.interval import Interval
from tradepulse.exchanges.bar_buckets import BucketFolder
from tradepulse.exchanges.bar_closing import Bar, BarCloser, Closed, Span

M1 = Interval.parse("1m")
M5 = Interval.parse("5m")
T0 = 1_750_000_200_000  # on the 5m grid


def bar(minute: int, close: float = 100.0, volume: float = 1.0) -> Bar:
    return Bar(T0 + minute * M1.ms, 100.0, max(100.0, close), min(100.0, close), close, volume)


def closer(settle_ms: int = 2_000) -> BarCloser:
    return BarCloser(M1, T0 - M1.ms, settle_ms)


def minutes(closed: Closed) -> list[int]:
    return [(b.open_time - T0) // M1.ms for b in closed.bars]


class TestTheStream:
    def test_a_closed_mark_is_believed_at_once(self) -> None:
        assert minutes(closer().seen(bar(0), final=True)) == [0]

    def test_a_bar_being_made_closes_nothing_and_a_successor_asks_for_it(self) -> None:
        it = closer()
        assert minutes(it.seen(bar(0), final=False)) == []
        assert it.wants(T0 + 30_000) is None
        assert minutes(it.seen(bar(1), final=False)) == []
        assert it.wants(T0) == Span(T0, T0 + M1.ms)

    def test_what_was_given_out_never_comes_again(self) -> None:
        it = closer()
        it.seen(bar(0, 101), final=True)
        for final in (True, False):
            assert it.seen(bar(0, 102), final=final) == Closed()

    def test_a_later_mark_waits_for_the_bar_before_it(self) -> None:
        it = closer()
        assert minutes(it.seen(bar(1), final=True)) == []
        assert it.wants(T0) == Span(T0, T0 + 2 * M1.ms)
        assert minutes(it.seen(bar(0), final=True)) == [0, 1]

    def test_a_bar_off_the_grid_is_not_one_of_ours(self) -> None:
        assert closer().seen(bar(0)._replace(open_time=T0 + 1), final=True) == Closed()


class TestRest:
    def test_a_bar_with_a_successor_in_the_answer_is_over(self) -> None:
        it = closer()
        span = it.wants(T0 + M1.ms)
        assert span is not None
        assert minutes(it.answered(span, [bar(0), bar(1)], 0)) == [0]

    def test_the_last_one_told_needs_its_time_and_a_rest(self) -> None:
        it = closer()
        span = Span(T0, T0 + M1.ms)
        for now in (0, T0 + M1.ms - 1, T0 + M1.ms + 1_999):
            assert it.answered(span, [bar(0)], now) == Closed()
        assert minutes(it.answered(span, [bar(0)], T0 + M1.ms + 2_000)) == [0]

    def test_a_hole_is_passed_only_when_a_later_bar_proves_it(self) -> None:
        it = closer()
        span = Span(T0, T0 + 3 * M1.ms)
        assert it.answered(span, [], T0 + 10 * M1.ms) == Closed()
        closed = it.answered(span, [bar(2), bar(3)], 0)
        assert minutes(closed) == [2]
        assert closed.absent == (T0, T0 + M1.ms)

    def test_rest_has_the_last_word_before_a_bar_is_given(self) -> None:
        it = closer()
        it.seen(bar(1, 90), final=True)
        closed = it.answered(Span(T0, T0 + 2 * M1.ms), [bar(0), bar(1, 110), bar(2)], 0)
        assert [b.close for b in closed.bars] == [100.0, 110.0]

    def test_bars_already_kept_are_skipped(self) -> None:
        it = closer()
        it.seen(bar(1), final=True)
        it.seen(bar(3), final=True)
        assert minutes(it.skip_to(T0 + 1 * M1.ms)) == []
        assert it.wants(0) == Span(T0 + 2 * M1.ms, T0 + 4 * M1.ms)
        assert minutes(it.skip_to(T0 + 2 * M1.ms)) == [3]


class Market:
    """A venue that makes bars out of ticks: some minutes have none. It tells truthfully; what
    reaches the closer is another matter."""

    def __init__(self, rng: random.Random, count: int) -> None:
        self.ticks = {
            T0 + minute * M1.ms: [round(rng.uniform(90, 110), 2) for _ in range(rng.randint(1, 4))]
            for minute in range(count)
            if rng.random() > 0.1
        }
        self.end = T0 + count * M1.ms

    def made(self, open_time: int, ticks: int) -> Bar:
        told = self.ticks[open_time][:ticks]
        return Bar(open_time, told[0], max(told), min(told), told[-1], float(len(told)))

    def whole(self, open_time: int) -> Bar:
        return self.made(open_time, len(self.ticks[open_time]))

    def truth(self) -> list[Bar]:
        return [self.whole(time) for time in sorted(self.ticks)]

    def frames(self) -> list[tuple[Bar, bool]]:
        """Every frame of the stream: each tick, then the bar once more as closed."""
        return [
            frame
            for time in sorted(self.ticks)
            for frame in (
                *((self.made(time, n + 1), False) for n in range(len(self.ticks[time]))),
                (self.whole(time), True),
            )
        ]

    def rest(self, span: Span, now: int, rng: random.Random) -> list[Bar]:
        """REST at market time `now`: the bar of that moment is half made, unless told later."""
        told = []
        for time in sorted(self.ticks):
            if span.start_ms <= time < span.end_ms + M1.ms and time <= now:
                over = now >= time + M1.ms
                told.append(
                    self.whole(time)
                    if over
                    else self.made(time, rng.randint(1, len(self.ticks[time])))
                )
        return told


def mangled(
    frames: Sequence[tuple[Bar, bool]], rng: random.Random, marks: bool
) -> list[tuple[Bar, bool]]:
    """The frames with losses, repeats and swaps. Without `marks` no frame says closed."""
    kept = [frame for frame in frames if rng.random() > 0.3]
    kept += [frame for frame in kept if rng.random() < 0.2]
    order = {id(f): i + rng.uniform(0, 6) for i, f in enumerate(kept)}
    kept.sort(key=lambda f: order[id(f)])
    return [(b, final and marks) for b, final in kept]


@given(seed=st.integers(0, 1 << 32), marks=st.booleans(), count=st.integers(1, 25))
def test_law_no_half_made_bar_no_gap_no_repeat_and_order_whatever_the_stream_does(
    seed: int, marks: bool, count: int
) -> None:
    rng = random.Random(seed)
    market = Market(rng, count)
    it = closer()
    given_out: list[Bar] = []
    holes: list[int] = []

    def take(closed: Closed) -> None:
        given_out.extend(closed.bars)
        holes.extend(closed.absent)

    for frame, final in mangled(market.frames(), rng, marks):
        take(it.seen(frame, final=final))
        now = frame.open_time + rng.randint(0, 3 * M1.ms)
        if rng.random() < 0.5 and (span := it.wants(now)) is not None:
            # The clock that asks may run ahead; the time given with the answer may not.
            known = rng.choice([0, frame.open_time])
            take(it.answered(span, market.rest(span, max(known, frame.open_time), rng), known))
    for _ in range(3):
        if (span := it.wants(market.end)) is not None:
            late = market.end + 10_000
            take(it.answered(span, market.rest(span, late, rng), late))

    assert given_out == market.truth()
    traded = [b.open_time for b in given_out]
    assert not set(holes) & set(traded)
    assert holes == sorted(set(holes))


@given(seed=st.integers(0, 1 << 32), begin=st.integers(0, 9), count=st.integers(0, 60))
def test_law_folding_gives_every_whole_bucket_once(seed: int, begin: int, count: int) -> None:
    rng = random.Random(seed)
    bars = [bar(begin + n, rng.uniform(90, 110), rng.random()) for n in range(count)]
    bars = [b for b in bars if rng.random() > 0.2]
    folder = BucketFolder(M1, M5, T0 + (begin - 1) * M1.ms)
    made: list[Bar] = []
    rest, last = list(bars), T0 + (begin - 1) * M1.ms
    while rest:
        take = rng.randint(1, len(rest))
        batch, rest = rest[:take], rest[take:]
        last = batch[-1].open_time
        made += folder.take(batch, last)
    end = T0 + (begin + count - 1) * M1.ms
    made += folder.take([], max(end, last))

    first = -(-begin // 5) * 5
    buckets = {}
    for b in bars:
        buckets.setdefault(M5.floor(b.open_time), []).append(b)
    expected = [
        Bar(t, inside[0].open, max(b.high for b in inside), min(b.low for b in inside),
            inside[-1].close, round(sum(b.volume for b in inside), 8))
        for t, inside in sorted(buckets.items())
        if t >= T0 + first * M1.ms and t + M5.ms <= max(end, last) + M1.ms
    ]  # fmt: skip
    assert made == expected


@pytest.mark.parametrize("volumes", [(0.1, 0.2), (0.00001, 0.00002, 1e6), (3.3, 3.3, 3.3)])
def test_a_folded_volume_is_the_number_a_venue_prints(volumes: tuple[float, ...]) -> None:
    from decimal import Decimal

    folder = BucketFolder(M1, M5, T0 - M1.ms)
    (made,) = folder.take([bar(n, volume=v) for n, v in enumerate(volumes)], T0 + 4 * M1.ms)
    assert made.volume == float(sum(Decimal(str(v)) for v in volumes))
