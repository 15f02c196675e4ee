"""Events into the core, rows into the journal, and only then acts at the venue."""

from __future__ import annotations

from collections.abc import Callable

from tradepulse.domain.errors import FailedError
from tradepulse.engine.ports import AWAY, Batch, Journal
from tradepulse.engine.records import Scribe
from tradepulse.engine.spare_journal import Spare
from tradepulse.engine.turns import Turns
from tradepulse.execution.desk import Desk
from tradepulse.execution.effects import (
    ACTIONS,
    Action,
    CancelOrder,
    LookUp,
    PlaceOrder,
    PlacePair,
    Reconcile,
    Row,
)
from tradepulse.execution.events import Event
from tradepulse.execution.process import ExecutionCore
from tradepulse.execution.venue import Venue
from tradepulse.execution.venue_side import VenueSide

# How long bars alone wait for rows to be written with (wall clock).
_BARS_WAIT_MS = 1_000


class VenueDrive:
    """The hands of a live engine. `clock`: wall, UTC ms.

    `touched`: the activations that had an event of an order since it was last emptied;
    `contradicts` is set when the venue said something that the ledger cannot be right about.
    `spare` keeps batches while the database is away: then nothing waits for it (the kill switch).
    Once one went there all that follow go there too, until `come_back`: rows name earlier ones.
    `turns`: the line in which this wallet has its turn.
    """

    def __init__(
        self, core: ExecutionCore, venue: Venue, journal: Journal, scribe: Scribe,
        clock: Callable[[], int], turns: Turns | None = None,
    ) -> None:  # fmt: skip
        self.core = core
        self.venue = venue
        self.scribe = scribe
        self.clock = clock
        self.spare: Spare | None = None
        self.is_away = False
        self.touched: set[str] = set()
        self.contradicts = False
        self._journal = journal
        self._turns = turns
        self._rows: list[Row] = []
        self._actions: list[Action] = []
        self._last_bars: dict[str, int] = {}
        self._bars_since = 0

    def send(self, event: Event) -> None:
        """One event through the core; what follows from it waits for the commit."""
        for effect in self.core.process(event):
            if isinstance(effect, ACTIONS):
                self.act(effect)
            else:
                self._rows.append(effect)

    def act(self, action: Action) -> None:
        """Something to do after the commit."""
        order = getattr(action, "order", None)
        if order is not None:
            self.touched.add(order.activation_id)
        self._actions.append(action)

    def note(self, row: Row) -> None:
        """A row for the next commit: a line for people, or an order of before a restart."""
        self._rows.append(row)

    def bar_done(self, activation_id: str, open_time: int) -> None:
        """The activation has taken this bar: durable with what it led to."""
        if not self._last_bars:
            self._bars_since = self.clock()
        self._last_bars[activation_id] = open_time

    def write_and_act(self) -> None:
        """Writes first; what was written is then done: no order leaves whose intent is not durable.

        Errors: the journal's; the rows are kept, and a later call writes them.
        """
        if self._rows or self._bars_are_due():
            self._write(self.scribe.batch(self._rows, self._last_bars, self.clock()))
            # Kept until here: a database that is away for a while loses nothing of this.
            self._rows, self._last_bars = [], {}
        actions, self._actions = self._actions, []
        for action in actions:
            self._perform(action)

    def come_back(self) -> None:
        """Brings what was kept beside the ledger into it. Errors: the journal's; then it stays."""
        if self.spare is not None and self.is_away:
            self.spare.bring_in(self._journal)
            self.is_away = False

    def _bars_are_due(self) -> bool:
        """Bars that led to nothing need not be durable at once: taken again they lead to nothing
        again. At a bar's close every wallet has some, and orders would wait behind them."""
        return bool(self._last_bars) and self.clock() >= self._bars_since + _BARS_WAIT_MS

    def _write(self, batch: Batch) -> None:
        # Asking a database that did not answer costs its whole patience, with positions open.
        if self.spare is not None and self.is_away:
            self.spare.keep(batch)
            return
        if self._turns is not None:
            self._turns.over()  # the disk is waited for, and others write with us meanwhile
        try:
            self._journal.commit(batch)
        except FailedError as error:
            self.is_away = error.code in AWAY
            if not self.is_away or self.spare is None:
                raise
            self.spare.keep(batch)
        else:
            self.is_away = False

    def desk(self, activation_id: str) -> Desk:
        """The desk of an activation."""
        return self.core.desk(activation_id)

    def side(self, activation_id: str) -> VenueSide:
        """The venue side of its desk."""
        side = self.desk(activation_id).venue
        if side is None:
            raise TypeError("every desk of a live engine is at its venue")
        return side

    def _perform(self, action: Action) -> None:
        if isinstance(action, PlaceOrder):
            self.touched.add(action.approved.order.activation_id)
            self.venue.place(action.approved)
        elif isinstance(action, PlacePair):
            self.touched.add(action.stop.order.activation_id)
            self.venue.place_pair(action.stop, action.target)
        elif isinstance(action, CancelOrder):
            self.venue.cancel(action.order)
        elif isinstance(action, LookUp):
            self.venue.look_up(action.order)
        elif isinstance(action, Reconcile):
            self.contradicts = True
        else:
            raise TypeError("a stop at a venue is cancelled and placed anew, never moved")
