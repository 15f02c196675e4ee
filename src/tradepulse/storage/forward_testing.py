"""Bars that came after the training, through the real engine: which they are, and what differed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.errors import DataError, RefusedError
from tradepulse.domain.interval import DAY_MS, Interval
from tradepulse.domain.lifecycle import Side
from tradepulse.domain.money import to_decimal
from tradepulse.engine.feed import StoredBars
from tradepulse.engine.parity import Divergence, TwoRuns, both_runs
from tradepulse.marketdata.store import BarStore
from tradepulse.storage.database import Database
from tradepulse.storage.journal import DatabaseJournal
from tradepulse.storage.measuring import stored_data
from tradepulse.storage.stages import family_of
from tradepulse.training.lifecycle.gap import Gap, gap_of
from tradepulse.training.lifecycle.rounds import match, rounds_of_ledger, rounds_of_run

IDENTICAL, DIFFERS = "identical", "differs"


@dataclass(frozen=True)
class ForwardSpan:
    """Bars that open in [start_ms, end_ms), none of which the search saw. `after` says what lies
    before them: `training`, or the family's `hold_out`, which is left as it is."""

    start_ms: int
    end_ms: int
    bars: int
    after: str


@dataclass(frozen=True, eq=False)
class ForwardTest:
    """An engine run over newer bars beside the kernel's over the same: trades one to one."""

    activation_id: str
    span: ForwardSpan
    expected_trades: int
    found_trades: int
    matched_trades: int
    gap: Gap
    first_divergence: Divergence | None
    metrics: Mapping[str, float | int | None]

    @property
    def verdict(self) -> str:
        return IDENTICAL if self.first_divergence is None else DIFFERS

    def as_json(self) -> dict[str, Any]:
        """The document that `forward-test --json` prints."""
        divergence = self.first_divergence
        return {
            "verdict": self.verdict,
            "activation_id": self.activation_id,
            "start": self.span.start_ms,
            "end": self.span.end_ms,
            "bars": self.span.bars,
            "starts_after": self.span.after,
            "expected_trades": self.expected_trades,
            "found_trades": self.found_trades,
            "matched_trades": self.matched_trades,
            "gap": self.gap.as_json(),
            "first_divergence": None if divergence is None else asdict(divergence),
            "metrics": dict(self.metrics),
        }


def forward_span(
    database: Database, store: BarStore, configuration: Configuration, days: int | None = None
) -> ForwardSpan:
    """The newest `days` of the kept bars that are newer than the training data; None: all of them.

    A sealed hold-out is passed over: a run over it would be a look at it. Error `no_newer_bars`
    (RefusedError).
    """
    c = configuration
    start = c.data_range[1] + Interval.parse(c.interval).ms
    after = "training"
    with database.reading() as tx:
        held = tx.hold_outs.of_family(family_of(c))
    if held is not None and held.end_ms > start:
        start, after = held.end_ms, "hold_out"
    try:
        bars = stored_data(store, c, start, None).bars
    except DataError as error:
        if error.code != "empty":
            raise
        raise _no_newer(c, start, after) from error
    end = int(bars.open_time[-1]) + bars.interval_ms
    if days is not None:
        bars = bars.between(max(start, end - days * DAY_MS), None)
    return ForwardSpan(int(bars.open_time[0]), end, len(bars), after)


def compared(
    database: Database, store: BarStore, activation_id: str, span: ForwardSpan
) -> ForwardTest:
    """What the engine recorded over `span` beside the kernel's run. Errors: those of
    `both_runs`."""
    runs = both_runs(DatabaseJournal(database), StoredBars(store), activation_id)
    expected, found = rounds_of_run(runs.kernel), rounds_of_ledger(runs.trades)
    matching = match(expected, found)
    return ForwardTest(
        activation_id, span, len(expected), len(found), len(matching.pairs),
        gap_of(matching, *_open_worth(runs)), runs.first_divergence, runs.kernel.metrics,
    )  # fmt: skip


def _open_worth(runs: TwoRuns) -> tuple[Decimal, Decimal]:
    """(kernel, ledger): what the position left open stands at, before the fee of its entry."""
    close = to_decimal(float(runs.bars.close[-1]))
    held, position = runs.kernel.open_position, runs.position
    expected = found = Decimal(0)
    if held is not None:
        side = Side(held["side"]).sign
        quantity, entry = to_decimal(held["quantity"]), to_decimal(held["entry_price"])
        expected = side * quantity * (close - entry)
    if position is not None:
        found = position.side.sign * position.quantity * (close - position.entry_price)
    return expected, found


def _no_newer(c: Configuration, start_ms: int, after: str) -> RefusedError:
    what = "its training data" if after == "training" else "the hold-out of its family"
    return RefusedError(
        "no_newer_bars", f"no {c.interval} bars of {c.pair} on {c.exchange} are newer than {what}",
        expected=f"bars from {_utc(start_ms)} on", found="none",
        hint="Bring newer bars with `tradepulse data import`. A sealed hold-out is opened by the "
        "step to MATURE alone.",
    )  # fmt: skip


def _utc(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
