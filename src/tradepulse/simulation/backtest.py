"""Backtests through the kernel: a whole history at once, or a stream of blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from tradepulse.domain.bars import BarSeries, Floats, Times
from tradepulse.domain.errors import UsageError
from tradepulse.signals.output import FLAG_NAMES, LEVEL_NAMES, Flags, SignalBlock
from tradepulse.simulation import layout as at
from tradepulse.simulation.accounts import new_state
from tradepulse.simulation.inputs import (
    NO_FEED,
    Feed,
    Record,
    kernel_bars,
    kernel_signals,
    prepare,
    terms,
)  # fmt: skip
from tradepulse.simulation.kernel import advance
from tradepulse.simulation.market_inputs import align_mark, market_inputs
from tradepulse.simulation.result import BacktestResult
from tradepulse.simulation.rules import Rules, read_rules

__all__ = ["BacktestEngine", "BacktestResult", "Simulation", "simulate", "simulate_arrays"]

_TRADE_ROWS = 1024


def simulate(
    bars: BarSeries, signals: SignalBlock, rules: Rules | Mapping[str, Any] | None = None, *,
    detail: BarSeries | None = None, funding: Any = None, mark: BarSeries | None = None,
    record: bool = True, hurry: bool = True,
) -> BacktestResult:  # fmt: skip
    """The result of `signals` on `bars` under `rules` (docs/FILL_RULES.md).

    `detail`, `funding`, `mark`: see `market_inputs`. `record` False keeps no equity per bar.
    `hurry` False takes every bar through the whole rulebook: the same result, slower. Errors: those
    of `market_inputs`, and `signal_length`.
    """
    agreed = read_rules(rules)
    check_lengths(signals, len(bars))
    inputs = market_inputs(bars, agreed, detail, funding, mark)
    codes, tags = encode_tags(signals.tag, len(bars))
    columns = kernel_signals(signals, codes)
    state = new_state(inputs.terms.rules)
    equity = np.empty(len(bars) if record else 0)
    periods = np.empty(len(inputs.skips.period_starts) + 1)
    buffer = Record(np.empty((_TRADE_ROWS, at.T_COLUMNS)), equity, periods)
    trades: list[Floats] = []
    reached = 0
    while reached < len(bars):
        reached = advance(
            state, inputs.terms, inputs.bars, inputs.feed, inputs.skips, columns, buffer,
            0, reached, len(bars), hurry,
        )  # fmt: skip
        trades.append(take_trades(state, buffer))
    return BacktestResult(
        rules=agreed, interval_ms=bars.interval_ms, state=state,
        trade_rows=np.concatenate(trades), open_time=bars.open_time, equity_values=equity,
        period_equity=periods[: int(state[at.S_PERIOD_ROWS])], tags=tags,
        has_detail=detail is not None, bars=bars,
    )  # fmt: skip


def simulate_arrays(
    bars: BarSeries, signals: Mapping[str, Any], rules: Rules | Mapping[str, Any] | None = None,
    **inputs: Any,
) -> BacktestResult:  # fmt: skip
    """`simulate` for signals given as a mapping of arrays by name; one left out means none.

    Errors `unknown_column` for a name that is not a signal, `signal_length` for a wrong length.
    """
    return simulate(bars, signal_block(signals, len(bars)), rules, **inputs)


def signal_block(signals: Mapping[str, Any], count: int) -> SignalBlock:
    """The signals of a mapping of arrays (or single numbers), or of a frame, as a block of `count`
    bars. NaN and None are none. Errors `unknown_column`, `bad_signal`."""
    if hasattr(signals, "columns"):  # a frame
        signals = {str(name): signals[name] for name in signals.columns}
    known = {*FLAG_NAMES, *LEVEL_NAMES, "tag"}
    unknown = sorted(set(signals) - known)
    if unknown:
        raise UsageError(
            "unknown_column", f"{unknown[0]!r} is not a signal",
            expected="some of " + ", ".join((*FLAG_NAMES, *LEVEL_NAMES, "tag")), found=unknown[0],
        )  # fmt: skip
    values: dict[str, Any] = {name: np.zeros(count, np.uint8) for name in FLAG_NAMES}
    for name, value in signals.items():
        if value is None or name == "tag":
            continue
        array = _flags(name, value) if name in FLAG_NAMES else _numbers(name, value)
        values[name] = np.full(count, array) if array.ndim == 0 else array
    tag = signals.get("tag")
    if tag is not None and not isinstance(tag, str):
        # A frame's column holds NaN or None where there is no tag.
        tag = [name if isinstance(name, str) else None for name in tag]
    return SignalBlock(**values, tag=tag)


def _flags(name: str, value: Any) -> Flags:
    """0 or 1 a bar; what is not known (NaN, None) is not true."""
    array = np.asarray(value)
    if array.dtype.kind == "O":
        known = [isinstance(item, (Real, np.bool_)) and abs(float(item)) > 0 for item in array.flat]
        array = np.array(known, np.bool_).reshape(array.shape)
    if array.dtype.kind not in "biuf":
        raise _bad_signal(name, "true or false a bar", str(array.dtype))
    return (np.abs(array) > 0 if array.dtype.kind != "b" else array).astype(np.uint8)


def _numbers(name: str, value: Any) -> Floats:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise _bad_signal(name, "a number a bar, NaN for none", str(error)) from error


def _bad_signal(name: str, expected: str, found: str) -> UsageError:
    return UsageError(
        "bad_signal", f"signal {name!r} cannot be read", expected=expected, found=found
    )


def check_lengths(signals: SignalBlock, count: int) -> None:
    """Refuses (`signal_length`) signals that are not one per bar."""
    for name in (*FLAG_NAMES, *LEVEL_NAMES, "tag"):
        column = getattr(signals, name)
        if column is None or isinstance(column, str):
            continue
        if np.shape(column) != (count,):
            raise UsageError(
                "signal_length", f"signal {name!r} does not fit the bars",
                expected=f"{count} values, one a bar",
                found=" x ".join(map(str, np.shape(column))),
            )  # fmt: skip


def encode_tags(
    tag: str | Sequence[str | None] | None, count: int, known: tuple[str, ...] = ()
) -> tuple[Times, tuple[str, ...]]:
    """(code of each bar's tag, names behind the codes, `known` ones first); -1 is no tag."""
    if tag is None:
        return np.empty(0, np.int64), known
    names = {name: code for code, name in enumerate(known)}
    if isinstance(tag, str):
        code = names.setdefault(tag, len(names))
        return np.full(count, code, np.int64), tuple(names)
    codes = np.full(count, -1, np.int64)
    for row, name in enumerate(tag):
        if name is not None:
            codes[row] = names.setdefault(name, len(names))
    return codes, tuple(names)


def take_trades(state: Floats, buffer: Record) -> Floats:
    """The trade rows written since the last call, as a copy; the buffer is empty afterwards."""
    rows = buffer.trades[: int(state[at.S_TRADE_ROWS])].copy()
    state[at.S_TRADE_ROWS] = 0.0
    return rows


class BacktestEngine:
    """Runs signals over bars under one set of rules."""

    def __init__(self, rules: Rules | Mapping[str, Any] | None = None) -> None:
        self.rules = read_rules(rules)

    def run(
        self, bars: BarSeries, signals: SignalBlock | Mapping[str, Any], **inputs: Any
    ) -> BacktestResult:
        """The result of `signals` on `bars`; keyword arguments as for `simulate`."""
        if not isinstance(signals, SignalBlock):
            signals = signal_block(signals, len(bars))
        return simulate(bars, signals, self.rules, **inputs)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Everything a `Simulation` needs to go on from where it was taken."""

    state: Floats
    tags: tuple[str, ...]


class Simulation:
    """The same run as `simulate`, fed block by block: a live bar is a block of one.

    `feed` holds funding stamps and finer bars; it may grow between blocks, by stamps that follow
    those in it. A block needs all stamps up to its end.
    """

    def __init__(
        self, rules: Rules, interval_ms: int, feed: Feed = NO_FEED, *, has_mark: bool = False
    ) -> None:
        self.rules = rules
        self.feed = feed
        self._terms = terms(rules, interval_ms, has_mark=has_mark)
        self.state = new_state(self._terms.rules)
        self.tags: tuple[str, ...] = ()

    def advance(
        self, bars: BarSeries, signals: SignalBlock, mark: BarSeries | None = None
    ) -> Floats:
        """The trades that closed in the next `bars`, as rows of layout.T_COLUMNS columns."""
        check_lengths(signals, len(bars))
        shaped = kernel_bars(bars, None if mark is None else align_mark(bars, mark))
        codes, self.tags = encode_tags(signals.tag, len(bars), self.tags)
        columns = kernel_signals(signals, codes)
        skips = prepare(shaped, self._terms, self.feed.funding_time)
        buffer = Record(
            np.empty((min(_TRADE_ROWS, 2 * len(bars) + 2), at.T_COLUMNS)), np.empty(0), np.empty(0)
        )
        trades = [buffer.trades[:0]]
        reached = 0
        while reached < len(bars):
            reached = advance(
                self.state, self._terms, shaped, self.feed, skips, columns, buffer,
                0, reached, len(bars), True,
            )  # fmt: skip
            trades.append(take_trades(self.state, buffer))
        return np.concatenate(trades)

    def snapshot(self) -> Snapshot:
        """A copy of the state, to be given to `restore` at any later time."""
        return Snapshot(self.state.copy(), self.tags)

    def restore(self, snapshot: Snapshot) -> None:
        """Goes back to a snapshot of a simulation with the same rules."""
        self.state = snapshot.state.copy()
        self.tags = snapshot.tags
