"""What a configuration did on live feeds: its trades, its days, and the kernel's run beside them.

Only activations on the feed `live` count. A replay runs over history, and history was there when
the configuration was found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tradepulse.domain.bars import Floats, Times
from tradepulse.domain.configuration import Configuration
from tradepulse.domain.interval import DAY_MS, Interval
from tradepulse.domain.ledger import Activation, PortfolioPoint, SignalRecord
from tradepulse.domain.lifecycle import Feed
from tradepulse.engine.feed import StoredBars
from tradepulse.engine.parity import TwoRuns, both_runs
from tradepulse.marketdata.store import BarStore
from tradepulse.simulation.rules import Rules
from tradepulse.storage.database import Database
from tradepulse.storage.hands_in import hands_in
from tradepulse.storage.journal import DatabaseJournal
from tradepulse.storage.measuring import modelled_slippage_bps
from tradepulse.training.lifecycle.rounds import (
    Matching,
    Round,
    Slippage,
    match,
    on_bars,
    rounds_of_ledger,
    rounds_of_run,
    slippage,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class LiveRecord:
    """Live results by time: `trades` in order of exit, net `daily_returns` of the days it ran,
    `day_numbers` (UTC days since 1970). Trades that people made or left are not among `trades`.

    `signal_match` and `slippage` against the kernel over the same bars; None before any bar.
    """

    trades: tuple[Round, ...]
    day_numbers: Times
    daily_returns: Floats
    signal_match: float | None
    slippage: Slippage | None

    @property
    def days(self) -> int:
        return len(self.daily_returns)

    @property
    def trade_returns(self) -> Floats:
        """Net results over the notional at entry."""
        return np.array([trade.on_notional for trade in self.trades])

    @property
    def last_exit(self) -> int | None:
        return self.trades[-1].exit_time if self.trades else None


def on_live_feed(activation: Activation) -> bool:
    """Whether what the activation did is live evidence."""
    return activation.feed is Feed.LIVE


def live_record(
    database: Database, store: BarStore, configuration: Configuration,
    counts: Callable[[Activation], bool] = on_live_feed,
) -> LiveRecord:  # fmt: skip
    """The configuration's live results over all its activations that count.

    Errors: those of `both_runs`; `history_changed` where bars that were traded on are gone.
    """
    with database.reading() as tx:
        every = tx.activations.of_configuration(configuration.id)
        ran = [a for a in every if a.last_bar is not None and counts(a)]
        points = [(a, tx.portfolio.of_activation(a.id)) for a in ran]
    journal, feed = DatabaseJournal(database), StoredBars(store)
    interval = Interval.parse(configuration.interval)
    matched = []
    for activation in ran:
        runs = both_runs(journal, feed, activation.id)
        people = _by_people(runs, journal.signals(activation.id))
        own = [t for t in runs.trades if t.id not in people]
        found = rounds_of_ledger(own)
        theirs = [t for t in runs.trades if t.id in people]
        taken = {(r.side, r.entry_time) for r in on_bars(rounds_of_ledger(theirs), interval)}
        expected = [r for r in rounds_of_run(runs.kernel) if (r.side, r.entry_time) not in taken]
        matched.append((match(expected, on_bars(found, interval)), found))
    together = _together([matching for matching, _ in matched])
    trades = sorted((t for _, found in matched for t in found), key=lambda t: t.exit_time)
    modelled = modelled_slippage_bps(Rules.from_json(configuration.rules))
    days, returns = daily_returns_of(points)
    return LiveRecord(
        tuple(trades), days, returns,
        together.share if ran else None,
        slippage(together.pairs, modelled) if ran else None,
    )  # fmt: skip


def daily_returns_of(
    points: Sequence[tuple[Activation, Sequence[PortfolioPoint]]],
) -> tuple[Times, Floats]:
    """(UTC days on which something ran, the return of each: the mean over what did).

    A point at midnight closes the day before it. An activation's first day starts at its
    allotment.
    """
    by_day: dict[int, list[float]] = {}
    for activation, taken in points:
        closing = {(point.time - 1) // DAY_MS: float(point.equity) for point in taken}
        before = float(activation.allotment)
        for day, equity in sorted(closing.items()):
            by_day.setdefault(day, []).append(equity / before - 1.0 if before > 0.0 else 0.0)
            before = equity
    days = np.array(sorted(by_day), np.int64)
    return days, np.array([float(np.mean(by_day[day])) for day in days.tolist()])


def _by_people(runs: TwoRuns, signals: Sequence[SignalRecord]) -> set[str]:
    """The trades that people made or left: no evidence of the strategy. The kernel was told of
    them, so they are in both runs."""
    hands = hands_in(runs.trades, runs.position, signals)
    return {trade.id for trade in runs.trades if trade.id in hands.made or trade.id in hands.left}


def _together(matchings: Sequence[Matching]) -> Matching:
    return Matching(
        tuple(pair for m in matchings for pair in m.pairs),
        tuple(trade for m in matchings for trade in m.missed),
        tuple(trade for m in matchings for trade in m.extra),
    )
