"""The laws of the signal graph as checks over any graph and bars: None, or what broke and where.

The property tests and `tradepulse strategies test` run these same functions, so what proves the
library's own nodes also proves a user's strategy and `@indicator`s. Randomness comes from the
caller's generator: one seed gives one verdict. Two NaN count as equal whatever their payload;
everything else is compared bit for bit, the sign of zero included.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import OHLCV, BarSeries
from tradepulse.domain.errors import TradePulseError
from tradepulse.signals.graph import BASE, Graph, Node, make_node, walk
from tradepulse.signals.operations import Code
from tradepulse.signals.output import FLAG_NAMES, LEVEL_NAMES, SignalBlock
from tradepulse.signals.program import BLOCK, Program, required_columns
from tradepulse.signals.warmup import lookback, warmup_bars

NAMES = (*FLAG_NAMES, *LEVEL_NAMES)
# Cuts a partition check makes at most: a block of one costs an interpreter call, some 10 us.
MOST_CUTS = 400
# How far behind bar k the scrambled bars reach: two blocks, where a leak of any node would look.
HORIZON = 2 * BLOCK
MOMENTS = 8


@dataclass(frozen=True)
class Finding:
    """A broken law: its id, the first bar and output column that show it, and a sentence."""

    law: str
    first_bar: int | None
    column: str | None
    message: str


Check = Callable[[Graph, BarSeries, np.random.Generator], Finding | None]


def check_partition(graph: Graph, bars: BarSeries, rng: np.random.Generator) -> Finding | None:
    """S1: any cut of the bars into blocks, blocks of one included, gives the same bits."""
    whole = _outputs(graph, bars)
    for inner in (BLOCK, int(rng.integers(1, 9))):
        program = _program(graph, bars, inner)
        start = 0
        for stop in _cuts(len(bars), rng):
            found = _outputs_of(program.advance(bars.slice(start, stop)))
            broken = _difference("S1", whole, found, start, "with the bars cut into other blocks")
            if broken is not None:
                return broken
            start = stop
    return None


def check_future(graph: Graph, bars: BarSeries, rng: np.random.Generator) -> Finding | None:
    """S2: other bars after bar k, or none, change no output up to k."""
    whole = _outputs(graph, bars)
    for k in _moments(len(bars), rng):
        reach = bars.slice(0, min(len(bars), k + 1 + HORIZON))
        for other, what in (
            (scrambled(reach, k, rng), "changed"),
            (bars.slice(0, k + 1), "were not there"),
        ):
            found = {name: row[: k + 1] for name, row in _outputs(graph, other).items()}
            broken = _difference("S2", whole, found, 0, f"when the bars after bar {k} {what}")
            if broken is not None:
                return broken
    return None


def check_restore(graph: Graph, bars: BarSeries, rng: np.random.Generator) -> Finding | None:
    """S3: a state kept at any bar and given back, to this program or a new one, changes nothing."""
    whole = _outputs(graph, bars)
    for k in _moments(len(bars), rng)[:3]:
        program = _program(graph, bars)
        program.advance(bars.slice(0, k))
        kept = program.snapshot()
        # The program moves on in between: a state that shares its memory would move with it.
        program.advance(bars.slice(k, len(bars)))
        for other in (program, _program(graph, bars)):
            other.restore(kept)
            found = _outputs_of(other.advance(bars.slice(k, len(bars))))
            broken = _difference("S3", whole, found, k, f"after restoring the state of bar {k}")
            if broken is not None:
                return broken
    return None


def check_json(graph: Graph, bars: BarSeries, rng: np.random.Generator) -> Finding | None:  # noqa: ARG001
    """S4: graph to JSON and back gives the same hash and the same outputs."""
    try:
        again = Graph.from_json(json.loads(json.dumps(graph.to_json(), allow_nan=False)))
    except (TradePulseError, ValueError) as error:
        return Finding("S4", None, None, f"the graph does not survive JSON: {error}")
    if again.hash != graph.hash:
        return Finding("S4", None, None, f"the hash {graph.hash} became {again.hash} through JSON")
    return _difference("S4", _outputs(graph, bars), _outputs(again, bars), 0, "through JSON")


def check_warm(graph: Graph, bars: BarSeries, rng: np.random.Generator) -> Finding | None:  # noqa: ARG001
    """S5: NaN or False until warm, for a flag's negation too, and where an input is missing."""
    whole = _outputs(graph, bars)
    return (
        _early(graph, bars, whole)
        or _both_ways(graph, bars)
        or _spoken_without_input(graph, bars)
    )  # fmt: skip


CHECKS: MappingProxyType[str, Check] = MappingProxyType(
    {
        "S1": check_partition,
        "S2": check_future,
        "S3": check_restore,
        "S4": check_json,
        "S5": check_warm,
    }
)


def scrambled(bars: BarSeries, k: int, rng: np.random.Generator) -> BarSeries:
    """The same bars up to bar k; other prices, volumes, columns and gaps in time after it."""
    after = np.s_[k + 1 :]
    count = len(bars) - k - 1
    changed = {name: getattr(bars, name).copy() for name in OHLCV}
    factor = np.exp(rng.normal(0.0, 0.5, count)) * np.where(rng.random(count) < 0.05, 1e6, 1.0)
    for name in OHLCV[:4]:
        changed[name][after] *= factor
    changed["volume"][after] *= rng.uniform(0.0, 5.0, count)
    times = bars.open_time.copy()
    times[after] += np.cumsum(rng.integers(0, 3, count)) * bars.interval_ms
    columns = {name: column.copy() for name, column in bars.columns.items()}
    for column in columns.values():
        column[after] = np.where(rng.random(count) < 0.1, np.nan, rng.normal(0.0, 10.0, count))
    return replace(bars, open_time=times, columns=columns, **changed)


Rows = dict[str, npt.NDArray[Any]]


def _program(graph: Graph, bars: BarSeries, block: int = BLOCK) -> Program:
    return Program(graph, bars.interval_ms, required_columns(graph), block)


def _outputs(graph: Graph, bars: BarSeries) -> Rows:
    return _outputs_of(_program(graph, bars).advance(bars))


def _outputs_of(block: SignalBlock) -> Rows:
    return {name: row for name in NAMES if (row := getattr(block, name)) is not None}


def _cuts(total: int, rng: np.random.Generator) -> Iterable[int]:
    """Ends of blocks: runs of single bars between blocks of any length."""
    ones = rng.integers(0, max(total, 1), MOST_CUTS // 20)
    single = (ones[:, None] + np.arange(15)).ravel()
    inside = np.concatenate((single, rng.integers(0, total + 1, MOST_CUTS // 4)))
    return [*np.unique(inside[(inside > 0) & (inside < total)]).tolist(), total]


def _moments(total: int, rng: np.random.Generator) -> list[int]:
    """Bars to look at: some of them anywhere, the last but one among them."""
    chosen = rng.integers(0, total, MOMENTS - 1).tolist() if total else []
    return [int(k) for k in (*chosen, total - 2) if 0 <= k < total]


def _difference(law: str, whole: Rows, part: Rows, start: int, when: str) -> Finding | None:
    """The earliest bar at which `part`, which begins at bar `start`, differs from `whole`."""
    first: tuple[int, str] | None = None
    for name, row in part.items():
        unequal = np.flatnonzero(~_same(whole[name][start : start + len(row)], row))
        if len(unequal) and (first is None or start + unequal[0] < first[0]):
            first = start + int(unequal[0]), name
    if first is None:
        return None
    bar, name = first
    was, became = whole[name][bar], part[name][bar - start]
    return Finding(law, bar, name, f"{name} of bar {bar} is {was}, and {became} {when}")


def _same(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    if a.dtype != np.float64:
        return np.asarray(a == b)
    both_missing = np.isnan(a) & np.isnan(b)
    return np.asarray((a.view(np.int64) == b.view(np.int64)) | both_missing)


def _early(graph: Graph, bars: BarSeries, whole: Rows) -> Finding | None:
    """An output before its static look-back, or an entry before `warmup_bars`."""
    warmup = warmup_bars(graph, bars.interval_ms)
    seen: dict[Node, int] = {}
    for name, node in graph.outputs.items():
        age = _age(bars, framed=any(item.frame != BASE for item in walk([node])))
        spoken = whole[name] != 0 if name in FLAG_NAMES else ~np.isnan(whole[name])
        wait = lookback(node, bars.interval_ms, seen)
        early = np.flatnonzero(spoken & (age < wait))
        if name.startswith("enter"):
            early = np.flatnonzero(spoken[:warmup])
        if len(early):
            bar = int(early[0])
            needed = max(wait, warmup) if name.startswith("enter") else wait
            return Finding("S5", bar, name, f"{name} speaks on bar {bar}, warm after {needed}")
    return None


def _age(bars: BarSeries, *, framed: bool) -> npt.NDArray[np.int64]:
    """Bars before each; intervals before it where higher frames, which follow time, take part."""
    if not framed:
        return np.arange(len(bars), dtype=np.int64)
    return (bars.open_time - bars.open_time[:1]) // bars.interval_ms


def _both_ways(graph: Graph, bars: BarSeries) -> Finding | None:
    """A flag that is true together with its negation, or before either is known."""
    for name, node in graph.outputs.items():
        if name not in FLAG_NAMES:
            continue
        known = make_node("number", (node,))
        rows = _outputs(
            Graph({"exit_long": node, "exit_short": make_node("not", (node,)), "stop": known}), bars
        )
        told = rows["exit_long"] + rows["exit_short"]
        wrong = np.flatnonzero(told != np.where(np.isnan(rows["stop"]), 0, 1))
        if len(wrong):
            bar = int(wrong[0])
            message = f"{name} and its negation are {told[bar]} times true on bar {bar}"
            return Finding("S5", bar, name, message)
    return None


def _spoken_without_input(graph: Graph, bars: BarSeries) -> Finding | None:
    """An output that speaks although an extra column it needs was never known."""
    missing = np.full(len(bars), np.nan)
    silent = replace(bars, columns=dict.fromkeys(required_columns(graph), missing))
    for name, row in _outputs(graph, silent).items():
        node = graph.outputs.get(name)
        if node is None or not _needs_column(node, {}):
            continue
        spoken = np.flatnonzero(row != 0 if name in FLAG_NAMES else ~np.isnan(row))
        if len(spoken):
            bar = int(spoken[0])
            return Finding("S5", bar, name, f"{name} speaks on bar {bar} without its column")
    return None


def _needs_column(node: Node, seen: dict[Node, bool]) -> bool:
    """Whether the node can say nothing while every extra column is NaN."""
    for item in walk([node]):
        needs = [seen[other] for other in item.inputs]
        if item.operation.code is Code.CHOICE:
            seen[item] = needs[0] or (needs[1] and needs[2])
        elif item.operation.code is Code.OTHERWISE:
            seen[item] = all(needs)
        else:
            seen[item] = item.op == "column" or any(needs)
    return seen[node]
