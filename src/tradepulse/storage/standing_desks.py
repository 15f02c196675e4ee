"""A wallet's desks as the ledger has them, to be looked at: what it holds, what its limits say.

The engine's own values and rules over rows of the database, so that a process without an engine
says what the engine would. Nothing here is ever traded with.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from tradepulse.domain.errors import NotFoundError
from tradepulse.domain.instrument import Instrument, Pair
from tradepulse.domain.interval import DAY_MS, HOUR_MS, MINUTE_MS, Interval
from tradepulse.domain.ledger import PositionRecord, Wallet
from tradepulse.domain.lifecycle import Feed
from tradepulse.domain.market_terms import LeverageTier, MarketTerms
from tradepulse.domain.money import to_decimal
from tradepulse.domain.risk_record import RiskLock
from tradepulse.domain.settings import RiskSettings
from tradepulse.engine.live_recovery import order_of, restore
from tradepulse.engine.member import rules_of
from tradepulse.engine.ports import OpenBook, Running
from tradepulse.engine.staged_shares import allowed
from tradepulse.execution.account import Account, Position
from tradepulse.execution.desk import Books, Desk
from tradepulse.execution.oco import OCOManager
from tradepulse.execution.orders import Role
from tradepulse.execution.oversight import Oversight
from tradepulse.execution.portfolio import Portfolio
from tradepulse.execution.venue_side import VenueSide
from tradepulse.marketdata.store import BarStore
from tradepulse.risk import Limits, Lock, RiskManager
from tradepulse.risk.breakers import Breaker, BreakerPanel
from tradepulse.risk.clusters import DAYS, Clusters, cluster_pairs, hourly_returns
from tradepulse.risk.risk_book import RiskBook
from tradepulse.simulation.rules import Rules
from tradepulse.storage.open_book import open_book
from tradepulse.storage.risk_ledger import realised_besides, standing_of
from tradepulse.storage.transaction import Transaction

# A quote older than this (wall clock) is no price of now; nor is a breaker that tripped before.
_FRESH_MS = 60_000
_BREAKERS_MS = DAY_MS


@dataclass(frozen=True, eq=False)
class WalletPicture:
    """A wallet and its running activations. `now_ms`: market time; on paper the last bar's close.
    `books.oversight` is None for a paper wallet: its limits ask for nothing more."""

    wallet: Wallet
    settings: RiskSettings
    books: Books
    runs: Mapping[str, Running]
    now_ms: int

    @property
    def at_venue(self) -> bool:
        return self.wallet.connection_id is not None

    @property
    def limits(self) -> Limits:
        return self.books.risk.limits


def picture_of(
    tx: Transaction, bars: BarStore, wallet: Wallet, settings: RiskSettings, wall_ms: int
) -> WalletPicture:
    """The wallet as the ledger has it now. Errors: those of `rules_of`."""
    at_venue = wallet.connection_id is not None
    limits = Limits.from_settings(settings) if at_venue else Limits.for_paper(settings)
    risk = RiskManager(limits, protections=settings.protections)
    books = Books(Portfolio(float(wallet.balance)), OCOManager(), risk)
    runs: dict[str, Running] = {}
    for activation in tx.activations.running_on(wallet_id=wallet.id):
        run = Running(activation, tx.configurations.get(activation.configuration_id), wallet)
        runs[activation.id] = run
        books.desks[activation.id] = _desk(tx, bars, books.oco, run, settings, wall_ms)
    now = _market_now(books.desks.values(), runs.values(), wall_ms)
    risk.known_by(now)
    risk.heed((_lock(row) for row in tx.risk_locks.in_force(wallet.id, now)), ())
    if at_venue:
        books.oversight = _oversight(tx, bars, wallet, runs, settings, now, wall_ms)
    return WalletPicture(wallet, settings, books, runs, now)


def terms_of_rules(exchange: str, pair: str, rules: Rules) -> MarketTerms:
    """The filters that rules were frozen with, where the venue's own are not known here."""
    instrument = Instrument(
        exchange, Pair.parse(pair), _step(rules.tick), _step(rules.lot),
        to_decimal(rules.min_notional),
    )  # fmt: skip
    tiers = rules.leverage_tiers or ()
    tops = [tier.notional_floor for tier in tiers[1:]] + [float(1 << 62)]
    return MarketTerms(
        instrument, pair, max_leverage=Decimal(1_000),
        tiers=tuple(
            LeverageTier(
                to_decimal(top), to_decimal(tier.max_leverage),
                to_decimal(tier.maintenance_margin_rate),
                to_decimal(tier.maintenance_amount or 0.0),
            )
            for tier, top in zip(tiers, tops, strict=True)
        ) if tiers else (),
    )  # fmt: skip


def _desk(
    tx: Transaction, bars: BarStore, oco: OCOManager, run: Running, settings: RiskSettings,
    wall_ms: int,
) -> Desk:  # fmt: skip
    c, activation, rules = run.configuration, run.activation, rules_of(run)
    desk = Desk(Account.fresh(activation.id, c.pair, rules))
    account, length = desk.account, Interval.parse(c.interval).ms
    account.entries_blocked = "draining" if activation.state == "DRAINING" else activation.blocked
    if activation.last_bar is not None:
        account.bar_time = activation.last_bar
        account.last_close_time = activation.last_bar + length
        account.last_close = _close(bars, run)
    book = open_book(tx, activation.id)
    if run.wallet.connection_id is None:
        _restore_paper(desk, tx, book)
    else:
        terms = tx.terms.find(c.exchange, c.pair) or terms_of_rules(c.exchange, c.pair, rules)
        disaster = settings.disaster_stop_pct / 100.0
        desk.venue = VenueSide(terms, 0, disaster, length, wall=wall_ms, market=wall_ms)
        desk.venue.last_price = _last_price(tx, run, wall_ms)
        restore(desk, oco, book)
    return desk


def _restore_paper(desk: Desk, tx: Transaction, book: OpenBook) -> None:
    """Money from the newest point of the portfolio: there is one for every fill."""
    account = desk.account
    point = tx.portfolio.latest(account.activation_id)
    if point is not None:
        account.wallet = float(point.equity - point.unrealised_pnl)
    account.position = None if book.position is None else _paper_position(book.position)
    for record in book.orders:
        if record.state.is_over:
            continue
        order = order_of(record)
        desk.orders[order.id] = order
        if order.role is Role.ENTRY:
            desk.entry = order
        elif order.role is Role.EXIT:
            desk.exit = order
    offset, slope = account.line()
    known = slope and not math.isnan(account.last_close)
    account.equity = offset + slope * account.last_close if known else account.wallet


def _paper_position(record: PositionRecord) -> Position:
    stop = math.nan if record.stop is None else float(record.stop)
    target = math.nan if record.target is None else float(record.target)
    price, quantity = float(record.entry_price), float(record.quantity)
    return Position(
        record.id, record.side.sign, quantity, price, record.entry_time, 0, quantity, stop, target,
        math.nan, False, math.nan, price, price, 0.0, None,
    )  # fmt: skip


def _close(bars: BarStore, run: Running) -> float:
    last = run.activation.last_bar
    if last is None:
        return math.nan
    try:
        found = bars.read(*run.source, start_ms=last, end_ms=last + 1)
    except NotFoundError:
        return math.nan
    return float(found.close[-1]) if len(found) else math.nan


def _last_price(tx: Transaction, run: Running, wall_ms: int) -> float:
    quotes = tx.quotes.all(since_ms=wall_ms - _FRESH_MS, pair=run.configuration.pair)
    wanted = (run.activation.feed, run.configuration.exchange)
    return next((float(q.last) for q in quotes if (q.feed, q.exchange) == wanted), math.nan)


def _market_now(desks: Iterable[Desk], runs: Iterable[Running], wall_ms: int) -> int:
    """A sandbox or a replay has a time of its own: that of its last bar."""
    live = all(run.activation.feed is Feed.LIVE for run in runs)
    closed = max((desk.account.last_close_time for desk in desks), default=-1)
    return wall_ms if live or closed < 0 else closed


def _oversight(
    tx: Transaction, bars: BarStore, wallet: Wallet, runs: Mapping[str, Running],
    settings: RiskSettings, now: int, wall_ms: int,
) -> Oversight:  # fmt: skip
    state = tx.risk_states.find(wallet.id)
    book = RiskBook() if state is None else RiskBook.from_json(state.latches)
    plan = settings.staging
    standings = {name: allowed(standing_of(tx, name), book.staged.get(name), plan) for name in runs}
    made = [
        order.created_at
        for order in tx.orders.page(wallet_id=wallet.id, since_ms=now - MINUTE_MS, limit=500).items
        if order.role == Role.ENTRY
    ]
    return Oversight(
        settled=float(realised_besides(tx, wallet.id, tuple(runs))), book=book,
        panel=_panel(tx, wallet.id, settings, wall_ms),
        clusters=_clusters(bars, runs, settings.cluster_threshold, now),
        standings=standings, sent=deque(sorted(made)),
    )  # fmt: skip


def _panel(tx: Transaction, wallet_id: str, settings: RiskSettings, wall_ms: int) -> BreakerPanel:
    """The breakers that tripped and have not closed, as the engine told of them."""
    held: dict[tuple[str, str], Breaker] = {}
    types = ["risk.breaker_tripped", "risk.breaker_closed"]
    for event in tx.events.since(time_ms=wall_ms - _BREAKERS_MS, types=types):
        code, scope = str(event.payload.get("code")), str(event.payload.get("scope", ""))
        if event.payload.get("wallet_id") != wallet_id:
            continue
        if event.type == "risk.breaker_tripped":
            held[code, scope] = Breaker(code, scope, tripped_at=event.time)
        else:
            held.pop((code, scope), None)
    return BreakerPanel(settings.breakers, held)


def _clusters(
    bars: BarStore, runs: Mapping[str, Running], threshold: float, now: int
) -> Clusters:  # fmt: skip
    returns = {}
    for run in runs.values():
        exchange, pair, _ = run.source
        try:
            hours = bars.read(exchange, pair, "1h", now - (DAYS + 1) * DAY_MS, now)
        except NotFoundError:
            continue
        returns[pair] = hourly_returns(hours, now // HOUR_MS * HOUR_MS)
    return cluster_pairs(returns, threshold)


def _lock(row: RiskLock) -> Lock:
    return Lock(row.code, row.reason, row.from_ms, row.until_ms, row.activation_id, row.pair)


def _step(value: float | None) -> Decimal | None:
    return None if not value else to_decimal(value)
