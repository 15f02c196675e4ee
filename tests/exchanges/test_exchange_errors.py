"""What each answer of a venue means for the request that met it: the table of the error facts."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import ccxt
import pytest

from tradepulse.domain.errors import FailedError, NotFoundError, RefusedError
from tradepulse.domain.instrument import Market
from tradepulse.exchanges.binance.refusals import REFUSALS
from tradepulse.exchanges.budget import BudgetExceeded
from tradepulse.exchanges.errors import NO_FACTS, Outcome, OutcomeKind, as_error, translate

U, L, R, Q = (
    OutcomeKind.UNAVAILABLE, OutcomeKind.RATE_LIMITED, OutcomeKind.REJECTED, OutcomeKind.UNKNOWN,
)  # fmt: skip
SPOT, CONTRACTS = REFUSALS[Market.SPOT], REFUSALS[Market.PERPETUAL]


def quoted(kind: type[Exception], code: int, message: str = "words") -> Exception:
    return kind(f'binance {{"code":{code},"msg":"{message}"}}')


def caused(kind: type[Exception], cause: BaseException) -> Exception:
    error = kind("binance POST http://127.0.0.1/api/v3/order")
    error.__cause__ = cause
    return error


def refused() -> aiohttp.ClientConnectorError:
    return aiohttp.ClientConnectorError(Any, OSError(111, "refused"))  # type: ignore[arg-type]


PLACING: list[tuple[str, Exception, Any, OutcomeKind, str]] = [
    ("429", ccxt.DDoSProtection("binance 429 Too Many Requests {}"), SPOT, L, "rate_limited"),
    ("418", ccxt.DDoSProtection("binance 418 I'm a teapot {}"), SPOT, L, "banned"),
    ("-1003", quoted(ccxt.RateLimitExceeded, -1003), SPOT, L, "rate_limited"),
    ("-1015", quoted(ccxt.RateLimitExceeded, -1015), SPOT, L, "rate_limited"),
    ("403", ccxt.ExchangeNotAvailable("binance POST u 403 Forbidden <html>"), SPOT, U,
     "unavailable"),
    ("502", ccxt.ExchangeNotAvailable("binance POST u 502 Bad Gateway <html>"), SPOT, Q,
     "unavailable"),
    ("503 -1000", quoted(ccxt.OperationFailed, -1000, "Unknown error"), SPOT, Q, "unavailable"),
    ("503 -1008 on a real host", quoted(ccxt.OperationFailed, -1008), SPOT, U, "unavailable"),
    ("503 -1008 redirected", quoted(ccxt.ExchangeError, -1008), SPOT, U, "unavailable"),
    ("-1007", quoted(ccxt.RequestTimeout, -1007), SPOT, Q, "unavailable"),
    ("-1006", quoted(ccxt.OperationFailed, -1006), SPOT, Q, "unavailable"),
    ("-1001", quoted(ccxt.OperationFailed, -1001), SPOT, Q, "unavailable"),
    ("client timeout", caused(ccxt.RequestTimeout, TimeoutError()), SPOT, Q, "unavailable"),
    ("reset", caused(ccxt.ExchangeNotAvailable, aiohttp.ServerDisconnectedError()), SPOT, Q,
     "unavailable"),
    ("refused", caused(ccxt.ExchangeNotAvailable, refused()), SPOT, U, "unavailable"),
    # ccxt makes this a final error; the answer only broke off.
    ("half a body", caused(ccxt.ExchangeError, aiohttp.ClientPayloadError()), SPOT, Q,
     "unavailable"),
    ("-1021", quoted(ccxt.InvalidNonce, -1021), SPOT, U, "clock_skew"),
    ("-1022", quoted(ccxt.AuthenticationError, -1022), SPOT, R, "auth"),
    ("-2014", quoted(ccxt.AuthenticationError, -2014), SPOT, R, "auth"),
    ("-2015", quoted(ccxt.AuthenticationError, -2015), SPOT, R, "auth"),
    ("-2015 after a success", quoted(ccxt.DDoSProtection, -2015), SPOT, R, "auth"),
    ("LOT_SIZE", quoted(ccxt.InvalidOrder, -1013, "Filter failure: LOT_SIZE"), SPOT, R,
     "lot_size"),
    ("MARKET_LOT_SIZE", quoted(ccxt.InvalidOrder, -1013, "Filter failure: MARKET_LOT_SIZE"),
     SPOT, R, "lot_size"),
    ("PRICE_FILTER", quoted(ccxt.InvalidOrder, -1013, "Filter failure: PRICE_FILTER"), SPOT, R,
     "price_filter"),
    ("PERCENT", quoted(ccxt.InvalidOrder, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"), SPOT,
     R, "percent_price"),
    ("NOTIONAL", quoted(ccxt.BadRequest, -1013, "Filter failure: NOTIONAL"), SPOT, R,
     "min_notional"),
    ("MAX_NUM", quoted(ccxt.BadRequest, -1013, "Filter failure: MAX_NUM_ALGO_ORDERS"), SPOT, R,
     "too_many_orders"),
    ("MAX_POSITION", quoted(ccxt.BadRequest, -1013, "Filter failure: MAX_POSITION"), SPOT, R,
     "max_position"),
    ("-1104", quoted(ccxt.BadRequest, -1104), SPOT, R, "rejected"),
    ("-1111", quoted(ccxt.BadRequest, -1111), CONTRACTS, R, "precision"),
    ("-1121", quoted(ccxt.BadSymbol, -1121), SPOT, R, "bad_symbol"),
    ("-2010 balance", ccxt.InsufficientFunds(
        "binance Account has insufficient balance for requested action."), SPOT, R,
     "insufficient_funds"),
    ("-2010 stop passed", ccxt.OrderImmediatelyFillable(
        "binance Stop price would trigger immediately."), SPOT, R, "would_trigger"),
    # Not ours by a second try: we never make one. The order it duplicates is the one in doubt.
    ("-2010 duplicate", quoted(ccxt.InvalidOrder, -2010, "Duplicate order sent."), SPOT, Q,
     "duplicate_id"),
    ("-2019", quoted(ccxt.ExchangeError, -2019), CONTRACTS, R, "insufficient_funds"),
    ("-2021", quoted(ccxt.ExchangeError, -2021), CONTRACTS, R, "would_trigger"),
    ("-2021 on spot", quoted(ccxt.BadResponse, -2021), SPOT, Q, "malformed"),
    ("-2022", quoted(ccxt.ExchangeError, -2022), CONTRACTS, R, "reduce_only"),
    ("-2027", quoted(ccxt.ExchangeError, -2027), CONTRACTS, R, "leverage_tier"),
    ("-4028", quoted(ccxt.ExchangeError, -4028), CONTRACTS, R, "leverage_tier"),
    ("-4116", quoted(ccxt.ExchangeError, -4116), CONTRACTS, Q, "duplicate_id"),
    ("-4131", quoted(ccxt.ExchangeError, -4131), CONTRACTS, R, "percent_price"),
    ("-4164", quoted(ccxt.ExchangeError, -4164), CONTRACTS, R, "min_notional"),
    ("maintenance", ccxt.OnMaintenance("binance System is under maintenance."), SPOT, U,
     "maintenance"),
    ("budget", BudgetExceeded(700, banned=False), SPOT, L, "rate_limited"),
    ("cancelled", asyncio.CancelledError(), SPOT, Q, "unavailable"),  # type: ignore[list-item]
    ("a defect of ours", KeyError("status"), SPOT, Q, "unavailable"),
    ("any other venue", ccxt.InsufficientFunds("kraken EOrder:Insufficient funds"), NO_FACTS, R,
     "insufficient_funds"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "facts", "kind", "code"), [row[1:] for row in PLACING],
                         ids=[row[0] for row in PLACING])  # fmt: skip
def test_what_an_error_of_a_placement_means(
    error: Exception, facts: Any, kind: OutcomeKind, code: str
) -> None:
    outcome = translate(error, places=True, facts=facts)
    assert (outcome.kind, outcome.code) == (kind, code)
    # Before it left, the same error cannot have placed anything; of a question, nothing is open.
    for harmless in (
        translate(error, places=True, left=False, facts=facts),
        translate(error, places=False, facts=facts),
    ):
        assert harmless.kind is (U if kind is Q else kind)


def test_the_venues_own_words_are_kept() -> None:
    found = translate(quoted(ccxt.InvalidOrder, -1013, "Filter failure: LOT_SIZE"), places=True,
                      facts=SPOT)  # fmt: skip
    assert found.message == "Filter failure: LOT_SIZE"
    plain = translate(ccxt.InsufficientFunds("binance Account has nothing."), places=True)
    assert plain.message == "Account has nothing."


def test_a_rate_limit_says_for_how_long() -> None:
    limited = translate(ccxt.DDoSProtection("binance 429 x"), places=True, quiet_ms=7_000)
    assert limited.retry_ms == 7_000
    assert translate(BudgetExceeded(700, banned=True), places=True) == Outcome(
        L, "banned", "no room in the rate budget for 700 ms", 700
    )


@pytest.mark.parametrize(
    ("outcome", "kind", "code"),
    [
        (Outcome(L, "rate_limited", "slow", 5_000), FailedError, "rate_limited"),
        (Outcome(U, "unavailable", "gone"), FailedError, "exchange_unavailable"),
        (Outcome(Q, "unavailable", "who knows"), FailedError, "exchange_unavailable"),
        (Outcome(R, "bad_symbol", "what"), NotFoundError, "symbol_not_found"),
        (Outcome(R, "leverage_tier", "too high"), RefusedError, "leverage_tier"),
    ],
)
def test_an_outcome_as_an_error_for_one_who_waits(
    outcome: Outcome, kind: type[Exception], code: str
) -> None:
    error = as_error(outcome, doing="asking")
    assert type(error) is kind
    assert error.code == code
    assert outcome.message in str(error)
