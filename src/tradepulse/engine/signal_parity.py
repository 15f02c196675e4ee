"""Parity at a venue: what an activation was told on each bar, against its graph over the kept bars.

Fills are the venue's, so trades need not be the kernel's. The signals must be: they are a function
of the bars alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.ledger import SignalRecord
from tradepulse.engine.member import program_of, rules_of
from tradepulse.engine.parity import Divergence, run_history
from tradepulse.engine.ports import BarFeed, Journal
from tradepulse.marketdata.funding_column import with_inputs
from tradepulse.signals.output import SignalBlock
from tradepulse.signals.program import required_columns

_ENTRIES = frozenset({"enter_long", "enter_short"})
_FLAGS = _ENTRIES | {"exit_long", "exit_short"}
_LEVELS = ("stop", "target", "trail", "stop_price", "target_price", "max_bars", "strength")
_SAME = 1e-9


def signal_divergence(journal: Journal, feed: BarFeed, activation_id: str) -> Divergence | None:
    """The first recorded signal that the graph does not give over the kept bars, or that it gives
    and nobody recorded; None while they agree.

    Entries: recorded where the flag is set, and wherever it rises. Exits: recorded where the flag
    is set; where nothing was held none is. Errors: `activation_not_found`, `not_started`,
    `history_changed`, those of the graph.
    """
    run = journal.load(activation_id)
    bars, funding = run_history(feed, run)
    last = int(bars.open_time[-1])
    program = program_of(run)
    block = program.advance(with_inputs(bars, required_columns(program.graph), funding))
    # What is committed with a bar is there once the bar is.
    recorded = [row for row in journal.signals(activation_id) if row.bar_time <= last]
    rules = rules_of(run)
    shorts = rules.allow_short and rules.is_perpetual
    sides = ("enter_long", "enter_short") if shorts else ("enter_long",)
    found = [*_wrong(block, bars, recorded), *_missing(block, bars, recorded, sides)]
    return min(found, key=lambda one: one.time, default=None)


def _wrong(
    block: SignalBlock, bars: BarSeries, recorded: Sequence[SignalRecord]
) -> Iterator[Divergence]:
    """Recorded signals that the graph does not give, or gives with other levels."""
    for row in recorded:
        flag = row.action
        if flag not in _FLAGS:
            continue  # a person's command
        place = int(np.searchsorted(bars.open_time, row.bar_time))
        if place >= len(bars) or int(bars.open_time[place]) != row.bar_time:
            yield Divergence("signal", place, row.bar_time, "bar", "a kept bar", "none")
        elif not getattr(block, flag)[place]:
            yield Divergence("signal", place, row.bar_time, flag, "not given", "recorded")
        else:
            yield from _other_values(block, bars, row, place)


def _other_values(
    block: SignalBlock, bars: BarSeries, row: SignalRecord, place: int
) -> Iterator[Divergence]:
    close = float(bars.close[place])
    if not math.isclose(close, float(row.close), rel_tol=_SAME):
        yield Divergence("signal", place, row.bar_time, "close", repr(close), str(row.close))
    if row.action not in _ENTRIES:
        return
    for name in _LEVELS:
        column = getattr(block, name)
        wanted = math.nan if column is None else float(column[place])
        found = float(row.values.get(name, math.nan))
        unset = not math.isfinite(wanted) and not math.isfinite(found)
        # Strength is full where the graph says nothing of it.
        if column is None or unset or math.isclose(wanted, found, rel_tol=_SAME, abs_tol=1e-12):
            continue
        yield Divergence("signal", place, row.bar_time, name, repr(wanted), repr(found))


def _missing(
    block: SignalBlock, bars: BarSeries, recorded: Sequence[SignalRecord], sides: Sequence[str]
) -> Iterator[Divergence]:
    """Entries that rise and that nobody recorded."""
    for side in sides:
        flags = np.asarray(getattr(block, side), dtype=bool)
        rises = flags & ~np.concatenate(([False], flags[:-1]))
        told = {row.bar_time for row in recorded if row.action == side}
        for place in np.flatnonzero(rises).tolist():
            time = int(bars.open_time[place])
            if time not in told:
                yield Divergence("signal", place, time, side, "given", "not recorded")
