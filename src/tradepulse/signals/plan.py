"""From graphs to the interpreter's tables: rows, state slots, and who runs when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tradepulse.domain.errors import DataError
from tradepulse.domain.interval import WEEK_MS, WEEK_ORIGIN_MS, Interval
from tradepulse.signals.graph import BASE, Graph, Node
from tradepulse.signals.indicator import find_indicator
from tradepulse.signals.kernels import elementwise as el
from tradepulse.signals.operations import FROM_ABOVE, OPERATIONS, Code, Kind
from tradepulse.signals.output import FLAG_NAMES, LEVEL_NAMES
from tradepulse.signals.warmup import warmup_bars

PRICES = ("open", "high", "low", "close", "volume")
# c (op) x for a constant on the left, as x (op) c.
_MIRROR = {
    Code.COMPARE: {0: 2, 1: 3, 2: 0, 3: 1, 4: 4, 5: 5},
    Code.CROSS: {1: -1, -1: 1},
    Code.ARITHMETIC: {
        el.ADD: el.ADD, el.SUBTRACT: el.REVERSE_SUBTRACT, el.MULTIPLY: el.MULTIPLY,
        el.DIVIDE: el.REVERSE_DIVIDE, el.MINIMUM: el.MINIMUM, el.MAXIMUM: el.MAXIMUM,
    },
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Plan:
    """Tables of one compiled set of graphs.

    Nodes `0..shared` serve several graphs and keep their rows; those of graph g are
    `own[g]..own[g + 1]` and reuse the scratch rows above. Rows of outputs are -1 where absent.
    `steps`: the indicators among the nodes, by number.
    """

    code: npt.NDArray[np.int32]
    frame: npt.NDArray[np.int32]
    inputs: npt.NDArray[np.int32]
    out: npt.NDArray[np.int32]
    ints: npt.NDArray[np.int64]
    floats: npt.NDArray[np.float64]
    at: npt.NDArray[np.int64]
    shared: int
    own: npt.NDArray[np.int64]
    flag_rows: npt.NDArray[np.int32]
    level_rows: npt.NDArray[np.int32]
    initial_state: npt.NDArray[np.float64]
    row_count: int
    flag_count: int
    frame_count: int
    columns: tuple[str, ...]
    warmups: tuple[int, ...]
    steps: Mapping[int, Node]


def frame_ms(frame: str, interval_ms: int) -> int:
    """Length of a frame. Error `bad_frame` unless it is a whole multiple above the bars' own."""
    length = int(frame[1:]) * interval_ms if frame[0] == "x" else Interval.parse(frame).ms
    if length <= interval_ms or length % interval_ms:
        raise DataError(
            "bad_frame", f"the strategy looks at {frame} bars from {Interval(interval_ms)} bars",
            expected=f"a whole multiple above {Interval(interval_ms)}", found=frame,
        )  # fmt: skip
    return length


@dataclass
class _Builder:
    """Collects table rows; the state of one compilation, thrown away after it."""

    interval_ms: int
    columns: tuple[str, ...]
    table: list[tuple[int, int, tuple[int, int, int, int], int, tuple[int, int], float, int]] = field(default_factory=list)  # fmt: skip # noqa: E501
    rows: int = 0
    flags: int = 0
    state: list[float] = field(default_factory=list)
    frames: dict[str, tuple[int, int]] = field(default_factory=dict)
    placed: dict[Node, int] = field(default_factory=dict)
    steps: dict[int, Node] = field(default_factory=dict)
    peak_rows: int = 0
    peak_flags: int = 0

    def open_frames(self, names: Sequence[str]) -> None:
        self.frames[BASE] = (0, 0)
        self.rows = len(PRICES) + len(self.columns)
        for name in names:
            length = frame_ms(name, self.interval_ms)
            origin = WEEK_ORIGIN_MS if length % WEEK_MS == 0 else 0
            index = len(self.frames)
            self.frames[name] = (index, self.rows)
            operation = OPERATIONS["resample"]
            at = self._reserve(operation.state(0, 0))
            self._emit_row(
                operation.code, index, (-1, -1, -1, -1), self.rows, (length, origin), 0.0, at
            )
            self.rows += len(PRICES)

    def _reserve(self, size: int) -> int:
        start = len(self.state)
        self.state.extend([0.0] * size)
        return start

    def _emit_row(self, code: int, frame: int, inputs: tuple[int, int, int, int], out: int,
                  ints: tuple[int, int], value: float, at: int) -> None:  # fmt: skip
        self.table.append((code, frame, inputs, out, ints, value, at))

    def _new_row(self, kind: Kind) -> int:
        if kind is Kind.FLAG:
            self.flags += 1
            self.peak_flags = max(self.peak_flags, self.flags)
            return self.flags - 1
        self.rows += 1
        self.peak_rows = max(self.peak_rows, self.rows)
        return self.rows - 1

    def place(self, node: Node) -> int:
        """The row of a node, adding it and (materialised) constants it cannot fold."""
        found = self.placed.get(node)
        if found is not None:
            return found
        frame, first = self.frames[node.frame]
        operation = node.operation
        if operation.code is Code.SOURCE:
            row = self._source(node, first)
        elif operation.code is Code.INDICATOR:
            row = self._indicator(node, frame)
        elif operation.code in _MIRROR:
            row = self._folding(node, frame)
        else:
            inputs = [self.place(item) for item in node.inputs]
            p, q, value = operation.lower(node.params)
            if operation.code in FROM_ABOVE:
                p = self.frames[node.inputs[0].frame][0]
            row = self._add(node, frame, inputs, (p, q), value)
        self.placed[node] = row
        return row

    def _source(self, node: Node, first: int) -> int:
        if node.op != "column":
            return first + PRICES.index(node.op)
        name = str(node.params[0])
        if name not in self.columns:
            raise DataError("unknown_column", f"the strategy reads column {name!r}",
                            expected=f"bars with a column {name!r}",
                            found=", ".join(self.columns) or "no extra columns")  # fmt: skip
        return len(PRICES) + self.columns.index(name)

    def _add(self, node: Node, frame: int, inputs: Sequence[int], ints: tuple[int, int],
             value: float, state: int | None = None) -> int:  # fmt: skip
        operation = node.operation
        size = operation.state(*ints) if state is None else state
        row = self._new_row(operation.kind)
        a, b, c, d = (*inputs, -1, -1, -1, -1)[:4]
        self._emit_row(operation.code, frame, (a, b, c, d), row, ints, value, self._reserve(size))
        return row

    def _folding(self, node: Node, frame: int) -> int:
        left, right = node.inputs
        p, kind, _ = node.operation.lower(node.params)
        if right.op == "constant" and left.op != "constant":
            value = float(right.params[0])
            return self._add(node, frame, [self.place(left)], (p, kind), value)
        if left.op == "constant" and right.op != "constant":
            kind = _MIRROR[node.operation.code][kind]
            value = float(left.params[0])
            return self._add(node, frame, [self.place(right)], (p, kind), value)
        return self._add(node, frame, [self.place(left), self.place(right)], (p, kind), 0.0)

    def _indicator(self, node: Node, frame: int) -> int:
        made = find_indicator(str(node.params[0]), str(node.params[1]))
        if len(node.inputs) != len(made.inputs) or len(node.params) != 2 + len(made.parameters):
            raise DataError("bad_graph", f"indicator {made.name} is called with other arguments",
                            expected=f"{len(made.inputs)} inputs, parameters {made.parameters}",
                            found=f"{len(node.inputs)} inputs, {node.params[2:]}")  # fmt: skip
        inputs = [self.place(item) for item in node.inputs]
        # The block loop takes four rows; unused ones repeat the first and are never read.
        inputs += [inputs[0]] * (4 - len(inputs))
        start, slots = len(self.state), made.shape.slots
        self.steps[len(self.table)] = node
        row = self._add(node, frame, inputs, (made.address(), slots.failed), 0.0, slots.size)
        for index, value in enumerate(node.params[2:]):
            self.state[start + slots.parameters + index] = float(value)
        return row

    def emit(self, node: Node, warmup: int) -> int:
        """A 0/1 row of a flag, closed until `warmup` bars have passed."""
        row = self._new_row(Kind.FLAG)
        self._emit_row(Code.EMIT, 0, (self.place(node), -1, -1, -1), row, (warmup, 0), 0.0,
                       self._reserve(1))  # fmt: skip
        return row


def compile_graphs(graphs: Sequence[Graph], interval_ms: int, columns: Sequence[str] = ()) -> Plan:
    """The plan that runs all `graphs` over bars of `interval_ms`, equal nodes once."""
    builder = _Builder(interval_ms, tuple(columns))
    every = [graph.nodes() for graph in graphs]
    uses = Counter(node for nodes in every for node in nodes)
    names = dict.fromkeys(node.frame for nodes in every for node in nodes if node.frame != BASE)
    builder.open_frames(list(names))
    builder.peak_rows = builder.rows
    for nodes in every:
        for node in nodes:
            # A constant that is only folded needs no row; place() makes one where it is read.
            if uses[node] > 1 and node.op != "constant":
                builder.place(node)
    shared, shared_placed = len(builder.table), dict(builder.placed)
    rows, flags = builder.rows, builder.flags
    own, flag_rows, level_rows, warmups = [shared], [], [], []
    for graph, nodes in zip(graphs, every, strict=True):
        builder.placed, builder.rows, builder.flags = dict(shared_placed), rows, flags
        warmup = warmup_bars(graph, interval_ms)
        # In the order of the walk, so that a long chain of nodes does not become a deep call.
        for node in nodes:
            if node.op != "constant":
                builder.place(node)
        flag_rows.append(_flag_outputs(builder, graph, warmup))
        level_rows.append([builder.place(graph.outputs[n]) if n in graph.outputs else -1
                           for n in LEVEL_NAMES])  # fmt: skip
        own.append(len(builder.table))
        warmups.append(warmup)
    return _finish(builder, shared, own, flag_rows, level_rows, warmups)


def _flag_outputs(builder: _Builder, graph: Graph, warmup: int) -> list[int]:
    made = []
    for name in FLAG_NAMES:
        node = graph.outputs.get(name)
        wait = warmup if name.startswith("enter") else 0
        made.append(-1 if node is None else builder.emit(node, wait))
    return made


def _finish(builder: _Builder, shared: int, own: list[int], flag_rows: list[list[int]],
            level_rows: list[list[int]], warmups: list[int]) -> Plan:  # fmt: skip
    table = builder.table
    return Plan(
        code=np.array([row[0] for row in table], np.int32),
        frame=np.array([row[1] for row in table], np.int32),
        inputs=np.array([row[2] for row in table], np.int32).reshape(-1, 4),
        out=np.array([row[3] for row in table], np.int32),
        ints=np.array([row[4] for row in table], np.int64).reshape(-1, 2),
        floats=np.array([row[5] for row in table], np.float64),
        at=np.array([row[6] for row in table], np.int64),
        shared=shared,
        own=np.array(own, np.int64),
        flag_rows=np.array(flag_rows, np.int32).reshape(-1, len(FLAG_NAMES)),
        level_rows=np.array(level_rows, np.int32).reshape(-1, len(LEVEL_NAMES)),
        initial_state=np.array(builder.state, np.float64),
        row_count=max(builder.peak_rows, builder.rows),
        flag_count=max(builder.peak_flags, 1),
        frame_count=len(builder.frames),
        columns=builder.columns,
        warmups=tuple(warmups),
        steps=builder.steps,
    )
