"""One compiled interpreter that runs a list of nodes over one block of bars, row by row.

A chain of branches costs a node a few nanoseconds a block; each branch is a plain loop over the
block that stays in cache. Python is not in it, nor is any allocation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from tradepulse.signals.jit import kernel
from tradepulse.signals.kernels import elementwise as el
from tradepulse.signals.kernels import higher, memory, recursive, rolling
from tradepulse.signals.operations import Code

# Plain module integers: the compiler folds them, an enum it would look up.
SOURCE, CONSTANT, ARITHMETIC, UNARY, COMPARE = (int(Code[n]) for n in ("SOURCE", "CONSTANT", "ARITHMETIC", "UNARY", "COMPARE"))  # fmt: skip # noqa: E501
AND, OR, NOT, CROSS, PREVIOUS, PREVIOUS_FLAG = (int(Code[n]) for n in ("AND", "OR", "NOT", "CROSS", "PREVIOUS", "PREVIOUS_FLAG"))  # fmt: skip # noqa: E501
SUM, MEAN, STD, WEIGHTED, EXTREME, ORDERED = (int(Code[n]) for n in ("SUM", "MEAN", "STD", "WEIGHTED", "EXTREME", "ORDERED"))  # fmt: skip # noqa: E501
SMOOTHED, RSI, TRUE_RANGE, DIRECTIONAL = (int(Code[n]) for n in ("SMOOTHED", "RSI", "TRUE_RANGE", "DIRECTIONAL"))  # fmt: skip # noqa: E501
SUPERTREND, OBV, SESSION_VWAP = (int(Code[n]) for n in ("SUPERTREND", "OBV", "SESSION_VWAP"))
SINCE, HOLD, SWING, CHOICE, NUMBER, CLOCK = (int(Code[n]) for n in ("SINCE", "HOLD", "SWING", "CHOICE", "NUMBER", "CLOCK"))  # fmt: skip # noqa: E501
ALIGN, ALIGN_FLAG, INDICATOR, EMIT, RESAMPLE = (int(Code[n]) for n in ("ALIGN", "ALIGN_FLAG", "INDICATOR", "EMIT", "RESAMPLE"))  # fmt: skip # noqa: E501
JUST_CLOSED, OTHERWISE = int(Code.JUST_CLOSED), int(Code.OTHERWISE)

# What is returned where no indicator raised.
DONE = -1

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


def _call_block(
    _context: Any, _address: Any, _x0: Any, _x1: Any, _x2: Any, _x3: Any, _out: Any, _state: Any,
    _n: Any,
) -> tuple[Any, Callable[..., Any]]:  # fmt: skip
    """Calls a compiled block loop at `address`: an address keeps the interpreter cacheable."""
    words = [types.int64] * 8
    signature = types.void(*words)

    def codegen(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        word = ir.IntType(64)
        function = ir.FunctionType(ir.VoidType(), [word] * 7)
        builder.call(builder.inttoptr(arguments[0], function.as_pointer()), arguments[1:])
        return context.get_dummy_value()

    return signature, codegen


# Typed as what it is to the caller; to Numba the function above is only the recipe.
call_block: Callable[..., None] = intrinsic(_call_block)


@kernel
def run_nodes(  # noqa: PLR0912, PLR0915 (one switch: a node's branch is found without a call)
    code: Small, frame: Small, inputs: Small, out: Small, ints: Ints, floats: Floats,
    at: Ints, first: int, last: int, counts: Small, times: Ints, rows: Floats,
    flags: npt.NDArray[np.uint8], closed: Small, state: Floats,
) -> int:  # fmt: skip
    """Runs nodes `first` to `last` over the block whose bars per frame are `counts`.

    DONE, or the number of an indicator that raised: what it was given is still in its rows, what
    it gave may be anything, and no node after it was run.
    """
    for k in range(first, last):
        op, n, s = code[k], counts[frame[k]], at[k]
        a, b, c, o = inputs[k, 0], inputs[k, 1], inputs[k, 2], out[k]
        p, q, v = ints[k, 0], ints[k, 1], floats[k]
        if op == CROSS:
            if b < 0:
                memory.cross_constant(rows[a], v, flags[o], n, state, s, float(q))
            elif q > 0:
                memory.cross(rows[a], rows[b], flags[o], n, state, s)
            else:
                memory.cross(rows[b], rows[a], flags[o], n, state, s)
        elif op == EMIT:
            el.emit(flags[a], flags[o], n, state, s, p)
        elif op == ARITHMETIC:
            if b < 0:
                el.arithmetic_constant(q, rows[a], v, rows[o], n)
            else:
                el.arithmetic(q, rows[a], rows[b], rows[o], n)
        elif op == COMPARE:
            if b < 0:
                el.compare_constant(q, rows[a], v, flags[o], n)
            else:
                el.compare(q, rows[a], rows[b], flags[o], n)
        elif op == AND:
            el.both(flags[a], flags[b], flags[o], n)
        elif op == OR:
            el.either(flags[a], flags[b], flags[o], n)
        elif op == NOT:
            el.negation(flags[a], flags[o], n)
        elif op == SMOOTHED:
            recursive.smoothed(rows[a], rows[o], n, state, s, p, q, v)
        elif op == EXTREME:
            rolling.extreme(rows[a], rows[o], n, state, s, p, float(q))
        elif op == MEAN:
            rolling.rolling_mean(rows[a], rows[o], n, state, s, p)
        elif op == PREVIOUS:
            memory.previous(rows[a], rows[o], n, state, s, p)
        elif op == TRUE_RANGE:
            recursive.true_range(rows[a], rows[b], rows[c], rows[o], n, state, s)
        elif op == ORDERED:
            rolling.ordered(rows[a], rows[o], n, state, s, p, q)
        elif op == SUM:
            rolling.rolling_sum(rows[a], rows[o], n, state, s, p, 1.0)
        elif op == STD:
            rolling.rolling_std(rows[a], rows[o], n, state, s, p)
        elif op == WEIGHTED:
            rolling.weighted(rows[a], rows[o], n, state, s, p, q)
        elif op == CONSTANT:
            el.constant(v, rows[o], n)
        elif op == UNARY:
            el.unary(q, rows[a], rows[o], n)
        elif op == RSI:
            recursive.relative_strength(rows[a], rows[o], n, state, s, p)
        elif op == DIRECTIONAL:
            recursive.directional(rows[a], rows[b], rows[c], rows[o], n, state, s, p, q)
        elif op == SUPERTREND:
            width = rows[inputs[k, 3]]
            recursive.supertrend(rows[a], rows[b], rows[c], width, rows[o], n, state, s, q)
        elif op == OBV:
            recursive.on_balance_volume(rows[a], rows[b], rows[o], n, state, s)
        elif op == SESSION_VWAP:
            recursive.session_vwap(rows[a], rows[b], times[frame[k]], rows[o], n, state, s)
        elif op == PREVIOUS_FLAG:
            memory.previous_flag(flags[a], flags[o], n, state, s, p)
        elif op == SINCE:
            memory.since(flags[a], rows[o], n, state, s)
        elif op == HOLD:
            memory.hold(rows[a], flags[b], rows[o], n, state, s)
        elif op == SWING:
            memory.swing(rows[a], rows[o], n, state, s, p, v, q)
        elif op == CHOICE:
            el.choice(flags[a], rows[b], rows[c], rows[o], n)
        elif op == NUMBER:
            el.number(flags[a], rows[o], n)
        elif op == CLOCK:
            el.clock(q, times[frame[k]], rows[o], n)
        elif op == ALIGN:
            higher.align(rows[a], closed[p], counts[p], rows[o], n, state, s)
        elif op == ALIGN_FLAG:
            higher.align_flag(flags[a], closed[p], counts[p], flags[o], n, state, s)
        elif op == OTHERWISE:
            el.otherwise(rows[a], rows[b], rows[o], n)
        elif op == JUST_CLOSED:
            higher.just_closed(closed[p], flags[o], n, state, s)
        elif op == INDICATOR:
            d = inputs[k, 3]
            call_block(
                p, rows[a].ctypes.data, rows[b].ctypes.data, rows[c].ctypes.data,
                rows[d].ctypes.data, rows[o].ctypes.data, state[s:].ctypes.data, n,
            )  # fmt: skip
            if state[s + q] != 0.0:
                return k
        elif op == RESAMPLE:
            f = frame[k]
            counts[f] = higher.resample(
                times[0], rows, 0, counts[0], p, q, times[f], o, closed[f], state, s
            )
    return DONE
