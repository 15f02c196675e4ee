"""Expressions, the drawing, the JSON document and how each refuses what it cannot mean."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from market_bars import calm_bars, values

from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.interval import HOUR_MS, MINUTE_MS
from tradepulse.signals.declaration import Signals
from tradepulse.signals.drawing import draw, label
from tradepulse.signals.graph import Graph
from tradepulse.signals.market import Bars
from tradepulse.signals.operations import OPERATIONS
from tradepulse.signals.program import Program, required_columns
from tradepulse.signals.warmup import lookback, warmup_bars

BAR = Bars()
FLAG = BAR.close > BAR.open
NAN = float("nan")

REFUSED: dict[str, tuple[str, Callable[[], object]]] = {
    "no span": ("bad_span", lambda: BAR.close.sma(0)),
    "negative span": ("bad_span", lambda: BAR.close.ema(-3)),
    "half a bar": ("bad_span", lambda: BAR.close.sma(2.5)),
    "true as span": ("bad_span", lambda: BAR.close.sma(True)),
    "text as span": ("bad_span", lambda: BAR.close.sma("20")),
    "nan as span": ("bad_span", lambda: BAR.close.sma(NAN)),
    "infinite span": ("bad_span", lambda: BAR.close.sma(math.inf)),
    "span beyond memory": ("bad_span", lambda: BAR.close.sma(10**12)),
    "slope of one": ("bad_span", lambda: BAR.close.slope(1)),
    "previous of zero": ("bad_span", lambda: BAR.close.previous(0)),
    "flag of the future": ("bad_span", lambda: FLAG.previous(-1)),
    "value of the future": ("bad_span", lambda: BAR.close.previous(-1)),
    "fast over slow": ("bad_span", lambda: BAR.close.macd(26, 12)),
    "if flag": ("flag_as_bool", lambda: bool(FLAG)),
    "flag and flag": ("flag_as_bool", lambda: FLAG and FLAG),
    "chained comparison": ("flag_as_bool", lambda: 1.0 < BAR.close < 2.0),
    "series and flag": ("flag_as_bool", lambda: BAR.close and FLAG),
    "max of series": ("flag_as_bool", lambda: max(BAR.close, BAR.open)),
    "flag as number": ("bad_operand", lambda: BAR.close + FLAG),
    "text as number": ("bad_operand", lambda: BAR.close > "high"),
    "bool as number": ("bad_operand", lambda: BAR.close > True),
    "none as number": ("bad_operand", lambda: BAR.close * None),
    "series as flag": ("bad_operand", lambda: FLAG & BAR.close),
    "bool as flag": ("bad_operand", lambda: FLAG | True),
    "equality is not a flag": ("bad_operand", lambda: (BAR.hour == 5) & FLAG),
    "hold on a series": ("bad_operand", lambda: BAR.close.hold(BAR.open)),
    "where of a flag": ("bad_operand", lambda: FLAG.where(FLAG, 1.0)),
    "unknown frame": ("unknown_interval", lambda: BAR.at("4 hours")),
    "frame of one": ("bad_span", lambda: BAR.at("x1")),
    "column of a frame": ("column_frame", lambda: BAR.at("4h").column("score")),
    "no entry": ("no_entry", lambda: Signals(exit_long=FLAG).graph()),
    "nothing at all": ("no_entry", lambda: Signals().graph()),
    "series as entry": ("bad_operand", lambda: Signals(enter_long=BAR.close).graph()),
    "bool as entry": ("bad_operand", lambda: Signals(enter_long=True).graph()),
    "flag as stop": ("bad_operand", lambda: Signals(enter_long=FLAG, stop=FLAG).graph()),
}


def refuse(code: str, action: Callable[[], object]) -> TradePulseError:
    with pytest.raises(TradePulseError) as caught:
        action()
    assert caught.value.code == code
    assert caught.value.expected
    assert caught.value.found
    return caught.value


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_while_writing(case: str) -> None:
    refuse(*REFUSED[case])


def graph_of(**outputs: object) -> Graph:
    return Signals(**{"enter_long": FLAG} | outputs).graph()


def test_refusals_while_compiling_and_running() -> None:
    bars = calm_bars(10)
    for frame in ("1h", "30m", "90m"):
        high = graph_of(stop=BAR.at(frame).close)
        refuse("bad_frame", lambda graph=high: Program(graph, HOUR_MS))
    with_column = graph_of(stop=BAR.column("sentiment"))
    assert required_columns(with_column) == ("sentiment",)
    refuse("unknown_column", lambda: Program(with_column, HOUR_MS))
    program = Program(with_column, HOUR_MS, ("sentiment",))
    error = refuse("unknown_column", lambda: program.advance(bars))
    assert error.found == "score, rate"
    assert program.bars_seen == 0
    refuse("interval_mismatch", lambda: Program(graph_of(), MINUTE_MS).advance(bars))


def test_numbers_of_numpy_are_numbers() -> None:
    assert BAR.close.sma(np.int64(5)).node is BAR.close.sma(5).node
    assert (BAR.close + np.float64(2.0)).node is (BAR.close + 2).node
    assert BAR.close.sma(5.0).node is BAR.close.sma(5).node


def test_a_level_may_be_none_on_some_bars() -> None:
    """`NaN = none` can be written, hashed and stored; infinity too."""
    graph = graph_of(stop=FLAG.where(BAR.atr(3), NAN), target=FLAG.where(1.0, math.inf))
    again = Graph.from_json(json.loads(json.dumps(graph.to_json(), allow_nan=False)))
    assert again.hash == graph.hash
    assert again.outputs == graph.outputs
    bars = calm_bars(50)
    block = Program(again, HOUR_MS).advance(bars)
    rising = bars.close > bars.open
    assert np.isnan(block.stop[~rising]).all()
    assert not np.isnan(block.stop[rising][3:]).any()
    assert np.isinf(block.target[~rising]).all()


def test_a_hash_does_not_depend_on_what_was_built_before() -> None:
    minus = (BAR.volume + -0.0).node
    plus = (BAR.volume + 0.0).node
    assert minus.digest == plus.digest
    assert minus.inputs[1].params == (0.0,)


def test_equal_expressions_are_one_node() -> None:
    assert BAR.close.ema(9).node is Bars().close.ema(9).node
    assert BAR.at("240m").close.node is BAR.at("4h").close.node
    assert BAR.close.ema(9).node is not BAR.close.ema(10).node
    assert BAR.close.ema(9).node is not BAR.at("4h").close.ema(9).node


def test_a_long_chain_neither_exhausts_the_stack_nor_the_laws() -> None:
    total = BAR.close
    for index in range(1500):
        total = total + float(index % 7)
    graph = graph_of(stop=total)
    assert Graph.from_json(graph.to_json()).hash == graph.hash
    bars = calm_bars(20)
    found = Program(graph, HOUR_MS).advance(bars).stop
    assert found == pytest.approx(bars.close + sum(index % 7 for index in range(1500)))
    assert draw(graph).count("\n") > 1500


def test_infinity_compares_as_a_number() -> None:
    """`since` is infinite before its first event; two such meet as equals, not as unknown."""
    never, late = (BAR.close < 0.0).since(), BAR.hour.equals(7.0).since()
    bars = calm_bars(24)
    assert np.flatnonzero(values(never.crosses_above(late), bars)).tolist() == [7]
    assert values(never.crosses_above(late).count(1), bars)[1:].tolist() == [
        float(bar == 7) for bar in range(1, 24)
    ]


LOOKBACKS: dict[str, tuple[object, int]] = {
    "source": (BAR.close, 0),
    "sma": (BAR.close.sma(20), 19),
    "ema of ema": (BAR.close.ema(5).ema(7), 10),
    "rsi": (BAR.close.rsi(14), 14),
    "atr": (BAR.atr(14), 14),
    "adx": (BAR.adx(14), 27),
    "macd": (BAR.close.macd(12, 26, 9)[2], 33),
    "zscore": (BAR.close.zscore(9), 8),
    "keltner": (BAR.keltner(20, 1.5, 30)[0], 30),
    "donchian": (BAR.donchian(20)[0], 20),
    "supertrend": (BAR.supertrend(10)[0], 10),
    "previous": (BAR.close.previous(4).previous(3), 7),
    "count": (BAR.close.crosses_above(BAR.open).count(5), 5),
    "where": ((BAR.close > BAR.close.sma(9)).where(BAR.close, BAR.close.sma(20)), 8),
    "at": (BAR.at("4h").close, 4),
    "sma at": (BAR.at("4h").close.sma(3), 12),
    "sma of at": ((BAR.at("4h").close * BAR.close).sma(3), 6),
    "multiple": (BAR.at("x6").atr(2), 18),
}  # fmt: skip


@pytest.mark.parametrize("case", LOOKBACKS)
def test_the_static_look_back_is_the_first_valid_bar(case: str) -> None:
    series, wanted = LOOKBACKS[case]
    node = Signals(enter_long=FLAG, stop=series).graph().outputs["stop"]
    assert lookback(node, HOUR_MS, {}) == wanted
    found = values(series, calm_bars(200))
    assert np.isnan(found[:wanted]).all()
    assert not np.isnan(found[wanted:]).any() or case == "where"
    assert not np.isnan(found[wanted])


def test_entries_wait_for_recursions_to_settle() -> None:
    graph = Signals(enter_long=BAR.close.ema(10) > 0.0, exit_long=BAR.close.ema(10) > 0.0).graph()
    block = Program(graph, HOUR_MS).advance(calm_bars(60))
    assert warmup_bars(graph, HOUR_MS) == Program(graph, HOUR_MS).warmup_bars == 40
    assert np.flatnonzero(block.enter_long)[0] == 40
    assert np.flatnonzero(block.exit_long)[0] == 9
    higher = Signals(enter_long=BAR.at("4h").close.ema(10) > 0.0).graph()
    assert warmup_bars(higher, HOUR_MS) == 160


def test_the_drawing() -> None:
    mean = BAR.close.sma(3)
    above = BAR.close > mean
    graph = Signals(
        enter_long=above & (BAR.at("4h").close > 2.0), exit_long=~above, stop=mean
    ).graph()
    assert draw(graph) == "\n".join((
        "enter_long",
        "└─ and",
        "   ├─ >  [1]",
        "   │  ├─ close",
        "   │  └─ rolling_mean(3)",
        "   │     └─ close",
        "   └─ align_flag",
        "      └─ > @4h",
        "         ├─ close @4h",
        "         └─ 2",
        "",
        "exit_long",
        "└─ not",
        "   └─ [1]",
        "",
        "stop",
        "└─ rolling_mean(3)",
        "   └─ close",
    ))  # fmt: skip
    assert label(BAR.column("score").node) == "column(score)"


def document() -> dict[str, object]:
    expression = (BAR.at("4h").close.ema(9) - BAR.column("score")).rolling_std(5)
    return graph_of(stop=expression + 2.0).to_json()


def part(found: dict[str, object], op: str) -> dict[str, object]:
    return next(item for item in found["nodes"] if item["op"] == op)


BROKEN: dict[str, Callable[[dict], object]] = {
    "not a graph": lambda d: d.clear(),
    "another format": lambda d: d.update(format=99),
    "no nodes": lambda d: d.pop("nodes"),
    "nodes of text": lambda d: d.update(nodes="close"),
    "unknown operation": lambda d: part(d, "ema").update(op="tomorrow"),
    "operation of the compiler": lambda d: part(d, "close").update(op="resample"),
    "no such input": lambda d: part(d, "ema").update(inputs=[99]),
    "itself as input": lambda d: part(d, "rolling_std").update(inputs=[-1]),
    "too few inputs": lambda d: part(d, "ema").update(inputs=[]),
    "too many inputs": lambda d: part(d, "ema").update(inputs=[0, 0]),
    "a flag as number": lambda d: part(d, "rolling_std").update(inputs=[2]),
    "no span": lambda d: part(d, "rolling_std").update(params=[]),
    "span of zero": lambda d: part(d, "rolling_std").update(params=[0]),
    "span of text": lambda d: part(d, "rolling_std").update(params=["9"]),
    "span beyond memory": lambda d: part(d, "rolling_std").update(params=[10**12]),
    "one span too many": lambda d: part(d, "rolling_std").update(params=[5, 5]),
    "a skip below zero": lambda d: part(d, "ema").update(params=[9, -1]),
    "a constant of text": lambda d: part(d, "constant").update(params=["two"]),
    "a column without name": lambda d: part(d, "column").update(params=[]),
    "a frame of text": lambda d: part(d, "ema").update(frame="xyz"),
    "another frame than its input": lambda d: part(d, "ema").update(frame="1d"),
    "a frame left out": lambda d: part(d, "ema").pop("frame"),
    "an output of another name": lambda d: d["outputs"].update(enter_sideways=0),
    "a number as entry": lambda d: d["outputs"].update(enter_long=d["outputs"]["stop"]),
    "a flag as stop": lambda d: d["outputs"].update(stop=d["outputs"]["enter_long"]),
    "no such output": lambda d: d["outputs"].update(stop=99),
    "a tag of numbers": lambda d: d.update(tag=7),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_broken_documents_are_refused(case: str) -> None:
    found = copy.deepcopy(document())
    BROKEN[case](found)
    refuse("bad_graph", lambda: Graph.from_json(found))


@pytest.mark.parametrize("found", [None, [], "graph", 7])
def test_other_json_is_refused(found: object) -> None:
    refuse("bad_graph", lambda: Graph.from_json(found))


def test_a_level_of_a_higher_frame_is_refused_unaligned() -> None:
    found = document()
    place = next(i for i, item in enumerate(found["nodes"]) if item["frame"] == "4h")
    found["outputs"]["stop"] = place
    refuse("bad_graph", lambda: Graph.from_json(found))


def test_a_read_only_history_needs_no_second_compilation() -> None:
    """Bars of a Parquet file arrive as read-only views; Numba takes those for another type."""
    from tradepulse.signals.program import run_series

    bars = calm_bars(30)
    Program(graph_of(), HOUR_MS).advance(bars)
    compiled = len(run_series.signatures)
    times = bars.open_time.copy()
    times.flags.writeable = False
    Program(graph_of(), HOUR_MS).advance(replace(bars, open_time=times))
    every_other = np.repeat(bars.open_time, 2)[::2]
    Program(graph_of(), HOUR_MS).advance(replace(bars, open_time=every_other))
    assert len(run_series.signatures) == compiled


def test_every_operation_is_documented_by_the_table() -> None:
    assert len(OPERATIONS) > 50
    assert all(name == operation.name for name, operation in OPERATIONS.items())
