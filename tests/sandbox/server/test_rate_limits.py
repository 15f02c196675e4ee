"""Weights and order counts: when a client is told to slow down, and when it is banned."""

from __future__ import annotations

import pytest

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.server.limits import Meter, RateLimits, RateRefusedError

SPOT, USDM = Market.SPOT, Market.PERPETUAL
MINUTE = 60_000
START = 1_700_000_040_000  # the start of a minute


def test_weights_add_up_within_a_minute_and_start_anew() -> None:
    meter = Meter(RateLimits(spot_weight=100))
    assert meter.charge(SPOT, "a", 40, START) == 40
    assert meter.charge(SPOT, "a", 60, START + 30_000) == 100
    assert meter.charge(SPOT, "b", 60, START + 30_000) == 60
    assert meter.charge(USDM, "a", 60, START + 30_000) == 60
    assert meter.charge(SPOT, "a", 1, START + MINUTE) == 1


def test_over_the_weight_is_429_until_the_minute_ends() -> None:
    meter = Meter(RateLimits(spot_weight=10))
    with pytest.raises(RateRefusedError) as refusal:
        meter.charge(SPOT, "a", 11, START + 15_000)
    assert (refusal.value.code, refusal.value.http_status) == (-1003, 429)
    assert refusal.value.retry_after_s == 45
    assert "current limit is 10 request weight" in refusal.value.message
    assert meter.charge(SPOT, "a", 1, START + MINUTE) == 1


def test_who_does_not_listen_is_banned() -> None:
    meter = Meter(RateLimits(spot_weight=10, strikes=3, ban_ms=120_000))
    statuses = []
    for step in range(6):
        with pytest.raises(RateRefusedError) as refusal:
            meter.charge(SPOT, "a", 20, START + step)
        statuses.append(refusal.value.http_status)
    assert statuses == [429, 429, 429, 418, 418, 418]
    with pytest.raises(RateRefusedError) as refusal:
        meter.charge(SPOT, "a", 1, START + MINUTE)
    assert refusal.value.retry_after_s == 60 + 1
    assert meter.charge(SPOT, "b", 1, START + MINUTE) == 1
    assert meter.charge(SPOT, "a", 1, START + 3 * MINUTE) == 1


@pytest.mark.parametrize(
    ("market", "limits", "most"),
    [
        (SPOT, RateLimits(spot_orders_10s=3), 3),
        (USDM, RateLimits(futures_orders_10s=5), 5),
        (USDM, RateLimits(futures_orders_10s=99, futures_orders_1m=7), 7),
    ],
)
def test_orders_are_counted_per_account(market: Market, limits: RateLimits, most: int) -> None:
    meter = Meter(limits)
    for sent in range(1, most + 1):
        assert meter.count_orders(market, "key", 1, START)["10S"] == sent
    with pytest.raises(RateRefusedError) as refusal:
        meter.count_orders(market, "key", 1, START)
    assert (refusal.value.code, refusal.value.http_status) == (-1015, 429)
    assert meter.count_orders(market, "other", 1, START)["10S"] == 1
    assert meter.count_orders(market, "key", 1, START + MINUTE)["10S"] == 1
