"""An indicator that raised, told to its author: which one, on which bar, what and with which
inputs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tradepulse.domain.errors import FailedError
from tradepulse.signals.compiled_step import Raised
from tradepulse.signals.graph import BASE, Node
from tradepulse.signals.indicator import Indicator, find_indicator
from tradepulse.signals.plan import Plan

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]

_HINT = (
    "Give NaN on a bar without an answer. No signal of this run was kept: what comes after such a "
    "bar would be anything."
)


class BlockAtHand(NamedTuple):
    """The interpreter's working memory where it stopped, as `run_nodes` takes it."""

    counts: Small
    times: Ints
    rows: Floats
    closed: Small
    memory: Floats


def indicator_failed(
    plan: Plan, number: int, block: BlockAtHand, open_time: Ints, before: int
) -> FailedError:
    """The error of node `number`, which raised in the block at hand of a run over the bars that
    open at `open_time`, `before` others behind it. Bars are counted from 0 since signals began."""
    node = plan.steps[number]
    made = find_indicator(str(node.params[0]), str(node.params[1]))
    frame, at, slots = int(plan.frame[number]), int(plan.at[number]), made.shape.slots
    inputs = [block.rows[row, : block.counts[frame]] for row in plan.inputs[number]]
    raised = made.compiled().raised(inputs[: len(made.inputs)], block.memory[at : at + slots.size])
    first = int(np.searchsorted(open_time, block.times[0, 0])) + before
    where = _where(node, frame, block, first, raised)
    error = FailedError(
        "indicator_failed", f"indicator {_called(made, node)} failed {where}",
        expected="a number or NaN for every bar", found=_what(made, raised), hint=_HINT,
    )  # fmt: skip
    error.__cause__ = None if raised is None else raised.error
    return error


def _called(made: Indicator, node: Node) -> str:
    given = zip(made.parameters, node.params[2:], strict=True)
    told = ", ".join(f"{name}={float(value):g}" for name, value in given)
    return f"{made.name}({told})" if told else made.name


def _where(node: Node, frame: int, block: BlockAtHand, first: int, raised: Raised | None) -> str:
    """The bar, counted and by its time; of a higher frame the bar that saw it close."""
    if raised is None:
        count = int(block.counts[0])
        last = block.times[0, count - 1]
        return f"on one of bars {first} to {first + count - 1}, the last opened {_time(last)}"
    place = raised.bar
    if node.frame != BASE:
        # closed[j] counts the higher bars that are visible on bar j.
        place = int(np.searchsorted(block.closed[frame, : block.counts[0]], raised.bar, "right"))
    told = f"on bar {first + place}, opened {_time(block.times[0, place])}"
    if node.frame == BASE:
        return told
    return f"{told}, at the {node.frame} bar of {_time(block.times[frame, raised.bar])}"


def _time(time_ms: np.int64) -> str:
    return datetime.fromtimestamp(int(time_ms) / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _what(made: Indicator, raised: Raised | None) -> str:
    if raised is None:
        return "nothing when run again over the same bars: the step depends on something else"
    inputs = zip(made.inputs, raised.inputs, strict=True)
    with_what = ", ".join(f"{name}={value:g}" for name, value in inputs)
    return f"{type(raised.error).__name__}: {raised.error} ({with_what})"
