"""Many strategies on one clock and one wallet, in memory: the engine's decisions, the kernel's
numbers.

The engine runs all items together and finds which entries the wallet's limits refuse. Each item's
result is then the kernel's own run with exactly these entries refused: law P1 makes the two the
same trades, and the kernel brings metrics and an equity curve along.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from tradepulse.domain.bars import BarSeries, Floats, Times
from tradepulse.domain.errors import RefusedError, UsageError
from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.settings import ProtectionSettings
from tradepulse.engine.clock import Drive, run_stretches
from tradepulse.engine.lane import Around, Lane
from tradepulse.engine.refusals import refuse_entries
from tradepulse.execution.effects import SignalSaved
from tradepulse.execution.exchange import SimulatedExchange
from tradepulse.execution.process import ExecutionCore
from tradepulse.risk import WALLET_REFUSALS, Limits, RiskManager
from tradepulse.signals.graph import Graph
from tradepulse.signals.output import SignalBlock
from tradepulse.signals.program import Program, required_columns
from tradepulse.simulation import layout as at
from tradepulse.simulation.accounts import new_state
from tradepulse.simulation.backtest import simulate
from tradepulse.simulation.drawdown import drawdown
from tradepulse.simulation.market_inputs import market_inputs
from tradepulse.simulation.metrics import as_dict, summarise
from tradepulse.simulation.result import BacktestResult
from tradepulse.simulation.rules import Rules, read_rules

if TYPE_CHECKING:
    import polars

# The limits whose facts a simulated wallet has; the others look at a venue, a day, a stage.
_KNOWN_LIMITS = ("max_open_trades", "max_exposure")
# Slots of a state vector that add up over accounts.
_SUMS = (
    at.S_WALLET, at.S_EQUITY, at.S_TRADES, at.S_WINS, at.S_LOSSES, at.S_GROSS_PROFIT,
    at.S_GROSS_LOSS, at.S_R_COUNT, at.S_R_SUM, at.S_R_SQUARES, at.S_TURNOVER, at.S_FEES,
    at.S_FUNDING, at.S_AMBIGUOUS, at.S_LIQUIDATIONS,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class PortfolioItem:
    """One strategy on one pair. `allotment` None: an equal share of the cash."""

    graph: Graph
    bars: BarSeries
    rules: Rules
    pair: str
    funding: Any = None
    mark: BarSeries | None = None
    detail: BarSeries | None = None
    allotment: float | None = None


@dataclass(frozen=True, eq=False)
class PortfolioResult:
    """`results` in the order of the items, `pairs` their names; `refused` counts the entries that
    the wallet's limits and protections refused, by item and reason."""

    cash: float
    pairs: tuple[str, ...]
    results: tuple[BacktestResult, ...]
    refused: tuple[dict[str, int], ...]

    @cached_property
    def trades(self) -> polars.DataFrame:
        """The trades of all items by exit time: the columns of a backtest, and `pair` first."""
        import polars

        frames = [
            result.trades.select(polars.lit(pair).alias("pair"), polars.all())
            for pair, result in zip(self.pairs, self.results, strict=True)
        ]
        return polars.concat(frames).sort("exit_time", "entry_time", maintain_order=True)

    @cached_property
    def equity(self) -> polars.DataFrame:
        """`time` (a bar's close, UTC ms), `equity` of the wallet, `drawdown` from its peak (<=
        0)."""
        import polars

        times, worth = self._curve
        peak = np.maximum.accumulate(np.concatenate(([self.cash], worth)))[1:]
        return polars.DataFrame({"time": times, "equity": worth, "drawdown": worth / peak - 1.0})

    @cached_property
    def metrics(self) -> dict[str, float | int | None]:
        """The metrics of the whole wallet, over closes of any of its bars. `buy_and_hold_return` is
        the mean of the items', weighted by their allotments; `exposure` the share of closes at
        which anything was held, at most."""
        times, worth = self._curve
        state = self._total_state(worth)
        # A bar that closes at midnight belongs to the day it ends.
        days = (times - 1) // DAY_MS
        ends = np.flatnonzero(days[1:] != days[:-1])
        return as_dict(summarise(state, worth[ends], self.cash, 365.0)) | {
            "buy_and_hold_return": self._buy_and_hold()
        }

    @property
    def per_pair(self) -> dict[str, dict[str, float | int | None]]:
        """The metrics of each item by its pair; a pair with several items has a number behind
        it."""
        named: dict[str, dict[str, float | int | None]] = {}
        for pair, result in zip(self.pairs, self.results, strict=True):
            name, number = pair, 2
            while name in named:
                name, number = f"{pair} #{number}", number + 1
            named[name] = result.metrics
        return named

    @cached_property
    def _curve(self) -> tuple[Times, Floats]:
        """(close times, wallet's equity): idle cash, plus each item's equity as last known."""
        closes = [r.open_time + r.interval_ms for r in self.results]
        times = np.unique(np.concatenate(closes))
        idle = self.cash - math.fsum(result.rules.initial_cash for result in self.results)
        worth = np.full(len(times), idle)
        for result, closed in zip(self.results, closes, strict=True):
            known = np.concatenate(([result.rules.initial_cash], result.equity_values))
            worth += known[np.searchsorted(closed, times, side="right")]
        return times, worth

    def _total_state(self, worth: Floats) -> Floats:
        state = new_state(Rules(initial_cash=self.cash).as_vector())
        for slot in _SUMS:
            state[slot] = math.fsum(float(result.state[slot]) for result in self.results)
        fall = drawdown(worth, self.cash)
        state[at.S_EQUITY] = worth[-1]
        state[at.S_INDEX] = len(worth)
        state[at.S_MAX_DRAWDOWN] = fall.deepest
        state[at.S_LONGEST_DRAWDOWN] = fall.longest_bars
        state[at.S_PEAK_INDEX] = len(worth) - 1  # an open drawdown is in `longest_bars` already
        state[at.S_BARS_UNDER_WATER] = fall.bars_under_water
        state[at.S_FLAT_SQUARES] = fall.sum_of_squares
        held = max(
            float(r.state[at.S_BARS_IN_POSITION] / r.state[at.S_INDEX]) for r in self.results
        )
        state[at.S_BARS_IN_POSITION] = held * len(worth)
        return state

    def _buy_and_hold(self) -> float:
        gains = [
            result.rules.initial_cash
            * (result.state[at.S_LAST_CLOSE] / result.state[at.S_FIRST_CLOSE] - 1.0)
            for result in self.results
        ]
        return float(math.fsum(gains) / math.fsum(r.rules.initial_cash for r in self.results))


def backtest_portfolio(
    items: Sequence[PortfolioItem | Mapping[str, Any]],
    cash: float,
    max_open_trades: int | None = None,
    limits: Limits | Mapping[str, Any] | None = None,
    *,
    protections: ProtectionSettings | Mapping[str, Any] | None = None,
    exchange: Callable[[], SimulatedExchange],
) -> PortfolioResult:
    """The result of all items on one clock.

    An item is a `PortfolioItem` or a mapping of its fields (`pair` may be left out). Without an
    allotment each gets an equal share of `cash`; sizing looks at its own equity, so without limits
    an item's trades are those of a backtest alone. `limits`: `max_open_trades` and `max_exposure`;
    `protections`: the pauses after bad trades, as in the settings. Errors: `empty`,
    `allotment_exceeds_wallet`, `bad_limits`, `bad_protections`, and those of `market_inputs`.
    """
    risk = RiskManager(_limits(limits, max_open_trades), protections=_protections(protections))
    asked = _items(items, cash)
    blocks, refused = _judge_together(asked, cash, risk, exchange)
    results = tuple(
        simulate(
            item.bars, refuse_entries(block, rows), item.rules,
            detail=item.detail, funding=item.funding, mark=item.mark,
        )
        for item, block, rows in zip(asked, blocks, map(list, refused), strict=True)
    )  # fmt: skip
    counts = tuple(
        {code: list(found.values()).count(code) for code in sorted(set(found.values()))}
        for found in refused
    )
    return PortfolioResult(cash, tuple(item.pair for item in asked), results, counts)


def _judge_together(
    items: list[PortfolioItem], cash: float, risk: RiskManager,
    exchange: Callable[[], SimulatedExchange],
) -> tuple[list[SignalBlock], list[dict[int, str]]]:  # fmt: skip
    """(signals of each item, rows of each at which the wallet refused an entry, with the
    reason)."""
    venue = exchange()
    drive = Drive(ExecutionCore(risk, cash), venue)
    lanes, blocks = [], []
    for number, item in enumerate(items):
        inputs = market_inputs(item.bars, item.rules, item.detail, item.funding, item.mark)
        program = Program(item.graph, item.bars.interval_ms, required_columns(item.graph))
        name = str(number)
        around = Around(inputs.feed.funding_time, inputs.feed.funding_rate, item.detail, item.mark)
        lane = Lane(name, item.pair, item.rules, program, around)
        drive.core.add(name, item.pair, item.rules)
        venue.open_account(name, item.rules, item.bars.interval_ms, has_mark=item.mark is not None)
        block = program.advance(item.bars)
        venue.load(name, lane.take(item.bars, block))
        lanes.append(lane)
        blocks.append(block)
    if risk.limits == Limits() and risk.history.settings == ProtectionSettings():
        return blocks, [{} for _ in items]
    run_stretches(drive, venue, lanes)
    refused: list[dict[int, str]] = [{} for _ in items]
    for row in drive.take_rows():
        if isinstance(row, SignalSaved) and row.reason in WALLET_REFUSALS:
            number = int(row.activation_id)
            bar = int(np.searchsorted(items[number].bars.open_time, row.bar_time))
            refused[number][bar] = str(row.reason)
    return blocks, refused


def _limits(limits: Limits | Mapping[str, Any] | None, max_open_trades: int | None) -> Limits:
    given = limits if isinstance(limits, Mapping) else _set_limits(limits or Limits())
    unknown = sorted(set(given) - set(_KNOWN_LIMITS))
    if unknown:
        raise UsageError(
            "bad_limits", f"a portfolio backtest has no limit {unknown[0]!r}",
            expected=", ".join(_KNOWN_LIMITS), found=unknown[0],
        )  # fmt: skip
    agreed = Limits(**given)
    return agreed if max_open_trades is None else replace(agreed, max_open_trades=max_open_trades)


def _set_limits(limits: Limits) -> dict[str, Any]:
    free = Limits()
    values = {field.name: getattr(limits, field.name) for field in fields(limits)}
    return {name: value for name, value in values.items() if value != getattr(free, name)}


def _protections(given: ProtectionSettings | Mapping[str, Any] | None) -> ProtectionSettings:
    if isinstance(given, ProtectionSettings):
        return given
    try:
        return ProtectionSettings.model_validate(dict(given or {}))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(
            "bad_protections", f"protection {place!r} is wrong", expected=first["msg"],
            found=repr(first["input"]),
        ) from None  # fmt: skip


def _items(given: Sequence[PortfolioItem | Mapping[str, Any]], cash: float) -> list[PortfolioItem]:
    if not given:
        raise UsageError("empty", "the portfolio has no items", expected="at least one", found="0")
    found = []
    for number, item in enumerate(given):
        values = (
            {field.name: getattr(item, field.name) for field in fields(item)}
            if isinstance(item, PortfolioItem)
            else dict(item)
        )
        share = values.get("allotment")
        allotment = cash / len(given) if share is None else float(share)
        values["allotment"] = allotment
        values["rules"] = read_rules(values.get("rules")).changed(initial_cash=allotment)
        values["pair"] = values.get("pair") or f"item {number + 1}"
        found.append(PortfolioItem(**values))
    total = math.fsum(item.rules.initial_cash for item in found)
    if total > cash * (1.0 + 1e-12):
        raise RefusedError(
            "allotment_exceeds_wallet", "the items' allotments exceed the cash",
            expected=f"at most {cash:.8g}", found=f"{total:.8g}",
        )  # fmt: skip
    return found
