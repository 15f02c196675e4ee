"""Lists, summaries and comparisons as the API shows them, alike on every database."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from conformance import storage_records as make
from tradepulse.domain.errors import UsageError
from tradepulse.domain.lifecycle import ActivationState, Feed, Mode, OrderState, Side, Stage
from tradepulse.storage.database import Database
from tradepulse.storage.paging import Page
from tradepulse.storage.transaction import Transaction

D = Decimal
HOUR = 3_600_000
COUNT = 11

Listing = Callable[[Transaction], Callable[..., Page[Any]]]

# Each list with what it may be sorted by; ties are frequent on purpose.
SORTS: list[tuple[str, str]] = [
    ("configurations", "created_at"), ("configurations", "sharpe"), ("configurations", "pair"),
    ("configurations", "strategy_name"), ("configurations", "lifecycle_stage"),
    ("configurations", "total_return"), ("activations", "created_at"), ("signals", "bar_time"),
    ("orders", "created_at"), ("orders", "updated_at"), ("fills", "time"), ("trades", "exit_time"),
    ("trades", "entry_time"), ("trades", "pnl"), ("trades", "pnl_pct"), ("portfolio", "time"),
    ("positions", "entry_time"), ("logs", "timestamp"), ("jobs", "created_at"),
    ("wallets", "created_at"), ("wallets", "name"), ("trials", "number"),
    ("connections", "created_at"), ("connections", "name"), ("alerts", "time"),
    ("risk_locks", "from_ms"), ("receipts", "requested_at"), ("reconciliations", "time"),
    ("transfers", "time"),
]  # fmt: skip

FILTERS: list[tuple[str, dict[str, Any], int]] = [
    ("configurations", {"pair": "ETH/USDT"}, 3),
    ("configurations", {"stage": Stage.MATURE, "exchange": "binance"}, 5),
    ("configurations", {"stage": "MATURE", "strategy_name": "other"}, 0),
    ("configurations", {"is_active": True}, 1),
    ("configurations", {"is_active": False, "interval": "1h"}, COUNT),
    ("activations", {"is_running": True}, 1),
    ("activations", {"is_running": False, "configuration_id": "c1"}, COUNT),
    ("activations", {"state": ActivationState.FAULTED}, 0),
    ("signals", {"verdict": "refused"}, 6),
    ("signals", {"since_ms": make.T0 + HOUR, "until_ms": make.T0 + 3 * HOUR}, 6),
    ("orders", {"state": OrderState.FILLED}, 6),
    ("orders", {"pair": "ETH/USDT"}, 0),
    ("fills", {"wallet_id": "w1", "until_ms": make.T0 + HOUR}, 3),
    ("trades", {"side": Side.SHORT}, 5),
    ("trades", {"feed": Feed.LIVE, "mode": Mode.PAPER}, 6),
    ("trades", {"exit_reason": "stop"}, 0),
    ("portfolio", {"activation_id": "a1", "since_ms": make.T0 + 5}, COUNT - 5),
    ("positions", {"pair": "BTC/USDT", "wallet_id": "w1"}, COUNT),
    ("logs", {"level": "error"}, 6),
    ("logs", {"containing": "LINE 1_"}, 0),
    ("logs", {"containing": "LINE 1"}, 2),
    ("logs", {"configuration_id": "c1", "trade_id": "t1"}, 0),
    ("jobs", {"state": "QUEUED", "kind": "sweep"}, COUNT + 1),
    ("jobs", {"strategy": "ema_cross"}, COUNT + 1),
    ("jobs", {"strategy": "ema_cross", "pair": "BTC/USDT"}, 0),
    ("logs", {"job_id": "j1"}, 0),
    ("trials", {"segment": "sweep"}, COUNT),
    ("trials", {"segment": "fold-1"}, 0),
    ("wallets", {"mode": Mode.LIVE}, 0),
    ("trials", {"job_id": "j1"}, COUNT),
    ("connections", {"exchange": "binance", "market": "spot"}, COUNT),
    ("connections", {"mode": Mode.LIVE}, 0),
    ("alerts", {"unread": True}, 5),
    ("alerts", {"unread": False, "level": "warning"}, 6),
    ("alerts", {"entity_id": "a1", "since_ms": make.T0 + HOUR, "until_ms": make.T0 + 2 * HOUR}, 3),
    ("risk_locks", {"wallet_id": "w1", "code": "cool_down"}, COUNT),
    ("risk_locks", {"in_force_at": make.T0 + HOUR}, 3),
    ("risk_locks", {"pair": "ETH/USDT"}, 0),
    ("receipts", {"wallet_id": "w1"}, 0),
    ("reconciliations", {"kind": "fill", "entity_id": "o1"}, COUNT),
    ("reconciliations", {"wallet_id": "w2"}, 0),
    ("transfers", {"currency": "USDT", "until_ms": make.T0 + HOUR}, 3),
]


def fill_lists(tx: Transaction) -> None:
    """Eleven rows of each, in groups of three with the same time."""
    make.write_owners(tx)
    for i in range(COUNT):
        time = make.T0 + i // 3 * HOUR
        id_ = f"{i * 7 % COUNT:02d}"
        odd = i % 2 == 1
        sharpe = None if i % 4 == 0 else (i % 3) / 7
        tx.configurations.insert(make.configuration(
            f"c-{id_}", created_at=time, pair="ETH/USDT" if i % 4 == 1 else "BTC/USDT",
            lifecycle_stage=Stage.MATURE if odd else Stage.DISCOVERY, metrics={"sharpe": sharpe},
        ))  # fmt: skip
        tx.wallets.insert(make.wallet(f"w-{id_}", name=f"wallet {i // 4}", created_at=time))
        tx.activations.insert(make.activation(f"a-{id_}", created_at=time, allotment=D(1)))
        tx.activations.set_state(f"a-{id_}", ActivationState.STOPPED, at=time)
        tx.signals.insert(
            make.signal(f"s-{id_}", bar_time=time, verdict="traded" if odd else "refused")
        )
        state = OrderState.OPEN if odd else OrderState.FILLED
        tx.orders.insert(make.order(f"o-{id_}", created_at=time, updated_at=time + i, state=state))
        tx.fills.insert(make.fill(f"f-{id_}", order_id=f"o-{id_}", time=time))
        tx.trades.insert(make.trade(
            f"t-{id_}", exit_time=time, entry_time=time - i, pnl=D(i % 3 - 1), pnl_pct=D(i % 2),
            side=Side.SHORT if odd else Side.LONG, feed=Feed.REPLAY if odd else Feed.LIVE,
        ))  # fmt: skip
        tx.positions.insert(make.position(f"p-{id_}", entry_time=time))
        tx.jobs.insert(make.job(f"j-{id_}", created_at=time))
        fill_oversight(tx, id_, time, odd=odd)
    tx.portfolio.insert_many([make.point(make.T0 + i) for i in range(COUNT)])
    tx.trials.insert_many([make.trial(i) for i in range(COUNT)])
    tx.logs.insert_many(
        [
            make.log_line(
                timestamp=make.T0 + i // 3, level="info" if i % 2 else "error", message=f"line {i}"
            )
            for i in range(COUNT)
        ]
    )


def fill_oversight(tx: Transaction, id_: str, time: int, *, odd: bool) -> None:
    tx.connections.insert(make.connection(f"x-{id_}", created_at=time))
    tx.alerts.insert(make.alert(f"l-{id_}", time=time, read_at=None if odd else time))
    tx.risk_locks.insert(make.lock(f"k-{id_}", from_ms=time, until_ms=time + HOUR))
    tx.receipts.insert(make.receipt(f"r-{id_}", requested_at=time))
    tx.reconciliations.insert(make.difference(f"d-{id_}", time=time))
    tx.transfers.insert(make.transfer(f"m-{id_}", time=time))


@pytest.fixture
def listed(database: Database) -> Database:
    with database.transaction() as tx:
        fill_lists(tx)
    return database


def pages(listing: Callable[..., Page[Any]], sort: str, limit: int) -> list[Any]:
    items: list[Any] = []
    cursor = None
    while True:
        page = listing(sort=sort, cursor=cursor, limit=limit)
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            return items
        assert len(page.items) == limit


class ListSuite:
    """Pages, filters, summaries; needs a fixture `database`."""

    @pytest.mark.parametrize(("name", "key"), SORTS)
    def test_pages_join_to_the_whole_list_in_order(
        self, listed: Database, name: str, key: str
    ) -> None:
        with listed.reading() as tx:
            listing = getattr(tx, name).page
            whole = listing(sort=key, limit=1000).items
            assert len(whole) >= COUNT
            for limit in (1, 4, len(whole)):
                assert pages(listing, key, limit) == list(whole)
                assert pages(listing, f"-{key}", limit) == list(whole)[::-1]
            shown = [getattr(item, key, None) for item in whole]
            if None not in shown:
                assert shown == sorted(shown)

    def test_configurations_without_a_metric_sort_below_all(self, listed: Database) -> None:
        with listed.reading() as tx:
            items = tx.configurations.page(sort="-sharpe").items
        values = [c.metrics["sharpe"] for c in items]
        defined = [v for v in values if v is not None]
        assert values == sorted(defined, reverse=True) + [None] * (len(values) - len(defined))

    @pytest.mark.parametrize(("name", "wanted", "count"), FILTERS)
    def test_filters_leave_what_was_asked_for(
        self, listed: Database, name: str, wanted: dict[str, Any], count: int
    ) -> None:
        with listed.reading() as tx:
            page = getattr(tx, name).page(**wanted, limit=1000)
        assert len(page.items) == count
        assert page.next_cursor is None

    def test_rows_added_meanwhile_repeat_nothing(self, listed: Database) -> None:
        with listed.reading() as tx:
            first = tx.trades.page(limit=5)
        with listed.transaction() as tx:
            tx.trades.insert(make.trade("t-new", exit_time=make.T0 + 99 * HOUR))
        with listed.reading() as tx:
            rest = tx.trades.page(limit=50, cursor=first.next_cursor)
        ids = [t.id for t in first.items + rest.items]
        assert len(ids) == len(set(ids)) == COUNT

    @pytest.mark.parametrize(
        ("code", "asked"),
        [
            ("unknown_sort", {"sort": "price"}),
            ("bad_limit", {"limit": 0}),
            ("bad_limit", {"limit": 1001}),
            ("bad_cursor", {"cursor": "not a cursor"}),
            ("bad_cursor", {"cursor": "bm90IGpzb24"}),
            ("bad_cursor", {"cursor": "WyItZXhpdF90aW1lIixudWxsLG51bGxd"}),
            ("bad_cursor", {"cursor": "WyJwbmwiLDEsIngiXQ"}),
        ],
    )
    def test_a_wrong_request_is_named(
        self, listed: Database, code: str, asked: dict[str, Any]
    ) -> None:
        with pytest.raises(UsageError) as caught, listed.reading() as tx:
            tx.trades.page(**asked)
        assert caught.value.code == code

    def test_the_summary_counts_and_names_the_best(self, listed: Database) -> None:
        with listed.reading() as tx:
            summary = tx.configurations.summary()
            best = tx.configurations.page(sort="-sharpe", limit=1).items[0]
        assert (summary.total, summary.active) == (COUNT + 1, 1)
        assert summary.by_stage == {"DISCOVERY": 7, "MATURE": 5}
        assert summary.by_pair == {"BTC/USDT": 9, "ETH/USDT": 3}
        assert summary.by_strategy == {"ema_cross": 12}
        assert summary.by_exchange == {"binance": 12}
        assert summary.best == best
        assert best.id == "c1"

    def test_performance_is_exact_and_beside_its_backtest(self, database: Database) -> None:
        with database.transaction() as tx:
            make.write_owners(tx)
            tx.configurations.insert(make.configuration("c2", metrics={}, created_at=make.T0 - 1))
            tx.trades.insert_many([
                make.trade("t1", pnl=D("0.1")), make.trade("t2", pnl=D("0.2")),
                make.trade("t3", pnl=D("-0.4")), make.trade("t4", feed=Feed.LIVE, pnl=D(0)),
            ])  # fmt: skip
        with database.reading() as tx:
            page = tx.performance.page(strategy_name="ema_cross")
            assert tx.performance.of_configuration(tx.configurations.get("c2")) == page.items[2:]
        live, replayed, untraded = page.items
        assert (replayed.trade_count, replayed.win_rate) == (3, 2 / 3)
        assert (replayed.total_pnl, replayed.feed) == (D("-0.1"), Feed.REPLAY)
        assert replayed.backtest == {"win_rate": 0.5, "sharpe": 1.25, "max_drawdown": -0.125}
        assert replayed.gap == pytest.approx(2 / 3 - 0.5, rel=1e-15)
        assert (live.trade_count, live.win_rate, live.avg_pnl, live.gap) == (1, 0.0, D(0), -0.5)
        assert (untraded.configuration_id, untraded.mode, untraded.feed) == ("c2", None, None)
        assert (untraded.trade_count, untraded.win_rate, untraded.gap) == (0, None, None)

    def test_performance_of_a_time_counts_what_closed_in_it(self, database: Database) -> None:
        with database.transaction() as tx:
            make.write_owners(tx)
            tx.trades.insert_many([
                make.trade("t1", exit_time=make.T0 + 5, pnl=D(1)),
                make.trade("t2", exit_time=make.T0 + 9, pnl=D(2)),
            ])  # fmt: skip
        cases = ((None, None, 3), (5, 9, 1), (6, None, 2), (10, None, 0), (None, 5, 0))
        for since, until, pnl in cases:
            with database.reading() as tx:
                page = tx.performance.page(
                    since_ms=None if since is None else make.T0 + since,
                    until_ms=None if until is None else make.T0 + until,
                )
            assert sum(row.total_pnl for row in page.items) == D(pnl), (since, until)

    def test_the_view_has_its_eight_columns(self, database: Database) -> None:
        with database.transaction() as tx:
            make.write_owners(tx)
            tx.configurations.insert(make.configuration("c2", lifecycle_stage=Stage.MATURE))
            tx.trades.insert_many([
                make.trade("t1", pnl=D("1.5")), make.trade("t2", pnl=D("-0.5")),
                make.trade("t3", configuration_id="c2", pnl=D(2)),
            ])  # fmt: skip
        with database.reading() as tx:
            query = sa.text("SELECT * FROM strategy_live_performance ORDER BY lifecycle_stage")
            rows = [dict(row) for row in tx.connection.execute(query).mappings()]
        first = {
            "strategy_name": "ema_cross", "exchange": "binance", "pair": "BTC/USDT",
            "trade_count": 2, "win_rate": 0.5, "total_pnl": 1, "avg_pnl": 0.5,
            "lifecycle_stage": "DISCOVERY",
        }  # fmt: skip
        assert rows[0] == first
        assert list(rows[0]) == list(first)
        assert rows[1] == first | {
            "trade_count": 1, "win_rate": 1, "total_pnl": 2, "avg_pnl": 2,
            "lifecycle_stage": "MATURE",
        }  # fmt: skip
