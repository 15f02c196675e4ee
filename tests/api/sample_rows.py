"""A ledger's worth of rows, as the engine would leave them, for the API to show."""

from __future__ import annotations

import math
from decimal import Decimal
from uuid import UUID

from tradepulse.domain.configuration import Configuration, Evidence
from tradepulse.domain.event import LogLine, NewEvent
from tradepulse.domain.ledger import (
    Activation,
    FillRecord,
    OrderRecord,
    PortfolioPoint,
    PositionRecord,
    SignalRecord,
    TradeRecord,
    Wallet,
)
from tradepulse.domain.lifecycle import (
    ActivationState,
    ExitReason,
    Feed,
    Mode,
    OrderState,
    Side,
    Stage,
)
from tradepulse.storage.database import Database
from tradepulse.storage.transaction import Transaction
from tradepulse.strategies.ema_cross import EmaCross

HOUR = 3_600_000
NOW = 1_748_961_004_000  # 2025-06-03 14:30:04 UTC
START = NOW - NOW % HOUR - 240 * HOUR
CODE = "0.1.0"


def name(kind: int, number: int) -> str:
    """A readable, fixed UUID."""
    return str(UUID(int=kind << 96 | number))


CONFIGURATIONS = [name(1, n) for n in range(1, 7)]
WALLET = name(2, 1)
RUNNING, LEAVING, FAULTED = (name(3, n) for n in (1, 2, 3))

_PLAN = [
    ("ema_cross", "binance", "BTC/USDT", "1h", Stage.VALIDATION, 0.92, 0.213,
     {"fast": 12, "slow": 48}),
    ("volume_breakout", "binance", "ETH/USDT", "1h", Stage.DISCOVERY, 0.61, 0.318,
     {"range_bars": 48, "surge": 2.0, "trail_bars": 34, "stop_atr": 2.0}),
    ("htf_sweep", "kraken", "SOL/USDT", "15m", Stage.DISCOVERY, -0.14, 0.402, {"bars": 4}),
    ("ema_cross", "kraken", "LTC/USDT", "4h", Stage.MATURE, 1.18, 0.121, {"fast": 20, "slow": 120}),
    ("volume_breakout", "binance", "ADA/USDT", "1h", Stage.WATCH, 0.35, 0.377,
     {"range_bars": 24, "surge": 1.6}),
    ("ema_cross", "bitstamp", "XRP/USDT", "1d", Stage.RETIRED, None, 0.61, {"fast": 5, "slow": 20}),
]  # fmt: skip


def fill(database: Database) -> None:
    """Write everything: configurations, a wallet, three activations and what they did."""
    with database.transaction() as tx:
        tx.configurations.insert_many(configurations())
        tx.wallets.insert(Wallet(WALLET, "Paper desk", "USDT", Decimal(30000), Mode.PAPER, START))
        tx.activations.insert_many(_activations())
        _add_trading(tx)


def configurations() -> list[Configuration]:
    """Six configurations, one of each stage but DECAYED and two of DISCOVERY."""
    return [_configuration(number, *plan) for number, plan in enumerate(_PLAN)]


def _configuration(
    number: int, strategy: str, exchange: str, pair: str, interval: str, stage: Stage,
    sharpe: float | None, drawdown: float, parameters: dict[str, object],
) -> Configuration:  # fmt: skip
    metrics = {
        "sharpe": sharpe, "max_drawdown": drawdown, "trade_count": 57 + number, "win_rate": 0.41,
        "profit_factor": 1.31, "total_return": None if sharpe is None else sharpe * 0.8,
        "cagr": None,
    }  # fmt: skip
    return Configuration(
        id=CONFIGURATIONS[number], strategy_name=strategy, parameters=parameters,
        exchange=exchange, pair=pair, interval=interval,
        rules={"market": "spot", "initial_cash": 10000.0, "taker_fee_bps": 10.0},
        graph=EmaCross().graph.to_json(), lifecycle_stage=stage, metrics=metrics,
        evidence=(Evidence("minimum_trades", 30.0, 57.0, True), Evidence("pbo", 0.5, None, False)),
        trials=1000, data_fingerprint="f" * 64, data_range=(START - 9000 * HOUR, START - HOUR),
        configuration_hash=f"{number:064d}", code_version=CODE, created_at=START + number,
    )  # fmt: skip


def _activations() -> list[Activation]:
    def made(number: int, state: ActivationState, feed: Feed, **more: object) -> Activation:
        return Activation(
            id=name(3, number), configuration_id=CONFIGURATIONS[number - 1], wallet_id=WALLET,
            mode=Mode.PAPER, feed=feed, state=state, allotment=Decimal(10000),
            session_start=START, last_bar=NOW - NOW % HOUR - HOUR, code_version=CODE,
            created_at=START + number, **more,  # type: ignore[arg-type]
        )  # fmt: skip

    return [
        made(1, ActivationState.RUNNING, Feed.LIVE),
        made(2, ActivationState.DRAINING, Feed.REPLAY),
        made(
            3, ActivationState.FAULTED, Feed.REPLAY, stopped_at=NOW - 30 * HOUR,
            fault="missing_funding: funding at 2025-06-02 08:00 is not known",
        ),
    ]  # fmt: skip


def _add_trading(tx: Transaction) -> None:
    for number in range(24):
        _add_trade(tx, number)
    for number in range(240):
        tx.portfolio.insert(_point(RUNNING, number, 0.0))
        tx.portfolio.insert(_point(LEAVING, number, 2.0))
    tx.positions.insert(
        PositionRecord(
            name(8, 1), RUNNING, CONFIGURATIONS[0], WALLET, "BTC/USDT", Side.LONG,
            Decimal("0.0943"), Decimal("105671.1"), NOW - 3 * HOUR, Decimal("103771.7"), None,
            NOW - HOUR,
        )
    )  # fmt: skip
    tx.positions.insert(
        PositionRecord(
            name(8, 2), LEAVING, CONFIGURATIONS[1], WALLET, "ETH/USDT", Side.SHORT,
            Decimal("3.81"), Decimal("2598.41"), NOW - 20 * HOUR, Decimal("2661.8"),
            Decimal("2440"), NOW - HOUR,
        )
    )  # fmt: skip
    for number, (level, message) in enumerate(_LOGS):
        time = NOW - (9 - number) * HOUR
        tx.logs.insert(LogLine(time, level, message, CONFIGURATIONS[0], None, {"n": number}))


_LOGS = [
    ("info", "Activated ema_cross on BTC/USDT 1h with 10,000 USDT"),
    ("info", "Warmed up over 192 bars"),
    ("warning", "Entry refused: under the minimum notional of 10 USDT"),
    ("info", "Closed 0.0912 BTC at 105402, signal, +4.30"),
    ("error", "Faulted htf_sweep on SOL/USDT: funding at 2025-06-02 08:00 is not known"),
    ("info", "Bought 0.0943 BTC at 105671.1"),
]


def _add_trade(tx: Transaction, number: int) -> None:
    pnl = Decimal("41.27") if number % 3 == 0 else Decimal("-18.054") + number
    entry, exit_ = START + number * 9 * HOUR, START + (number * 9 + 7) * HOUR
    activation = RUNNING if number % 2 == 0 else LEAVING
    configuration = CONFIGURATIONS[number % 2]
    pair = ("BTC/USDT", "ETH/USDT")[number % 2]
    entry_price = Decimal("104210.5") if pair.startswith("BTC") else Decimal("2571.33")
    quantity = Decimal("0.0912") if pair.startswith("BTC") else Decimal("3.81")
    signal = SignalRecord(
        name(4, number), activation, configuration, entry - HOUR,
        "enter_long" if number % 4 else "exit_long", entry_price,
        ("traded", "refused", "ignored")[number % 3],
        "min_notional" if number % 3 == 1 else None, {"strength": 1.0},
    )  # fmt: skip
    order = OrderRecord(
        name(5, number), f"tp{number:06d}", activation, configuration, WALLET, Mode.PAPER, pair,
        "market", "entry", "buy", quantity, None, quantity, OrderState.FILLED, None, None, entry,
        entry, CODE,
    )  # fmt: skip
    fill_ = FillRecord(
        name(6, number), order.id, activation, configuration, WALLET, pair, "buy", entry_price,
        quantity, Decimal("9.5"), "taker", entry, CODE,
    )  # fmt: skip
    trade = TradeRecord(
        name(7, number), configuration, activation, WALLET, Mode.PAPER,
        Feed.LIVE if number % 2 == 0 else Feed.REPLAY, pair, Side.LONG, entry, entry_price,
        quantity, exit_, entry_price + pnl, list(ExitReason)[number % 4], Decimal("18.9"),
        Decimal(0), pnl, (pnl / 100).quantize(Decimal("0.0001")), Decimal("-0.8"), Decimal("1.2"),
        7, "surge" if number % 5 == 0 else None, CODE,
    )  # fmt: skip
    tx.signals.insert(signal)
    tx.orders.insert(order)
    tx.fills.insert(fill_)
    tx.trades.insert(trade)
    tx.events.append(
        NewEvent(exit_, "trade.closed", "trade", trade.id, {"pair": pair, "pnl": str(pnl)})
    )


def _point(activation: str, number: int, phase: float) -> PortfolioPoint:
    worth = 10_000 + 4.1 * number + 260 * math.sin(number / 19 + phase) + 90 * math.sin(number / 3)
    equity = Decimal(str(round(worth, 4)))
    configuration = CONFIGURATIONS[0 if activation == RUNNING else 1]
    return PortfolioPoint(
        WALLET, activation, configuration, START + number * HOUR, equity, equity - 100,
        Decimal("100"), Decimal("0.0213"), CODE,
    )  # fmt: skip
