"""`@indicator`: a step function of the user's own, compiled, as a node of the graph.

    @indicator(state=1, lookback=0)
    def leaky(state, x, *, keep):
        state[0] = keep * state[0] + (1.0 - keep) * x
        return state[0]

    ... leaky(bar.close, keep=0.9)

The step sees one bar at a time and its own state: there is no later bar to look at. A NaN input is
skipped (NaN out, state kept), and the first `lookback` bars give NaN.
"""

from __future__ import annotations

import hashlib
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, cast

import numpy as np

from tradepulse.domain.errors import DataError, UsageError
from tradepulse.signals.expression import Series, combine, operand, plain_number

MAX_INPUTS = 4
# Slots before the author's own: bars counted towards the look-back.
_COUNTED = 1

_TEMPLATE = """
def block({pointers}, out_, state_, n):
    state = carray(state_, ({size},))
    out = carray(out_, (n,))
{views}
    for i in range(n):
        if {bad}:
            out[i] = nan
            continue
        y = step(state[{own}:], {arguments})
        if state[0] < {lookback}:
            state[0] += 1.0
            y = nan
        out[i] = y
"""


@dataclass(frozen=True)
class Indicator:
    """A registered step function; calling it with series and parameters makes a `Series`."""

    name: str
    step: Callable[..., float]
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    state: int
    lookback: int
    source_hash: str
    _compiled: list[Any] = field(default_factory=list, compare=False, repr=False)

    def __call__(self, *inputs: Series, **parameters: float) -> Series:
        if len(inputs) != len(self.inputs) or set(parameters) != set(self.parameters):
            raise UsageError(
                "bad_operand", f"{self.name} was called with other arguments than it declares",
                expected=f"series {self.inputs}, parameters {self.parameters}",
                found=f"{len(inputs)} series, parameters {tuple(parameters)}",
            )  # fmt: skip
        values = [plain_number(float(parameters[name])) for name in self.parameters]
        nodes = tuple(operand(item) for item in inputs)
        return Series(combine("indicator", nodes, self.name, self.source_hash, *values))

    @property
    def state_size(self) -> int:
        return _COUNTED + len(self.parameters) + self.state

    def address(self) -> int:
        """Where the compiled block loop starts; compiled on first use (about 0.2 s)."""
        if not self._compiled:
            self._compiled.append(_compile(self))
        return int(self._compiled[0].address)


# By name and source: two strategy files may use one name, and a program that runs the step of an
# edited file needs its machine code for as long as the process lives.
_registered: dict[tuple[str, str], Indicator] = {}


def indicator(*, state: int, lookback: int = 0) -> Callable[[Callable[..., float]], Indicator]:
    """Registers a step `(state, x, …, *, parameter, …) -> float` under its function name.

    Error `bad_indicator` for a step that cannot be compiled or whose source cannot be read.
    """

    def register(step: Callable[..., float]) -> Indicator:
        signature = list(inspect.signature(step).parameters.values())
        inputs = tuple(p.name for p in signature[1:] if p.kind is p.POSITIONAL_OR_KEYWORD)
        parameters = tuple(p.name for p in signature[1:] if p.kind is p.KEYWORD_ONLY)
        others = len(signature) - 1 - len(inputs) - len(parameters)
        if not 1 <= len(inputs) <= MAX_INPUTS or others or state < 0 or lookback < 0:
            raise UsageError(
                "bad_indicator", f"indicator {step.__name__} cannot be compiled",
                expected=f"(state, 1 to {MAX_INPUTS} inputs, *, parameters), state, lookback >= 0",
                found=f"{inspect.signature(step)}, state {state}, lookback {lookback}",
            )  # fmt: skip
        meaning = f"{_meaning(step, set())} {state} {lookback}"
        digest = hashlib.sha256(meaning.encode()).hexdigest()[:16]
        made = Indicator(step.__name__, step, inputs, parameters, state, lookback, digest)
        # The same step declared again (a file imported twice) keeps the code already compiled.
        return _registered.setdefault((made.name, digest), made)

    return register


def _meaning(step: Callable[..., Any], seen: set[Any]) -> str:
    """The source of a step, with the outside values and functions that it is compiled with."""
    seen.add(step)
    try:
        parts = [textwrap.dedent(inspect.getsource(step))]
    except (OSError, TypeError) as error:
        raise UsageError(
            "bad_indicator", f"the source of {step.__name__} cannot be read",
            expected="a function written in a file or a notebook cell", found=str(error),
        ) from error  # fmt: skip
    around = inspect.getclosurevars(step)
    for name, value in sorted({**around.globals, **around.nonlocals}.items()):
        plain = getattr(value, "py_func", value)  # a function the user has compiled already
        if inspect.isfunction(plain):
            parts.append(f"{name}: {_meaning(plain, seen) if plain not in seen else 'itself'}")
        elif not inspect.ismodule(value):
            parts.append(f"{name}={_written(value)}")
    return "\n".join(parts)


def _written(value: object) -> str:
    """An outside value in full: NumPy's `repr` leaves out the middle of a long table, and two
    tables that differ there would share one compiled step."""
    if isinstance(value, np.ndarray):
        digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        return f"array({value.dtype}, {value.shape}, {digest})"
    return repr(value)


def find_indicator(name: str, source_hash: str) -> Indicator:
    """The registered indicator of that name and source.

    Error `indicator_changed`: a stored graph must not silently run with another step than the one
    its evidence was measured with.
    """
    found = _registered.get((name, source_hash))
    if found is None:
        others = [known for known, _ in _registered if known == name]
        raise DataError(
            "indicator_changed", f"indicator {name!r} is not the one this graph was made with",
            expected=f"source hash {source_hash}",
            found="an indicator of that name and another source" if others else "no such indicator",
            hint="Restore the strategy file, or train the configuration again.",
        )  # fmt: skip
    return found


def _compile(made: Indicator) -> Any:
    from numba import cfunc, njit, types  # slow to import, needed only here
    from numba.core.errors import NumbaError
    from numba.np.numpy_support import carray

    names = [f"x{i}" for i in range(MAX_INPUTS)]
    used = names[: len(made.inputs)]
    arguments = [f"{name}[i]" for name in used]
    arguments += [f"state[{_COUNTED + i}]" for i in range(len(made.parameters))]
    source = _TEMPLATE.format(
        pointers=", ".join(f"{name}_" for name in names),
        size=made.state_size,
        views="\n".join(f"    {name} = carray({name}_, (n,))" for name in used),
        bad=" or ".join(f"{name}[i] - {name}[i] != 0.0" for name in used),
        own=_COUNTED + len(made.parameters),
        arguments=", ".join(arguments),
        lookback=made.lookback,
    )
    step = njit(error_model="numpy")(_positional(cast("FunctionType", made.step)))
    scope: dict[str, Any] = {"carray": carray, "step": step, "nan": float("nan")}
    exec(source, scope)  # noqa: S102  (the template above, filled with names and numbers only)
    pointer = types.CPointer(types.float64)  # type: ignore[no-untyped-call]
    signature = types.void(*[pointer] * 6, types.int64)
    try:
        return cfunc(signature, error_model="numpy")(scope["block"])
    except NumbaError as error:
        reasons = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise UsageError(
            "bad_indicator", f"indicator {made.name} cannot be compiled",
            expected="a function of numbers, and of functions under numba.njit",
            found=next((line for line in reasons if not line.startswith("Failed in")), "?"),
        ) from error  # fmt: skip


def _positional(step: FunctionType) -> FunctionType:
    """The same code with its keyword-only parameters positional: Numba compiles no others."""
    code = step.__code__
    plain = code.replace(co_argcount=code.co_argcount + code.co_kwonlyargcount, co_kwonlyargcount=0)
    return FunctionType(plain, step.__globals__, step.__name__, None, step.__closure__)
