"""What the engine needs from the world: bars that have closed, and a journal that forgets
nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, Protocol

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.configuration import Configuration, Json
from tradepulse.domain.event import LogLine, NewEvent
from tradepulse.domain.funding import FundingSeries
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
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.domain.manual_command import ManualAnswer, ManualCommand
from tradepulse.domain.risk_record import RiskLock, RiskStateRecord
from tradepulse.execution.oversight import Standing

# The journal's trouble, not the activations': the same batch is tried again as long as it takes.
AWAY = frozenset({"database_unavailable", "disk_full", "read_only", "database_corrupt"})
# The exchange's trouble: what was to begin begins when it is over.
UNREACHABLE = frozenset({"exchange_unavailable", "rate_limited", "maintenance", "banned"})


class Source(NamedTuple):
    """Where an activation's bars come from."""

    exchange: str
    pair: str
    interval: str


class BarFeed(Protocol):
    """Closed bars, oldest first. A bar, once given, is stored and never changes."""

    def closed_bars(self, source: Source, after_ms: int | None, limit: int) -> BarSeries:
        """At most `limit` bars whose open time is above `after_ms` (None: from the first); perhaps
        none yet."""
        ...

    def history(self, source: Source, start_ms: int, end_ms: int) -> BarSeries:
        """All bars that open in [start_ms, end_ms), however fast the feed goes otherwise."""
        ...

    def newest(self, source: Source, count: int) -> BarSeries:
        """The last `count` closed bars, fewer if there are fewer."""
        ...

    def funding(self, source: Source, start_ms: int) -> FundingSeries:
        """Settlements from `start_ms` on, as far as they are known. Error `funding_not_found`."""
        ...

    def wait(self, seconds: float) -> None:
        """Come back when new bars may be there, after `seconds` at the latest."""
        ...


@dataclass(frozen=True)
class Running:
    """An activation with what it runs and the wallet it runs on."""

    activation: Activation
    configuration: Configuration
    wallet: Wallet

    @property
    def source(self) -> Source:
        return Source(
            self.configuration.exchange, self.configuration.pair, self.configuration.interval
        )


@dataclass(frozen=True)
class Batch:
    """The rows of one commit: all of it is written, or nothing. `corrected`: trades that are there
    already, with what the venue told of them late. `answers`: to commands by hand, with what they
    led to."""

    signals: Sequence[SignalRecord] = ()
    orders: Sequence[OrderRecord] = ()
    fills: Sequence[FillRecord] = ()
    trades: Sequence[TradeRecord] = ()
    positions: Sequence[PositionRecord] = ()
    positions_gone: Sequence[str] = ()
    points: Sequence[PortfolioPoint] = ()
    events: Sequence[NewEvent] = ()
    logs: Sequence[LogLine] = ()
    last_bars: Mapping[str, int] = field(default_factory=dict)
    corrected: Sequence[TradeRecord] = ()
    answers: Sequence[ManualAnswer] = ()


class Intervention(NamedTuple):
    """What changed an activation's course and is no function of its bars, at the bar it came after.

    `action`: `refuse` (an entry, by the wallet rule `reason`), `flatten`, `drop_entry` (the entry
    under way alone), or one by hand (`execution.by_hand.ACTIONS`): then `told` is its record, and
    its `place` the order in which they were done.
    """

    bar_time: int
    action: str
    reason: str
    told: Json | None = None


@dataclass(frozen=True)
class OpenBook:
    """What an engine must know of an activation at a venue to go on with it.

    `orders`, oldest first: those that are not over, and every one from the entry of the last trade
    on (or of the open position, before the first trade): its exits and legs, so that a late word of
    the venue finds its order. `fills`: of those orders, by time. `realised`: the sum of its trades'
    pnl. `net_base`: base units bought less sold less kept as fee, over all its fills ever.
    `peak_equity`: the highest equity noted, None before the first point. `last_trade`: the one that
    closed last. `settled`: when the last settlements that are booked were, market time.
    """

    orders: tuple[OrderRecord, ...]
    fills: tuple[FillRecord, ...]
    position: PositionRecord | None
    realised: Decimal
    net_base: Decimal
    peak_equity: Decimal | None
    trade_count: int
    last_trade: TradeRecord | None
    settled: tuple[int, ...]


class Journal(Protocol):
    """The durable side of the engine. Ids are deterministic: a row written twice is an error
    (`already_exists`), because it means that something was done twice."""

    def load(self, activation_id: str) -> Running:
        """Error `activation_not_found`."""
        ...

    def running(self) -> tuple[Running, ...]:
        """Every activation that is neither STOPPED nor FAULTED, oldest first."""
        ...

    def wants_flatten(self, activation_id: str) -> bool:
        """Whether the wish that made it drain asked to leave at once."""
        ...

    def interventions(self, activation_id: str) -> tuple[Intervention, ...]:
        """What a replay must be told, by bar."""
        ...

    def signals(self, activation_id: str) -> tuple[SignalRecord, ...]:
        """Its signals by bar."""
        ...

    def trades(self, activation_id: str) -> tuple[TradeRecord, ...]:
        """Its trades in the order they were closed."""
        ...

    def position(self, activation_id: str) -> PositionRecord | None:
        """Its open position."""
        ...

    def open_book(self, activation_id: str) -> OpenBook:
        """Its orders and position as one moment of the ledger has them, and its running sums."""
        ...

    def known_fills(self, wallet_id: str, since_ms: int) -> frozenset[str]:
        """The venue's trade ids of the wallet's fills from `since_ms` on."""
        ...

    def commands_waiting(self, activation_id: str | None = None) -> tuple[ManualCommand, ...]:
        """What people want done by hand and nobody has answered, oldest first; None: of any
        activation. A batch with its answer takes one from here."""
        ...

    def start_session(self, activation_id: str, session_start: int) -> None:
        """Note the open time of its first bar, before that bar is processed."""
        ...

    def set_state(
        self, activation_id: str, state: ActivationState, now_ms: int, fault: str | None = None
    ) -> None:
        """Note its state, with the event of it."""
        ...

    def block(self, activation_id: str, code: str, now_ms: int) -> None:
        """Note that it takes no entries, and why, with the event of it: a restart finds it so."""
        ...

    def commit(self, batch: Batch) -> None:
        """Write a batch in one transaction. Error `lease_lost` (FailedError), and nothing written,
        when another engine has taken one of its activations."""
        ...


class LockLedger(Protocol):
    """The rows of a wallet's pauses, and the trades that pauses follow from."""

    def locks(self, wallet_id: str, now_ms: int) -> tuple[RiskLock, ...]:
        """Those whose time is not over at `now_ms`, released ones among them."""
        ...

    def keep_locks(self, locks: Sequence[RiskLock], events: Sequence[NewEvent]) -> None:
        """Writes those that are not there yet, with their events."""
        ...

    def closed_trades(self, wallet_id: str, since_ms: int) -> tuple[TradeRecord, ...]:
        """The wallet's trades that closed from `since_ms` on, oldest first."""
        ...


class RiskLedger(LockLedger, Protocol):
    """Where a wallet's trading state outlives a restart, and where a person changes it."""

    def load(self, wallet_id: str) -> RiskStateRecord | None:
        """The state as it was last written, None for a wallet that never had another than
        ACTIVE."""
        ...

    def save(self, record: RiskStateRecord, events: Sequence[NewEvent]) -> RiskStateRecord:
        """The record as kept now, with its events. Error `risk_state_changed`: somebody wrote
        between, load it again."""
        ...

    def realised(self, wallet_id: str, besides: Sequence[str]) -> Decimal:
        """What the wallet's activations but those have made, in all their closed trades."""
        ...

    def standing(self, activation_id: str) -> Standing:
        """What the activation has shown."""
        ...
