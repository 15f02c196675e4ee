"""What the engine needs from the world: bars that have closed, and a journal that forgets
nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.configuration import Configuration
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
    """The rows of one commit: all of it is written, or nothing."""

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


class Intervention(NamedTuple):
    """What changed an activation's course and is no function of its bars, at the bar it came after.

    `action`: `refuse` (an entry, by the wallet rule `reason`), `flatten`, or `drop_entry` (the
    entry under way alone).
    """

    bar_time: int
    action: str
    reason: str


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

    def start_session(self, activation_id: str, session_start: int) -> None:
        """Note the open time of its first bar, before that bar is processed."""
        ...

    def set_state(
        self, activation_id: str, state: ActivationState, now_ms: int, fault: str | None = None
    ) -> None:
        """Note its state, with the event of it."""
        ...

    def commit(self, batch: Batch) -> None:
        """Write a batch in one transaction."""
        ...
