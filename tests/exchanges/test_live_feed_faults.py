"""Every way a stream of bars can go wrong, one by one: the strategy sees the same bars."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from exchanges.feed_world import START, World, rows_of, until, walk, world
from tradepulse.domain.interval import MINUTE_MS
from tradepulse.engine.ports import Source

BTC = Source("binance", "BTC/USDT", "1m")
BEGIN = START + 60 * MINUTE_MS
KLINES = "btcusdt@kline_1m"
REST = "GET /api/v3/klines"

FAULTS: dict[str, tuple[list[dict[str, Any]], bool]] = {
    "one frame lost": ([{"kind": "drop", "on": KLINES, "times": 1}], False),
    "two frames of three lost": (
        [{"kind": "drop", "on": KLINES, "probability": 0.66, "seed": 3}], False),
    "every frame lost": ([{"kind": "drop", "on": KLINES, "probability": 1.0}], False),
    "frames twice": ([{"kind": "duplicate", "on": KLINES, "probability": 0.7, "seed": 1}], False),
    "frames swapped": ([{"kind": "reorder", "on": KLINES, "probability": 0.7, "seed": 2}], False),
    "frames late": ([{"kind": "delay", "on": KLINES, "times": 2, "ms": 700}], False),
    "a frame that is no JSON": ([{"kind": "malformed", "on": KLINES, "times": 1}], True),
    "the socket closed": ([{"kind": "disconnect", "on": KLINES, "code": 1001}], True),
    "the socket cut off": ([{"kind": "disconnect", "on": KLINES}], True),
    "a socket that says nothing": ([{"kind": "silent", "on": KLINES}], True),
    "closed, and REST answers 503": (
        [{"kind": "disconnect", "on": KLINES},
         {"kind": "status_5xx", "on": REST, "times": 3}], True),
    "closed, and REST breaks off": (
        [{"kind": "disconnect", "on": KLINES}, {"kind": "drop", "on": REST, "times": 3}], True),
    "closed, and REST tells half a document": (
        [{"kind": "disconnect", "on": KLINES}, {"kind": "malformed", "on": REST, "times": 2}],
        True),
    "closed, and too many requests": (
        [{"kind": "disconnect", "on": KLINES},
         {"kind": "status_429", "on": REST, "times": 1, "retry_after_s": 1}], True),
    "maintenance": ([{"kind": "maintenance", "for_ms": 1500}], True),
    "all of it": (
        [{"kind": "drop", "on": KLINES, "probability": 0.3, "seed": 5},
         {"kind": "duplicate", "on": KLINES, "probability": 0.2, "seed": 6},
         {"kind": "reorder", "on": KLINES, "probability": 0.2, "seed": 7},
         {"kind": "disconnect", "on": KLINES, "probability": 0.05, "seed": 8},
         {"kind": "drop", "on": REST, "probability": 0.3, "seed": 9}], False),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_the_strategy_sees_the_same_bars(name: str, tmp_path: Path) -> None:
    faults, is_an_outage = FAULTS[name]
    truth = {"BTCUSDT": walk(200)}
    with world(tmp_path, truth, BEGIN) as made:
        at = int(made.feed.newest(BTC, 1).open_time[-1])
        minutes(made, 3)
        rows = made.read_until(BTC, BEGIN + 1 * MINUTE_MS, after=at)
        for fault in faults:
            made.sandbox.fault(**fault)
        minutes(made, 6)
        rows += made.read_until(BTC, BEGIN + 7 * MINUTE_MS, after=int(rows[-1][0]))
        if is_an_outage:
            until(lambda: keep_moving(made) and made.told("feed.recovered"))
            assert made.told("feed.stale")
            assert made.feed.health(BTC).connected
        made.sandbox.clear_faults()
        minutes(made, 3)
        last = made.sandbox.clock()["now"] // MINUTE_MS * MINUTE_MS - 2 * MINUTE_MS
        rows += made.read_until(BTC, last, after=int(rows[-1][0]))
        assert rows == rows_of(truth["BTCUSDT"].between(at + 1, int(rows[-1][0]) + 1))


def minutes(made: World, count: int) -> None:
    for _ in range(count):
        made.sandbox.step(MINUTE_MS)
        time.sleep(0.03)


def keep_moving(made: World) -> bool:
    """A market that stands still has nothing to say, and a new socket nothing to prove it by."""
    made.sandbox.step(2_000)
    return True


def test_a_feed_that_stopped_is_stale_until_it_moves(tmp_path: Path) -> None:
    with world(tmp_path, {"BTCUSDT": walk(300)}, BEGIN, speed=60) as made:
        made.read_until(BTC, BEGIN + MINUTE_MS, after=BEGIN - 1)
        assert not made.feed.is_stale(BTC)
        made.sandbox.fault("silent", on=KLINES)
        made.sandbox.fault("maintenance")
        late = made.feed.market_now(BTC) + 5 * MINUTE_MS
        until(lambda: made.feed.is_stale(BTC, late), within_s=10)
        made.sandbox.clear_faults()
        until(lambda: not made.feed.is_stale(BTC), within_s=15)


def test_strikes_are_counted_and_told(tmp_path: Path) -> None:
    with world(tmp_path, {"BTCUSDT": walk(200)}, BEGIN) as made:
        made.feed.closed_bars(BTC, None, 1)
        minutes(made, 2)
        made.read_until(BTC, BEGIN, after=BEGIN - 1)
        made.sandbox.fault("disconnect", on=KLINES)
        minutes(made, 4)
        until(lambda: keep_moving(made) and made.told("feed.recovered"))
        (stale,) = made.told("feed.stale")
        (back,) = made.told("feed.recovered")
        assert "Connection closed" in stale.payload["reason"]
        assert back.payload["seconds"] > 0
        health = made.feed.health(BTC)
        assert health.reconnects == 1
        assert health.last_message_ms is not None
