"""Records for the storage tests: plausible ones, each field settable."""

from __future__ import annotations

import dataclasses
import hashlib
from decimal import Decimal
from typing import Any, TypeVar

from tradepulse.domain.alert import Alert
from tradepulse.domain.configuration import Configuration, Evidence, Trial
from tradepulse.domain.connection import Connection
from tradepulse.domain.event import LogLine, NewEvent
from tradepulse.domain.instrument import Instrument, Market, Pair
from tradepulse.domain.job import Job, JobState
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
from tradepulse.domain.manual_command import CommandState, ManualAction, ManualCommand
from tradepulse.domain.market_terms import LeverageTier, MarketTerms
from tradepulse.domain.reconciliation import Reconciliation, Transfer
from tradepulse.domain.risk_record import KillReceipt, RiskLock, RiskStateRecord
from tradepulse.storage.transaction import Transaction

T0 = 1_700_000_000_000
D = Decimal
R = TypeVar("R")


def _with(record: R, changes: dict[str, Any]) -> R:
    return dataclasses.replace(record, **changes)  # type: ignore[type-var]


def configuration(id_: str = "c1", **changes: Any) -> Configuration:
    return _with(
        Configuration(
            id=id_,
            strategy_name="ema_cross",
            parameters={"fast": 10, "slow": 50, "x": 0.1},
            exchange="binance",
            pair="BTC/USDT",
            interval="1h",
            rules={"market": "spot", "taker_fee_bps": 10, "tick": None},
            graph={"nodes": [{"op": "ema", "args": [1e-7, -0.0, 3]}]},
            lifecycle_stage=Stage.DISCOVERY,
            metrics={"sharpe": 1.25, "win_rate": 0.5, "max_drawdown": -0.125, "calmar": None},
            evidence=(Evidence("trades", 30, 41.0, True), Evidence("dsr", None, None, False)),
            trials=1000,
            data_fingerprint="f" * 64,
            data_range=(T0, T0 + 10**9),
            configuration_hash=hashlib.sha256(id_.encode()).hexdigest(),
            code_version="0.1.0+abc",
            created_at=T0,
        ),
        changes,
    )


def wallet(id_: str = "w1", **changes: Any) -> Wallet:
    return _with(Wallet(id_, "Paper", "USDT", D(10_000), Mode.PAPER, T0), changes)


def activation(id_: str = "a1", **changes: Any) -> Activation:
    return _with(
        Activation(
            id=id_, configuration_id="c1", wallet_id="w1", mode=Mode.PAPER, feed=Feed.REPLAY,
            state=ActivationState.STARTING, allotment=D(1_000), session_start=None, last_bar=None,
            code_version="0.1.0", created_at=T0,
        ),
        changes,
    )  # fmt: skip


def signal(id_: str = "s1", **changes: Any) -> SignalRecord:
    return _with(
        SignalRecord(
            id_, "a1", "c1", T0, "enter_long", D("37123.45"), "traded", None, {"stop": "12.5"}
        ),
        changes,
    )


def order(id_: str = "o1", **changes: Any) -> OrderRecord:
    return _with(
        OrderRecord(
            id=id_, client_order_id=f"tp-{id_}", activation_id="a1", configuration_id="c1",
            wallet_id="w1", mode=Mode.PAPER, pair="BTC/USDT", kind="market", role="entry",
            side="buy", quantity=D("0.12345678"), price=None, filled=D(0),
            state=OrderState.INTENDED, reason=None, oco_group=None, created_at=T0, updated_at=T0,
            code_version="0.1.0",
        ),
        changes,
    )  # fmt: skip


def fill(id_: str = "f1", **changes: Any) -> FillRecord:
    return _with(
        FillRecord(
            id=id_, order_id="o1", activation_id="a1", configuration_id="c1", wallet_id="w1",
            pair="BTC/USDT", side="buy", price=D("37123.450000000001"), quantity=D("0.1"),
            fee=D("0.000000000001"), liquidity="taker", time=T0, code_version="0.1.0",
        ),
        changes,
    )  # fmt: skip


def position(id_: str = "p1", **changes: Any) -> PositionRecord:
    return _with(
        PositionRecord(
            id_, "a1", "c1", "w1", "BTC/USDT", Side.SHORT, D("1.5"), D("37000.1"), T0,
            stop=D("38000"), target=None, updated_at=T0,
        ),
        changes,
    )  # fmt: skip


def trade(id_: str = "t1", **changes: Any) -> TradeRecord:
    return _with(
        TradeRecord(
            id=id_, configuration_id="c1", activation_id="a1", wallet_id="w1", mode=Mode.PAPER,
            feed=Feed.REPLAY, pair="BTC/USDT", side=Side.LONG, entry_time=T0, entry_price=D("100"),
            quantity=D("2"), exit_time=T0 + 3_600_000, exit_price=D("101.5"),
            exit_reason=ExitReason.TARGET, fees=D("0.403"), funding=D(0), pnl=D("2.597"),
            pnl_pct=D("1.2985"), mae_pct=D("-0.5"), mfe_pct=D("1.6"), bars_held=1, tag=None,
            code_version="0.1.0",
        ),
        changes,
    )  # fmt: skip


def point(time: int = T0, **changes: Any) -> PortfolioPoint:
    return _with(
        PortfolioPoint(
            "w1", "a1", "c1", time, D("10000.000000000001"), D(9000), D("-3.5"), D("0.01"), "0.1.0"
        ),
        changes,
    )


def job(id_: str = "j1", **changes: Any) -> Job:
    return _with(
        Job(id_, "sweep", JobState.QUEUED, {"strategy": "ema_cross"}, {"done": 0}, T0), changes
    )


def trial(number: int = 0, **changes: Any) -> Trial:
    return _with(
        Trial(
            "j1", number, "ema_cross", "binance", "BTC/USDT", "1h", {"fast": number + 1},
            f"hash{number}", "f" * 64, {"sharpe": None}, b"\x00\x01\xff", "r" * 64,
        ),
        changes,
    )  # fmt: skip


def log_line(**changes: Any) -> LogLine:
    return _with(LogLine(T0, "info", "activation started", "c1", None, {"bars": 3}), changes)


def event(type_: str = "order.created", **changes: Any) -> NewEvent:
    return _with(NewEvent(T0, type_, "order", "o1", {"state": "INTENDED"}), changes)


def connection(id_: str = "x1", **changes: Any) -> Connection:
    return _with(
        Connection(
            id_, f"desk {id_}", "binance", Market.SPOT, Mode.TESTNET, "cdef", T0,
            base_url="http://127.0.0.1:8731",
        ),
        changes,
    )  # fmt: skip


def alert(id_: str = "l1", **changes: Any) -> Alert:
    return _with(
        Alert(id_, T0, "warning", "feed_stale", "no bar", "activation", "a1", {"age_ms": 7}),
        changes,
    )


def risk_state(wallet_id: str = "w1", **changes: Any) -> RiskStateRecord:
    latches = {"latches": [{"code": "daily_loss", "until_ms": T0 + 5}]}
    return _with(RiskStateRecord(wallet_id, "REDUCING", "daily_loss", T0, latches), changes)


def lock(id_: str = "k1", **changes: Any) -> RiskLock:
    return _with(
        RiskLock(id_, "w1", "a1", "BTC/USDT", "cool_down", "a stop", T0, T0 + 100), changes
    )


def receipt(id_: str = "r1", **changes: Any) -> KillReceipt:
    return _with(
        KillReceipt(
            id_, None, T0, None, "drill", "cli", 3, 1, 0, 0, True, {"w1": {"cancelled": 3}}
        ),
        changes,
    )


def difference(id_: str = "d1", **changes: Any) -> Reconciliation:
    return _with(
        Reconciliation(id_, "w1", T0, "fill", "o1", "0", "0.5", "booked", {"trade_id": "77"}),
        changes,
    )


def transfer(id_: str = "m1", **changes: Any) -> Transfer:
    return _with(Transfer(id_, "w1", T0, "USDT", D("-0.1"), "withdrawal"), changes)


def terms(pair: str = "BTC/USDT:USDT", **changes: Any) -> MarketTerms:
    tiers = (LeverageTier(D(50_000), D(125), D("0.004")),
             LeverageTier(D(600_000), D(100), D("0.005"), D(50)))  # fmt: skip
    instrument = Instrument("binance", Pair.parse(pair), D("0.10"), D("0.001"), D(100))
    return _with(
        MarketTerms(
            instrument, "BTCUSDT", D("0.001"), D(1000), None, None, D(5), D("2.0"), D(125), tiers,
            native_oco=False, trading=True, fetched_at=T0,
        ),
        changes,
    )  # fmt: skip


def command(id_: str = "m1", **changes: Any) -> ManualCommand:
    return _with(
        ManualCommand(
            id_, "a1", "w1", ManualAction.CLOSE, CommandState.WAITING, {"position_id": "p1"},
            "me", T0,
        ),
        changes,
    )  # fmt: skip


def write_owners(tx: Transaction) -> None:
    """The rows that a ledger row must name: configuration c1, wallet w1, activation a1, job j1."""
    tx.configurations.insert(configuration())
    tx.wallets.insert(wallet())
    tx.activations.insert(activation())
    tx.jobs.insert(job())
