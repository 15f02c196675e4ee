"""A compiled graph that walks over bars in blocks of any length and carries its state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError, FailedError
from tradepulse.signals.failing import BlockAtHand, indicator_failed
from tradepulse.signals.graph import Graph
from tradepulse.signals.interpreter import DONE, run_nodes
from tradepulse.signals.jit import kernel
from tradepulse.signals.output import FLAG_NAMES, LEVEL_NAMES, Flags, SignalBlock
from tradepulse.signals.plan import PRICES, Plan, compile_graphs

BLOCK = 2048

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]


@kernel
def run_series(
    code: Small, frame: Small, inputs: Small, out: Small, ints: Ints, floats: Floats, at: Ints,
    counts: Small, times: Ints, rows: Floats, flags: Flags, closed: Small, state: Floats,
    open_time: Ints, bars: Floats, start: int, flag_rows: Small, level_rows: Small,
    out_flags: Flags, out_levels: Floats,
) -> int:  # fmt: skip
    """Runs the nodes over `bars` (one row a column) in blocks; outputs go to bars `start` on.

    DONE, or the number of the indicator that raised in the block at hand.
    """
    width = rows.shape[1]
    total = open_time.shape[0]
    first = 0
    while first < total:
        n = min(width, total - first)
        times[0, :n] = open_time[first : first + n]
        for k in range(bars.shape[0]):
            rows[k, :n] = bars[k, first : first + n]
        counts[0] = n
        failed = run_nodes(code, frame, inputs, out, ints, floats, at, 0, code.shape[0],
                           counts, times, rows, flags, closed, state)  # fmt: skip
        if failed != DONE:
            return failed
        position = start + first
        slot = 0
        for k in range(flag_rows.shape[0]):
            if flag_rows[k] >= 0:
                out_flags[slot, position : position + n] = flags[flag_rows[k], :n]
                slot += 1
        slot = 0
        for k in range(level_rows.shape[0]):
            if level_rows[k] >= 0:
                out_levels[slot, position : position + n] = rows[level_rows[k], :n]
                slot += 1
        first += n
    return DONE


@dataclass(frozen=True, eq=False)
class ProgramState:
    """All that a program remembers: a copy, so it can be kept and given back (law S3)."""

    values: Floats
    bars_seen: int


class Program:
    """One graph, compiled. `advance` takes the next bars, however many, and says what they mean.

    A backtest advances by whole histories, the live engine by one bar; there is no second
    implementation, so both give the same bits.
    """

    def __init__(
        self,
        graph: Graph,
        interval_ms: int,
        columns: tuple[str, ...] = (),
        block: int = BLOCK,
    ) -> None:
        self.graph = graph
        self.interval_ms = interval_ms
        self._plan: Plan = compile_graphs([graph], interval_ms, columns)
        plan = self._plan
        self._rows = np.empty((plan.row_count, block))
        self._flags = np.zeros((plan.flag_count, block), np.uint8)
        self._times = np.empty((plan.frame_count, block), np.int64)
        self._closed = np.zeros((plan.frame_count, block), np.int32)
        self._counts = np.zeros(plan.frame_count, np.int32)
        self._state = plan.initial_state.copy()
        self.bars_seen = 0
        self._failure: FailedError | None = None
        self._flag_names = [n for n, r in zip(FLAG_NAMES, plan.flag_rows[0], strict=True) if r >= 0]
        self._level_names = [
            n for n, r in zip(LEVEL_NAMES, plan.level_rows[0], strict=True) if r >= 0
        ]
        self._absent = [name for name in FLAG_NAMES if name not in self._flag_names]
        self._flag_rows, self._level_rows = plan.flag_rows[0], plan.level_rows[0]

    @property
    def warmup_bars(self) -> int:
        """Bars before the first entry is allowed."""
        return self._plan.warmups[0]

    def snapshot(self) -> ProgramState:
        """What it remembers now. Error `indicator_failed` once that was raised: the memory is then
        that of the middle of a block."""
        self._go_on()
        return ProgramState(self._state.copy(), self.bars_seen)

    def restore(self, state: ProgramState) -> None:
        self._state = state.values.copy()
        self._failure = None
        self.bars_seen = state.bars_seen

    def advance(self, bars: BarSeries) -> SignalBlock:
        """The signals of these bars, which must follow those of the last call.

        Error `interval_mismatch` for bars of another interval, `unknown_column` for a missing
        input column, `indicator_failed` when an indicator raises on one of them: none of them has
        a signal then, and later ones get the same error until `restore`.
        """
        self._go_on()
        self._check(bars)
        plan, total = self._plan, len(bars)
        columns = np.empty((len(PRICES) + len(plan.columns), total))
        for index, name in enumerate(PRICES):
            columns[index] = getattr(bars, name)
        for index, name in enumerate(plan.columns):
            columns[len(PRICES) + index] = bars.columns[name]
        # A copy: to Numba a read-only or strided view is another type, and another compilation.
        times = np.array(bars.open_time, np.int64)
        flags = np.empty((len(self._flag_names), total), np.uint8)
        levels = np.empty((len(self._level_names), total))
        failed = run_series(
            plan.code, plan.frame, plan.inputs, plan.out, plan.ints, plan.floats, plan.at,
            self._counts, self._times, self._rows, self._flags, self._closed, self._state,
            times, columns, 0, self._flag_rows, self._level_rows, flags, levels,
        )  # fmt: skip
        if failed != DONE:
            at_hand = BlockAtHand(self._counts, self._times, self._rows, self._closed, self._state)
            self._failure = indicator_failed(plan, failed, at_hand, times, self.bars_seen)
            raise self._failure
        self.bars_seen += total
        return self._block(flags, levels, total)

    def _go_on(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _block(self, flags: Flags, levels: Floats, total: int) -> SignalBlock:
        named = dict(zip(self._flag_names, flags, strict=True))
        if self._absent:
            named |= dict.fromkeys(self._absent, np.zeros(total, np.uint8))
        return SignalBlock(
            **named, **dict(zip(self._level_names, levels, strict=True)), tag=self.graph.tag
        )

    def _check(self, bars: BarSeries) -> None:
        if bars.interval_ms != self.interval_ms:
            raise DataError(
                "interval_mismatch", "the bars are of another interval than the program",
                expected=f"{self.interval_ms} ms", found=f"{bars.interval_ms} ms",
            )  # fmt: skip
        missing = [name for name in self._plan.columns if name not in bars.columns]
        if missing:
            raise DataError(
                "unknown_column", f"the bars lack column {missing[0]!r}",
                expected=", ".join(self._plan.columns), found=", ".join(bars.columns) or "none",
            )  # fmt: skip


def required_columns(graph: Graph) -> tuple[str, ...]:
    """Names of the extra input columns a graph reads, sorted."""
    return tuple(sorted({str(n.params[0]) for n in graph.nodes() if n.op == "column"}))
