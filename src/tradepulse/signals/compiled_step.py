"""A user's step as machine code: a loop over a block of bars, and what it leaves when it raises.

The code around the step must not raise: nobody above it could hear that. It catches, leaves a mark
in the indicator's slots, and the interpreter stops there. Which bar it was, and what was raised, is
found by taking the step over the same block again from Python, where an exception is one.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import CellType, FunctionType
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from tradepulse.domain.errors import UsageError

Floats = npt.NDArray[np.float64]

MAX_INPUTS = 4

# The loop is a function of its own, so that the `try` costs a block something and a bar nothing.
# The mark that it failed stands until its end is reached.
_TEMPLATE = """
def walk({inputs}, out_, state_, n):
    state = carray(state_, ({size},))
    out = carray(out_, (n,))
{views}
    own = state[{own}:{kept}]
    for k in range({author}):
        state[{kept} + k] = own[k]
    for i in range(n):
        if {bad}:
            out[i] = nan
            continue
        y = step(own, {arguments})
        if state[0] < {lookback}:
            state[0] += 1.0
            y = nan
        out[i] = y
    state[{failed}] = 0.0

def block({pointers}, out_, state_, n):
    state = carray(state_, ({size},))
    state[{failed}] = 1.0
    try:
        walked({inputs}, out_, state_, n)
    except Exception:
        return
"""


class Slots(NamedTuple):
    """Where an indicator's memory lies, from its first slot: bars counted towards the look-back
    (one), `parameters` on, the author's `own`, the author's as they were when the block began
    (`kept`), and the mark `failed`."""

    parameters: int
    own: int
    kept: int
    failed: int
    size: int

    @classmethod
    def of(cls, parameters: int, state: int) -> Slots:
        own = 1 + parameters
        kept = own + state
        return cls(1, own, kept, kept + state, kept + state + 1)


class Shape(NamedTuple):
    """What is declared of a step: its name, how many inputs and parameters, its state, its
    look-back."""

    name: str
    inputs: int
    parameters: int
    state: int
    lookback: int

    @property
    def slots(self) -> Slots:
        return Slots.of(self.parameters, self.state)


class Raised(NamedTuple):
    """`bar` counts within the block; `inputs` are those of that bar."""

    bar: int
    error: Exception
    inputs: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class CompiledStep:
    """`block`: the loop as a C function. `step`: the same machine code of one bar, called from
    Python."""

    shape: Shape
    block: Any
    step: Callable[..., float]

    def raised(self, inputs: Sequence[Floats], memory: Floats) -> Raised | None:
        """The first bar of a block that raises, taken again from where the block began.

        `inputs`: a row each, `memory`: the indicator's slots as the block left them. None where
        nothing is raised this time: such a step is no function of its bars.
        """
        slots = self.shape.slots
        own = memory[slots.kept : slots.failed].copy()
        parameters = memory[slots.parameters : slots.own].tolist()
        for bar, values in enumerate(zip(*(row.tolist() for row in inputs), strict=True)):
            if not np.isfinite(values).all():
                continue
            try:
                self.step(own, *values, *parameters)
            except Exception as error:  # noqa: BLE001  (whatever the author's code raises)
                return Raised(bar, error, values)
        return None


def compile_step(step: Callable[..., float], shape: Shape) -> CompiledStep:
    """The step compiled, with its indexes checked (about 0.3 s). Error `bad_indicator`."""
    from numba import cfunc, njit, types  # slow to import, needed only here
    from numba.core.errors import NumbaError
    from numba.np.numpy_support import carray

    anew = _Checking()
    # NumPy's errors: a division without an answer gives NaN or infinity, as `/` of two series does.
    checked = njit(error_model="numpy", boundscheck=True)(anew.function(_positional(step)))
    scope: dict[str, Any] = {"carray": carray, "step": checked, "nan": float("nan")}
    exec(_source(shape), scope)  # noqa: S102  (the template, filled with names and numbers only)
    # Called by compiled code alone: a way in from Python would only take time to compile.
    inner: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    scope["walked"] = njit(error_model="numpy", **inner)(scope["walk"])
    pointer = types.CPointer(types.float64)  # type: ignore[no-untyped-call]
    signature = types.void(*[pointer] * 6, types.int64)
    try:
        block = cfunc(signature, error_model="numpy")(scope["block"])
    except NumbaError as error:
        raise _cannot(shape.name, _reason(error)) from error
    if any(_leaves_machine_code(function) for function in (checked, *anew.made.values())):
        raise _cannot(shape.name, "Python itself, called by numba.objmode")
    return CompiledStep(shape, block, checked)


def _cannot(name: str, found: str) -> UsageError:
    return UsageError(
        "bad_indicator", f"indicator {name} cannot be compiled",
        expected="a function of numbers, and of functions under numba.njit", found=found,
    )  # fmt: skip


def _reason(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return next((line for line in lines if not line.startswith("Failed in")), "?")


def _leaves_machine_code(function: Any) -> bool:
    """Whether it calls Python, whose exceptions no compiled code can catch."""
    return any(made.lifted for made in function.overloads.values())


def _source(shape: Shape) -> str:
    names, slots = [f"x{i}" for i in range(MAX_INPUTS)], shape.slots
    used = names[: shape.inputs]
    arguments = [f"{name}[i]" for name in used]
    arguments += [f"state[{slots.parameters + i}]" for i in range(shape.parameters)]
    return _TEMPLATE.format(
        inputs=", ".join(f"{name}_" for name in used),
        own=slots.own, kept=slots.kept, failed=slots.failed, size=slots.size, author=shape.state,
        bad=" or ".join(f"{name}[i] - {name}[i] != 0.0" for name in used),
        arguments=", ".join(arguments),
        lookback=shape.lookback,
        pointers=", ".join(f"{name}_" for name in names),
        views="\n".join(f"    {name} = carray({name}_, (n,))" for name in used),
    )  # fmt: skip


def _positional(step: Callable[..., float]) -> FunctionType:
    """The same code with its keyword-only parameters positional: Numba compiles no others."""
    given = cast("FunctionType", step)
    code = given.__code__
    plain = code.replace(co_argcount=code.co_argcount + code.co_kwonlyargcount, co_kwonlyargcount=0)
    return FunctionType(plain, given.__globals__, given.__name__, None, given.__closure__)


class _Checking:
    """Makes the compiled functions that a step calls anew, with their indexes checked: Numba
    checks none of its own accord, and what lies beyond an array may be anything."""

    def __init__(self) -> None:
        self.made: dict[Any, Any] = {}

    def function(self, plain: FunctionType) -> FunctionType:
        """The same function, calling checked ones."""
        copy = _apart(plain)
        self._fill(copy, plain)
        return copy

    def _fill(self, copy: FunctionType, plain: FunctionType) -> None:
        for name in inspect.getclosurevars(plain).globals:
            copy.__globals__[name] = self._value(plain.__globals__[name])
        for cell, given in zip(copy.__closure__ or (), plain.__closure__ or (), strict=True):
            cell.cell_contents = self._value(given.cell_contents)

    def _value(self, value: Any) -> Any:
        from numba import njit
        from numba.core.dispatcher import Dispatcher

        # One compiled for types that were written down is kept: without them it could be another.
        if not isinstance(value, Dispatcher) or not value._can_compile:  # type: ignore[attr-defined]
            return value
        if value not in self.made:
            copy = _apart(value.py_func)
            options = {k: v for k, v in value.targetoptions.items() if k != "nopython"}
            # Before the functions that it calls: one of them may be itself.
            self.made[value] = njit(**{**options, "boundscheck": True})(copy)
            self._fill(copy, value.py_func)
        return self.made[value]


def _apart(plain: FunctionType) -> FunctionType:
    """A copy whose globals and closure are its own; the closure is still empty."""
    cells = tuple(CellType() for _ in plain.__closure__ or ())
    scope = dict(plain.__globals__)
    return FunctionType(plain.__code__, scope, plain.__name__, plain.__defaults__, cells)
