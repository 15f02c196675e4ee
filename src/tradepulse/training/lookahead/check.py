"""`check_lookahead`: everything that could know a later bar, looked at in every way there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError, TradePulseError
from tradepulse.signals import laws
from tradepulse.signals.graph import Graph
from tradepulse.signals.program import required_columns
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.lookahead import builder as columns
from tradepulse.training.lookahead import elsewhere, foresight, futures
from tradepulse.training.lookahead.builder import ColumnsBuilder
from tradepulse.training.lookahead.counterfactual import survives
from tradepulse.training.lookahead.delay import check_delay
from tradepulse.training.lookahead.matches import LaterBars
from tradepulse.training.lookahead.probes import (
    Pack,
    Place,
    Probe,
    node_packs,
    outputs,
    probes_of,
    values_of,
)  # fmt: skip
from tradepulse.training.lookahead.recursion import check_recursion
from tradepulse.training.lookahead.report import (
    CLEAN,
    FLAG,
    LEAK,
    OK,
    SKIPPED,
    CheckLine,
    Leak,
    LookaheadReport,
)  # fmt: skip
from tradepulse.training.lookahead.truth import Truth

# Bars at the end of the series that the laws walk over, and that are searched for foresight.
_LAW_BARS, _QUICK_LAW_BARS = 20_000, 4_000
_BARS, _QUICK_BARS = 100_000, 20_000
_FEWEST_FOR_LAWS, _FEWEST_FOR_STATISTICS = 10, 500
_MOMENTS, _QUICK_MOMENTS = 100, 40
_BUILDS, _QUICK_BUILDS = 50, 12
_NODES, _QUICK_NODES = 120, 30
_MARKETS, _QUICK_MARKETS = 2, 1
_WORD = int.from_bytes(b"lookahead", "big")
_PLAINEST = ("columns", "matches", "elsewhere", "foresight")
_LAWS = {
    "S1": "the same however the bars are cut",
    "S2": "no later bar changes an earlier signal",
    "S3": "the same after a restart at any bar",
    "S5": "silent until warm",
}


def check_lookahead(
    strategy: Strategy | type[Strategy], bars: BarSeries, *, seed: int = 0,
    parameters: Mapping[str, Any] | None = None, columns_builder: ColumnsBuilder | None = None,
    quick: bool = False,
) -> LookaheadReport:  # fmt: skip
    """Whether a strategy, its `@indicator`s or its columns know later bars, and where it shows.

    `columns_builder(bars)` makes the columns by name from the bars; without it the strategy's own
    `columns(bars)` is taken if it has one, else the columns given with the bars, as they are.
    `quick`: fewer moments and no flags, about a second for 20,000 bars. The same arguments give
    the same report. Errors: `too_few_bars`, `unknown_column`, `broken_columns`, those of the
    strategy.
    """
    made = _instance(strategy, parameters)
    return _Check(made, bars, columns_builder, seed, quick).run()


def _instance(
    strategy: Strategy | type[Strategy], parameters: Mapping[str, Any] | None
) -> Strategy:
    if isinstance(strategy, Strategy):
        return strategy if not parameters else type(strategy)({**strategy.parameters, **parameters})
    return strategy(parameters)


class _Check:
    """One run of all checks; collects findings and lines."""

    def __init__(
        self, strategy: Strategy, bars: BarSeries, given: ColumnsBuilder | None, seed: int,
        quick: bool,
    ) -> None:  # fmt: skip
        if len(bars) < _FEWEST_FOR_LAWS:
            raise DataError("too_few_bars", "these bars cannot show a look-ahead",
                            expected=f"{_FEWEST_FOR_LAWS} bars", found=str(len(bars)))  # fmt: skip
        self.strategy, self.seed, self.quick = strategy, seed, quick
        self.graph: Graph = strategy.graph
        self.names = required_columns(self.graph)
        own = getattr(strategy, "columns", None)
        self.builder: ColumnsBuilder | None = given or (own if callable(own) else None)
        self.plain = bars
        self.findings: list[Leak] = []
        self.lines: list[CheckLine] = []

    def run(self) -> LookaheadReport:
        if self._build():
            self.bars = self._with_columns()
            self.probes = probes_of(self.graph)
            self._columns_without_future()
            self._laws()
            self._futures()
            if len(self.bars) < _FEWEST_FOR_STATISTICS:
                self._line("foresight", SKIPPED, f"needs {_FEWEST_FOR_STATISTICS} bars")
            elif np.ptp(self.bars.close) == 0.0:
                self._line("foresight", SKIPPED, "the close never moves: there is nothing to know")
            else:
                self._foresight()
                self._elsewhere()
            if not self.quick and not self.findings:
                self.lines.append(check_delay(self.graph, self.bars))
                self.lines.append(check_recursion(self.graph, self.bars))
        return self._report()

    def _build(self) -> bool:
        """Whether the graph is one that the house knows, and the same when written again."""
        again = type(self.strategy)(self.strategy.parameters).graph
        if again.hash != self.graph.hash:
            self._found("graph", [Leak("graph", None, None, "the graph is another each time it is "
                        "written: it depends on more than the parameters")], "")  # fmt: skip
            return False
        # Before anything runs: a node made by hand may name a later bar, or memory of another.
        broken = _unknown_nodes(self.graph)
        leaks = [] if broken is None else [Leak("graph", None, None, broken)]
        self._found("graph", leaks, "the house's own nodes, the same each time it is written")
        return not leaks

    def _with_columns(self) -> BarSeries:
        if self.builder is not None and self.names:
            built = columns.with_columns(self.builder, self.plain, self.names)
            # A backtest reads the given ones, so they are what is looked at.
            given = replace(built, columns={**built.columns, **self.plain.columns})
            unlike = columns.differing(built, given)
            if unlike:
                self._line("given columns", FLAG, f"{', '.join(unlike)} given with the bars is not "
                           "what columns(bars) makes of them")  # fmt: skip
            return given
        missing = [name for name in self.names if name not in self.plain.columns]
        if missing:
            raise DataError(
                "unknown_column", f"the strategy reads column {missing[0]!r}",
                expected=f"bars with a column {missing[0]!r}",
                found=", ".join(self.plain.columns) or "no extra columns",
                hint="Give bars that have it (--bars FILE), or add a method columns(bars) to the "
                "strategy.",
            )  # fmt: skip
        return self.plain

    def _columns_without_future(self) -> None:
        if self.builder is None or not self.names:
            return
        rng = self._random()
        count = _QUICK_BUILDS if self.quick else _BUILDS
        moments = futures.moments_of(len(self.bars), self._entries(self.bars), count, rng)
        if self.quick:
            moments = moments[:: max(1, len(moments) // _QUICK_BUILDS)]
        moments = [k for k in moments if k >= min(200, len(self.bars) // 2)]
        leaks = columns.check_columns(self.builder, self.plain, self.names, moments, rng)
        self._found(
            "columns", leaks, f"computed again without the bars after {len(moments)} moments"
        )

    def _laws(self) -> None:
        cut = self._tail(_QUICK_LAW_BARS if self.quick else _LAW_BARS)
        offset = len(self.bars) - len(cut)
        for law, meaning in _LAWS.items():
            found = laws.CHECKS[law](self.graph, cut, self._random())
            leaks = []
            if found is not None:
                told = f"{meaning}: {found.message}"
                leaks = [Leak(law, found.column, found.first_bar, told).moved(offset)]
            self._found(law, leaks, meaning)

    def _futures(self) -> None:
        rng = self._random()
        cut = self._tail(_LAW_BARS)
        offset = len(self.bars) - len(cut)
        count = _QUICK_MOMENTS if self.quick else _MOMENTS
        moments = futures.moments_of(len(cut), self._entries(cut), count, rng)
        most = _QUICK_NODES if self.quick else _NODES
        packs = [Pack(self.graph, {name: name for name in self.graph.outputs})]
        packs += node_packs(self.graph, most)
        found = [futures.check_futures(pack, cut, moments, rng) for pack in packs]
        leaks = [leak.moved(offset) for leak in found if leak is not None]
        nodes = sum(len(pack.labels) for pack in packs)
        self._found("futures", leaks, f"{nodes} outputs and nodes at {len(moments)} moments")

    def _foresight(self) -> None:
        cut = self._tail(_QUICK_BARS if self.quick else _BARS)
        offset = len(self.bars) - len(cut)
        truth, later = Truth(cut), LaterBars(cut)
        leaks, doubts = [], []
        for probe, whole in zip(self.probes, values_of(self.probes, self.bars), strict=True):
            values = whole[offset:]
            found = None if probe.place is Place.OUTPUT else later.match(probe.label, values)
            if found is None:
                found = foresight.check_foresight(probe.label, values, truth, flag=probe.is_flag)
                if found is not None and not probe.given and survives(probe, cut):
                    doubts.append(found)
                    continue
            if found is not None:
                leaks.append(found.moved(offset))
        told = f"{len(self.probes)} columns, indicators and outputs against {len(cut):,} bars"
        self._found("foresight", leaks, told)
        if doubts:
            self._line("predictable", FLAG, f"{doubts[0].message}. It does so from another first "
                       "bar and at other prices too: these bars are easy to foretell, or the step "
                       "was fitted to them")  # fmt: skip

    def _elsewhere(self) -> None:
        # All bars: a table read by a counter begins with the first of them.
        truth, rng = Truth(self.bars), self._random()
        chosen = [p for p in self.probes if p.place is not Place.COLUMN or self.builder is not None]
        markets = _QUICK_MARKETS if self.quick else _MARKETS
        leaks: dict[Probe, Leak] = {}
        for _ in range(markets):
            made = elsewhere.random_market(self.bars, rng)
            if self.builder is not None and self.names:
                made = columns.with_columns(self.builder, made, self.names)
            for probe, values in zip(chosen, values_of(chosen, made), strict=True):
                found = elsewhere.check_elsewhere(probe.label, values, made, truth)
                if found is not None:
                    leaks.setdefault(probe, found)
        told = f"on {markets} random markets with the same times"
        self._found("elsewhere", list(leaks.values()), told)

    def _entries(self, bars: BarSeries) -> npt.NDArray[np.int64]:
        rows = outputs(self.graph, bars)
        entered = np.zeros(len(bars), np.bool_)
        for name in ("enter_long", "enter_short"):
            entered |= rows.get(name, entered) != 0
        return np.flatnonzero(entered)

    def _tail(self, most: int) -> BarSeries:
        return self.bars.slice(max(0, len(self.bars) - most), len(self.bars))

    def _random(self) -> np.random.Generator:
        """Anew for each check, so that one more check does not change the others."""
        # With a word of its own: bars made with the same seed elsewhere would be made of the very
        # numbers of our random market, and everything would seem to know them.
        return np.random.default_rng([_WORD, self.seed % 2**32])

    def _line(self, name: str, result: str, detail: str) -> None:
        self.lines.append(CheckLine(name, result, detail))

    def _found(self, name: str, leaks: Sequence[Leak], meaning: str) -> None:
        self.findings.extend(leaks)
        self._line(name, LEAK if leaks else OK, leaks[0].message if leaks else meaning)

    def _report(self) -> LookaheadReport:
        """The finding nearest to the cause first: a column, then an indicator, then an output."""
        order = {p.label: p.place for p in reversed(getattr(self, "probes", ()))}
        ranked = sorted(
            self.findings,
            key=lambda leak: (order.get(leak.column or "", Place.OUTPUT + 1), _plainness(leak)),
        )
        first = ranked[0] if ranked else None
        bar = None if first is None else first.first_bar
        return LookaheadReport(
            strategy=self.strategy.name,
            verdict=LEAK if first is not None else CLEAN,
            first_bar=bar,
            first_time=None if bar is None else int(self.plain.open_time[bar]),
            column=None if first is None else first.column,
            findings=tuple(ranked),
            checks=tuple(self.lines),
        )


def _plainness(leak: Leak) -> int:
    """Of several findings about one thing, the one that says most about its cause first."""
    return _PLAINEST.index(leak.check) if leak.check in _PLAINEST else len(_PLAINEST)


def _unknown_nodes(graph: Graph) -> str | None:
    """What is wrong with the graph as data (law S4), found without running any of it."""
    try:
        again = Graph.from_json(graph.to_json())
    except TradePulseError as error:
        return f"the graph is not one that can be stored: {error}"
    return None if again.hash == graph.hash else "the graph is another after JSON"
