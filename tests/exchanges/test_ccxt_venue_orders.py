"""The whole life of orders through ccxt against the sandbox: spot and contracts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from venue_world import (
    BOTH,
    KEY,
    PRICE,
    QUICK,
    START,
    VenueWorld,
    approved,
    bars,
    until,
    venue_world,
)

from tradepulse.domain.errors import FailedError, NotFoundError, TradePulseError
from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import OrderState
from tradepulse.execution.orders import Kind, Role
from tradepulse.execution.venue import (
    Accepted,
    CancelFailed,
    Ended,
    Filled,
    ForcedFill,
    FundingSettled,
    Missing,
    NotSent,
    PriceSeen,
    Refused,
    Seen,
    Sent,
)

MINUTE = 60_000


@pytest.fixture(scope="module")
def spot() -> Iterator[VenueWorld]:
    with venue_world(Market.SPOT) as world:
        yield world


@pytest.fixture(scope="module")
def contracts() -> Iterator[VenueWorld]:
    with venue_world(Market.PERPETUAL) as world:
        yield world


@pytest.fixture
def world(request: pytest.FixtureRequest, market: Market) -> VenueWorld:
    """The standing world of the market."""
    name = "spot" if market is Market.SPOT else "contracts"
    found: VenueWorld = request.getfixturevalue(name)
    found.sandbox.clear_faults()
    return found


# --- one order ------------------------------------------------------------------------------------
@BOTH
def test_a_market_order_is_sent_accepted_and_filled_in_that_order(world: VenueWorld) -> None:
    entry = world.place(Role.ENTRY, 1, 0.01)
    filled = world.wait(Filled, entry).fill
    world.calm(0.2)
    mine = [r for r in world.told if getattr(r, "client_order_id", None) == entry.client_order_id]
    assert [type(r) for r in mine] == [Sent, Accepted]
    assert len(world.of(Filled, entry)) == 1
    assert (filled.side, filled.quantity, filled.liquidity) == (1, 0.01, "taker")
    assert filled.price == pytest.approx(PRICE, rel=1e-3)
    assert filled.fee_quote == pytest.approx(filled.price * 0.01 * 1e-3, rel=1e-6)
    assert filled.fee_currency == ("BTC" if world.market is Market.SPOT else "USDT")


@BOTH
def test_a_stop_rests_is_found_and_is_cancelled(world: VenueWorld) -> None:
    world.wait(Filled, world.place(Role.ENTRY, 1, 0.01))
    stop = world.place(Role.STOP, -1, 0.01, 59_000.04)
    accepted = world.wait(Accepted, stop)
    world.venue.look_up(stop)
    seen = world.wait(Seen, stop)
    assert seen.order.venue_order_id == accepted.venue_order_id
    assert seen.order.state is OrderState.OPEN
    assert seen.order.trigger == 59_000.0  # on the tick, away from the price
    assert seen.order.reduces is (world.market is Market.PERPETUAL)
    resting = world.venue.snapshot([world.pair], START).orders
    assert stop.client_order_id in {order.client_order_id for order in resting}
    world.venue.cancel(stop)
    ended = world.wait(Ended, stop)
    assert (ended.state, ended.filled) == (OrderState.CANCELLED, 0.0)


@BOTH
def test_an_order_that_nobody_knows_is_missing_and_its_cancel_has_gone(world: VenueWorld) -> None:
    for role in (Role.EXIT, Role.STOP):
        ghost = world.order(role, -1, 0.01, 59_000.0)
        world.venue.look_up(ghost)
        world.wait(Missing, ghost)
        world.venue.cancel(ghost)
        assert world.wait(CancelFailed, ghost).code == "gone"


@BOTH
def test_look_up_tells_a_filled_order_with_its_fills(world: VenueWorld) -> None:
    entry = world.place(Role.ENTRY, 1, 0.02)
    filled = world.wait(Filled, entry).fill
    world.venue.look_up(entry)
    seen = world.wait(Seen, entry)
    assert seen.order.state is OrderState.FILLED
    assert [(f.trade_id, f.quantity, f.fee) for f in seen.fills] == [
        (filled.trade_id, filled.quantity, filled.fee)
    ]
    assert seen.fills[0].client_order_id == entry.client_order_id


# --- refusals -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("market", "role", "side", "quantity", "price", "code"),
    [
        (Market.SPOT, Role.ENTRY, 1, 0.0001, None, "lot_size"),
        (Market.PERPETUAL, Role.ENTRY, 1, 0.0001, None, "lot_size"),
        (Market.SPOT, Role.ENTRY, 1, 5.0, None, "insufficient_funds"),
        (Market.PERPETUAL, Role.ENTRY, 1, 5.0, None, "insufficient_funds"),
        # trap: the stop has been passed already; the engine leaves at the market instead
        (Market.SPOT, Role.STOP, -1, 0.01, 61_000.0, "would_trigger"),
        (Market.PERPETUAL, Role.STOP, -1, 0.01, 61_000.0, "would_trigger"),
        (Market.PERPETUAL, Role.EXIT, 1, 0.01, None, "reduce_only"),
    ],
)  # fmt: skip
def test_trap_error_classes_on_a_redirected_host(
    world: VenueWorld, role: Role, side: int, quantity: float, price: float | None, code: str
) -> None:
    """ccxt alone takes -2019, -2021, -2022 and -4164 for plain errors on any host of ours."""
    world.wait(Filled, world.place(Role.ENTRY, 1, 0.01))
    before = len(world.orders())
    refused = world.wait(Refused, world.place(role, side, quantity, price))
    assert refused.code == code
    assert refused.message
    assert len(world.orders()) == before


@BOTH
def test_an_order_under_the_minimum_notional_is_refused_in_the_venues_words(
    market: Market,
) -> None:
    with venue_world(market, bars(*[10_000.0] * 120)) as world:
        refused = world.wait(Refused, world.place(Role.ENTRY, 1, 0.001))
        assert refused.code == "min_notional"
        assert "NOTIONAL" in refused.message.upper()


def test_a_symbol_that_is_not_there(spot: VenueWorld) -> None:
    with pytest.raises(NotFoundError) as refused:
        spot.venue.prepare("NOPE/USDT", 1.0)
    assert refused.value.code == "symbol_not_found"


@pytest.mark.parametrize(("market", "leverage"), [(Market.SPOT, 2.0), (Market.PERPETUAL, 51.0)])
def test_leverage_above_what_the_venue_gives(world: VenueWorld, leverage: float) -> None:
    with pytest.raises(TradePulseError) as refused:
        world.venue.prepare(world.pair, leverage)
    assert refused.value.code == "leverage_tier"


def test_preparing_twice_is_no_error() -> None:
    """The venue refuses to set what is set (-4046, -4059)."""
    with venue_world(Market.PERPETUAL) as world:
        for leverage in (3.0, 3.0, 1.0):
            world.venue.prepare(world.pair, leverage)
            (config,) = world.sandbox.call(lambda exchange: exchange.market.symbol_configs(KEY))
            assert (config.leverage, config.margin_type) == (leverage, "ISOLATED")


# --- what ccxt would do otherwise -----------------------------------------------------------------
def test_trap_conditional_orders_live_at_the_algo_endpoint(contracts: VenueWorld) -> None:
    contracts.wait(Filled, contracts.place(Role.ENTRY, 1, 0.01))
    stop = contracts.place(Role.STOP, -1, 0.01, 59_000.0)
    contracts.wait(Accepted, stop)
    truth = contracts.account()
    algo = next(a for a in truth["algo_orders"] if a["client_id"] == stop.client_order_id)
    assert (algo["type"], algo["reduce_only"], algo["working_type"]) == (
        "STOP_MARKET", True, "CONTRACT_PRICE",
    )  # fmt: skip
    assert stop.client_order_id not in {o["client_id"] for o in truth["orders"]["perpetual"]}
    contracts.venue.cancel(stop)
    contracts.wait(Ended, stop)


def test_trap_oco_is_raw_and_both_legs_rest(spot: VenueWorld) -> None:
    stop = spot.order(Role.STOP, -1, 0.01, 59_000.0)
    target = spot.order(Role.TARGET, -1, 0.01, 61_000.0)
    spot.venue.place_pair(approved(stop), approved(target))
    for leg in (stop, target):
        spot.wait(Accepted, leg)
        assert len(spot.of(Sent, leg)) == 1
    resting = {o.client_order_id: o for o in spot.venue.snapshot([spot.pair], START).orders}
    low, high = resting[stop.client_order_id], resting[target.client_order_id]
    assert low.group == high.group is not None
    assert (low.trigger, low.price) == (59_000.0, 58_410.0)  # one percent beyond the trigger
    assert (high.trigger, high.price) == (None, 61_000.0)
    spot.venue.cancel(target)
    for leg in (stop, target):
        assert spot.wait(Ended, leg).state is OrderState.CANCELLED


def test_an_oco_that_is_refused_is_refused_for_each_leg(spot: VenueWorld) -> None:
    stop = spot.order(Role.STOP, -1, 0.01, 61_000.0)
    target = spot.order(Role.TARGET, -1, 0.01, 62_000.0)
    spot.venue.place_pair(approved(stop), approved(target))
    assert {spot.wait(Refused, leg).code for leg in (stop, target)} == {"would_trigger"}


def test_contracts_have_no_native_pair(contracts: VenueWorld) -> None:
    stop = contracts.order(Role.STOP, -1, 0.01, 59_000.0)
    target = contracts.order(Role.TARGET, -1, 0.01, 61_000.0)
    assert not contracts.venue.terms(contracts.pair).native_oco
    contracts.venue.place_pair(approved(stop), approved(target))
    assert contracts.wait(Refused, stop).code == "not_supported"
    assert not contracts.of(Sent, stop)


# --- a moving market ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("closes", "winner", "loser_state"),
    [((59_900.0, 58_800.0), Role.STOP, OrderState.EXPIRED),
     ((60_100.0, 61_200.0), Role.TARGET, OrderState.EXPIRED)],
)  # fmt: skip
def test_one_leg_of_an_oco_ends_the_other(
    closes: tuple[float, ...], winner: Role, loser_state: OrderState
) -> None:
    with venue_world(Market.SPOT, bars(*[PRICE] * 60, *closes, *[closes[-1]] * 60)) as world:
        stop = world.order(Role.STOP, -1, 0.01, 59_000.0)
        target = world.order(Role.TARGET, -1, 0.01, 61_000.0)
        world.venue.place_pair(approved(stop), approved(target))
        world.wait(Accepted, target)
        won, lost = (stop, target) if winner is Role.STOP else (target, stop)
        world.sandbox.step(3 * MINUTE)
        filled = world.wait(Filled, won).fill
        assert filled.quantity == 0.01
        assert world.wait(Ended, lost).state is loser_state
        assert not world.of(Filled, lost)


def test_trap_triggered_is_not_closed_and_the_childs_fills_are_the_stops() -> None:
    """The child of a triggered algo order has an id of its own; ccxt calls the algo closed."""
    series = bars(*[PRICE] * 60, 59_500.0, 58_800.0, *[58_800.0] * 60)
    with venue_world(Market.PERPETUAL, series) as world:
        world.wait(Filled, world.place(Role.ENTRY, 1, 0.01))
        stop = world.place(Role.STOP, -1, 0.01, 59_000.0)
        accepted = world.wait(Accepted, stop)
        world.sandbox.step(3 * MINUTE)
        filled = world.wait(Filled, stop).fill
        assert filled.client_order_id == stop.client_order_id
        assert filled.venue_order_id != accepted.venue_order_id
        assert filled.side == -1
        assert not world.of(Ended, stop)
        world.venue.look_up(stop)
        seen = world.wait(Seen, stop)
        assert (seen.order.state, seen.order.filled) == (OrderState.FILLED, 0.01)
        assert seen.order.venue_order_id == accepted.venue_order_id
        assert [f.trade_id for f in seen.fills] == [filled.trade_id]
        world.venue.cancel(stop)
        assert world.wait(CancelFailed, stop).code == "gone"
        assert not world.venue.snapshot([world.pair], START).positions


def test_prices_flow_with_the_extremes_between_two_looks() -> None:
    series = bars(*[PRICE] * 60, 60_400.0, 59_700.0, 60_000.0, *[60_000.0] * 60)
    with venue_world(Market.SPOT, series) as world:
        world.sandbox.step(4 * MINUTE)
        until(lambda: world.venue.now() >= START + 63 * MINUTE)
        world.calm(0.2)
        prices = [seen.price for seen in world.of(PriceSeen)]
        assert min(prices) <= 59_700.0
        assert max(prices) >= 60_400.0
        assert len(prices) <= 3 * 6  # the trades were more


def test_funding_is_told_once_with_its_pair() -> None:
    with venue_world(Market.PERPETUAL, bars(*[PRICE] * 600)) as world:
        world.wait(Filled, world.place(Role.ENTRY, 1, 0.1))
        world.sandbox.step(9 * 60 * MINUTE)
        paid = world.wait(FundingSettled)
        assert paid.pair == world.pair
        assert paid.cash == pytest.approx(-0.0001 * 0.1 * PRICE, rel=1e-6)
        assert paid.time == START + 8 * 60 * MINUTE
        world.calm(0.2)
        income = world.account()["income"]
        settled = [row for row in income if row["kind"] == "FUNDING_FEE"]
        assert len(world.of(FundingSettled)) == len(settled)


def test_a_liquidation_is_told_as_the_venues_own_doing() -> None:
    falling = [PRICE - 200.0 * n for n in range(30)]
    series = bars(*[PRICE] * 60, *falling, *[falling[-1]] * 30)
    with venue_world(Market.PERPETUAL, series) as world:
        world.venue.prepare(world.pair, 20.0)
        world.wait(Filled, world.place(Role.ENTRY, 1, 0.5))
        world.sandbox.step(40 * MINUTE)
        forced = world.wait(ForcedFill).fill
        assert (forced.pair, forced.side) == (world.pair, -1)
        assert sum(f.fill.quantity for f in world.of(ForcedFill)) == pytest.approx(0.5)
        assert not world.venue.snapshot([world.pair], START).positions


# --- the account by REST --------------------------------------------------------------------------
@BOTH
def test_a_snapshot_is_the_account_as_the_sandbox_has_it(market: Market) -> None:
    with venue_world(market) as world:
        entries = [world.place(Role.ENTRY, 1, 0.01 * n) for n in (1, 2)]
        fills = [world.wait(Filled, entry).fill for entry in entries]
        stop = world.place(Role.STOP, -1, 0.03, 59_000.0)
        world.wait(Accepted, stop)
        snapshot = world.venue.snapshot([world.pair], START)
        assert [o.client_order_id for o in snapshot.orders] == [stop.client_order_id]
        assert list(snapshot.fills) == fills
        assert world.venue.snapshot([world.pair], world.venue.now() + 1).fills == ()
        totals = {b.currency: b.total for b in snapshot.balances}
        truth = world.account()
        if market is Market.SPOT:
            assert snapshot.positions == ()
            held = {b["asset"]: float(b["free"]) + float(b["locked"]) for b in truth["balances"]}
            assert totals == pytest.approx(held)
        else:
            (position,) = snapshot.positions
            assert (position.pair, position.side, position.quantity) == (world.pair, 1, 0.03)
            assert totals["USDT"] == pytest.approx(100_000 - sum(f.fee for f in fills))


@BOTH
def test_the_fills_of_a_restarted_engine_find_their_orders(market: Market) -> None:
    """A fresh adapter knows nothing: an order's own look-up names its fills."""
    with venue_world(market) as world:
        entry = world.place(Role.ENTRY, 1, 0.01)
        filled = world.wait(Filled, entry).fill
        with_name = [world.pair]
        again = type(world.venue)(
            world.venue.connection, world.venue._credentials, world.loop,
            settings=world.venue._settings,
        )  # fmt: skip
        try:
            (kept,) = again.snapshot(with_name, START).fills
            assert (kept.trade_id, kept.client_order_id) == (filled.trade_id, None)
            assert kept.venue_order_id == filled.venue_order_id
            again.look_up(entry)
            until(again.reports)
            (kept,) = again.snapshot(with_name, START).fills
            assert kept.client_order_id == entry.client_order_id
        finally:
            again.close()


# --- threads --------------------------------------------------------------------------------------
@BOTH
def test_requests_of_one_pair_leave_in_the_order_they_were_given(world: VenueWorld) -> None:
    orders = [world.place(Role.ENTRY, 1, 0.002) for _ in range(12)]
    for order in orders:
        world.wait(Filled, order)
    sent = [r.client_order_id for r in world.told if isinstance(r, Sent)]
    wanted = [o.client_order_id for o in orders]
    assert [name for name in sent if name in set(wanted)] == wanted


def test_the_engine_never_waits_and_is_woken(spot: VenueWorld) -> None:
    woken: list[str] = []
    listener, spot.venue.on_news = (
        spot.venue.on_news,
        lambda: woken.append(threading.current_thread().name),
    )
    spot.sandbox.fault("delay", "POST /api/v3/order", ms=300)
    began = time.monotonic()
    entry = spot.place(Role.ENTRY, 1, 0.01)
    spot.venue.look_up(entry)
    spot.venue.reports()
    assert time.monotonic() - began < 0.1
    spot.wait(Filled, entry)
    spot.venue.on_news = listener
    assert set(woken) == {"venue-test"}


def test_close_ends_everything_and_says_what_did_not_leave() -> None:
    with venue_world(Market.SPOT) as world:
        world.sandbox.fault("delay", "POST /api/v3/order", ms=400)
        first, second = world.place(), world.place()
        world.wait(Sent, first)
        began = time.monotonic()
        world.venue.close()
        world.venue.close()
        assert time.monotonic() - began < 5
        world.take()
        assert world.of(Accepted, first)
        assert world.wait(NotSent, second).code == "unavailable"
        assert len(world.account()["orders"]["spot"]) == 1
        for act in (lambda: world.venue.place(approved(first)),
                    lambda: world.venue.prepare(world.pair, 1.0)):  # fmt: skip
            with pytest.raises(FailedError) as closed:
                act()
            assert closed.value.code == "venue_closed"
        assert world.venue.health().connected is False


def test_health_is_read_from_any_thread(spot: VenueWorld) -> None:
    spot.wait(Filled, spot.place())
    found = spot.venue.health()
    assert found.connected
    assert found.latency_ms is not None
    assert 0 < found.latency_ms < 1_000
    assert found.last_message_ms is not None
    assert found.weight_used > 0
    assert found.weight_limit == 6_000
    assert found.orders_10s >= 1
    assert (found.clock_skew_ms, found.banned_until) == (0, None)


def test_a_limit_target_alone(contracts: VenueWorld) -> None:
    contracts.wait(Filled, contracts.place(Role.ENTRY, 1, 0.01))
    target = contracts.order(Role.TARGET, -1, 0.01, 61_000.07)
    assert target.kind is Kind.LIMIT
    contracts.venue.place(approved(target))
    contracts.wait(Accepted, target)
    contracts.venue.look_up(target)
    seen = contracts.wait(Seen, target).order
    assert (seen.price, seen.reduces) == (61_000.1, True)
    contracts.venue.cancel(target)
    contracts.wait(Ended, target)


# --- what changes while it runs -------------------------------------------------------------------
def test_a_fee_in_bnb_is_worth_its_price() -> None:
    listed = ("BTCUSDT", "BNBUSDT")
    funds = {"USDT": 100_000, "BTC": 1, "BNB": 10}
    with venue_world(Market.SPOT, symbols=listed, balances=funds, pays_fees_in_bnb=True) as world:
        filled = world.wait(Filled, world.place()).fill
        assert filled.fee_currency == "BNB"
        assert filled.fee_quote == pytest.approx(filled.fee * PRICE, rel=1e-3)
        world.sandbox.step(2 * MINUTE)
        world.calm()
        assert {seen.pair for seen in world.of(PriceSeen)} == {world.pair}  # BNB is not told


@BOTH
def test_terms_are_read_anew_behind_the_orders_back(market: Market) -> None:
    with venue_world(market, settings=replace(QUICK, terms_age_ms=300)) as world:
        assert world.venue.terms(world.pair).instrument.lot == Decimal("0.001")
        world.sandbox.fault("filter_change", symbol="BTCUSDT", filters={"lot": "0.01"})
        time.sleep(0.35)
        world.wait(Refused, world.place(Role.ENTRY, 1, 0.014))  # by the old terms
        until(lambda: world.venue.terms(world.pair).instrument.lot == Decimal("0.01"))
        entry = world.place(Role.ENTRY, 1, 0.014)
        assert world.wait(Filled, entry).fill.quantity == 0.01
