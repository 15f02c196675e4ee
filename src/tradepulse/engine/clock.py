"""All activations of a wallet on one clock: bars by close time, fills before decisions.

Of bars that close together, every one is matched first: a decision sees all fills of its moment.
Then they decide in the order they were added. Stretches on which nothing can happen to an
activation are passed over at once; the outcome is that of going bar by bar.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence

from tradepulse.engine.lane import Lane
from tradepulse.execution.effects import (
    ACTIONS,
    Action,
    CancelOrder,
    Effect,
    MoveStop,
    PlaceOrder,
    Row,
)
from tradepulse.execution.events import BarClosed, BarOpened, BarsPassed, Event
from tradepulse.execution.exchange import Exchange, SimulatedExchange
from tradepulse.execution.process import ExecutionCore


class Drive:
    """Feeds events to a core and looks after its effects: rows are kept for the commit, actions
    done at once on an exchange in this process, or kept until the commit for any other."""

    def __init__(self, core: ExecutionCore, exchange: Exchange) -> None:
        self.core = core
        self.exchange = exchange
        self.rows: list[Row] = []
        self.actions: list[Action] = []

    def send(self, event: Event) -> None:
        """One event through the core, with everything that follows from it."""
        self._take(self.core.process(event))

    def act(self) -> None:
        """Does what was kept until the commit, then hears the answers."""
        actions, self.actions = self.actions, []
        for action in actions:
            perform(self.exchange, action)
        self.hear()

    def hear(self) -> None:
        """Takes in what the exchange has reported."""
        for report in self.exchange.reports():
            self.send(report)

    def take_rows(self) -> list[Row]:
        """The rows since the last call."""
        rows, self.rows = self.rows, []
        return rows

    def _take(self, effects: Sequence[Effect]) -> None:
        acted = False
        for effect in effects:
            if not isinstance(effect, ACTIONS):
                self.rows.append(effect)
            elif self.exchange.in_process:
                perform(self.exchange, effect)
                acted = True
            else:
                self.actions.append(effect)
        if acted:
            self.hear()


def perform(exchange: Exchange, action: Action) -> None:
    """One action on the exchange."""
    if isinstance(action, PlaceOrder):
        exchange.place(action.approved)
    elif isinstance(action, CancelOrder):
        exchange.cancel(action.order)
    elif isinstance(action, MoveStop):
        exchange.replace_stop(action.approved)
    else:
        raise TypeError(f"an exchange in this process is never asked for {type(action).__name__}")


def run_stretches(
    drive: Drive, exchange: SimulatedExchange, lanes: Iterable[Lane], *, hurry: bool = True
) -> None:
    """Takes every lane to the end of its stretch. `hurry` False goes bar by bar: the same rows,
    slower."""
    order = {lane.activation_id: place for place, lane in enumerate(lanes)}
    by_place = {order[lane.activation_id]: lane for lane in lanes}
    waiting: list[tuple[int, int, int]] = []
    for place, lane in by_place.items():
        _queue(waiting, drive, exchange, lane, place, hurry)
    while waiting:
        time = waiting[0][0]
        together: list[tuple[Lane, int, int]] = []
        while waiting and waiting[0][0] == time:
            _, place, row = heapq.heappop(waiting)
            lane = by_place[place]
            _open_bar(drive, exchange, lane, row)
            together.append((lane, place, row))
        for lane, place, row in together:
            _close_bar(drive, lane, row)
            _queue(waiting, drive, exchange, lane, place, hurry)
    for lane in by_place.values():
        _pass(drive, lane, len(lane))


def _queue(
    waiting: list[tuple[int, int, int]], drive: Drive, exchange: SimulatedExchange, lane: Lane,
    place: int, hurry: bool,
) -> None:  # fmt: skip
    row = next_row(drive.core, exchange, lane) if hurry else lane.row
    if row < len(lane):
        heapq.heappush(waiting, (lane.close_time(row), place, row))


def next_row(core: ExecutionCore, exchange: SimulatedExchange, lane: Lane) -> int:
    """The next row of the lane on which anything can happen; its length, or more, if none."""
    row, desk = lane.row, core.desk(lane.activation_id)
    if desk.entry is not None or desk.exit_underway:
        return row
    held = desk.account.position
    if held is None:
        return lane.next_entry(row)
    stop = min(lane.next_word(row, held), len(lane))
    lower, upper = -math.inf, math.inf
    if not math.isnan(held.trail):
        # A new extreme moves the trail.
        lower, upper = (lower, held.high) if held.side > 0 else (held.low, upper)
    return exchange.quiet_until(lane.activation_id, row, stop, lower, upper)


def _open_bar(drive: Drive, exchange: SimulatedExchange, lane: Lane, row: int) -> None:
    """The bar has happened: what it did to the orders."""
    _pass(drive, lane, row)
    bars = lane.stretch()
    name = lane.activation_id
    drive.send(
        BarOpened(name, lane.first_index + row, int(bars.open_time[row]), float(bars.open[row]))
    )
    for report in exchange.match(name, row):
        drive.send(report)


def _close_bar(drive: Drive, lane: Lane, row: int) -> None:
    bars = lane.stretch()
    drive.send(
        BarClosed(
            lane.activation_id, int(bars.open_time[row]), lane.close_time(row),
            float(bars.high[row]), float(bars.low[row]), float(bars.close[row]),
            lane.signals_at(row),
        )
    )  # fmt: skip
    lane.row = row + 1


def _pass(drive: Drive, lane: Lane, row: int) -> None:
    """Marks the quiet bars before `row`."""
    if row > lane.row:
        passed = lane.stretch().slice(lane.row, row)
        drive.send(BarsPassed(lane.activation_id, lane.first_index + lane.row, passed))
        lane.row = row
