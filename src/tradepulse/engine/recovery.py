"""A restart: an activation's state is a function of its bars, so they are run again, without
effects.

Its own ledger then says whether they still are the bars it was made from.
"""

from __future__ import annotations

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError
from tradepulse.domain.ledger import PositionRecord, TradeRecord
from tradepulse.domain.money import money, to_decimal, to_text
from tradepulse.engine.clock import Drive, run_stretches
from tradepulse.engine.commands_by_hand import by_place, replayed
from tradepulse.engine.member import Member
from tradepulse.engine.ports import BarFeed, Intervention, Journal
from tradepulse.execution.by_hand import RECORDED
from tradepulse.execution.desk import DROP_ENTRY, FLATTEN
from tradepulse.execution.effects import TradeClosed
from tradepulse.execution.events import ByHand, Flatten
from tradepulse.execution.exchange import SimulatedExchange

# Bars at a time: the working memory of a restart, not its result, depends on it.
_CHUNK = 65_536
_COMMANDS = frozenset({FLATTEN, DROP_ENTRY, *RECORDED})


def recover(
    member: Member, drive: Drive, exchange: SimulatedExchange, feed: BarFeed, journal: Journal
) -> None:
    """Brings a member to where its ledger ends. Error `history_changed`: the stored bars no longer
    give the trades or the position that were recorded."""
    last_bar = member.run.activation.last_bar
    if last_bar is None:
        return
    commands = by_place(
        found for found in journal.interventions(member.id)
        if found.action in _COMMANDS and found.bar_time <= last_bar
    )  # fmt: skip
    past = feed.history(member.run.source, member.session_start or 0, last_bar + 1)
    if not len(past) or int(past.open_time[-1]) != last_bar:
        raise _changed(member, f"bars up to {last_bar}", "no such bar")
    closed: list[TradeClosed] = []
    done = 0
    for command in [*commands, None]:
        until = last_bar if command is None else command.bar_time
        stop = int(np.searchsorted(past.open_time, until, side="right"))
        _run(member, drive, exchange, feed, past.slice(done, stop))
        done = max(done, stop)
        if command is not None:
            drive.send(_command(member, command))
        closed += [row for row in drive.take_rows() if isinstance(row, TradeClosed)]
    _compare(member, drive, journal, closed)


def _command(member: Member, command: Intervention) -> Flatten | ByHand:
    time = command.bar_time + member.lane.interval_ms
    if command.action in RECORDED:
        return replayed(member.id, command, time)
    return Flatten(member.id, command.bar_time, time, leave=command.action == FLATTEN)


def _run(
    member: Member, drive: Drive, exchange: SimulatedExchange, feed: BarFeed, past: BarSeries
) -> None:
    for start in range(0, len(past), _CHUNK):
        bars = past.slice(start, min(start + _CHUNK, len(past)))
        member.cover(feed, bars)
        take_bars(member, exchange, bars)
        run_stretches(drive, exchange, [member.lane])


def take_bars(member: Member, exchange: SimulatedExchange, bars: BarSeries) -> None:
    """Gives a member's lane its next bars, and the exchange their prices."""
    exchange.load(member.id, member.lane.take(member.with_columns(bars)))


def _compare(member: Member, drive: Drive, journal: Journal, closed: list[TradeClosed]) -> None:
    recorded = journal.trades(member.id)
    for row, trade in zip(closed, recorded, strict=False):
        made, kept = row.trade, trade
        if (made.id, to_decimal(made.exit_price), money(made.pnl)) != (
            kept.id, kept.exit_price, kept.pnl,
        ):  # fmt: skip
            raise _changed(member, _told(kept), f"pnl {to_text(money(made.pnl))}")
    if len(closed) != len(recorded):
        raise _changed(member, f"{len(recorded)} trades", f"{len(closed)} trades")
    view = drive.core.desk(member.id).account.view()
    kept_position = journal.position(member.id)
    if (view is None) != (kept_position is None):
        raise _changed(member, _held(kept_position), "a position" if view else "none")
    if (
        view is not None
        and kept_position is not None
        and (view.id != kept_position.id or to_decimal(view.quantity) != kept_position.quantity)
    ):
        raise _changed(member, _held(kept_position), f"{view.side} {view.quantity!r}")


def _told(trade: TradeRecord) -> str:
    return f"the trade closed at {trade.exit_time} with pnl {to_text(trade.pnl)}"


def _held(position: PositionRecord | None) -> str:
    return "no position" if position is None else f"{position.side} {to_text(position.quantity)}"


def _changed(member: Member, expected: str, found: str) -> DataError:
    return DataError(
        "history_changed",
        f"the stored bars of {member.run.configuration.pair} no longer give what was recorded",
        expected=expected, found=found,
        hint="Bars were changed after they were traded on. Activate the configuration anew.",
    )  # fmt: skip
